package intake

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// WriteRejected reads a file once more and copies the rows that have a fault, as
// they stand in the file, with the reasons in a further column. Corrected, the
// copy can be imported as it is: the further column is passed over. It returns
// how many rows it copied.
func WriteRejected(to io.Writer, from io.Reader, o Options, faults []Fault) (int, error) {
	why := rejections{faults: faults, rows: rejectedFaults(faults)}
	book, from, err := sniff(o.File, from)
	if err != nil {
		return 0, explainFile(o.File, err)
	}
	if book != nil {
		defer book.close()
		return writeRejectedRows(to, book, o, &why)
	}
	r := newRows(from, o)
	copying := &recorder{from: r.guard}
	r.buffer.Reset(copying)
	out := bufio.NewWriter(to)

	copied, start := 0, int64(0)
	for first := true; ; first = false {
		_, err := r.next()
		end := r.csv.InputOffset()
		raw := copying.cutOut(start, end)
		start = end
		var parse *csv.ParseError
		if err != nil && !errors.As(err, &parse) && err != io.EOF {
			return copied, r.explain(err)
		}
		if err == io.EOF {
			break
		}
		switch reasons := why.of(r.row); {
		case first:
			fmt.Fprintf(out, "%s%c%s\n", raw, r.csv.Comma, rejectedColumn)
		case len(reasons) > 0:
			copied++
			quoted := `"` + strings.ReplaceAll(strings.Join(reasons, "; "), `"`, `""`) + `"`
			fmt.Fprintf(out, "%s%c%s\n", raw, r.csv.Comma, quoted)
		}
	}
	if err := out.Flush(); err != nil {
		return copied, fmt.Errorf("writing the rejected rows: %w: check the disk", err)
	}
	return copied, nil
}

// writeRejectedRows copies the rows of a workbook as CSV.
func writeRejectedRows(to io.Writer, book *workbook, o Options, why *rejections) (int, error) {
	sheet, err := book.choose(o.Sheet, func(header []string) bool {
		_, faults := newPlan(o.Of, header, o.mapping())
		return len(faults) == 0
	})
	if err != nil {
		return 0, explainFile(o.File, err)
	}
	r, err := book.open(sheet)
	if err != nil {
		return 0, explainFile(o.File, err)
	}
	defer r.close()
	out := csv.NewWriter(to)
	out.Comma = o.mapping().comma()
	header, err := r.header()
	if err != nil {
		return 0, r.explain(err)
	}
	// What cannot be written is told by Flush.
	_ = out.Write(append(header, rejectedColumn))
	copied := 0
	for {
		record, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return copied, r.explain(err)
		}
		if reasons := why.of(r.row); len(reasons) > 0 {
			copied++
			row := append([]string(nil), record[:min(len(record), len(header))]...)
			for i, value := range row {
				if value != "" && strings.IndexByte("=+-@", value[0]) >= 0 {
					row[i] = "'" + value // no formula when it is opened again
				}
			}
			_ = out.Write(append(row, strings.Join(reasons, "; ")))
		}
	}
	if out.Flush(); out.Error() != nil {
		return copied, fmt.Errorf("writing the rejected rows: %w: check the disk", out.Error())
	}
	return copied, nil
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
			reason := f.Message
			if f.Column != "" {
				reason = "column " + f.Column + ": " + reason
			}
			reasons = append(reasons, reason)
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
