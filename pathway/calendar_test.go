package pathway

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func london(t testing.TB) *time.Location { return zone(t, "Europe/London") }

func newCalendar(t testing.TB, s CalendarSettings) *Calendar {
	t.Helper()
	c, err := NewCalendar(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func day(t testing.TB, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// The first six stand in the guidance's rule 3, the seventh in rule 7.
func TestWorkingDaysLeaveOutWeekendsHolidaysAndClosures(t *testing.T) {
	plain := newCalendar(t, CalendarSettings{Location: london(t)})
	closing := newCalendar(t, CalendarSettings{Location: london(t), ClosureDays: []Date{{2026, 12, 24}, {2026, 12, 29}}})
	scottish := newCalendar(t, CalendarSettings{Location: london(t), Region: scotland})
	for _, test := range []struct {
		calendar *Calendar
		from     string
		n        int
		want     string
	}{
		{plain, "2026-12-24", 5, "2027-01-05"},
		{plain, "2026-12-23", 5, "2027-01-04"},
		{plain, "2026-08-28", 5, "2026-09-07"},
		{plain, "2027-03-24", 5, "2027-04-02"},
		{plain, "2027-12-22", 10, "2028-01-10"},
		{plain, "2028-04-13", 1, "2028-04-18"},
		{plain, "2027-12-23", 5, "2028-01-04"},
		{plain, "2026-12-26", 0, "2026-12-26"},  // day 0 may be a Saturday
		{plain, "2026-12-26", 1, "2026-12-29"},  // and counts for nothing
		{plain, "2026-12-26", -1, "2026-12-24"}, // either way
		{plain, "2027-01-05", -5, "2026-12-24"},
		{plain, "2026-12-25", 1, "2026-12-29"},
		{plain, "2024-02-28", 1, "2024-02-29"},
		{closing, "2026-12-23", 5, "2027-01-06"},
		{closing, "2026-12-24", 1, "2026-12-30"},
		{closing, "2026-12-30", -1, "2026-12-23"},
		{scottish, "2026-08-28", 1, "2026-08-31"},
		{scottish, "2026-12-31", 1, "2027-01-05"},
		{scottish, "2026-06-12", 1, "2026-06-16"},
		{plain, "2101-01-03", -1, "2100-12-31"}, // from computed years into tabled ones
		{plain, "1989-12-29", 1, "1990-01-02"},
		{plain, "9999-12-31", -1, "9999-12-30"},
		{plain, "0001-01-01", 1, "0001-01-02"},
	} {
		if got := test.calendar.AddWorkingDays(day(t, test.from), test.n); got != day(t, test.want) {
			t.Errorf("%s and %d working days: got %s, want %s", test.from, test.n, got, test.want)
		}
	}
}

func TestAddCountsInEveryUnit(t *testing.T) {
	c := newCalendar(t, CalendarSettings{Location: london(t)})
	for _, test := range []struct {
		from   string
		offset Offset
		want   string
	}{
		{"2026-12-24", Offset{5, Days}, "2026-12-29"},
		{"2026-12-24", Offset{5, WorkingDays}, "2027-01-05"},
		{"2026-12-24", Offset{-1, WorkingDays}, "2026-12-23"},
		{"2026-12-24", Offset{6, Weeks}, "2027-02-04"},
		{"2026-12-24", Offset{-2, Weeks}, "2026-12-10"},
		{"2027-01-31", Offset{1, Months}, "2027-02-28"},
		{"2028-01-31", Offset{1, Months}, "2028-02-29"},
		{"2027-03-31", Offset{-1, Months}, "2027-02-28"},
		{"2026-12-31", Offset{14, Months}, "2028-02-29"},
		{"2026-12-24", Offset{48, Hours}, "2026-12-24"}, // an instant's business
		{"2026-12-24", Offset{}, "2026-12-24"},
	} {
		if got := c.Add(day(t, test.from), test.offset); got != day(t, test.want) {
			t.Errorf("%s and %v: got %s, want %s", test.from, test.offset, got, test.want)
		}
	}
}

func TestSkippedNamesWhatACountLeavesOut(t *testing.T) {
	c := newCalendar(t, CalendarSettings{Location: london(t), ClosureDays: []Date{{2026, 12, 24}, {2026, 12, 26}}})
	for _, test := range []struct{ from, to, want string }{
		{"2026-12-23", "2027-01-05", "2026-12-24 2026-12-25 2026-12-28 2027-01-01"},
		{"2026-12-24", "2026-12-25", "2026-12-25"}, // after the first, up to the last
		{"2026-12-25", "2026-12-27", ""},           // the 26th is a Saturday
		{"2026-12-25", "2026-12-23", ""},
		{"2026-12-25", "2026-12-25", ""},
		{"2026-11-02", "2026-11-30", ""},
	} {
		var got []string
		for _, h := range c.Skipped(day(t, test.from), day(t, test.to)) {
			got = append(got, h.Date.String())
			if wantClosure := h.Date == (Date{2026, 12, 24}); h.Closure != wantClosure {
				t.Errorf("%v: closure %v, want %v", h, h.Closure, wantClosure)
			}
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("after %s up to %s: got %q, want %q", test.from, test.to, got, test.want)
		}
	}
}

// Rule 1: hours are elapsed, so a clock change shows on the wall and not in them.
func TestElapsedHoursCrossAClockChange(t *testing.T) {
	c := newCalendar(t, CalendarSettings{Location: london(t)})
	got := c.At(Date{2026, 10, 24}, 16*60).Add(24 * time.Hour)
	if want := c.At(Date{2026, 10, 25}, 15*60); !got.Equal(want) {
		t.Errorf("24 hours from 16:00 on 24 October 2026: got %v, want %v", got, want)
	}
}

func TestAtAcrossClockChanges(t *testing.T) {
	for _, test := range []struct {
		what, zone, day string
		at              ClockTime
		want            string
	}{
		{"winter", "Europe/London", "2026-12-24", 17 * 60, "2026-12-24T17:00:00Z"},
		{"summer", "Europe/London", "2026-07-01", 17 * 60, "2026-07-01T16:00:00Z"},
		{"before the gap", "Europe/London", "2026-03-29", 59, "2026-03-29T00:59:00Z"},
		{"start of the gap", "Europe/London", "2026-03-29", 60, "2026-03-29T01:00:00Z"},
		{"within the gap", "Europe/London", "2026-03-29", 90, "2026-03-29T01:00:00Z"},
		{"after the gap", "Europe/London", "2026-03-29", 120, "2026-03-29T01:00:00Z"},
		{"before the overlap", "Europe/London", "2026-10-25", 59, "2026-10-24T23:59:00Z"},
		{"start of the overlap", "Europe/London", "2026-10-25", 60, "2026-10-25T00:00:00Z"},
		{"within the overlap", "Europe/London", "2026-10-25", 90, "2026-10-25T00:30:00Z"},
		{"after the overlap", "Europe/London", "2026-10-25", 120, "2026-10-25T02:00:00Z"},
		{"no midnight, in the west", "America/Santiago", "2026-09-06", 30, "2026-09-06T04:00:00Z"},
		{"no midnight, in the east", "Africa/Cairo", "2026-04-24", 0, "2026-04-23T22:00:00Z"},
		{"two midnights", "America/Havana", "2026-11-01", 0, "2026-11-01T04:00:00Z"},
		{"half an hour twice", "Australia/Lord_Howe", "2026-04-05", 105, "2026-04-04T14:45:00Z"},
		{"half an hour skipped", "Australia/Lord_Howe", "2026-10-04", 135, "2026-10-03T15:30:00Z"},
		{"a day left out", "Pacific/Apia", "2011-12-30", 17 * 60, "2011-12-30T10:00:00Z"},
		{"no clock changes", "UTC", "2026-03-29", 90, "2026-03-29T01:30:00Z"},
	} {
		c := newCalendar(t, CalendarSettings{Location: zone(t, test.zone)})
		if got := c.At(day(t, test.day), test.at); !got.Equal(instant(t, test.want)) {
			t.Errorf("%s: %s at %s in %s: got %s, want %s", test.what, test.day, test.at, test.zone,
				got.UTC().Format(time.RFC3339), test.want)
		}
	}
}

func TestAtIsTheFirstInstantTheClocksShow(t *testing.T) {
	var calendars []*Calendar
	for _, name := range []string{"Europe/London", "Africa/Cairo", "America/Havana", "Australia/Lord_Howe", "America/Sao_Paulo", "Antarctica/Troll"} {
		calendars = append(calendars, newCalendar(t, CalendarSettings{Location: zone(t, name)}))
	}
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom(calendars).Draw(t, "calendar")
		d := Date{2010, 1, 1}.AddDays(rapid.IntRange(0, 365*20).Draw(t, "day"))
		at := ClockTime(rapid.IntRange(0, 24*60-1).Draw(t, "at"))
		got := c.At(d, at)
		wall := func(t time.Time) string { return t.In(c.Location()).Format("2006-01-02 15:04") }
		want := d.String() + " " + at.String()
		if wall(got) < want {
			t.Fatalf("At(%s, %s) = %v, want nothing earlier on the clock", d, at, got)
		}
		// A minute at a time, no clock shows it (or, in a gap, anything later of
		// that day) before got.
		for before := got.Add(-3 * time.Hour); before.Before(got); before = before.Add(time.Minute) {
			if wall(before) == want {
				t.Fatalf("At(%s, %s) = %v, but the clocks show it at %v", d, at, got, before)
			}
		}
		if wall(got) != want && wall(got.Add(-time.Minute)) >= want {
			t.Fatalf("At(%s, %s) = %v, want the first instant after the gap", d, at, got)
		}
	})
}

func TestDaysAreTheOrganisations(t *testing.T) {
	c := newCalendar(t, CalendarSettings{Location: london(t)})
	for _, test := range []struct{ at, want string }{
		{"2026-07-01T22:59:59Z", "2026-07-01"},
		{"2026-07-01T23:00:00Z", "2026-07-02"}, // midnight in British Summer Time
		{"2026-12-31T23:59:59Z", "2026-12-31"},
		{"2026-06-30T20:00:00-05:00", "2026-07-01"},
	} {
		if got := c.DateOf(instant(t, test.at)); got != day(t, test.want) {
			t.Errorf("the day of %s: got %s, want %s", test.at, got, test.want)
		}
	}
	if got, want := c.StartOf(Date{2026, 7, 2}), instant(t, "2026-07-01T23:00:00Z"); !got.Equal(want) {
		t.Errorf("start of 2 July 2026: got %v, want %v", got, want)
	}
	if got, want := c.EndOf(Date{2026, 7, 2}), instant(t, "2026-07-02T16:00:00Z"); !got.Equal(want) {
		t.Errorf("end of 2 July 2026: got %v, want %v", got, want)
	}
	early := newCalendar(t, CalendarSettings{Location: london(t), DayEnds: 12 * 60, OfficeOpens: 1, OfficeCloses: 2})
	if got, want := early.EndOf(Date{2026, 12, 2}), instant(t, "2026-12-02T12:00:00Z"); !got.Equal(want) {
		t.Errorf("end of 2 December 2026 where days end at noon: got %v, want %v", got, want)
	}
}

func TestOfficeHours(t *testing.T) {
	c := newCalendar(t, CalendarSettings{Location: london(t), ClosureDays: []Date{{2026, 12, 29}}})
	for _, test := range []struct{ at, want string }{
		{"2026-12-23T07:59:59Z", "2026-12-23T08:00:00Z"},
		{"2026-12-23T08:00:00Z", "2026-12-23T08:00:00Z"},
		{"2026-12-23T17:59:59Z", "2026-12-23T17:59:59Z"},
		{"2026-12-23T18:00:00Z", "2026-12-24T08:00:00Z"},
		{"2026-12-24T18:00:00Z", "2026-12-30T08:00:00Z"}, // Christmas, weekend, Boxing Day, closure
		{"2026-12-26T10:00:00Z", "2026-12-30T08:00:00Z"},
		{"2026-03-27T20:00:00Z", "2026-03-30T07:00:00Z"}, // the clocks go forward in between
		{"2026-07-01T23:30:00Z", "2026-07-02T07:00:00Z"}, // past midnight in London
	} {
		if got := c.NextOffice(instant(t, test.at)); !got.Equal(instant(t, test.want)) {
			t.Errorf("next office hours from %s: got %s, want %s", test.at, got.UTC().Format(time.RFC3339), test.want)
		}
	}
	if got, want := c.NextWorkingDay(Date{2026, 12, 24}), (Date{2026, 12, 30}); got != want {
		t.Errorf("working day after 24 December 2026: got %s, want %s", got, want)
	}
}

func TestHorizonOfSpecialHolidays(t *testing.T) {
	builtIn := newCalendar(t, CalendarSettings{Location: london(t)})
	told := newCalendar(t, CalendarSettings{Location: london(t), KnownUntil: Date{2030, 12, 31}})
	for _, test := range []struct {
		calendar *Calendar
		day      string
		want     bool
	}{
		{builtIn, "2028-12-31", false},
		{builtIn, "2029-01-01", true},
		{told, "2030-12-31", false},
		{told, "2031-01-01", true},
	} {
		if got := test.calendar.BeyondHorizon(day(t, test.day)); got != test.want {
			t.Errorf("%s beyond %s: got %v, want %v", test.day, test.calendar.Settings().KnownUntil, got, test.want)
		}
	}
}

func TestNoDateStaysNone(t *testing.T) {
	c := newCalendar(t, CalendarSettings{Location: london(t)})
	none, never := Date{}, time.Time{}
	for name, got := range map[string]Date{
		"DateOf":         c.DateOf(never),
		"AddWorkingDays": c.AddWorkingDays(none, 5),
		"Add":            c.Add(none, Offset{2, Weeks}),
		"NextWorkingDay": c.NextWorkingDay(none),
	} {
		if got != none {
			t.Errorf("%s of none: got %v, want none", name, got)
		}
	}
	for name, got := range map[string]time.Time{
		"At": c.At(none, 60), "StartOf": c.StartOf(none), "EndOf": c.EndOf(none), "NextOffice": c.NextOffice(never),
	} {
		if !got.IsZero() {
			t.Errorf("%s of none: got %v, want none", name, got)
		}
	}
	if c.IsWorkingDay(none) || c.BeyondHorizon(none) || c.Skipped(none, Date{2026, 12, 31}) != nil {
		t.Error("none was taken for a day")
	}
}

func TestSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	var wholeYear []Date
	for d := (Date{2026, 1, 1}); d.Year == 2026; d = d.AddDays(1) {
		wholeYear = append(wholeYear, d)
	}
	here := london(t)
	for _, test := range []struct {
		settings CalendarSettings
		want     []string // every fault is reported, not the first alone
	}{
		{CalendarSettings{}, []string{"no time zone"}},
		{CalendarSettings{Location: here, Region: "wessex"}, []string{`"wessex"`, "england-and-wales, scotland, northern-ireland"}},
		{CalendarSettings{Location: here, DayEnds: 17 * 60}, []string{"office hours run from 00:00 to 00:00"}},
		{CalendarSettings{Location: here, OfficeOpens: 18 * 60, OfficeCloses: 8 * 60}, []string{"office hours run from 18:00 to 08:00"}},
		{CalendarSettings{Location: here, DayEnds: 24 * 60, RemindAt: -1, OfficeCloses: 60}, []string{"1440 minutes", "-1 minutes"}},
		{CalendarSettings{Location: here, ClosureDays: []Date{{2026, 2, 30}, {}}}, []string{"2026-02-30", "0000-00-00"}},
		{CalendarSettings{Location: here, ExtraHolidays: []Holiday{{Name: "Regatta", Date: Date{2026, 13, 1}}}}, []string{"Regatta 2026-13-01"}},
		{CalendarSettings{Location: here, ClosureDays: wholeYear}, []string{"no working day in 2026"}},
	} {
		_, err := NewCalendar(test.settings)
		if err == nil {
			t.Errorf("%+v: accepted, want an error with %q", test.settings, test.want)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("got error %q, want %q in it", err, want)
			}
		}
	}
}

func TestSettingsHaveDefaultsAndCannotBeChangedFromOutside(t *testing.T) {
	closures := []Date{{2026, 12, 24}}
	c := newCalendar(t, CalendarSettings{Location: london(t), ClosureDays: closures})
	closures[0] = Date{2026, 12, 23}
	c.Settings().ClosureDays[0] = Date{2026, 12, 22}
	c.Holidays(2026)[0].Date = Date{2026, 12, 21}
	c.Skipped(Date{2026, 12, 23}, Date{2026, 12, 25})[0].Date = Date{2026, 12, 20}

	s := c.Settings()
	if s.Region != englandAndWales || s.DayEnds.String() != "17:00" || s.OfficeOpens.String() != "08:00" ||
		s.OfficeCloses.String() != "18:00" || s.RemindAt.String() != "08:30" || s.KnownUntil != (Date{2028, 12, 31}) {
		t.Errorf("got defaults %+v, want the guidance's", s)
	}
	if want := []Date{{2026, 12, 24}}; !slices.Equal(s.ClosureDays, want) {
		t.Errorf("closure days: got %v, want %v", s.ClosureDays, want)
	}
	if got := c.Skipped(Date{2026, 12, 18}, Date{2026, 12, 24}); len(got) != 1 || got[0].Date != (Date{2026, 12, 24}) {
		t.Errorf("skipped: got %v, want 24 December alone", got)
	}
	if got := c.Holidays(2026)[0].Date; got != (Date{2026, 1, 1}) {
		t.Errorf("first holiday of 2026: got %v, want 1 January", got)
	}
}

func TestParseClockTime(t *testing.T) {
	for in, want := range map[string]ClockTime{"00:00": 0, "08:30": 510, "17:00": 1020, "23:59": 1439} {
		got, err := ParseClockTime(in)
		if err != nil || got != want || got.String() != in {
			t.Errorf("%q: got %d (%s), %v; want %d", in, got, got, err, want)
		}
	}
	for _, in := range []string{"", "24:00", "8.30", "08:60", "-1:00", "17", "17:00:00", "5pm"} {
		if got, err := ParseClockTime(in); err == nil || !strings.Contains(err.Error(), "08:30") {
			t.Errorf("%q: got %d, %v; want an error that shows how to write it", in, got, err)
		}
	}
}

// countedDays are calendars and days for the properties below: near and far, in
// and out of the tabled years.
func countedDays(t *testing.T) func(*rapid.T) (*Calendar, Date) {
	var calendars []*Calendar
	for region := range yearlyHolidays {
		calendars = append(calendars, newCalendar(t, CalendarSettings{Location: london(t), Region: region,
			ClosureDays: []Date{{2026, 12, 24}, {2026, 12, 29}, {2026, 12, 30}, {2026, 12, 31}, {2101, 1, 4}}}))
	}
	return func(t *rapid.T) (*Calendar, Date) {
		year := rapid.OneOf(rapid.IntRange(2024, 2030), rapid.IntRange(1985, 2105), rapid.IntRange(2, 9998)).Draw(t, "year")
		d := Date{year, 1, 1}.AddDays(rapid.IntRange(0, 365).Draw(t, "day"))
		return rapid.SampledFrom(calendars).Draw(t, "calendar"), d
	}
}

func TestCountEqualsStepping(t *testing.T) {
	draw := countedDays(t)
	rapid.Check(t, func(t *rapid.T) {
		c, d := draw(t)
		n := rapid.IntRange(-60, 60).Draw(t, "n")
		want, step := d, 1
		if n < 0 {
			step = -1
		}
		for left := n * step; left > 0; {
			want = want.AddDays(step)
			if c.IsWorkingDay(want) {
				left--
			}
		}
		if got := c.AddWorkingDays(d, n); got != want {
			t.Fatalf("%s and %d working days: got %s, stepping gives %s", d, n, got, want)
		}
	})
}

func TestCountLandsOnAWorkingDayAndBack(t *testing.T) {
	draw := countedDays(t)
	rapid.Check(t, func(t *rapid.T) {
		c, d := draw(t)
		n := rapid.IntRange(-400, 400).Filter(func(n int) bool { return n != 0 }).Draw(t, "n")
		there := c.AddWorkingDays(d, n)
		if !c.IsWorkingDay(there) {
			t.Fatalf("%s and %d working days: %s is none", d, n, there)
		}
		if back := c.AddWorkingDays(there, -n); c.IsWorkingDay(d) && back != d {
			t.Fatalf("%s and %d working days is %s, but back is %s", d, n, there, back)
		}
	})
}

func TestCountIsMonotone(t *testing.T) {
	draw := countedDays(t)
	rapid.Check(t, func(t *rapid.T) {
		c, d := draw(t)
		n := rapid.IntRange(-300, 300).Draw(t, "n")
		here := c.AddWorkingDays(d, n)
		if more := c.AddWorkingDays(d, n+1); !here.Before(more) {
			t.Fatalf("%s: %d working days is %s, one more %s", d, n, here, more)
		}
		if later := c.AddWorkingDays(d.AddDays(1), n); later.Before(here) {
			t.Fatalf("%d working days from %s is %s, from the day after %s", n, d, here, later)
		}
	})
}

func TestSkippedAreTheWeekdaysNotWorked(t *testing.T) {
	draw := countedDays(t)
	rapid.Check(t, func(t *rapid.T) {
		c, from := draw(t)
		to := from.AddDays(rapid.IntRange(-5, 500).Draw(t, "days"))
		var want []Date
		for d := from.AddDays(1); !to.Before(d); d = d.AddDays(1) {
			if !atWeekend(d.Weekday()) && !c.IsWorkingDay(d) {
				want = append(want, d)
			}
		}
		var got []Date
		for _, h := range c.Skipped(from, to) {
			got = append(got, h.Date)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("after %s up to %s: got %v, want %v", from, to, got, want)
		}
	})
}

func TestAbsurdInputComesToAnEnd(t *testing.T) {
	c := newCalendar(t, CalendarSettings{Location: london(t)})
	const huge = int(^uint(0) >> 1)
	for _, d := range []Date{{1, 1, 1}, {9999, 12, 31}, {-5000, 3, 1}, {huge, 12, 31}, {-huge, 1, 1}, {2026, 99, -400}, {2026, 12, huge}} {
		for _, n := range []int{1, -1, 10000, -10000, huge, -huge} {
			if got := c.AddWorkingDays(d, n); got == d || !c.IsWorkingDay(got) {
				t.Errorf("%v and %d working days: got %v, want a working day", d, n, got)
			}
			for _, unit := range []Unit{Hours, Days, WorkingDays, Weeks, Months, "fortnights"} {
				c.Add(d, Offset{n, unit})
			}
		}
		c.NextOffice(c.At(d, ClockTime(huge)))
		c.Holidays(d.Year)
		c.Skipped(Date{-huge, 1, 1}, d)
	}
	if got, want := c.AddWorkingDays(Date{2026, 1, 1}, huge), c.AddWorkingDays(Date{2026, 1, 1}, 10000); got != want {
		t.Errorf("an absurd count: got %v, want that of 10,000, %v", got, want)
	}
}

func TestCalendarServesManyAtOnce(t *testing.T) {
	c := newCalendar(t, CalendarSettings{Location: london(t), ClosureDays: []Date{{2026, 12, 24}}})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := range 200 {
				if got := c.AddWorkingDays(Date{2026, 12, 23}, 5); got != (Date{2027, 1, 5}) {
					t.Errorf("23 December 2026 and 5 working days: got %s, want 2027-01-05", got)
				}
				c.Skipped(Date{2026, 12, 1}, Date{2150, 1, 1}.AddDays(n))
				c.Settings()
			}
		})
	}
	all.Wait()
}

var (
	keptDate     Date
	keptHolidays []Holiday
	keptTime     time.Time
)

// BenchmarkAddWorkingDays has its baseline beside it: as many calendar days,
// which is what the same sum costs without any calendar.
func BenchmarkAddWorkingDays(b *testing.B) {
	c := newCalendar(b, CalendarSettings{Location: london(b)})
	from := Date{2026, 12, 17}
	b.Run("calendar days/20", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			keptDate = from.AddDays(20)
		}
	})
	for _, n := range []int{5, 20, 10000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				keptDate = c.AddWorkingDays(from, n)
			}
		})
	}
	b.Run("untabled year/5", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			keptDate = c.AddWorkingDays(Date{2150, 12, 17}, 5)
		}
	})
}

func BenchmarkSkipped(b *testing.B) {
	c := newCalendar(b, CalendarSettings{Location: london(b)})
	for _, span := range []struct {
		name     string
		from, to Date
	}{
		{"none", Date{2026, 11, 2}, Date{2026, 11, 9}},
		{"three", Date{2026, 12, 23}, Date{2027, 1, 5}},
	} {
		b.Run(span.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				keptHolidays = c.Skipped(span.from, span.to)
			}
		})
	}
}

func BenchmarkAt(b *testing.B) {
	c := newCalendar(b, CalendarSettings{Location: london(b)})
	b.Run("bare time.Date", func(b *testing.B) {
		for b.Loop() {
			keptTime = time.Date(2026, 12, 24, 17, 0, 0, 0, c.Location())
		}
	})
	b.Run("EndOf", func(b *testing.B) {
		for b.Loop() {
			keptTime = c.EndOf(Date{2026, 12, 24})
		}
	})
	b.Run("NextOffice", func(b *testing.B) {
		at := c.At(Date{2026, 12, 24}, 20*60)
		for b.Loop() {
			keptTime = c.NextOffice(at)
		}
	})
}

func BenchmarkNewCalendar(b *testing.B) {
	s := CalendarSettings{Location: london(b), ClosureDays: []Date{{2026, 12, 24}}}
	b.ReportAllocs()
	for b.Loop() {
		newCalendar(b, s)
	}
}
