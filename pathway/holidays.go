package pathway

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/gb"
)

// Holiday is a day that is not worked although it may be a weekday.
type Holiday struct {
	Date    Date
	Name    string // as GOV.UK names it: "Boxing Day (substitute day)"
	Closure bool   // a closure day of the organisation, not a bank holiday
}

// The regions whose bank holidays are known. They are GOV.UK's own names for
// its three lists.
const (
	englandAndWales = "england-and-wales"
	scotland        = "scotland"
	northernIreland = "northern-ireland"
)

// specialsKnownUntil is the last day of the lists that GOV.UK had published when
// oneOffs was last compared with them. One may still be proclaimed within them
// (CalendarSettings.ExtraHolidays); beyond them nobody has announced any yet.
var specialsKnownUntil = Date{2028, time.December, 31}

func init() {
	// Unless told otherwise the library works in the machine's own time zone.
	// Where that skips a midnight, as Lima did at New Year 1994, the holiday
	// starts at 23:00 of the day before and falls on the wrong date.
	cal.DefaultLoc = time.UTC
}

// A bank holiday at the weekend moves to the next weekday that is not one
// already. Of two in a row the one that fell on a weekday keeps its day, so
// that a Christmas Day on Sunday moves to the Tuesday behind Boxing Day. The
// library moves both by one: the same days, but each under the other's name.
// Scotland's New Year alone is published the library's way.
var (
	nextMonday   = []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 1}}
	twoDaysLater = []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 2}}
	pushedAlong  = append(slices.Clone(twoDaysLater), cal.AltDay{Day: time.Monday, Offset: 1})
)

// The rules are the library's, with GOV.UK's names. It knows that holidays were
// moved in 2020 and 2022, but not in 1995, 2002 and 2012, and of the days that
// only Scotland or Northern Ireland keep it has the Scottish summer alone.
var (
	earlyMay    = gb.EarlyMay.Clone(&cal.Holiday{Name: "Early May bank holiday", Except: []int{1995, 2020}})
	spring      = gb.SpringHoliday.Clone(&cal.Holiday{Name: "Spring bank holiday", Except: []int{2002, 2012, 2022}})
	christmas   = gb.ChristmasDay.Clone(&cal.Holiday{Observed: twoDaysLater})
	boxingDay   = gb.BoxingDay.Clone(&cal.Holiday{Observed: twoDaysLater})
	summer      = gb.SummerHoliday.Clone(&cal.Holiday{Name: "Summer bank holiday"})
	summerScots = gb.SummerHolidayScotland.Clone(&cal.Holiday{Name: "Summer bank holiday"})

	secondJanuary = &cal.Holiday{Name: "2nd January", Month: time.January, Day: 2,
		Func: cal.CalcDayOfMonth, Observed: pushedAlong}
	stPatrick = &cal.Holiday{Name: "St Patrick's Day", Month: time.March, Day: 17,
		Func: cal.CalcDayOfMonth, Observed: nextMonday}
	boyne = &cal.Holiday{Name: "Battle of the Boyne (Orangemen's Day)", Month: time.July, Day: 12,
		Func: cal.CalcDayOfMonth, Observed: nextMonday}
	stAndrew = &cal.Holiday{Name: "St Andrew's Day", Month: time.November, Day: 30,
		Func: cal.CalcDayOfMonth, Observed: nextMonday, StartYear: 2007}
)

var yearlyHolidays = map[string][]*cal.Holiday{
	englandAndWales: {gb.NewYear, gb.GoodFriday, gb.EasterMonday, earlyMay, spring, summer, christmas, boxingDay},
	scotland:        {gb.NewYear, secondJanuary, gb.GoodFriday, earlyMay, spring, summerScots, stAndrew, christmas, boxingDay},
	northernIreland: {gb.NewYear, stPatrick, gb.GoodFriday, gb.EasterMonday, earlyMay, spring, boyne, summer, christmas, boxingDay},
}

// oneOffs are the days no rule gives: special bank holidays, and those that were
// moved for one year. The library has those of 2020 to 2023 except the State
// Funeral; one list that can be held beside the proclamations is safer than two.
var oneOffs = []struct {
	Holiday
	only string // the one region that keeps it; empty for all
}{
	{Holiday{Date: Date{1981, time.July, 29}, Name: "Royal Wedding"}, ""},
	{Holiday{Date: Date{1995, time.May, 8}, Name: "Early May bank holiday (VE day)"}, ""},
	{Holiday{Date: Date{1999, time.December, 31}, Name: "Millennium bank holiday"}, ""},
	{Holiday{Date: Date{2002, time.June, 3}, Name: "Golden Jubilee bank holiday"}, ""},
	{Holiday{Date: Date{2002, time.June, 4}, Name: "Spring bank holiday"}, ""},
	{Holiday{Date: Date{2011, time.April, 29}, Name: "Royal Wedding"}, ""},
	{Holiday{Date: Date{2012, time.June, 4}, Name: "Spring bank holiday"}, ""},
	{Holiday{Date: Date{2012, time.June, 5}, Name: "Diamond Jubilee bank holiday"}, ""},
	{Holiday{Date: Date{2020, time.May, 8}, Name: "Early May bank holiday (VE day)"}, ""},
	{Holiday{Date: Date{2022, time.June, 2}, Name: "Spring bank holiday"}, ""},
	{Holiday{Date: Date{2022, time.June, 3}, Name: "Platinum Jubilee bank holiday"}, ""},
	{Holiday{Date: Date{2022, time.September, 19}, Name: "Bank Holiday for the State Funeral of Queen Elizabeth II"}, ""},
	{Holiday{Date: Date{2023, time.May, 8}, Name: "Bank holiday for the coronation of King Charles III"}, ""},
	{Holiday{Date: Date{2026, time.June, 15}, Name: "World Cup bank holiday"}, scotland},
}

// bankHolidays returns a region's bank holidays in a year, on the days they are
// kept, sorted. They are as published from 1978 (St Andrew's Day from 2007);
// for earlier years, and for those not yet proclaimed, today's rules are
// applied. Outside the years 1 to 9999 there are none.
func bankHolidays(region string, year int) []Holiday {
	if year < 1 || year > 9999 {
		return nil
	}
	var found []Holiday
	for _, rule := range yearlyHolidays[region] {
		fell, kept := rule.Calc(year)
		if kept.Year() != year {
			continue // a year that the rule leaves out: the library says year 1
		}
		name := rule.Name
		if !kept.Equal(fell) {
			name += " (substitute day)"
		}
		found = append(found, Holiday{Date: dateOf(kept), Name: name})
	}
	for _, o := range oneOffs {
		if o.Date.Year == year && (o.only == "" || o.only == region) {
			found = append(found, o.Holiday)
		}
	}
	return inOrder(found)
}

// inOrder sorts holidays by day. Of several on one day the first stays.
func inOrder(h []Holiday) []Holiday {
	slices.SortStableFunc(h, func(a, b Holiday) int { return a.Date.utc().Compare(b.Date.utc()) })
	return slices.CompactFunc(h, func(a, b Holiday) bool { return a.Date == b.Date })
}

func checkRegion(region string) error {
	if _, known := yearlyHolidays[region]; known {
		return nil
	}
	known := []string{englandAndWales, scotland, northernIreland}
	return fmt.Errorf("%q is not a region whose bank holidays are known: use %s", region, strings.Join(known, ", "))
}

// yearTable is one year made ready for counting.
type yearTable struct {
	holidays []Holiday  // bank holidays and the organisation's own days, sorted
	working  []int16    // the working days, each as its day of the year (1 to 366)
	upTo     [367]int16 // how many working days there are up to and including a day of the year
}

// newYearTable lays a year out. own are the organisation's own days, of any
// year; on a bank holiday they change nothing.
func newYearTable(region string, own []Holiday, year int) yearTable {
	var t yearTable
	t.holidays = bankHolidays(region, year)
	for _, h := range own {
		if h.Date.Year == year {
			t.holidays = append(t.holidays, h)
		}
	}
	t.holidays = inOrder(t.holidays)

	var free [367]bool
	for _, h := range t.holidays {
		free[h.Date.utc().YearDay()] = true
	}
	last := Date{year, time.December, 31}.utc().YearDay()
	weekday := Date{year, time.January, 1}.Weekday()
	for day := 1; day <= last; day++ {
		if !free[day] && !atWeekend(weekday) {
			t.working = append(t.working, int16(day))
		}
		t.upTo[day] = int16(len(t.working))
		weekday = (weekday + 1) % 7
	}
	return t
}

func atWeekend(d time.Weekday) bool { return d == time.Saturday || d == time.Sunday }
