package notify

import "time"

// moment is a time as the wording files see it: on the clock of the
// organisation, and beside the now of the message. The zero moment is no time.
//
// Pages see it as Moment.
type moment struct {
	Set       bool
	Clock     string // 17:00
	Date      string // Wed 2 September, with the year when it is not this year
	ShortDate string // Wed 2 Sep, for subjects and texts
	Today     bool   // counted in local days from the message's now
	Tomorrow  bool
	Yesterday bool
	Ago       span   // how long it has passed
	ISO       string // for programs
}

// span is a length of time as people say it: calendar days from 24 hours on,
// then hours, then minutes. One of its fields is set.
type span struct{ Days, Hours, Minutes int }

// Moment is a time as people are told it, wherever that is.
type Moment = moment

func (c *Composer) moment(t, now time.Time) moment { return MomentOf(t, now, c.settings.Location) }

// MomentOf returns a time as people are told it at now.
func MomentOf(t, now time.Time, zone *time.Location) Moment {
	if t.IsZero() {
		return moment{}
	}
	t, now = t.In(zone), now.In(zone)
	year := ""
	if t.Year() != now.Year() {
		year = " 2006"
	}
	daysAgo := daysBetween(t, now)
	return moment{
		Set:       true,
		Clock:     t.Format("15:04"),
		Date:      t.Format("Mon 2 January" + year),
		ShortDate: t.Format("Mon 2 Jan" + year),
		Today:     daysAgo == 0,
		Tomorrow:  daysAgo == -1,
		Yesterday: daysAgo == 1,
		Ago:       spanBetween(t, now, daysAgo),
		ISO:       t.Format(time.RFC3339),
	}
}

func spanBetween(t, now time.Time, daysAgo int) span {
	switch passed := now.Sub(t); {
	case passed >= 24*time.Hour:
		return span{Days: daysAgo}
	case passed >= time.Hour:
		return span{Hours: int(passed / time.Hour)}
	default:
		return span{Minutes: max(1, int(passed/time.Minute))}
	}
}

// daysBetween counts local calendar days, whatever the clocks do meanwhile.
func daysBetween(t, now time.Time) int {
	day := func(t time.Time) time.Time {
		year, month, day := t.Date()
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return int(day(now).Sub(day(t)) / (24 * time.Hour))
}
