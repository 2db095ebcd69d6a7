package main

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/intake"
)

func digestCommand(o *options) *cobra.Command {
	var manager, chair, on string
	c := &cobra.Command{
		Use:   "digest --manager ID | --chair ID",
		Short: "Print what somebody's digest says",
		Long: `Prints what a manager's or a chair's digest says. Of a manager's of a day that has
passed it says what was known then: events count from when they were recorded, and
what has changed since of cases and people is taken back.`,
		Example: "  doorstep digest --manager M1\n  doorstep digest --manager M1 --on 2026-12-24\n  doorstep digest --chair C1",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if (manager == "") == (chair == "") {
				return badInput{fmt.Errorf("whose digest? add --manager or --chair with a person's id")}
			}
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				moment := now() // one for all: a digest of now is none of a day that has passed
				at := moment
				if on != "" {
					t, isDay, err := intake.ParseDayOrTime(on, s.calendar.Location())
					if err != nil {
						return badInput{fmt.Errorf("--on: %w", err)}
					}
					if isDay {
						t = s.calendar.At(s.calendar.DateOf(t), digestTime)
					}
					at = t
				}
				rules, err := s.rulesInForce(c.Context(), db)
				if err != nil {
					return err
				}
				var digest *notify.Digest
				if chair != "" {
					digest, err = casefile.ChairDigestAsKnown(c.Context(), db, rules, chair, at, moment)
				} else {
					digest, err = casefile.DigestAsKnown(c.Context(), db, rules, s.dutyDesk, manager, at, moment)
				}
				if err != nil {
					return err
				}
				if digest == nil {
					digest = &notify.Digest{On: at, Chair: true}
				}
				composer, err := s.composer()
				if err != nil {
					return err
				}
				names, err := db.StaffNames(c.Context(), (&notify.Message{Digest: digest}).StaffIDs())
				if err != nil {
					return err
				}
				text, err := composer.DigestText(digest, names)
				if err != nil {
					return err
				}
				entry := store.AuditEntry{Deed: string(pathway.DeedLook), About: "digest of " + cmp.Or(manager, chair)}
				if err := auditOfCommand(c, db, entry); err != nil {
					return err
				}
				_, err = io.WriteString(c.OutOrStdout(), text)
				return err
			})
		},
	}
	c.Flags().StringVar(&manager, "manager", "", "the manager's id")
	c.Flags().StringVar(&chair, "chair", "", "the chair's id")
	c.Flags().StringVar(&on, "on", "", "the day (at 08:00) or the time (default: now); of a day that has passed, what was known then")
	return c
}

// digestTime is when a digest of another day is imagined.
const digestTime = pathway.ClockTime(8 * time.Hour / time.Minute)
