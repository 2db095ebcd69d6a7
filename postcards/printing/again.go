package printing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Reprint prints a batch again: from what stood on each item then, with the wording of
// then, so that the files are the same byte for byte. Before they are there, it is on
// the audit trail who asked for them.
func Reprint(ctx context.Context, now time.Time, asked store.PrintAsked, db *store.Store, number int64, place *Place, progress func(items int)) (*Batch, error) {
	made, options, err := ReadBatch(ctx, db, number)
	if err != nil {
		return nil, err
	}
	batch := &made.PrintBatch
	st, err := unpackStationery(batch.Stationery)
	if err != nil {
		return nil, err
	}
	printer, err := st.Printer()
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
	for i, file := range batch.Files {
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
			made.Different = append(made.Different, file.Kind)
			made.Files[i].SHA256 = sum
		}
	}
	covers := &stagedFiles{folder: place.folder}
	defer covers.drop()
	if !options.NoCover {
		c := cover{batch: batch, notes: &made.Notes, zone: zone, printer: printer}
		if err := c.write(covers.open, db.BatchItems(ctx, number, "")); err != nil {
			return nil, err
		}
	}
	if err := covers.finish(); err != nil {
		return nil, fmt.Errorf("cannot write in %s: %w", place.folder, err)
	}
	refs, err := casesIn(ctx, db, number, "")
	if err != nil {
		return nil, err
	}
	if err := db.AddAudit(ctx, asked.Trail(now, string(pathway.DeedPrint), fmt.Sprintf("batch %d again", number), refs)...); err != nil {
		return nil, err
	}
	for i, f := range again {
		path := place.path(number, i == 0, plural[batch.Files[i].Kind])
		if err := f.place(path); err != nil {
			return nil, fmt.Errorf("cannot write %s: %w", path, err)
		}
		made.Paths = append(made.Paths, path)
	}
	if made.Covers, err = covers.place(place, number); err != nil {
		return nil, fmt.Errorf("cannot write the cover sheet: %w", err)
	}
	return made, nil
}

// ReadBatch returns a batch as it is on record, with how it was printed. It makes no
// files.
func ReadBatch(ctx context.Context, db *store.Store, number int64) (made *Batch, options Options, err error) {
	batch, err := batchOf(ctx, db, number)
	if err != nil {
		return nil, options, err
	}
	made = &Batch{PrintBatch: *batch}
	if err := errors.Join(json.Unmarshal([]byte(batch.Options), &options), json.Unmarshal([]byte(batch.Cover), &made.Notes)); err != nil {
		return nil, options, fmt.Errorf("batch %d: how it was printed cannot be read: %w", number, err)
	}
	if made.Posted, err = db.Postings(ctx, number); err != nil {
		return nil, options, err
	}
	made.Notes.readPosted(made.Posted)
	return made, options, nil
}

// casesIn are the cases that a batch has paper of: of one kind, or of all (empty).
func casesIn(ctx context.Context, db *store.Store, number int64, kind string) ([]string, error) {
	of := map[string]bool{}
	for p, err := range db.BatchItems(ctx, number, kind) {
		if err != nil {
			return nil, err
		}
		of[p.Case] = true
	}
	return slices.Sorted(maps.Keys(of)), nil
}

// batchOf is a batch that somebody names.
func batchOf(ctx context.Context, db *store.Store, number int64) (*store.PrintBatch, error) {
	batch, err := db.Batch(ctx, number)
	if errors.Is(err, store.ErrNotFound) {
		return nil, pathway.NewProblem(pathway.NotFound, "there is no batch %d: check the number on its cover sheet", number)
	}
	return batch, err
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
