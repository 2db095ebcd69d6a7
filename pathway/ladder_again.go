package pathway

import "time"

// AgainRule says when an overdue duty is said again after its ladder's last rung, and
// to whom: first at the times of a list, and then every so many working days, until it
// is met.
type AgainRule struct {
	After []Offset // hours after the last rung's own instant, in order
	Every Offset   // then, in working days at the calendar's RemindAt; zero: not at all
	To    []Role
}

// repeats are the instants at which one duty is said again. However many there are,
// each is found by itself.
type repeats struct {
	rule *AgainRule
	cal  *Calendar
	send func(at time.Time) time.Time
	last time.Time // the last rung's own instant
	// Those of every so many working days are counted from the day of the last of the
	// list, or of the last rung where the list is empty.
	listed time.Time
}

// climbAgain adds to a climb what is said again. Of the times that were missed only the
// latest is taken: it says what the earlier ones would have.
func (l *Ladder) climbAgain(c *Climb, d *Duty, p Progress, cal *Calendar, now time.Time) {
	if len(l.Again.To) == 0 || len(l.Rungs) == 0 {
		return
	}
	last := l.Rungs[len(l.Rungs)-1].instant(d, cal)
	said := RungRule{Moment: Again, To: l.Again.To}
	s := repeats{rule: &l.Again, cal: cal, last: last, listed: last,
		send: func(at time.Time) time.Time { return l.sendAt(d, said, at, cal) }}
	if n := len(l.Again.After); n > 0 {
		s.listed = shift(last, l.Again.After[n-1], cal)
	}
	through := d.Resumed
	if p.Due.Equal(d.Due) && p.Through.After(through) {
		through = p.Through
	}
	if at := s.upTo(now); at.After(last) && s.send(at).After(through) {
		c.Missed = len(c.Merged)
		if c.Now != nil {
			c.Missed++
		}
		if first := s.after(through); first.Before(at) {
			c.Missed++
		}
		said.ByChoice = at.After(s.listed)
		c.take(&Rung{said, at, s.send(at)})
	}
	if now.After(through) {
		through = now
	}
	if next := s.after(through); !next.IsZero() {
		c.next(s.send(next))
	}
}

// upTo returns the last instant whose message goes at t or before; the zero time where
// there is none.
func (s *repeats) upTo(t time.Time) (at time.Time) {
	for _, o := range s.rule.After {
		if listed := shift(s.last, o, s.cal); !s.send(listed).After(t) {
			at = listed
		}
	}
	for n := s.daysTo(t); n > 0; n-- { // the last of them may wait for the office
		if daily := s.daily(n, t); daily.After(s.listed) && !s.send(daily).After(t) {
			return daily
		}
	}
	return at
}

// after returns the first instant whose message goes after t; the zero time where there
// is none.
func (s *repeats) after(t time.Time) time.Time {
	for _, o := range s.rule.After {
		if listed := shift(s.last, o, s.cal); s.send(listed).After(t) {
			return listed
		}
	}
	if s.rule.Every.N == 0 {
		return time.Time{}
	}
	for n := max(1, s.daysTo(t)-1); ; n++ {
		if daily := s.daily(n, t); daily.After(s.listed) && s.send(daily).After(t) {
			return daily
		}
	}
}

// daysTo is how many of the instants counted in working days lie on the day of t or
// before it.
func (s *repeats) daysTo(t time.Time) int {
	if s.rule.Every.N == 0 {
		return 0
	}
	return s.workingDays(t) / s.rule.Every.N
}

// workingDays is how many have passed by the end of the day of t.
func (s *repeats) workingDays(t time.Time) int {
	return s.cal.workingDaysSince(s.cal.DateOf(s.listed), s.cal.DateOf(t))
}

// daily is the nth of the instants that are counted in working days. It is looked for
// from t, so that a duty overdue for ever so long costs no more.
func (s *repeats) daily(n int, t time.Time) time.Time {
	day := s.cal.DateOf(t)
	if first := s.cal.DateOf(s.listed); day.Before(first) {
		day = first
	}
	ahead := n*s.rule.Every.N - s.workingDays(t)
	if ahead <= 0 {
		day, ahead = day.AddDays(1), ahead-1
	}
	return s.cal.At(s.cal.AddWorkingDays(day, ahead), s.cal.settings.RemindAt)
}
