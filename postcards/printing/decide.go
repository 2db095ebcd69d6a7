package printing

import (
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// CallsFor returns what decides, while events are taken in, what each calls for on
// paper. What things have overtaken by then is not even queued.
func CallsFor(choice *postcards.Choice, rules *pathway.Rules) func(*pathway.Case, []pathway.Event, *pathway.Event) ([]store.PrintItem, error) {
	return func(c *pathway.Case, events []pathway.Event, e *pathway.Event) ([]store.PrintItem, error) {
		if longPast(events, e) || postcards.Overtaken(c, events, &postcards.Item{Kind: postcards.KindPhone, Event: e.ID}) != "" {
			return nil, nil
		}
		items, err := choice.Due(rules, c, events, e)
		if err != nil || len(items) == 0 {
			return nil, err
		}
		kept := make([]store.PrintItem, len(items))
		for i := range items {
			kept[i] = queuedItem(&items[i])
		}
		return kept, nil
	}
}

// longPast reports whether a visit that came later makes an event old news. It
// decides the many plain cases of a large import at once; where anything was voided
// it leaves that to others.
func longPast(events []pathway.Event, e *pathway.Event) bool {
	later := false
	for i := range events {
		o := &events[i]
		if o.Kind == pathway.KindVoided {
			return false
		}
		later = later || o.At.After(e.At) && (o.Kind == pathway.KindSeen || pathway.Unsuccessful(o.Kind))
	}
	return later
}

func queuedItem(i *postcards.Item) store.PrintItem {
	return store.PrintItem{Case: i.Case, Event: i.Event, Kind: i.Kind, Variant: i.Variant, At: i.At, Next: i.Next,
		Why: i.Why, Refused: i.Refused, Once: i.Once}
}

func chosenItem(p *store.PrintItem) postcards.Item {
	return postcards.Item{Kind: p.Kind, Variant: p.Variant, Case: p.Case, Event: p.Event, At: p.At, Next: p.Next,
		Why: p.Why, Refused: p.Refused, Once: p.Once}
}

// decider decides what becomes of something that waits, as things stand now: a
// refusal may have been answered, a visit booked, the child seen.
type decider struct {
	choice *postcards.Choice
	rules  *pathway.Rules
	now    time.Time
}

// decided is what becomes of something that waits. With neither an item nor a
// reason it waits on.
type decided struct {
	item      *postcards.Item
	noCard    string // why a visit gets no card to take along
	overtaken string // why nothing is called for any more
}

func (d *decider) decide(p *store.Print, c *store.PrintCase) (decided, error) {
	for i := range c.Events {
		if c.Events[i].ID != p.Event {
			continue
		}
		e := d.asOfNow(c, &c.Events[i])
		items, err := d.choice.Due(d.rules, &c.Case, c.Events, &e)
		if err != nil {
			return decided{}, err
		}
		for i := range items {
			if items[i].Kind == p.Kind || items[i].Kind == postcards.KindPhone || p.Kind == postcards.KindPhone {
				return decided{item: &items[i]}, nil
			}
		}
		item := chosenItem(&p.PrintItem)
		why := postcards.Overtaken(&c.Case, c.Events, &item)
		switch {
		case why != "":
		case e.Kind == pathway.KindAppointmentOffered && !e.Booked.After(d.now):
			why = "the appointment is over"
		default:
			why = "nothing is called for any more"
		}
		return decided{overtaken: why}, nil
	}
	return decided{overtaken: "the record it was for is gone"}, nil
}

// asOfNow is an event as if it were recorded now, so that all that is known counts:
// what another computer's clock has recorded a moment ahead of ours, too.
func (d *decider) asOfNow(c *store.PrintCase, e *pathway.Event) pathway.Event {
	now := *e
	now.Recorded = d.now
	for i := range c.Events {
		if c.Events[i].Recorded.After(now.Recorded) {
			now.Recorded = c.Events[i].Recorded
		}
	}
	return now
}
