package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"example.org/doorstep/store"
)

// printSummary is the last line of standard output (FORMATS, "Print").
type printSummary struct {
	Items  int           `json:"items"`
	Pages  int           `json:"pages"`
	File   string        `json:"file"`   // the first, where there are several
	SHA256 string        `json:"sha256"` // of it
	Files  []summaryFile `json:"files,omitempty"`
	Batch  int64         `json:"batch,omitempty"`
	Cover  string        `json:"cover,omitempty"` // the first, where there are several
}

type summaryFile struct {
	store.PrintFile
	File string `json:"file"`
}

// printed writes the summary of a printing. What could not be printed is bad input.
func printed(c *cobra.Command, made *madeBatch) error {
	s := printSummary{Items: made.Items, Pages: made.Pages, Batch: made.Number}
	if len(made.covers) > 0 {
		s.Cover = made.covers[0]
	}
	for i, f := range made.Files {
		s.Files = append(s.Files, summaryFile{f, made.paths[i]})
	}
	if len(s.Files) > 0 {
		s.File, s.SHA256 = s.Files[0].File, s.Files[0].SHA256
	}
	if len(s.Files) == 1 {
		s.Files = nil
	}
	line, err := json.Marshal(s)
	if err == nil {
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", line)
	}
	if err == nil {
		err = made.unprinted()
	}
	return err
}

// unprinted says what could not be printed.
func (made *madeBatch) unprinted() error {
	if len(made.bad) == 0 {
		return nil
	}
	shown := slices.Clone(made.bad[:min(len(made.bad), mostTold)])
	return badInput{errors.Join(append(shown, fmt.Errorf("%d not printed: correct them and print again; they wait until then", len(made.bad)))...)}
}

// mostTold is how many items of a sort are told of: the cover sheet has them all.
const mostTold = 100

// tell says what needs a look besides what was printed.
func (made *madeBatch) tell(to io.Writer) {
	tell := func(notes []coverNote, say func(*coverNote)) {
		for i := range notes[:min(len(notes), mostTold)] {
			say(&notes[i])
		}
		if more := len(notes) - mostTold; more > 0 {
			fmt.Fprintf(to, "and %d more\n", more)
		}
	}
	tell(made.notes.Pull, func(n *coverNote) {
		fmt.Fprintf(to, "case %s: take %s, serial %s, out of batch %d: %s\n", n.Case, n.What, n.Serial, n.Batch, n.Why)
	})
	tell(made.notes.Calls, func(n *coverNote) { fmt.Fprintf(to, "case %s: %s\n", n.Case, n.Why) })
	tell(made.notes.Waiting, func(n *coverNote) {
		if !n.bad { // which is an error, told of at the end
			fmt.Fprintf(to, "case %s: %s is not printed: %s\n", n.Case, n.What, n.Why)
		}
	})
	if made.dropped > 0 {
		fmt.Fprintf(to, "%d more are no longer needed\n", made.dropped)
	}
	if made.Items == 0 {
		fmt.Fprintln(to, "nothing was printed")
	}
}
