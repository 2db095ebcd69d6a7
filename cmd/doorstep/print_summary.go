package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"example.org/doorstep/postcards/printing"
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
func printed(c *cobra.Command, made *printing.Batch) error {
	s := printSummary{Items: made.Items, Pages: made.Pages, Batch: made.Number}
	if len(made.Covers) > 0 {
		s.Cover = made.Covers[0]
	}
	for i, f := range made.Files {
		s.Files = append(s.Files, summaryFile{f, made.Paths[i]})
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
		err = made.Unprinted()
	}
	return err
}

// tellMade says what needs a look besides what was printed.
func tellMade(to io.Writer, made *printing.Batch) {
	for _, n := range made.NoCards {
		fmt.Fprintf(to, "case %s: no card: %s\n", n.Case, n.Why)
	}
	tell := func(notes []printing.Note, say func(*printing.Note)) {
		for i := range notes[:min(len(notes), printing.MostTold)] {
			say(&notes[i])
		}
		if more := len(notes) - printing.MostTold; more > 0 {
			fmt.Fprintf(to, "and %d more\n", more)
		}
	}
	tell(made.Notes.Pull, func(n *printing.Note) {
		fmt.Fprintf(to, "case %s: take %s, serial %s, out of batch %d: %s\n", n.Case, n.What, n.Serial, n.Batch, n.Why)
	})
	tell(made.Notes.Calls, func(n *printing.Note) { fmt.Fprintf(to, "case %s: %s\n", n.Case, n.Why) })
	tell(made.Notes.Waiting, func(n *printing.Note) {
		if !n.Unprintable { // which is an error, told of at the end
			fmt.Fprintf(to, "case %s: %s is not printed: %s\n", n.Case, n.What, n.Why)
		}
	})
	if made.Dropped > 0 {
		fmt.Fprintf(to, "%d more are no longer needed\n", made.Dropped)
	}
	if made.Items == 0 {
		fmt.Fprintln(to, "nothing was printed")
	}
}

// tellReprinted says what to look out for in a batch that was printed again.
func tellReprinted(to io.Writer, made *printing.Batch) {
	for i := range made.Posted[:min(len(made.Posted), printing.MostTold)] {
		p := &made.Posted[i]
		if printing.PostedByNotify(p.State) {
			fmt.Fprintf(to, "case %s: letter %s, serial %s, is posted by GOV.UK Notify: do not post it again\n", p.Case, p.Variant, p.Serial)
		} else {
			fmt.Fprintf(to, "case %s: letter %s, serial %s, was not posted by GOV.UK Notify: %s\n", p.Case, p.Variant, p.Serial, p.Reason)
		}
	}
	if len(made.Posted) > printing.MostTold {
		fmt.Fprintf(to, "and more: see the cover sheet, and doorstep post --status --batch %d\n", made.Number)
	}
	for _, kind := range made.Different {
		fmt.Fprintf(to, "doorstep: the %ss of batch %d differ from what was printed then: this Doorstep lays pages out otherwise; compare before you post them\n", kind, made.Number)
	}
}
