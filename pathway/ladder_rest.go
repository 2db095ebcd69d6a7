package pathway

import "time"

// Rest is a part of the night, from one time on the organisation's clocks to another.
// The zero Rest is none.
type Rest struct{ From, Until ClockTime }

// putForwardFor is for how long a warning that was put forward to the evening may go:
// later it would break the night's rest.
const putForwardFor = 30 * time.Minute

// around returns when the rest that t lies in began and ends; zero times where t lies in
// none. Its beginning belongs to it, its end does not.
func (r Rest) around(t time.Time, cal *Calendar) (from, until time.Time) {
	if r == (Rest{}) {
		return from, until
	}
	day := cal.DateOf(t)
	for _, evening := range []Date{day.AddDays(-1), day} {
		morning := evening
		if r.Until <= r.From {
			morning = evening.AddDays(1)
		}
		from, until = cal.At(evening, r.From), cal.At(morning, r.Until)
		if !t.Before(from) && t.Before(until) {
			return from, until
		}
	}
	return time.Time{}, time.Time{}
}

// sendAt is when the message of a rung goes whose own instant is at: in office hours
// where the ladder waits for them, and of paperwork not at night. A warning of what falls
// due before the morning is of no use then: it goes the evening before.
func (l *Ladder) sendAt(d *Duty, rule RungRule, at time.Time, cal *Calendar) time.Time {
	if l.OfficeHours {
		return cal.NextOffice(at)
	}
	if !d.Paperwork {
		return at
	}
	from, until := l.Rest.around(at, cal)
	switch {
	case until.IsZero():
		return at
	case rule.Moment == BeforeDue && !d.Due.After(until):
		return from
	}
	return until
}

// MayGo is the first instant from now on at which a message about the duty may go: now,
// or when the office opens, or when the night is over.
func (l *Ladder) MayGo(d *Duty, cal *Calendar, now time.Time) time.Time {
	if l.OfficeHours {
		return cal.NextOffice(now)
	}
	if d.Paperwork {
		if _, until := l.Rest.around(now, cal); !until.IsZero() {
			return until
		}
	}
	return now
}

// PutForward reports whether now is the evening to which a warning of paperwork was put
// forward that falls due before the morning.
func (l *Ladder) PutForward(d *Duty, cal *Calendar, now time.Time) bool {
	from, until := l.Rest.around(now, cal)
	return d.Paperwork && !l.OfficeHours && !until.IsZero() && !d.Due.After(until) && now.Before(from.Add(putForwardFor))
}

// takesDate reports whether the date that an event sets is so near that its duty goes by
// this ladder, or is one on which nobody is at work.
func (l *Ladder) takesDate(cal *Calendar, e *Event) bool {
	if l.DatesWithin.IsZero() {
		return false
	}
	day := cal.DateOf(e.Due)
	return !cal.IsWorkingDay(day) || !cal.Add(cal.DateOf(e.At), l.DatesWithin).Before(day)
}
