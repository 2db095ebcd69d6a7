package printing

import (
	"cmp"
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

// source is what a batch is made from.
type source struct {
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
	options  Options
	by       string
	asked    store.PrintAsked
	scope    *pathway.Scope // of whose cases; nil: of all
	people   map[string]pathway.Person
	names    pathway.StaffNames // of the people: cover sheets are read by staff
	progress func(items int)    // nil: nobody is told

	printer            *postcards.Printer
	stationery, digest string
}

// batchMaker returns what makes batches with the wording of now.
func (r *Room) batchMaker(ctx context.Context, now time.Time, who string, options Options, progress func(int)) (*batchMaker, error) {
	options.Sheet = cmp.Or(options.Sheet, r.Sheet)
	options.Layout = cmp.Or(options.Layout, r.Layout)
	m := &batchMaker{db: r.Store, options: options, by: who, asked: r.Asked, people: map[string]pathway.Person{}, progress: progress}
	m.asked.Who = cmp.Or(m.asked.Who, who)
	m.decider = decider{rules: r.Rules, now: now.UTC()}
	var err error
	if m.tables, err = r.Stationery.Tables(); err != nil {
		return nil, err
	}
	if m.printer, err = r.Stationery.Printer(); err != nil {
		return nil, err
	}
	if err := m.printer.Language(options.Language); err != nil {
		return nil, pathway.AsProblem(pathway.Refused, err)
	}
	if m.stationery, m.digest, err = r.Stationery.pack(); err != nil {
		return nil, err
	}
	people, err := r.Store.People(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		m.people[p.ID] = p
	}
	m.names = pathway.NamesOf(people)
	return m, nil
}

// made is the time that stands on the paper and in its files.
func (m *batchMaker) made() time.Time { return m.now.Truncate(time.Second) }

// mostMeetings bounds how often a batch is begun again because somebody else made
// one meanwhile.
const mostMeetings = 20

// make makes a batch from the source, or none where there is nothing to print.
// Where somebody else makes one at the same time, it goes on with what is left.
func (m *batchMaker) make(ctx context.Context, from source, place *Place) (*Batch, error) {
	unprintable := map[int64]error{}
	for range mostMeetings {
		a := m.attempt(from, unprintable)
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
	source
	// unprintable are the items that an earlier attempt could not print and that
	// stood in for others.
	unprintable map[int64]error

	files   []*batchFile
	notes   Notes
	noCards []Note
	refused []store.Print // not to be printed as things stand
	calls   []store.Print
	dropped []store.DroppedPrint
	bad     []error

	households map[string]firstChild // what is printed once, by its key
	standsIn   map[int64]bool        // items for which others were left out
	settled    map[int64]bool        // calls that have been decided
	faulty     map[int64]string      // the columns that keep items that wait from being printed
	serials    map[string]bool       // given out in this batch
}

// firstChild is whose letter a household gets.
type firstChild struct {
	id  int64 // of the print
	ref string
}

func (m *batchMaker) attempt(from source, unprintable map[int64]error) *attempt {
	return &attempt{batchMaker: m, source: from, unprintable: unprintable,
		households: map[string]firstChild{}, standsIn: map[int64]bool{}, settled: map[int64]bool{}, faulty: map[int64]string{}, serials: map[string]bool{}}
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

func (a *attempt) run(ctx context.Context, place *Place) (*Batch, error) {
	number, err := a.db.NextBatch(ctx)
	if err != nil {
		return nil, err
	}
	a.notes.Post, a.notes.Drawn = a.options.Post, drawnByReport
	names, err := a.db.StaffNames(ctx, []string{a.by})
	if err != nil {
		return nil, err
	}
	a.notes.MadeBy = names.Of(a.by)
	made := &Batch{PrintBatch: store.PrintBatch{Made: a.made(), By: a.by, Stationery: a.stationery}}
	for _, kind := range a.kinds {
		f, err := a.printKind(ctx, kind, place.folder)
		if err != nil {
			return nil, err
		}
		if f.Items > 0 {
			made.Files = append(made.Files, f.PrintFile)
			made.Items, made.Pages = made.Items+f.Items, made.Pages+f.Pages
		}
	}
	if a.pull {
		if err := a.pullOut(ctx, ""); err != nil {
			return nil, err
		}
	}
	made.Notes, made.NoCards, made.Bad, made.Dropped = a.notes, a.noCards, a.bad, len(a.dropped)-len(a.notes.Pull)
	if made.Items > 0 || len(a.notes.Pull) > 0 || len(a.calls) > 0 {
		made.Number = number
		if err := a.keep(ctx, place, made); err != nil {
			return made, err
		}
	}
	return made, a.db.NoteUnprintable(ctx, a.faulty)
}

// printKind prints all of one kind into a file of its own.
func (a *attempt) printKind(ctx context.Context, kind, folder string) (*batchFile, error) {
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
	if problem := (*pathway.Problem)(nil); errors.As(err, &problem) {
		return nil, problem
	}
	if err != nil {
		return nil, fmt.Errorf("printing into %s: %w", folder, err)
	}
	if err := a.noteFailed(spool, failed); err != nil {
		return nil, err
	}
	f.Items, f.Pages = sum.Items, sum.Pages
	if f.SHA256, err = f.finish(); err != nil {
		return nil, fmt.Errorf("cannot write in %s: %w", folder, err)
	}
	return f, nil
}

// noteFailed notes the items that could not be printed.
func (a *attempt) noteFailed(spool *printSpool, failed []postcards.ItemError) error {
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
			a.noteUnprintable(&p, f)
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

// noteUnprintable notes an item that cannot be printed.
func (a *attempt) noteUnprintable(p *store.Print, why error) {
	a.bad = append(a.bad, why)
	text := why.Error()
	if item := (postcards.ItemError{}); errors.As(why, &item) {
		if p.ID != 0 {
			a.faulty[p.ID] = item.Field
		}
		text = strings.TrimPrefix(item.Field+": "+item.Err.Error(), ": ")
	}
	note := noteOf(p, text)
	note.Unprintable = true
	a.notes.Waiting = append(a.notes.Waiting, note)
}

// keep puts the batch on record and its files in their places.
func (a *attempt) keep(ctx context.Context, place *Place, made *Batch) error {
	covers := &stagedFiles{folder: place.folder}
	defer covers.drop()
	var err error
	if !a.options.NoCover {
		c := cover{batch: &made.PrintBatch, notes: &a.notes, zone: a.rules.Calendar.Location(), printer: a.printer}
		err = c.write(covers.open, a.items())
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
	if err := a.db.KeepBatch(ctx, &made.PrintBatch, a.asked, a.digest, items, a.dropped); err != nil {
		return err
	}
	for _, f := range a.files {
		if f.Items == 0 {
			continue
		}
		if a.options.Post && f.Kind == pathway.PaperLetter {
			made.Paths = append(made.Paths, "")
			continue
		}
		path := place.path(made.Number, len(made.Paths) == 0, plural[f.Kind])
		if err := f.place(path); err != nil {
			return misplaced(made.Number, err)
		}
		made.Paths = append(made.Paths, path)
	}
	if made.Covers, err = covers.place(place, made.Number); err != nil {
		return misplaced(made.Number, err)
	}
	return nil
}

func misplaced(batch int64, err error) error {
	return fmt.Errorf("batch %d is on record, but cannot be put there: %w: run doorstep print --batch %d with another --out", batch, err, batch)
}

// FileNames are what the files of a batch and its cover sheets are called in a folder:
// they name nobody.
func (b *Batch) FileNames(o Options) (files, covers []string) {
	place := &Place{}
	for _, f := range b.Files {
		files = append(files, place.path(b.Number, false, plural[f.Kind]))
	}
	if o.NoCover {
		return files, nil
	}
	for i := range max(1, (b.Items+coverItems-1)/coverItems) {
		covers = append(covers, place.path(b.Number, false, coverName(i)))
	}
	return files, covers
}

// plural names the file of a kind.
var plural = map[string]string{pathway.PaperCard: "cards", pathway.PaperLetter: "letters"}

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
