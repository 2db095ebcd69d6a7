package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// testRights: who runs the service need not be on the people list, and is nobody there;
// what the sign-in service says of somebody ends by itself.
func testRights(t *testing.T, open func(t testing.TB) *store.Store) {
	ctx := t.Context()
	s := newScene(t, open)
	now := at(t, "2026-09-01 08:00")
	is := func(id string, when time.Time, want string) {
		t.Helper()
		p, who, err := s.Who(ctx, id, when)
		got := "nobody"
		if err == nil {
			got = fmt.Sprintf("%s, %s, active %t, outside %t, operates %t, audits %t", p.Name, who.Role, who.Active, who.Outside, who.Operates, who.Audits)
		} else if !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	give := func(r store.ServiceRights, want pathway.ProblemKind) {
		t.Helper()
		if err := s.GiveRights(ctx, now, r); pathway.ProblemOf(err) != want || want == 0 && err != nil {
			t.Errorf("giving %+v: %v, want problem %d", r, err, want)
		}
	}
	is("IT1", now, "nobody")
	give(store.ServiceRights{Person: "IT1", Operates: true}, pathway.Refused) // what are they called?
	give(store.ServiceRights{Person: "IT1", Name: "Ira Best", Operates: true}, 0)
	is("IT1", now, "Ira Best, , active true, outside true, operates true, audits false")
	names, err := s.StaffNames(ctx, []string{"IT1", "G1", "X9"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "what they are called", []string{names["IT1"], names["G1"], names["X9"]}, []string{"Ira Best", "Manager One", ""})
	give(store.ServiceRights{Person: "G1", Name: "Another Name", Audits: true}, pathway.Refused)
	give(store.ServiceRights{Person: "G1", Audits: true}, 0)
	is("G1", now, "Manager One, manager, active true, outside false, operates false, audits true")

	ends := now.Add(10 * time.Hour)
	if err := s.NoteRights(ctx, now, store.ServiceRights{Person: "G1", Operates: true, Ends: ends}); err != nil {
		t.Fatal(err)
	}
	is("G1", ends.Add(-time.Minute), "Manager One, manager, active true, outside false, operates true, audits true")
	is("G1", ends, "Manager One, manager, active true, outside false, operates false, audits true")
	is("G1", now.Add(-2*time.Hour), "Manager One, manager, active true, outside false, operates false, audits true") // once the clock that was ahead is right
	if err := s.NoteRights(ctx, now, store.ServiceRights{Person: "G1"}); err != nil {
		t.Fatal(err)
	}
	is("G1", now, "Manager One, manager, active true, outside false, operates false, audits true")

	// Whoever comes onto the people list by that id later is not who got the account.
	taken(t, s.Store, Guidance(t), rows{people: []pathway.Person{{ID: "IT1", Name: "Worker New", Role: pathway.Practitioner, Team: "East", Email: "it1@example.org"}},
		IntakeOptions: store.IntakeOptions{Now: now}})
	is("IT1", now, "Ira Best, , active true, outside true, operates true, audits false")
	if err := s.BeginSession(ctx, now, &store.Session{Token: "t", Person: "IT1", Expires: ends}); err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[string]string{"IT1": "IT1", "G1": "", "": ""} {
		n, p, who, err := s.SessionAndWho(ctx, "t", asked, now)
		if err != nil || n == nil || n.Person != "IT1" || (p != nil) != (want != "") || (who != nil) != (want != "") || p != nil && (p.ID != want || who.Person != want) {
			t.Errorf("the session of IT1, taken for that of %q, is %v of %v, %v (%v), want IT1's and who %q is", asked, n, p, who, err, want)
		}
	}
	give(store.ServiceRights{Person: "IT1"}, 0)
	is("IT1", now, "Worker New, practitioner, active true, outside false, operates false, audits false")
	if left, err := s.Session(ctx, "t"); err != nil || left != nil {
		t.Errorf("after rights were taken away there is the session %v (%v), want none", left, err)
	}
}
