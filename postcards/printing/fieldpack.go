package printing

import (
	"context"
	"iter"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// fieldPack selects a card for each visit that is booked for a day, in case
// nobody answers: the one that such a visit would call for, or the given variant
// (empty: none). Whoever is at the door finishes it by hand.
func (m *batchMaker) fieldPack(day pathway.Date, practitioner, variant string) source {
	calendar := m.rules.Calendar
	from, until := calendar.StartOf(day), calendar.StartOf(day.AddDays(1))
	return source{
		kinds: []string{postcards.KindCard},
		read: func(ctx context.Context, _ string) iter.Seq2[store.Print, error] {
			return func(yield func(store.Print, error) bool) {
				visits, err := m.db.BookedVisits(ctx, from, until, practitioner)
				if err != nil {
					yield(store.Print{}, err)
					return
				}
				for i := range visits {
					v := &visits[i]
					if i > 0 && visits[i-1].Case == v.Case && visits[i-1].Event.Booked.Equal(v.Event.Booked) {
						continue // booked twice
					}
					if !yield(store.Print{Team: v.Team, Practitioner: v.Practitioner, PrintItem: store.PrintItem{
						Case: v.Case, Event: v.ID, Kind: postcards.KindCard, At: v.Event.Booked}}, nil) {
						return
					}
				}
			}
		},
		decide: func(p *store.Print, c *store.PrintCase) (decided, error) {
			if !pathway.VisitStands(&c.Case, c.Events, p.At) {
				return decided{}, nil
			}
			item, err := m.atTheDoor(c, p.At, variant)
			switch {
			case err != nil:
				return decided{}, err
			case item == nil:
				return decided{noCard: "no card is called for on its pathway"}, nil
			case item.Kind == postcards.KindPhone:
				return decided{noCard: item.Why}, nil
			}
			return decided{item: item}, nil
		},
	}
}

// atTheDoor is the card that a visit would call for at which nobody answers.
func (m *batchMaker) atTheDoor(c *store.PrintCase, at time.Time, variant string) (*postcards.Item, error) {
	visit := pathway.Event{Case: c.Case.Ref, ID: "a visit to come", Kind: pathway.KindNoAccess, At: at, Recorded: at}
	items, err := m.choice.Due(m.rules, &c.Case, c.Events, &visit)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	item := &items[0]
	item.Event = "" // it is for no event that there is
	if item.Kind != postcards.KindCard {
		return item, nil
	}
	if variant == "" && item.Refused != "" {
		variant = postcards.CardRearrange
	}
	return item, withVariant(item, variant)
}

// withVariant makes a card of the variant that somebody asked for, empty for the
// one that it is. The final card is only ever the table's choice.
func withVariant(item *postcards.Item, variant string) error {
	if variant == "" || variant == item.Variant {
		return nil
	}
	if variant == postcards.CardFinal {
		return pathway.NewProblem(pathway.Refused, "case %s: a final card is not what its visits call for: print %s", item.Case, item.Variant)
	}
	if item.Variant == postcards.CardFinal {
		item.Why += "; " + variant + " was asked for"
	}
	item.Variant, item.Refused = variant, ""
	if variant != postcards.CardRevisit {
		item.Next = time.Time{}
	}
	return nil
}
