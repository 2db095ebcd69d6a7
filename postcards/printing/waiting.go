package printing

import (
	"context"
	"errors"
	"iter"
	"slices"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// waiting selects what the queue holds: of the given kinds, of one case or of all
// (empty), of one variant or of all (empty).
func (m *batchMaker) waiting(kinds []string, ref, variant string) source {
	return source{
		kinds: kinds, pull: ref == "", calls: ref == "" && len(kinds) > 1,
		read: func(ctx context.Context, kind string) iter.Seq2[store.Print, error] {
			return m.db.PrintQueue(ctx, kind, postcards.KindPhone, ref) // what was to be a call may be paper by now
		},
		decide: func(p *store.Print, c *store.PrintCase) (decided, error) {
			d, err := m.decide(p, c)
			if err == nil && d.item != nil && variant != "" && d.item.Kind == postcards.KindCard && d.item.Variant != variant {
				d.item = nil // another day's work
			}
			return d, err
		},
	}
}

// cardFor selects a card for one case, of the variant asked for: the one that
// waits, or else one for its last visit, or for a visit to come.
func (m *batchMaker) cardFor(ctx context.Context, ref, variant string) (source, error) {
	if err := m.knows(ctx, ref); err != nil {
		return source{}, err
	}
	queue := m.waiting([]string{postcards.KindCard}, ref, "")
	return source{
		kinds: queue.kinds,
		read: func(ctx context.Context, kind string) iter.Seq2[store.Print, error] {
			return func(yield func(store.Print, error) bool) {
				waits := false
				for p, err := range queue.read(ctx, kind) {
					waits = true
					if !yield(p, err) {
						return
					}
				}
				if !waits {
					yield(store.Print{PrintItem: store.PrintItem{Case: ref, Kind: kind}}, nil)
				}
			}
		},
		decide: func(p *store.Print, c *store.PrintCase) (decided, error) {
			p.Team, p.Practitioner = c.Case.Team, c.Practitioner
			var d decided
			var err error
			if p.ID != 0 {
				d, err = m.decide(p, c)
			} else {
				d.item, err = m.unasked(ctx, c, variant)
			}
			switch {
			case err != nil || d.item == nil:
				return d, err
			case d.item.Kind == postcards.KindPhone:
				return decided{}, pathway.NewProblem(pathway.Refused, "case %s: no card is printed: %s", ref, d.item.Why)
			}
			return d, withVariant(d.item, variant)
		},
	}, nil
}

// unasked is the card for a case of which nothing waits.
func (m *batchMaker) unasked(ctx context.Context, c *store.PrintCase, variant string) (*postcards.Item, error) {
	ref := c.Case.Ref
	last := lastVisit(c)
	if last != nil {
		printed, err := m.db.PrintsOfCase(ctx, ref)
		if err != nil {
			return nil, err
		}
		for i := range printed {
			if p := &printed[i]; p.Event == last.ID && p.State == store.PrintPrinted && p.Variant == variant {
				return nil, pathway.NewProblem(pathway.Conflict, "case %s: its %s card was printed in batch %d: doorstep print --batch %d prints it again", ref, variant, p.Batch, p.Batch)
			}
		}
	} else {
		if variant == postcards.CardFinal {
			return nil, pathway.NewProblem(pathway.Refused, "case %s: a final card is for an unsuccessful visit, and none stands since the child was last seen", ref)
		}
		last = &pathway.Event{Case: ref, ID: "a visit to come", Kind: pathway.KindNoAccess, At: m.now}
	}
	e := m.asOfNow(c, last)
	items, err := m.choice.Due(m.rules, &c.Case, c.Events, &e)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, pathway.NewProblem(pathway.Refused, "case %s: there are no cards for its pathway, or it is closed", ref)
	}
	item := &items[0]
	if item.Kind != postcards.KindCard {
		return item, nil
	}
	item.Why = "somebody asked for it"
	if slices.IndexFunc(c.Events, func(o pathway.Event) bool { return o.ID == last.ID }) < 0 {
		item.Event, item.At = "", last.Due // to be written by hand
	}
	return item, nil
}

// lastVisit is the unsuccessful visit at home that the case stands at; nil where
// the child was seen since, or nothing came of any.
func lastVisit(c *store.PrintCase) *pathway.Event {
	for i := len(c.Events) - 1; i >= 0; i-- {
		e := &c.Events[i]
		if e.Kind != pathway.KindNoAccess && e.Kind != pathway.KindNotSeen {
			continue
		}
		item := postcards.Item{Kind: postcards.KindPhone, Event: e.ID}
		if postcards.Overtaken(&c.Case, c.Events, &item) == "" {
			return e
		}
	}
	return nil
}

// nothingFor says why nothing was printed for a case.
func (m *batchMaker) nothingFor(ctx context.Context, kinds []string, ref string, made *Batch) error {
	if len(made.Bad) > 0 {
		return nil // it is said with the others
	}
	for _, n := range made.Notes.Waiting {
		return pathway.NewProblem(pathway.Refused, "case %s: %s is not printed: %s", ref, n.What, n.Why)
	}
	printed, err := m.db.PrintsOfCase(ctx, ref)
	if err != nil {
		return err
	}
	for i := len(printed) - 1; i >= 0; i-- {
		if p := &printed[i]; p.State == store.PrintPrinted && slices.Contains(kinds, p.Kind) {
			return pathway.NewProblem(pathway.Conflict, "case %s: nothing waits to be printed: its last %s was printed in batch %d; doorstep print --batch %d prints it again", ref, whatIs(p), p.Batch, p.Batch)
		}
	}
	if err := m.knows(ctx, ref); err != nil {
		return err
	}
	return pathway.NewProblem(pathway.Refused, "case %s: nothing waits to be printed", ref)
}

// knows refuses a case that there is not.
func (m *batchMaker) knows(ctx context.Context, ref string) error {
	_, err := m.db.Case(ctx, ref)
	if errors.Is(err, store.ErrNotFound) {
		return pathway.NewProblem(pathway.NotFound, "there is no case %s: check the reference and --config", ref)
	}
	return err
}
