package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func auditCommand(o *options) *cobra.Command {
	var f store.AuditFilter
	c := &cobra.Command{
		Use:   "audit",
		Short: "Show who looked at what, changed it or was refused, and whether that record is whole",
		Long: `Lists what people did on the pages, and which commands and programs were shown a
case, the oldest first, and then checks the whole record: each line is chained to the one before, so that
one that was changed or taken out shows. Exits with 1 where the record is not whole.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				lines, err := db.Audit(c.Context(), f)
				if err != nil {
					return err
				}
				for _, e := range slices.Backward(lines) {
					fmt.Fprintln(c.OutOrStdout(), s.auditLine(&e))
				}
				broken, err := db.CheckAudit(c.Context())
				if err == nil && broken > 0 {
					err = fmt.Errorf("the audit trail is not as it was written, from line %d on: keep this database as it is, and compare it with a backup", broken)
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&f.Case, "case", "", "of one case: its reference")
	c.Flags().StringVar(&f.Who, "person", "", "of one person: their id, user:NAME of this machine, or \"token NAME\"")
	c.Flags().IntVar(&f.AtMost, "newest", 0, "only the newest so many")
	return c
}

func (s *setup) auditLine(e *store.AuditEntry) string {
	who, deed := e.Who, e.Deed
	if who == "" {
		who = nobody
	}
	if e.About != "" {
		deed += ": " + e.About
	}
	if e.Reason != "" {
		deed += " (" + e.Reason + ")"
	}
	if e.Way == pathway.WayCommand {
		deed += ", by command"
	}
	line := fmt.Sprintf("%6d  %s  %s  %s", e.ID, e.At.In(s.calendar.Location()).Format("2006-01-02 15:04:05"), who, deed)
	if e.Case != "" {
		line += "  " + e.Case
	}
	return line
}

// auditCommandOn puts on record that a command shows a case.
func auditCommandOn(c *cobra.Command, db *store.Store, ref string, deed pathway.Deed) error {
	return auditOfCommand(c, db, store.AuditEntry{Deed: string(deed), Case: ref})
}

// auditOfCommand puts on record what a command shows or does, as its system's user's.
func auditOfCommand(c *cobra.Command, db *store.Store, e store.AuditEntry) error {
	by := askedByCommand()
	e.At, e.Who, e.Way = now(), by.Who, by.Way
	return db.AddLook(c.Context(), e)
}

// askedByCommand is who asks for paper where a command does: the system's user, whoever
// else stands on the batch.
func askedByCommand() store.PrintAsked {
	return store.PrintAsked{Who: "user:" + whoRuns(""), Way: pathway.WayCommand}
}

func restrictCommand(o *options) *cobra.Command {
	var lift bool
	var also []string
	c := &cobra.Command{
		Use:   "restrict REF",
		Short: "Close a case to everybody but those named on it",
		Long: `A restricted case is opened on the pages only by its practitioner, its manager and its
chair, by those who stand in for one of them while they are away, and by whoever is
named with --also: not by the rest of the team, nor by those whom its practitioner or its
manager reports to. Everybody else is told how many there are. Those whom --also names do
on it what their role does on a case of theirs: a service manager looks at it, admin staff
print for it. Restricted again, it is open to those who are named then.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(_ *setup, db *store.Store) error {
				said, change := "is open to its team again", db.LiftRestriction
				if !lift {
					said = "is restricted: only those named on it can open it"
					if len(also) > 0 {
						said += ", and " + strings.Join(also, ", ")
					}
					change = func(ctx context.Context, ref string) error { return db.Restrict(ctx, ref, also...) }
				}
				if err := change(c.Context(), args[0]); err != nil {
					return err
				}
				if err := auditCommandOn(c, db, args[0], pathway.DeedDecide); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "%s %s\n", args[0], said)
				return err
			})
		},
	}
	c.Flags().BoolVar(&lift, "lift", false, "open it to its team again")
	c.Flags().StringSliceVar(&also, "also", nil, "who else can open it: ids of people, or --also once for each")
	c.MarkFlagsMutuallyExclusive("lift", "also")
	return c
}
