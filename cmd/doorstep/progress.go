package main

import (
	"fmt"
	"io"
	"time"

	"example.org/doorstep/pathway"
)

// progress says on standard error how far long work has come: nothing in the
// first second, then a line a second that overwrites itself.
type progress struct {
	out   io.Writer
	last  time.Time
	shown bool
}

func newProgress(out io.Writer) *progress {
	if to, is := out.(*plainWriter); is {
		out = to.to // for the line that overwrites itself
	}
	return &progress{out: out, last: now()}
}

const progressEvery = time.Second

// say says how far work has come: what is done, and with how many things.
func (p *progress) say(doing string, n int, thing string) {
	if at := now(); at.Sub(p.last) >= progressEvery {
		fmt.Fprintf(p.out, "\r%s: %s ", doing, pathway.Counted(n, thing))
		p.last, p.shown = at, true
	}
}

// read is told how many rows of a file have been read.
func (p *progress) read(rows int) { p.say("reading", rows, "row") }

// committed is told by the store how many rows it has dealt with.
func (p *progress) committed(rows int) { p.say("taking in", rows, "row") }

// printed is told how many cards or letters have been laid out.
func (p *progress) printed(items int) { p.say("printing", items, "item") }

// end closes the line.
func (p *progress) end() {
	if p.shown {
		fmt.Fprintln(p.out)
	}
	*p = progress{out: p.out, last: now()}
}
