package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
)

func caseCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "case REF",
		Short: "Show one case: events, duties, messages, paper, and why each due time is what it is",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				rules, err := s.rulesInForce(c.Context(), db)
				if err != nil {
					return err
				}
				f, err := casefile.Case(c.Context(), db, rules, args[0], now())
				if err != nil {
					return err
				}
				if err := auditCommandOn(c, db, f.Case.Ref, pathway.DeedLook); err != nil {
					return err
				}
				w := bufio.NewWriter(c.OutOrStdout())
				v := caseView{out: w, setup: s, File: f}
				v.write()
				return w.Flush()
			})
		},
	}
}

// caseView writes a case for people to read: reference, events, duties, who was told,
// and what changed. Of whoever the case is about it says only what changed.
type caseView struct {
	out io.Writer
	*setup
	*casefile.File
}

func (v *caseView) write() {
	v.heading()
	v.listDuties()
	v.listEvents()
	v.listVisits()
	v.listPaper()
	v.listChanges()
	for _, f := range v.Flags {
		fmt.Fprintf(v.out, "\nWorth a look: %s\n", f.Text)
	}
}

func (v *caseView) heading() {
	title := v.Now.Pathway
	if v.Title != "" {
		title = v.Title + " (" + v.Now.Pathway + ")"
	}
	fmt.Fprintf(v.out, "%s  %s\n", v.Case.Ref, title)
	state := "open"
	if v.Now.Closed {
		state = "closed"
	}
	fmt.Fprintf(v.out, "%s since %s; practitioner %s, manager %s, team %s\n", state, v.time(v.Case.Opened),
		cmp.Or(v.Names.Of(v.Now.Practitioner), nobody), cmp.Or(v.Names.Of(v.Case.Manager), nobody), cmp.Or(v.Case.Team, nobody))
	fmt.Fprintln(v.out, v.writing())
	switch v.Now.Attempt {
	case 0:
	case 1:
		fmt.Fprintln(v.out, "1 unsuccessful visit since last seen")
	default:
		fmt.Fprintf(v.out, "%d unsuccessful visits in a row\n", v.Now.Attempt)
	}
}

// writing says whether and how the family may be written to, and with which cases it
// lives together.
func (v *caseView) writing() string {
	safe := "safe to write to"
	if v.Unsafe != "" {
		safe = "NOT SAFE TO WRITE TO: no card, no letter"
		if other := v.Case.UnsafeHousehold; other != "" && strings.Contains(v.Unsafe, other) {
			safe += " (" + v.Unsafe + ")"
		}
	}
	if !v.AddressReturned.IsZero() {
		safe += ", but a letter came back by post (" + v.time(v.AddressReturned) + "): no letter until another address comes"
	}
	if v.Case.LargePrint {
		safe += ", in large print"
	}
	if tables, err := v.paperTables(); err == nil {
		if why := tables.InEnglish(&v.Case); why != "" {
			safe += ", in English: " + why
		}
	}
	if v.Case.Household == "" {
		return safe + "; household not known"
	}
	safe += "; household " + v.Case.Household
	if others := v.HouseholdRefs(); others != "" {
		safe += ", with " + others
	}
	return safe
}

// nobody stands where a case has no practitioner, manager or team.
const nobody = "nobody"

func (v *caseView) listDuties() {
	if len(v.Duties) == 0 {
		fmt.Fprintln(v.out, "\nNo duties.")
		return
	}
	fmt.Fprintln(v.out, "\nDuties")
	for i := range v.Duties {
		v.duty(&v.Duties[i])
	}
}

func (v *caseView) duty(d *casefile.Duty) {
	fmt.Fprintf(v.out, "\n  %s: %s", d.Title, strings.ToUpper(strings.ReplaceAll(string(d.State), "-", " ")))
	if !d.Met.IsZero() {
		fmt.Fprintf(v.out, " %s", v.time(d.Met))
	}
	if d.Early {
		fmt.Fprint(v.out, ", early")
	}
	if said := d.SaidAt(); !said.IsZero() {
		fmt.Fprintf(v.out, ", said by text %s that it is done: to be confirmed", v.time(said))
	}
	if d.EndedWhy != "" {
		fmt.Fprintf(v.out, " %s: %s", v.time(d.Ended), d.EndedWhy)
	}
	fmt.Fprintf(v.out, "\n    for the %s, due %s", d.Owner, v.time(d.Due))
	if d.Attempt > 0 {
		fmt.Fprintf(v.out, ", attempt %d", d.Attempt)
	}
	fmt.Fprintf(v.out, "\n    %s (%s)\n", d.Why, d.Basis.Words())
	if d.Clause != "" {
		fmt.Fprintf(v.out, "    %s\n", d.Clause)
	}
	if len(d.StillToTick) > 0 {
		fmt.Fprintf(v.out, "    still to tick: %s\n", strings.Join(d.StillToTick, ", "))
	}
	for i := range d.Reminders {
		v.reminder(&d.Reminders[i])
	}
	if !d.NextRung.IsZero() {
		fmt.Fprintf(v.out, "    next reminder %s\n", v.time(d.NextRung))
	}
}

func (v *caseView) reminder(r *casefile.Reminder) {
	fmt.Fprintf(v.out, "    %s  %-10s %s by %s: ", v.time(r.Decided), r.Rung, v.Names.Of(r.Person), r.Channel)
	switch {
	case !r.WasTold():
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

// listVisits lists who was told, by this case, that another of its household was visited
// in vain.
func (v *caseView) listVisits() {
	if len(v.Visits) == 0 {
		return
	}
	fmt.Fprintln(v.out, "\nUnsuccessful visits to the household's other cases")
	for _, t := range v.Visits {
		fmt.Fprintf(v.out, "  %s  %s: %s by %s, ", v.time(t.At), strings.Join(t.Visited, ", "), v.Names.Of(t.Person), t.Channel)
		if t.Reason == pathway.Sent {
			fmt.Fprintln(v.out, t.State)
		} else {
			fmt.Fprintf(v.out, "not told, %s\n", t.Reason)
		}
	}
}

func (v *caseView) listEvents() {
	fmt.Fprintln(v.out, "\nEvents")
	for i := range v.Events {
		e := &v.Events[i]
		fmt.Fprintf(v.out, "  %s  %s", v.time(e.At), e.Kind)
		if e.By != "" {
			fmt.Fprintf(v.out, " by %s", v.Names.Of(e.By))
		}
		if e.Value != "" {
			fmt.Fprintf(v.out, ": %s", v.ValueInWords(e))
		}
		if !e.Due.IsZero() {
			fmt.Fprintf(v.out, ", date %s", v.calendar.DateOf(e.Due))
		}
		if !e.Booked.IsZero() {
			fmt.Fprintf(v.out, ", for %s", v.time(e.Booked))
		}
		if e.Place != "" {
			fmt.Fprintf(v.out, ", at %s", v.place(e.Place))
		}
		if e.ReasonCode != "" {
			fmt.Fprintf(v.out, ", reason %s", e.ReasonCode)
		}
		if way := v.Way(e); way != "" {
			fmt.Fprintf(v.out, ", %s", way)
		}
		if late := e.Recorded.Sub(e.At); late > time.Hour {
			fmt.Fprintf(v.out, " (recorded %s)", v.time(e.Recorded))
		}
		fmt.Fprintln(v.out)
	}
}

// place is a place as people know it.
func (v *caseView) place(id string) string {
	if p, is := v.config.Places[id]; is {
		return fmt.Sprintf("%s (%s)", p.Name, id)
	}
	return id
}

// listPaper lists cards, letters, and the calls to make in place of them.
func (v *caseView) listPaper() {
	if len(v.Paper) == 0 {
		return
	}
	fmt.Fprintln(v.out, "\nCards, letters and calls")
	for i := range v.Paper {
		p := &v.Paper[i]
		fmt.Fprintf(v.out, "  %s  ", v.time(p.At))
		switch {
		case p.Kind == pathway.PaperPhone:
			fmt.Fprintf(v.out, "phone the family: %s", p.Why)
		case !p.Printed.IsZero():
			fmt.Fprintf(v.out, "%s %s: printed %s in batch %d, serial %s", p.Kind, p.Variant, v.time(p.Printed), p.Batch, p.Serial)
		case p.Refused != "":
			fmt.Fprintf(v.out, "%s %s: not printed: %s", p.Kind, p.Variant, p.Refused)
		default:
			fmt.Fprintf(v.out, "%s %s: %s", p.Kind, p.Variant, p.State)
		}
		if p.Posting != nil {
			fmt.Fprintf(v.out, "; GOV.UK Notify: %s", printing.PostingWords(p.Posting, v.calendar.Location()))
		}
		if p.Outcome != "" {
			fmt.Fprintf(v.out, "; %s: %s", p.State, p.Outcome)
		}
		fmt.Fprintln(v.out)
	}
}

// listChanges lists what changed of the case itself, how the family is written to as
// well.
func (v *caseView) listChanges() {
	if len(v.Changes) == 0 {
		return
	}
	fmt.Fprintln(v.out, "\nChanges")
	for i := range v.Changes {
		c := &v.Changes[i]
		fmt.Fprintf(v.out, "  %s  %s", v.time(c.At), c.What(v.Names))
		if source := c.Source(v.Names); source != "" {
			fmt.Fprintf(v.out, " (%s)", source)
		}
		fmt.Fprintln(v.out)
	}
}

func (v *caseView) time(t time.Time) string {
	return t.In(v.calendar.Location()).Format("Mon 2 Jan 2006 15:04")
}
