package pathway

import (
	"slices"
	"time"
)

// The ways in which an event comes (Event.Way).
const (
	WayFile    = "file"
	WayText    = "text"
	WayCommand = "command"
	WayPage    = "page"
	WayAPI     = "api"
)

// ToConfirm reports whether an event only stands as said: a number that texts can be
// forged, so what meets a duty towards a child counts once the same is recorded by
// another way (Kind.ByText).
func (e *Event) ToConfirm() bool { return e.Way == WayText && !KindOf(e.Kind).ByText }

// WayInWords says by which way an event came; empty where that is not known.
func (e *Event) WayInWords() string {
	switch e.Way {
	case WayFile:
		return "from a file"
	case WayText:
		return "said by text"
	case WayCommand:
		return "by command"
	case WayPage:
		return "on the page"
	case WayAPI:
		return "from another system"
	}
	return ""
}

// saidBy returns the events that only stand as said, in order, without those that stand
// voided.
func saidBy(events []Event) (said []Event) {
	var voided map[string]bool
	for i := range events {
		e := &events[i]
		if !e.ToConfirm() {
			continue
		}
		if said == nil {
			voided = Voided(events)
		}
		if !voided[e.ID] {
			said = append(said, *e)
		}
	}
	slices.SortFunc(said, func(a, b Event) int { return compareRecords(&a, &b) })
	return said
}

// noteSaid notes on the duties that are still open who said by text that they are done.
// They stay open.
func (d *derivation) noteSaid(said []Event) {
	for i := range said {
		e := &said[i]
		for j := range d.byRule {
			of := &d.byRule[j]
			if len(of.rule.Checklist) > 0 || !d.anyMatch(of.rule.MetBy, e) {
				continue
			}
			for _, place := range of.open {
				if duty := &d.duties[place]; duty.Said.IsZero() && !e.At.Before(duty.Opened) {
					duty.Said, duty.SaidBy = e.At, e.ID
				}
			}
		}
	}
}

// SaidAt is when somebody said by text that the duty is done, which is still to be
// confirmed; zero: nobody has.
func (d *Duty) SaidAt() time.Time {
	if d.IsOpen() {
		return d.Said
	}
	return time.Time{}
}
