package pathway

import (
	"fmt"
	"time"
)

// Unheeded is an event that counts for nothing although it seems to be about
// something: whoever recorded it has to know.
type Unheeded struct {
	Event *Event
	// Closed is when the case was over by then; zero: it was not.
	Closed time.Time
	// Duty is one that was open, and which such an event meets or moves only where
	// somebody in the role By says it.
	Duty *Duty
	By   Role
}

// say puts it into words.
func (u *Unheeded) say(rules *Rules) string {
	if !u.Closed.IsZero() {
		return fmt.Sprintf("the case was closed on %s: this opens and meets nothing; reopen the case, or correct the date",
			u.Closed.In(rules.Calendar.Location()).Format("Mon 2 January 2006 at 15:04"))
	}
	said := "this one is by " + u.Event.By
	if u.Event.By == "" {
		said = "this one does not say by whom"
	}
	return fmt.Sprintf("does not count for %q: that takes %s by the %s, and %s", rules.Title(u.Duty), u.Event.Kind, spokenRole(u.By), said)
}

// afterClosing notes an event that comes when the case is over. What by its nature
// comes then is none.
func (d *derivation) afterClosing(e *Event, closed time.Time) {
	if e.Kind != KindCardLeft && e.Kind != KindLetterSent && KindOf(e.Kind).MeetsNothing == "" {
		d.unheeded = append(d.unheeded, Unheeded{Event: e, Closed: closed})
	}
}

// closedAsRecorded returns since when the case was closed when a visit was recorded, or
// happened; zero: it was open. What was recorded together with the visit, as one file
// brings both, has reopened the case by then, and not closed it yet; so has a reopening
// from before the visit that became known later. A case that became
// known when it was over has a history that is no news.
func (d *derivation) closedAsRecorded(visit *Event) (since time.Time) {
	if d.standing.Closed {
		return d.closed
	}
	for _, i := range d.endings {
		switch e := &d.events[i]; {
		case e.Kind == KindReopened && !e.At.After(visit.At):
			since = time.Time{}
		case e.Recorded.After(visit.Recorded) || e.At.After(visit.Recorded):
		case e.Kind == KindReopened:
			since = time.Time{}
		case e.Kind == KindClosed && e.At.After(d.c.Recorded) && e.Recorded.Before(visit.Recorded):
			since = e.At
		}
	}
	return since
}

// endingsOf returns the places of the events that close a case or reopen it.
func endingsOf(history []Event) (places []int) {
	for i := range history {
		if isEnding(&history[i]) {
			places = append(places, i)
		}
	}
	return places
}

func isEnding(e *Event) bool { return e.Kind == KindClosed || e.Kind == KindReopened }

// recordedInTimeToo reports whether a later one of several records of a visit was made
// while the case was open.
func (d *derivation) recordedInTimeToo(visit *Event) bool {
	place, _ := seekEvent(d.events, visit)
	for i := place; i < len(d.events) && d.events[i].At.Equal(visit.At) && Unsuccessful(d.events[i].Kind); i++ {
		if d.closedAsRecorded(&d.events[i]).IsZero() {
			return true
		}
	}
	return false
}

// takesOther returns in which role somebody would have to say the event for it to meet
// an open duty of the rule or move it; empty where that would change nothing.
func (d *derivation) takesOther(rule *DutyRule, e *Event) (by Role) {
	if by = d.onlyBy(rule.MetBy, e); by == "" && !e.Due.IsZero() && !d.anyMatch(rule.Sooner, e) {
		by = d.onlyBy(rule.Sooner, e)
	}
	return by
}

// onlyBy returns the role that keeps the event from being one of those picked out.
func (d *derivation) onlyBy(matches []Match, e *Event) Role {
	for i := range matches {
		m := &matches[i]
		if m.By != "" && m.Kind == e.Kind && m.takes(e.Value) && !d.holds(e, m.By) {
			return m.By
		}
	}
	return ""
}
