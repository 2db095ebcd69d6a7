package scheduler

import (
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// sayAhead lets an urgent message that goes now about a visit name what else the visit has
// opened and what waits, for the morning or for the office: when its time comes, its
// reader knows. What waits sends nothing by itself before then, and is left where it
// stands on its ladder.
func (b *batch) sayAhead(decided []climbed, messages map[string]int) error {
	if !b.somethingRests() {
		return nil
	}
	var cases []string
	for i := range b.data.Due {
		d := &b.data.Due[i]
		if decided[i].postponed && d.Climbed.Through.IsZero() {
			b.sayStart(d, messages)
		}
		for j := range decided[i].decisions {
			if b.scan.visits[visitOf(d, &decided[i].decisions[j])] && !slices.Contains(cases, d.Case) {
				cases = append(cases, d.Case)
			}
		}
	}
	if len(cases) == 0 {
		return nil
	}
	untold, err := b.data.Untold(cases)
	if err != nil {
		return err
	}
	ids := make([]string, 0, 3*len(untold))
	for i := range untold {
		ids = append(ids, untold[i].Allocation.Practitioner, untold[i].Allocation.Manager, untold[i].Allocation.Chair)
	}
	if err := b.scan.people.load(ids, b.data.People); err != nil {
		return err
	}
	for i := range untold {
		d := &untold[i]
		d.Allocation = b.scan.rules.Concerned(&d.Duty, d.Allocation, b.scan.people.People)
		b.sayStart(d, messages)
	}
	return nil
}

// somethingRests reports whether there are ladders whose messages do not go at this hour.
func (b *batch) somethingRests() bool {
	for _, l := range b.scan.rules.Ladders {
		if l.MayGo(&pathway.Duty{Paperwork: true}, b.scan.rules.Calendar, b.scan.now).After(b.scan.now) {
			return true
		}
	}
	return false
}

// sayStart has the start of a duty said by the urgent messages of this scan about the same
// visit.
func (b *batch) sayStart(d *store.DueDuty, messages map[string]int) {
	ladder := b.scan.rules.Ladder(d.Ladder)
	if ladder == nil || d.IsSilenced(pathway.AtStart) {
		return
	}
	said := false
	for _, rung := range ladder.Steps(&d.Duty, b.scan.rules.Calendar) {
		if rung.Moment != pathway.AtStart {
			continue
		}
		for _, t := range tellEachOnce(ladder, rung.RungRule, d, &b.scan.people.Directory, b.scan.now) {
			c := decision{rung: rung, telling: t}
			if t.Reason == pathway.Sent && b.scan.visits[visitOf(d, &c)] && b.isUrgent(ladder, d, &c) {
				b.write(ladder, d, c, messages)
				said = true
			}
		}
	}
	if !said {
		return
	}
	// It has begun, so that a later scan looks at what was said; none of its rungs is
	// handled.
	begun := store.Climbed{Duty: d.ID, Progress: pathway.Progress{Due: d.Due, Through: d.Opened.Add(-time.Millisecond), Set: d.Climbed.Set}, Next: d.NextRung}
	for i := range b.data.Climbed {
		if b.data.Climbed[i].Duty == d.ID {
			begun.Next = b.data.Climbed[i].Next
			b.data.Climbed[i] = begun
			return
		}
	}
	b.data.Climbed = append(b.data.Climbed, begun)
}
