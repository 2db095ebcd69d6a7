package intake

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// WriteRejected reads a file once more and copies the rows that have a fault, as
// they stand in the file, with the reasons in a further column. Corrected, the
// copy can be imported as it is: the further column is passed over. It returns
// how many rows it copied.
func WriteRejected(to io.Writer, from io.Reader, o Options, faults []Fault) (int, error) {
	why := map[int][]string{}
	for _, f := range faults {
		reason := f.Message
		if f.Column != "" {
			reason = "column " + f.Column + ": " + reason
		}
		why[f.Row] = append(why[f.Row], reason)
	}
	book, from, err := sniff(o.File, from)
	if err != nil {
		return 0, explainFile(o.File, err)
	}
	if book != nil {
		defer book.close()
		return writeRejectedRows(to, book, o, why)
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
		switch reasons := why[r.row]; {
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
func writeRejectedRows(to io.Writer, book *workbook, o Options, why map[int][]string) (int, error) {
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
		if reasons := why[r.row]; len(reasons) > 0 {
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
