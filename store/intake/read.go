package intake

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Sink takes the values of the rows, in the order of the file. row is the line on
// which the row begins, and given says which columns the file has. An error ends the reading; what is wrong with one row
// only is the sink's own to note.
type Sink interface {
	AddPerson(row int, p pathway.Person, given pathway.Given) error
	AddCase(row int, c pathway.Case, given pathway.Given) error
	AddEvent(row int, e pathway.Event, given pathway.Given) error
}

// doubting is a Sink that also looks at rows that are refused for faults of their own, so
// that what is wrong with those they name is said in the same round.
type doubting interface {
	DoubtPerson(row int, p pathway.Person) error
	DoubtCase(row int, c pathway.Case) error
	DoubtEvent(row int, e pathway.Event) error
}

// Options say how to read a file.
type Options struct {
	Of      string           // People, Cases or Events
	File    string           // its name, for messages
	Mapping *Mapping         // nil: the file has Doorstep's own columns
	Sheet   string           // of a workbook; empty: the one that suits
	Staff   []pathway.Person // whom a mapping's names may mean; nil: names stand as they are
	Rules   *pathway.Rules
	// Now is the latest time at which something can have happened: an event, an
	// opening or a closing more than a day later is a mistake.
	Now time.Time
	// Partial says that the good rows are wanted without the bad ones: every bad
	// row is then described, and more than 10,000 of them end the reading.
	Partial bool
	// Progress is told every thousand rows how many have been read; nil: nobody is.
	Progress func(rows int)
}

// progressRows is how many rows are read between two tellings of progress.
const progressRows = 1000

const (
	described     = 100    // bad rows whose faults are kept
	mostBadInPart = 10_000 // with Options.Partial: beyond it the whole file is wrong
)

// Result is what became of a file.
type Result struct {
	File    string            // its name for messages, with the sheet that was read
	Rows    int               // rows handed to the sink
	Events  int               // events that rows of cases tell of, handed to the sink too
	Skipped int               // rows that the mapping leaves out
	BadRows int               // rows that the sink was not given
	columns map[string]string // by Doorstep's names, as faults show them
	Faults  []Fault           // what is wrong with the first 100 of them, or with all if Partial
}

// Err returns what is wrong with the bad rows as one error, or nil.
func (r *Result) Err(file string) error {
	if r.BadRows == 0 {
		return nil
	}
	return &Faults{File: file, List: r.Faults, More: max(0, r.BadRows-described)}
}

// Read reads a file and hands its rows to the sink. Bad rows are noted in the
// result and do not end the reading. A *Faults error says that the file as a
// whole cannot be read; any other error comes from the sink, from the reader, or
// from ctx.
func Read(ctx context.Context, from io.Reader, o Options, sink Sink) (Result, error) {
	if tables[o.Of] == nil {
		return Result{}, fmt.Errorf("reading %s: %q is not what a file can hold", o.File, o.Of)
	}
	r, plan, err := begin(from, o)
	if err != nil {
		return Result{}, err
	}
	defer r.close()
	p := newParser(o, plan)
	p.result.File, p.result.columns = r.fileName(), map[string]string{}
	for i, name := range plan.table.columns {
		p.result.columns[name] = plan.shown[i]
	}
	for n := 0; ; n++ {
		if n%1000 == 0 && ctx.Err() != nil {
			return p.result, ctx.Err()
		}
		record, err := r.next()
		if err == io.EOF {
			return p.result, p.handPeriods(sink)
		}
		if err != nil && !r.onlyThisRow(err) {
			return p.result, r.explain(err)
		}
		p.begin(r.line(), record)
		switch {
		case err != nil:
			p.whole("%s", quoteFault(err))
		case empty(record):
			continue
		case len(record) != plan.width && !(len(record) > plan.width && empty(record[plan.width:])):
			p.whole("has %d values where the header has %d columns: a comma or a quotation mark is missing or too many", len(record), plan.width)
		case plan.leavesOut(record), p.isTooOld():
			p.result.Skipped++
			continue
		default:
			p.nameless(record)
		}
		if err := p.hand(sink); err != nil {
			return p.result, err
		}
		if o.Progress != nil && (p.result.Rows+p.result.BadRows)%progressRows == 0 {
			o.Progress(p.result.Rows + p.result.BadRows)
		}
		if o.Partial && p.result.BadRows > mostBadInPart {
			return p.result, &Faults{File: r.fileName(), List: []Fault{{Message: fmt.Sprintf("more than %d rows are bad: this is not a file with some bad rows; nothing was imported", mostBadInPart)}}}
		}
	}
}

// records are the rows of a file.
type records interface {
	header() ([]string, error)
	begins(header []string)  // it was another row
	next() ([]string, error) // valid until the one after it; io.EOF at the end
	line() int               // where the last one begins, from 1
	onlyThisRow(err error) bool
	explain(err error) error
	fileName() string // for messages
	close()
}

// begin opens a file, in whichever form it is, and reads its header.
func begin(from io.Reader, o Options) (records, *plan, error) {
	r, err := openRecords(from, o)
	if err != nil {
		return nil, nil, explainFile(o.File, err)
	}
	header, plan, faults, err := headed(r, o)
	if err == nil && slices.ContainsFunc(header, func(name string) bool { return strings.Contains(name, "\r") }) {
		err = &wrongFile{Fault{Row: 1, Message: "the lines end with a carriage return alone: save the file as \"CSV UTF-8\""}}
	}
	if err != nil {
		r.close()
		return nil, nil, r.explain(err)
	}
	if len(faults) > 0 {
		r.close()
		return nil, nil, &Faults{File: r.fileName(), List: faults}
	}
	return r, plan, nil
}

// mostAbove is how many rows may stand above the header: a list's title, and when and by
// whom it was made.
const mostAbove = 10

// headed reads a file to its header: the first row, or the first that has the columns that
// are read. Where none has, the faults are those of the row that has most of them. What
// stands above a header of Doorstep's own columns must be no rows: they would be lost.
func headed(r records, o Options) (header []string, p *plan, faults []Fault, err error) {
	header, err = r.header()
	if err != nil {
		return nil, nil, nil, err
	}
	p, faults = newPlan(o.Of, header, o.mapping())
	row, rowAbove := r.line(), 0
	for above := 0; len(faults) > 0 && above < mostAbove; above++ {
		if rowAbove == 0 && o.Mapping == nil && looksLikeARow(header, p) {
			rowAbove = row
		}
		record, err := r.next()
		if err != nil {
			break
		}
		names := slices.Clone(record)
		better, wrong := newPlan(o.Of, names, o.mapping())
		if len(wrong) == 0 || better.found() > p.found() || better.another && !p.another && p.found() == 0 {
			header, p, faults, row = names, better, wrong, r.line()
			r.begins(header)
		} else if rowAbove == 0 && o.Mapping == nil && looksLikeARow(names, better) {
			rowAbove = r.line()
		}
	}
	if rowAbove > 0 && rowAbove < row && len(faults) == 0 {
		faults = []Fault{{Message: fmt.Sprintf("this line names the columns, and line %d above it holds values as a row does: put the columns first, so that no row is lost", rowAbove)}}
	}
	for i := range faults {
		faults[i].Row = row
	}
	return header, p, faults, nil
}

// looksLikeARow reports whether a line that names none of the columns has as many values as
// a row needs, which a title has not.
func looksLikeARow(record []string, p *plan) bool {
	filled := 0
	for _, value := range record {
		if cell(value) != "" {
			filled++
		}
	}
	return p.found() == 0 && filled >= len(p.table.required)
}

// found is how many of Doorstep's columns the file has.
func (p *plan) found() (n int) {
	for i := range p.sources {
		if len(p.sources[i].from) > 0 {
			n++
		}
	}
	return n
}

// openRecords opens a file by what it is: an Excel workbook, or CSV.
func openRecords(from io.Reader, o Options) (records, error) {
	book, from, err := sniff(o.File, from)
	if err != nil {
		return nil, err
	}
	if book == nil {
		if o.Sheet != "" {
			return nil, wrong("this is no Excel workbook, and has no sheet %q: leave out --sheet", pathway.Shorten(o.Sheet))
		}
		return newRows(from, o), nil
	}
	sheet, err := book.choose(o.Sheet, func(rows *sheetRows) bool {
		_, _, faults, err := headed(rows, o)
		return err == nil && len(faults) == 0
	})
	if err == nil {
		var rows *sheetRows
		if rows, err = book.open(sheet); err == nil {
			rows.owner = true
			return rows, nil
		}
	}
	book.close()
	return nil, err
}

// mapping is how the file is written; Doorstep's own columns where nothing is said.
func (o *Options) mapping() *Mapping {
	if o.Mapping == nil {
		return &Mapping{}
	}
	return o.Mapping
}

func empty(record []string) bool {
	for _, value := range record {
		if value != "" && cell(value) != "" {
			return false
		}
	}
	return true
}

// rows are the records of a CSV file (RFC 4180).
type rows struct {
	file    string
	mapping *Mapping
	guard   *guard
	buffer  *bufio.Reader
	csv     *csv.Reader
	row     int // the line on which the last record begins
	began   bool
}

func newRows(from io.Reader, o Options) *rows {
	r := &rows{file: o.File, mapping: o.mapping(), guard: newGuard(from)}
	r.buffer = bufio.NewReaderSize(r.guard, bufferSize)
	r.csv = csv.NewReader(r.buffer)
	r.csv.Comma = r.mapping.comma()
	r.csv.FieldsPerRecord = -1
	r.csv.ReuseRecord = true
	return r
}

func (r *rows) header() ([]string, error) {
	header, err := r.next()
	if err == io.EOF {
		return nil, &wrongFile{Fault{Message: "the file is empty: its first line should name the columns"}}
	}
	return append([]string(nil), header...), err
}

func (r *rows) begins([]string) {}

// next returns the next record, which is valid until the one after it.
func (r *rows) next() ([]string, error) {
	r.guard.allow(r.csv.InputOffset())
	record, err := r.csv.Read()
	if err == nil && !r.began {
		r.began = true
		if comma, says := separator(record); says {
			if comma != 0 {
				r.csv.Comma = comma
			}
			return r.next()
		}
	}
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
		r.row = parse.StartLine
	case len(record) > 0:
		r.row, _ = r.csv.FieldPos(0)
	}
	return record, err
}

func (r *rows) line() int        { return r.row }
func (r *rows) fileName() string { return r.file }
func (r *rows) close()           {}

// separator reads the line "sep=;" that spreadsheets put before the header.
func separator(record []string) (comma rune, says bool) {
	mark, says := strings.CutPrefix(strings.ToLower(record[0]), "sep=")
	if !says || len(record) > 2 || len(record) == 2 && (mark != "" || record[1] != "") {
		return 0, false
	}
	if mark == "" && len(record) == 1 {
		return 0, false
	}
	switch mark {
	case "": // the line was read with it
		return 0, true
	case ",", ";", "\t", "|":
		return rune(mark[0]), true
	}
	return 0, false
}

// onlyThisRow reports whether reading can go on behind a record that is no CSV.
// Behind a quotation mark that is never closed there is nothing to go on with.
func (r *rows) onlyThisRow(err error) bool {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return false
	}
	_, end := r.buffer.Peek(1)
	return end == nil
}

// explain turns what keeps a file from being read into a *Faults, where it is the
// file's own fault.
func (r *rows) explain(err error) error {
	var wrong *wrongFile
	if errors.As(err, &wrong) {
		return &Faults{File: r.file, List: []Fault{wrong.Fault}}
	}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		message := quoteFault(err)
		if errors.Is(err, csv.ErrQuote) {
			message = "the file ends inside quotation marks that open in this row: it was cut off, or a mark is missing; export it again"
		}
		return &Faults{File: r.file, List: []Fault{{Row: parse.StartLine, Message: message}}}
	}
	return fmt.Errorf("reading %s: %w", r.file, err)
}

func quoteFault(err error) string {
	if errors.Is(err, csv.ErrBareQuote) {
		return `a quotation mark stands inside a value: put the whole value in quotation marks and double those inside it`
	}
	return `a quotation mark is not closed, or one inside a value is not doubled: put the whole value in quotation marks and double those inside it`
}
