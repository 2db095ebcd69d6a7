package configs

import (
	"fmt"
	"maps"
	"slices"

	"example.org/doorstep/pathway"
)

// leastSerious is the largest severity a ladder can have.
const leastSerious = 9

// allLadders checks that every rung can be reached and tells somebody.
func (c *ruleCheck) allLadders() {
	if c.ladders["routine"] == nil {
		c.faults = append(c.faults, Fault{File: "pathways", Message: `there is no ladder "routine", which every duty climbs that names no other: add it`})
	}
	for _, id := range slices.Sorted(maps.Keys(c.ladders)) {
		c.ladder(c.ladders[id])
		c.urgency(c.ladders[id])
	}
}

// urgency checks that an urgent ladder is more serious than every ladder whose
// messages wait for office hours. Of two ladders that are not, the organisation's
// own is to be mended.
func (c *ruleCheck) urgency(l *ladderDocument) {
	for _, id := range slices.Sorted(maps.Keys(c.ladders)) {
		other := c.ladders[id]
		switch {
		case l.shipped || l.Severity > leastSerious:
		case !l.OfficeHours && other.OfficeHours && other.Severity == 0:
			l.fault(l.key+".severity", "ladder %s does not wait for office hours, so it must be more serious than %s, which does: give %s more than %d", l.ID, id, id, l.Severity)
			return
		case !l.OfficeHours && other.OfficeHours && l.Severity >= other.Severity:
			l.fault(l.key+".severity", "ladder %s does not wait for office hours, so it must be more serious than %s, which does: give it less than %d", l.ID, id, other.Severity)
			return
		case l.OfficeHours && !other.OfficeHours && other.shipped && l.Severity <= other.Severity:
			l.fault(l.key+".severity", "ladder %s waits for office hours, so it must be less serious than %s, which does not: give it more than %d", l.ID, id, other.Severity)
			return
		}
	}
}

func (c *ruleCheck) ladder(l *ladderDocument) {
	if l.Severity < 0 || l.Severity > leastSerious {
		l.fault(l.key+".severity", "%d is out of range: 0 is the most serious, %d the least", l.Severity, leastSerious)
	}
	if len(l.Rungs) == 0 {
		l.fault(l.key, "ladder %s has no rungs: nobody would be told", l.ID)
		return
	}
	told := false // at the due time or after it
	for i, rung := range l.Rungs {
		key := fmt.Sprintf("%s.rungs[%d]", l.key, i)
		told = told || rung.At.moment == pathway.AtDue || rung.At.moment == pathway.AfterDue
		if rung.At.text == "" {
			l.missing(key+".at", "start, set, due, 4 hours before, 2 working days after")
		}
		c.checkTold(l, key+".to", rung.To)
		if i > 0 && l.Rungs[i-1].At.moment != "" && rung.At.moment != "" {
			before := l.Rungs[i-1].At
			switch {
			case before == rung.At:
				l.fault(key+".at", "%q is there twice: put the people of both into one rung", rung.At.text)
			case position(before) > position(rung.At):
				l.fault(key+".at", "%q comes before %q above it: rungs stand in the order of time, for the later is the more serious", rung.At.text, before.text)
			}
		}
		if rung.At.moment == pathway.BeforeDue {
			c.reachable(l, key+".at", rung.At)
		}
	}
	c.again(l)
	if !told {
		l.fault(l.key, "ladder %s tells nobody once a duty is overdue: add a rung at due", l.ID)
	}
}

// again checks that what is said again has somebody to hear it and never ends.
func (c *ruleCheck) again(l *ladderDocument) {
	if !l.Again.isGiven() {
		return
	}
	c.checkTold(l, l.key+".again.to", l.Again.To)
	for i := 1; i < len(l.Again.After); i++ {
		if l.Again.After[i].offset.N <= l.Again.After[i-1].offset.N {
			l.fault(fmt.Sprintf("%s.again.after[%d]", l.key, i), "%s comes no later than %s before it: write them in order, each once", l.Again.After[i].offset, l.Again.After[i-1].offset)
		}
	}
	if l.Again.Every.offset.N == 0 {
		l.missing(l.key+".again.every", "how often a duty is said again until it is met, as in 1 working day")
	}
}

func (l *ladderDocument) missing(key, what string) {
	(&ruleDocument{document: l.document}).missing(key, what)
}

// checkTold checks that a rung tells somebody on every case.
func (c *ruleCheck) checkTold(l *ladderDocument, key string, to []string) {
	somebody := false
	for i, role := range to {
		somebody = somebody || role != string(pathway.Chair)
		if slices.Contains(to[:i], role) {
			l.fault(fmt.Sprintf("%s[%d]", key, i), "%s is there twice", role)
		}
	}
	switch {
	case len(to) == 0:
		l.missing(key, "who is told; the rung tells nobody")
	case !somebody:
		l.fault(key, "tells nobody on a case without a chair: add manager")
	}
}

// reachable checks that some duty on the ladder runs long enough for a rung
// before its due time.
func (c *ruleCheck) reachable(l *ladderDocument, key string, at rungTime) {
	climbed := false
	for _, r := range c.documents() {
		for i := range r.Duties {
			d := &r.Duties[i]
			if d.Ladder != l.ID {
				continue
			}
			climbed = true
			for _, due := range d.Due {
				// A day's clock ends at the end of the day, up to a day later.
				if due.Within.Anchor != pathway.FromOpening || hours(due.Within.Offset)+24 > hours(at.offset) {
					return
				}
			}
		}
	}
	if climbed {
		l.fault(key, "%q is never reached: every duty on ladder %s is due sooner than that after it opens", at.text, l.ID)
	}
}

// position orders the times of rungs.
func position(t rungTime) int {
	const due = 1 << 30
	switch t.moment {
	case pathway.AtStart:
		return 0
	case pathway.AtSet:
		return 1
	case pathway.BeforeDue:
		return due - hours(t.offset)
	case pathway.AfterDue:
		return due + hours(t.offset)
	}
	return due
}
