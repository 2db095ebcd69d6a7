package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/configs"
	"example.org/doorstep/notify/govuk"
	"example.org/doorstep/store"
)

// failedDays is how far back the status of all letters lists those that failed.
const failedDays = 14

// postStatus says how letters stand, after it has asked Notify. Where it cannot be
// asked, it says what is known.
func (s *setup) postStatus(c *cobra.Command, db *store.Store, f *postFlags) error {
	var failed error
	if s.config.Letters.Via == configs.ViaNotify {
		p, err := s.poster(db)
		if err != nil {
			return err
		}
		defer p.close()
		if _, err := p.follow(c.Context(), now()); err != nil {
			failed = fmt.Errorf("how letters stand now is not known, this is what was known before: %w", err)
		}
	}
	var postings []store.BatchPosting
	var err error
	if c.Flags().Changed("batch") {
		if _, err := db.Batch(c.Context(), f.batch); errors.Is(err, store.ErrNotFound) {
			return badInput{fmt.Errorf("there is no batch %d: check the number on its cover sheet", f.batch)}
		}
		postings, err = db.Postings(c.Context(), f.batch)
	} else {
		postings, err = db.UnfinishedPostings(c.Context(), now().AddDate(0, 0, -failedDays))
	}
	if err != nil {
		return errors.Join(failed, err)
	}
	summary := postSummary{Batch: f.batch}
	summary.count(postings)
	out := bufio.NewWriter(c.OutOrStdout())
	s.listPostings(out, postings)
	err = summary.write(out)
	return errors.Join(err, out.Flush(), failed)
}

func (s *setup) listPostings(out io.Writer, postings []store.BatchPosting) {
	if len(postings) == 0 {
		fmt.Fprintln(out, "no letters are on their way")
	}
	for i := range postings {
		p := &postings[i]
		if i == 0 || p.Batch != postings[i-1].Batch {
			fmt.Fprintf(out, "batch %d\n", p.Batch)
		}
		fmt.Fprintf(out, "  case %s: letter %s, serial %s: %s\n", p.Case, p.Variant, p.Serial, s.postingWords(&p.Posting))
	}
}

// postingWords says how a letter stands: "validation failed: GOV.UK Notify refuses
// its layout: …".
func (s *setup) postingWords(p *store.Posting) string {
	clock := func(t time.Time) string { return t.In(s.calendar.Location()).Format("Mon 2 Jan 2006 15:04") }
	words, since := "", p.Queued
	switch p.State {
	case store.PostingQueued:
		words = "waits to be handed over"
		if p.Reason != "" {
			words += " (the last try: " + p.Reason + ")"
		}
		return words + ", since " + clock(since)
	case store.PostingSending:
		return "is being handed over, or was when its sender stopped"
	case store.PostingWithdrawn:
		return "not posted: " + p.Reason + ", " + clock(p.StatusAt)
	case store.PostingRefused:
		words = "NOT POSTED, "
	}
	if since = p.StatusAt; since.IsZero() {
		since = p.Accepted
	}
	switch status := strings.ReplaceAll(p.Status, "-", " "); {
	case status != "":
		words += status + ": " + p.Reason
	case p.Reason != "":
		words += p.Reason
	default:
		words += "handed over"
	}
	return words + ", " + clock(since)
}

// countFollowed is how many letters are asked for together.
const countFollowed = 5000

// follow asks Notify how the letters stand that are on their way, and returns how
// many have changed. What it learned before an error is kept.
func (p *poster) follow(ctx context.Context, at time.Time) (changed int, err error) {
	var behind *store.Posting
	for {
		some, err := p.db.PostingsOnTheWay(ctx, behind, countFollowed)
		if err != nil || len(some) == 0 {
			return changed, err
		}
		behind = &some[len(some)-1]
		ids := make([]string, len(some))
		for i := range some {
			ids[i] = some[i].ProviderID
		}
		learned, asking := p.letters.Status(ctx, ids)
		news := changedPostings(some, learned)
		if asking == nil {
			news = append(news, forgottenPostings(some, learned, at)...)
		}
		if err := errors.Join(asking, p.db.RecordPostings(ctx, news)); err != nil {
			return changed, err
		}
		changed += len(news)
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
func forgottenPostings(known []store.Posting, learned []govuk.LetterStatus, at time.Time) []store.PostingStatus {
	told := make(map[string]bool, len(learned))
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
