package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

// printOptions are how a batch is printed. They are kept with it.
type printOptions struct {
	Sheet      postcards.Sheet  `json:"sheet"`
	Layout     postcards.Layout `json:"layout"`
	Language   string           `json:"language,omitempty"`
	Compress   bool             `json:"compress,omitempty"`
	LargePrint bool             `json:"large_print,omitempty"`
	NoCover    bool             `json:"no_cover,omitempty"` // for one case: who prints it knows which
	Post       bool             `json:"post,omitempty"`     // GOV.UK Notify prints and posts the letters: they get no file here
}

// selection is what goes into a batch.
type selection struct {
	kinds []string // of paper, in the order of the files
	calls bool     // the calls in place of paper too
	pull  bool     // and what is to be taken out of earlier batches
	read  func(ctx context.Context, kind string) iter.Seq2[store.Print, error]
	// decide says what becomes of one of those read.
	decide func(*store.Print, *store.PrintCase) (decided, error)
}

// batchMaker makes batches. Every batch is on record with what is in it before
// its files are there under their names: what fails before that leaves the queue
// as it was, and what fails after it is printed again by the batch's number.
type batchMaker struct {
	decider
	db       *store.Store
	options  printOptions
	by       string
	people   map[string]pathway.Person
	progress *progress

	printer            *postcards.Printer
	stationery, digest string
}

// batchMaker returns what makes batches with the configured wording.
func (s *setup) batchMaker(ctx context.Context, db *store.Store, options printOptions, by string, progress *progress) (*batchMaker, error) {
	rules, err := s.rules(ctx, db)
	if err != nil {
		return nil, err
	}
	st, err := s.stationery()
	if err != nil {
		return nil, err
	}
	m := &batchMaker{db: db, options: options, by: by, people: map[string]pathway.Person{}, progress: progress}
	m.decider = decider{rules: rules, now: now().UTC()}
	if m.choice, err = st.choice(); err != nil {
		return nil, err
	}
	if m.printer, err = st.printer(); err != nil {
		return nil, err
	}
	if m.stationery, m.digest, err = st.pack(); err != nil {
		return nil, err
	}
	people, err := db.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		m.people[p.ID] = p
	}
	return m, nil
}

// made is the time that stands on the paper and in its files.
func (m *batchMaker) made() time.Time { return m.now.Truncate(time.Second) }

// madeBatch is what became of a batch.
type madeBatch struct {
	store.PrintBatch            // without a number where nothing was printed
	paths            []string   // of the files; empty for letters that are posted
	covers           []string   // the paths of the cover sheets
	notes            coverNotes // what is on it besides the items
	bad              []error    // why items could not be printed
	dropped          int        // that waited and were overtaken or withdrawn
}

// mostMeetings bounds how often a batch is begun again because somebody else made
// one meanwhile.
const mostMeetings = 20

// make makes a batch of the selection, or none where there is nothing to print.
// Where somebody else makes one at the same time, it goes on with what is left.
func (m *batchMaker) make(ctx context.Context, what selection, place *printPlace) (*madeBatch, error) {
	unprintable := map[int64]error{}
	for range mostMeetings {
		a := &attempt{batchMaker: m, selection: what, unprintable: unprintable}
		made, err := a.run(ctx, place)
		a.drop()
		if !errors.Is(err, store.ErrBatchTaken) && !errors.Is(err, errAgain) {
			return made, err
		}
	}
	return nil, store.ErrBatchTaken
}

// errAgain says that a household's letter could not be printed for one child, and
// another's takes its place.
var errAgain = errors.New("a household's letter is tried for another child")

// attempt is one try at a batch.
type attempt struct {
	*batchMaker
	selection
	// unprintable are the items that an earlier attempt could not print and that
	// stood in for others.
	unprintable map[int64]error

	files   []*batchFile
	notes   coverNotes
	calls   []store.Print
	dropped []store.DroppedPrint
	bad     []error

	households map[string]firstChild // what is printed once, by its key
	standsIn   map[int64]bool        // items for which others were left out
	settled    map[int64]bool        // calls that have been decided
	serials    map[string]bool       // given out in this batch
}

// firstChild is whose letter a household gets.
type firstChild struct {
	id  int64 // of the print
	ref string
}

// batchFile is one file of a batch on its way.
type batchFile struct {
	*stagedFile
	store.PrintFile
	spool *printSpool
}

func (a *attempt) drop() {
	for _, f := range a.files {
		f.drop()
		f.spool.close()
	}
}

func (a *attempt) run(ctx context.Context, place *printPlace) (*madeBatch, error) {
	number, err := a.db.NextBatch(ctx)
	if err != nil {
		return nil, err
	}
	a.notes.Post = a.options.Post
	a.households, a.standsIn, a.settled, a.serials = map[string]firstChild{}, map[int64]bool{}, map[int64]bool{}, map[string]bool{}
	made := &madeBatch{PrintBatch: store.PrintBatch{Made: a.made(), By: a.by, Stationery: a.stationery}}
	for _, kind := range a.kinds {
		f, err := a.print(ctx, kind, place.folder)
		if err != nil {
			return nil, err
		}
		if f.Items > 0 {
			made.Files = append(made.Files, f.PrintFile)
			made.Items, made.Pages = made.Items+f.Items, made.Pages+f.Pages
		}
	}
	if a.pull {
		if err := a.pullOut(ctx); err != nil {
			return nil, err
		}
	}
	made.notes, made.bad, made.dropped = a.notes, a.bad, len(a.dropped)-len(a.notes.Pull)
	if made.Items == 0 && len(a.notes.Pull) == 0 && len(a.calls) == 0 {
		return made, nil
	}
	made.Number = number
	return made, a.keep(ctx, place, made)
}

// print prints all of one kind into a file of its own.
func (a *attempt) print(ctx context.Context, kind, folder string) (*batchFile, error) {
	staged, err := stageFile(folder)
	if err != nil {
		return nil, err
	}
	spool, err := newPrintSpool()
	if err != nil {
		staged.drop()
		return nil, err
	}
	f := &batchFile{stagedFile: staged, spool: spool, PrintFile: store.PrintFile{Kind: kind}}
	a.files = append(a.files, f)
	sum, failed, err := printPages(ctx, a.printer, kind, f, a.options, a.made(), a.progress, a.inputs(ctx, kind, spool))
	if bad := (badInput{}); errors.As(err, &bad) {
		return nil, bad
	}
	if err != nil {
		return nil, fmt.Errorf("printing into %s: %w", folder, err)
	}
	if err := a.failed(spool, failed); err != nil {
		return nil, err
	}
	f.Items, f.Pages = sum.Items, sum.Pages
	if f.SHA256, err = f.finish(); err != nil {
		return nil, fmt.Errorf("cannot write in %s: %w", folder, err)
	}
	return f, nil
}

// failed notes the items that could not be printed.
func (a *attempt) failed(spool *printSpool, failed []postcards.ItemError) error {
	if len(failed) == 0 {
		return nil
	}
	for _, f := range failed {
		spool.bad[f.Index] = true
	}
	again := false
	i, bad := 0, 0
	for p, err := range spool.all() {
		if err != nil {
			return err
		}
		if spool.bad[i] {
			f := failed[bad]
			bad++
			a.wait(&p, f)
			if a.standsIn[p.ID] {
				a.unprintable[p.ID], again = f, true
			}
		}
		i++
	}
	if again {
		return errAgain
	}
	return nil
}

// wait notes an item that cannot be printed.
func (a *attempt) wait(p *store.Print, why error) {
	a.bad = append(a.bad, why)
	text := why.Error()
	if item := (postcards.ItemError{}); errors.As(why, &item) {
		text = strings.TrimPrefix(item.Field+": "+item.Err.Error(), ": ")
	}
	note := noteOf(p, text)
	note.bad = true
	a.notes.Waiting = append(a.notes.Waiting, note)
}

// keep puts the batch on record and its files in their places.
func (a *attempt) keep(ctx context.Context, place *printPlace, made *madeBatch) error {
	covers := &stagedFiles{folder: place.folder}
	defer covers.drop()
	var err error
	if !a.options.NoCover {
		err = writeCovers(covers.open, &made.PrintBatch, a.rules.Calendar.Location(), &a.notes, a.items())
	}
	if err == nil {
		err = covers.finish()
	}
	if err != nil {
		return fmt.Errorf("cannot write the cover sheet in %s: %w", place.folder, err)
	}
	options, err := json.Marshal(a.options)
	if err != nil {
		return err
	}
	notes, err := json.Marshal(a.notes)
	if err != nil {
		return err
	}
	made.Options, made.Cover = string(options), string(notes)
	items := func(yield func(store.Print, error) bool) {
		for _, p := range a.calls {
			if !yield(p, nil) {
				return
			}
		}
		a.items()(yield)
	}
	if err := a.db.KeepBatch(ctx, &made.PrintBatch, a.digest, items, a.dropped); err != nil {
		return err
	}
	for _, f := range a.files {
		if f.Items == 0 {
			continue
		}
		if a.options.Post && f.Kind == postcards.KindLetter {
			made.paths = append(made.paths, "")
			continue
		}
		path := place.path(made.Number, len(made.paths) == 0, plural[f.Kind])
		if err := f.place(path); err != nil {
			return misplaced(made.Number, err)
		}
		made.paths = append(made.paths, path)
	}
	if made.covers, err = covers.place(place, made.Number); err != nil {
		return misplaced(made.Number, err)
	}
	return nil
}

func misplaced(batch int64, err error) error {
	return fmt.Errorf("batch %d is on record, but cannot be put there: %w: run doorstep print --batch %d with another --out", batch, err, batch)
}

// plural names the file of a kind.
var plural = map[string]string{postcards.KindCard: "cards", postcards.KindLetter: "letters"}

// items are all that was printed, in the order of the files.
func (a *attempt) items() iter.Seq2[store.Print, error] {
	return func(yield func(store.Print, error) bool) {
		place := 0
		for _, f := range a.files {
			for p, err := range f.spool.all() {
				if err == nil && f.spool.bad[p.Place] {
					continue
				}
				place++
				p.Place = place
				if !yield(p, err) || err != nil {
					return
				}
			}
		}
	}
}
