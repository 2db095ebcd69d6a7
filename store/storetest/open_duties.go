package storetest

import (
	"fmt"
	"testing"

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
