package intake

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// TriedRow is what a row of a file would be, or what is wrong with it, in words.
type TriedRow struct {
	Row  int
	Text string
}

// Try reads a file and says of each row what it would be, in the order of the rows.
// Nothing is kept or looked up. Of what is private it says only that it is there.
func Try(ctx context.Context, in io.Reader, o Options) ([]TriedRow, Result, error) {
	o.Partial = true
	t := triedRows{zone: o.Rules.Calendar.Location()}
	result, err := Read(ctx, in, o, &t)
	if err != nil {
		return nil, result, err
	}
	for _, f := range result.Faults {
		t.rows = append(t.rows, TriedRow{f.Row, "ERROR: " + f.said()})
	}
	slices.SortStableFunc(t.rows, func(a, b TriedRow) int { return a.Row - b.Row })
	return t.rows, result, nil
}

// triedRows is a Sink that only describes.
type triedRows struct {
	zone *time.Location
	rows []TriedRow
}

// say adds what a row would be; of what is private, only that it is there.
func (t *triedRows) say(row int, what string, facts ...string) error {
	for i := 0; i+1 < len(facts); i += 2 {
		if facts[i+1] != "" {
			what += ", " + facts[i] + " " + facts[i+1]
		}
	}
	t.rows = append(t.rows, TriedRow{row, what})
	return nil
}

func given(text string) string {
	if text == "" {
		return ""
	}
	return "given"
}

func (t *triedRows) time(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(t.zone).Format("Mon 2 January 2006 15:04")
}

func (t *triedRows) AddPerson(row int, p pathway.Person, _ pathway.Given) error {
	return t.say(row, "person "+p.ID, "role", string(p.Role), "team", p.Team, "reports to", p.ReportsTo,
		"email", given(p.Email), "mobile", given(p.Mobile))
}

func (t *triedRows) AddCase(row int, c pathway.Case, _ pathway.Given) error {
	every, large := "", ""
	if c.LargePrint {
		large = "given"
	}
	if !c.VisitEvery.IsZero() {
		every = c.VisitEvery.String()
	}
	return t.say(row, "case "+c.Ref, "pathway", c.Pathway, "opened", t.time(c.Opened), "closed", t.time(c.Closed), "practitioner", c.Practitioner,
		"manager", c.Manager, "team", c.Team, "contact", c.Contact, "plan", given(c.Plan), "visit every", every,
		"address", given(strings.Join(c.Address, "")+c.Postcode), "large print", large)
}

func (t *triedRows) AddEvent(row int, e pathway.Event, _ pathway.Given) error {
	return t.say(row, "case "+e.Case+": "+e.Kind, "at", t.time(e.At), "recorded", t.time(e.Recorded), "by", e.By, "value", e.Value,
		"due", t.time(e.Due), "booked for", t.time(e.Booked), "place", e.Place, "reason", given(e.Reason), "reason code", given(e.ReasonCode))
}
