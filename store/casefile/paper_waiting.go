package casefile

import (
	"context"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// waitsTooLong is for how many working days paper may wait to be printed before somebody
// is told.
const waitsTooLong = 2

// WaitingPaper is a card or letter that has waited to be printed for too long, or that
// cannot be printed.
type WaitingPaper struct {
	store.WaitingPrint
	Came time.Time // when it became that
	Why  string    // why it cannot be printed, without what stands on it; empty: nobody has printed it
}

// paperAtOnce is how many that wait are looked at together.
const paperAtOnce = 500

// PaperWaiting returns the paper that had waited for more than two working days at now, or
// could not be printed, as was known then; what had been overtaken is left out.
func PaperWaiting(ctx context.Context, db *store.Store, rules *pathway.Rules, of store.Managers, now time.Time) ([]WaitingPaper, error) {
	calendar := rules.Calendar
	last := calendar.DateOf(now) // the last day on which what waits too long was queued
	for !now.After(waitedLongFrom(calendar, last)) {
		last = last.AddDays(-1)
	}
	all, err := db.WaitingPaper(ctx, now, calendar.StartOf(last.AddDays(1)), of)
	if err != nil {
		return nil, err
	}
	var waiting []WaitingPaper
	for chunk := range slices.Chunk(all, paperAtOnce) {
		refs := make([]string, len(chunk))
		for i := range chunk {
			refs[i] = chunk[i].Case
		}
		cases, err := db.PrintCases(ctx, refs)
		if err != nil {
			return nil, err
		}
		for i := range chunk {
			w := WaitingPaper{WaitingPrint: chunk[i]}
			c := cases[w.Case]
			if c == nil || w.Passed(now) || w.OvertakenBefore(&c.Case, c.Events, now.Add(time.Millisecond)) != "" {
				continue
			}
			w.Came, w.Why = w.Queued, w.CannotPrint(rules, &c.Case)
			if w.Why == "" && w.Unprintable != "" {
				w.Why = w.Unprintable + " cannot be printed as it is: the cover sheet says which characters"
			}
			if w.Why == "" {
				w.Came = waitedLongFrom(calendar, calendar.DateOf(w.Queued))
			}
			if now.After(w.Came) {
				waiting = append(waiting, w)
			}
		}
	}
	return waiting, nil
}

// waitedLongFrom is the instant after which what was queued on a day has waited too long.
func waitedLongFrom(calendar *pathway.Calendar, queued pathway.Date) time.Time {
	return calendar.At(calendar.AddWorkingDays(queued, waitsTooLong), calendar.Settings().DayEnds)
}
