package storetest

import (
	"fmt"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func testPathways(t *testing.T, open func(t testing.TB) *store.Store) {
	// adopt adopts versions of two pathways and returns what is in force from when.
	adopt := func(t *testing.T, s *store.Store, now string, versions ...string) []string {
		t.Helper()
		var configured []*pathway.Pathway
		for i, v := range versions {
			due, err := pathway.ParseDue("5 working days")
			if err != nil {
				t.Fatal(err)
			}
			configured = append(configured, &pathway.Pathway{ID: fmt.Sprintf("p%d", i+1), Version: v, Title: "Pathway " + v,
				Duties: []pathway.DutyRule{{ID: "visit", Owner: pathway.Practitioner, Due: []pathway.DueRule{{Within: due}}}}})
		}
		kept, err := s.AdoptPathways(t.Context(), at(t, now), configured)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, k := range kept {
			if k.Pathway.Title != "Pathway "+k.Pathway.Version || len(k.Pathway.Duties) != 1 || k.Pathway.Duties[0].Due[0].Within.Text != "5 working days" {
				t.Errorf("pathway %s %s comes back as %+v", k.Pathway.ID, k.Pathway.Version, k.Pathway)
			}
			out = append(out, fmt.Sprintf("%s %s from %s", k.Pathway.ID, k.Pathway.Version, clock(t, k.From)))
		}
		return out
	}

	t.Run("AChangedPathwayIsInForceFromNow", func(t *testing.T) {
		s := open(t)
		first := []string{"p1 a from never", "p2 a from never"}
		same(t, "at first", adopt(t, s, "2026-09-01 09:00", "a", "a"), first)
		same(t, "unchanged", adopt(t, s, "2026-09-02 09:00", "a", "a"), first)
		same(t, "changed", adopt(t, s, "2026-09-03 09:00", "b", "a"),
			[]string{"p1 a from never", "p1 b from 2026-09-03 09:00", "p2 a from never"})
		same(t, "changed back", adopt(t, s, "2026-09-04 09:00", "a", "a"),
			[]string{"p1 a from never", "p1 b from 2026-09-03 09:00", "p1 a from 2026-09-04 09:00", "p2 a from never"})
		same(t, "no longer configured", adopt(t, s, "2026-09-05 09:00", "a"),
			[]string{"p1 a from never", "p1 b from 2026-09-03 09:00", "p1 a from 2026-09-04 09:00", "p2 a from never"})
	})
	t.Run("WhatAWrongClockPutOffIsInForceByNow", func(t *testing.T) {
		s := open(t)
		adopt(t, s, "2026-09-01 09:00", "a")
		adopt(t, s, "2027-09-01 09:00", "b")
		same(t, "by the right clock", adopt(t, s, "2026-09-02 09:00", "b"),
			[]string{"p1 a from never", "p1 b from 2026-09-02 09:00"})
	})
}
