package printing

import (
	"context"
	"errors"
	"iter"
	"slices"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// waiting selects what the queue holds: of the given kinds, of one case or of all
// (empty), of one variant or of all (empty), as far as they are wanted (nil: all are).
func (m *batchMaker) waiting(kinds []string, ref, variant string, wanted func(*store.Print) bool) source {
	return source{
		kinds: kinds, pull: ref == "", calls: ref == "" && len(kinds) > 1,
		read: func(ctx context.Context, kind string) iter.Seq2[store.Print, error] {
			queue := m.db.PrintQueue(ctx, kind, pathway.PaperPhone, ref, m.scope) // what was to be a call may be paper by now
			if wanted == nil {
				return queue
			}
			return func(yield func(store.Print, error) bool) {
				for p, err := range queue {
					if (err != nil || wanted(&p)) && !yield(p, err) {
						return
					}
				}
			}
		},
		decide: func(p *store.Print, c *store.PrintCase) (decided, error) {
			d, err := m.decide(p, c)
			if err == nil && d.item != nil && variant != "" && d.item.Kind == pathway.PaperCard && d.item.Variant != variant {
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
	queue := m.waiting([]string{pathway.PaperCard}, ref, "", nil)
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
					yield(store.Print{PaperItem: pathway.PaperItem{Case: ref, Kind: kind}}, nil)
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
			if err != nil || d.item == nil {
				return d, err
			}
			return d, d.item.MakeVariant(variant)
		},
	}, nil
}

// unasked is the card for a case of which nothing waits.
func (m *batchMaker) unasked(ctx context.Context, c *store.PrintCase, variant string) (*pathway.PaperItem, error) {
	ref := c.Case.Ref
	last := pathway.LastVisit(&c.Case, c.Events)
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
	}
	return m.tables.CardAskedFor(m.rules, &c.Case, c.Events, last, variant, m.now)
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
		return m.db.NoCase(ctx, ref)
	}
	return err
}
