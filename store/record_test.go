package store_test

import (
	"context"
	"fmt"
	"strings"
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

// TestAnEventDoesNotWaitForAListThatSaysLittleNew: SQLite has one writer, and an import
// is it only for what it has found to change. What is recorded while it looks counts,
// also on a case of which the list says something new.
func TestAnEventDoesNotWaitForAListThatSaysLittleNew(t *testing.T) {
	s, rules := storetest.OpenSQLite(t), storetest.Guidance(t)
	now := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	ref := func(n int) string { return fmt.Sprintf("KN-%04d", n) }
	list := func(o store.IntakeOptions, change func(n int, c *pathway.Case)) store.IntakeResult {
		t.Helper()
		o.Now = now
		in, err := s.NewIntake(t.Context(), rules, o)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Rollback()
		for n := range 1200 {
			c := pathway.Case{Ref: ref(n), Pathway: "hv-child", Opened: now.AddDate(0, 0, -10)}
			change(n, &c)
			if err := in.AddCase(n+1, c, pathway.GivenAll); err != nil {
				t.Fatal(err)
			}
		}
		result, err := in.Commit(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	asBefore := func(int, *pathway.Case) {}
	closes := func(n int, c *pathway.Case) {
		if n%600 == 7 {
			c.Closed = now.AddDate(0, 0, -1)
		}
	}
	if first := list(store.IntakeOptions{}, asBefore); first.Added != 1200 || !first.Kept {
		t.Fatalf("the first list: %+v", first)
	}
	if again := list(store.IntakeOptions{}, asBefore); again.Unchanged != 1200 || again.Changed != 0 || !again.Kept {
		t.Errorf("the same list again: %+v, want 1,200 unchanged", again)
	}
	if would := list(store.IntakeOptions{DryRun: true}, closes); would.Unchanged != 1198 || would.Changed != 2 || would.Kept {
		t.Errorf("the new list, were it imported: %+v, want 1,198 unchanged and 2 changed", would)
	}
	recorded := false
	during := func(int) {
		if recorded {
			return
		}
		recorded = true
		for _, n := range []int{7, 8} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			_, err := s.Record(ctx, now, "", []pathway.Event{{Case: ref(n), Kind: pathway.KindNoAccess, At: now.AddDate(0, 0, -2)}}, store.RecordOptions{Rules: rules})
			cancel()
			if err != nil {
				t.Errorf("an event of case %s: %v; want it recorded meanwhile", ref(n), err)
			}
		}
	}
	if result := list(store.IntakeOptions{Progress: during}, closes); result.Unchanged != 1198 || result.Changed != 2 || !result.Kept || !recorded {
		t.Errorf("the new list: %+v, recorded meanwhile: %v; want 1,198 unchanged and 2 changed", result, recorded)
	}
	for n, want := range map[int]string{7: "no-access closed, closed", 8: "no-access", 607: "closed, closed", 9: ""} {
		file, err := s.Case(t.Context(), ref(n))
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, e := range file.Events {
			kinds = append(kinds, e.Kind)
		}
		got := strings.Join(kinds, " ")
		if file.Standing.Closed {
			got += ", closed"
		}
		if got != want {
			t.Errorf("case %s: %s, want %s", ref(n), got, want)
		}
	}
}

// TestAnEventDoesNotWaitForAFileOfOneCase: 30,000 rows of one case at one instant keep
// nobody from recording on SQLite, and the good row among them comes in.
func TestAnEventDoesNotWaitForAFileOfOneCase(t *testing.T) {
	s, rules := storetest.OpenSQLite(t), storetest.Guidance(t)
	now := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	takeIn := func(o store.IntakeOptions, add func(in *store.Intake) error) store.IntakeResult {
		t.Helper()
		o.Now, o.Partial = now, true
		in, err := s.NewIntake(t.Context(), rules, o)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Rollback()
		if err := add(in); err != nil {
			t.Fatal(err)
		}
		result, err := in.Commit(t.Context())
		if err != nil || !result.Kept {
			t.Fatalf("%+v, %v", result, err)
		}
		return result
	}
	takeIn(store.IntakeOptions{}, func(in *store.Intake) error {
		for i, ref := range []string{"KN-1", "KN-2", "KN-3"} {
			if err := in.AddCase(i+1, pathway.Case{Ref: ref, Pathway: "hv-child", Opened: now.AddDate(0, 0, -10)}, pathway.GivenAll); err != nil {
				return err
			}
		}
		return nil
	})
	recorded := false
	during := func(int) {
		if recorded {
			return
		}
		recorded = true
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		e := pathway.Event{Case: "KN-3", Kind: pathway.KindNoAccess, At: now.AddDate(0, 0, -2)}
		if _, err := s.Record(ctx, now, "", []pathway.Event{e}, store.RecordOptions{Rules: rules}); err != nil {
			t.Errorf("an event of another case: %v; want it recorded meanwhile", err)
		}
	}
	result := takeIn(store.IntakeOptions{Progress: during}, func(in *store.Intake) error {
		for i := range 30_000 {
			e := pathway.Event{ID: fmt.Sprint("s", i), Case: "KN-1", Kind: pathway.KindSupervision, At: now.AddDate(0, 0, -3)}
			if err := in.AddEvent(i+1, e, pathway.GivenAll); err != nil {
				return err
			}
		}
		return in.AddEvent(30_001, pathway.Event{ID: "z", Case: "KN-2", Kind: pathway.KindSeen, At: now.AddDate(0, 0, -3)}, pathway.GivenAll)
	})
	if !recorded || result.Added != 1 || len(result.Faults) != 1 {
		t.Errorf("recorded meanwhile: %v; %d added, faults %v; want the good row in and one fault", recorded, result.Added, result.Faults)
	}
	for ref, want := range map[string]int{"KN-1": 0, "KN-2": 1, "KN-3": 1} {
		if file, err := s.Case(t.Context(), ref); err != nil || len(file.Events) != want {
			t.Errorf("%s: %v, want %d events", ref, err, want)
		}
	}
}
