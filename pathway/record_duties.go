package pathway

import "time"

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
