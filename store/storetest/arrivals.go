package storetest

import (
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func testArrivals(t *testing.T, open func(t testing.TB) *store.Store) {
	ctx := t.Context()
	arrivals := func(t *testing.T, s *store.Store) map[string]store.Arrival {
		t.Helper()
		list, err := s.Arrivals(ctx)
		if err != nil {
			t.Fatal(err)
		}
		byKind := map[string]store.Arrival{}
		for _, a := range list {
			byKind[a.Of] = a
		}
		return byKind
	}
	t.Run("WhatIsExpectedIsLateOnceItHasNotComeForSoLong", func(t *testing.T) {
		s := open(t)
		first := at(t, "2026-09-01 08:00")
		for _, now := range []time.Time{first, first.Add(time.Hour)} { // as after a restart
			if err := s.ExpectArrivals(ctx, now, map[string]time.Duration{pathway.OfEvents: 26 * time.Hour}); err != nil {
				t.Fatal(err)
			}
		}
		a := arrivals(t, s)[pathway.OfEvents]
		if a.Late(first.Add(26*time.Hour)) || !a.Late(first.Add(26*time.Hour+time.Second)) {
			t.Errorf("%+v is late from another time on than 26 hours after %s", a, first)
		}
		came, written := first.Add(30*time.Hour), first.Add(29*time.Hour)
		if err := s.NoteArrival(ctx, came, pathway.OfEvents, written); err != nil {
			t.Fatal(err)
		}
		if err := s.NoteArrival(ctx, came.Add(-time.Minute), pathway.OfEvents, first); err != nil { // an older one, by another daemon
			t.Fatal(err)
		}
		a = arrivals(t, s)[pathway.OfEvents]
		if !a.Arrived.Equal(came) || !a.DataOf.Equal(written) || a.Late(came.Add(25*time.Hour)) {
			t.Errorf("%+v, want what came at %s, written at %s, not to be late", a, came, written)
		}
	})
	t.Run("WhatIsNotExpectedIsNeverLate", func(t *testing.T) {
		s := open(t)
		now := at(t, "2026-09-01 08:00")
		for _, within := range []time.Duration{time.Hour, 0} {
			if err := s.ExpectArrivals(ctx, now, map[string]time.Duration{pathway.OfCases: within}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.NoteArrival(ctx, now, pathway.OfPeople, now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		for of, a := range arrivals(t, s) {
			if a.Late(now.AddDate(1, 0, 0)) || a.DataOf.After(now) {
				t.Errorf("%s: %+v; want it never late, and written by %s", of, a, now)
			}
		}
	})
}
