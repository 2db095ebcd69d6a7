package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// visits are the people and the case KN-7, on csc-child-and-family, opened on
// 1 September 2026.
func visits(t testing.TB) rows {
	return rows{
		people: team,
		cases: []pathway.Case{{Ref: "KN-7", Pathway: "csc-child-and-family", Opened: at(t, "2026-09-01 09:00"),
			Practitioner: "W1", Manager: "G1", Team: "East", Addressee: "Parent of KN-7", Address: []string{"3 Test Street; rear", "Swindon"},
			OpenTo: []string{"mental-health", "baby-steps"}, SafeToWrite: true}},
		IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-01 09:30")},
	}
}

// noAccess is the visit on the second day at which nobody answered.
func noAccess(t testing.TB) pathway.Event {
	return pathway.Event{ID: "x1", Case: "KN-7", Kind: pathway.KindNoAccess, At: at(t, "2026-09-02 10:00"), By: "W1"}
}

// story is visits with noAccess, half an hour after it.
func story(t testing.TB) rows {
	r := visits(t)
	r.events = []pathway.Event{noAccess(t)}
	r.Now = at(t, "2026-09-02 10:30")
	return r
}

// record records events on a case that is there already.
func record(t testing.TB, s *store.Store, rules *pathway.Rules, now string, events ...pathway.Event) store.IntakeResult {
	t.Helper()
	return taken(t, s, rules, rows{events: events, IntakeOptions: store.IntakeOptions{Now: at(t, now)}})
}

func caseFile(t testing.TB, s *store.Store, ref string) *store.CaseFile {
	t.Helper()
	f, err := s.Case(t.Context(), ref)
	if err != nil {
		t.Fatalf("read case %s: %v", ref, err)
	}
	return f
}

// duties writes a case's duties as lines, in the alphabet's order.
func duties(t testing.TB, s *store.Store, ref string) []string {
	t.Helper()
	var out []string
	for _, d := range caseFile(t, s, ref).Duties {
		line := fmt.Sprintf("%s %d due %s", d.Duty.ID, d.Attempt, clock(t, d.Due))
		switch {
		case !d.Met.IsZero():
			line += " met " + clock(t, d.Met)
		case !d.Ended.IsZero():
			line += " ended: " + d.EndedWhy
		default:
			line += " open, next " + clock(t, d.NextRung)
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func clock(t testing.TB, instant time.Time) string {
	if instant.IsZero() {
		return "never"
	}
	return instant.In(at(t, "2026-09-01 09:00").Location()).Format("2006-01-02 15:04")
}

func same(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n  %s\nwant:\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// counts writes what of a result is not zero.
func counts(r store.IntakeResult) string {
	var out []string
	for _, c := range []struct {
		name string
		n    int
	}{
		{"added", r.Added}, {"changed", r.Changed}, {"unchanged", r.Unchanged}, {"faults", r.FaultCount},
		{"opened", r.DutiesOpened}, {"met", r.DutiesMet}, {"moved", r.DutiesMoved}, {"ended", r.DutiesEnded},
	} {
		if c.n != 0 {
			out = append(out, fmt.Sprintf("%s %d", c.name, c.n))
		}
	}
	return strings.Join(out, ", ")
}

func wantCounts(t testing.TB, r store.IntakeResult, want string) {
	t.Helper()
	if got := counts(r); got != want {
		t.Errorf("the intake came to %q, want %q", got, want)
	}
}

func testCases(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("EveryFieldComesBackWhicheverOthersAreEmpty", func(t *testing.T) {
		s := open(t)
		r := visits(t)
		r.cases = nil
		for i := range 1 << 5 {
			c := pathway.Case{Ref: fmt.Sprintf("KN-%d", 100+i), Pathway: "csc-child-and-family", Opened: at(t, "2026-09-01 09:00"), Practitioner: "W1", Manager: "G1"}
			for k, field := range []*string{&c.Team, &c.Household, &c.Addressee, &c.Phone, &c.Language} {
				if i&(1<<k) != 0 {
					*field = fmt.Sprintf("%d-%d", i, k)
				}
			}
			c.LargePrint, c.SafeToWrite = i%3 == 0, i%2 == 0
			r.cases = append(r.cases, c)
		}
		taken(t, s, Guidance(t), r)
		written := func(c *pathway.Case) string {
			return fmt.Sprintf("%s %q %q %q %q %q large %t safe %t closed %t", c.Ref, c.Team, c.Household, c.Addressee, c.Phone, c.Language, c.LargePrint, c.SafeToWrite, !c.Closed.IsZero())
		}
		for i := range r.cases {
			kept := caseFile(t, s, r.cases[i].Ref).Case
			if got, want := written(&kept), written(&r.cases[i]); got != want {
				t.Errorf("a case comes back as %s, want what its row said: %s", got, want)
			}
		}
	})

	t.Run("OpeningACaseOpensItsFirstDuty", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		wantCounts(t, taken(t, s, rules, visits(t)), "added 5, opened 1")
		same(t, "duties", duties(t, s, "KN-7"), []string{
			"see-child 0 due 2026-09-04 17:00 open, next 2026-09-01 09:00",
		})
		f := caseFile(t, s, "KN-7")
		c := f.Case
		if strings.Join(c.Address, "|") != "3 Test Street; rear|Swindon" || strings.Join(c.OpenTo, "|") != "mental-health|baby-steps" || !c.SafeToWrite {
			t.Errorf("the case comes back as %+v", c)
		}
		if f.Duties[0].Why == "" {
			t.Error("the duty does not say why it is due when it is")
		}
	})

	t.Run("AnEventOpensMovesAndMeetsDuties", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		wantCounts(t, record(t, s, rules, "2026-09-02 10:30", noAccess(t)), "added 1, opened 5")
		wantCounts(t, record(t, s, rules, "2026-09-02 15:10",
			pathway.Event{ID: "x2", Case: "KN-7", Kind: pathway.KindDiscussedWithManager, At: at(t, "2026-09-02 15:00"), By: "W1"},
			pathway.Event{ID: "x3", Case: "KN-7", Kind: pathway.KindTimeframeSet, At: at(t, "2026-09-02 15:05"), By: "G1", Due: at(t, "2026-09-07 00:00")},
		), "added 2, met 2, moved 1")
		wantCounts(t, record(t, s, rules, "2026-09-03 09:00",
			pathway.Event{ID: "x4", Case: "KN-7", Kind: pathway.KindRecorded, At: at(t, "2026-09-03 09:00"), By: "W1"}), "added 1, met 1")
		same(t, "duties", duties(t, s, "KN-7"), []string{
			"discuss-with-manager 1 due 2026-09-03 10:00 met 2026-09-02 15:00",
			"record-manager 1 due 2026-09-03 17:00 open, next 2026-09-02 10:00",
			"record-practitioner 1 due 2026-09-03 17:00 met 2026-09-03 09:00",
			"see-child 0 due 2026-09-04 17:00 open, next 2026-09-01 09:00",
			"see-child-again 1 due 2026-09-07 17:00 open, next 2026-09-02 10:00",
			"set-timeframe 1 due 2026-09-03 10:00 met 2026-09-02 15:05",
		})
		f := caseFile(t, s, "KN-7")
		if f.Standing.Attempt != 1 || f.Standing.Practitioner != "W1" || f.Standing.Closed {
			t.Errorf("the case stands at %+v, want one attempt, with W1, open", f.Standing)
		}
		if e := f.Events[0]; e.ByRole != pathway.Practitioner || !e.Recorded.Equal(at(t, "2026-09-02 10:30")) {
			t.Errorf("event x1 is recorded by a %q at %s, want a practitioner at 10:30", e.ByRole, e.Recorded)
		}
	})

	t.Run("AVoidedEventTakesItsDutiesWithIt", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		record(t, s, rules, "2026-09-02 10:30", noAccess(t))
		void := pathway.Event{ID: "v1", Case: "KN-7", Kind: pathway.KindVoided, At: at(t, "2026-09-02 11:00"), By: "W1", Value: "x1"}
		wantCounts(t, record(t, s, rules, "2026-09-02 11:00", void), "added 1, ended 5")
		const gone = " ended: the event that opened it was recorded in error"
		same(t, "duties", duties(t, s, "KN-7"), []string{
			"discuss-with-manager 1 due 2026-09-03 10:00" + gone,
			"record-manager 1 due 2026-09-03 17:00" + gone,
			"record-practitioner 1 due 2026-09-03 17:00" + gone,
			"see-child 0 due 2026-09-04 17:00 open, next 2026-09-01 09:00",
			"see-child-again 1 due 2026-09-09 17:00" + gone,
			"set-timeframe 1 due 2026-09-03 10:00" + gone,
		})
		wantCounts(t, record(t, s, rules, "2026-09-02 11:10", void), "unchanged 1")
		back := pathway.Event{ID: "v2", Case: "KN-7", Kind: pathway.KindVoided, At: at(t, "2026-09-02 11:20"), By: "W1", Value: "v1"}
		record(t, s, rules, "2026-09-02 11:20", back)
		if got := duties(t, s, "KN-7")[0]; got != "discuss-with-manager 1 due 2026-09-03 10:00 open, next 2026-09-02 10:00" {
			t.Errorf("after the voiding was voided, there is %q, want the duty open again", got)
		}
	})

	t.Run("ClosingEndsAndReopeningBegins", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		wantCounts(t, record(t, s, rules, "2026-09-02 12:00",
			pathway.Event{ID: "c1", Case: "KN-7", Kind: pathway.KindClosed, At: at(t, "2026-09-02 12:00")}), "added 1, ended 1")
		if f := caseFile(t, s, "KN-7"); !f.Standing.Closed {
			t.Error("the case is not closed")
		}
		record(t, s, rules, "2026-09-03 12:00",
			pathway.Event{ID: "r1", Case: "KN-7", Kind: pathway.KindReopened, At: at(t, "2026-09-03 12:00")})
		if f := caseFile(t, s, "KN-7"); f.Standing.Closed {
			t.Error("the case is still closed")
		}
	})

	t.Run("AnUnknownCaseIsNotFound", func(t *testing.T) {
		if _, err := open(t).Case(t.Context(), "KN-8"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Case of an unknown reference gives %v, want ErrNotFound", err)
		}
	})

	t.Run("ALateRecordIsToldWhatOfTheClockHasGone", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		result := record(t, s, rules, "2026-09-03 06:00", noAccess(t))
		var notes []string
		for _, n := range result.Notes {
			notes = append(notes, fmt.Sprintf("%s %d: %s", n.Of, n.Row, n.Message))
		}
		title := rules.Pathway("csc-child-and-family").Rule("discuss-with-manager").Title
		want := fmt.Sprintf("events 1: recorded 20 hours after it happened: 20 of the 24 hours to %q have gone; due Thu 3 September 2026 at 10:00", title)
		if !slices.Contains(notes, want) {
			t.Errorf("the notes are\n  %s\nwithout\n  %s", strings.Join(notes, "\n  "), want)
		}
		if result := record(t, s, rules, "2026-09-03 06:00", noAccess(t)); len(result.Notes) > 0 {
			t.Errorf("the same event again is told %+v, want nothing", result.Notes)
		}
	})
}
