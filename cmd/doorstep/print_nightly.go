package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// nightlyPrint returns what the print schedule does: it prints what waits into
// the configured folder, as a batch of its own. Letters that GOV.UK Notify posts are
// handed over instead.
func (s *setup) nightlyPrint(db *store.Store, log *slog.Logger) func(context.Context, time.Time) (map[string]int, error) {
	return func(ctx context.Context, _ time.Time) (map[string]int, error) {
		options := printOptions{Sheet: postcards.Sheet(s.config.PrintSheet), Layout: postcards.Layout(s.config.PrintLayout),
			Post: s.config.Letters.Via == configs.ViaNotify}
		m, err := s.batchMaker(ctx, db, options, "schedules.print", newProgress(io.Discard))
		if err != nil {
			return nil, err
		}
		place, err := newPrintPlace(s.config.PrintFolder)
		if err != nil {
			return nil, err
		}
		made, err := m.make(ctx, m.waiting([]string{postcards.KindLetter, postcards.KindCard}, "", ""), place)
		if err != nil {
			return nil, err
		}
		for _, err := range made.bad {
			// Why it could not be printed quotes letters of a name or an address:
			// that stands on the cover sheet, never in a log.
			var item postcards.ItemError
			errors.As(err, &item)
			log.Warn("something could not be printed: the next cover sheet says why; it waits until it is corrected",
				"case", item.Case, "field", item.Field)
		}
		if made.Number > 0 {
			log.Info("printed", "batch", made.Number, "items", made.Items, "pages", made.Pages, "cover", made.covers)
		}
		counts := map[string]int{"printed": made.Items, "waiting": len(made.notes.Waiting), "calls": len(made.notes.Calls),
			"to_pull_out": len(made.notes.Pull)}
		if options.Post && slices.ContainsFunc(made.Files, holdsLetters) {
			counts[countPosted] = s.postNightly(ctx, db, log, made.Number)
		}
		return counts, nil
	}
}
