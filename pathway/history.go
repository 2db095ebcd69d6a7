package pathway

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// History returns the events that count, in the order in which they are taken: by
// when they happened, events of one instant by kind, then by when they were recorded and
// by id: a second record of a visit takes nothing over from the first. Those that stand
// voided do not count, nor do the records that void, nor what only stands as said
// by text; an event that is there
// twice counts once, as it was first recorded. A closing date on the case itself
// counts as an event. Neither the case nor the events are changed; where they are their
// own history they are what is returned.
func History(c *Case, events []Event) []Event {
	if c.Closed.IsZero() && isHistory(events) {
		return events
	}
	out := make([]Event, 0, len(events)+1)
	voided := Voided(events)
	for i := range events {
		if e := &events[i]; e.Kind != KindVoided && !voided[e.ID] && !e.ToConfirm() {
			out = append(out, *e)
		}
	}
	if !c.Closed.IsZero() {
		out = append(out, Event{Kind: KindClosed, At: c.Closed, Recorded: c.Closed})
	}
	slices.SortFunc(out, func(a, b Event) int { return compareRecords(&a, &b) })
	out = slices.CompactFunc(out, func(a, b Event) bool { return a.ID != "" && sameEvent(&a, &b) })
	slices.SortFunc(out, func(a, b Event) int { return compareKeys(&a, &b) })
	return out
}

// isHistory reports whether the events all count, stand in order, and none is there twice.
func isHistory(events []Event) bool {
	for i := range events {
		e := &events[i]
		if e.Kind == KindVoided || e.ToConfirm() || i > 0 && max(compareRecords(&events[i-1], e), compareKeys(&events[i-1], e)) >= 0 {
			return false
		}
	}
	return true
}

// HistoryAt returns the events that counted at an instant: what had been recorded
// by then, and the case's closing date where it was over.
func HistoryAt(c *Case, events []Event, at time.Time) []Event {
	known := make([]Event, 0, len(events))
	for i := range events {
		if !events[i].Recorded.After(at) {
			known = append(known, events[i])
		}
	}
	if c.Closed.After(at) {
		c = withoutClosing(c)
	}
	return History(c, known)
}

// withoutClosing is the case without its closing date.
func withoutClosing(c *Case) *Case {
	if c.Closed.IsZero() {
		return c
	}
	open := *c
	open.Closed = time.Time{}
	return &open
}

// Voided returns the ids of the events that stand voided; nil where there are
// none. A later record decides over an earlier one, and of records of one instant
// the one that voids over the one that it voids: voiding what voided an event puts
// the event back. An event without an id cannot be voided.
func Voided(events []Event) map[string]bool {
	records := voidRecords(events)
	if len(records) == 0 {
		return nil
	}
	v := voiding{of: make(map[string][]*Event, len(records)), stands: make(map[*Event]bool, len(records))}
	for _, r := range records {
		v.of[voids(r)] = append(v.of[voids(r)], r)
	}
	voided := make(map[string]bool, len(records))
	for _, r := range records {
		if v.standing(r) {
			voided[voids(r)] = true
		}
	}
	for _, r := range records {
		if v.stands[r] {
			delete(voided, r.ID) // what would void it was recorded before it
		}
	}
	delete(voided, "")
	return voided
}

// voidRecords returns the events that void others, the last recorded first. One
// that is there twice is there once, as it was first recorded.
func voidRecords(events []Event) []*Event {
	var records []*Event
	for i := range events {
		if events[i].Kind == KindVoided {
			records = append(records, &events[i])
		}
	}
	if len(records) < 2 {
		return records
	}
	slices.SortFunc(records, func(a, b *Event) int {
		return cmp.Or(a.Recorded.Compare(b.Recorded), strings.Compare(a.ID, b.ID), strings.Compare(a.Value, b.Value))
	})
	first := make(map[string]bool, len(records))
	records = slices.DeleteFunc(records, func(r *Event) bool {
		again := r.ID != "" && first[r.ID]
		first[r.ID] = true
		return again
	})
	slices.Reverse(records)
	return records
}

// voids is the id of the event that a record voids.
func voids(r *Event) string { return strings.TrimSpace(r.Value) }

// voiding finds out which of the records that void events stand themselves.
type voiding struct {
	of     map[string][]*Event // by the id that they void, the last recorded first
	stands map[*Event]bool     // as far as it has been found out
}

// standing reports whether a record is not voided by one that stands and was
// recorded no earlier. Where records of one instant void each other in a ring, the
// first that is asked for stands.
func (v *voiding) standing(r *Event) bool {
	if stands, known := v.stands[r]; known {
		return stands
	}
	v.stands[r] = true
	if r.ID != "" {
		for _, by := range v.of[r.ID] {
			if !by.Recorded.Before(r.Recorded) && v.standing(by) {
				v.stands[r] = false
				break
			}
		}
	}
	return v.stands[r]
}

// sameEvent reports whether two records are of one event.
func sameEvent(a, b *Event) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.At.Equal(b.At)
}

// withEvent returns the events with e among them.
func withEvent(events []Event, e *Event) []Event {
	for i := range events {
		if sameEvent(&events[i], e) {
			return events
		}
	}
	return append(slices.Clip(events), *e)
}

// placeOf returns where an event stands among those that count, which are in
// order; false where it does not count. Of several records of one unsuccessful
// visit only the first does.
func placeOf(history []Event, e *Event) (place int, counts bool) {
	place, found := seekEvent(history, e)
	if !found {
		return 0, false
	}
	again := place > 0 && Unsuccessful(e.Kind) && Unsuccessful(history[place-1].Kind) && history[place-1].At.Equal(e.At)
	return place, !again
}

// eventsSince returns the events that count after the one at a place, without more
// records of the same unsuccessful visit.
func eventsSince(history []Event, place int) []Event {
	return withoutVisit(history[place+1:], &history[place])
}

// withoutVisit leaves out, of the events after e, more records of the same unsuccessful
// visit.
func withoutVisit(since []Event, e *Event) []Event {
	for len(since) > 0 && Unsuccessful(e.Kind) && Unsuccessful(since[0].Kind) && since[0].At.Equal(e.At) {
		since = since[1:]
	}
	return since
}

// seekEvent finds where an event stands, or would stand, among those that count. It is
// found also under another time of recording.
func seekEvent(history []Event, e *Event) (place int, found bool) {
	place, found = slices.BinarySearchFunc(history, e, func(o Event, e *Event) int { return compareKeys(&o, e) })
	if found {
		return place, true
	}
	first, _ := slices.BinarySearchFunc(history, e, func(o Event, e *Event) int { return comparePlaces(&o, e) })
	for i := first; i < len(history) && comparePlaces(&history[i], e) == 0; i++ {
		if sameEvent(&history[i], e) {
			return i, true
		}
	}
	return place, false
}

// kindOrder puts events of one instant in order. Records that give only a day
// make such instants common. A seen child comes before an unsuccessful visit, so
// that a contradiction leaves the clock running; what people did about the visit
// comes after it, and a cancellation before a new booking; a closing comes last.
func kindOrder(kind string) int {
	switch {
	case kind == KindReopened:
		return 0
	case kind == KindSeen:
		return 1
	case Unsuccessful(kind):
		return 2
	case kind == KindCancelledByFamily || kind == KindDeclined:
		return 3
	case kind == KindVulnerabilityAnswered || kind == KindPathwayChanged:
		return 5
	case kind == KindClosed:
		return 6
	}
	return 4
}

// compareRecords puts records of one event beside each other, the first recorded first.
func compareRecords(a, b *Event) int {
	return cmp.Or(
		comparePlaces(a, b),
		strings.Compare(a.ID, b.ID),
		strings.Compare(a.Kind, b.Kind),
		a.Recorded.Compare(b.Recorded),
		strings.Compare(a.By, b.By),
		strings.Compare(a.Value, b.Value),
		a.Due.Compare(b.Due),
		a.Booked.Compare(b.Booked),
		strings.Compare(a.Place, b.Place),
		strings.Compare(a.Reason, b.Reason),
		strings.Compare(a.ReasonCode, b.ReasonCode),
	)
}

// compareKeys compares what tells one event from another, in the order of History.
func compareKeys(a, b *Event) int {
	return cmp.Or(comparePlaces(a, b), a.Recorded.Compare(b.Recorded), strings.Compare(a.ID, b.ID), strings.Compare(a.Kind, b.Kind))
}

// comparePlaces compares where events stand among those of other instants and kinds.
func comparePlaces(a, b *Event) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return kindOrder(a.Kind) - kindOrder(b.Kind)
}
