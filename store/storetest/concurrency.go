package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func testConcurrency(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("EventsRecordedAtOnceAllCount", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		const recorders = 8
		var wait sync.WaitGroup
		failed := make(chan error, recorders)
		for i := range recorders {
			wait.Go(func() {
				e := noAccess(t)
				e.ID = fmt.Sprintf("x%d", i)
				e.At = at(t, fmt.Sprintf("2026-09-02 1%d:00", i))
				result, err := tryTake(t, s, rules, rows{events: []pathway.Event{e}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 20:00")}})
				if err == nil && !result.Kept {
					err = fmt.Errorf("refused: %v", faults(result))
				}
				if err != nil {
					failed <- err
				}
			})
		}
		wait.Wait()
		close(failed)
		for err := range failed {
			t.Error(err)
		}
		f := caseFile(t, s, "KN-7")
		if len(f.Events) != recorders || f.Standing.Attempt != recorders {
			t.Errorf("the case has %d events and stands at attempt %d, want %d and %d", len(f.Events), f.Standing.Attempt, recorders, recorders)
		}
		opened := 0
		for _, d := range f.Duties {
			if d.Duty.ID == "discuss-immediately" {
				opened++
			}
		}
		if opened != recorders-1 {
			t.Errorf("discuss-immediately opened %d times, want %d: on every attempt from the second", opened, recorders-1)
		}
	})

	t.Run("AnIntakeThatIsBrokenOffKeepsNothing", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		r := visits(t)
		var events []pathway.Event
		first := r.cases[0]
		r.cases = nil
		for n := range 12 { // more than are under way at a time
			c := first
			c.Ref = fmt.Sprintf("KN-%02d", n)
			r.cases = append(r.cases, c)
			for i := range 600 {
				events = append(events, pathway.Event{ID: fmt.Sprint("x", i), Case: c.Ref, Kind: pathway.KindNoAccess, At: c.Opened.Add(-time.Duration(i) * time.Hour), By: "W1"})
			}
		}
		taken(t, s, rules, r)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		broken := errors.New("nothing was taken in")
		for _, when := range []string{"broken off", "again"} {
			in, err := s.NewIntake(ctx, rules, store.IntakeOptions{Now: at(t, "2026-09-02 20:00"), Partial: true, Progress: func(int) {
				if when == "broken off" {
					cancel()
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			for i, e := range events {
				if err := in.AddEvent(i+1, e, pathway.GivenAll); err != nil {
					t.Fatal(err)
				}
			}
			result, err := in.Commit(ctx)
			if when == "broken off" {
				broken, ctx = err, t.Context()
				if n := len(caseFile(t, s, "KN-00").Events) + len(caseFile(t, s, "KN-11").Events); result.Kept || n > 0 {
					t.Errorf("an intake that was broken off is kept: %t, and %d events; want nothing of it", result.Kept, n)
				}
			} else if err != nil || !result.Kept || result.Added != len(events) {
				t.Errorf("the same again: %d added, %v; want all %d", result.Added, err, len(events))
			}
		}
		if !errors.Is(broken, context.Canceled) {
			t.Errorf("the intake that was broken off ended with %v, want context.Canceled", broken)
		}
	})

	t.Run("OneOfTwoWhoAddTheSameCaseFindsItThere", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, rows{people: team, IntakeOptions: visits(t).IntakeOptions})
		r := visits(t)
		r.people = nil
		var wait sync.WaitGroup
		results := make([]store.IntakeResult, 4)
		for i := range results {
			wait.Go(func() {
				var err error
				if results[i], err = tryTake(t, s, rules, r); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		added, unchanged := 0, 0
		for _, r := range results {
			added, unchanged = added+r.Added, unchanged+r.Unchanged
		}
		if added != 1 || unchanged != 3 {
			t.Errorf("%d added and %d unchanged, want 1 and 3", added, unchanged)
		}
	})

	t.Run("PeopleReadWhileOthersWrite", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		var wait sync.WaitGroup
		for i := range 4 {
			wait.Go(func() {
				for n := range 10 {
					e := noAccess(t)
					e.ID = fmt.Sprintf("x%d-%d", i, n)
					if _, err := tryTake(t, s, rules, rows{events: []pathway.Event{e}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 20:00")}}); err != nil {
						t.Error(err)
					}
				}
			})
			wait.Go(func() {
				for range 20 {
					if _, err := s.Case(t.Context(), "KN-7"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if n := len(caseFile(t, s, "KN-7").Events); n != 40 {
			t.Errorf("the case has %d events, want 40", n)
		}
	})
}
