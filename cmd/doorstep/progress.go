package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

// progress says on standard error how far long work has come: nothing in the
// first second, then a line a second that overwrites itself.
type progress struct {
	out   io.Writer
	last  time.Time
	shown bool
	rows  int
}

func newProgress(out io.Writer) *progress { return &progress{out: out, last: now()} }

const (
	progressEvery = time.Second
	progressRows  = 1000 // rows between two looks at the clock
)

// say says how far work has come; %d in what stands for the number.
func (p *progress) say(what string, rows int) {
	if at := now(); at.Sub(p.last) >= progressEvery {
		fmt.Fprintf(p.out, "\r"+what+" ", rows)
		p.last, p.shown = at, true
	}
}

// committed is told by the store how many rows it has dealt with.
func (p *progress) committed(rows int) { p.say("taking in: %d rows", rows) }

// printed is told how many cards or letters have been laid out.
func (p *progress) printed(items int) { p.say("printing: %d items", items) }

// end closes the line.
func (p *progress) end() {
	if p.shown {
		fmt.Fprintln(p.out)
	}
	*p = progress{out: p.out, last: now()}
}

// counting passes rows on and says how many there were.
func (p *progress) counting(to intake.Sink) intake.Sink { return &countingSink{to, p} }

type countingSink struct {
	to intake.Sink
	p  *progress
}

func (s *countingSink) count() {
	if s.p.rows++; s.p.rows%progressRows == 0 {
		s.p.say("reading: %d rows", s.p.rows)
	}
}

func (s *countingSink) AddPerson(row int, v pathway.Person) error {
	s.count()
	return s.to.AddPerson(row, v)
}

func (s *countingSink) AddCase(row int, v pathway.Case) error {
	s.count()
	return s.to.AddCase(row, v)
}

func (s *countingSink) AddEvent(row int, v pathway.Event) error {
	s.count()
	return s.to.AddEvent(row, v)
}

// sortFaults puts faults into the order of the file.
func sortFaults(faults []intake.Fault) {
	slices.SortStableFunc(faults, func(a, b intake.Fault) int { return cmp.Compare(a.Row, b.Row) })
}
