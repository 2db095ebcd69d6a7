package store

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"example.org/doorstep/pathway"
)

const (
	mostText = 10_000 // bytes of a value
	mostName = 200    // bytes of a reference or an id

	// clockSlack is how far another computer's clock may be ahead of ours.
	clockSlack = 5 * time.Minute
	// longestBefore is how long before its case was opened an event may have
	// happened: a referral often follows what it is about.
	longestBefore = 366 * 24 * time.Hour
	// longestAhead is how far ahead a date may lie that somebody sets: beyond it
	// lies a typing error.
	longestAhead = 5 * 366 * 24 * time.Hour
)

// earliest is before everything that a record system in use can hold.
var earliest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// checker finds what is wrong with one row as it stands, without the database.
type checker struct {
	of     string
	row    int
	now    time.Time
	faults []RowFault
}

func (c *checker) fault(column, format string, args ...any) {
	c.faults = append(c.faults, RowFault{c.of, c.row, column, fmt.Sprintf(format, args...)})
}

func (c *checker) good() bool { return len(c.faults) == 0 }

// name checks a reference or an id. It goes into subjects and links as it is.
func (c *checker) name(column, value string, required bool) {
	switch {
	case value == "" && required:
		c.fault(column, "is empty: give one")
	case !keepable(value):
		c.fault(column, "is longer than %d characters or holds characters that cannot be shown", mostName)
	}
}

// keepable reports whether a reference or an id can be kept and quoted.
func keepable(name string) bool {
	return len(name) <= mostName && utf8.ValidString(name) && strings.TrimSpace(name) == name &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

// text checks what people wrote. It may have several lines.
func (c *checker) text(column, value string) {
	switch {
	case len(value) > mostText:
		c.fault(column, "is longer than %d characters: shorten it", mostText)
	case !utf8.ValidString(value):
		c.fault(column, "is not UTF-8: save the file as UTF-8")
	case strings.IndexByte(value, 0) >= 0:
		c.fault(column, "holds a zero byte: remove it")
	}
}

// past checks an instant that cannot lie ahead.
func (c *checker) past(column string, t time.Time, required bool) {
	switch {
	case t.IsZero() && required:
		c.fault(column, "is empty: give a date or a time")
	case t.IsZero():
	case t.Before(earliest):
		c.fault(column, "lies before 1990: check the year")
	case t.After(c.now.Add(clockSlack)):
		c.fault(column, "lies in the future: check the date, and this computer's clock")
	}
}

// ahead checks an instant that somebody set, which may lie ahead.
func (c *checker) ahead(column string, t time.Time) {
	switch {
	case t.IsZero():
	case t.Before(earliest):
		c.fault(column, "lies before 1990: check the year")
	case t.After(c.now.Add(longestAhead)):
		c.fault(column, "lies more than five years ahead: check the year")
	}
}

// caseRow checks and completes a case; it reports whether it is good.
func (c *checker) caseRow(rules *pathway.Rules, k *pathway.Case) bool {
	c.name("ref", k.Ref, true)
	if rules.Pathway(k.Pathway) == nil {
		c.fault("pathway", "there is no pathway %q: doorstep pathway list shows them", clip(k.Pathway))
	}
	c.past("opened_at", k.Opened, true)
	c.past("closed_at", k.Closed, false)
	if !k.Closed.IsZero() && k.Closed.Before(k.Opened) {
		c.fault("closed_at", "lies before opened_at: check both")
	}
	if !k.EDD.IsZero() {
		c.ahead("edd", rules.Calendar.StartOf(k.EDD))
	}
	c.name("practitioner", k.Practitioner, false)
	c.name("manager", k.Manager, false)
	c.name("chair", k.Chair, false)
	c.text("team", k.Team)
	c.text("contact", k.Contact)
	c.text("plan", k.Plan)
	c.text("household", k.Household)
	c.text("addressee", k.Addressee)
	c.text("address_1", strings.Join(k.Address, lines))
	c.text("postcode", k.Postcode)
	c.text("phone", k.Phone)
	c.text("language", k.Language)
	c.text("open_to", strings.Join(k.OpenTo, words))
	k.Opened, k.Closed, k.Recorded = truncated(k.Opened), truncated(k.Closed), truncated(k.Recorded)
	if k.Recorded.IsZero() {
		k.Recorded = c.now
	}
	c.past("recorded_at", k.Recorded, true)
	return c.good()
}

// event checks and completes an event; it reports whether it is good.
func (c *checker) event(rules *pathway.Rules, e *pathway.Event) bool {
	c.name("event_id", e.ID, false)
	c.name("case_ref", e.Case, true)
	c.name("kind", e.Kind, true)
	c.name("by", e.By, false)
	c.text("value", e.Value)
	c.text("reason", e.Reason)
	e.At, e.Recorded, e.Due, e.Booked = truncated(e.At), truncated(e.Recorded), truncated(e.Due), truncated(e.Booked)
	c.past("at", e.At, true)
	c.past("recorded_at", e.Recorded, false)
	c.ahead("due_at", e.Due)
	c.ahead("booked_for", e.Booked)
	if e.Recorded.IsZero() {
		e.Recorded = c.now
	}
	if e.Recorded.Before(e.At) {
		if e.Recorded.Before(e.At.Add(-clockSlack)) && c.good() {
			c.fault("recorded_at", "lies before at: an event cannot be recorded before it happened")
		}
		e.Recorded = e.At // two clocks that differ a little
	}
	switch e.Kind {
	case pathway.KindPathwayChanged:
		if rules.Pathway(strings.TrimSpace(e.Value)) == nil {
			c.fault("value", "there is no pathway %q: doorstep pathway list shows them", clip(e.Value))
		}
	case pathway.KindVoided:
		if e.Value = strings.TrimSpace(e.Value); e.Value == "" {
			c.fault("value", "is empty: give the id of the event that was recorded in error")
		}
	case pathway.KindReallocated:
		if e.Value = strings.TrimSpace(e.Value); e.Value == "" {
			c.fault("value", "is empty: give the id of the practitioner who takes the case")
		}
	}
	if e.ID == "" {
		e.ID = eventID(e)
	}
	if e.Kind == pathway.KindVoided && e.Value == e.ID {
		c.fault("value", "an event cannot void itself: give the id of the event that was recorded in error")
	}
	return c.good()
}

// clip shortens a value that is quoted.
func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}
