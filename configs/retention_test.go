package configs

import (
	"strings"
	"testing"
	"time"
)

func TestHowLongThingsAreKeptIsReadAsItIsWritten(t *testing.T) {
	now := time.Date(2026, time.December, 7, 3, 30, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"": "", "90 days": "2026-09-08", "2 weeks": "2026-11-23", "6 months": "2026-06-07", "1 year": "2025-12-07", "25 years": "2001-12-07",
	} {
		var k Keep
		if err := k.UnmarshalText([]byte(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		got := ""
		if until := k.Until(now); !until.IsZero() {
			got = until.Format(time.DateOnly)
		}
		if shown, err := k.MarshalText(); got != want || string(shown) != text || err != nil {
			t.Errorf("%q is kept from %q on and shown as %q (%v), want from %q on and as it was written", text, got, shown, err, want)
		}
	}
	for _, text := range []string{"0 days", "-1 years", "5 hours", "10 working days", "for ever", "1000 years", "years"} {
		if faults := faultsOf(t, "retention: {messages: "+text+"}", environment{}); !strings.Contains(faults, "write it like 90 days, 6 months or 25 years") {
			t.Errorf("%q: faults %q, want how to write it", text, faults)
		}
	}
}

// TestWhatIsKeptForTooShortIsWarnedOf: it is no fault, and what guidance needs is said.
func TestWhatIsKeptForTooShortIsWarnedOf(t *testing.T) {
	for text, want := range map[string]string{
		"{}":                       "",
		"{closed_cases: 25 years}": "",
		"{closed_cases: 12 months, audit: 1 year, messages: 3 months}": "",
		"{closed_cases: 11 months}":                                    "retention.closed_cases: is shorter than 12 months: the review of a family's history counts the unsuccessful visits of 12 months",
		"{audit: 90 days}":                                             "retention.audit: is shorter than 12 months",
		"{messages: 30 days}":                                          "retention.messages: is shorter than 3 months",
	} {
		got := ""
		for _, w := range mustLoad(t, "retention: "+text, environment{}).Warnings() {
			if strings.Contains(w.Error(), "retention.") {
				got += w.Error()
			}
		}
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: warned %q, want %q", text, got, want)
		}
	}
}
