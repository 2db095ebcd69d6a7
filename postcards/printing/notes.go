package printing

import (
	"strings"

	"example.org/doorstep/store"
)

// Notes are what a cover sheet says besides what is in its batch. They are
// kept with it.
type Notes struct {
	Pull    []Note `json:"pull,omitempty"`    // printed before, not to go out any more
	Calls   []Note `json:"calls,omitempty"`   // to be phoned in place of paper
	Waiting []Note `json:"waiting,omitempty"` // not printed, and why
	Softer  []Note `json:"softer,omitempty"`  // printed in place of a final card, and why
	Post    bool   `json:"post,omitempty"`    // GOV.UK Notify is to post the letters

	// Drawn says what drew its cover sheets, so that they are drawn the same again.
	Drawn drawing `json:"drawn,omitempty"`

	// MadeBy is who made it, as staff are named then; empty: as the batch says.
	MadeBy string `json:"made_by,omitempty"`

	posted map[int64]store.Posting // by print, when it is printed again: what became of that
}

// Note is about one item. It names nobody but staff.
type Note struct {
	Case         string `json:"case"`
	What         string `json:"what"`
	Serial       string `json:"serial,omitempty"`
	Batch        int64  `json:"batch,omitempty"`
	Practitioner string `json:"practitioner,omitempty"`
	Why          string `json:"why"`

	Unprintable bool `json:"-"` // an error says so too (Batch.Unprinted)
}

func noteOf(p *store.Print, why string) Note {
	return Note{Case: p.Case, What: whatIs(p), Serial: p.Serial, Batch: p.Batch, Practitioner: p.Practitioner, Why: why}
}

func whatIs(p *store.Print) string { return p.Kind + " " + p.Variant }

// Variant is which wording it has, as whatIs has put it.
func (n *Note) Variant() string { return n.What[strings.LastIndex(n.What, " ")+1:] }
