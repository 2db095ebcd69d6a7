package pathway

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// remark is something that whoever recorded a row should know. It is put into words
// only where it is told.
type remark struct {
	of  string
	row int
	say func(*Rules) string
}

func (r *Recording) remark(row int, say func(*Rules) string) {
	r.remarks = append(r.remarks, remark{OfEvents, row, say})
}

// NoteCount is how many notes there are.
func (r *Recording) NoteCount() int { return len(r.remarks) }

// Notes returns what those who recorded the rows should know, up to so many, in the
// order of the rows.
func (r *Recording) Notes(rules *Rules, most int) []RowNote {
	if len(r.remarks) == 0 {
		return nil
	}
	slices.SortStableFunc(r.remarks, func(a, b remark) int { return cmp.Compare(a.row, b.row) })
	var notes []RowNote
	for _, m := range r.remarks[:min(len(r.remarks), most)] {
		notes = append(notes, RowNote{m.of, m.row, m.say(rules)})
	}
	return notes
}

// noteAddress says that no letter can be posted to an address that a row brings, as long
// as the case is open and there is to be any letter. Cases without an address are many.
func (r *Recording) noteAddress(row int, before, c *Case) {
	switch {
	case !c.SafeToWrite, !c.Closed.IsZero(), len(c.Address) == 0 && c.Postcode == "":
		return
	case before != nil && before.Postcode == c.Postcode && before.Addressee == c.Addressee && slices.Equal(before.Address, c.Address):
		return
	}
	addressee := c.Addressee
	if addressee == "" {
		addressee = "The parent or carer" // or what the wording has for it
	}
	if fault := PostalFault(addressee, c.Address, c.Postcode); fault != nil {
		r.remarks = append(r.remarks, remark{OfCases, row, func(*Rules) string {
			return fmt.Sprintf("no letter can be posted to this family: column %s: %s", fault.Column, fault.Message)
		}})
	}
}

// noteNewEvents finds what is to be known of new events by themselves: their time,
// and who says them.
func (r *Recording) noteNewEvents(rules *Rules) {
	for i := range r.NewEvents {
		e := &r.NewEvents[i]
		row, inRows := r.rows[e.ID]
		if !inRows {
			continue
		}
		r.noteTime(rules.Calendar, row, e)
		if role := r.roleOf(e); role != "" && !mayBeSaidBy(e.Kind, role) {
			kind, by := e.Kind, e.By
			r.remark(row, func(*Rules) string {
				return fmt.Sprintf("%s is not for a %s to record, and %s is one: it is taken as recorded; have it confirmed by whoever decides it", kind, spokenRole(role), by)
			})
		}
	}
}

// noteTime says what is odd about when something happened (How time is counted,
// rule 8).
func (r *Recording) noteTime(calendar *Calendar, row int, e *Event) {
	at, opened := e.At, r.Kept.Opened
	if calendar.DateOf(at).Before(calendar.DateOf(opened)) {
		r.remark(row, func(*Rules) string {
			return fmt.Sprintf("lies before the case was opened on %s: check the date, and the case", calendar.DateOf(opened))
		})
	}
	switch e.AtClock {
	case ShownTwice:
		r.remark(row, func(*Rules) string {
			return fmt.Sprintf("at: the clocks showed this time twice that night: it is taken for the first, %s; where it was the second, void it and record it as %s",
				calendar.shown(at), at.Add(time.Hour).In(time.UTC).Format(time.RFC3339))
		})
	case Skipped:
		r.remark(row, func(*Rules) string {
			return fmt.Sprintf("at: the clocks skipped this time that night: it is taken for %s; where that is wrong, void it and record it with its offset", calendar.shown(at))
		})
	}
}

// shown is an instant with the organisation's own distance from UTC.
func (c *Calendar) shown(t time.Time) string { return t.In(c.Location()).Format(time.RFC3339) }

// roleOf is the role in which somebody says an event: what they are on the case, else
// what they are in the organisation; empty where nobody knows.
func (r *Recording) roleOf(e *Event) Role {
	switch {
	case e.By == "":
		return ""
	case e.By == r.Kept.Manager:
		return Manager
	case e.By == r.Kept.Chair:
		return Chair
	case e.By == r.Kept.Now.Practitioner:
		return Practitioner
	case e.ByRole == ServiceManager:
		return Manager
	}
	return e.ByRole
}

// spokenRole is a role as people say it.
func spokenRole(r Role) string {
	switch r {
	case ServiceManager:
		return "service manager"
	case Admin:
		return "member of admin staff"
	}
	return string(r)
}

// noteUnheeded says which of the new events count for nothing, and why.
func (r *Recording) noteUnheeded(unheeded []Unheeded) {
	for i := range unheeded {
		if row, isNew := r.rows[unheeded[i].Event.ID]; isNew {
			r.remark(row, unheeded[i].say)
		}
	}
}

// lateFrom is how late an event must be recorded for its recorder to be told what of
// the clock has gone.
const lateFrom = time.Hour

// lateRecord is how long after it happened the event that opened a duty was recorded;
// zero where that is no news.
func (d *Duty) lateRecord() time.Duration {
	if late := d.Recorded.Sub(d.Opened); late >= lateFrom {
		return late
	}
	return 0
}

// findLate finds the open duties whose recorders are to be told how much of the clock
// has gone (How time is counted, rule 8).
func (r *Recording) findLate() {
	for i := range r.Duties.List {
		d := &r.Duties.List[i]
		if d.Number != 0 || !d.IsOpen() || d.lateRecord() == 0 || part(d.lateRecord(), d.Due.Sub(d.Opened)) == "0" {
			continue // nothing of its clock has gone
		}
		if row, isNew := r.rows[d.Opening]; isNew {
			duty := d.Duty
			r.remark(row, func(rules *Rules) string { return duty.sayLate(rules) })
		}
	}
}

// sayLate says how much of a duty's clock had gone when the event that opened it was
// recorded.
func (d *Duty) sayLate(rules *Rules) string {
	title := rules.Title(d)
	late, clock := d.Recorded.Sub(d.Opened), d.Due.Sub(d.Opened)
	gone := fmt.Sprintf("%s of the %s to %q have gone", part(late, clock), length(clock), title)
	if late >= clock {
		gone = fmt.Sprintf("the time to %q had run out by then", title)
	}
	return fmt.Sprintf("recorded %s after it happened: %s; due %s",
		length(late), gone, d.Due.In(rules.Calendar.Location()).Format("Mon 2 January 2006 at 15:04"))
}

// longInHours is the length of time from which days say more than hours.
const longInHours = 72 * time.Hour

// Left says how much of the clock is left at now; empty: nothing is.
func (d *Duty) Left(now time.Time) string {
	switch left := d.Due.Sub(now); {
	case left <= 0:
		return ""
	case left < time.Hour:
		return "less than an hour"
	default:
		return length(left)
	}
}

// RecordedAfter says how long after it happened the event that opened a duty was
// recorded; empty where that is no news.
func (d *Duty) RecordedAfter() string {
	if late := d.lateRecord(); late > 0 {
		return length(late)
	}
	return ""
}

// length says a length of time in whole hours, or in days where it is long.
func length(d time.Duration) string {
	if d > longInHours {
		return Counted(int(d/(24*time.Hour)), "day")
	}
	return Counted(int(d/time.Hour), "hour")
}

// part says a part of a length of time in the unit of the whole.
func part(d, whole time.Duration) string {
	if whole > longInHours {
		return strconv.Itoa(int(d / (24 * time.Hour)))
	}
	return strconv.Itoa(int(d / time.Hour))
}
