package configs

import (
	"fmt"
	"testing"
)

// TestStaffAddressesMayBeLimited: a key that is not there allows any address, and a
// list that is empty would allow none, which nobody means.
func TestStaffAddressesMayBeLimited(t *testing.T) {
	if s := mustLoad(t, "listen: 127.0.0.1:8080\n", nil).StaffAddresses(); s.EmailDomains != nil || s.Countries != nil {
		t.Errorf("nothing said: %+v, want any address", s)
	}
	s := mustLoad(t, "people: {email_domains: [Council.example, nhs.example], countries: [gb, IE]}\n", nil).StaffAddresses()
	if got, want := fmt.Sprint(s), "{[council.example nhs.example] [GB IE]}"; got != want {
		t.Errorf("allowed %s, want %s", got, want)
	}
	for _, tt := range []struct{ people, want string }{
		{"{email_domains: []}", "doorstep.yaml:1:10: people.email_domains: is an empty list, which no address is on: name your domains, or take the key out to allow any"},
		{"{countries: []}", "doorstep.yaml:1:10: people.countries: is an empty list, which no number is on: name your countries, as in [GB], or take the key out to allow any"},
		{"{email_domains: ['@council.example']}", `doorstep.yaml:1:26: people.email_domains[0]: "@council.example" is not the domain of an email address: write it like council.example, without the @`},
		{"{email_domains: ['*.council.example']}", `doorstep.yaml:1:26: people.email_domains[0]: "*.council.example" is not the domain of an email address: write it like council.example, without the @`},
		{"{countries: [GB, England]}", `doorstep.yaml:1:26: people.countries[1]: "England" is not a country: write two letters as in ISO 3166, such as GB or IE`},
		{"{countries: }", ""},
	} {
		if got := faultsOf(t, "people: "+tt.people+"\n", nil); got != tt.want {
			t.Errorf("people: %s\n%s, want\n%s", tt.people, got, tt.want)
		}
	}
}

// TestPlacesHaveAnIdAndAName: events name them by the one, letters by the other.
func TestPlacesHaveAnIdAndAName(t *testing.T) {
	c := mustLoad(t, "places:\n  clinic-east: {name: East Clinic, address: [1 Example Road, Swindon, SN1 1AA], directions: Bus 7}\n", nil)
	if got, want := fmt.Sprint(c.MeetingPlaces()), "map[clinic-east:{East Clinic [1 Example Road Swindon SN1 1AA] Bus 7}]"; got != want {
		t.Errorf("places %s, want %s", got, want)
	}
	for _, tt := range []struct{ places, want string }{
		{"{home: {name: At home}}", "doorstep.yaml:1:10: places.home: is where the family lives: give your place another id"},
		{"{East Clinic: {name: East Clinic}}", `doorstep.yaml:1:10: places.East Clinic: "East Clinic" is not a short name: write it like clinic-east`},
		{"{clinic-east: {directions: Bus 7}}", "doorstep.yaml:1:10: places.clinic-east: has no name: letters say by it where to come"},
		{"{clinic-east: {name: \"East\\nClinic\"}}", "doorstep.yaml:1:10: places.clinic-east: holds a line break or a control character: write the name and the directions in one line, and the address as a list of lines"},
	} {
		if got := faultsOf(t, "places: "+tt.places+"\n", nil); got != tt.want {
			t.Errorf("places: %s\n%s, want\n%s", tt.places, got, tt.want)
		}
	}
}
