package postcards

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// openCase is the case without its closing date, which counting makes an event of
// where it counts.
func openCase(c *pathway.Case) *pathway.Case {
	if c.Closed.IsZero() {
		return c
	}
	open := *c
	open.Closed = time.Time{}
	return &open
}

// knownBy returns the events that counted at the moment e was recorded, e among
// them, and whether e itself counts.
func knownBy(c *pathway.Case, events []pathway.Event, e *pathway.Event) (known []pathway.Event, counts bool) {
	recorded := make([]pathway.Event, 0, len(events)+1)
	there := false
	for i := range events {
		if !events[i].Recorded.After(e.Recorded) {
			recorded = append(recorded, events[i])
			there = there || same(&events[i], e)
		}
	}
	if !there {
		recorded = append(recorded, *e)
	}
	if c.Closed.After(e.Recorded) {
		c = openCase(c)
	}
	return counting(c, recorded, e)
}

// counting returns the events that are not voided, in order, and whether e is one
// of them. A second record of one visit does not count.
func counting(c *pathway.Case, events []pathway.Event, e *pathway.Event) (out []pathway.Event, counts bool) {
	voided := voids(events)
	for i := range events {
		if o := &events[i]; o.Kind != pathway.KindVoided && (o.ID == "" || !voided[o.ID]) {
			out = append(out, *o)
		}
	}
	if !c.Closed.IsZero() {
		out = append(out, pathway.Event{Kind: pathway.KindClosed, At: c.Closed, Recorded: c.Closed})
	}
	slices.SortStableFunc(out, func(a, b pathway.Event) int {
		return cmp.Or(a.At.Compare(b.At), place(a.Kind)-place(b.Kind), strings.Compare(a.ID, b.ID))
	})
	for i := range out {
		if pathway.Unsuccessful(e.Kind) && pathway.Unsuccessful(out[i].Kind) && out[i].At.Equal(e.At) {
			return out, same(&out[i], e)
		}
		if same(&out[i], e) {
			return out, true
		}
	}
	return out, false
}

// voids returns the ids that stand voided. A later record decides over an earlier
// one: voiding what voided an event puts the event back.
func voids(events []pathway.Event) map[string]bool {
	var records []*pathway.Event
	for i := range events {
		if events[i].Kind == pathway.KindVoided {
			records = append(records, &events[i])
		}
	}
	slices.SortFunc(records, func(a, b *pathway.Event) int {
		return cmp.Or(b.Recorded.Compare(a.Recorded), strings.Compare(b.ID, a.ID))
	})
	voided := map[string]bool{}
	for _, r := range records {
		if r.ID == "" || !voided[r.ID] {
			voided[strings.TrimSpace(r.Value)] = true
		}
	}
	return voided
}

// place orders what happened at one instant, as records that give only a day do:
// a seen child before an unsuccessful visit, a closing last.
func place(kind string) int {
	switch {
	case kind == pathway.KindReopened:
		return 0
	case kind == pathway.KindSeen:
		return 1
	case pathway.Unsuccessful(kind):
		return 2
	case kind == pathway.KindClosed:
		return 4
	}
	return 3
}

func same(a, b *pathway.Event) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.At.Equal(b.At)
}

// upTo returns the events up to and including e, which is one of them.
func upTo(ordered []pathway.Event, e *pathway.Event) []pathway.Event {
	for i := range ordered {
		if same(&ordered[i], e) {
			return ordered[:i+1]
		}
	}
	return ordered
}

// movedOn says what has happened since e that makes paper about it wrong; empty
// where nothing has. ordered are the events that count, in order.
func movedOn(ordered []pathway.Event, e *pathway.Event) string {
	why := ""
	after := false
	for i := range ordered {
		o := &ordered[i]
		if same(o, e) {
			after = true
			continue
		}
		if !after {
			continue
		}
		switch {
		case o.Kind == pathway.KindClosed:
			why = "the case was closed"
		case o.Kind == pathway.KindReopened && why == "the case was closed":
			why = ""
		case o.Kind == pathway.KindSeen:
			return "the child has been seen since"
		case pathway.Unsuccessful(o.Kind):
			return "there has been another visit since"
		}
	}
	return why
}

// otherDate says what has happened since e that makes a letter's date wrong, or a
// letter that asks the family to call needless.
func otherDate(ordered []pathway.Event, e *pathway.Event, date time.Time) string {
	after := false
	for i := range ordered {
		o := &ordered[i]
		switch {
		case same(o, e):
			after = true
		case !after:
		case o.Kind == pathway.KindCancelledByFamily:
			return "the family has cancelled since"
		case (o.Kind == pathway.KindAppointmentOffered || o.Kind == pathway.KindVisitBooked) && !o.Booked.Equal(date):
			return "another appointment has been made since"
		}
	}
	return ""
}

// cardLeft reports whether a card was left at the visit e or after it.
func cardLeft(ordered []pathway.Event, e *pathway.Event) bool {
	for i := range ordered {
		if ordered[i].Kind == pathway.KindCardLeft && !ordered[i].At.Before(e.At) {
			return true
		}
	}
	return false
}
