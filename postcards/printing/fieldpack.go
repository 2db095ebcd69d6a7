package printing

import (
	"context"
	"iter"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// fieldPack selects a card for each visit that is booked for a day, in case
// nobody answers: the one that such a visit would call for, or the given variant
// (empty: none). Whoever is at the door finishes it by hand.
func (m *batchMaker) fieldPack(day pathway.Date, practitioner, variant string) source {
	calendar := m.rules.Calendar
	from, until := calendar.StartOf(day), calendar.StartOf(day.AddDays(1))
	return source{
		kinds: []string{pathway.PaperCard},
		read: func(ctx context.Context, _ string) iter.Seq2[store.Print, error] {
			return func(yield func(store.Print, error) bool) {
				visits, err := m.db.BookedVisits(ctx, from, until, practitioner, m.scope)
				if err != nil {
					yield(store.Print{}, err)
					return
				}
				for i := range visits {
					v := &visits[i]
					if i > 0 && visits[i-1].Case == v.Case && visits[i-1].Event.Booked.Equal(v.Event.Booked) {
						continue // booked twice
					}
					if !yield(store.Print{Team: v.Team, Practitioner: v.Practitioner, PaperItem: pathway.PaperItem{
						Case: v.Case, Event: v.ID, Kind: pathway.PaperCard, At: v.Event.Booked}}, nil) {
						return
					}
				}
			}
		},
		decide: func(p *store.Print, c *store.PrintCase) (decided, error) {
			if !pathway.VisitStands(&c.Case, c.Events, p.At) {
				return decided{}, nil
			}
			item, err := m.tables.CardAtTheDoor(m.rules, &c.Case, c.Events, p.At, variant)
			switch {
			case err != nil:
				return decided{}, err
			case item == nil:
				return decided{noCard: "no card is called for on its pathway"}, nil
			case item.Kind == pathway.PaperPhone:
				return decided{noCard: item.Why}, nil
			}
			return decided{item: item}, nil
		},
	}
}
