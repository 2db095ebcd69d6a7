package printing

import (
	"context"
	"iter"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// PrintOneAgain prints what a serial stands on once more, in the form asked for: a new
// print, in a batch of its own and with a serial of its own. It says what it said, to the
// address and with the names and wording of now. What should not go out any more is
// refused with the reason.
func (r *Room) PrintOneAgain(ctx context.Context, now time.Time, who string, found *Found, options Options, place *Place) (*Batch, error) {
	options.NoCover = true
	m, err := r.batchMaker(ctx, now, who, options, nil)
	if err != nil {
		return nil, err
	}
	return m.make(ctx, m.oneAgain(found), place)
}

func (m *batchMaker) oneAgain(found *Found) source {
	return source{
		kinds: []string{found.Print.Kind},
		read: func(context.Context, string) iter.Seq2[store.Print, error] {
			return func(yield func(store.Print, error) bool) {
				yield(store.Print{PaperItem: found.Print.PaperItem, Team: found.Team, Practitioner: found.Practitioner}, nil)
			}
		},
		decide: func(_ *store.Print, c *store.PrintCase) (decided, error) {
			item := found.Print.PaperItem
			why := found.Print.Outcome
			if why == "" {
				why = item.NotAgain(&c.Case, c.Events, m.now)
			}
			if item.Kind == pathway.PaperLetter && item.Where == "" && why == "" { // printed before letters said where
				now, _, err := m.tables.StillDue(m.rules, &c.Case, c.Events, &item, m.now)
				if err != nil {
					return decided{}, err
				}
				if now != nil {
					item.Where = now.Where
				}
			}
			if why != "" {
				return decided{}, pathway.NewProblem(pathway.Refused, "%s is not printed again: %s", found.Print.Serial, why)
			}
			item.Why, item.Once = "printed again in place of "+found.Print.Serial, "" // the household has its one
			return decided{item: &item}, nil
		},
	}
}
