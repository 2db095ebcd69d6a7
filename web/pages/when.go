package pages

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Days and times are typed as people write them: today, 4/12, 4 Dec, 14:10, 2.10pm.

var (
	dayFigures = regexp.MustCompile(`^(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?$`)
	dayWords   = regexp.MustCompile(`^(?:[a-z]+,? )?(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})(?: (\d{4}))?$`)
	dayISO     = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})$`)
	clockWords = regexp.MustCompile(`^(\d{1,2})(?:[:.h]?(\d{2}))? ?(am|pm)?$`)
)

// slip is how far on the other side of now a day without a year can lie: what is wrong with
// it is then for whoever reads it to say, and it is not silently taken for another year's.
const slip = 60

// parseDay reads a day. One without a year is the nearest that has been, or with ahead
// the nearest to come, unless it lies within a slip of now on the other side.
func parseDay(text string, now time.Time, ahead bool) (pathway.Date, bool) {
	text = strings.ToLower(strings.Join(strings.Fields(text), " "))
	year, month, day := now.Date()
	today := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	at := func(t time.Time) pathway.Date { return pathway.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()} }
	switch text {
	case "today":
		return at(today), true
	case "yesterday":
		return at(today.AddDate(0, 0, -1)), true
	case "tomorrow":
		return at(today.AddDate(0, 0, 1)), true
	}
	if m := dayISO.FindStringSubmatch(text); m != nil {
		return validDay(number(m[1]), number(m[2]), number(m[3]))
	}
	var d, mon int
	var y string
	if m := dayFigures.FindStringSubmatch(text); m != nil {
		d, mon, y = number(m[1]), number(m[2]), m[3]
	} else if m := dayWords.FindStringSubmatch(text); m != nil {
		d, mon, y = number(m[1]), monthOf(m[2]), m[3]
	} else {
		return pathway.Date{}, false
	}
	if y != "" {
		if len(y) == 2 {
			y = "20" + y
		}
		return validDay(number(y), mon, d)
	}
	first, last := today.AddDate(-1, 0, slip+1), today.AddDate(0, 0, slip)
	if ahead {
		first, last = today.AddDate(0, 0, -slip), today.AddDate(1, 0, -slip-1)
	}
	for year := first.Year(); year <= last.Year(); year++ {
		date, ok := validDay(year, mon, d)
		if is := time.Date(year, time.Month(mon), d, 0, 0, 0, 0, time.UTC); ok && !is.Before(first) && !is.After(last) {
			return date, true
		}
	}
	return pathway.Date{}, false
}

func validDay(year, month, day int) (pathway.Date, bool) {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	ok := month >= 1 && month <= 12 && t.Day() == day && t.Month() == time.Month(month)
	return pathway.Date{Year: year, Month: time.Month(month), Day: day}, ok
}

func monthOf(word string) int {
	for m := time.January; m <= time.December; m++ {
		if name := strings.ToLower(m.String()); name == word || name[:3] == word || word == "sept" && m == time.September {
			return int(m)
		}
	}
	return 0
}

// parseClock reads a time of day.
func parseClock(text string) (hour, minute int, ok bool) {
	m := clockWords.FindStringSubmatch(strings.ToLower(strings.TrimSpace(text)))
	if m == nil || m[2] == "" && m[3] == "" {
		return 0, 0, false
	}
	hour, minute = number(m[1]), number(m[2])
	switch m[3] {
	case "am", "pm":
		if hour < 1 || hour > 12 {
			return 0, 0, false
		}
		hour %= 12
		if m[3] == "pm" {
			hour += 12
		}
	}
	return hour, minute, hour < 24 && minute < 60
}

func number(figures string) int {
	n, _ := strconv.Atoi(figures) // figures alone, as the pattern found them
	return n
}

// instant is a time of day on a day, in the organisation's time zone.
func (v *visit) instant(d pathway.Date, hour, minute int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, v.Rules.Calendar.Location())
}

func (v *visit) local() time.Time { return v.now.In(v.Rules.Calendar.Location()) }
