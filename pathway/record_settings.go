package pathway

import "time"

// noteSetting notes on an open duty that its date has been set or moved by what no event
// sets it with: a void, a row of a list of cases. Whoever must act on the date is told of
// it as of any that somebody else sets (guidance, "How time is counted", rule 6), and it
// goes on being known when the duty is derived again.
func (r *Recording) noteSetting(old *KeptDuty, d *Duty) {
	if !d.IsOpen() || d.Opened.After(r.now) { // one that time opens later says its date itself
		return
	}
	voids := r.lastVoid()
	if old.Set.After(d.Set) {
		d.Set, d.SetBy = old.Set, old.SetBy
	} else if d.Set.After(old.Set) {
		return // an event says it
	}
	if old.Moved.After(d.Moved) {
		d.Moved = old.Moved
	}
	// What was recorded in error made nothing late.
	if d.LateSince.IsZero() && voids == nil {
		d.LateSince = old.LateSince
	}
	moved := !sameInstant(old.Due, d.Due)
	inForceAgain := old.State == Ended && d.rule != nil && d.rule.Replaces // what had replaced it does not stand
	if !moved && !inForceAgain {
		return
	}
	d.Set, d.SetBy, d.Moved = r.now, r.setter(voids), r.now
	if moved && voids == nil && d.LateSince.IsZero() && old.Due.Before(r.now) {
		d.LateSince = old.Due
	}
}

// sameInstant compares as precisely as instants are kept.
func sameInstant(a, b time.Time) bool { return a.UnixMilli() == b.UnixMilli() }

// lastVoid is the last of the new events that voids another; nil where none does.
func (r *Recording) lastVoid() (last *Event) {
	for i := range r.NewEvents {
		if r.NewEvents[i].Kind == KindVoided {
			last = &r.NewEvents[i]
		}
	}
	return last
}

// setter is who set a date by other means than an event that sets it; empty where that is
// not known. Nobody says a row of a list.
func (r *Recording) setter(void *Event) string {
	switch {
	case void != nil:
		return void.By
	case r.Relisted:
		return ""
	}
	return r.SaidBy()
}
