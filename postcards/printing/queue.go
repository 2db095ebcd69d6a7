package printing

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// Queue is what waits in the print room, as Print would find it now. It names cases and
// staff, and nobody else.
type Queue struct {
	Ready   []Waiting // letters, then cards, in the order of the pages
	Refused []Waiting // not printed as things stand
	Calls   []Note    // to be phoned in place of paper
	Pull    []Note    // printed before, and overtaken since
	Gone    int       // that waited and are no longer needed: the next batch drops them
	UpTo    int64     // the highest id of them all, for Selection.UpTo
}

// Waiting is something that waits to be printed.
type Waiting struct {
	ID                 int64
	Case               string
	Kind, Variant      string
	Team, Practitioner string // the practitioner by id
	Since              time.Time
	Why                string // why it is called for
	NotFinal           string // what keeps it from being a final card; empty: nothing

	// Of what is refused, why, or else in which field stands what cannot be printed:
	// what stands there is for whoever may see the item itself.
	Refused, Field string
}

// Queue looks at what waits of the cases that a scope holds. It changes nothing.
func (r *Room) Queue(ctx context.Context, now time.Time, scope *pathway.Scope) (*Queue, error) {
	m, err := r.batchMaker(ctx, now, "", Options{}, nil)
	if err != nil {
		return nil, err
	}
	m.scope = scope
	q := &Queue{}
	seen := func(p *store.Print) bool {
		q.UpTo = max(q.UpTo, p.ID)
		return true
	}
	a := m.attempt(m.waiting([]string{pathway.PaperLetter, pathway.PaperCard}, "", "", seen), nil)
	for _, kind := range a.kinds {
		found, err := a.look(ctx, kind)
		if err != nil {
			return nil, err
		}
		for _, w := range found {
			if w.Refused == "" && w.Field == "" {
				q.Ready = append(q.Ready, w)
			} else {
				q.Refused = append(q.Refused, w)
			}
		}
	}
	if err := a.pullOut(ctx); err != nil {
		return nil, err
	}
	for i := range a.refused {
		p := &a.refused[i]
		q.Refused = append(q.Refused, waitingOf(p))
	}
	q.Calls, q.Pull, q.Gone = a.notes.Calls, a.notes.Pull, len(a.dropped)-len(a.notes.Pull)
	return q, nil
}

func waitingOf(p *store.Print) Waiting {
	return Waiting{ID: p.ID, Case: p.Case, Kind: p.Kind, Variant: p.Variant, Team: p.Team, Practitioner: p.Practitioner, Since: p.Queued,
		Why: p.Why, NotFinal: p.NotFinal, Refused: p.Refused}
}

// look lays out what is to be printed of a kind, to see what can be.
func (a *attempt) look(ctx context.Context, kind string) (found []Waiting, err error) {
	inputs := func(yield func(*printInput, error) bool) {
		err := a.eachReady(ctx, kind, func(r *ready) (bool, error) {
			found = append(found, waitingOf(r.print))
			return yield(a.inputOf(r), nil), nil
		})
		if err != nil {
			yield(nil, err)
		}
	}
	_, failed, err := printPages(ctx, a.printer, kind, io.Discard, a.options, a.made(), nil, inputs)
	if err != nil {
		return nil, fmt.Errorf("looking at what waits: %w", err)
	}
	for _, f := range failed {
		found[f.Index].Field = f.Field
		if f.Field == "" {
			found[f.Index].Field = "variant"
		}
	}
	return found, nil
}

// Pack is the cards that a practitioner takes along on a day.
type Pack struct {
	Practitioner string // by id; empty: nobody has the cases
	Cards        int
	NoCards      []Note // of the other visits of the day: why there is no card
}

// Packs are the packs for a day's visits on the cases that a scope holds, as
// Selection.Visits would make them now.
func (r *Room) Packs(ctx context.Context, now time.Time, day pathway.Date, scope *pathway.Scope) ([]Pack, error) {
	m, err := r.batchMaker(ctx, now, "", Options{}, nil)
	if err != nil {
		return nil, err
	}
	m.scope = scope
	a := m.attempt(m.fieldPack(day, "", ""), nil)
	found, err := a.look(ctx, pathway.PaperCard)
	if err != nil {
		return nil, err
	}
	var packs []Pack
	of := func(practitioner string) *Pack {
		i := slices.IndexFunc(packs, func(p Pack) bool { return p.Practitioner == practitioner })
		if i < 0 {
			i, packs = len(packs), append(packs, Pack{Practitioner: practitioner})
		}
		return &packs[i]
	}
	for i := range found {
		of(found[i].Practitioner).Cards++
	}
	for _, n := range a.noCards {
		p := of(n.Practitioner)
		p.NoCards = append(p.NoCards, n)
	}
	return packs, nil
}

// Item is something that waits to be printed or was, for whoever may see what stands on
// it.
type Item struct {
	Found
	Waits bool   // it is not printed yet
	Not   string // why it is not printed, or not again, as things stand; empty: it may be
	Sheet postcards.Sheet
	// Layout is how a letter is laid out, or would be.
	Layout postcards.Layout
	input  *printInput
	with   *postcards.Printer
}

// Picture draws the item: as it was printed, or would be. There is none of what is not
// printed because it cannot be.
func (i *Item) Picture() (*postcards.Picture, error) {
	switch {
	case i.input == nil:
		return nil, pathway.NewProblem(pathway.NotFound, "there is nothing to be seen of it: %s", i.Not)
	case i.input.Card != nil:
		return i.with.PictureOfCard(i.input.Card)
	}
	return i.with.PictureOfLetter(i.Layout, i.input.Letter)
}

// Item finds what waits or was printed by its id. As it was printed it is shown where no
// form is asked for, else as it would be printed now in that form.
func (r *Room) Item(ctx context.Context, now time.Time, id int64, form Options) (*Item, error) {
	p, err := r.Store.PrintByID(ctx, id)
	if err != nil {
		return nil, err
	}
	found, err := foundOf(ctx, r.Store, p)
	if err != nil {
		return nil, err
	}
	item := &Item{Found: *found, Waits: p.State == store.PrintQueued}
	m, err := r.batchMaker(ctx, now, "", form, nil)
	if err != nil {
		return nil, err
	}
	item.Sheet, item.Layout, item.with = m.options.Sheet, m.options.Layout, m.printer
	from := m.oneAgain(found)
	if item.Waits {
		from = m.waiting([]string{pathway.PaperLetter, pathway.PaperCard}, p.Case, "", func(other *store.Print) bool { return other.ID == id })
	}
	a := m.attempt(from, nil)
	if err := a.lookAtOne(ctx, item); err != nil {
		return nil, err
	}
	if !item.Waits && p.Place == 0 {
		item.input = nil // a call, which is on no paper
	} else if !item.Waits && form == (Options{}) {
		err = item.asPrinted(p)
	}
	return item, err
}

// lookAtOne finds out what would be printed of the one item of a source, or why nothing
// would.
func (a *attempt) lookAtOne(ctx context.Context, item *Item) error {
	for _, kind := range a.kinds {
		err := a.eachReady(ctx, kind, func(r *ready) (bool, error) {
			if item.Waits {
				item.Print.PaperItem = *r.item
			}
			r.print.Serial = "" // it is given when it is printed
			item.input = a.inputOf(r)
			return false, nil
		})
		if pathway.ProblemOf(err) == pathway.Refused {
			item.Not = err.Error()
			return nil
		}
		if err != nil {
			return err
		}
	}
	if item.input != nil {
		return nil
	}
	for _, notes := range [][]Note{a.notes.Waiting, a.notes.Calls} {
		for _, n := range notes {
			item.Not = n.Why
		}
	}
	for _, d := range a.dropped {
		item.Not = d.Why
	}
	return nil
}

// asPrinted shows a printed item as it was printed.
func (i *Item) asPrinted(p *store.Print) (err error) {
	if i.input, err = unpackInput(p); err != nil {
		return err
	}
	st, err := unpackStationery(i.Batch.Stationery)
	if err != nil {
		return err
	}
	options, err := optionsOf(&i.Batch)
	if err != nil {
		return err
	}
	i.Sheet, i.Layout = options.Sheet, options.Layout
	i.with, err = st.Printer()
	return err
}
