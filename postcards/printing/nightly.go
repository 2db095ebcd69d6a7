package printing

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
)

// PrintNightly is what the print schedule does: it prints what waits into the room's
// folder, as a batch of its own. Letters that GOV.UK Notify posts are handed over
// instead.
func (r *Room) PrintNightly(ctx context.Context, now time.Time) (counts map[string]int, err error) {
	clock := runFrom(now)
	place, err := NewPlace(r.Folder)
	if err != nil {
		return nil, err
	}
	what := Selection{Kinds: []string{pathway.PaperLetter, pathway.PaperCard}, Options: Options{Post: r.Letters != nil}}
	made, err := r.Print(ctx, now, "schedules.print", what, place, nil)
	if err != nil {
		return nil, err
	}
	for _, err := range made.Bad {
		// Why it could not be printed quotes letters of a name or an address:
		// that stands on the cover sheet, never in a log.
		var item postcards.ItemError
		errors.As(err, &item)
		r.Log.Warn("something could not be printed: the next cover sheet says why; it waits until it is corrected",
			"case", item.Case, "field", item.Field)
	}
	if made.Number > 0 {
		r.Log.Info("printed", "batch", made.Number, "items", made.Items, "pages", made.Pages, "cover", made.Covers)
	}
	counts = map[string]int{"printed": made.Items, "waiting": len(made.Notes.Waiting), "calls": len(made.Notes.Calls),
		"to_pull_out": len(made.Notes.Pull)}
	if what.Post && slices.ContainsFunc(made.Files, holdsLetters) {
		counts[countPosted] = r.postNightly(ctx, clock.now(), made.Number)
	}
	return counts, nil
}
