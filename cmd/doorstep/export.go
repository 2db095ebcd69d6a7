package main

import (
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

func exportCommand(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Write a case's chronology as a PDF",
	}
	var file string
	chronology := &cobra.Command{
		Use:   "chronology REF --out FILE.pdf",
		Short: "Write everything that happened on one case, for a case review",
		Long: `Writes a PDF with the visits and what was done about them, every duty with when
it was due and met, who was told when and whether it reached them, and the cards
and letters with their serials and the hashes of their files.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if file == "" {
				return badInput{errors.New("--out is missing: say which file to write")}
			}
			return o.withStore(c.Context(), mustBeCurrent, func(s *setup, db *store.Store) error {
				x := chronicle{setup: s, now: now()}
				if err := x.read(c, db, args[0]); err != nil {
					return err
				}
				st, err := s.stationery()
				if err != nil {
					return err
				}
				printer, err := st.printer()
				if err != nil {
					return err
				}
				return writeWhole(file, func(w io.Writer) error {
					_, err := printer.Report(w, x.report(), postcards.Options{Created: x.now, Compress: true})
					return err
				})
			})
		},
	}
	chronology.Flags().StringVar(&file, "out", "", "the PDF to write")
	c.AddCommand(chronology)
	return c
}

// chronicle is what is known of one case, to be told in order.
type chronicle struct {
	*setup
	rules   *pathway.Rules
	now     time.Time
	file    *store.CaseFile
	told    []store.CaseReminder
	prints  []store.Print
	batches map[int64]*store.PrintBatch
}

func (x *chronicle) read(c *cobra.Command, db *store.Store, ref string) error {
	ctx := c.Context()
	var err error
	x.file, err = db.Case(ctx, ref)
	if errors.Is(err, store.ErrNotFound) {
		return badInput{fmt.Errorf("there is no case %s in %s: check the reference and --config", ref, x.config.DatabaseName())}
	}
	if err != nil {
		return err
	}
	if x.rules, err = x.rulesInForce(ctx, db); err != nil {
		return err
	}
	if x.told, err = db.CaseReminders(ctx, ref); err != nil {
		return err
	}
	if x.prints, err = db.PrintsOfCase(ctx, ref); err != nil {
		return err
	}
	x.batches = map[int64]*store.PrintBatch{}
	for _, p := range x.prints {
		if p.Batch != 0 && x.batches[p.Batch] == nil {
			if x.batches[p.Batch], err = db.Batch(ctx, p.Batch); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *chronicle) report() postcards.Report {
	c, now := &x.file.Case, &x.file.Standing
	title := now.Pathway
	if p := x.rules.Pathway(now.Pathway); p != nil {
		title = p.Title
	}
	state := "open"
	if now.Closed {
		state = "closed"
	}
	return postcards.Report{
		Title: "Chronology of case " + c.Ref,
		Notes: []string{
			title + " (" + now.Pathway + "), " + state + ", opened " + x.time(c.Opened),
			"Practitioner " + orNobody(now.Practitioner) + ", manager " + orNobody(c.Manager) + ", team " + orNobody(c.Team),
			fmt.Sprintf("Unsuccessful visits in a row now: %d", now.Attempt),
			"Made " + x.time(x.now) + " by Doorstep. Times are those of " + x.calendar.Location().String() + ".",
		},
		Sections: []postcards.Section{x.events(), x.duties(), x.reminders(), x.paper()},
	}
}

func (x *chronicle) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(x.calendar.Location()).Format("Mon 2 Jan 2006 15:04")
}

func (x *chronicle) events() postcards.Section {
	s := postcards.Section{Heading: "What happened", None: "Nothing is recorded.", Columns: []postcards.Column{
		{Title: "When", Share: 3}, {Title: "What", Share: 3}, {Title: "By", Share: 1.4}, {Title: "Details", Share: 4}, {Title: "Recorded", Share: 3},
	}}
	voided := pathway.Voided(x.file.Events)
	for _, e := range x.file.Events {
		var details []string
		if e.Value != "" {
			details = append(details, strings.ReplaceAll(e.Value, ";", ", "))
		}
		if !e.Due.IsZero() {
			details = append(details, "date set: "+x.calendar.DateOf(e.Due).String())
		}
		if !e.Booked.IsZero() {
			details = append(details, "booked for "+x.time(e.Booked))
		}
		if e.Reason != "" {
			details = append(details, "reason: "+e.Reason)
		}
		if voided[e.ID] {
			details = append(details, "recorded in error, voided")
		}
		s.Rows = append(s.Rows, []string{x.time(e.At), strings.ReplaceAll(e.Kind, "-", " "), e.By, strings.Join(details, "; "), x.time(e.Recorded)})
	}
	return s
}

func (x *chronicle) duties() postcards.Section {
	s := postcards.Section{Heading: "Duties", None: "No duties.", Columns: []postcards.Column{
		{Title: "Opened", Share: 2.4}, {Title: "Duty", Share: 4}, {Title: "Owner", Share: 2.4}, {Title: "Due", Share: 2.4}, {Title: "Outcome", Share: 3}, {Title: "Why this time", Share: 4},
	}}
	for i := range x.file.Duties {
		d := &x.file.Duties[i]
		outcome := strings.ReplaceAll(string(d.StateAt(x.now)), "-", " ")
		switch {
		case !d.Met.IsZero():
			outcome += " " + x.time(d.Met)
		case !d.Ended.IsZero():
			outcome += ": " + d.EndedWhy
		}
		attempt := ""
		if d.Attempt > 0 {
			attempt = fmt.Sprintf(", attempt %d", d.Attempt)
		}
		s.Rows = append(s.Rows, []string{x.time(d.Opened), x.rules.Title(&d.Duty) + attempt, string(d.Owner), x.time(d.Due), outcome,
			d.Why + " (" + basisWords(d.Basis) + ")"})
	}
	return s
}

func (x *chronicle) reminders() postcards.Section {
	s := postcards.Section{Heading: "Who was told", None: "Nobody was told anything.", Columns: []postcards.Column{
		{Title: "When", Share: 3}, {Title: "Of which duty", Share: 4}, {Title: "Rung", Share: 1.8}, {Title: "Who", Share: 2}, {Title: "How", Share: 1.2}, {Title: "Did it reach them", Share: 4},
	}}
	titles := map[int64]string{}
	for i := range x.file.Duties {
		titles[x.file.Duties[i].ID] = x.rules.Title(&x.file.Duties[i].Duty)
	}
	for i := range x.told {
		r := &x.told[i]
		reached := string(r.State)
		switch {
		case r.Reason != pathway.Sent:
			reached = "not told: " + strings.TrimSpace(string(r.Reason)+" "+r.MergedInto)
		case !r.SentAt.IsZero():
			reached += " " + x.time(r.SentAt)
		case r.StateReason != "":
			reached += ": " + r.StateReason
		}
		s.Rows = append(s.Rows, []string{x.time(r.Decided), titles[r.Duty], r.Rung, r.Person + " (" + string(r.Role) + ")", r.Channel, reached})
	}
	return s
}

func (x *chronicle) paper() postcards.Section {
	s := postcards.Section{Heading: "Cards and letters", None: "Nothing was printed.", Columns: []postcards.Column{
		{Title: "For", Share: 2.6}, {Title: "What", Share: 2.4}, {Title: "Serial", Share: 1.8}, {Title: "Printed", Share: 2.6}, {Title: "Batch and SHA-256 of its file", Share: 5},
	}}
	for i := range x.prints {
		p := &x.prints[i]
		outcome, hash := x.time(p.Printed), ""
		if p.Outcome != "" {
			outcome = strings.TrimSpace(outcome + " " + string(p.State) + ": " + p.Outcome)
		} else if p.Printed.IsZero() {
			outcome = string(p.State)
		}
		if b := x.batches[p.Batch]; b != nil {
			hash = fmt.Sprintf("%d", b.Number)
			for _, f := range b.Files {
				if strings.HasPrefix(f.Kind, p.Kind) {
					hash += " " + f.SHA256
				}
			}
		}
		s.Rows = append(s.Rows, []string{x.time(p.At), p.Kind + " " + p.Variant, p.Serial, outcome, hash})
	}
	return s
}
