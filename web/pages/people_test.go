package pages

import (
	"fmt"
	"testing"

	"example.org/doorstep/pathway"
)

// TestPeopleAreListedFiftyAPage: each of them once, page by page, and from the first where
// whoever a page began behind is not among them any more.
func TestPeopleAreListedFiftyAPage(t *testing.T) {
	var all []pathway.Person
	for n := range 101 {
		all = append(all, pathway.Person{ID: fmt.Sprintf("W%03d", n)})
	}
	seen, behind := 0, ""
	for _, want := range []int{50, 50, 1} {
		s := &peopleSheet{}
		listed := s.page(all, behind)
		if len(listed) != want || listed[0].ID != all[seen].ID || s.InAll != 101 || (s.Next != "") != (seen+want < 101) {
			t.Fatalf("behind %q there are %d of %d, the next behind %q; want %d from %s on", behind, len(listed), s.InAll, s.Next, want, all[seen].ID)
		}
		seen, behind = seen+want, s.Next
	}
	s := &peopleSheet{}
	if listed := s.page(all, "gone"); listed[0].ID != "W000" || s.Behind != "" {
		t.Errorf("behind somebody who has gone the page begins with %s, behind %q; want the first", listed[0].ID, s.Behind)
	}
}

// TestWhoCanStandInIsFoundAmongMany: of a whole service those near somebody, of a team
// everybody in it.
func TestWhoCanStandInIsFoundAmongMany(t *testing.T) {
	person := func(id, team, above string) pathway.Person {
		return pathway.Person{ID: id, Role: pathway.Practitioner, Team: team, ReportsTo: above}
	}
	near := []pathway.Person{person("W1", "East", "G1"), person("W2", "East", "G1"), person("G1", "East", "V1"), person("X7", "North", "G7")}
	of := near[0]
	of.Cover = "X7"
	if got := fmt.Sprint(idsOf(mayStandIn(&of, append(near, person("Y1", "South", "G9"))))); got != "[W2 G1 X7 Y1]" {
		t.Errorf("of a few people %s can stand in, want all others: W2 G1 X7 Y1", got)
	}
	all := near
	for n := range mostStandIns {
		all = append(all, person(fmt.Sprintf("Z%03d", n), "West", "G4"))
	}
	if got := fmt.Sprint(idsOf(mayStandIn(&of, all))); got != "[W2 G1 X7]" {
		t.Errorf("of a whole service %s can stand in, want those of the team, the manager and who does now: W2 G1 X7", got)
	}
}
