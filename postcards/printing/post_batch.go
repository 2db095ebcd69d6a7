package printing

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// queueBatch keeps the letters of a batch that are to go and are not kept yet. What
// cannot be posted is bad input.
func (p *poster) queueBatch(ctx context.Context, number int64) (*store.PrintBatch, error) {
	b, err := batchOf(ctx, p.db, number)
	if err != nil {
		return nil, err
	}
	options, err := optionsOf(b)
	if err != nil {
		return nil, err
	}
	switch hasLetters := slices.ContainsFunc(b.Files, holdsLetters); {
	case !hasLetters && len(b.Files) > 0:
		return nil, pathway.NewProblem(pathway.Refused, "batch %d holds cards and no letters: cards go through the door, they cannot be posted", number)
	case !hasLetters:
		return nil, pathway.NewProblem(pathway.Refused, "batch %d holds nothing that was printed", number)
	case options.Layout != postcards.LayoutNotify:
		return nil, pathway.NewProblem(pathway.Refused, "the letters of batch %d are laid out for window envelopes (--layout %s): GOV.UK Notify takes --layout %s only; post these by hand",
			number, options.Layout, postcards.LayoutNotify)
	}
	var postings []store.Posting
	for item, err := range p.db.BatchItems(ctx, number, pathway.PaperLetter) {
		if err != nil {
			return nil, err
		}
		if item.State == store.PrintPrinted {
			postings = append(postings, store.Posting{Item: item.ID, Batch: number, Reference: referenceOf(b, &item), Postage: p.postage})
		}
	}
	_, err = p.db.QueuePostings(ctx, p.clock.now(), postings)
	return b, err
}

func holdsLetters(f store.PrintFile) bool { return f.Kind == pathway.PaperLetter }

func optionsOf(b *store.PrintBatch) (options Options, err error) {
	if err := json.Unmarshal([]byte(b.Options), &options); err != nil {
		return options, fmt.Errorf("batch %d: how it was printed cannot be read: %w", b.Number, err)
	}
	return options, nil
}

// referenceOf is what a letter is called at Notify, for ever: its batch and print,
// and a digest that keeps apart the letters of two databases, such as one for
// trying out, which share a service there. It names nobody.
func referenceOf(b *store.PrintBatch, p *store.Print) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s %d", b.Number, p.ID, p.Serial, b.Made.UnixMilli()))
	return fmt.Sprintf("doorstep-%d-%d-%x", b.Number, p.ID, sum[:6])
}

// queueMade queues the letters of batches that were made to be posted, should
// whoever made one have died before that.
func (p *poster) queueMade(ctx context.Context, at time.Time) error {
	batches, err := p.db.UnpostedBatches(ctx, at.Add(-unpostedWithin))
	if err != nil {
		return err
	}
	for _, b := range batches {
		options, err := optionsOf(&store.PrintBatch{Number: b.Number, Options: b.Options})
		if err != nil {
			return err
		}
		if !options.Post {
			continue
		}
		if _, err := p.queueBatch(ctx, b.Number); err != nil {
			return err
		}
	}
	return nil
}

// unpostedWithin is how old a batch may be whose letters are still queued without
// anybody asking for it.
const unpostedWithin = 7 * 24 * time.Hour
