package intake

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// WriteRejected reads a file once more and copies the rows that have a fault, with the
// reasons in a further column. The copy is CSV, whatever the file is, and can be opened
// in a spreadsheet: nothing in it is a formula there. Corrected, it can be imported as
// it is: every value comes in again as it stood in the file, and the further column is
// passed over. A row that could not be divided into values stands in the first of them,
// so that it is refused until somebody has. WriteRejected returns how many rows it copied.
func WriteRejected(to io.Writer, from io.Reader, o Options, faults []Fault) (int, error) {
	why := rejections{faults: faults, rows: rejectedFaults(faults)}
	r, err := openRecords(from, o)
	if err != nil {
		return 0, explainFile(o.File, err)
	}
	defer r.close()
	raw := func() string { return "" }
	text, isText := r.(*rows)
	if isText {
		raw = text.remembered()
	}
	header, _, _, err := headed(r, o)
	if err != nil {
		return 0, r.explain(err)
	}
	raw()
	out := &Sheet{csv.NewWriter(to)}
	if out.csv.Comma = o.mapping().comma(); isText {
		if err := text.beginCopy(to); err != nil {
			return 0, fullRejected(err)
		}
		out.csv.Comma = text.csv.Comma
	}
	out.Row(append(header, rejectedColumn)...)
	copied := 0
	for {
		record, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil && !r.onlyThisRow(err) {
			return copied, r.explain(err)
		}
		whole := raw()
		reasons := why.of(r.line())
		if len(reasons) == 0 {
			continue
		}
		if copied++; err != nil {
			record = []string{whole}
		}
		out.Row(append(slices.Clip(record), strings.Join(reasons, "; "))...)
	}
	if err := out.End(); err != nil {
		return copied, fullRejected(err)
	}
	return copied, nil
}

func fullRejected(err error) error {
	return fmt.Errorf("writing the rejected rows: %w: check the disk", err)
}

// beginCopy writes what stands before the header.
func (r *rows) beginCopy(to io.Writer) error {
	begin := ""
	if r.guard.hasMark {
		begin = byteOrderMark
	}
	if r.csv.Comma != r.mapping.comma() {
		begin += "sep=" + string(r.csv.Comma) + "\n"
	}
	_, err := io.WriteString(to, begin)
	return err
}

// remembered lets the rows be asked for as they stand in the file: each call is for what
// was read since the one before.
func (r *rows) remembered() (raw func() string) {
	copying := &recorder{from: r.guard}
	r.buffer.Reset(copying)
	start := int64(0)
	return func() string {
		end := r.csv.InputOffset()
		text := copying.cutOut(start, end)
		start = end
		return string(text)
	}
}

// rejections says of one row after the other why it was left out. Where a whole case is
// refused its rows can be millions: it holds little for each.
type rejections struct {
	faults []Fault
	rows   []rejection // those that were not asked for yet
}

type rejection struct{ row, fault int } // fault: its place

// rejectedFaults are the rows that have faults, in the order of the file, each as often
// as it has one.
func rejectedFaults(faults []Fault) []rejection {
	var rows []rejection
	for i := range faults {
		rows = append(rows, rejection{faults[i].Row, i})
		for _, row := range faults[i].Others {
			rows = append(rows, rejection{row, i})
		}
	}
	slices.SortFunc(rows, func(a, b rejection) int { return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.fault, b.fault)) })
	return slices.Compact(rows)
}

// rejectedRows is each of those rows once.
func rejectedRows(faults []Fault) []rejection {
	return slices.CompactFunc(rejectedFaults(faults), func(a, b rejection) bool { return a.row == b.row })
}

// of says why a row was left out; nothing where it was not. Rows are asked for in order.
func (r *rejections) of(row int) (reasons []string) {
	for len(r.rows) > 0 && r.rows[0].row <= row {
		f := &r.faults[r.rows[0].fault]
		if r.rows[0].row == row {
			reasons = append(reasons, f.said())
		}
		r.rows = r.rows[1:]
	}
	return reasons
}

// recorder keeps the bytes that passed and were not cut out yet.
type recorder struct {
	from io.Reader
	kept []byte
	base int64 // the offset of the first byte kept
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	r.kept = append(r.kept, p[:n]...)
	return n, err
}

// cutOut returns the bytes from start to end without the line ends around them,
// and forgets everything before end.
func (r *recorder) cutOut(start, end int64) []byte {
	raw := bytes.Clone(bytes.Trim(r.kept[start-r.base:end-r.base], "\r\n"))
	r.kept = append(r.kept[:0], r.kept[end-r.base:]...)
	r.base = end
	return raw
}

// Spool copies what can be read only once, such as standard input, into a file
// that has no name any more and is gone once closed.
func Spool(from io.Reader) (*os.File, error) {
	f, err := os.CreateTemp("", "doorstep-import-*.csv")
	if err != nil {
		return nil, fmt.Errorf("keeping a copy of the input: %w: check the folder for temporary files", err)
	}
	os.Remove(f.Name())
	if _, err = io.Copy(f, from); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("keeping a copy of the input: %w: check the space in the folder for temporary files", err)
	}
	return f, nil
}
