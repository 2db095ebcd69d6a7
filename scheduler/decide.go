package scheduler

import (
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// decision is what a scan makes of one rung for one person and channel.
type decision struct {
	rung       pathway.RungRule
	telling    pathway.Telling
	mergedInto string // the rung that says it instead
	standsFor  int    // missed rungs that this one says
}

// climbed is what a scan makes of one duty.
type climbed struct {
	decisions []decision
	progress  pathway.Progress
	next      time.Time // zero: never
	postponed bool      // until the office opens
}

// decide takes a duty up its ladder at now. It is a pure function. Several rungs that
// were missed are told as the most serious of them, to everybody whom one of them would
// have told; the others are kept with the name of the rung they were merged into. What
// waits for office hours waits also where a scan comes late: its rungs are then merged
// when the office opens.
func decide(l *pathway.Ladder, d *store.DueDuty, cal *pathway.Calendar, dir *pathway.Directory, now time.Time) climbed {
	if opens := cal.NextOffice(now); l.OfficeHours && opens.After(now) {
		return climbed{progress: d.Climbed, next: opens, postponed: true}
	}
	climb := l.Climb(&d.Duty, d.Climbed, cal, now)
	c := climbed{
		progress: pathway.Progress{Due: d.Due, Through: now},
		next:     climb.Next,
	}
	if climb.Now == nil {
		return c
	}
	told := tellEachOnce(l, climb.Now.RungRule, d, dir, now)
	var merged []decision
	for _, missed := range climb.Merged {
		for _, t := range tellEachOnce(l, missed.RungRule, d, dir, now) {
			told = alsoTell(told, t)
			m := decision{rung: missed.RungRule, telling: t}
			if t.Reason == pathway.Sent {
				m.telling.Reason = pathway.MergedInto
				m.mergedInto = climb.Now.Name()
			}
			merged = append(merged, m)
		}
	}
	for _, t := range told {
		c.decisions = append(c.decisions, decision{rung: climb.Now.RungRule, telling: t, standsFor: len(climb.Merged)})
	}
	c.decisions = append(c.decisions, merged...)
	return c
}

// alsoTell adds somebody whom a missed rung would have told to those whom the rung that
// says it tells. Whom one of them leaves out is left out of that one only.
func alsoTell(told []pathway.Telling, missed pathway.Telling) []pathway.Telling {
	if missed.Reason != pathway.Sent {
		return told
	}
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
