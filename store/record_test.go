package store_test

import (
	"context"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// TestAnEventDoesNotWaitForAnImportOfOtherCases: while an import of many rows is at
// work on PostgreSQL, an event of a case that it does not change is recorded; one of
// a case that it changes waits, and both count.
func TestAnEventDoesNotWaitForAnImportOfOtherCases(t *testing.T) {
	s, rules := storetest.OpenPostgres(t), storetest.Guidance(t)
	now := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	event := func(id, ref string, hour int) pathway.Event {
		return pathway.Event{ID: id, Case: ref, Kind: pathway.KindNoAccess, At: now.Add(time.Duration(hour-48) * time.Hour)}
	}
	takeIn := func(o store.IntakeOptions, add func(in *store.Intake) error) {
		t.Helper()
		o.Now = now
		in, err := s.NewIntake(t.Context(), rules, o)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Rollback()
		if err := add(in); err != nil {
			t.Fatal(err)
		}
		if result, err := in.Commit(t.Context()); err != nil || !result.Kept {
			t.Fatalf("%+v, %v", result, err)
		}
	}
	takeIn(store.IntakeOptions{}, func(in *store.Intake) error {
		for i, ref := range []string{"KN-1", "KN-2"} {
			if err := in.AddCase(i+1, pathway.Case{Ref: ref, Pathway: "hv-child", Opened: now.AddDate(0, 0, -10)}, pathway.GivenAll); err != nil {
				return err
			}
		}
		return nil
	})

	records := func(e pathway.Event) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := s.Record(ctx, now, "", []pathway.Event{e}, store.RecordOptions{Rules: rules})
		return err
	}
	waited := make(chan error, 1)
	during := func(int) { // in the import's transaction, its row written
		if err := records(event("b", "KN-2", 1)); err != nil {
			t.Errorf("an event of another case: %v; want it recorded meanwhile", err)
		}
		go func() { waited <- records(event("c", "KN-1", 2)) }()
	}
	takeIn(store.IntakeOptions{Progress: during}, func(in *store.Intake) error { return in.AddEvent(1, event("a", "KN-1", 1), pathway.GivenAll) })
	if err := <-waited; err != nil {
		t.Errorf("an event of the import's own case: %v", err)
	}
	for ref, want := range map[string]int{"KN-1": 2, "KN-2": 1} {
		file, err := s.Case(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if len(file.Events) != want || file.Standing.Attempt != want {
			t.Errorf("%s has %d events and stands at attempt %d, want %d and %[4]d", ref, len(file.Events), file.Standing.Attempt, want)
		}
	}
}
