package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
)

func caseCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "case REF",
		Short: "Show one case: events, duties, messages, paper, and why each due time is what it is",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c.Context(), mustBeCurrent, func(s *setup, db *store.Store) error {
				file, err := db.Case(c.Context(), args[0])
				if errors.Is(err, store.ErrNotFound) {
					return badInput{fmt.Errorf("there is no case %s in %s: check the reference and --config", args[0], s.config.DatabaseName())}
				}
				if err != nil {
					return err
				}
				rules, err := s.rulesInForce(c.Context(), db)
				if err != nil {
					return err
				}
				told, err := db.CaseReminders(c.Context(), args[0])
				if err != nil {
					return err
				}
				prints, err := db.PrintsOfCase(c.Context(), args[0])
				if err != nil {
					return err
				}
				posted, err := db.PostingsOf(c.Context(), idsOf(prints))
				if err != nil {
					return err
				}
				w := bufio.NewWriter(c.OutOrStdout())
				v := caseView{out: w, setup: s, rules: rules, file: file, told: told, prints: prints, posted: posted, now: now()}
				v.write()
				return w.Flush()
			})
		},
	}
}

// caseView writes a case for people to read: reference, events, duties and who
// was told. It leaves out whoever the case is about.
type caseView struct {
	out io.Writer
	*setup
	rules  *pathway.Rules
	file   *store.CaseFile
	told   []store.CaseReminder
	prints []store.Print
	posted map[int64]store.Posting // by print
	now    time.Time
}

func (v *caseView) write() {
	v.heading()
	v.duties()
	v.events()
	v.paper()
	for _, f := range v.file.Flags {
		fmt.Fprintf(v.out, "\nWorth a look: %s\n", f.Text)
	}
}

func (v *caseView) heading() {
	c, now := &v.file.Case, &v.file.Standing
	fmt.Fprintf(v.out, "%s  %s\n", c.Ref, v.title(now.Pathway))
	state := "open"
	if now.Closed {
		state = "closed"
	}
	fmt.Fprintf(v.out, "%s since %s; practitioner %s, manager %s, team %s\n", state, v.time(c.Opened),
		orNobody(now.Practitioner), orNobody(c.Manager), orNobody(c.Team))
	switch now.Attempt {
	case 0:
	case 1:
		fmt.Fprintln(v.out, "1 unsuccessful visit since last seen")
	default:
		fmt.Fprintf(v.out, "%d unsuccessful visits in a row\n", now.Attempt)
	}
}

func (v *caseView) title(id string) string {
	if p := v.rules.Pathway(id); p != nil {
		return p.Title + " (" + id + ")"
	}
	return id
}

func orNobody(s string) string {
	if s == "" {
		return "nobody"
	}
	return s
}

func (v *caseView) duties() {
	if len(v.file.Duties) == 0 {
		fmt.Fprintln(v.out, "\nNo duties.")
		return
	}
	fmt.Fprintln(v.out, "\nDuties")
	for i := range v.file.Duties {
		v.duty(&v.file.Duties[i])
	}
}

func (v *caseView) duty(d *store.Duty) {
	rule := v.rules.Rule(d.Pathway, d.Version, d.Duty.ID)
	fmt.Fprintf(v.out, "\n  %s: %s", v.rules.Title(&d.Duty), strings.ToUpper(strings.ReplaceAll(string(d.StateAt(v.now)), "-", " ")))
	if !d.Met.IsZero() {
		fmt.Fprintf(v.out, " %s", v.time(d.Met))
	}
	if d.Early {
		fmt.Fprint(v.out, ", early")
	}
	if d.EndedWhy != "" {
		fmt.Fprintf(v.out, " %s: %s", v.time(d.Ended), d.EndedWhy)
	}
	fmt.Fprintf(v.out, "\n    for the %s, due %s", d.Owner, v.time(d.Due))
	if d.Attempt > 0 {
		fmt.Fprintf(v.out, ", attempt %d", d.Attempt)
	}
	fmt.Fprintf(v.out, "\n    %s (%s)\n", d.Why, basisWords(d.Basis))
	if rule != nil && rule.Clause != "" {
		fmt.Fprintf(v.out, "    %s\n", rule.Clause)
	}
	if len(d.Missing) > 0 && d.IsOpen() {
		fmt.Fprintf(v.out, "    still to tick: %s\n", strings.Join(d.Missing, ", "))
	}
	for i := range v.told {
		if v.told[i].Duty == d.ID {
			v.reminder(&v.told[i])
		}
	}
	if !d.NextRung.IsZero() {
		fmt.Fprintf(v.out, "    next reminder %s\n", v.time(d.NextRung))
	}
}

// basisWords says plainly that a figure is not the guidance's own.
func basisWords(b pathway.Basis) string {
	if b == pathway.Local {
		return "local default"
	}
	return string(b)
}

func (v *caseView) reminder(r *store.CaseReminder) {
	fmt.Fprintf(v.out, "    %s  %-10s %s by %s: ", v.time(r.Decided), r.Rung, r.Person, r.Channel)
	switch {
	case r.Reason != pathway.Sent:
		fmt.Fprintf(v.out, "not told, %s", r.Reason)
		if r.MergedInto != "" {
			fmt.Fprintf(v.out, " %s", r.MergedInto)
		}
	case r.State == store.MessageDelivered:
		fmt.Fprintf(v.out, "delivered %s", v.time(r.ProgressAt))
	case r.State == store.MessageSent:
		fmt.Fprintf(v.out, "sent %s", v.time(r.SentAt))
	default:
		fmt.Fprint(v.out, r.State)
		if r.StateReason != "" {
			fmt.Fprintf(v.out, ", %s", r.StateReason)
		}
	}
	fmt.Fprintln(v.out)
}

func (v *caseView) events() {
	fmt.Fprintln(v.out, "\nEvents")
	for _, e := range v.file.Events {
		fmt.Fprintf(v.out, "  %s  %s", v.time(e.At), e.Kind)
		if e.By != "" {
			fmt.Fprintf(v.out, " by %s", e.By)
		}
		if e.Value != "" {
			fmt.Fprintf(v.out, ": %s", e.Value)
		}
		if !e.Due.IsZero() {
			fmt.Fprintf(v.out, ", date %s", v.calendar.DateOf(e.Due))
		}
		if !e.Booked.IsZero() {
			fmt.Fprintf(v.out, ", for %s", v.time(e.Booked))
		}
		if late := e.Recorded.Sub(e.At); late > time.Hour {
			fmt.Fprintf(v.out, " (recorded %s)", v.time(e.Recorded))
		}
		fmt.Fprintln(v.out)
	}
}

// paper lists cards, letters, and the calls to make in place of them.
func (v *caseView) paper() {
	if len(v.prints) == 0 {
		return
	}
	fmt.Fprintln(v.out, "\nCards, letters and calls")
	for i := range v.prints {
		p := &v.prints[i]
		fmt.Fprintf(v.out, "  %s  ", v.time(p.At))
		switch {
		case p.Kind == postcards.KindPhone:
			fmt.Fprintf(v.out, "phone the family: %s", p.Why)
		case !p.Printed.IsZero():
			fmt.Fprintf(v.out, "%s %s: printed %s in batch %d, serial %s", p.Kind, p.Variant, v.time(p.Printed), p.Batch, p.Serial)
		case p.Refused != "":
			fmt.Fprintf(v.out, "%s %s: not printed: %s", p.Kind, p.Variant, p.Refused)
		default:
			fmt.Fprintf(v.out, "%s %s: %s", p.Kind, p.Variant, p.State)
		}
		if posting, is := v.posted[p.ID]; is {
			fmt.Fprintf(v.out, "; GOV.UK Notify: %s", v.postingWords(&posting))
		}
		if p.Outcome != "" {
			fmt.Fprintf(v.out, "; %s: %s", p.State, p.Outcome)
		}
		fmt.Fprintln(v.out)
	}
}

func (v *caseView) time(t time.Time) string {
	return t.In(v.calendar.Location()).Format("Mon 2 Jan 2006 15:04")
}
