package storetest

import (
	"fmt"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func testSilence(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("WhatTimeOpensIsNeitherCountedNorShownBefore", func(t *testing.T) { testBookedTime(t, open) })
	t.Run("SilentCasesAreAskedAboutFromTheDayOfANewFile", func(t *testing.T) { testDeriveAgain(t, open) })
}

// quiet is a case on which a visit is booked for Tuesday the 8th at ten.
func quiet(t *testing.T, open func(t testing.TB) *store.Store) (s *store.Store, happens func(now string, e pathway.Event) store.IntakeResult, duties func() []string) {
	s = open(t)
	rules := Guidance(t)
	taken(t, s, rules, rows{people: team, cases: []pathway.Case{{Ref: "SW-1", Pathway: "hv-child", Opened: at(t, "2026-09-01 09:00"),
		Practitioner: "W1", Manager: "G1", Team: "East", SafeToWrite: true}}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-01 09:00")}})
	happens = func(now string, e pathway.Event) store.IntakeResult {
		t.Helper()
		e.Case, e.By = "SW-1", "W1"
		return taken(t, s, rules, rows{events: []pathway.Event{e}, IntakeOptions: store.IntakeOptions{Now: at(t, now)}})
	}
	duties = func() (all []string) {
		t.Helper()
		err := s.EachDuty(t.Context(), func(d *store.Duty) {
			all = append(all, fmt.Sprintf("%s from %s: %s %s", d.Duty.ID, clock(t, d.Opened), d.KeptState(), d.EndedWhy))
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	booked := happens("2026-09-02 10:00", pathway.Event{ID: "b", Kind: pathway.KindVisitBooked, At: at(t, "2026-09-02 10:00"), Booked: at(t, "2026-09-08 10:00")})
	if booked.DutiesOpened != 0 || booked.DutiesMet != 1 {
		t.Errorf("the booking opened %d duties and met %d, want 0 and 1: what is to open later has not", booked.DutiesOpened, booked.DutiesMet)
	}
	return s, happens, duties
}

func testBookedTime(t *testing.T, open func(t testing.TB) *store.Store) {
	const contact = "make-contact from 2026-09-01 09:00: met "
	s, happens, duties := quiet(t, open)
	for when, want := range map[string][]string{"2026-09-08 09:59": nil, "2026-09-08 10:00": {"record-outcome"}} {
		var shown []string
		for d, err := range s.OpenDuties(t.Context(), store.DutyFilter{OpenAt: at(t, when)}) {
			if err != nil {
				t.Fatal(err)
			}
			shown = append(shown, d.Duty.Duty.ID)
		}
		same(t, "open at "+when, shown, want)
		due, err := s.DutiesDueBy(t.Context(), at(t, when), at(t, "2026-09-30 00:00"), nil)
		if err != nil || len(due) != len(want) {
			t.Errorf("%d duties in a digest of %s (error %v), want %d", len(due), when, err, len(want))
		}
	}
	later := happens("2026-09-08 16:00", pathway.Event{ID: "s", Kind: pathway.KindSeen, At: at(t, "2026-09-08 15:00")})
	same(t, "seen later that day", duties(), []string{contact})
	if later.DutiesEnded != 0 || later.DutiesMet != 0 {
		t.Errorf("the outcome met %d duties and ended %d, want none: nothing was to be done", later.DutiesMet, later.DutiesEnded)
	}

	_, happens, duties = quiet(t, open)
	happens("2026-09-07 10:00", pathway.Event{ID: "v", Kind: pathway.KindVoided, At: at(t, "2026-09-07 10:00"), Value: "b"})
	same(t, "the booking is voided before", duties(), []string{"make-contact from 2026-09-01 09:00: open "})

	_, happens, duties = quiet(t, open)
	happens("2026-09-09 10:00", pathway.Event{ID: "v", Kind: pathway.KindVoided, At: at(t, "2026-09-09 10:00"), Value: "b"})
	same(t, "the booking is voided after", duties(), []string{"make-contact from 2026-09-01 09:00: open ",
		"record-outcome from 2026-09-08 10:00: ended the event that opened it was recorded in error"})

	s, happens, duties = quiet(t, open)
	due := at(t, "2026-09-09 17:00")
	n, err := s.ScanBatch(t.Context(), nil, due, 10, func(b *store.ScanBatch) error {
		for i := range b.Due {
			b.Climbed = append(b.Climbed, store.Climbed{Duty: b.Due[i].ID, Progress: pathway.Progress{Due: due, Through: due}})
		}
		return nil
	})
	if err != nil || n != 1 {
		t.Fatalf("%d duties have a rung when it is due (error %v), want 1", n, err)
	}
	happens("2026-09-10 10:00", pathway.Event{ID: "s", Kind: pathway.KindSeen, At: at(t, "2026-09-08 15:00"), Recorded: at(t, "2026-09-08 16:00")})
	same(t, "recorded in time elsewhere, and known here once people were reminded", duties(), []string{contact,
		"record-outcome from 2026-09-08 10:00: ended it had been settled by then, which was recorded later"})
}

func testDeriveAgain(t *testing.T, open func(t testing.TB) *store.Store) {
	s := open(t)
	adopt := func(now, version string, more ...pathway.DutyRule) *pathway.Rules {
		t.Helper()
		kept, err := s.AdoptPathways(t.Context(), at(t, now), []*pathway.Pathway{{ID: "visits", Version: version, Title: "Visits", Duties: append([]pathway.DutyRule{
			rule(t, "contact", "opened", "5 working days", "letter-sent")}, more...)}})
		if err != nil {
			t.Fatal(err)
		}
		rules := pathway.NewRules(Guidance(t).Calendar, Guidance(t).Ladders)
		for _, k := range kept {
			rules.AddPathway(k.Pathway, k.From)
		}
		return rules
	}
	rules := adopt("2026-03-02 09:00", "1")
	var cases []pathway.Case
	var events []pathway.Event
	for i := range 5 {
		ref := fmt.Sprintf("V-%d", i+1)
		cases = append(cases, pathway.Case{Ref: ref, Pathway: "visits", Opened: at(t, "2026-03-02 10:00"), Practitioner: "W1", Manager: "G1", SafeToWrite: true})
		if ref != "V-4" { // where the duty stays open
			events = append(events, pathway.Event{ID: "l", Case: ref, Kind: pathway.KindLetterSent, At: at(t, "2026-03-03 10:00"), Recorded: at(t, "2026-03-03 10:00")})
		}
	}
	events = append(events, pathway.Event{ID: "c", Case: "V-5", Kind: pathway.KindClosed, At: at(t, "2026-03-04 10:00"), Recorded: at(t, "2026-03-04 10:00")})
	taken(t, s, rules, rows{people: team, cases: cases, events: events, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-03-04 10:00")}})

	next := rule(t, "next", "nothing planned", "10 working days", "duty-opened")
	rules = adopt("2026-09-01 06:00", "2", next)
	var derived []int
	for range 3 {
		n, err := s.DeriveAgain(t.Context(), nil, at(t, "2026-09-01 06:01"), rules, 3)
		if err != nil {
			t.Fatal(err)
		}
		derived = append(derived, n)
	}
	if got := fmt.Sprint(derived); got != "[3 1 0]" {
		t.Errorf("derived again %s cases at a time, want [3 1 0]: those that are open", got)
	}
	var got []string
	err := s.EachDuty(t.Context(), func(d *store.Duty) {
		if d.IsOpen() {
			got = append(got, fmt.Sprintf("%s %s due %s, a rung %s", d.Case, d.Duty.ID, clock(t, d.Due), clock(t, d.NextRung)))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	const asked = " next due 2026-09-15 17:00, a rung 2026-09-01 08:00"
	same(t, "open duties", got, []string{"V-1" + asked, "V-2" + asked, "V-3" + asked, "V-4 contact due 2026-03-09 17:00, a rung 2026-03-02 10:00"})

	rules = adopt("2026-09-02 06:00", "3", next)
	if n, err := s.DeriveAgain(t.Context(), nil, at(t, "2026-09-02 06:01"), rules, 3); n != 0 || err != nil {
		t.Errorf("another version of what asked already derives %d cases again (error %v), want none", n, err)
	}
}

// rule is a practitioner's duty in the words of a pathway file.
func rule(t testing.TB, id, opens, due, metBy string) pathway.DutyRule {
	t.Helper()
	trigger, err := pathway.ParseTrigger(opens)
	if err != nil {
		t.Fatal(err)
	}
	within, err := pathway.ParseDue(due)
	if err != nil {
		t.Fatal(err)
	}
	met, err := pathway.ParseMatch(metBy)
	if err != nil {
		t.Fatal(err)
	}
	return pathway.DutyRule{ID: id, Title: id, Basis: pathway.Local, Owner: pathway.Practitioner, Ladder: "routine",
		Opens: []pathway.Trigger{trigger}, Due: []pathway.DueRule{{Within: within}}, MetBy: []pathway.Match{met}}
}
