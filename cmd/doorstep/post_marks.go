package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// readPosted reads which letters of a batch Notify was to post, before the batch is
// printed again, and says so.
func (n *coverNotes) readPosted(ctx context.Context, db *store.Store, batch int64, errs io.Writer) error {
	postings, err := db.Postings(ctx, batch)
	if err != nil {
		return err
	}
	n.posted = make(map[int64]store.Posting, len(postings))
	for i := range postings {
		p := &postings[i]
		n.posted[p.Item] = p.Posting
		switch {
		case i == mostTold:
			fmt.Fprintf(errs, "and more: see the cover sheet, and doorstep post --status --batch %d\n", batch)
		case i > mostTold:
		case postedByNotify(p.State):
			fmt.Fprintf(errs, "case %s: letter %s, serial %s, is posted by GOV.UK Notify: do not post it again\n", p.Case, p.Variant, p.Serial)
		default:
			fmt.Fprintf(errs, "case %s: letter %s, serial %s, was not posted by GOV.UK Notify: %s\n", p.Case, p.Variant, p.Serial, p.Reason)
		}
	}
	return nil
}

// posts reports whether Notify was or is to post letters of the batch.
func (n *coverNotes) posts(b *store.PrintBatch) bool {
	return len(n.posted) > 0 || n.Post && slices.ContainsFunc(b.Files, holdsLetters)
}

// postedByNotify reports whether Notify posts a letter, has done so, or will be asked to.
func postedByNotify(state store.PostingState) bool {
	return state != store.PostingRefused && state != store.PostingWithdrawn
}

// mark is what a cover sheet adds to a letter that Notify was to post.
func (n *coverNotes) mark(p *store.Print) string {
	posting, known := n.posted[p.ID]
	switch {
	case known && postedByNotify(posting.State), !known && n.Post && p.Kind == postcards.KindLetter:
		return ", by Notify"
	case known && posting.State == store.PostingRefused:
		return ", NOT POSTED by Notify"
	case known:
		return ", not to go out"
	}
	return ""
}

// idsOf are the ids of those prints that are kept.
func idsOf(prints []store.Print) []int64 {
	ids := make([]int64, 0, len(prints))
	for i := range prints {
		if prints[i].ID != 0 {
			ids = append(ids, prints[i].ID)
		}
	}
	return ids
}
