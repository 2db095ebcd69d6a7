package configs

import (
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// people checks which addresses members of staff may have.
func (c *checker) people() {
	p := &c.People
	if p.EmailDomains != nil && len(p.EmailDomains) == 0 {
		c.d.fault("people.email_domains", "is an empty list, which no address is on: name your domains, or take the key out to allow any")
	}
	for i, domain := range p.EmailDomains {
		p.EmailDomains[i] = strings.ToLower(domain)
		if a, err := mail.ParseAddress("a@" + domain); err != nil || a.Address != "a@"+domain || !strings.Contains(domain, ".") || strings.Contains(domain, "*") {
			c.fault(fmt.Sprintf("people.email_domains[%d]", i), domain, "%v is not the domain of an email address: write it like council.example, without the @")
		}
	}
	if p.Countries != nil && len(p.Countries) == 0 {
		c.d.fault("people.countries", "is an empty list, which no number is on: name your countries, as in [GB], or take the key out to allow any")
	}
	for i, country := range p.Countries {
		p.Countries[i] = strings.ToUpper(country)
		if !pathway.IsCountry(p.Countries[i]) {
			c.fault(fmt.Sprintf("people.countries[%d]", i), country, "%v is not a country: write two letters as in ISO 3166, such as GB or IE")
		}
	}
}

// meetingPlaces checks where families are seen besides at home.
func (c *checker) meetingPlaces() {
	for _, id := range slices.Sorted(maps.Keys(c.Places)) {
		key, place := "places."+id, c.Places[id]
		switch {
		case id == pathway.PlaceHome:
			c.d.fault(key, "is where the family lives: give your place another id")
		case !pathway.IsShortName(id):
			c.fault(key, id, "%v is not a short name: write it like clinic-east")
		}
		if strings.TrimSpace(place.Name) == "" {
			c.d.fault(key, "has no name: letters say by it where to come")
		}
		for _, text := range append([]string{place.Name, place.Directions}, place.Address...) {
			if strings.ContainsFunc(text, pathway.IsMark) {
				c.d.fault(key, "holds a line break or a control character: write the name and the directions in one line, and the address as a list of lines")
				break
			}
		}
	}
}

// StaffAddresses are the addresses that members of staff may have.
func (c *Config) StaffAddresses() pathway.StaffAddresses {
	return pathway.StaffAddresses{EmailDomains: c.People.EmailDomains, Countries: c.People.Countries}
}

// MeetingPlaces are where families are seen besides at home, by id.
func (c *Config) MeetingPlaces() map[string]pathway.Place {
	places := make(map[string]pathway.Place, len(c.Places))
	for id, p := range c.Places {
		places[id] = pathway.Place{Name: p.Name, Address: p.Address, Directions: p.Directions}
	}
	return places
}
