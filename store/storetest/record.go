package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func testRecord(t *testing.T, open func(t testing.TB) *store.Store) {
	records := func(t testing.TB, s *store.Store, when string, o store.RecordOptions, events ...pathway.Event) (store.Recorded, error) {
		t.Helper()
		o.Rules = Guidance(t)
		return s.Record(t.Context(), at(t, when), "W1", events, o)
	}

	t.Run("AnEventChangesWhatAnIntakeOfItWould", func(t *testing.T) {
		s, other, rules := open(t), open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		taken(t, other, rules, visits(t))
		e := noAccess(t)
		got, err := records(t, s, "2026-09-02 14:00", store.RecordOptions{}, e)
		if err != nil {
			t.Fatal(err)
		}
		want := taken(t, other, rules, rows{events: []pathway.Event{e}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 14:00")}})
		if got.Changes != want.Changes || fmt.Sprint(got.Notes) != fmt.Sprint(want.Notes) || !got.Kept || len(got.Notes) == 0 {
			t.Errorf("recorded %+v, want as taken in: %+v", got, want)
		}
		same(t, "duties", duties(t, s, "KN-7"), duties(t, other, "KN-7"))
	})

	t.Run("AFileThatRepeatsItChangesNothing", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		e := noAccess(t)
		e.ID = "" // it gets the name that a file's row gets
		if _, err := records(t, s, "2026-09-02 14:00", store.RecordOptions{}, e); err != nil {
			t.Fatal(err)
		}
		wantCounts(t, record(t, s, rules, "2026-09-02 15:00", e), "unchanged 1")
		again, err := records(t, s, "2026-09-02 16:00", store.RecordOptions{}, e)
		if err != nil || again.Unchanged != 1 || again.Added != 0 {
			t.Errorf("recorded again: %+v, %v; want one unchanged", again, err)
		}
	})

	t.Run("WhatIsWrongIsRefusedAsOne", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		good := noAccess(t)
		for name, bad := range map[string]pathway.Event{
			"by itself":              {ID: "x2", Case: "KN-7", Kind: pathway.KindTimeframeSet, At: good.At},
			"of a case there is not": {ID: "x2", Case: "KN-8", Kind: pathway.KindPlanRecorded, At: good.At},
			"by nobody known":        {ID: "x2", Case: "KN-7", Kind: pathway.KindPlanRecorded, At: good.At, By: "W9"},
		} {
			_, err := records(t, s, "2026-09-02 14:00", store.RecordOptions{}, good, bad)
			var faults store.InvalidEvents
			if pathway.ProblemOf(err) != pathway.Refused || !errors.As(err, &faults) || len(faults) != 1 || faults[0].Row != 2 {
				t.Errorf("%s: error %v, want a refusal of the second event", name, err)
			}
		}
		if f := caseFile(t, s, "KN-7"); len(f.Events) != 0 {
			t.Errorf("the case has %d events, want none: all or none are kept", len(f.Events))
		}
	})

	t.Run("WhatIsNotWantedIsNotKept", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		asked := 0
		got, err := records(t, s, "2026-09-02 14:00", store.RecordOptions{KeepIf: func(r *store.Recorded) bool {
			asked = r.DutiesOpened
			return false
		}}, noAccess(t))
		if err != nil || got.Kept || asked == 0 {
			t.Errorf("kept %v, asked about %d duties, %v; want it asked about some, and nothing kept", got.Kept, asked, err)
		}
		if f := caseFile(t, s, "KN-7"); len(f.Events) != 0 {
			t.Errorf("the case has %d events, want none", len(f.Events))
		}
	})

	t.Run("EventsAndIntakesAtOnceAllCount", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		const each = 6
		var wait sync.WaitGroup
		visit := func(n int) pathway.Event {
			e := noAccess(t)
			e.ID, e.At = fmt.Sprintf("x%d", n), at(t, fmt.Sprintf("2026-09-02 %02d:00", n+1))
			return e
		}
		for i := range each {
			wait.Go(func() {
				if _, err := records(t, s, "2026-09-02 20:00", store.RecordOptions{}, visit(2*i)); err != nil {
					t.Error(err)
				}
			})
			wait.Go(func() {
				if _, err := tryTake(t, s, rules, rows{events: []pathway.Event{visit(2*i + 1)}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 20:00")}}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		f := caseFile(t, s, "KN-7")
		if len(f.Events) != 2*each || f.Standing.Attempt != 2*each {
			t.Errorf("the case has %d events and stands at attempt %d, want %d and %[3]d", len(f.Events), f.Standing.Attempt, 2*each)
		}
		opened := 0
		for _, d := range f.Duties {
			if d.Duty.ID == "discuss-immediately" {
				opened++
			}
		}
		if opened != 2*each-1 {
			t.Errorf("discuss-immediately opened %d times, want %d: on every attempt from the second", opened, 2*each-1)
		}
	})
}
