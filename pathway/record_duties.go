package pathway

import (
	"slices"
	"time"
)

// KeptDuty is what has to be known of a duty that is kept to see what changes.
type KeptDuty struct {
	Number        int64 // the database's own
	Duty, Opening string
	Derived       int64 // Recording.Digest of it; GoneDigest where no event calls for it
	State         State // Open, Met or Ended
	Opened        time.Time
	Due           time.Time
	Moved, Set    time.Time
	SetBy         string
	LateSince     time.Time
	Climbed       Progress
}

// GoneDigest marks a duty that no event calls for any more.
const GoneDigest = -1

// DutyChange is a duty as its events give it now, and what is kept of it.
type DutyChange struct {
	*Duty
	old     *KeptDuty // nil for a new one
	Number  int64     // KeptDuty.Number; 0 for a new one
	Derived int64
	Next    time.Time // when its next rung is due; zero: never
}

// Was returns what was kept of the duty before; nil for a new one.
func (d *DutyChange) Was() *KeptDuty { return d.old }

// Became says what has become of the duty at now: nothing yet of one that opens later.
func (d *DutyChange) Became(now time.Time) Becoming { return became(d.old, d.Duty, now) }

// DutyChanges is what a derivation makes of the duties that are kept.
type DutyChanges struct {
	List []DutyChange
	Gone []GoneDuty
	// Never are the numbers of those that need not be kept: they would have opened by
	// themselves, what happened has prevented it, and nobody was told of them.
	Never []int64

	Opened, Met, Moved, Ended int // Moved: got another due time
	// Said are those of which a new event says by text that they are done.
	Said int
}

// GoneDuty is a duty that no event calls for any more.
type GoneDuty struct {
	Number int64
	Why    string
}

const (
	voidedOpening = "the event that opened it was recorded in error"
	settledBefore = "it had been settled by then, which was recorded later"
)

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
func (r *Recording) compareDuties(rules *Rules, derived []Duty) {
	c := DutyChanges{List: make([]DutyChange, 0, len(derived))}
	type key struct{ duty, opening string }
	var kept []KeptDuty
	var before map[key]int
	if r.Known != nil && len(r.Known.Duties) > 0 {
		kept = r.Known.Duties
		before = make(map[key]int, len(kept))
		for k := range kept {
			before[key{kept[k].Duty, kept[k].Opening}] = k
		}
	}
	said := r.newlySaid()
	found := make([]bool, len(kept))
	for i := range derived {
		d := DutyChange{Duty: &derived[i], Derived: r.Digest(&derived[i])}
		var old *KeptDuty
		if k, known := before[key{d.ID, d.Opening}]; known {
			old, found[k] = &kept[k], true
		}
		var climbed Progress
		if old != nil {
			if old.Derived == d.Derived {
				r.noteOverdue(d.Duty, old.LateSince)
				continue
			}
			d.old, d.Number, climbed = old, old.Number, old.Climbed
			r.noteSetting(old, d.Duty)
		}
		r.noteOverdue(d.Duty, d.LateSince)
		d.Why = d.Explain(rules.Calendar)
		if d.IsOpen() {
			// With a now before everything, the next rung is the first of those
			// that are not handled yet.
			d.Next = rules.Ladder(d.Ladder).Climb(d.Duty, climbed, rules.Calendar, time.Time{}).Next
		}
		c.List = append(c.List, d)
		c.count(became(old, d.Duty, r.now))
		if d.IsOpen() && said[d.SaidBy] {
			c.Said++
		}
	}
	r.Duties = c
	var was time.Time
	for k := range kept {
		if d := &kept[k]; d.State == Open {
			was = overdueFrom(was, d.Opened, d.Due, d.LateSince)
		}
		if !found[k] && kept[k].Derived != GoneDigest {
			r.dutyGone(rules, &kept[k])
		}
	}
	r.OverdueMoved = was.UnixMilli() != r.OverdueFrom.UnixMilli()
}

// overdueFrom is before when nothing of a case is overdue, with an open duty besides those
// of which that is known so far (zero: none). What was moved when it was overdue is overdue
// as long as it is open.
func overdueFrom(soFar, opened, due, lateSince time.Time) time.Time {
	from := due
	if !lateSince.IsZero() {
		from = opened
	}
	if soFar.IsZero() || from.Before(soFar) {
		return from
	}
	return soFar
}

func (r *Recording) noteOverdue(d *Duty, lateSince time.Time) {
	if d.IsOpen() {
		r.OverdueFrom = overdueFrom(r.OverdueFrom, d.Opened, d.Due, lateSince)
	}
}

// dutyGone sets aside a duty that is kept and that no event calls for any more.
func (r *Recording) dutyGone(rules *Rules, d *KeptDuty) {
	settled := r.opensByItself(rules, d) && r.stillStands(d.Opening)
	if d.Opened.After(r.now) || settled && d.Climbed.Through.IsZero() {
		r.Duties.Never = append(r.Duties.Never, d.Number)
		return
	}
	why := voidedOpening
	if settled {
		why = settledBefore
	}
	r.Duties.Gone = append(r.Duties.Gone, GoneDuty{d.Number, why})
	if d.State != Ended {
		r.Duties.Ended++
	}
}

// opensByItself reports whether time opens the duty, and no event.
func (r *Recording) opensByItself(rules *Rules, d *KeptDuty) bool {
	p := rules.Pathway(r.Kept.Now.Pathway)
	if p == nil {
		return false
	}
	rule := p.Rule(d.Duty)
	return rule != nil && slices.ContainsFunc(rule.Opens, func(t Trigger) bool { return t.ComesByItself() })
}

// stillStands reports whether an event counts, or is the case's opening.
func (r *Recording) stillStands(id string) bool {
	return !Voided(r.allEvents())[id]
}

// became says what has become of a duty at now; old is nil for a new one. One may open
// and be met by what came in together; one that opens later has become nothing yet. One
// that no event called for any more, and one does again, opens anew.
func became(old *KeptDuty, d *Duty, now time.Time) (b Becoming) {
	if d.Opened.After(now) {
		return b
	}
	before, state := Open, d.KeptState()
	if b.Opened = isNew(old); !b.Opened {
		before = old.State
		b.Moved = state == Open && old.Due.UnixMilli() != d.Due.UnixMilli()
	}
	b.Met, b.Ended = state == Met && state != before, state == Ended && state != before
	return b
}

// isNew reports whether a duty of which this is kept was not the case's until now.
func isNew(old *KeptDuty) bool { return old == nil || old.Derived == GoneDigest }

func (c *DutyChanges) count(b Becoming) {
	for _, is := range []struct {
		so bool
		n  *int
	}{{b.Opened, &c.Opened}, {b.Moved, &c.Moved}, {b.Met, &c.Met}, {b.Ended, &c.Ended}} {
		if is.so {
			*is.n++
		}
	}
}

// Becoming is what has become of a duty.
type Becoming struct{ Opened, Moved, Met, Ended bool } // Moved: got another due time

// DutyStep is one duty of a case, and what has become of it.
type DutyStep struct {
	Becoming
	Duty, Opening string
	Was           time.Time // when it was due before; zero for a new one
}

// DutySteps returns what has become of the case's duties, in the order of the pathway,
// and last of those that no event calls for any more. What only says something else of
// itself, or is to open later, is left out.
func (r *Recording) DutySteps() []DutyStep {
	var steps []DutyStep
	for i := range r.Duties.List {
		d := &r.Duties.List[i]
		step := DutyStep{Becoming: d.Became(r.now), Duty: d.ID, Opening: d.Opening}
		if !isNew(d.old) {
			step.Was = d.old.Due
		}
		if step.Becoming != (Becoming{}) {
			steps = append(steps, step)
		}
	}
	if r.Known == nil {
		return steps
	}
	for i := range r.Known.Duties {
		k := &r.Known.Duties[i]
		gone := slices.ContainsFunc(r.Duties.Gone, func(g GoneDuty) bool { return g.Number == k.Number })
		if k.State != Ended && gone {
			steps = append(steps, DutyStep{Becoming: Becoming{Ended: true}, Duty: k.Duty, Opening: k.Opening, Was: k.Due})
		}
	}
	return steps
}
