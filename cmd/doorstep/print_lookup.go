package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
)

func printLookupCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "lookup SERIAL",
		Short: "Say which case a serial stands on, when a family calls",
		Example: `  doorstep print lookup K7M-2PXQ
  doorstep print lookup "k7m 2pxq"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := postcards.ParseSerial(args[0]); err != nil {
				return badInput{err}
			}
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				found, err := printing.LookUp(c.Context(), db, args[0])
				if err != nil {
					return err
				}
				if err := auditOfCommand(c, db, store.AuditEntry{Deed: string(pathway.DeedPrint), Case: found.Print.Case, About: "looked up"}); err != nil {
					return err
				}
				clock := func(t time.Time) string { return t.In(s.calendar.Location()).Format("Mon 2 Jan 2006 15:04") }
				p := &found.Print
				out := fmt.Sprintf("%s  case %s: %s %s\n", p.Serial, p.Case, p.Kind, p.Variant)
				out += fmt.Sprintf("printed %s in batch %d by %s\n", clock(found.Batch.Made), p.Batch, found.Batch.By)
				if !p.At.IsZero() {
					out += fmt.Sprintf("for %s\n", clock(p.At))
				}
				out += fmt.Sprintf("practitioner now %s, team %s\n", cmp.Or(found.Practitioner, nobody), cmp.Or(found.Team, nobody))
				if found.Posting != nil {
					out += fmt.Sprintf("GOV.UK Notify: %s\n", printing.PostingWords(found.Posting, s.calendar.Location()))
				}
				if p.Outcome != "" {
					out += fmt.Sprintf("not to go out any more: %s\n", p.Outcome)
				}
				_, err = fmt.Fprint(c.OutOrStdout(), out)
				return err
			})
		},
	}
}
