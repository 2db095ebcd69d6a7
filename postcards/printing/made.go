package printing

import (
	"errors"
	"fmt"
	"slices"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Batch is what became of a printing.
type Batch struct {
	store.PrintBatch          // without a number where nothing was printed, and for a pad
	Paths            []string // of its Files; empty for letters that are posted
	Covers           []string // the paths of its cover sheets
	Notes            Notes    // what is on them besides the items
	NoCards          []Note   // the visits of a day for which there is no card
	Bad              []error  // why items could not be printed
	Dropped          int      // that waited and were overtaken or withdrawn

	// Of a batch that was printed again:
	Posted    []store.BatchPosting // its letters that GOV.UK Notify was to post
	Different []string             // the kinds whose pages are no longer what they were

	nothing error // why nothing was printed for the one case that was asked for
}

// MostTold is how many items of a sort people are told of at once: the cover sheet has
// them all.
const MostTold = 100

// Unprinted says what could not be printed; nil where all was.
func (b *Batch) Unprinted() error {
	if len(b.Bad) == 0 {
		return b.nothing
	}
	shown := slices.Clone(b.Bad[:min(len(b.Bad), MostTold)])
	return pathway.AsProblem(pathway.Refused,
		errors.Join(append(shown, fmt.Errorf("%d not printed: correct them and print again; they wait until then", len(b.Bad)))...))
}
