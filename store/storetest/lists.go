package storetest

import (
	"fmt"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// testLists is what importing a list again does.
func testLists(t *testing.T, open func(t testing.TB) *store.Store) {
	everything := func(t testing.TB) rows {
		r := visits(t)
		r.events = []pathway.Event{noAccess(t),
			{Case: "KN-7", Kind: pathway.KindRecorded, At: at(t, "2026-09-02 11:00"), By: "W1"}}
		r.Now = at(t, "2026-09-02 12:00")
		return r
	}

	t.Run("TheSameAgainChangesNothing", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		wantCounts(t, taken(t, s, rules, everything(t)), "added 7, opened 6, met 1")
		before := duties(t, s, "KN-7")
		again := everything(t)
		again.Now = at(t, "2026-09-02 13:00")
		wantCounts(t, taken(t, s, rules, again), "unchanged 7")
		same(t, "duties", duties(t, s, "KN-7"), before)
		if n := len(caseFile(t, s, "KN-7").Events); n != 2 {
			t.Errorf("the case has %d events, want 2", n)
		}
	})

	t.Run("OneRowTwiceCountsOnce", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		r := everything(t)
		r.cases = append(r.cases, r.cases[0])
		r.events = append(r.events, r.events...)
		r.people = append([]pathway.Person{team[0]}, r.people...)
		wantCounts(t, taken(t, s, rules, r), "added 7, unchanged 4, opened 6, met 1")
	})

	t.Run("ARowThatMovesADateIsASettingOfIt", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		r := visits(t)
		r.cases[0].Pathway, r.cases[0].Plan = "csc-plan", "cin"
		taken(t, s, rules, r)
		stepped := r
		stepped.cases = []pathway.Case{r.cases[0]}
		stepped.cases[0].Plan, stepped.Now = "cp", at(t, "2026-09-02 10:00")
		wantCounts(t, taken(t, s, rules, stepped), "changed 1, unchanged 4, moved 1")
		record(t, s, rules, "2026-09-03 10:00", noAccess(t))
		for _, d := range caseFile(t, s, "KN-7").Duties {
			if d.DutyID() != "see-child" {
				continue
			}
			got := fmt.Sprintf("due %s, set %s by %q, late since %s", clock(t, d.Due), clock(t, d.Set), d.SetBy, clock(t, d.LateSince))
			if want := `due 2026-09-15 17:00, set 2026-09-02 10:00 by "", late since never`; got != want {
				t.Errorf("see-child is %s, want %s", got, want)
			}
		}
	})

	t.Run("ADryRunKeepsNothing", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		r := everything(t)
		r.DryRun = true
		result := taken(t, s, rules, r)
		wantCounts(t, result, "added 7, opened 6, met 1")
		if _, err := s.Case(t.Context(), "KN-7"); err == nil || result.Kept {
			t.Errorf("after a dry run the case is there (%v), Kept = %t", err, result.Kept)
		}
		wantCounts(t, taken(t, s, rules, everything(t)), "added 7, opened 6, met 1")
	})

	t.Run("WhatTheListSaysAnewBecomesEvents", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, everything(t))
		row := visits(t).cases[0]
		row.Practitioner, row.Manager, row.Postcode = "W2", "V1", "SN1 1AA"
		list := func(now string) store.IntakeResult {
			return taken(t, s, rules, rows{cases: []pathway.Case{row}, IntakeOptions: store.IntakeOptions{Now: at(t, now)}})
		}
		wantCounts(t, list("2026-09-03 08:00"), "changed 1")
		row.Closed = at(t, "2026-09-03 10:00")
		wantCounts(t, list("2026-09-03 11:00"), "changed 1, ended 5")
		row.Closed = at(t, "2026-09-03 10:30")
		wantCounts(t, list("2026-09-03 12:00"), "changed 1")
		row.Closed = time.Time{}
		wantCounts(t, list("2026-09-04 09:00"), "changed 1, opened 1")
		wantCounts(t, list("2026-09-04 10:00"), "unchanged 1")
		row.Pathway = "csc-section-47"
		list("2026-09-04 11:00")

		f := caseFile(t, s, "KN-7")
		var events []string
		for _, e := range f.Events[2:] {
			events = append(events, fmt.Sprintf("%s %s %s", e.Kind, e.Value, clock(t, e.At)))
		}
		closing := f.Events[3].ID
		same(t, "events", events, []string{
			"reallocated W2 2026-09-03 08:00",
			"closed  2026-09-03 10:00",
			"closed  2026-09-03 10:30",
			"voided " + closing + " 2026-09-03 12:00",
			"reopened  2026-09-04 09:00",
			"pathway-changed csc-section-47 2026-09-04 11:00",
		})
		if c := f.Case; c.Practitioner != "W1" || c.Pathway != "csc-child-and-family" || c.Manager != "V1" || c.Postcode != "SN1 1AA" {
			t.Errorf("the case says practitioner %s, pathway %s, manager %s, postcode %s; want those of its opening, W1 and csc-child-and-family, and those of the list, V1 and SN1 1AA",
				c.Practitioner, c.Pathway, c.Manager, c.Postcode)
		}
		if n := f.Standing; n.Practitioner != "W2" || n.Pathway != "csc-section-47" || n.Closed {
			t.Errorf("the case stands at %+v, want W2 on csc-section-47, open", n)
		}
	})

	t.Run("AClosingDateThatCameBackIsTakenBackToo", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, everything(t))
		row := visits(t).cases[0]
		for n, day := range []string{"03", "04", "03", "05"} {
			row.Closed = at(t, "2026-09-"+day+" 10:00")
			taken(t, s, rules, rows{cases: []pathway.Case{row}, IntakeOptions: store.IntakeOptions{Now: at(t, fmt.Sprintf("2026-09-1%d 11:00", n))}})
		}
		f := caseFile(t, s, "KN-7")
		var closed []string
		for _, e := range pathway.History(&f.Case, f.Events) {
			if e.Kind == pathway.KindClosed {
				closed = append(closed, clock(t, e.At))
			}
		}
		same(t, "the closings that stand", closed, []string{"2026-09-05 10:00"})
	})

	t.Run("WhatIsKnownAlreadyIsNoNews", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, everything(t))
		record(t, s, rules, "2026-09-03 08:00",
			pathway.Event{ID: "a1", Case: "KN-7", Kind: pathway.KindReallocated, At: at(t, "2026-09-03 08:00"), Value: "W2"})
		row := visits(t).cases[0]
		row.Practitioner = "W2"
		wantCounts(t, taken(t, s, rules, rows{cases: []pathway.Case{row}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-03 09:00")}}), "changed 1")
		if n := len(caseFile(t, s, "KN-7").Events); n != 3 {
			t.Errorf("the case has %d events, want the 3 that were recorded", n)
		}
	})

	t.Run("PeopleChangeInPlace", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		now := store.IntakeOptions{Now: at(t, "2026-09-01 09:00")}
		wantCounts(t, taken(t, s, rules, rows{people: team, IntakeOptions: now}), "added 4")
		changed := append([]pathway.Person(nil), team...)
		changed[0].Mobile, changed[0].Cover, changed[0].AwayFrom = "+447700900199", "W2", at(t, "2026-09-02 00:00")
		wantCounts(t, taken(t, s, rules, rows{people: changed, IntakeOptions: now}), "changed 1, unchanged 3")
		people, err := s.People(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(people) != 4 || people[2].ID != "W1" || people[2].Mobile != "+447700900199" || !people[2].AwayFrom.Equal(at(t, "2026-09-02 00:00")) {
			t.Errorf("the people are %d, the third %s with %s away from %s; want 4, W1 with +447700900199 away from 2 September",
				len(people), people[2].ID, people[2].Mobile, people[2].AwayFrom)
		}
	})

	t.Run("ManyRowsComeOutAsFew", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, rows{people: team, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-01 09:00")}})
		many := rows{IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-03 09:00")}}
		const cases = 6_000
		for i := range cases {
			ref := fmt.Sprintf("KN-%05d", (i*7919)%cases)
			c := visits(t).cases[0]
			c.Ref = ref
			many.cases = append(many.cases, c)
			e := noAccess(t)
			e.Case = ref
			many.events = append(many.events, e)
		}
		told := 0
		many.Progress = func(rows int) { told = rows }
		wantCounts(t, taken(t, s, rules, many), "added 12000, opened 36000")
		if told != 2*cases {
			t.Errorf("progress came to %d rows, want %d", told, 2*cases)
		}
		wantCounts(t, taken(t, s, rules, many), "unchanged 12000")
		if got, want := duties(t, s, "KN-05999"), 6; len(got) != want {
			t.Errorf("case KN-05999 has %d duties, want %d", len(got), want)
		}
	})
}
