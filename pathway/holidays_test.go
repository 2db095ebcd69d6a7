package pathway

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickar/cal/v2/gb"
)

// published are the bank holidays as GOV.UK lists them (gov.uk/bank-holidays),
// written out by hand so that nothing computed checks itself.
var published = map[string]map[int]string{
	englandAndWales: {
		2018: "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26",
		2019: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
		2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
		2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
		2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
		2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
		2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
		2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
		2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
		2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
		2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
		// Moved or special days that no list shows any more.
		1995: "01-02 04-14 04-17 05-08 05-29 08-28 12-25 12-26",
		1999: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28 12-31",
		2002: "01-01 03-29 04-01 05-06 06-03 06-04 08-26 12-25 12-26",
		2011: "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27",
		2012: "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26",
	},
	scotland: {
		2018: "01-01 01-02 03-30 05-07 05-28 08-06 11-30 12-25 12-26",
		2019: "01-01 01-02 04-19 05-06 05-27 08-05 12-02 12-25 12-26",
		2020: "01-01 01-02 04-10 05-08 05-25 08-03 11-30 12-25 12-28",
		2021: "01-01 01-04 04-02 05-03 05-31 08-02 11-30 12-27 12-28",
		2022: "01-03 01-04 04-15 05-02 06-02 06-03 08-01 09-19 11-30 12-26 12-27",
		2023: "01-02 01-03 04-07 05-01 05-08 05-29 08-07 11-30 12-25 12-26",
		2024: "01-01 01-02 03-29 05-06 05-27 08-05 12-02 12-25 12-26",
		2025: "01-01 01-02 04-18 05-05 05-26 08-04 12-01 12-25 12-26",
		2026: "01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28",
		2027: "01-01 01-04 03-26 05-03 05-31 08-02 11-30 12-27 12-28",
		2028: "01-03 01-04 04-14 05-01 05-29 08-07 11-30 12-25 12-26",
	},
	northernIreland: {
		2018: "01-01 03-19 03-30 04-02 05-07 05-28 07-12 08-27 12-25 12-26",
		2019: "01-01 03-18 04-19 04-22 05-06 05-27 07-12 08-26 12-25 12-26",
		2020: "01-01 03-17 04-10 04-13 05-08 05-25 07-13 08-31 12-25 12-28",
		2021: "01-01 03-17 04-02 04-05 05-03 05-31 07-12 08-30 12-27 12-28",
		2022: "01-03 03-17 04-15 04-18 05-02 06-02 06-03 07-12 08-29 09-19 12-26 12-27",
		2023: "01-02 03-17 04-07 04-10 05-01 05-08 05-29 07-12 08-28 12-25 12-26",
		2024: "01-01 03-18 03-29 04-01 05-06 05-27 07-12 08-26 12-25 12-26",
		2025: "01-01 03-17 04-18 04-21 05-05 05-26 07-14 08-25 12-25 12-26",
		2026: "01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28",
		2027: "01-01 03-17 03-26 03-29 05-03 05-31 07-12 08-30 12-27 12-28",
		2028: "01-03 03-17 04-14 04-17 05-01 05-29 07-12 08-28 12-25 12-26",
	},
}

func TestBankHolidaysAreThosePublished(t *testing.T) {
	for region, years := range published {
		calendar := newCalendar(t, CalendarSettings{Location: london(t), Region: region})
		for year, want := range years {
			var got []string
			for _, h := range calendar.Holidays(year) {
				got = append(got, h.Date.String()[len("2026-"):])
				if h.Date.Year != year || h.Closure {
					t.Errorf("%s %d: got %+v, want a bank holiday of that year", region, year, h)
				}
			}
			if got := strings.Join(got, " "); got != want {
				t.Errorf("%s %d:\n got %s\nwant %s", region, year, got, want)
			}
		}
	}
}

func TestHolidaysCarryTheirPublishedNames(t *testing.T) {
	for _, test := range []struct{ region, day, name string }{
		{englandAndWales, "2022-01-03", "New Year's Day (substitute day)"},
		{englandAndWales, "2026-05-04", "Early May bank holiday"},
		{englandAndWales, "2020-05-08", "Early May bank holiday (VE day)"},
		{englandAndWales, "2022-06-02", "Spring bank holiday"},
		{englandAndWales, "2022-06-03", "Platinum Jubilee bank holiday"},
		// Christmas Day on a Sunday steps over Boxing Day.
		{englandAndWales, "2022-12-26", "Boxing Day"},
		{englandAndWales, "2022-12-27", "Christmas Day (substitute day)"},
		// On a Saturday the two keep their order.
		{englandAndWales, "2027-12-27", "Christmas Day (substitute day)"},
		{englandAndWales, "2027-12-28", "Boxing Day (substitute day)"},
		{englandAndWales, "2026-12-28", "Boxing Day (substitute day)"},
		// Scotland's New Year does not step over the 2nd.
		{scotland, "2023-01-02", "New Year's Day (substitute day)"},
		{scotland, "2023-01-03", "2nd January (substitute day)"},
		{scotland, "2027-01-04", "2nd January (substitute day)"},
		{scotland, "2026-06-15", "World Cup bank holiday"},
		{scotland, "2025-12-01", "St Andrew's Day (substitute day)"},
		{northernIreland, "2026-07-13", "Battle of the Boyne (Orangemen's Day) (substitute day)"},
	} {
		want := Holiday{Date: day(t, test.day), Name: test.name}
		if got := bankHolidays(test.region, want.Date.Year); !slices.Contains(got, want) {
			t.Errorf("%s: got %v, want %v among them", test.region, got, want)
		}
	}
}

func TestEveryYearHasItsHolidaysOnWeekdays(t *testing.T) {
	for region, rules := range yearlyHolidays {
		for _, year := range []int{1, 2, 1900, 2000, 2029, 2099, 2400, 9999} {
			got := bankHolidays(region, year)
			want := len(rules)
			if region == scotland && year < 2007 {
				want-- // St Andrew's Day
			}
			if len(got) != want {
				t.Errorf("%s %d: got %d holidays %v, want %d", region, year, len(got), got, want)
			}
			for i, h := range got {
				if atWeekend(h.Date.Weekday()) || h.Date.Year != year || i > 0 && !got[i-1].Date.Before(h.Date) {
					t.Errorf("%s %d: %v is at a weekend, of another year or out of order", region, year, h)
				}
			}
		}
		for _, year := range []int{-1, 0, 10000} {
			if got := bankHolidays(region, year); got != nil {
				t.Errorf("%s %d: got %v, want no holidays outside the years 1 to 9999", region, year, got)
			}
		}
	}
}

// Otherwise Lima's machines would put New Year 1994 on 31 December 1993.
func TestMachineZoneDoesNotMoveHolidays(t *testing.T) {
	if _, kept := gb.NewYear.Calc(1994); kept.Location() != time.UTC {
		t.Errorf("holidays are worked out in zone %v, want UTC", kept.Location())
	}
}

func TestOwnDaysJoinTheBankHolidays(t *testing.T) {
	calendar := newCalendar(t, CalendarSettings{
		Location:      london(t),
		ClosureDays:   []Date{{2029, 12, 24}, {2029, 12, 25}, {2029, 12, 24}, {2029, 12, 29}},
		ExtraHolidays: []Holiday{{Date: Date{2029, 6, 4}, Name: "Regatta", Closure: true}, {Date: Date{2029, 5, 7}, Name: "Again"}, {Date: Date{2029, 6, 5}}},
	})
	wantHolidays := []Holiday{
		{Date{2029, 6, 4}, "Regatta", false},
		{Date{2029, 6, 5}, "Bank holiday", false},
	}
	var got []Holiday
	for _, h := range calendar.Holidays(2029) {
		if h.Date.Month == time.June {
			got = append(got, h)
		}
		if h.Closure || h.Name == "Again" {
			t.Errorf("Holidays has %v: want bank holidays only, each day once", h)
		}
	}
	if !slices.Equal(got, wantHolidays) {
		t.Errorf("extra holidays: got %v, want %v", got, wantHolidays)
	}

	// The 25th stays a bank holiday, the 24th is named once, and a closure on
	// Saturday 29 December closes nothing.
	wantSkipped := []Holiday{
		{Date{2029, 12, 24}, "Closure day", true},
		{Date{2029, 12, 25}, "Christmas Day", false},
		{Date{2029, 12, 26}, "Boxing Day", false},
	}
	if got := calendar.Skipped(Date{2029, 12, 21}, Date{2029, 12, 31}); !slices.Equal(got, wantSkipped) {
		t.Errorf("skipped: got %v, want %v", got, wantSkipped)
	}
	if got, want := calendar.AddWorkingDays(Date{2029, 12, 21}, 1), (Date{2029, 12, 27}); got != want {
		t.Errorf("one working day after 21 December 2029: got %v, want %v", got, want)
	}
}
