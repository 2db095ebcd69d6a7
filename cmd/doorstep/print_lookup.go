package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"example.org/doorstep/postcards"
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
			serial, err := postcards.ParseSerial(args[0])
			if err != nil {
				return badInput{err}
			}
			return o.withStore(c.Context(), mustBeCurrent, func(s *setup, db *store.Store) error {
				p, err := db.PrintBySerial(c.Context(), serial)
				if errors.Is(err, store.ErrNotFound) {
					return badInput{fmt.Errorf("nothing was printed with the serial %s here: ask for it to be read again, and check --config", serial)}
				}
				if err != nil {
					return err
				}
				batch, err := db.Batch(c.Context(), p.Batch)
				if err != nil {
					return err
				}
				file, err := db.Case(c.Context(), p.Case)
				if err != nil {
					return err
				}
				out := fmt.Sprintf("%s  case %s: %s\n", serial, p.Case, whatIs(p))
				out += fmt.Sprintf("printed %s in batch %d by %s\n", batch.Made.In(s.calendar.Location()).Format("Mon 2 Jan 2006 15:04"), p.Batch, batch.By)
				if !p.At.IsZero() {
					out += fmt.Sprintf("for %s\n", p.At.In(s.calendar.Location()).Format("Mon 2 Jan 2006 15:04"))
				}
				out += fmt.Sprintf("practitioner now %s, team %s\n", cmp.Or(file.Standing.Practitioner, nobody), cmp.Or(file.Case.Team, nobody))
				posted, err := db.PostingsOf(c.Context(), []int64{p.ID})
				if err != nil {
					return err
				}
				if posting, is := posted[p.ID]; is {
					out += fmt.Sprintf("GOV.UK Notify: %s\n", s.postingWords(&posting))
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
