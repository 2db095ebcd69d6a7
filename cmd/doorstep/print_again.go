package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"example.org/doorstep/store"
)

// printAgain prints a batch again: from what stood on each item then, with the
// wording of then, so that the files are the same byte for byte.
func printAgain(ctx context.Context, db *store.Store, number int64, place *printPlace, progress *progress, errs io.Writer) (*madeBatch, error) {
	batch, err := db.Batch(ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return nil, badInput{fmt.Errorf("there is no batch %d: check the number on its cover sheet", number)}
	}
	if err != nil {
		return nil, err
	}
	var options printOptions
	made := &madeBatch{PrintBatch: *batch}
	if err := errors.Join(json.Unmarshal([]byte(batch.Options), &options), json.Unmarshal([]byte(batch.Cover), &made.notes)); err != nil {
		return nil, fmt.Errorf("batch %d: how it was printed cannot be read: %w", number, err)
	}
	if err := made.notes.readPosted(ctx, db, number, errs); err != nil {
		return nil, err
	}
	st, err := unpackStationery(batch.Stationery)
	if err != nil {
		return nil, err
	}
	printer, err := st.printer()
	if err != nil {
		return nil, fmt.Errorf("batch %d cannot be printed as it was: %w", number, err)
	}
	zone, err := time.LoadLocation(st.TimeZone)
	if err != nil {
		return nil, err
	}
	var again []*stagedFile
	defer func() {
		for _, f := range again {
			f.drop()
		}
	}()
	for _, file := range batch.Files {
		f, err := stageFile(place.folder)
		if err != nil {
			return nil, err
		}
		again = append(again, f)
		_, failed, err := printPages(ctx, printer, file.Kind, f, options, batch.Made, progress, keptInputs(ctx, db, number, file.Kind))
		for _, item := range failed {
			err = errors.Join(err, item)
		}
		if err != nil {
			return nil, fmt.Errorf("printing batch %d again: %w", number, err)
		}
		sum, err := f.finish()
		if err != nil {
			return nil, fmt.Errorf("cannot write in %s: %w", place.folder, err)
		}
		if sum != file.SHA256 {
			fmt.Fprintf(errs, "doorstep: the %s of batch %d differ from what was printed then: this Doorstep lays pages out otherwise; compare before you post them\n", plural[file.Kind], number)
			made.Files[len(again)-1].SHA256 = sum
		}
	}
	covers := &stagedFiles{folder: place.folder}
	defer covers.drop()
	if !options.NoCover {
		if err := writeCovers(covers.open, batch, zone, &made.notes, db.BatchItems(ctx, number, "")); err != nil {
			return nil, err
		}
	}
	if err := covers.finish(); err != nil {
		return nil, fmt.Errorf("cannot write in %s: %w", place.folder, err)
	}
	for i, f := range again {
		path := place.path(number, i == 0, plural[batch.Files[i].Kind])
		if err := f.place(path); err != nil {
			return nil, fmt.Errorf("cannot write %s: %w", path, err)
		}
		made.paths = append(made.paths, path)
	}
	if made.covers, err = covers.place(place, number); err != nil {
		return nil, fmt.Errorf("cannot write the cover sheet: %w", err)
	}
	return made, nil
}

// keptInputs are what stood on the items of a batch.
func keptInputs(ctx context.Context, db *store.Store, batch int64, kind string) iter.Seq2[*printInput, error] {
	return func(yield func(*printInput, error) bool) {
		for p, err := range db.BatchItems(ctx, batch, kind) {
			var in *printInput
			if err == nil {
				in, err = unpackInput(&p)
			}
			if !yield(in, err) || err != nil {
				return
			}
		}
	}
}
