package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"example.org/doorstep/store"
	"example.org/doorstep/web"
)

func calendarCommand(o *options) *cobra.Command {
	var end bool
	c := &cobra.Command{
		Use:   "calendar PERSON",
		Short: "Make the address at which a person's calendar can follow their due times",
		Long: `Makes an address (iCalendar) for the calendar program of a person, by id. Whoever has
it sees what that person is to do and by when, with references of cases only. It is
shown once; made again, the one before opens nothing any more, and neither does that of
somebody who has left.`,
		Example: `  doorstep calendar W1
  doorstep calendar W1 --end`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				if end {
					if err := db.EndCalendar(c.Context(), args[0]); err != nil {
						return err
					}
					_, err := fmt.Fprintf(c.OutOrStdout(), "the calendar address of %s opens nothing any more\n", args[0])
					return err
				}
				secret, err := db.NewCalendar(c.Context(), now(), args[0])
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(c.OutOrStdout(), s.config.PublicURL+web.CalendarPath+secret+".ics")
				return err
			})
		},
	}
	c.Flags().BoolVar(&end, "end", false, "end the address instead")
	return c
}
