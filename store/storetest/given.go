package storetest

import (
	"fmt"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// testGiven checks that a row changes nothing of what it does not give.
func testGiven(t *testing.T, open func(t testing.TB) *store.Store) {
	s := open(t)
	rules := Guidance(t)
	taken(t, s, rules, visits(t))
	full := visits(t).cases[0]
	full.Chair, full.Contact, full.Household, full.Phone, full.Language = "G1", "new-birth", "H-7", "01793 555000", "pl"
	full.LargePrint = true
	full.VisitEvery, full.SafeToWrite = pathway.Offset{N: 5, Unit: pathway.WorkingDays}, false
	full.Postcode = "SN1 1AA"
	taken(t, s, rules, rows{cases: []pathway.Case{full}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-01 10:00")}})
	before := fmt.Sprintf("%+v", caseFile(t, s, "KN-7"))

	row := pathway.Case{Ref: full.Ref, Pathway: full.Pathway, Opened: full.Opened}
	listed := func(row pathway.Case, now string, columns ...string) store.IntakeResult {
		return given(t, s, rules, at(t, now), func(in *store.Intake) error {
			return in.AddCase(1, row, pathway.GivenBy(pathway.OfCases, columns))
		})
	}
	result := listed(row, "2026-09-01 11:00", "ref", "pathway", "opened_at")
	if result.Unchanged != 1 || result.Changed != 0 {
		t.Errorf("a row without the other columns: %d changed, %d unchanged, want 0 and 1", result.Changed, result.Unchanged)
	}
	if after := fmt.Sprintf("%+v", caseFile(t, s, "KN-7")); after != before {
		t.Errorf("after a row without the other columns the case is\n%s\nwant it as before\n%s", after, before)
	}

	row.Team, row.Practitioner = "West", "W2"
	if result = listed(row, "2026-09-01 12:00", "ref", "pathway", "opened_at", "team"); result.Changed != 1 {
		t.Errorf("a row with another team: %d changed, want 1", result.Changed)
	}
	f := caseFile(t, s, "KN-7")
	if f.Case.Team != "West" || f.Standing.Practitioner != "W1" || len(f.Events) != 0 {
		t.Errorf("team %s, practitioner %s, %d events; want West, W1 as before, and no event", f.Case.Team, f.Standing.Practitioner, len(f.Events))
	}
	f.Case.Team = full.Team
	if after := fmt.Sprintf("%+v", f); after != before {
		t.Errorf("after a row that gives the team alone the case is\n%s\nwant the rest as before\n%s", after, before)
	}

	// A practitioner that is given, and empty, is nobody.
	row.Practitioner = ""
	listed(row, "2026-09-01 13:00", "practitioner")
	if f := caseFile(t, s, "KN-7"); f.Standing.Practitioner != "" || f.Case.Manager != "G1" || f.Case.Team != "West" {
		t.Errorf("practitioner %q, manager %q, team %q; want nobody, G1 and West", f.Standing.Practitioner, f.Case.Manager, f.Case.Team)
	}

	row.Ref = "KN-8"
	listed(row, "2026-09-01 14:00", "ref", "pathway", "opened_at")
	if f := caseFile(t, s, "KN-8"); !f.Case.SafeToWrite {
		t.Error("a new case is not safe to write to, want it safe unless its row says no")
	}
	night := func(when, about string, changed int, columns ...string) {
		t.Helper()
		if result := listed(row, when, append(columns, "ref", "pathway", "opened_at")...); result.Changed != changed || result.Unchanged != 1-changed {
			t.Errorf("%s: %d changed, %d unchanged, want %d and %d", about, result.Changed, result.Unchanged, changed, 1-changed)
		}
	}
	night("2026-09-02 14:00", "the same list a night later", 0)
	row.Phone = "01793 555001"
	night("2026-09-03 14:00", "a list that has the phone too", 1, "phone")
	row.Phone = ""
	night("2026-09-04 14:00", "the list without the phone", 0)
	night("2026-09-05 14:00", "a list that empties the phone", 1, "phone")
	night("2026-09-06 14:00", "the list without the phone, which is empty", 0)
}

// testGivenOfPeopleAndEvents is testGiven for people and for events.
func testGivenOfPeopleAndEvents(t *testing.T, open func(t testing.TB) *store.Store) {
	s := open(t)
	rules := Guidance(t)
	r := story(t)
	r.people = append([]pathway.Person(nil), team...)
	away := at(t, "2026-09-07 00:00").UTC()
	r.people = append(r.people, pathway.Person{ID: "W9", Name: "Worker Nine", Role: pathway.Practitioner, Team: "East", Email: "w9@example.org",
		Mobile: "+447700900109", Channel: pathway.ChannelSMS, ReportsTo: "G1", Cover: "W1", AwayFrom: away, AwayUntil: away.Add(72 * time.Hour)})
	r.events[0].Reason, r.events[0].Place, r.events[0].ReasonCode = "Dog barking", pathway.PlaceHome, "hiding"
	taken(t, s, rules, r)

	result := given(t, s, rules, at(t, "2026-09-03 09:00"), func(in *store.Intake) error {
		return in.AddPerson(1, pathway.Person{ID: "W9", Role: pathway.Practitioner, Email: "nine@example.org"},
			pathway.GivenBy(pathway.OfPeople, []string{"id", "role", "email"}))
	})
	people, err := s.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := r.people[len(r.people)-1]
	want.Email = "nine@example.org"
	if got := people[len(people)-1]; got.ID != "W9" || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) || result.Changed != 1 {
		t.Errorf("after a row with id, role and email\n%+v (%d changed), want\n%+v", got, result.Changed, want)
	}

	again := noAccess(t)
	again.By = ""
	result = given(t, s, rules, at(t, "2026-09-03 10:00"), func(in *store.Intake) error {
		return in.AddEvent(1, again, pathway.GivenBy(pathway.OfEvents, []string{"event_id", "case_ref", "kind", "at"}))
	})
	if result.Unchanged != 1 {
		t.Errorf("the same event without by and reason: %+v, want it unchanged", result)
	}
	if e := caseFile(t, s, "KN-7").Events[0]; e.Place != pathway.PlaceHome || e.ReasonCode != "hiding" || e.Reason != "Dog barking" {
		t.Errorf("the event is kept as %+v, want its place, its reason and the code for it", e)
	}
}

// given takes rows in that must be good.
func given(t testing.TB, s *store.Store, rules *pathway.Rules, now time.Time, add func(*store.Intake) error) store.IntakeResult {
	t.Helper()
	in, err := s.NewIntake(t.Context(), rules, store.IntakeOptions{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Rollback()
	if err := add(in); err != nil {
		t.Fatal(err)
	}
	result, err := in.Commit(t.Context())
	if err != nil || len(result.Faults) > 0 {
		t.Fatalf("rows that are good: %v, %+v", err, result.Faults)
	}
	return result
}
