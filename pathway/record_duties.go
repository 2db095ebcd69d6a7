package pathway

import (
	"fmt"
	"strconv"
	"time"
)

// KeptDuty is what has to be known of a duty that is kept to see what changes.
type KeptDuty struct {
	Number        int64 // the database's own
	Duty, Opening string
	Derived       int64 // Recording.Digest of it; GoneDigest where no event calls for it
	State         State // Open, Met or Ended
	Due           time.Time
	Climbed       Progress
}

// GoneDigest marks a duty that no event calls for any more.
const GoneDigest = -1

// DutyChange is a duty as its events give it now, and what is kept of it.
type DutyChange struct {
	*Duty
	Number  int64 // KeptDuty.Number; 0 for a new one
	Derived int64
	Next    time.Time // when its next rung is due; zero: never
}

// DutyChanges is what a derivation makes of the duties that are kept.
type DutyChanges struct {
	List []DutyChange
	Gone []int64 // the numbers of those that no event calls for any more

	Opened, Met, Moved, Ended int // Moved: got another due time
}

// KeptState is a duty's state as it is kept. Whether it is overdue or was met late
// follows from its times.
func (d *Duty) KeptState() State {
	switch {
	case !d.Met.IsZero():
		return Met
	case !d.Ended.IsZero():
		return Ended
	}
	return Open
}

// compareDuties sets the duties that a case's events give now against those that are
// kept. What people were told stays told: a duty keeps its place on its ladder.
func compareDuties(rules *Rules, kept []KeptDuty, derived []Duty, digest func(*Duty) int64) DutyChanges {
	c := DutyChanges{List: make([]DutyChange, 0, len(derived))}
	found := make([]bool, len(kept))
	for i := range derived {
		d := DutyChange{Duty: &derived[i], Derived: digest(&derived[i])}
		var old *KeptDuty
		for k := range kept {
			if kept[k].Duty == d.ID && kept[k].Opening == d.Opening {
				old, found[k] = &kept[k], true
				break
			}
		}
		var climbed Progress
		if old != nil {
			if old.Derived == d.Derived {
				continue
			}
			d.Number, climbed = old.Number, old.Climbed
		}
		d.Why = d.Explain(rules.Calendar)
		if d.IsOpen() {
			// With a now before everything, the next rung is the first of those
			// that are not handled yet.
			d.Next = rules.Ladder(d.Ladder).Climb(d.Duty, climbed, rules.Calendar, time.Time{}).Next
		}
		c.List = append(c.List, d)
		c.count(old, d.Duty)
	}
	for k := range kept {
		if !found[k] && kept[k].Derived != GoneDigest {
			c.Gone = append(c.Gone, kept[k].Number)
			if kept[k].State != Ended {
				c.Ended++
			}
		}
	}
	return c
}

// count adds what became of one duty; old is nil for a new one.
func (c *DutyChanges) count(old *KeptDuty, d *Duty) {
	before, now := Open, d.KeptState()
	switch {
	case old == nil:
		c.Opened++
	default:
		before = old.State
		if now == Open && old.Due.UnixMilli() != d.Due.UnixMilli() {
			c.Moved++
		}
	}
	switch {
	case now == before:
	case now == Met:
		c.Met++
	case now == Ended:
		c.Ended++
	}
}

// lateFrom is how late an event must be recorded for its recorder to be told what of
// the clock has gone.
const lateFrom = time.Hour

// lateDuty is a duty of which part of the clock had gone when the event that opened
// it was recorded.
type lateDuty struct {
	row int
	*Duty
}

// findLate finds the open duties whose recorders are to be told how much of the clock
// has gone (How time is counted, rule 8).
func (r *Recording) findLate() {
	for i := range r.Duties.List {
		d := &r.Duties.List[i]
		if d.Number != 0 || !d.IsOpen() || d.Recorded.Sub(d.Opened) < lateFrom {
			continue
		}
		if row, isNew := r.rows[d.Opening]; isNew {
			r.late = append(r.late, lateDuty{row, d.Duty})
		}
	}
}

// NoteCount is how many notes there are.
func (r *Recording) NoteCount() int { return len(r.late) }

// Notes returns what those who recorded the rows should know, up to so many.
func (r *Recording) Notes(rules *Rules, most int) []RowNote {
	var notes []RowNote
	for i := range r.late[:min(len(r.late), most)] {
		notes = append(notes, r.late[i].note(rules))
	}
	return notes
}

func (d *lateDuty) note(rules *Rules) RowNote {
	title := rules.Title(d.Duty)
	late, clock := d.Recorded.Sub(d.Opened), d.Due.Sub(d.Opened)
	gone := fmt.Sprintf("%s of the %s to %q have gone", part(late, clock), length(clock), title)
	if late >= clock {
		gone = fmt.Sprintf("the time to %q had run out by then", title)
	}
	return RowNote{OfEvents, d.row, fmt.Sprintf("recorded %s after it happened: %s; due %s",
		length(late), gone, d.Due.In(rules.Calendar.Location()).Format("Mon 2 January 2006 at 15:04"))}
}

// longInHours is the length of time from which days say more than hours.
const longInHours = 72 * time.Hour

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
