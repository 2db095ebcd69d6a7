package printing

import (
	"context"
	"errors"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// Found is what a serial stands on.
type Found struct {
	Print        store.Print
	Batch        store.PrintBatch // that it was printed with; without a number where it waits
	Practitioner string           // now, by name and id; empty: nobody
	Team         string
	Posting      *store.Posting // nil: GOV.UK Notify was never to post it
}

// LookUp finds what a serial stands on that somebody reads out or types.
func LookUp(ctx context.Context, db *store.Store, typed string) (*Found, error) {
	serial, err := postcards.ParseSerial(typed)
	if err != nil {
		return nil, pathway.AsProblem(pathway.Refused, err)
	}
	p, err := db.PrintBySerial(ctx, serial)
	if errors.Is(err, store.ErrNotFound) {
		return nil, pathway.NewProblem(pathway.NotFound, "nothing was printed with the serial %s here: ask for it to be read again, and check --config", serial)
	}
	if err != nil {
		return nil, err
	}
	return foundOf(ctx, db, p)
}

// foundOf is what there is to know of a print.
func foundOf(ctx context.Context, db *store.Store, p *store.Print) (*Found, error) {
	batch := &store.PrintBatch{}
	var err error
	if p.Batch != 0 {
		if batch, err = db.Batch(ctx, p.Batch); err != nil {
			return nil, err
		}
	}
	of, err := db.Case(ctx, p.Case)
	if err != nil {
		return nil, err
	}
	names, err := db.StaffNames(ctx, []string{of.Standing.Practitioner})
	if err != nil {
		return nil, err
	}
	found := &Found{Print: *p, Batch: *batch, Practitioner: names.Of(of.Standing.Practitioner), Team: of.Case.Team}
	posted, err := db.PostingsOf(ctx, []int64{p.ID})
	if posting, known := posted[p.ID]; known {
		found.Posting = &posting
	}
	return found, err
}
