package printing

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// Queue is what waits in the print room, as Print would find it now. It names cases and
// staff, and nobody else. Of a long queue it is a part: of what was looked at.
type Queue struct {
	Ready   []Waiting // letters, then cards, in the order of the pages
	Refused []Waiting // not printed as things stand
	Calls   []Note    // to be phoned in place of paper
	Pull    []Note    // printed before, and overtaken since
	Gone    int       // that waited and are no longer needed: the next batch drops them
	UpTo    int64     // the highest id of them all, for Selection.UpTo
	More    int       // that wait behind those that are ready, and were not looked at
	Next    int64     // the last that was looked at, where more wait behind it, for Part.Behind
}

// InAll is how many are ready or were not looked at.
func (q *Queue) InAll() int { return len(q.Ready) + q.More }

// Part is which part of a queue is wanted.
type Part struct {
	Case   string // what waits for this case; empty: for any
	Behind int64  // what stands behind this item, while that waits; 0: from the first
	Most   int    // so many that are ready, and all of which something is noted
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
	// English is why it is in English though the family reads another language; empty: it is
	// not, or they do not say.
	English string

	at time.Time // of the visit that it is for
}

// Queue looks at a part of what waits of the cases that a scope holds. It changes nothing.
func (r *Room) Queue(ctx context.Context, now time.Time, scope *pathway.Scope, part Part) (*Queue, error) {
	m, err := r.batchMaker(ctx, now, "", Options{}, nil)
	if err != nil {
		return nil, err
	}
	m.scope = scope
	all, err := r.Store.QueuedPrints(ctx, part.Case, scope)
	if err != nil {
		return nil, err
	}
	q := &Queue{}
	for _, w := range all {
		q.UpTo = max(q.UpTo, w.ID)
	}
	a := m.attempt(m.waiting([]string{pathway.PaperLetter, pathway.PaperCard}, "", "", nil), nil)
	if err := a.lookAt(ctx, q, slices.DeleteFunc(slices.Clone(all), func(w store.QueuedPrint) bool { return !w.Noted })); err != nil {
		return nil, err
	}
	waits := inPageOrder(all, a.kinds)
	waits = waits[1+slices.IndexFunc(waits, func(w store.QueuedPrint) bool { return w.ID == part.Behind && part.Behind > 0 }):]
	for len(waits) > 0 && len(q.Ready) < part.Most {
		looked := waits[:min(len(waits), part.Most-len(q.Ready))]
		waits = waits[len(looked):]
		if err := a.lookAt(ctx, q, looked); err != nil {
			return nil, err
		}
		q.Next = looked[len(looked)-1].ID
	}
	if q.More = len(waits); q.More == 0 {
		q.Next = 0
	}
	if err := a.pullOut(ctx, part.Case); err != nil {
		return nil, err
	}
	for i := range a.refused {
		p := &a.refused[i]
		q.Refused = append(q.Refused, waitingOf(p))
	}
	q.Calls, q.Pull, q.Gone = a.notes.Calls, a.notes.Pull, len(a.dropped)-len(a.notes.Pull)
	return q, nil
}

// inPageOrder are those of which nothing is noted, kind by kind.
func inPageOrder(all []store.QueuedPrint, kinds []string) (waits []store.QueuedPrint) {
	for _, kind := range kinds {
		for _, w := range all {
			if w.Kind == kind && !w.Noted {
				waits = append(waits, w)
			}
		}
	}
	return waits
}

// lookAt looks at some that wait.
func (a *attempt) lookAt(ctx context.Context, q *Queue, some []store.QueuedPrint) error {
	if len(some) == 0 {
		return nil
	}
	ids := make([]int64, len(some))
	for i := range some {
		ids[i] = some[i].ID
	}
	prints, err := a.db.QueuedByID(ctx, ids)
	if err != nil {
		return err
	}
	a.read = func(_ context.Context, kind string) iter.Seq2[store.Print, error] {
		return func(yield func(store.Print, error) bool) {
			for _, p := range prints {
				if (p.Kind == kind || p.Kind == pathway.PaperPhone) && !yield(p, nil) { // what was to be a call may be paper by now
					return
				}
			}
		}
	}
	for _, kind := range a.kinds {
		found, err := a.look(ctx, kind)
		if err != nil {
			return err
		}
		for _, w := range found {
			if w.Refused == "" && w.Field == "" {
				q.Ready = append(q.Ready, w)
			} else {
				q.Refused = append(q.Refused, w)
			}
		}
	}
	return nil
}

func waitingOf(p *store.Print) Waiting {
	return Waiting{ID: p.ID, Case: p.Case, Kind: p.Kind, Variant: p.Variant, Team: p.Team, Practitioner: p.Practitioner, Since: p.Queued,
		Why: p.Why, NotFinal: p.NotFinal, Refused: p.Refused, at: p.At}
}

// look lays out what is to be printed of a kind, to see what can be.
func (a *attempt) look(ctx context.Context, kind string) (found []Waiting, err error) {
	inputs := func(yield func(*printInput, error) bool) {
		err := a.eachReady(ctx, kind, func(r *ready) (bool, error) {
			w := waitingOf(r.print)
			w.English = a.tables.InEnglish(&r.of.Case)
			found = append(found, w)
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
	Printed      int    // of the cards, how many have been printed before
	In           int64  // the newest batch with one of these
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
	refs := make([]string, len(found))
	for i := range found {
		refs[i] = found[i].Case
	}
	ahead, err := r.Store.CardsAhead(ctx, refs)
	if err != nil {
		return nil, err
	}
	for i := range found {
		p := of(found[i].Practitioner)
		p.Cards++
		if batch := ahead[found[i].Case][found[i].at.UnixMilli()]; batch > 0 {
			p.Printed, p.In = p.Printed+1, max(p.In, batch)
		}
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
	// English is why it would be in English though the family reads another language; empty:
	// it would not, or they do not say.
	English string
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
			item.input, item.English = a.inputOf(r), a.tables.InEnglish(&r.of.Case)
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
