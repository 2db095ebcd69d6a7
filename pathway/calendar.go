package pathway

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ClockTime is a time of day on the local wall clock, in minutes after midnight.
type ClockTime int

// ParseClockTime reads a time of day from 00:00 to 23:59.
func ParseClockTime(s string) (ClockTime, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time of day: write it as 08:30, from 00:00 to 23:59", s)
	}
	return ClockTime(t.Hour()*60 + t.Minute()), nil
}

// String writes c as 08:30.
func (c ClockTime) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// CalendarSettings are what an organisation says of its own time. Where all four
// clock times are left at zero they are the guidance's: the day ends at 17:00,
// the office is open from 08:00 to 18:00, and reminders are due at 08:30.
type CalendarSettings struct {
	Location    *time.Location // the organisation's time zone
	Region      string         // whose bank holidays: england-and-wales (or empty), scotland, northern-ireland
	ClosureDays []Date         // days on which the organisation does not work
	// ExtraHolidays are bank holidays proclaimed after this release. Their
	// Closure mark is ignored.
	ExtraHolidays []Holiday
	DayEnds       ClockTime // when a duty counted in days falls due
	OfficeOpens   ClockTime
	OfficeCloses  ClockTime
	RemindAt      ClockTime // when a reminder counted in working days goes
	// KnownUntil is the last day up to which special bank holidays are known.
	// Zero means what this release knows; move it on along with ExtraHolidays.
	KnownUntil Date
}

// The years whose tables are built in advance. Others are worked out whenever
// they are asked for, which is slower by a few microseconds.
const (
	firstTabled = 1990
	lastTabled  = 2100
)

// Calendar knows the organisation's working days, office hours and time zone
// ("How time is counted" in the guidance). It never changes once made and is
// safe for concurrent use. No method panics or runs on for ever, whatever the
// date. "No date" stays none: the zero Date and the zero time are never counted
// from.
//
// The binary must bring the time zone database with it (import time/tzdata)
// where the machine may have none.
type Calendar struct {
	settings CalendarSettings
	own      []Holiday // extra bank holidays and closure days
	years    [lastTabled - firstTabled + 1]yearTable
}

// NewCalendar checks the settings and builds the calendar. It reports every
// fault it finds at once.
func NewCalendar(s CalendarSettings) (*Calendar, error) {
	if s.Region == "" {
		s.Region = englandAndWales
	}
	if s.DayEnds == 0 && s.OfficeOpens == 0 && s.OfficeCloses == 0 && s.RemindAt == 0 {
		s.DayEnds, s.OfficeOpens, s.OfficeCloses, s.RemindAt = 17*60, 8*60, 18*60, 8*60+30
	}
	if s.KnownUntil.IsZero() {
		s.KnownUntil = specialsKnownUntil
	}
	s.ClosureDays = slices.Clone(s.ClosureDays)
	s.ExtraHolidays = slices.Clone(s.ExtraHolidays)
	for i := range s.ExtraHolidays {
		s.ExtraHolidays[i].Closure = false
	}
	own := s.ownDays()
	if err := s.check(own); err != nil {
		return nil, err
	}
	c := &Calendar{settings: s, own: own}
	for i := range c.years {
		c.years[i] = newYearTable(s.Region, own, firstTabled+i)
	}
	return c, nil
}

// ownDays are the days that the organisation lists, on top of its region's.
func (s *CalendarSettings) ownDays() []Holiday {
	var own []Holiday
	for _, h := range s.ExtraHolidays {
		if h.Name == "" {
			h.Name = "Bank holiday"
		}
		own = append(own, Holiday{Date: h.Date, Name: h.Name})
	}
	for _, d := range s.ClosureDays {
		own = append(own, Holiday{Date: d, Name: "Closure day", Closure: true})
	}
	return own
}

func (s *CalendarSettings) check(own []Holiday) error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if s.Location == nil {
		fault("the calendar has no time zone: give one such as Europe/London")
	}
	if err := checkRegion(s.Region); err != nil {
		faults = append(faults, err)
	}
	for _, at := range []ClockTime{s.DayEnds, s.OfficeOpens, s.OfficeCloses, s.RemindAt} {
		if at < 0 || at >= 24*60 {
			fault("%d minutes after midnight is not a time of day: use 00:00 to 23:59", int(at))
		}
	}
	if s.OfficeOpens >= s.OfficeCloses {
		fault("office hours run from %s to %s: let them end later than they begin", s.OfficeOpens, s.OfficeCloses)
	}
	var years []int // which the organisation's days could fill
	for _, h := range own {
		d := h.Date
		if d.IsZero() || dateOf(d.utc()) != d {
			fault("%s %04d-%02d-%02d: there is no such day, correct or remove it", h.Name, d.Year, int(d.Month), d.Day)
			continue
		}
		years = append(years, d.Year)
	}
	slices.Sort(years)
	for _, year := range slices.Compact(years) {
		if t := newYearTable(s.Region, own, year); len(t.working) == 0 {
			fault("the closure days leave no working day in %d: remove some", year)
		}
	}
	return errors.Join(faults...)
}

// Settings returns what the calendar was made from, defaults filled in.
func (c *Calendar) Settings() CalendarSettings {
	s := c.settings
	s.ClosureDays = slices.Clone(s.ClosureDays)
	s.ExtraHolidays = slices.Clone(s.ExtraHolidays)
	return s
}

// Location returns the organisation's time zone.
func (c *Calendar) Location() *time.Location { return c.settings.Location }

// DateOf returns the day that t falls on in the organisation's time zone.
func (c *Calendar) DateOf(t time.Time) Date {
	if t.IsZero() {
		return Date{}
	}
	return dateOf(t.In(c.settings.Location))
}

// At returns the instant at which the organisation's clocks show the time at on
// day d. Where they skip it, in the spring, that is the first instant after the
// gap; where they show it twice, in the autumn, the first of the two.
func (c *Calendar) At(d Date, at ClockTime) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	// time.Date promises one of the two sides of a clock change, but not which.
	t := time.Date(d.Year, d.Month, d.Day, 0, int(at), 0, 0, c.settings.Location)
	_, offset := t.Zone()
	wanted := d.utc().Unix() + int64(at)*60
	shown := t.Unix() + int64(offset)
	start, end := t.ZoneBounds()
	switch {
	case shown > wanted: // in a gap, and t lies behind it
		return start
	case shown < wanted: // in a gap, and t lies before it
		return end
	case start.IsZero(): // the clocks have never changed before t
		return t
	}
	_, before := start.Add(-1).Zone()
	if first := t.Add(time.Duration(offset-before) * time.Second); first.Before(start) {
		return first
	}
	return t
}

// StartOf returns the first instant of day d.
func (c *Calendar) StartOf(d Date) time.Time { return c.At(d, 0) }

// EndOf returns the instant at which a duty due on day d is due: DayEnds.
func (c *Calendar) EndOf(d Date) time.Time { return c.At(d, c.settings.DayEnds) }

// year returns the table of a year, built in advance or on the spot.
func (c *Calendar) year(year int) *yearTable {
	if i := year - firstTabled; i >= 0 && i < len(c.years) {
		return &c.years[i]
	}
	t := newYearTable(c.settings.Region, c.own, year)
	return &t
}

// IsWorkingDay reports whether d is neither a Saturday nor a Sunday, nor a bank
// holiday, nor a closure day.
func (c *Calendar) IsWorkingDay(d Date) bool {
	if d.IsZero() {
		return false
	}
	t := d.utc()
	day, table := t.YearDay(), c.year(t.Year())
	return table.upTo[day] > table.upTo[day-1]
}

// AddWorkingDays returns the nth working day after d, or the -nth before it when
// n is negative. Day 0 is d itself, working or not. A count beyond 10,000 either
// way, the bound of ParseOffset, is taken as 10,000.
func (c *Calendar) AddWorkingDays(d Date, n int) Date {
	if n == 0 || d.IsZero() {
		return d
	}
	n = max(-maxOffset, min(n, maxOffset))
	t := d.utc()
	year, day := t.Year(), t.YearDay()
	table := c.year(year)

	// place is where the answer stands among the year's working days, from 1.
	place := int(table.upTo[day]) + n
	if n < 0 {
		place = int(table.upTo[day-1]) + 1 + n
	}
	for place > len(table.working) {
		place -= len(table.working)
		year++
		table = c.year(year)
	}
	for place < 1 {
		year--
		table = c.year(year)
		place += len(table.working)
	}
	return Date{year, time.January, 1}.AddDays(int(table.working[place-1]) - 1)
}

// workingDaysSince counts the working days that lie after from, up to and including to;
// 0 where there are none.
func (c *Calendar) workingDaysSince(from, to Date) int {
	if from.IsZero() || !from.Before(to) {
		return 0
	}
	n := -c.workingDaysOfYearTo(from)
	for year := from.Year; year < to.Year; year++ {
		n += len(c.year(year).working)
	}
	return n + c.workingDaysOfYearTo(to)
}

// workingDaysOfYearTo counts a year's working days up to and including d.
func (c *Calendar) workingDaysOfYearTo(d Date) int {
	t := d.utc()
	return int(c.year(t.Year()).upTo[t.YearDay()])
}

// NextWorkingDay returns the first working day after d.
func (c *Calendar) NextWorkingDay(d Date) Date { return c.AddWorkingDays(d, 1) }

// Add returns the day that lies o after d, or before it when o.N is negative;
// d is day 0. Months keep the day of the month, or take the last of a shorter
// one. Hours are elapsed time: they belong to an instant, by its own Add, and
// leave a day as it is.
func (c *Calendar) Add(d Date, o Offset) Date {
	if d.IsZero() {
		return d
	}
	switch o.Unit {
	case Days:
		return d.AddDays(o.N)
	case WorkingDays:
		return c.AddWorkingDays(d, o.N)
	case Weeks:
		return d.AddDays(7 * o.N)
	case Months:
		return d.AddMonths(o.N)
	}
	return d
}

// Skipped returns the bank holidays and closure days, Mondays to Fridays only,
// that lie after from, up to and including to, in order: what a count of working
// days from one to the other leaves out besides the weekends.
func (c *Calendar) Skipped(from, to Date) []Holiday {
	if from.IsZero() || to.IsZero() {
		return nil
	}
	var skipped []Holiday
	for year := max(from.Year, 1); year <= min(to.Year, 9999); year++ {
		for _, h := range c.year(year).holidays {
			if from.Before(h.Date) && !to.Before(h.Date) && !atWeekend(h.Date.Weekday()) {
				if skipped == nil {
					skipped = make([]Holiday, 0, 4) // Easter or Christmas to New Year
				}
				skipped = append(skipped, h)
			}
		}
	}
	return skipped
}

// Holidays returns the region's bank holidays in a year, sorted, on the days
// they are kept. Closure days are not among them.
func (c *Calendar) Holidays(year int) []Holiday {
	return slices.DeleteFunc(slices.Clone(c.year(year).holidays), func(h Holiday) bool { return h.Closure })
}

// NextOffice returns t where the office is open at t, and else the next instant
// at which it opens. It is open on working days from OfficeOpens up to, but not
// at, OfficeCloses.
func (c *Calendar) NextOffice(t time.Time) time.Time {
	d := c.DateOf(t)
	if c.IsWorkingDay(d) {
		if opens := c.At(d, c.settings.OfficeOpens); t.Before(opens) {
			return opens
		}
		if t.Before(c.At(d, c.settings.OfficeCloses)) {
			return t
		}
	}
	return c.At(c.NextWorkingDay(d), c.settings.OfficeOpens)
}

// BeyondHorizon reports whether d lies after the last day for which special bank
// holidays are known: a duty due then may fall due a day too early.
func (c *Calendar) BeyondHorizon(d Date) bool { return c.settings.KnownUntil.Before(d) }
