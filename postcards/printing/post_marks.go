package printing

import (
	"slices"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// readPosted notes which letters of a batch Notify was to post, before the batch is
// printed again.
func (n *Notes) readPosted(postings []store.BatchPosting) {
	n.posted = make(map[int64]store.Posting, len(postings))
	for i := range postings {
		n.posted[postings[i].Item] = postings[i].Posting
	}
}

// posts reports whether Notify was or is to post letters of the batch.
func (n *Notes) posts(b *store.PrintBatch) bool {
	return len(n.posted) > 0 || n.Post && slices.ContainsFunc(b.Files, holdsLetters)
}

// PostedByNotify reports whether Notify posts a letter, has done so, or will be asked to.
func PostedByNotify(state store.PostingState) bool {
	return state != store.PostingRefused && state != store.PostingWithdrawn
}

// mark is what a cover sheet adds to a letter that Notify was to post.
func (n *Notes) mark(p *store.Print) string {
	posting, known := n.posted[p.ID]
	switch {
	case known && PostedByNotify(posting.State), !known && n.Post && p.Kind == pathway.PaperLetter:
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
