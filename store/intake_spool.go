package store

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"

	"example.org/doorstep/pathway"
)

// spooledRow is a row of cases or events set aside until all are there.
type spooledRow struct {
	ref  string // the case
	what byte
	row  int
	data []byte
}

const (
	spooledCase  = 0 // comes before the case's events
	spooledEvent = 1
)

func compareSpooled(a, b *spooledRow) int {
	return cmp.Or(cmp.Compare(a.ref, b.ref), cmp.Compare(a.what, b.what), cmp.Compare(a.row, b.row))
}

// A run is what is sorted in memory. Most intakes are smaller; of a larger one
// every run goes to a file, and the runs are merged as they are read.
const (
	runRows  = 1 << 15
	runBytes = 8 << 20
)

// spool collects rows in the order in which they come and gives them back case
// by case. It keeps the database out of it, so that nobody waits for whoever
// hands in rows slowly. Its file has no name and is gone with the process.
type spool struct {
	rows []spooledRow
	data []byte // what the rows point into

	file *os.File // nil while everything is in memory
	end  int64    // of what is written
	runs []run
}

// run is a part of the file.
type run struct{ start, length int64 }

// add sets a row aside. pack appends the row's data to the bytes it is given.
func (p *spool) add(ref string, what byte, row int, pack func([]byte) []byte) error {
	if len(p.rows) == runRows || len(p.data) > runBytes {
		if err := p.writeRun(); err != nil {
			return err
		}
	}
	start := len(p.data)
	p.data = pack(p.data)
	p.rows = append(p.rows, spooledRow{ref, what, row, p.data[start:len(p.data):len(p.data)]})
	return nil
}

func (p *spool) sort() {
	slices.SortFunc(p.rows, func(a, b spooledRow) int { return compareSpooled(&a, &b) })
}

// writeRun moves the rows in memory to the file.
func (p *spool) writeRun() error {
	if p.file == nil {
		file, err := os.CreateTemp("", "doorstep-import-*")
		if err != nil {
			return fmt.Errorf("set rows aside: %w: check the folder for temporary files", err)
		}
		os.Remove(file.Name())
		p.file = file
	}
	p.sort()
	w := bufio.NewWriterSize(io.NewOffsetWriter(p.file, p.end), 64<<10)
	var head []byte
	r := run{start: p.end}
	for i := range p.rows {
		s := &p.rows[i]
		head = binary.AppendUvarint(head[:0], uint64(len(s.ref)))
		head = binary.AppendUvarint(head, uint64(len(s.data)))
		head = binary.AppendUvarint(head, uint64(s.row)<<1|uint64(s.what))
		for _, part := range [][]byte{head, []byte(s.ref), s.data} {
			n, err := w.Write(part)
			r.length += int64(n)
			if err != nil {
				return fullSpool(err)
			}
		}
	}
	if err := w.Flush(); err != nil {
		return fullSpool(err)
	}
	p.runs, p.end = append(p.runs, r), r.start+r.length
	p.rows, p.data = p.rows[:0], p.data[:0]
	return nil
}

func fullSpool(err error) error {
	return fmt.Errorf("set rows aside: %w: check the space in the folder for temporary files", err)
}

// finish makes the rows ready to be read.
func (p *spool) finish() error {
	if p.file == nil {
		p.sort()
		return nil
	}
	err := p.writeRun()
	p.rows, p.data = nil, nil
	return err
}

// drop lets go of everything.
func (p *spool) drop() error {
	p.rows, p.data, p.runs = nil, nil, nil
	if p.file == nil {
		return nil
	}
	err := p.file.Close()
	p.file = nil
	return err
}

// spoolReader gives the rows back in order of case, and those of a case in the
// order in which they came, cases before events.
type spoolReader struct {
	rows  []spooledRow // in memory
	merge runHeap      // or in the file

	row    spooledRow // the next one, where it has been looked at
	peeked bool
}

// reader reads the rows from the first on.
func (p *spool) reader() (*spoolReader, error) {
	r := &spoolReader{rows: p.rows}
	for _, one := range p.runs {
		f := &runReader{from: bufio.NewReaderSize(io.NewSectionReader(p.file, one.start, one.length), 32<<10)}
		if ok, err := f.next(); err != nil {
			return nil, err
		} else if ok {
			r.merge = append(r.merge, f)
		}
	}
	heap.Init(&r.merge)
	return r, nil
}

// nextCase reads the rows of the next case into rows, whose own are overwritten; none
// when there are no more. Of a case that has more rows than are taken in at once only
// the first is given, and the numbers of all.
func (r *spoolReader) nextCase(rows []spooledRow) ([]spooledRow, *pathway.NumbersOfRows, error) {
	rows = rows[:0]
	var many *pathway.NumbersOfRows
	for {
		row, err := r.peek()
		if err != nil || row == nil || len(rows) > 0 && row.ref != rows[0].ref {
			return rows, many, err
		}
		if many == nil && len(rows) == pathway.MostRowsOfCase {
			many = &pathway.NumbersOfRows{}
			for i := range rows {
				addNumber(many, &rows[i])
			}
			rows = rows[:1]
		}
		if many != nil {
			addNumber(many, row)
		} else {
			rows = append(rows, *row)
		}
		r.peeked = false
	}
}

func addNumber(many *pathway.NumbersOfRows, row *spooledRow) {
	if row.what == spooledCase {
		many.Cases = append(many.Cases, row.row)
	} else {
		many.Events = append(many.Events, row.row)
	}
}

// peek returns the next row and keeps it to be returned again until peeked is false; nil
// where there is none.
func (r *spoolReader) peek() (*spooledRow, error) {
	switch {
	case r.peeked:
	case len(r.rows) > 0:
		r.row, r.rows = r.rows[0], r.rows[1:]
	case len(r.merge) > 0:
		r.row = r.merge[0].row
		ok, err := r.merge[0].next()
		switch {
		case err != nil:
			return nil, err
		case ok:
			heap.Fix(&r.merge, 0)
		default:
			heap.Pop(&r.merge)
		}
	default:
		return nil, nil
	}
	r.peeked = true
	return &r.row, nil
}

// runReader reads one run.
type runReader struct {
	from *bufio.Reader
	row  spooledRow // the next row
}

func (f *runReader) next() (bool, error) {
	var head [3]uint64
	for i := range head {
		n, err := binary.ReadUvarint(f.from)
		if err == io.EOF && i == 0 {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("read back rows that were set aside: %w", err)
		}
		head[i] = n
	}
	data := make([]byte, head[0]+head[1])
	if _, err := io.ReadFull(f.from, data); err != nil {
		return false, fmt.Errorf("read back rows that were set aside: %w", err)
	}
	f.row = spooledRow{ref: string(data[:head[0]]), what: byte(head[2] & 1), row: int(head[2] >> 1), data: data[head[0]:]}
	return true, nil
}

// runHeap has the run with the next row on top.
type runHeap []*runReader

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return compareSpooled(&h[i].row, &h[j].row) < 0 }
func (h runHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)        { *h = append(*h, x.(*runReader)) }
func (h *runHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
