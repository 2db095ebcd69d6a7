package main

import (
	"context"
	"fmt"
	"slices"

	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// blankCards prints a pad. It is no batch: nothing on it leads to a case.
func (o *options) blankCards(ctx context.Context, f *printFlags, place *printPlace, progress *progress) (*madeBatch, error) {
	s, err := o.load()
	if err != nil {
		return nil, err
	}
	st, err := s.stationery()
	if err != nil {
		return nil, err
	}
	printer, err := st.printer()
	if err != nil {
		return nil, err
	}
	path := place.file
	if path == "" {
		path = place.path(0, true, f.variant)
	}
	made := &madeBatch{paths: []string{path}}
	cards := slices.Repeat([]postcards.Card{{Variant: f.variant, Language: f.Language}}, f.blank)
	staged, err := stageFile(place.folder)
	if err != nil {
		return nil, err
	}
	defer staged.drop()
	sum, failed, err := printer.Cards(ctx, staged, f.Sheet, cards, postcards.Options{Compress: f.Compress, Progress: progress.printed})
	progress.end()
	if len(failed) > 0 {
		return nil, badInput{failed[0]}
	}
	file := store.PrintFile{Kind: postcards.KindCard, Items: sum.Items, Pages: sum.Pages}
	if err == nil {
		file.SHA256, err = staged.finish()
	}
	if err == nil {
		err = staged.place(path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", path, err)
	}
	made.Items, made.Pages, made.Files = sum.Items, sum.Pages, []store.PrintFile{file}
	return made, nil
}
