package configs

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Retention is how long things are kept, by kind of data.
type Retention struct {
	ClosedCases    Keep `yaml:"closed_cases"`
	Messages       Keep `yaml:"messages"` // what they said and where they went
	Audit          Keep `yaml:"audit"`
	TextsReceived  Keep `yaml:"texts_received"`
	PrintedBatches Keep `yaml:"printed_batches"` // what stood on each item
	RejectedFiles  Keep `yaml:"rejected_files"`
	ImportedFiles  Keep `yaml:"imported_files"`
	Sessions       Keep `yaml:"sessions"`
	Webhooks       Keep `yaml:"webhooks"` // that were given up
}

// Keep is for how long something is kept; the zero one is for ever.
type Keep struct{ pathway.Offset }

// UnmarshalText reads "90 days", "6 months", "25 years", and nothing as for ever.
func (k *Keep) UnmarshalText(b []byte) error {
	text := strings.TrimSpace(string(b))
	*k = Keep{}
	if text == "" {
		return nil
	}
	wrong := fmt.Errorf("%q is not how long to keep something: write it like 90 days, 6 months or 25 years, or leave it empty for ever", b)
	if number, unit, _ := strings.Cut(text, " "); unit == "year" || unit == "years" {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > 200 {
			return wrong
		}
		k.Offset = pathway.Offset{N: 12 * n, Unit: pathway.Months}
		return nil
	}
	o, err := pathway.ParseOffset(text)
	if err != nil || o.N < 1 || o.Unit == pathway.Hours || o.Unit == pathway.WorkingDays {
		return wrong
	}
	k.Offset = o
	return nil
}

// MarshalText writes it as it is read.
func (k Keep) MarshalText() ([]byte, error) {
	if k.Unit == pathway.Months && k.N > 0 && k.N%12 == 0 {
		return []byte(pathway.Counted(k.N/12, "year")), nil
	}
	return []byte(k.Offset.String()), nil
}

// Until is the instant before which it is kept no more at now; zero: it is kept for ever.
func (k Keep) Until(now time.Time) time.Time {
	switch k.Unit {
	case pathway.Days:
		return now.AddDate(0, 0, -k.N)
	case pathway.Weeks:
		return now.AddDate(0, 0, -7*k.N)
	case pathway.Months:
		return now.AddDate(0, -k.N, 0)
	}
	return time.Time{}
}

// What guidance and sense need: the review of a family's history counts the unsuccessful
// visits of twelve months, and who looked at a case is asked long after.
const (
	historyMonths = 12
	auditMonths   = 12
	messageMonths = 3 // what was said is asked when something has gone wrong
)

func (c *checker) retention() {
	r := &c.Retention
	now := time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC) // any will do
	for _, short := range []struct {
		key    string
		kept   Keep
		months int
		why    string
	}{
		{"closed_cases", r.ClosedCases, historyMonths, "the review of a family's history counts the unsuccessful visits of 12 months"},
		{"audit", r.Audit, auditMonths, "who looked at a case is asked long after"},
		{"messages", r.Messages, messageMonths, "what was said, and where it went, is asked when something has gone wrong"},
	} {
		if until := short.kept.Until(now); !until.IsZero() && until.After(now.AddDate(0, -short.months, 0)) {
			c.warn("retention."+short.key, fmt.Sprintf("is shorter than %s: %s; keep it for that long at least", pathway.Counted(short.months, "month"), short.why))
		}
	}
}
