package printing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/doorstep/notify/govuk"
	"example.org/doorstep/store"
)

// failedDays is how far back the letters of all batches include those that failed.
const failedDays = 14

// StatusOfBatch returns how the letters of a batch stand, after it has asked Notify.
// Where that cannot be asked, stale says so, and the letters stand as was known before.
func (r *Room) StatusOfBatch(ctx context.Context, now time.Time, number int64) (letters []store.BatchPosting, stale, err error) {
	if _, err := batchOf(ctx, r.Store, number); err != nil {
		return nil, nil, err
	}
	stale = r.ask(ctx, now)
	letters, err = r.Store.Postings(ctx, number)
	return letters, stale, err
}

// Status returns, as StatusOfBatch does, the letters of all batches that are on their
// way or were refused lately.
func (r *Room) Status(ctx context.Context, now time.Time) (letters []store.BatchPosting, stale, err error) {
	stale = r.ask(ctx, now)
	letters, err = r.Store.UnfinishedPostings(ctx, now.AddDate(0, 0, -failedDays))
	return letters, stale, err
}

// ask asks Notify how letters stand, where it posts any.
func (r *Room) ask(ctx context.Context, now time.Time) error {
	if r.Letters == nil {
		return nil
	}
	p, err := r.poster(now, nil)
	if err != nil {
		return err
	}
	defer p.close()
	if _, err := p.follow(ctx, now); err != nil {
		return fmt.Errorf("how letters stand now is not known, this is what was known before: %w", err)
	}
	return nil
}

// countFollowed is how many letters are asked for together.
const countFollowed = 5000

// follow asks Notify how the letters stand that are on their way, and returns how
// many have changed. A letter that cannot be asked about holds up no other.
func (p *poster) follow(ctx context.Context, at time.Time) (changed int, err error) {
	var behind *store.Posting
	var failed error
	for {
		onTheWay, err := p.db.PostingsOnTheWay(ctx, behind, countFollowed)
		if err != nil || len(onTheWay) == 0 {
			return changed, errors.Join(failed, err)
		}
		behind = &onTheWay[len(onTheWay)-1]
		ids := make([]string, len(onTheWay))
		for i := range onTheWay {
			ids[i] = onTheWay[i].ProviderID
		}
		learned, unanswered, asking := p.letters.Status(ctx, ids)
		if failed == nil {
			failed = asking
		}
		news := append(changedPostings(onTheWay, learned), forgottenPostings(onTheWay, learned, unanswered, at)...)
		if err := p.db.RecordPostings(ctx, news); err != nil {
			return changed, errors.Join(failed, err)
		}
		changed += len(news)
		if asking != nil && len(learned) == 0 { // it is Notify, and not some letters
			return changed, failed
		}
	}
}

// changedPostings is what is news of letters.
func changedPostings(known []store.Posting, learned []govuk.LetterStatus) []store.PostingStatus {
	byID := make(map[string]*store.Posting, len(known))
	for i := range known {
		byID[known[i].ProviderID] = &known[i]
	}
	var news []store.PostingStatus
	for _, l := range learned {
		k := byID[l.ID]
		state := store.PostingAccepted
		switch {
		case l.Final && l.Failed:
			state = store.PostingRefused
		case l.Final:
			state = store.PostingReceived
		}
		if k == nil || k.State == state && k.Status == l.Status {
			continue
		}
		news = append(news, store.PostingStatus{Item: k.Item, ProviderID: l.ID, State: state, Status: l.Status, At: l.At, Reason: l.Words, Failed: l.Failed})
	}
	return news
}

// forgottenPostings ends the letters that Notify knows nothing of any more.
func forgottenPostings(known []store.Posting, learned []govuk.LetterStatus, unanswered []string, at time.Time) []store.PostingStatus {
	told := make(map[string]bool, len(learned))
	for _, id := range unanswered {
		told[id] = true
	}
	for _, l := range learned {
		told[l.ID] = true
	}
	var news []store.PostingStatus
	for i := range known {
		k := &known[i]
		if told[k.ProviderID] || at.Sub(k.Accepted) < notifyRemembers {
			continue
		}
		news = append(news, store.PostingStatus{Item: k.Item, ProviderID: k.ProviderID, State: store.PostingRefused, Status: "forgotten", At: at, Failed: true,
			Reason: "GOV.UK Notify no longer knows of it, and it was never seen to be posted: ask the family whether it came before you post it by hand"})
	}
	return news
}
