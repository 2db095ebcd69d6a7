package pages

import (
	"fmt"
	"testing"
	"time"
)

func TestDaysAreReadAsPeopleWriteThem(t *testing.T) {
	now := time.Date(2026, 12, 7, 14, 12, 0, 0, time.UTC) // a Monday
	for _, tt := range []struct{ text, been, ahead string }{
		{"today", "2026-12-07", "2026-12-07"},
		{" Yesterday ", "2026-12-06", "2026-12-06"},
		{"tomorrow", "2026-12-08", "2026-12-08"},
		{"4/12", "2026-12-04", "2026-12-04"},
		{"8/12", "2026-12-08", "2026-12-08"},
		{"4 Dec", "2026-12-04", "2026-12-04"},
		{"Fri 4th december", "2026-12-04", "2026-12-04"},
		{"3 Sept", "2026-09-03", "2027-09-03"},
		{"8/10", "2026-10-08", "2026-10-08"}, // 60 days ago
		{"7/10", "2026-10-07", "2027-10-07"},
		{"5/2", "2027-02-05", "2027-02-05"}, // in 60 days
		{"6/2", "2026-02-06", "2027-02-06"},
		{"29/2", "", ""},
		{"1/1/27", "2027-01-01", "2027-01-01"},
		{"2026-12-24", "2026-12-24", "2026-12-24"},
		{"31/2", "", ""},
		{"31 February", "", ""},
		{"12/31", "", ""},
		{"Tuesday", "", ""},
		{"", "", ""},
		{"<b>4/12</b>", "", ""},
	} {
		for ahead, want := range map[bool]string{false: tt.been, true: tt.ahead} {
			day, ok := parseDay(tt.text, now, ahead)
			got := ""
			if ok {
				got = day.String()
			}
			if got != want {
				t.Errorf("%q, ahead: %t, is %q, want %q", tt.text, ahead, got, want)
			}
		}
	}
}

func TestTimesAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{"14:10": "14:10", "2.10pm": "14:10", "2 pm": "14:00", "12am": "00:00", "12.30 PM": "12:30", "0930": "09:30", "9:05": "09:05",
		"9": "", "25:00": "", "14:61": "", "13pm": "", "": "", "noon": "", "2:10pmx": ""} {
		hour, minute, ok := parseClock(text)
		got := ""
		if ok {
			got = fmt.Sprintf("%02d:%02d", hour, minute)
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestOnlyAddressesOfThesePagesAreGoneBackTo(t *testing.T) {
	for address, want := range map[string]string{"/": "/", "/cases/KN-1": "/cases/KN-1", "/cases/KN-1/record?held=x": "/cases/KN-1/record?held=x",
		"": "/", "//elsewhere.example": "/", "https://elsewhere.example/": "/", "/\\elsewhere.example": "/", "/signin": "/", "/signout": "/",
		"javascript:alert(1)": "/", "/%2F/elsewhere.example": "/", "cases/KN-1": "/"} {
		if got := ownPath(address); got != want {
			t.Errorf("%q leads to %q, want %q", address, got, want)
		}
	}
}
