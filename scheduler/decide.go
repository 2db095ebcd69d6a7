package scheduler

import (
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// decision is what a scan makes of one rung for one person and channel.
type decision struct {
	rung       pathway.Rung
	telling    pathway.Telling
	mergedInto string // the rung that says it instead
	standsFor  int    // missed rungs that this one says
}

// climbed is what a scan makes of one duty.
type climbed struct {
	decisions []decision
	progress  pathway.Progress
	next      time.Time // zero: never
	postponed bool      // until the office opens, or until the morning
}

// knowing is what is known of a duty besides itself when its rung is decided.
type knowing struct {
	said  map[store.ReminderKey]bool // what the ledger holds already
	quiet func(person string) bool   // whether somebody has just acknowledged the duty
}

// decide takes a duty up its ladder at now. It is a pure function. Several rungs that
// were missed are told as the most serious of them, to everybody whom one of them would
// have told; the others are kept with the name of the rung they were merged into. What
// waits for office hours, or for the morning, waits also where a scan comes late: its
// rungs are then merged when its time comes.
func decide(l *pathway.Ladder, d *store.DueDuty, cal *pathway.Calendar, dir *pathway.Directory, now time.Time, known knowing) climbed {
	climb := l.Climb(&d.Duty, d.Climbed, cal, now)
	if opens := l.MayGo(&d.Duty, cal, now); opens.After(now) &&
		(climb.Now == nil || climb.Now.Moment != pathway.BeforeDue || !l.PutForward(&d.Duty, cal, now)) {
		return climbed{progress: d.Climbed, next: opens, postponed: true}
	}
	c := climbed{
		progress: pathway.Progress{Due: d.Due, Through: now, Set: d.Climbed.Set},
		next:     climb.Next,
	}
	if d.Set.After(c.progress.Set) {
		c.progress.Set = d.Set
	}
	if climb.Now == nil {
		return c
	}
	told := tellEachOnce(l, climb.Now.RungRule, d, dir, now)
	var merged []decision
	for _, missed := range climb.Merged {
		for _, t := range tellEachOnce(l, missed.RungRule, d, dir, now) {
			if t.Reason == pathway.Sent && !d.IsSilenced(missed.Moment) && !known.said[keyOfRung(d, &missed, &t)] {
				told = alsoTell(told, t)
			}
			m := decision{rung: missed, telling: t}
			if t.Reason == pathway.Sent {
				m.telling.Reason = pathway.MergedInto
				m.mergedInto = climb.Now.Name()
			}
			merged = append(merged, m)
		}
	}
	for _, t := range told {
		c.decisions = append(c.decisions, decision{rung: *climb.Now, telling: t, standsFor: climb.Missed})
	}
	c.decisions = append(c.decisions, merged...)
	for i := range c.decisions {
		c.decisions[i].hold(d, known)
	}
	return c
}

// hold takes back what is not to be sent although the rung's time has come: of a duty
// that a later one has taken over nothing is, and what is said again is not to somebody
// who has just said that they know.
func (c *decision) hold(d *store.DueDuty, known knowing) {
	switch {
	case c.telling.Reason != pathway.Sent && c.telling.Reason != pathway.MergedInto:
	case d.IsSilenced(c.rung.Moment):
		c.telling.Reason, c.mergedInto = pathway.TakenOver, ""
	case c.rung.Moment == pathway.Again && known.quiet(c.telling.Person.ID):
		c.telling.Reason = store.ReasonAcknowledged
	}
}

// keyOfRung is what the ledger knows of telling somebody a rung of a duty.
func keyOfRung(d *store.DueDuty, r *pathway.Rung, t *pathway.Telling) store.ReminderKey {
	key := store.ReminderKey{Duty: d.ID, Due: d.Due.UnixMilli(), Rung: r.Name(), Person: t.Person.ID, Channel: t.Channel}
	switch {
	case r.Moment == pathway.AtStart:
		key.Due = 0
	case r.Instant():
		key.Due = r.At.UnixMilli()
	}
	return key
}

// alsoTell adds somebody whom a missed rung would have told to those whom the rung that
// says it tells. Whom one of them leaves out is left out of that one only.
func alsoTell(told []pathway.Telling, missed pathway.Telling) []pathway.Telling {
	for i := range told {
		if told[i].Person.ID == missed.Person.ID && told[i].Channel == missed.Channel {
			if told[i].Reason != pathway.Sent {
				told[i] = missed
			}
			return told
		}
	}
	return append(told, missed)
}

// tellEachOnce returns one decision for each person and channel: of somebody who is
// meant in two roles, the one by which they are told.
func tellEachOnce(l *pathway.Ladder, rung pathway.RungRule, d *store.DueDuty, dir *pathway.Directory, now time.Time) []pathway.Telling {
	var out []pathway.Telling
next:
	for _, t := range pathway.Tell(l, rung, &d.Duty, d.Allocation, dir, now) {
		for i := range out {
			if out[i].Person.ID == t.Person.ID && out[i].Channel == t.Channel {
				if t.Reason == pathway.Sent {
					out[i] = t
				}
				continue next
			}
		}
		out = append(out, t)
	}
	return out
}
