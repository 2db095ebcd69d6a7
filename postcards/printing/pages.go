package printing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
)

// inputs decides what waits of a kind, and returns what is to be printed of it. It
// sets each aside as it goes by.
func (a *attempt) inputs(ctx context.Context, kind string, spool *printSpool) iter.Seq2[*printInput, error] {
	return func(yield func(*printInput, error) bool) {
		stopped := false
		count := 0
		err := a.eachReady(ctx, kind, func(r *ready) (bool, error) {
			in := a.inputOf(r)
			var err error
			if r.print.Input, err = in.pack(); err != nil {
				return false, err
			}
			r.print.Place = count // for now, in the spool
			count++
			if err := spool.add(r.print); err != nil {
				return false, fmt.Errorf("cannot set aside what is printed: %w", err)
			}
			stopped = !yield(in, nil)
			return !stopped, nil
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// inputOf is all that stands on something that is to be printed.
func (a *attempt) inputOf(r *ready) *printInput {
	in := &printInput{Team: r.print.Team, Practitioner: a.names.Of(r.print.Practitioner)}
	if r.item.Kind == pathway.PaperCard {
		card := postcards.CardOf(r.item, &r.of.Case, r.print.Serial, a.language(&r.of.Case))
		card.LargePrint = card.LargePrint || a.options.LargePrint
		in.Card = &card
	} else {
		letter := postcards.LetterOf(r.item, &r.of.Case, a.rules.Place(r.item.Where), a.made(), a.people[r.of.Practitioner].Name, r.print.Serial, a.language(&r.of.Case))
		letter.LargePrint = letter.LargePrint || a.options.LargePrint
		in.Letter = &letter
	}
	return in
}

// printPages prints inputs of one kind. The batch is as many pages as there were
// inputs without an error; the first error ends it.
func printPages(ctx context.Context, printer *postcards.Printer, kind string, w io.Writer, o Options, made time.Time, progress func(int), inputs iter.Seq2[*printInput, error]) (postcards.Summary, []postcards.ItemError, error) {
	options := postcards.Options{Compress: o.Compress, Created: made, Progress: progress}
	var failure error
	if kind == pathway.PaperLetter {
		letters := func(yield func(postcards.Letter) bool) {
			for in, err := range inputs {
				if failure = err; err != nil || !yield(*in.Letter) {
					return
				}
			}
		}
		sum, failed, err := printer.Letters(ctx, w, o.Layout, letters, options)
		return sum, failed, errors.Join(failure, err)
	}
	var cards []postcards.Card
	for in, err := range inputs {
		if err != nil {
			return postcards.Summary{}, nil, err
		}
		cards = append(cards, *in.Card)
	}
	return printer.Cards(ctx, w, o.Sheet, cards, options)
}

// language is what a case's paper is written in: what was asked for, or else the
// family's own where the service has that wording; empty for the service's.
func (a *attempt) language(c *pathway.Case) string {
	switch {
	case a.options.Language != "":
		return a.options.Language
	case a.tables.Writes(c.Language):
		return c.Language
	}
	return ""
}
