package printing

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// printChunk is how many items are looked at together.
const printChunk = 500

// ready is something that is to be printed.
type ready struct {
	print *store.Print
	item  *pathway.PaperItem
	of    *store.PrintCase
}

// eachReady decides, in the order of the queue, what becomes of all that waits of a
// kind, and calls printed with what is to be printed.
func (a *attempt) eachReady(ctx context.Context, kind string, printed func(*ready) (goOn bool, err error)) error {
	chunk := make([]store.Print, 0, printChunk)
	for p, err := range a.read(ctx, kind) {
		if err != nil {
			return err
		}
		if chunk = append(chunk, p); len(chunk) < printChunk {
			continue
		}
		if goOn, err := a.decideChunk(ctx, kind, chunk, printed); err != nil || !goOn {
			return err
		}
		chunk = chunk[:0]
	}
	_, err := a.decideChunk(ctx, kind, chunk, printed)
	return err
}

// decideChunk is eachReady for some that wait.
func (a *attempt) decideChunk(ctx context.Context, kind string, chunk []store.Print, printed func(*ready) (goOn bool, err error)) (goOn bool, err error) {
	if len(chunk) == 0 {
		return true, nil
	}
	cases, err := a.db.PrintCases(ctx, refsOf(chunk))
	if err != nil {
		return false, err
	}
	var all []*ready
	for i := range chunk {
		r, err := a.settle(&chunk[i], cases[chunk[i].Case], kind)
		if err != nil {
			return false, err
		}
		if r != nil {
			all = append(all, r)
		}
	}
	if all, err = a.oncePerHousehold(ctx, all); err != nil {
		return false, err
	}
	if err := a.giveSerials(ctx, all); err != nil {
		return false, err
	}
	for _, r := range all {
		if goOn, err := printed(r); err != nil || !goOn {
			return false, err
		}
	}
	return true, nil
}

func refsOf(prints []store.Print) []string {
	refs := make([]string, len(prints))
	for i := range prints {
		refs[i] = prints[i].Case
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}

// settle decides on one of those that wait; nil: it is not for this file.
func (a *attempt) settle(p *store.Print, c *store.PrintCase, kind string) (*ready, error) {
	if c == nil {
		return nil, fmt.Errorf("case %s waits in the print queue, but is not known", p.Case)
	}
	if err := a.unprintable[p.ID]; err != nil && p.ID != 0 {
		a.noteUnprintable(p, err)
		return nil, nil
	}
	if a.settled[p.ID] {
		return nil, nil
	}
	d, err := a.source.decide(p, c)
	switch {
	case err != nil:
		return nil, err
	case d.overtaken != "":
		a.settled[p.ID] = p.ID != 0
		if p.ID != 0 {
			a.dropped = append(a.dropped, store.DroppedPrint{ID: p.ID, State: store.PrintOvertaken, Why: d.overtaken})
		}
		return nil, nil
	case d.noCard != "":
		a.noCards = append(a.noCards, noteOf(p, d.noCard))
		return nil, nil
	case d.item == nil:
		return nil, nil
	}
	p.PaperItem = *d.item
	switch {
	case p.Kind == pathway.PaperPhone:
		if a.source.calls {
			a.settled[p.ID] = true
			a.calls = append(a.calls, *p)
			call := noteOf(p, p.Why)
			call.Practitioner = a.names.Of(p.Practitioner)
			a.notes.Calls = append(a.notes.Calls, call)
		}
		return nil, nil
	case p.Kind != kind:
		return nil, nil
	case p.Refused != "":
		a.notes.Waiting = append(a.notes.Waiting, noteOf(p, p.Refused))
		a.refused = append(a.refused, *p)
		return nil, nil
	case p.NotFinal != "" && p.ID != 0:
		a.notes.Softer = append(a.notes.Softer, noteOf(p, p.NotFinal))
	}
	return &ready{p, d.item, c}, nil
}

// oncePerHousehold leaves out what a household has been sent already, or gets in
// this batch for another child.
func (a *attempt) oncePerHousehold(ctx context.Context, all []*ready) ([]*ready, error) {
	var keys []string
	for _, r := range all {
		if r.print.Once != "" {
			keys = append(keys, r.print.Once)
		}
	}
	before, err := a.db.PrintedOnce(ctx, keys)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(r *ready) bool {
		key := r.print.Once
		if key == "" {
			return false
		}
		other, printed := before[key]
		if first, another := a.households[key]; another {
			other, printed = first.ref, true
			a.standsIn[first.id] = true
		}
		if !printed {
			a.households[key] = firstChild{r.print.ID, r.print.Case}
			return false
		}
		a.dropped = append(a.dropped, store.DroppedPrint{ID: r.print.ID, State: store.PrintWithdrawn,
			Why: "the household gets one letter: it is the one for case " + other})
		return true
	}), nil
}

// giveSerials gives each a serial that stands on nothing else.
func (a *attempt) giveSerials(ctx context.Context, all []*ready) error {
	for len(all) > 0 {
		var serials []string
		for _, r := range all {
			serial, err := postcards.NewSerial(rand.Reader)
			if err != nil {
				return err
			}
			r.print.Serial = serial
			serials = append(serials, serial)
		}
		taken, err := a.db.SerialsTaken(ctx, serials)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(slices.Clone(all), func(r *ready) bool {
			serial := r.print.Serial
			if taken[serial] || a.serials[serial] {
				return false
			}
			a.serials[serial] = true
			return true
		})
	}
	return nil
}
