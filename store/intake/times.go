package intake

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// moment is a time as somebody wrote it: what the calendar and the clock on the
// wall show, or an instant where the zone is given.
type moment struct {
	wall     int64 // seconds since 1970, were the wall clock in UTC
	nano     int64
	offset   int64 // seconds east of UTC, where zoned
	zoned    bool
	dateOnly bool
}

var errNoTime = errors.New("is not a date")

// ParseTime reads a time as the files write it; a date is the beginning of its day.
func ParseTime(s string, location *time.Location) (time.Time, error) {
	t, _, err := ParseDayOrTime(s, location)
	return t, err
}

// ParseDayOrTime is ParseTime that says whether a date without a time was given.
func ParseDayOrTime(s string, location *time.Location) (t time.Time, isDay bool, err error) {
	m, err := parseMoment(strings.TrimSpace(s))
	switch {
	case err != nil:
		return t, false, fmt.Errorf("%q is not a time: write 2026-12-24, \"2026-12-24 16:00\" or 2026-12-24T16:00:00Z", s)
	case !m.plausible():
		return t, false, fmt.Errorf("%q %s", s, implausible())
	}
	return newZone(location).instant(m), m.dateOnly, nil
}

// parseMoment reads 2026-12-24, 2026-12-24 16:00[:05[.5]] (or with a T), and
// RFC 3339.
func parseMoment(s string) (moment, error) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return moment{}, errNoTime
	}
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return moment{}, errNoTime
	}
	m := moment{wall: daysSince1970(year, month, day) * 86400}
	rest := s[10:]
	if rest == "" {
		m.dateOnly = true
		return m, nil
	}
	if len(rest) < 6 || rest[0] != ' ' && rest[0] != 'T' && rest[0] != 't' || rest[3] != ':' {
		return moment{}, errNoTime
	}
	hour, ok1 := digits(rest[1:3])
	minute, ok2 := digits(rest[4:6])
	second := 0
	rest = rest[6:]
	if ok1 && ok2 && len(rest) >= 3 && rest[0] == ':' {
		second, ok3 = digits(rest[1:3])
		rest = rest[3:]
		if len(rest) > 1 && rest[0] == '.' {
			rest, m.nano = fraction(rest[1:])
			m.nano -= m.nano % int64(time.Millisecond) // as exact as it is kept
		}
	}
	if !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 59 {
		return moment{}, errNoTime
	}
	m.wall += int64(hour*3600 + minute*60 + second)
	return m, m.zone(rest)
}

// zone reads what may stand behind a time: Z or +01:00.
func (m *moment) zone(s string) error {
	switch {
	case s == "":
		return nil
	case s == "Z" || s == "z":
		m.zoned = true
		return nil
	case len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':':
		return errNoTime
	}
	hour, ok1 := digits(s[1:3])
	minute, ok2 := digits(s[4:6])
	if !ok1 || !ok2 || hour > 23 || minute > 59 {
		return errNoTime
	}
	m.offset, m.zoned = int64(hour*3600+minute*60), true
	if s[0] == '-' {
		m.offset = -m.offset
	}
	return nil
}

// fraction reads the digits behind a second's point as nanoseconds.
func fraction(s string) (rest string, nano int64) {
	unit := int64(100_000_000)
	for s != "" && s[0] >= '0' && s[0] <= '9' {
		nano += int64(s[0]-'0') * unit
		unit /= 10
		s = s[1:]
	}
	return s, nano
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSince1970 counts days in the Gregorian calendar, in eras of 400 years that
// begin in March so that the leap day comes last.
func daysSince1970(year, month, day int) int64 {
	if month <= 2 {
		year--
	}
	era := year / 400
	ofEra := year - era*400
	ofYear := (153*((month+9)%12)+2)/5 + day - 1
	return int64(era*146097+ofEra*365+ofEra/4-ofEra/100+ofYear) - 719468
}

// momentOf is a time read by the layout of a mapping.
func momentOf(t time.Time, dateOnly bool) moment {
	_, offset := t.Zone()
	return moment{wall: t.Unix() + int64(offset), nano: int64(t.Nanosecond()), dateOnly: dateOnly}
}

func (m moment) date() pathway.Date {
	t := time.Unix(m.wall, 0).UTC()
	return pathway.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
}

// zone turns readings of the wall clock into instants.
type zone struct{ spans []span }

// span is a stretch of time in which a zone's clocks are not changed.
type span struct {
	from, until int64 // readings of the wall clock, as moment.wall
	offset      int64
}

func newZone(location *time.Location) *zone {
	z := &zone{}
	end := time.Date(pathway.LastYear+2, 1, 1, 0, 0, 0, 0, time.UTC)
	for t := time.Date(pathway.FirstYear-1, 1, 1, 0, 0, 0, 0, time.UTC); t.Before(end); {
		_, offset := t.In(location).Zone()
		_, until := t.In(location).ZoneBounds()
		switch {
		case until.IsZero() || until.After(end):
			until = end
		case !until.After(t):
			// Beyond the time zone database's tables ZoneBounds takes every year
			// to have 365 days, and ends the 31st of December of a leap year
			// before it begins.
			until = t.AddDate(0, 0, 1)
		}
		z.spans = append(z.spans, span{t.Unix() + int64(offset), until.Unix() + int64(offset), int64(offset)})
		t = until
	}
	return z
}

// instant returns when the wall clock shows the reading. A time that the clocks
// show twice in autumn is the first of the two, so that no due time comes later
// than it should. One that they skip in spring is read as if they had not been
// put forward: 01:30 that night is 02:30.
func (z *zone) instant(m moment) time.Time {
	if m.zoned {
		return time.Unix(m.wall-m.offset, m.nano).UTC()
	}
	i := z.spanOf(m)
	if m.wall < z.spans[i].from && i > 0 {
		i--
	}
	return time.Unix(m.wall-z.spans[i].offset, m.nano).UTC()
}

// spanOf returns the first stretch of time that ends behind a reading.
func (z *zone) spanOf(m moment) int {
	i := sort.Search(len(z.spans), func(i int) bool { return m.wall < z.spans[i].until })
	return min(i, len(z.spans)-1)
}

// doubt is what a change of the clocks makes of a reading.
func (z *zone) doubt(m moment) pathway.ClockDoubt {
	if m.zoned {
		return pathway.NoDoubt
	}
	i := z.spanOf(m)
	switch {
	case m.wall < z.spans[i].from && i > 0:
		return pathway.Skipped
	case i+1 < len(z.spans) && m.wall >= z.spans[i+1].from:
		return pathway.ShownTwice
	}
	return pathway.NoDoubt
}

// reading returns what the wall clock shows at an instant.
func (z *zone) reading(t time.Time) moment {
	at := t.Unix()
	i := sort.Search(len(z.spans), func(i int) bool { return at < z.spans[i].until-z.spans[i].offset })
	return moment{wall: at + z.spans[min(i, len(z.spans)-1)].offset}
}

// implausible says why such a moment is refused.
func implausible() string {
	return fmt.Sprintf("is not a date in the years %d to %d: is it a typing error?", pathway.FirstYear, pathway.LastYear)
}

// plausible reports whether a moment lies in the years that are believed.
func (m moment) plausible() bool {
	return m.wall >= firstSecond && m.wall < lastSecond
}

var (
	firstSecond = daysSince1970(pathway.FirstYear, 1, 1) * 86400
	lastSecond  = daysSince1970(pathway.LastYear+1, 1, 1) * 86400
)
