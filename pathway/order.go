package pathway

import (
	"cmp"
	"slices"
	"strings"
)

// effective returns the events that count, in the order in which they are
// taken: by when they happened, events of one instant by kind and then by id.
// An event that is there twice counts once, as it was first recorded. A closing
// date on the case itself counts as an event.
func effective(c *Case, events []Event) []Event {
	out := make([]Event, 0, len(events)+1)
	voided := voids(events)
	for i := range events {
		e := &events[i]
		if e.Kind == KindVoided || slices.Contains(voided, e.ID) && e.ID != "" {
			continue
		}
		out = append(out, *e)
	}
	if !c.Closed.IsZero() {
		out = append(out, Event{Kind: KindClosed, At: c.Closed, Recorded: c.Closed})
	}
	slices.SortFunc(out, func(a, b Event) int { return compareEvents(&a, &b) })
	return slices.CompactFunc(out, func(a, b Event) bool {
		return a.ID != "" && a.ID == b.ID && a.Kind == b.Kind && a.At.Equal(b.At)
	})
}

// voids returns the ids of the events that stand voided. Voiding an event that
// voided another puts the other back.
func voids(events []Event) []string {
	var records []*Event
	for i := range events {
		if events[i].Kind == KindVoided {
			records = append(records, &events[i])
		}
	}
	// The last word first: a later record decides over an earlier one.
	slices.SortFunc(records, func(a, b *Event) int {
		return cmp.Or(b.Recorded.Compare(a.Recorded), strings.Compare(b.ID, a.ID))
	})
	var voided []string
	for _, e := range records {
		if !slices.Contains(voided, e.ID) {
			voided = append(voided, strings.TrimSpace(e.Value))
		}
	}
	return voided
}

// kindOrder puts events of one instant in order. Records that give only a day
// make such instants common. A seen child comes before an unsuccessful visit, so
// that a contradiction leaves the clock running; what people did about the visit
// comes after it; a closing comes last.
func kindOrder(kind string) int {
	switch {
	case kind == KindReopened:
		return 0
	case kind == KindSeen:
		return 1
	case Unsuccessful(kind):
		return 2
	case kind == KindVulnerabilityAnswered || kind == KindPathwayChanged:
		return 4
	case kind == KindClosed:
		return 5
	}
	return 3
}

func compareEvents(a, b *Event) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return cmp.Or(
		kindOrder(a.Kind)-kindOrder(b.Kind),
		strings.Compare(a.ID, b.ID),
		strings.Compare(a.Kind, b.Kind),
		a.Recorded.Compare(b.Recorded),
		strings.Compare(a.By, b.By),
		strings.Compare(a.Value, b.Value),
		a.Due.Compare(b.Due),
		a.Booked.Compare(b.Booked),
		strings.Compare(a.Reason, b.Reason),
	)
}
