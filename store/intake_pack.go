package store

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"example.org/doorstep/pathway"
)

// packer turns a row into bytes, to be set aside until all rows are there, and
// bytes into a row. One listing of the fields does both.
type packer struct {
	bytes   []byte
	reading bool
	whole   string // of the row that is read: what texts are cut from
	err     error
}

// reads is a packer that reads a row.
func reads(row []byte) packer { return packer{bytes: row, reading: true, whole: string(row)} }

var errPacked = errors.New("a row that was set aside cannot be read back")

func (p *packer) number(n *int64) {
	if !p.reading {
		p.bytes = binary.AppendVarint(p.bytes, *n)
		return
	}
	v, length := binary.Varint(p.bytes)
	if length <= 0 {
		p.err, p.bytes = errPacked, nil
		return
	}
	*n, p.bytes = v, p.bytes[length:]
}

func (p *packer) text(s *string) {
	n := int64(len(*s))
	p.number(&n)
	if !p.reading {
		p.bytes = append(p.bytes, *s...)
		return
	}
	if n < 0 || n > int64(len(p.bytes)) {
		p.err, p.bytes = errPacked, nil
		return
	}
	if at := len(p.whole) - len(p.bytes); n > 0 {
		*s = p.whole[at : at+int(n)]
	} else {
		*s = ""
	}
	p.bytes = p.bytes[n:]
}

func (p *packer) texts(list *[]string) {
	n := int64(len(*list))
	p.number(&n)
	if p.reading && n > 0 && n <= int64(len(p.bytes)) {
		*list = make([]string, n)
	}
	for i := range *list {
		p.text(&(*list)[i])
	}
}

// instant keeps milliseconds, as the database does.
func (p *packer) instant(t *time.Time) {
	var n int64 // 0: none; else milliseconds, with those from 0 on moved up by one
	if !t.IsZero() {
		if n = t.UnixMilli(); n >= 0 {
			n++
		}
	}
	p.number(&n)
	if p.reading && n != 0 {
		if n > 0 {
			n--
		}
		*t = time.UnixMilli(n).UTC()
	}
}

func (p *packer) small(i *int) {
	n := int64(*i)
	p.number(&n)
	*i = int(n)
}

func (p *packer) flag(b *bool) {
	var n int64
	if *b {
		n = 1
	}
	p.number(&n)
	*b = n == 1
}

func (p *packer) date(d *pathway.Date) {
	month := int(d.Month)
	p.small(&d.Year)
	p.small(&month)
	p.small(&d.Day)
	d.Month = time.Month(month)
}

// listed packs what a row of a record system's list of cases says.
func (p *packer) listed(c *pathway.Case) {
	p.text(&c.Ref)
	p.text(&c.Pathway)
	p.instant(&c.Opened)
	p.instant(&c.Closed)
	p.text(&c.Practitioner)
	p.text(&c.Manager)
	p.text(&c.Chair)
	p.text(&c.Team)
	p.text(&c.Contact)
	p.text(&c.Plan)
	p.date(&c.EDD)
	p.small(&c.VisitEvery.N)
	p.text((*string)(&c.VisitEvery.Unit))
	p.texts(&c.OpenTo)
	p.text(&c.Household)
	p.text(&c.Addressee)
	p.texts(&c.Address)
	p.text(&c.Postcode)
	p.text(&c.Phone)
	p.text(&c.Language)
	p.flag(&c.SafeToWrite)
	p.onlyIf(&c.LargePrint)
}

// onlyIf packs a flag that stands at the end, and only where it is set: what was
// packed before there was such a flag is the same bytes as what has it not set.
func (p *packer) onlyIf(b *bool) {
	if p.reading {
		*b = len(p.bytes) > 0
	}
	if *b {
		p.flag(b)
	}
}

// duty packs what events say of a duty.
func (p *packer) duty(d *pathway.Duty) {
	p.text(&d.ID)
	p.text(&d.Opening)
	p.text(&d.Pathway)
	p.text(&d.Version)
	p.small(&d.Attempt)
	p.text((*string)(&d.Owner))
	for i := range d.Told {
		p.text((*string)(&d.Told[i]))
	}
	p.text(&d.Ladder)
	p.text((*string)(&d.Basis))
	p.text(&d.Recorder)
	p.instant(&d.Opened)
	p.instant(&d.Recorded)
	p.instant(&d.OpensFrom)
	p.instant(&d.Due)
	p.instant(&d.Moved)
	p.instant(&d.Met)
	p.instant(&d.Ended)
	p.flag(&d.Early)
	p.flag(&d.LaterThan)
	p.flag(&d.BothRecord)
	p.text(&d.MetBy)
	p.text(&d.EndedWhy)
	p.texts(&d.Missing)
	if !d.Said.IsZero() { // the digests of all others stay what they were
		p.instant(&d.Said)
		p.text(&d.SaidBy)
	}
	if !hasPlainRungs(d) || d.Paperwork {
		p.instant(&d.LateSince)
		p.instant(&d.Set)
		p.text(&d.SetBy)
		p.flag(&d.TakenOver)
		p.instant(&d.Resumed)
		p.flag(&d.Paperwork)
	}
}

// event packs an event without its case and the role of who recorded it.
func (p *packer) event(e *pathway.Event) {
	p.text(&e.ID)
	p.text(&e.Kind)
	p.instant(&e.At)
	p.instant(&e.Recorded)
	p.text(&e.By)
	p.text(&e.Value)
	p.instant(&e.Due)
	p.instant(&e.Booked)
	p.text(&e.Place)
	p.text(&e.Reason)
	p.text(&e.ReasonCode)
	p.small((*int)(&e.AtClock))
}

func (p *packer) given(g *pathway.Given) {
	n := int64(*g)
	p.number(&n)
	*g = pathway.Given(n)
}

func packCase(into []byte, c *pathway.Case, given pathway.Given) []byte {
	p := packer{bytes: into}
	p.given(&given)
	p.instant(&c.Recorded)
	p.listed(c)
	return p.bytes
}

func unpackCase(b []byte) (c pathway.Case, given pathway.Given, err error) {
	p := reads(b)
	p.given(&given)
	p.instant(&c.Recorded)
	p.listed(&c)
	return c, given, p.err
}

func packEvent(into []byte, e *pathway.Event, given pathway.Given) []byte {
	p := packer{bytes: into}
	p.given(&given)
	p.event(e)
	return p.bytes
}

func unpackEvent(ref string, b []byte) (e pathway.Event, given pathway.Given, err error) {
	p := reads(b)
	p.given(&given)
	e.Case = ref
	p.event(&e)
	return e, given, p.err
}

// packers lends packers for digests, of which there are millions.
var packers = sync.Pool{New: func() any { return new(packer) }}

// digestOf is a number that two values share only if pack says the same of them.
func digestOf[T any](v *T, pack func(*packer, *T)) int64 {
	p := packers.Get().(*packer)
	defer packers.Put(p)
	p.bytes = p.bytes[:0]
	pack(p, v)
	sum := sha256.Sum256(p.bytes)
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 1)
}
