package intake

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.org/doorstep/pathway"
)

func TestLocalTimesAroundClockChanges(t *testing.T) {
	z := newZone(london(t))
	tests := []struct{ name, written, want string }{
		{"winter", "2026-12-24 16:00", "2026-12-24T16:00:00Z"},
		{"summer", "2026-07-01 16:00", "2026-07-01T15:00:00Z"},
		{"a day alone begins at midnight", "2026-07-01", "2026-06-30T23:00:00Z"},
		{"before the clocks go forward", "2026-03-29 00:59", "2026-03-29T00:59:00Z"},
		{"skipped: as if they had not", "2026-03-29 01:30", "2026-03-29T01:30:00Z"},
		{"after the clocks went forward", "2026-03-29 02:00", "2026-03-29T01:00:00Z"},
		{"before the clocks go back", "2026-10-25 00:59", "2026-10-24T23:59:00Z"},
		{"shown twice: the first", "2026-10-25 01:30", "2026-10-25T00:30:00Z"},
		{"after the clocks went back", "2026-10-25 02:00", "2026-10-25T02:00:00Z"},
		{"with its zone, the second", "2026-10-25T01:30:00Z", "2026-10-25T01:30:00Z"},
		{"with another zone", "2026-10-25T01:30:00.250-05:00", "2026-10-25T06:30:00.25Z"},
		{"far ahead", "2099-07-01 12:00", "2099-07-01T11:00:00Z"},
		{"leap day", "2028-02-29 12:00", "2028-02-29T12:00:00Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := parseMoment(tt.written)
			if err != nil {
				t.Fatalf("%s: %v", tt.written, err)
			}
			if got := z.instant(m).Format(time.RFC3339Nano); got != tt.want {
				t.Errorf("%s is %s, want %s", tt.written, got, tt.want)
			}
		})
	}
}

// TestTimesAgreeWithTheStandardLibrary: every instant, written as the wall clock
// shows it, is read as an instant at which the clock shows just that.
func TestTimesAgreeWithTheStandardLibrary(t *testing.T) {
	for _, name := range []string{"Europe/London", "Pacific/Apia", "UTC", "America/St_Johns"} {
		location, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		z := newZone(location)
		rapid.Check(t, func(t *rapid.T) {
			at := time.Unix(rapid.Int64Range(firstSecond, lastSecond-1).Draw(t, "seconds"), 0).In(location)
			written := at.Format("2006-01-02 15:04:05")
			m, err := parseMoment(written)
			if err != nil {
				t.Fatalf("%s: %v", written, err)
			}
			got := z.instant(m).In(location)
			if got.Format("2006-01-02 15:04:05") != written || got.After(at) {
				t.Fatalf("%s in %s is read as %s, want %s", written, name, got, at)
			}
			if shown := z.reading(at); shown.wall != m.wall {
				t.Fatalf("the clock in %s at %s shows %d, want %d", name, at, shown.wall, m.wall)
			}
		})
	}
}

func FuzzParseMoment(f *testing.F) {
	for _, s := range []string{"2026-12-24", "2026-12-24 16:00", "2026-12-24T16:00:05.123+01:00", "0000-01-01", "2026-02-30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := parseMoment(s)
		if err != nil {
			return
		}
		if _, err := time.Parse(time.DateOnly, s[:10]); err != nil {
			t.Errorf("%q is taken as %+v, but its day does not exist", s, m)
		}
	})
}

func TestDateFormats(t *testing.T) {
	tests := []struct{ format, written, want string }{
		{"DD/MM/YYYY HH:mm", "24/08/2026 16:10", "2026-08-24T15:10:00Z"},
		{"D/M/YY", "4/8/26", "2026-08-03T23:00:00Z"},
		{"DD-MMM-YYYY hh:mm A", "24-Aug-2026 04:10 PM", "2026-08-24T15:10:00Z"},
		{"YYYYMMDD", "20261224", "2026-12-24T00:00:00Z"},
	}
	for _, tt := range tests {
		l, err := parseLayout(tt.format)
		if err != nil {
			t.Fatalf("%s: %v", tt.format, err)
		}
		p := &parser{layouts: []layout{l}, zone: newZone(london(t))}
		m, err := p.parseMoment(tt.written)
		if err != nil {
			t.Fatalf("%s by %s: %v", tt.written, tt.format, err)
		}
		if got := p.zone.instant(m).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s by %s is %s, want %s", tt.written, tt.format, got, tt.want)
		}
	}
	for _, format := range []string{"dd/mm/yyyy", "YYYY", "DD/MM", "02/01/2006", "%d/%m/%Y"} {
		if l, err := parseLayout(format); err == nil {
			t.Errorf("%s is taken as a date format, %q", format, l.form)
		}
	}
}

// TestTimesOfTheCommandLineAreThoseOfTheFiles: what a row may say, --from may too.
func TestTimesOfTheCommandLineAreThoseOfTheFiles(t *testing.T) {
	for written, want := range map[string]string{
		"2026-09-01":                "2026-08-31T23:00:00Z",
		" 2026-09-01 16:30 ":        "2026-09-01T15:30:00Z",
		"2026-09-01 16:30":          "2026-09-01T15:30:00Z",
		"2026-09-01T16:30":          "2026-09-01T15:30:00Z",
		"2026-09-01 16:30:05":       "2026-09-01T15:30:05Z",
		"2026-09-01T16:30:05.5":     "2026-09-01T15:30:05.5Z",
		"2026-09-01 16:30Z":         "2026-09-01T16:30:00Z",
		"2026-09-01T16:30:00+02:00": "2026-09-01T14:30:00Z",
	} {
		got, err := ParseTime(written, london(t))
		if err != nil {
			t.Errorf("%q: %v", written, err)
		} else if got.Format(time.RFC3339Nano) != want {
			t.Errorf("%q is %s, want %s", written, got.Format(time.RFC3339Nano), want)
		}
	}
	if got, err := ParseTime("2206-09-01", london(t)); err == nil || err.Error() != `"2206-09-01" is not a date in the years 1990 to 2100: is it a typing error?` {
		t.Errorf("a typing error is %s, %v: want what a file's row is told", got, err)
	}
	if _, err := ParseTime("1 September", london(t)); err == nil || !strings.Contains(err.Error(), `"1 September" is not a time: write 2026-12-24`) {
		t.Errorf("what is no time gives %v: want it to say how one is written", err)
	}
}

// TestATimeAtAChangeOfTheClocksIsKnownForOne: 01:30 in October is shown twice, and in
// March not at all. One with its offset is beyond doubt.
func TestATimeAtAChangeOfTheClocksIsKnownForOne(t *testing.T) {
	const header = "case_ref,kind,at\n"
	for written, want := range map[string]pathway.ClockDoubt{
		"2026-10-25 00:59":          pathway.NoDoubt,
		"2026-10-25 01:00":          pathway.ShownTwice,
		"2026-10-25 01:59":          pathway.ShownTwice,
		"2026-10-25 02:00":          pathway.NoDoubt,
		"2026-10-25":                pathway.NoDoubt,
		"2026-10-25T01:30:00Z":      pathway.NoDoubt,
		"2026-10-25T01:30:00+01:00": pathway.NoDoubt,
		"2026-03-29 00:59":          pathway.NoDoubt,
		"2026-03-29 01:00":          pathway.Skipped,
		"2026-03-29 01:59":          pathway.Skipped,
		"2026-03-29 02:00":          pathway.NoDoubt,
		"2026-03-29T01:30:00Z":      pathway.NoDoubt,
	} {
		k, faults := read(t, options(t, Events), header+"K,seen,"+written+"\n")
		if faults != "" || len(k.events) != 1 || k.events[0].AtClock != want {
			t.Errorf("%s: %+v (%s), want doubt %d", written, k.events, faults, want)
		}
	}
}
