package casefile

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
)

// ChronologyReport is a case's chronology as a paper for a case review: of a File
// from Chronology, in the calendar's time zone.
func ChronologyReport(f *File, calendar *pathway.Calendar) postcards.Report {
	r := reporter{f, calendar}
	state := "open"
	if f.Now.Closed {
		state = "closed"
	}
	return postcards.Report{
		Title: "Chronology of case " + f.Case.Ref,
		Notes: []string{
			cmp.Or(f.Title, f.Now.Pathway) + " (" + f.Now.Pathway + "), " + state + ", opened " + r.clock(f.Case.Opened),
			"Practitioner " + cmp.Or(f.Names.Of(f.Now.Practitioner), "nobody") + ", manager " + cmp.Or(f.Names.Of(f.Case.Manager), "nobody") + ", team " + cmp.Or(f.Case.Team, "nobody"),
			fmt.Sprintf("Unsuccessful visits in a row now: %d", f.Now.Attempt),
			r.writing(),
			"Made " + r.clock(f.At) + " by Doorstep. Times are those of " + calendar.Location().String() + ".",
		},
		Sections: []postcards.Section{r.events(), r.duties(), r.reminders(), r.paper(), r.changes()},
	}
}

// WriteChronology writes the chronology of a File from Chronology as a PDF.
func WriteChronology(w io.Writer, f *File, printer *postcards.Printer, calendar *pathway.Calendar) error {
	_, err := printer.Report(w, ChronologyReport(f, calendar), postcards.Options{Created: f.At, Compress: true})
	return err
}

// reporter writes the sections of a chronology.
type reporter struct {
	*File
	calendar *pathway.Calendar
}

func (r *reporter) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(r.calendar.Location()).Format("Mon 2 Jan 2006 15:04")
}

// writing says whether and how the family may be written to.
func (r *reporter) writing() string {
	says := "Safe to write to"
	if r.Unsafe != "" {
		says = "Not safe to write to: " + r.Unsafe
	}
	if !r.AddressReturned.IsZero() {
		says += ". A letter to the address came back by post (" + r.clock(r.AddressReturned) + ")"
	}
	if r.Case.LargePrint {
		says += ", in large print"
	}
	says += ". Household: " + cmp.Or(r.Case.Household, "not known")
	if others := r.HouseholdRefs(); others != "" {
		says += ", with " + others
	}
	return says
}

func (r *reporter) events() postcards.Section {
	s := postcards.Section{Heading: "What happened", None: "Nothing is recorded.", Columns: []postcards.Column{
		{Title: "When", Share: 3}, {Title: "What", Share: 3}, {Title: "By", Share: 2}, {Title: "Details", Share: 4}, {Title: "Recorded", Share: 3},
	}}
	for i := range r.Events {
		e := &r.Events[i]
		s.Rows = append(s.Rows, []string{r.clock(e.At), spaced(e.Kind), r.Names.Of(e.By), strings.Join(r.details(e), "; "), r.clock(e.Recorded)})
	}
	return s
}

func (r *reporter) details(e *Event) []string {
	var details []string
	if e.Value != "" {
		details = append(details, strings.ReplaceAll(r.ValueInWords(e), ";", ", "))
	}
	if !e.Due.IsZero() {
		details = append(details, "date set: "+r.calendar.DateOf(e.Due).String())
	}
	if !e.Booked.IsZero() {
		details = append(details, "booked for "+r.clock(e.Booked))
	}
	if e.Place != "" {
		details = append(details, "place: "+e.Place)
	}
	if e.ReasonCode != "" {
		details = append(details, "reason: "+spaced(e.ReasonCode))
	}
	if e.Reason != "" {
		details = append(details, "reason: "+e.Reason)
	}
	if e.Voided {
		details = append(details, "recorded in error, voided")
	}
	if way := r.Way(e); way != "" {
		details = append(details, way)
	}
	return details
}

func (r *reporter) duties() postcards.Section {
	s := postcards.Section{Heading: "Duties", None: "No duties.", Columns: []postcards.Column{
		{Title: "Opened", Share: 2.4}, {Title: "Duty", Share: 4}, {Title: "Owner", Share: 2.4}, {Title: "Due", Share: 2.4}, {Title: "Outcome", Share: 3}, {Title: "Why this time", Share: 4},
	}}
	for i := range r.Duties {
		d := &r.Duties[i]
		outcome := spaced(string(d.State))
		switch {
		case !d.Met.IsZero():
			outcome += " " + r.clock(d.Met)
		case !d.Ended.IsZero():
			outcome += ": " + d.EndedWhy
		}
		if said := d.SaidAt(); !said.IsZero() {
			outcome += ", said by text " + r.clock(said) + " that it is done: to be confirmed"
		}
		attempt := ""
		if d.Attempt > 0 {
			attempt = fmt.Sprintf(", attempt %d", d.Attempt)
		}
		s.Rows = append(s.Rows, []string{r.clock(d.Opened), d.Title + attempt, string(d.Owner), r.clock(d.Due), outcome,
			d.Why + " (" + d.Basis.Words() + ")"})
	}
	return s
}

func (r *reporter) reminders() postcards.Section {
	s := postcards.Section{Heading: "Who was told", None: "Nobody was told anything.", Columns: []postcards.Column{
		{Title: "When", Share: 3}, {Title: "Of which duty", Share: 4}, {Title: "Rung", Share: 1.8}, {Title: "Who", Share: 2.4}, {Title: "How", Share: 1.2}, {Title: "Did it reach them", Share: 4},
	}}
	for i := range r.Reminders {
		m := &r.Reminders[i]
		reached := string(m.State)
		switch {
		case !m.WasTold():
			reached = "not told: " + strings.TrimSpace(string(m.Reason)+" "+m.MergedInto)
		case !m.SentAt.IsZero():
			reached += " " + r.clock(m.SentAt)
		case m.StateReason != "":
			reached += ": " + m.StateReason
		}
		s.Rows = append(s.Rows, []string{r.clock(m.Decided), m.Title, m.Rung, r.Names.Of(m.Person) + ", " + spaced(string(m.Role)), m.Channel, reached})
	}
	return s
}

func (r *reporter) paper() postcards.Section {
	s := postcards.Section{Heading: "Cards and letters", None: "Nothing was printed.", Columns: []postcards.Column{
		{Title: "For", Share: 2.6}, {Title: "What", Share: 2.4}, {Title: "Serial", Share: 1.8}, {Title: "Printed", Share: 2.6}, {Title: "Batch and SHA-256 of its file", Share: 5},
	}}
	for i := range r.Paper {
		p := &r.Paper[i]
		outcome, hash := r.clock(p.Printed), ""
		if p.Outcome != "" {
			outcome = strings.TrimSpace(outcome + " " + string(p.State) + ": " + p.Outcome)
		} else if p.Printed.IsZero() {
			outcome = string(p.State)
		}
		if p.Batch != 0 {
			hash = fmt.Sprintf("%d", p.Batch)
		}
		hash = strings.Join(append([]string{hash}, p.Hashes...), " ")
		s.Rows = append(s.Rows, []string{r.clock(p.At), p.Kind + " " + p.Variant, p.Serial, outcome, hash})
	}
	return s
}

func (r *reporter) changes() postcards.Section {
	s := postcards.Section{Heading: "What changed of the case itself", None: "Nothing changed since it became known.", Columns: []postcards.Column{
		{Title: "When", Share: 2.6}, {Title: "What", Share: 6}, {Title: "Where it came from", Share: 3.4},
	}}
	for i := range r.Changes {
		c := &r.Changes[i]
		s.Rows = append(s.Rows, []string{r.clock(c.At), c.What(r.Names), c.Source(r.Names)})
	}
	return s
}

// spaced is a word of the configuration as people read it: "not seen".
func spaced(word string) string { return strings.ReplaceAll(word, "-", " ") }
