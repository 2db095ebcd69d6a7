package printing

import (
	"context"
	"fmt"
	"slices"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// Pad is cards to be written on by hand, all of one kind.
type Pad struct {
	Variant  string
	Cards    int // from 1 to MostBlank
	Sheet    postcards.Sheet
	Language string
	Compress bool
}

// MostBlank bounds a pad: more is a typing error.
const MostBlank = 10_000

// PrintPad prints a pad. It is no batch: nothing on it leads to a case.
func (st *Stationery) PrintPad(ctx context.Context, pad Pad, place *Place, progress func(items int)) (*Batch, error) {
	printer, err := st.Printer()
	if err != nil {
		return nil, err
	}
	path := place.file
	if path == "" {
		path = place.path(0, true, pad.Variant)
	}
	cards := slices.Repeat([]postcards.Card{{Variant: pad.Variant, Language: pad.Language}}, pad.Cards)
	staged, err := stageFile(place.folder)
	if err != nil {
		return nil, err
	}
	defer staged.drop()
	sum, failed, err := printer.Cards(ctx, staged, pad.Sheet, cards, postcards.Options{Compress: pad.Compress, Progress: progress})
	if len(failed) > 0 {
		return nil, pathway.AsProblem(pathway.Refused, failed[0])
	}
	file := store.PrintFile{Kind: pathway.PaperCard, Items: sum.Items, Pages: sum.Pages}
	if err == nil {
		file.SHA256, err = staged.finish()
	}
	if err == nil {
		err = staged.place(path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", path, err)
	}
	return &Batch{Paths: []string{path}, PrintBatch: store.PrintBatch{Items: sum.Items, Pages: sum.Pages, Files: []store.PrintFile{file}}}, nil
}
