package pathway

import (
	"fmt"
	"hash/crc32"
	"testing"
	"time"
)

// kept is what a database keeps of a recording's duties.
func kept(r *Recording) (out []KeptDuty) {
	for i := range r.Duties.List {
		d := &r.Duties.List[i]
		out = append(out, KeptDuty{Number: int64(i + 1), Duty: d.ID, Opening: d.Opening, Derived: d.Derived, State: d.KeptState(), Opened: d.Opened,
			Due: d.Due, Moved: d.Moved, Set: d.Set, SetBy: d.SetBy, LateSince: d.LateSince})
	}
	return out
}

// TestARowThatMovesADateIsASetting: what a list of cases says of a case may move the date
// of a duty, and whoever must act on it is told as of any date that somebody else sets.
// What becomes of the duty later does not make that unknown.
func TestARowThatMovesADateIsASetting(t *testing.T) {
	cal := organisation(t)
	rules := NewRules(cal, map[string]*Ladder{"routine": routine})
	rules.AddPathway(pathwayOf(t, "csc-plan", duty{id: "see-child", opens: "opened", metBy: "seen", checklist: "one | two",
		due: "at least every 20 working days if plan is cin | at least every 10 working days"}), time.Time{})
	opened := clock(t, cal, "2026-09-01 09:00")
	before := Case{Ref: "KN-7", Pathway: "csc-plan", Plan: "cin", Opened: opened, Recorded: opened, Practitioner: "W1", Manager: "M1"}
	for _, tt := range []struct {
		name                  string
		change                func(c *Case)
		at                    string
		due, set, moved, late string
	}{
		{"nothing about a date", func(c *Case) { c.Team = "East" }, "2026-09-02 10:00", "2026-09-29 17:00", "-", "-", "-"},
		{"another frequency", func(c *Case) { c.VisitEvery = Offset{5, WorkingDays} }, "2026-09-02 10:00", "2026-09-08 17:00", "2026-09-02 10:00", "2026-09-02 10:00", "-"},
		{"a frequency that is longer changes nothing", func(c *Case) { c.VisitEvery = Offset{30, WorkingDays} }, "2026-09-02 10:00", "2026-09-29 17:00", "-", "-", "-"},
		{"another plan", func(c *Case) { c.Plan = "cp" }, "2026-09-02 10:00", "2026-09-15 17:00", "2026-09-02 10:00", "2026-09-02 10:00", "-"},
		{"another plan when it would have been due", func(c *Case) { c.Plan = "cp" }, "2026-09-16 10:00", "2026-09-15 17:00", "2026-09-16 10:00", "2026-09-16 10:00", "-"},
		{"a shorter frequency taken back when it was overdue", func(c *Case) { c.VisitEvery = Offset{} }, "2026-09-10 10:00", "2026-09-29 17:00", "2026-09-10 10:00", "2026-09-10 10:00", "2026-09-08 17:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := before
			if tt.late != "-" {
				before.VisitEvery = Offset{5, WorkingDays}
			}
			recording := func(known *Known, at time.Time, c *Case, events ...EventRow) *Recording {
				r := &Recording{Ref: "KN-7", Roles: map[string]Role{"W1": Practitioner, "M1": Manager}, Known: known, Events: events,
					Digest:       func(d *Duty) int64 { return int64(crc32.ChecksumIEEE(fmt.Append(nil, d.Due, d.Met, d.Missing, d.Set))) },
					DigestOfCase: func(c *Case) int64 { return int64(crc32.ChecksumIEEE(fmt.Append(nil, *c))) }}
				if c != nil {
					r.Cases = []CaseRow{{Row: 1, Case: *c, Given: GivenAll}}
				}
				if r.WorkOut(rules, nil, at); r.Kept == nil || len(r.Faults) > 0 {
					t.Fatalf("refused: %v", r.Faults)
				}
				return r
			}
			first := recording(nil, opened, &before)
			after := before
			tt.change(&after)
			changedAt := clock(t, cal, tt.at)
			changed := recording(&Known{Case: first.Kept, Duties: kept(first)}, changedAt, &after)
			duties := kept(changed)
			if len(duties) == 0 { // it says the same as before
				duties = kept(first)
			}
			ticked := EventRow{Row: 1, Given: GivenAll, Event: Event{ID: "e1", Case: "KN-7", Kind: KindSeen, Value: "one", At: changedAt.Add(time.Hour), Recorded: changedAt.Add(time.Hour), By: "W1"}}
			later := recording(&Known{Case: changed.Kept, Duties: duties}, changedAt.Add(time.Hour), nil, ticked)
			for when, d := range map[string]KeptDuty{"then": duties[0], "after another event": kept(later)[0]} {
				got := [4]string{minuteOf(cal, d.Due), minuteOf(cal, d.Set), minuteOf(cal, d.Moved), minuteOf(cal, d.LateSince)}
				if want := [4]string{tt.due, tt.set, tt.moved, tt.late}; got != want {
					t.Errorf("%s due, set, moved, late since %q, want %q", when, got, want)
				}
				if d.SetBy != "" {
					t.Errorf("%s set by %q: nobody says a row of a list", when, d.SetBy)
				}
			}
		})
	}
}

// minuteOf writes an instant as the tests read them; "-" for none.
func minuteOf(cal *Calendar, t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(cal.Location()).Format("2006-01-02 15:04")
}
