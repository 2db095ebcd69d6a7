package printing

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"example.org/doorstep/notify"
)

// What runs count of letters.
const (
	countPosted  = "posted"  // handed over
	countChanged = "changed" // whose status is another than at the last look
	countLetters = "letters_waiting"
)

// waitsTooLong is how long a letter may wait before operations are told.
const waitsTooLong = time.Hour

// PostLetters is what the letters schedule does: it hands over the letters that wait,
// asks Notify how the others stand, and tells operations of what needs a hand, each
// thing under a key of its own.
func (r *Room) PostLetters(ctx context.Context, now time.Time, tell func(key string, alert notify.Alert)) (counts map[string]int, err error) {
	p, err := r.poster(now, nil)
	if err != nil {
		return nil, err
	}
	defer p.close()
	sent, held, failed := p.sendAll(ctx, now, r.Log)
	changed, asking := p.follow(ctx, now)
	refused := p.tellRefused(ctx, now, tell)
	waiting, late := p.tellWaiting(ctx, now, r.Rules.Calendar.DateOf(now).String(), held, tell)
	return map[string]int{countPosted: sent, countChanged: changed, countLetters: waiting}, errors.Join(failed, asking, refused, late)
}

// postNightly hands over the letters of the batch that the print schedule has just
// made, and returns how many. What is held up the letters schedule hands over later.
func (r *Room) postNightly(ctx context.Context, now time.Time, batch int64) (sent int) {
	posted, err := r.Post(ctx, now, batch, nil)
	if posted != nil {
		sent = posted.Sent
	}
	if err != nil {
		r.Log.Warn("letters are held up: schedules.letters goes on with them", "batch", batch, "sent", sent, "error", err)
	} else {
		r.Log.Info("letters were handed over", "batch", batch, "sent", sent)
	}
	return sent
}

// sendAll hands over what waits of all batches. held is why some still wait, failed
// what of that is a failure: the day's limit is none, they go tomorrow.
func (p *poster) sendAll(ctx context.Context, at time.Time, log *slog.Logger) (sent int, held, failed error) {
	if err := p.queueMade(ctx, at); err != nil {
		return 0, err, err
	}
	batches, _, err := p.db.WaitingPostings(ctx)
	if err != nil {
		return 0, err, err
	}
	for _, batch := range slices.Sorted(maps.Keys(batches)) {
		n, err := p.sendBatch(ctx, batch)
		sent += n
		if n > 0 {
			log.Info("letters were handed over", "batch", batch, "sent", n)
		}
		held = errors.Join(held, err)
		if !errors.As(err, &notNow{}) {
			failed = errors.Join(failed, err)
		}
	}
	return sent, held, failed
}

func (p *poster) sendBatch(ctx context.Context, batch int64) (sent int, err error) {
	b, err := p.db.Batch(ctx, batch)
	if err != nil {
		return 0, err
	}
	return p.send(ctx, b)
}

// tellRefused tells operations of letters that failed, together where they are of
// one batch and failed in the same way.
func (p *poster) tellRefused(ctx context.Context, at time.Time, tell func(string, notify.Alert)) error {
	untold, err := p.db.UntoldPostings(ctx)
	if err != nil {
		return err
	}
	for len(untold) > 0 {
		first, others := untold[0], untold[:0:0]
		var items []int64
		names := sha256.New()
		for _, u := range untold {
			if u.Batch != first.Batch || u.Status != first.Status || u.Reason != first.Reason {
				others = append(others, u)
				continue
			}
			items = append(items, u.Item)
			fmt.Fprintln(names, u.Reference)
		}
		tell(fmt.Sprintf("refused/%d/%s/%x", first.Batch, first.Status, names.Sum(nil)),
			notify.Alert{Says: notify.AlertLettersRefused, Waiting: len(items), Reason: fmt.Sprintf("batch %d: %s", first.Batch, first.Reason)})
		if err := p.db.NoteTold(ctx, at, items); err != nil {
			return err
		}
		untold = others
	}
	return nil
}

// tellWaiting tells operations, once a day, that letters have waited for too long,
// and returns how many wait.
func (p *poster) tellWaiting(ctx context.Context, at time.Time, day string, held error, tell func(string, notify.Alert)) (int, error) {
	batches, oldest, err := p.db.WaitingPostings(ctx)
	waiting := 0
	for _, count := range batches {
		waiting += count
	}
	if waiting == 0 || at.Sub(oldest) < waitsTooLong {
		return waiting, err
	}
	reason := ""
	if held != nil {
		reason = held.Error()
	}
	tell("wait/"+day, notify.Alert{Says: notify.AlertLettersWait, Waiting: waiting, Reason: reason})
	return waiting, err
}
