package pages

import (
	"strings"
	"testing"

	"example.org/doorstep/pathway"
)

// TestTheMenuIsThatOfTheRole: which pages it leads to, in order, and on which of them
// somebody lands.
func TestTheMenuIsThatOfTheRole(t *testing.T) {
	for _, c := range []struct {
		who  pathway.Who
		want string
	}{
		{pathway.Who{Role: pathway.Practitioner, Team: "North"}, "mine duties account"},
		{pathway.Who{Role: pathway.Manager, Team: "North"}, "overdue undelivered duties reports people account"},
		{pathway.Who{Role: pathway.ServiceManager}, "overdue undelivered duties reports people account"},
		{pathway.Who{Role: pathway.Chair}, "mine account"},
		{pathway.Who{Role: pathway.Admin, Team: "North"}, "print lookup import people account"},
		{pathway.Who{Role: pathway.Admin, Team: "North", Covers: []pathway.Post{{Person: "W1", Role: pathway.Practitioner, Team: "North"}}}, "print mine duties lookup import people account"},
		{pathway.Who{Role: pathway.Practitioner, Team: "North", Covers: []pathway.Post{{Person: "M2", Role: pathway.Manager, Team: "South"}}}, "overdue undelivered mine duties reports people account"},
		{pathway.Who{Operates: true, Outside: true}, "readiness import account"},
		{pathway.Who{Audits: true, Outside: true}, "audit account"},
		{pathway.Who{Role: pathway.Manager, Team: "North", Audits: true}, "overdue undelivered duties reports people audit account"},
	} {
		c.who.Person, c.who.Active = "X", true
		v := &visit{person: &pathway.Person{ID: "X"}, who: &c.who}
		var names []string
		for _, entry := range v.menu() {
			names = append(names, entry.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("the menu of %+v is %q, want %q", c.who, got, c.want)
		}
		if len(names) > 6 && !c.who.Audits && c.who.Covers == nil { // what is not of their role comes on top
			t.Errorf("the menu of %+v has %d links, want six at most", c.who, len(names))
		}
	}
}

// TestAPageBelowAnotherIsMarkedInTheMenu: where somebody is.
func TestAPageBelowAnotherIsMarkedInTheMenu(t *testing.T) {
	for here, want := range map[string]string{"print": "page", "print-batch": "true", "printing": "", "mine": ""} {
		s := &sheet{Here: here}
		if got := s.Marks(menuEntry{Name: "print"}); got != want {
			t.Errorf("on the page %s the menu marks the print room %q, want %q", here, got, want)
		}
	}
}
