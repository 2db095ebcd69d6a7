package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"example.org/doorstep/postcards/printing"
)

// printed writes the summary of a printing. What could not be printed is bad input.
func printed(c *cobra.Command, made *printing.Batch) error {
	if err := writeSummary(c.OutOrStdout(), made.Summary()); err != nil {
		return err
	}
	return made.Unprinted()
}

// writeSummary writes the last line of standard output (FORMATS, "Print").
func writeSummary(to io.Writer, summary any) error {
	line, err := json.Marshal(summary)
	if err == nil {
		_, err = fmt.Fprintf(to, "%s\n", line)
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
	tell(made.Notes.Softer, func(n *printing.Note) {
		fmt.Fprintf(to, "case %s: %s in place of a final card: %s\n", n.Case, n.What, n.Why)
	})
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
