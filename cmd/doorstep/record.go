package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/intake"
)

// recordFlags are the flags of record, by the column of a file of events that each is.
var recordFlags = []struct{ column, flag, usage string }{
	{"at", "at", "when it happened (default: now)"},
	{"by", "by", "who did it: a person's id"},
	{"value", "value", "the value that the kind needs"},
	{"due_at", "due", "a date that was set"},
	{"booked_for", "booked", "the time of a booked visit"},
	{"place", "place", "where: home, or the id of a configured place"},
	{"reason", "reason", "why, in words"},
	{"reason_code", "reason-code", "why a family did not attend or declined, by a code: see doorstep import events --help"},
	{"event_id", "event-id", "its id in the record system, so that a file with the same event changes nothing"},
}

func recordCommand(o *options) *cobra.Command {
	values := map[string]*string{}
	c := &cobra.Command{
		Use:   "record REF KIND",
		Short: "Record one event on a case, and say what it changes",
		Long: `Records one event, as a row of a file would bring it and by the same checks, and
says which duties it opens, moves, meets and ends. "doorstep import events --help"
has the kinds of event and what each needs.

Times are 2026-12-24, "2026-12-24 16:00" in the organisation's time zone, or
RFC 3339. A wrong event is taken back by another: KIND voided, --value EVENT_ID.`,
		Example: `  doorstep record KN-7 discussed-with-manager --by W1
  doorstep record KN-7 seen --by W1 --at "2026-12-24 16:00"
  doorstep record KN-7 visit-booked --by W1 --booked "2026-12-29 10:00"
  doorstep record KN-7 timeframe-set --by M1 --due 2026-12-30`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				o.tellConfig(c.ErrOrStderr())
				at := now()
				event := map[string]string{"case_ref": args[0], "kind": args[1], "at": at.Format(time.RFC3339)}
				for column, value := range values {
					if *value != "" || c.Flags().Changed(flagOf(column)) {
						event[column] = *value
					}
				}
				recorded, err := s.record(c, db, at, event)
				if err != nil {
					return err
				}
				view := recordView{recorded, s.calendar.Location()}
				return view.writeText(c.OutOrStdout())
			})
		},
	}
	for _, f := range recordFlags {
		values[f.column] = c.Flags().String(f.flag, "", f.usage)
	}
	return c
}

// flagOf is the flag that a column is given by.
func flagOf(column string) string {
	for _, f := range recordFlags {
		if f.column == column {
			return f.flag
		}
	}
	return ""
}

func (s *setup) record(c *cobra.Command, db *store.Store, at time.Time, values map[string]string) (*casefile.Recorded, error) {
	rules, err := s.rules(c.Context(), db)
	if err != nil {
		return nil, err
	}
	tables, err := s.paperTables()
	if err != nil {
		return nil, err
	}
	event, faults, err := intake.ReadEvent(c.Context(), values, rules, at)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, badEvent(faults)
	}
	recorded, err := casefile.Record(c.Context(), db, rules, tables, at, "", pathway.WayCommand, event)
	if invalid := (store.InvalidEvents)(nil); errors.As(err, &invalid) {
		for _, f := range invalid {
			faults = append(faults, intake.Fault{Column: f.Column, Message: f.Message})
		}
		return nil, badEvent(faults)
	}
	return recorded, err
}

// badEvent says what is wrong with an event, in the terms of the command line.
func badEvent(faults []intake.Fault) error {
	lines := make([]string, len(faults))
	for i, f := range faults {
		switch flag := flagOf(f.Column); {
		case flag != "":
			lines[i] = "--" + flag + ": " + f.Message
		case f.Column == "kind":
			lines[i] = "KIND: " + f.Message
		case f.Column == "case_ref":
			lines[i] = "REF: " + f.Message
		default:
			lines[i] = f.Message
		}
	}
	return badInput{errors.New(strings.Join(lines, "\n"))}
}

// recordView says what an event has changed.
type recordView struct {
	*casefile.Recorded
	zone *time.Location
}

func (v *recordView) clock(t time.Time) string { return t.In(v.zone).Format("Mon 2 Jan 2006 15:04") }

func (v *recordView) writeText(out io.Writer) error {
	var b strings.Builder
	e := &v.Event
	fmt.Fprintf(&b, "%s  %s", e.Case, e.Kind)
	if e.By != "" {
		fmt.Fprintf(&b, " by %s", e.By)
	}
	fmt.Fprintf(&b, ", %s", v.clock(e.At))
	switch {
	case v.Known:
		b.WriteString(": was recorded before; nothing changed\n")
	case len(v.Duties) == 0:
		b.WriteString(": recorded; no duty is changed by it\n")
	default:
		b.WriteString(": recorded\n")
	}
	for i := range v.Duties {
		v.step(&b, &v.Duties[i])
	}
	for i := range v.Waiting {
		if p := &v.Waiting[i]; p.Kind == pathway.PaperPhone {
			fmt.Fprintf(&b, "\n  phone the family: %s\n", p.Why)
		} else {
			fmt.Fprintf(&b, "\n  a %s waits to be printed: %s (%s)\n", p.Kind, p.Variant, p.Why)
		}
	}
	for i, note := range v.Notes {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "  note: %s\n", note)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// step says what has become of a duty, each on a line of its own where it is more than
// one thing.
func (v *recordView) step(b *strings.Builder, s *casefile.Step) {
	fmt.Fprintf(b, "\n  %s, for the %s\n", s.Title, s.Owner)
	if s.Opened {
		fmt.Fprintf(b, "    opened: due %s\n", v.clock(s.Due))
	}
	if s.Moved {
		fmt.Fprintf(b, "    moved: due %s, before %s\n", v.clock(s.Due), v.clock(s.Was))
	}
	if s.Becoming.Met {
		late := ""
		if s.State == pathway.MetLate {
			late = " late"
		}
		fmt.Fprintf(b, "    met%s: was due %s\n", late, v.clock(s.Due))
	}
	if s.Becoming.Ended {
		fmt.Fprintf(b, "    ended: %s; was due %s\n", s.EndedWhy, v.clock(s.Due))
	}
	if s.IsOpen() && s.State == pathway.Overdue {
		b.WriteString("    it is OVERDUE\n")
	}
}
