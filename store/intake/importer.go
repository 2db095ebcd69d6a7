package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Importer brings files into a database. Several goroutines may import at once.
type Importer struct {
	Store *store.Store
	Rules *pathway.Rules
	Paper *pathway.PaperTables // store.IntakeOptions
}

// Source says what a file holds and how it is written.
type Source struct {
	Name    string   // for messages
	Of      string   // People, Cases or Events
	Mapping *Mapping // nil: Doorstep's own columns
	Sheet   string   // of a workbook; empty: the one that suits
}

// ImportOptions say how files are imported.
type ImportOptions struct {
	DryRun bool // say what would happen, and keep nothing
	// AllowMassChange takes in a file that changes a field of a large part of all cases
	// or people; otherwise it is refused.
	AllowMassChange bool
	Partial         bool // keep the good rows and say which are bad; otherwise it is all or nothing
	// InParts lets the good rows come in part by part, so that others can record
	// meanwhile (store.IntakeOptions).
	InParts bool
	// Read and TakenIn are told now and then how many rows have been read, and how
	// many of them the database has dealt with; nil: nobody is.
	Read, TakenIn func(rows int)
	// Who brings the file: a person's id, or a user of the machine; empty: nobody knows.
	Who string
}

// Imported is what became of a file.
type Imported struct {
	store.IntakeResult
	File     string  // the file's name for messages, with the sheet that was read
	Events   int     // events that rows of cases told of
	Skipped  int     // rows that the mapping leaves out
	Rejected []Fault // with Partial: why rows were left out, in the order of the file
}

// RejectedRows is how many rows were left out: some for more than one reason.
func (i *Imported) RejectedRows() int { return len(rejectedRows(i.Rejected)) }

// NoteLines are what whoever recorded the rows should know, a line each.
func (i *Imported) NoteLines() []string {
	var lines []string
	for _, n := range i.Notes {
		lines = append(lines, fmt.Sprintf("%s:%d: note: %s", i.File, n.Row, n.Message))
	}
	if more := i.NoteCount - len(i.Notes); more > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %s", i.File, pathway.Counted(more, "more note")))
	}
	return lines
}

// mostShown is how many bad rows a problem describes.
const mostShown = 100

// Import imports one file, all or nothing unless it is Partial. What is wrong with
// its rows is a pathway.Problem that holds a *Faults.
func (i *Importer) Import(ctx context.Context, now time.Time, content io.Reader, source Source, o ImportOptions) (Imported, error) {
	rows, err := i.Store.NewIntake(ctx, i.Rules, store.IntakeOptions{
		Now: now, Partial: o.Partial, InParts: o.InParts, DryRun: o.DryRun, Guarded: !o.AllowMassChange, Progress: o.TakenIn, Paper: i.Paper,
		Origin: store.Origin{Who: o.Who, File: source.Name},
	})
	if err != nil {
		return Imported{}, err
	}
	defer rows.Rollback()
	reading := i.reading(now, source, o.Partial)
	reading.Progress = o.Read
	if source.Mapping != nil && len(source.Mapping.ByName) > 0 {
		if reading.Staff, err = i.staff(ctx); err != nil {
			return Imported{}, err
		}
	}
	read, err := Read(ctx, content, reading, rows)
	if err != nil {
		if faults := (*Faults)(nil); errors.As(err, &faults) {
			err = pathway.AsProblem(pathway.Refused, err)
		}
		return Imported{}, err
	}
	if read.BadRows > 0 && !o.Partial {
		rows.KeepNothing() // but find out what else is wrong
	}
	result, err := rows.Commit(ctx)
	if err != nil {
		return Imported{}, err
	}
	if err := i.leaveOutRestricted(ctx, result.Fields); err != nil {
		return Imported{}, err
	}
	out := Imported{IntakeResult: result, File: read.File, Events: read.Events, Skipped: read.Skipped}
	out.Rows = read.Rows
	if result.MassChange != "" {
		return out, pathway.AsProblem(pathway.Refused, &Faults{File: read.File, List: []Fault{{Message: result.MassChange +
			"; nothing was imported: check that the file is whole and its columns the right ones, or import it with --allow-mass-change"}}})
	}
	faults := inOrder(&read, source.Of, result.Faults)
	if len(faults) == 0 {
		return out, nil
	}
	if o.Partial {
		out.Rejected = faults
		return out, nil
	}
	shown := faults[:min(len(faults), mostShown)]
	more := read.BadRows + result.FaultCount - len(shown)
	return out, pathway.NewProblem(pathway.Refused, "%w\n%s: nothing was imported: correct these rows, or use --partial to import the others",
		&Faults{File: read.File, List: shown, More: max(0, more)}, read.File)
}

// leaveOutRestricted takes restricted cases out of the examples of what changes: whoever
// brings a file need not be named on them. They are counted.
func (i *Importer) leaveOutRestricted(ctx context.Context, fields []store.FieldCount) error {
	var refs []string
	for _, f := range fields {
		for _, e := range f.Examples {
			if f.Of == pathway.OfCases {
				refs = append(refs, e.Who)
			}
		}
	}
	slices.Sort(refs)
	cases, err := i.Store.AccessCases(ctx, slices.Compact(refs))
	restricted := map[string]bool{}
	for _, c := range cases {
		restricted[c.Ref] = c.On.Restricted
	}
	for n := range fields {
		if f := &fields[n]; f.Of == pathway.OfCases {
			f.Examples = slices.DeleteFunc(f.Examples, func(e store.FieldExample) bool { return restricted[e.Who] })
		}
	}
	return err
}

// CopyRejected reads a file once more and copies the rows that were left out, as
// WriteRejected does.
func (i *Importer) CopyRejected(to io.Writer, now time.Time, content io.Reader, source Source, faults []Fault) error {
	_, err := WriteRejected(to, content, i.reading(now, source, true), faults)
	return err
}

func (i *Importer) reading(now time.Time, source Source, partial bool) Options {
	return Options{
		Of: source.Of, File: source.Name, Mapping: source.Mapping, Sheet: source.Sheet, Rules: i.Rules, Now: now, Partial: partial,
	}
}

// staff is everybody whom a name can mean.
func (i *Importer) staff(ctx context.Context) ([]pathway.Person, error) {
	people, err := i.Store.People(ctx)
	return append([]pathway.Person{}, people...), err
}

// inOrder puts what the file and what the database say of rows into the file's
// order, with the columns as the file names them. With a case its own events are
// refused, which need not be said.
func inOrder(read *Result, of string, database []pathway.RowFault) []Fault {
	all := append([]Fault(nil), read.Faults...)
	for _, f := range database {
		if of == Cases && f.Of == pathway.OfEvents && f.Column == "case_ref" {
			continue
		}
		shown := read.columns[f.Column]
		if shown == "" || f.Of != of {
			shown = f.Column
		}
		all = append(all, Fault{Row: f.Row, Column: shown, Message: f.Message, Others: f.Others})
	}
	slices.SortStableFunc(all, func(a, b Fault) int { return cmp.Compare(a.Row, b.Row) })
	return all
}

// FindMapping finds the column mapping with a name, for files of people, cases or
// events; nil for an empty name.
func FindMapping(mappings map[string]Mapping, name, of string) (*Mapping, error) {
	if name == "" {
		return nil, nil
	}
	m, found := mappings[name]
	if !found {
		return nil, pathway.NewProblem(pathway.Refused, "there is no mapping %q%s: use one of import.mappings or a shipped one",
			name, pathway.DidYouMean(name, slices.Sorted(maps.Keys(mappings))))
	}
	if m.For != of {
		return nil, pathway.NewProblem(pathway.Refused, "the mapping %q is for %s: import %s with it", name, m.For, m.For)
	}
	return &m, nil
}
