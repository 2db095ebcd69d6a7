package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func testOpenDuties(t *testing.T, open func(t testing.TB) *store.Store) {
	s := newScene(t, open)
	s.happens("x2", pathway.KindDiscussedWithManager, "W1", "2026-09-02 15:00")
	wanted := func(f store.DutyFilter) (got []string) {
		t.Helper()
		for d, err := range s.OpenDuties(t.Context(), f) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%s %s of %s (%s), manager %s, due %s", d.Case, d.Duty.Duty.ID, d.Owner, d.Duty.Owner, d.Manager, clock(t, d.Due)))
		}
		return got
	}
	const (
		timeframe = "KN-7 set-timeframe of G1 (manager), manager G1, due 2026-09-03 10:00"
		byWorker  = "KN-7 record-practitioner of W1 (practitioner), manager G1, due 2026-09-03 17:00"
		byManager = "KN-7 record-manager of G1 (manager), manager G1, due 2026-09-03 17:00"
	)
	until := at(t, "2026-09-03 17:00").Add(1)
	for what, c := range map[string]struct {
		filter store.DutyFilter
		want   []string
	}{
		"due before":                           {store.DutyFilter{Before: until.Add(1e9)}, []string{timeframe, byWorker, byManager}},
		"an instant counts to what follows":    {store.DutyFilter{Before: at(t, "2026-09-03 17:00")}, []string{timeframe}},
		"due from":                             {store.DutyFilter{InTimeAt: at(t, "2026-09-03 17:00"), Before: until.Add(1e9)}, []string{byWorker, byManager}},
		"an owner's":                           {store.DutyFilter{Owner: "W1", Before: until.Add(1e9)}, []string{byWorker}},
		"a manager's own":                      {store.DutyFilter{Owner: "G1", Before: until.Add(1e9)}, []string{timeframe, byManager}},
		"on a manager's cases":                 {store.DutyFilter{Manager: "G1", Before: until.Add(1e9)}, []string{timeframe, byWorker, byManager}},
		"of somebody without any":              {store.DutyFilter{Owner: "W2"}, nil},
		"a manager's, of one practitioner":     {store.DutyFilter{Owner: "W1", Manager: "G1", Before: until.Add(1e9)}, []string{byWorker}},
		"on the cases of somebody without any": {store.DutyFilter{Manager: "W1"}, nil},
	} {
		c.filter.OpenAt = until
		same(t, what, wanted(c.filter), c.want)
	}
	for person, want := range map[string]bool{"G1": true, "W1": false} {
		if got, err := s.ManagesCases(t.Context(), person); err != nil || got != want {
			t.Errorf("%s manages cases: %v (error %v), want %v", person, got, err, want)
		}
	}
}

// testDutiesOfAServiceManagerAndAChair: somebody's duties are those of the role that they
// have on a case, whichever it is.
func testDutiesOfAServiceManagerAndAChair(t *testing.T, open func(t testing.TB) *store.Store) {
	pathways, calendar, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	owners := map[string]pathway.Role{"record-practitioner": pathway.ServiceManager, "record-manager": pathway.Chair}
	rules := pathway.NewRules(calendar, pathways.Ladders)
	for _, p := range pathways.List() {
		for i := range p.Duties {
			if role, is := owners[p.Duties[i].ID]; is {
				p.Duties[i].Owner = role
			}
		}
		rules.AddPathway(p, time.Time{})
	}
	s := open(t)
	rows := story(t)
	rows.people = append(rows.people, pathway.Person{ID: "C1", Name: "Chair One", Role: pathway.Chair, Email: "c1@example.org"})
	rows.cases[0].Chair = "C1"
	taken(t, s, rules, rows)
	for person, want := range map[string][]string{"V1": {"record-practitioner"}, "C1": {"record-manager"}, "G1": {"set-timeframe"}} {
		var got []string
		for d, err := range s.OpenDuties(t.Context(), store.DutyFilter{Owner: person, OpenAt: at(t, "2026-09-02 12:00"), Before: at(t, "2026-09-03 18:00")}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, d.Duty.Duty.ID)
		}
		same(t, "what "+person+" has to do", got, want)
	}
}

// testDutyFigures: what was overdue at some time of a period, and of what opened in it the
// duties that are measured.
func testDutyFigures(t *testing.T, open func(t testing.TB) *store.Store) {
	s := newScene(t, open)
	read := func(from, until string, ids ...string) (got []string) {
		t.Helper()
		for d, err := range s.DutyFigures(t.Context(), at(t, from), at(t, until), ids) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, d.Duty)
		}
		slices.Sort(got)
		return got
	}
	const first, second, third = "2026-09-02 00:00", "2026-09-03 00:00", "2026-09-04 00:00"
	same(t, "measured, of the day of the visit", read(first, second, "discuss-with-manager"), []string{"discuss-with-manager"})
	same(t, "of that day nothing was overdue", read(first, second), nil)
	same(t, "before it nothing had opened", read("2026-08-01 00:00", first, "discuss-with-manager"), nil)
	overdue := []string{"discuss-with-manager", "record-manager", "record-practitioner", "set-timeframe"}
	same(t, "overdue by the fourth", read(third, "2026-09-04 08:00"), overdue)
	same(t, "overdue by then, and measured if it had opened since", read(third, "2026-09-04 08:00", "discuss-with-manager"), overdue)
	s.happens("x2", pathway.KindDiscussedWithManager, "W1", "2026-09-03 11:00")
	same(t, "met on the third, when it was overdue", read(second, third), []string{"discuss-with-manager", "record-manager", "record-practitioner", "set-timeframe"})
	same(t, "of the fourth it is not", read(third, "2026-09-04 08:00"), []string{"record-manager", "record-practitioner", "set-timeframe"})
}
