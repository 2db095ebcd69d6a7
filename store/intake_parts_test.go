package store_test

import (
	"fmt"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// manyPlans are plans on many cases, recorded in a database that knows the cases: so many
// rows that they come in by several parts.
func manyPlans(t *testing.T) (s *store.Store, rules *pathway.Rules, behind *storetest.Behind, plans []pathway.Event) {
	t.Helper()
	url := storetest.MigratedSQLiteURL(t)
	s, rules, behind = storetest.Open(t, url), storetest.Guidance(t), storetest.LookBehind(t, url)
	in, err := s.NewIntake(t.Context(), rules, store.IntakeOptions{Now: importNow})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Rollback()
	if err := in.AddPerson(1, pathway.Person{ID: "W1", Role: pathway.Practitioner, Email: "w1@example.org"}, pathway.GivenAll); err != nil {
		t.Fatal(err)
	}
	opened := importNow.AddDate(0, -3, 0)
	for i := range 300 {
		c := pathway.Case{Ref: fmt.Sprintf("KN-%03d", i), Pathway: "hv-child", Opened: opened, Practitioner: "W1", SafeToWrite: true}
		if err := in.AddCase(2+i, c, pathway.GivenAll); err != nil {
			t.Fatal(err)
		}
		for n := range 30 {
			plans = append(plans, pathway.Event{ID: fmt.Sprint("p", n), Case: c.Ref, Kind: pathway.KindPlanRecorded, At: opened.AddDate(0, 0, n), By: "W1"})
		}
	}
	if result, err := in.Commit(t.Context()); err != nil || !result.Kept {
		t.Fatalf("cases that are good: %+v, %v", result.Faults, err)
	}
	return s, rules, behind, plans
}

// take takes events in by parts, or as a whole.
func take(t *testing.T, s *store.Store, rules *pathway.Rules, events []pathway.Event, parts bool) (store.IntakeResult, error) {
	t.Helper()
	in, err := s.NewIntake(t.Context(), rules, store.IntakeOptions{Now: importNow, Partial: true, InParts: parts})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Rollback()
	for i, e := range events {
		if err := in.AddEvent(i+1, e, pathway.GivenAll); err != nil {
			t.Fatal(err)
		}
	}
	return in.Commit(t.Context())
}

// TestAPartOfAFileStaysWhenTheNextFails: parts that came in stay, each with all rows of its
// cases, and the same file again brings the rest; what need not come in parts stays all or
// nothing.
func TestAPartOfAFileStaysWhenTheNextFails(t *testing.T) {
	t.Parallel()
	s, rules, behind, plans := manyPlans(t)
	unknown := plans[0]
	unknown.Case = "KN-999"
	rows := append(plans[:len(plans):len(plans)], unknown)
	behind.Do("CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.case_ref = 'KN-299' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
	kept := func() (events, cases int) {
		if err := behind.QueryRow("SELECT COUNT(*), COUNT(DISTINCT case_ref) FROM events").Scan(&events, &cases); err != nil {
			t.Fatal(err)
		}
		return events, cases
	}
	if _, err := take(t, s, rules, rows, false); err == nil {
		t.Fatal("as a whole: no error, want the disk's")
	}
	if n, _ := kept(); n != 0 {
		t.Errorf("as a whole: %d events are kept, want none", n)
	}
	if result, err := take(t, s, rules, rows, true); err == nil || result.Kept {
		t.Fatalf("in parts: kept %t, %v; want the disk's error, and that it is not through", result.Kept, err)
	}
	before, cases := kept()
	if before == 0 || before >= len(plans) || before != 30*cases {
		t.Errorf("in parts: %d events on %d cases are kept of %d, want some, with all 30 of each case", before, cases, len(plans))
	}
	behind.Do("DROP TRIGGER full")
	result, err := take(t, s, rules, rows, true)
	if err != nil || !result.Kept || result.Added != len(plans)-before || result.Unchanged != before || result.FaultCount != 1 {
		t.Errorf("the same again: kept %t, %d added, %d unchanged, %d faults, %v; want %d, %d and the one of the unknown case",
			result.Kept, result.Added, result.Unchanged, result.FaultCount, err, len(plans)-before, before)
	}
}

// TestOthersRecordBetweenTwoPartsOfAFile: while a large file comes in, what somebody else
// records need not wait for its end.
func TestOthersRecordBetweenTwoPartsOfAFile(t *testing.T) {
	t.Parallel()
	s, rules, behind, plans := manyPlans(t)
	started, through := make(chan struct{}), make(chan error, 1)
	go func() {
		<-started
		_, err := take(t, s, rules, plans[:len(plans)-30], true)
		through <- err
	}()
	between := 0
	for n := 0; ; n++ {
		e := pathway.Event{ID: fmt.Sprint("visit-", n), Case: "KN-299", Kind: pathway.KindNoAccess, At: importNow.AddDate(0, 0, -1), By: "W1"}
		if _, err := s.Record(t.Context(), importNow, "W1", []pathway.Event{e}, store.RecordOptions{Rules: rules}); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			close(started)
		}
		var events int
		if err := behind.QueryRow("SELECT COUNT(*) FROM events WHERE case_ref <> 'KN-299'").Scan(&events); err != nil {
			t.Fatal(err)
		}
		if events > 0 && events < len(plans)-30 {
			between++
		}
		select {
		case err := <-through:
			if err != nil || between == 0 {
				t.Errorf("the file: %v; %d of %d visits were recorded when some of it had come in and not all, want some", err, between, n+1)
			}
			return
		default:
		}
	}
}
