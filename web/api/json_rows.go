package api

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"

	"example.org/doorstep/pathway"
)

// jsonRows reads an array of JSON objects as the CSV file that they would be, row by
// row: what reads files reads them too. Every row has the keys of the first, since a
// column that a file does not have says nothing, and an empty cell says something.
type jsonRows struct {
	in      *json.Decoder
	body    *rowByRow
	columns []string
	rows    int
	starts  []start // of the rows that do not begin on the line after the one before
	line    int
	text    bytes.Buffer
	out     *csv.Writer
	err     error
}

// start says on which line of the file a row begins.
type start struct{ line, row int }

const (
	// longestRow is how long a row may be, as in a file; one of twice that is not read.
	longestRow = 1 << 20
	// mostStarts is how many rows may have values of several lines.
	mostStarts = 1 << 20
)

var errLongRow = errors.New("a row is too long")

// rowByRow ends the reading of a row that is too long: the decoder keeps of a body what
// it has not understood, however much that is.
type rowByRow struct {
	from  io.Reader
	read  int64
	until int64 // so far it may be read, in the row that is read now
}

func (r *rowByRow) Read(p []byte) (int, error) {
	if r.read >= r.until {
		return 0, errLongRow
	}
	n, err := r.from.Read(p[:min(int64(len(p)), r.until-r.read)])
	r.read += int64(n)
	return n, err
}

func newJSONRows(body io.Reader) *jsonRows {
	r := &jsonRows{body: &rowByRow{from: transform.NewReader(body, encoding.UTF8Validator), until: 2 * longestRow}, line: 1}
	r.in = json.NewDecoder(r.body)
	r.out = csv.NewWriter(&r.text)
	return r
}

// place says which row begins on a line of the file.
func (r *jsonRows) place(line int) string {
	n, found := slices.BinarySearchFunc(r.starts, line, func(s start, line int) int { return cmp.Compare(s.line, line) })
	if found {
		n++
	}
	if n == 0 {
		return "row 1"
	}
	before := r.starts[n-1]
	return fmt.Sprintf("row %d", before.row+line-before.line)
}

func (r *jsonRows) Read(p []byte) (int, error) {
	for r.text.Len() == 0 && r.err == nil {
		r.err = r.next()
	}
	if r.text.Len() > 0 {
		return r.text.Read(p)
	}
	return 0, r.err
}

// next writes the next row, and the header before the first; io.EOF after the last.
func (r *jsonRows) next() error {
	r.body.until = r.in.InputOffset() + 2*longestRow
	if r.columns == nil {
		if open, err := r.in.Token(); err != nil || open != json.Delim('[') {
			return r.wrong(err, "send an array of objects, one for each row")
		}
	}
	if !r.in.More() {
		if _, err := r.in.Token(); err != nil {
			return r.wrong(err, "the array does not end")
		}
		if r.columns == nil {
			return r.wrong(nil, "there is no row in it")
		}
		if _, err := r.in.Token(); err != io.EOF { // or it would be half read
			return r.wrong(err, "something stands behind the array: send one array with all rows")
		}
		return io.EOF
	}
	row, err := r.object()
	if err != nil {
		return err
	}
	return r.write(row)
}

// object reads a row, of which a key that stands twice would say two things.
func (r *jsonRows) object() (map[string]string, error) {
	noRow := fmt.Sprintf("row %d is not an object of texts: write every value in quotation marks, or null for an empty one", r.rows+1)
	if open, err := r.in.Token(); err != nil || open != json.Delim('{') {
		return nil, r.wrong(err, noRow)
	}
	row := map[string]string{}
	for r.in.More() {
		key, err := r.in.Token()
		if err != nil {
			return nil, r.wrong(err, noRow)
		}
		value, err := r.in.Token()
		text, isText := value.(string)
		if err != nil || !isText && value != nil {
			return nil, r.wrong(err, noRow)
		}
		name := key.(string) // as every key is
		if _, twice := row[name]; twice {
			return nil, r.wrong(nil, fmt.Sprintf("row %d has the key %q twice: keep one of the two", r.rows+1, name))
		}
		row[name] = text
	}
	if _, err := r.in.Token(); err != nil {
		return nil, r.wrong(err, noRow)
	}
	return row, nil
}

func (r *jsonRows) write(row map[string]string) error {
	if r.columns == nil {
		for key := range row {
			r.columns = append(r.columns, key)
		}
		if len(row) == 0 {
			return r.wrong(nil, "row 1 has no keys: name the columns of Doorstep")
		}
		slices.Sort(r.columns)
		r.put(r.columns)
	}
	r.rows++
	values := make([]string, len(r.columns))
	for i, column := range r.columns {
		value, is := row[column]
		if !is {
			return r.wrong(nil, fmt.Sprintf("row %d lacks the key %q that row 1 has: give every row the same keys, with \"\" where it is to be emptied", r.rows, column))
		}
		values[i] = value
	}
	if len(row) > len(r.columns) {
		return r.wrong(nil, fmt.Sprintf("row %d has a key that row 1 has not: give every row the same keys", r.rows))
	}
	if n := len(r.starts); n == 0 || r.line-r.starts[n-1].line != r.rows-r.starts[n-1].row {
		if n == mostStarts {
			return r.wrong(nil, fmt.Sprintf("more than %d rows have values of several lines: send them in several requests", mostStarts))
		}
		r.starts = append(r.starts, start{r.line, r.rows})
	}
	r.put(values)
	return nil
}

func (r *jsonRows) put(values []string) {
	r.out.Write(values) // into memory
	r.out.Flush()
	r.line += 1 + strings.Count(strings.Join(values, ""), "\n")
}

// wrong is what is wrong with the body; an error of the connection stays what it is.
func (r *jsonRows) wrong(err error, what string) error {
	if errors.Is(err, encoding.ErrInvalidUTF8) {
		err, what = nil, "this is not UTF-8: send the text as that"
	}
	if errors.Is(err, errLongRow) {
		err, what = nil, fmt.Sprintf("row %d is longer than 1 MB: a quotation mark is missing, or its end", r.rows+1)
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if err == nil || errors.As(err, &syntax) || errors.As(err, &kind) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return pathway.NewProblem(pathway.Refused, "the body cannot be read as JSON rows: %s", what)
	}
	return err
}
