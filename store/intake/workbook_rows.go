package intake

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"example.org/doorstep/pathway"
)

// uncalculated stands for the value of a formula that has none.
const uncalculated = "=…"

// sheetRows are the rows of one sheet.
type sheetRows struct {
	*elements
	name   string
	owner  bool // the workbook is closed with the sheet
	begun  bool // the rows of the sheet have
	over   bool
	row    int
	cells  int
	width  int // of the header
	headed int // the row that is the header
	record []string
}

// open begins on a sheet.
func (w *workbook) open(s sheetEntry) (*sheetRows, error) {
	x, err := w.elements(s.part)
	if err != nil {
		return nil, err
	}
	return &sheetRows{elements: x, name: s.name}, nil
}

// header returns the first row that holds anything.
func (r *sheetRows) header() ([]string, error) {
	for {
		record, err := r.next()
		if err == io.EOF {
			return nil, wrong("the sheet is empty: its first row should name the columns")
		}
		if err != nil || !empty(record) {
			header := append([]string(nil), record...)
			for len(header) > 0 && cell(header[len(header)-1]) == "" {
				header = header[:len(header)-1]
			}
			r.begins(header)
			return header, err
		}
	}
}

// begins makes another row the header.
func (r *sheetRows) begins(header []string) { r.width, r.headed = len(header), r.row }

// next returns the next row, as wide as the header, or wider where it holds more.
// It is valid until the one after it.
func (r *sheetRows) next() ([]string, error) {
	for !r.over {
		start, err := r.elements.next()
		if err == io.EOF {
			return nil, r.cutOff(err) // before the sheet's rows have ended
		}
		if err != nil {
			return nil, err
		}
		switch {
		case start == nil && r.ended == "sheetData":
			return nil, r.drain()
		case start == nil:
		case start.Name.Local == "sheetData":
			r.begun = true
		case start.Name.Local == "row" && r.begun:
			return r.readRow(start)
		}
	}
	return nil, io.EOF
}

// drain reads the rest of the part, at the end of which it is known to be whole, and
// which cells are merged.
func (r *sheetRows) drain() error {
	r.over = true
	for {
		start, err := r.elements.next()
		if err != nil {
			return err // io.EOF where all is well
		}
		if start == nil || start.Name.Local != "mergeCell" {
			continue
		}
		if err := r.checkMerged(attribute(start, "ref")); err != nil {
			return err
		}
	}
}

// checkMerged refuses cells of several rows, such as B2:B5, that are merged into one: only
// the first holds the value, and the others would empty what is known of their rows. A
// title above the header may be merged.
func (r *sheetRows) checkMerged(area string) error {
	first, last, _ := strings.Cut(area, ":")
	from, until := rowOf(first), rowOf(last)
	if from <= r.headed || until <= from || columnOf(first) >= r.width {
		return nil
	}
	return &wrongFile{Fault{Row: from, Message: "the cells " + pathway.Escaped(pathway.Shorten(area)) + " are merged into one, so that the rows below the first have no value of their own: take the merging back, fill in every cell, and save the workbook again"}}
}

func (r *sheetRows) readRow(start *xml.StartElement) ([]string, error) {
	row := r.row + 1
	if number, err := strconv.Atoi(attribute(start, "r")); err == nil {
		row = number
	}
	if row <= r.row || row > mostRowsIn {
		return nil, wrong("its rows are out of order or too many: save it again in Excel")
	}
	r.row, r.record = row, r.record[:0]
	for {
		start, err := r.elements.next()
		if err != nil {
			return nil, r.cutOff(err)
		}
		switch {
		case start == nil && r.ended == "row":
			for len(r.record) > r.width && cell(r.record[len(r.record)-1]) == "" {
				r.record = r.record[:len(r.record)-1]
			}
			for len(r.record) < r.width {
				r.record = append(r.record, "")
			}
			return r.record, nil
		case start != nil && start.Name.Local == "c":
			if err := r.readCell(start); err != nil {
				return nil, err
			}
		}
	}
}

// readCell reads a cell, and puts it into its column.
func (r *sheetRows) readCell(start *xml.StartElement) error {
	at := len(r.record)
	if reference := attribute(start, "r"); reference != "" {
		at = columnOf(reference)
	}
	value, err := r.cellValue(attribute(start, "t"), attribute(start, "s"))
	if err != nil || value == "" {
		return err
	}
	if r.cells++; r.cells > mostCells {
		return wrong("the sheet holds more than %d cells: divide it, or save it as \"CSV UTF-8\"", mostCells)
	}
	if at < 0 || at >= mostColumnsIn {
		return wrong("the sheet holds more than %d columns: take those out that are not meant", mostColumnsIn)
	}
	for len(r.record) <= at {
		r.record = append(r.record, "")
	}
	r.record[at] = value
	return nil
}

// cellValue reads what a cell holds, of a formula what it last came to.
func (r *sheetRows) cellValue(kind, style string) (string, error) {
	var value string
	var isFormula, hasValue bool
	for {
		start, err := r.elements.next()
		if err != nil {
			return "", r.cutOff(err)
		}
		switch {
		case start == nil && r.ended == "c":
			if isFormula && !hasValue {
				return uncalculated, nil
			}
			return r.shown(kind, style, value)
		case start == nil:
			continue
		case start.Name.Local == "v":
			value, err = r.text("v")
			hasValue = hasValue || value != "" || kind == "str"
		case start.Name.Local == "f":
			isFormula = true
			_, err = r.text("f")
		case start.Name.Local == "is":
			value, err = r.richText("is")
		}
		if err != nil {
			return "", err
		}
	}
}

// shown is a cell's value as text.
func (r *sheetRows) shown(kind, style, value string) (string, error) {
	switch kind {
	case "s":
		index, err := strconv.Atoi(strings.TrimSpace(value))
		if value == "" {
			return "", nil
		}
		text, known, readErr := r.book.texts.at(index)
		if readErr != nil {
			return "", readErr
		}
		if err != nil || !known {
			return "", r.book.damaged(io.ErrUnexpectedEOF)
		}
		return unescaped(text), nil
	case "inlineStr", "str":
		return unescaped(value), nil
	case "e", "d":
		return value, nil
	case "b":
		if value == "" {
			return "", nil
		}
		if value == "1" || value == "true" {
			return "TRUE", nil
		}
		return "FALSE", nil
	}
	if value == "" {
		return "", nil
	}
	index, err := strconv.Atoi(style)
	if err != nil {
		index = 0
	}
	return r.book.number(value, index), nil
}

// unescaped takes out the carriage returns that workbooks write as _x000D_.
func unescaped(text string) string {
	if strings.Contains(text, "_x000") {
		text = strings.NewReplacer("_x000D_", "", "_x000A_", "\n", "_x0009_", "\t").Replace(text)
	}
	return text
}

func attribute(start *xml.StartElement, name string) string {
	for i := range start.Attr {
		if a := &start.Attr[i]; a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// columnOf returns the place of a cell's column, from 0: of C7 it is 2.
func columnOf(reference string) int {
	n := 0
	for i := 0; i < len(reference); i++ {
		c := reference[i] | 0x20
		if c < 'a' || c > 'z' {
			break
		}
		if n = n*26 + int(c-'a') + 1; n > 1<<20 {
			break
		}
	}
	return n - 1
}

// rowOf returns the row of a cell: of C7 it is 7; 0 where none is said.
func rowOf(reference string) int {
	n, _ := strconv.Atoi(strings.TrimLeft(strings.ReplaceAll(reference, "$", ""), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
	return n
}

func (r *sheetRows) close() {
	r.elements.close()
	if r.owner {
		r.book.close()
	}
}

func (r *sheetRows) line() int { return r.row }

// onlyThisRow reports whether reading can go on behind an error: a sheet that cannot
// be read ends there.
func (r *sheetRows) onlyThisRow(error) bool { return false }

func (r *sheetRows) fileName() string {
	return r.book.file + ":" + pathway.Escaped(r.name)
}

func (r *sheetRows) explain(err error) error { return explainFile(r.fileName(), err) }

// explainFile turns what keeps a file from being read into a *Faults, where it is the
// file's own fault.
func explainFile(file string, err error) error {
	var wrong *wrongFile
	if errors.As(err, &wrong) {
		return &Faults{File: file, List: []Fault{wrong.Fault}}
	}
	return err
}
