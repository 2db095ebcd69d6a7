package casefile_test

import (
	"fmt"
	"testing"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// TestAChairsDigestListsTheCasesWithSomethingToTell: unsuccessful visits, what is overdue
// (4 duties of a first attempt, 5 of a second), and whether an action is agreed. Of their
// other cases, of those without a chair and of closed ones it says nothing.
func TestAChairsDigestListsTheCasesWithSomethingToTell(t *testing.T) {
	s := newTeam(t)
	s.takesIn("2026-08-20 09:31", []pathway.Person{{ID: "C1", Name: "Chair One", Role: pathway.Chair, Email: "c1@example.org"}, {ID: "C2", Name: "Chair Two", Role: pathway.Chair, Email: "c2@example.org"}}, nil)
	tracked := func(ref, chair string) pathway.Case {
		return pathway.Case{Ref: ref, Pathway: "csc-plan", Plan: "cp", Opened: s.at("2026-09-01 09:00"), Practitioner: "W1", Manager: "G1", Chair: chair, Team: "East"}
	}
	event := func(ref, kind, when string) pathway.Event {
		return pathway.Event{ID: kind + when, Case: ref, Kind: kind, At: s.at(when), By: "W1"}
	}
	s.takesIn("2026-09-04 09:00", nil, []pathway.Case{tracked("CH-1", "C1"), tracked("CH-2", "C1"), tracked("CH-3", "C1"), tracked("CH-4", ""), tracked("CH-5", "C1")},
		event("CH-1", pathway.KindNoAccess, "2026-09-02 10:00"), event("CH-1", pathway.KindNoAccess, "2026-09-03 10:00"),
		event("CH-2", pathway.KindNoAccess, "2026-09-02 10:00"), event("CH-2", pathway.KindNoAccess, "2026-09-02 11:00"), event("CH-2", pathway.KindActionAgreed, "2026-09-02 11:20"),
		event("CH-4", pathway.KindNoAccess, "2026-09-02 10:00"),
		event("CH-5", pathway.KindNoAccess, "2026-09-02 10:00"), event("CH-5", pathway.KindClosed, "2026-09-02 11:00"))

	told := func(person string) (lines []string) {
		d, err := casefile.ChairDigest(t.Context(), s.Store, s.rules, person, s.at("2026-09-07 08:00"))
		if err != nil {
			t.Fatal(err)
		}
		if d == nil {
			return nil
		}
		overdue := map[string]int{}
		for _, section := range d.Sections {
			for _, l := range section.Lines {
				switch {
				case section.ID == notify.Overdue:
					overdue[l.CaseRef]++
				case l.Visits != nil:
					lines = append(lines, fmt.Sprintf("%s: %d in vain, the last %s, %d overdue", l.CaseRef, l.Visits.Count, l.Visits.Last.In(s.rules.Calendar.Location()).Format("2 Jan 15:04"), overdue[l.CaseRef]))
				default:
					lines = append(lines, fmt.Sprintf("%s: agreed %t, due %s", l.CaseRef, !l.Action.Agreed.IsZero(), l.Action.Due.In(s.rules.Calendar.Location()).Format("2 Jan 15:04")))
				}
			}
		}
		return lines
	}
	same(t, "C1 is told", told("C1"),
		"CH-2: 2 in vain, the last 2 Sep 11:00, 9 overdue", "CH-2: agreed true, due 9 Sep 17:00", // overdue longer
		"CH-1: 2 in vain, the last 3 Sep 10:00, 9 overdue", "CH-1: agreed false, due 10 Sep 17:00")
	same(t, "C2 is told", told("C2"))

	for person, want := range map[string]pathway.ProblemKind{"W1": pathway.Refused, "X9": pathway.NotFound} {
		if _, err := casefile.ChairDigest(t.Context(), s.Store, s.rules, person, s.at("2026-09-07 08:00")); pathway.ProblemOf(err) != want {
			t.Errorf("of %s: %v, want a problem of kind %v", person, err, want)
		}
	}
	all, err := casefile.ReadDigests(t.Context(), s.Store, s.rules, nil, s.at("2026-09-07 08:00"))
	if err != nil {
		t.Fatal(err)
	}
	chairs, err := all.ReadChairs(t.Context(), s.Store)
	if err != nil {
		t.Fatal(err)
	}
	var readers []string
	for _, p := range chairs.Recipients() {
		readers = append(readers, p.ID)
	}
	same(t, "who gets one", readers, "C1")
}
