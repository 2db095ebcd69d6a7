package pathway

import (
	"strconv"
	"time"
)

// Ladder says who is told about a duty, and when.
type Ladder struct {
	ID    string
	Title string
	// OfficeHours: messages wait for office hours on working days.
	OfficeHours bool
	// EveryChannel: messages go by text and by email; otherwise by the channel
	// that the person chose.
	EveryChannel bool
	// Severity orders messages that wait together: 0 is the most serious.
	Severity int
	Rungs    []RungRule
	// Again is said of an overdue duty over and over after the last rung, until it is
	// met.
	Again AgainRule
	// DatesWithin puts a duty on this ladder when somebody sets a date for it that is no
	// further away, or no working day, until the date is moved again; zero: none.
	DatesWithin Offset
	// Rest is when nothing is sent of paperwork.
	Rest Rest
}

// Moment is what a rung's time is counted from.
type Moment string

const (
	AtStart   Moment = "start"
	AtSet     Moment = "set" // when somebody else set or moved the date
	BeforeDue Moment = "before"
	AtDue     Moment = "due"
	AfterDue  Moment = "after"
	Again     Moment = "again"
)

// RungRule is one step of a ladder, in order of seriousness.
type RungRule struct {
	Moment Moment
	Offset Offset // before and after: hours, or working days at the calendar's RemindAt
	To     []Role // Owner, Manager, ServiceManager, Chair
	// SkipRecorder leaves out whoever recorded the opening event, or set the date: they
	// know.
	SkipRecorder bool
	// ByChoice: by the channel that each person chose, whatever the ladder says.
	ByChoice bool
}

// Name is how a rung is known to other programs: start, before-3wd, due, after-4h.
func (r RungRule) Name() string {
	if r.Offset.IsZero() {
		return string(r.Moment)
	}
	unit := map[Unit]string{Hours: "h", Days: "d", WorkingDays: "wd", Weeks: "w", Months: "m"}[r.Offset.Unit]
	return string(r.Moment) + "-" + strconv.Itoa(r.Offset.N) + unit
}

// Instant reports whether a ladder can say the rung again and again of one due time:
// then it is known by its own instant.
func (r RungRule) Instant() bool { return r.Moment == AtSet || r.Moment == Again }

// isFirst reports whether a rung is the one that tells those whom a duty names besides
// the ladder's own: the start, or on a ladder without one its first.
func (l *Ladder) isFirst(r RungRule) bool {
	for _, first := range l.Rungs {
		if first.Moment != AtSet {
			return first.Name() == r.Name()
		}
	}
	return false
}

// Rung is one step of a ladder for one duty.
type Rung struct {
	RungRule
	At   time.Time // the instant the ladder gives
	Send time.Time // At, or when the office next opens where the ladder waits for it
}

// Steps returns the steps of the ladder for the duty, in order of seriousness,
// without "before" steps that would fall at or before the duty's opening or
// before its due time was last changed. What is said again and again is not among them.
func (l *Ladder) Steps(d *Duty, cal *Calendar) []Rung {
	rungs := make([]Rung, 0, len(l.Rungs))
	for _, rule := range l.Rungs {
		at := rule.instant(d, cal)
		if at.IsZero() {
			continue
		}
		send := l.sendAt(d, rule, at, cal)
		if rule.Moment == BeforeDue && (!send.After(d.Opened) || !send.After(d.Moved)) {
			continue
		}
		rungs = append(rungs, Rung{rule, at, send})
	}
	return rungs
}

func (r RungRule) instant(d *Duty, cal *Calendar) time.Time {
	switch r.Moment {
	case AtStart:
		return d.Opened
	case AtSet:
		return d.Set
	case BeforeDue:
		return shift(d.Due, Offset{-r.Offset.N, r.Offset.Unit}, cal)
	case AfterDue:
		return shift(d.Due, r.Offset, cal)
	}
	return d.Due
}

// shift moves an instant by elapsed hours, or to RemindAt on the day so many
// days away.
func shift(t time.Time, o Offset, cal *Calendar) time.Time {
	if o.Unit == Hours {
		return t.Add(time.Duration(o.N) * time.Hour)
	}
	return cal.At(cal.Add(cal.DateOf(t), o), cal.settings.RemindAt)
}

// Progress is how far up its ladder a duty has come. The zero Progress has
// handled nothing.
type Progress struct {
	Due     time.Time // the due time the duty had when it was last looked at
	Through time.Time // rungs whose Send is at or before this are handled
	Set     time.Time // settings of its date that were made at or before this are handled
}

// has reports whether a rung of the duty is handled.
func (p Progress) has(d *Duty, r *Rung) bool {
	if r.Moment == AtSet {
		return !d.Set.After(p.Set)
	}
	return !p.Through.IsZero() && !r.Send.After(p.Through) && (r.Moment == AtStart || p.Due.Equal(d.Due))
}

// Climb is what a scan at now makes of a duty and its ladder.
type Climb struct {
	// Now is the step to take now: the most serious of those whose time has
	// come. Nil when there is none.
	Now *Rung
	// Merged are less serious steps whose time has come too and which Now stands
	// for: after an outage a duty sends one message, not one for each rung.
	Merged []Rung
	// Missed is how many steps Now stands for: those of Merged, and one for all
	// earlier times at which Now was to be said.
	Missed int
	// Next is when the duty wants to be looked at again; zero: never.
	Next time.Time
}

// Climb decides which step of the ladder to take at now. It is a pure function
// of its arguments. A duty whose due time has changed since it was last looked
// at climbs anew to the new due time; its start is not said twice.
func (l *Ladder) Climb(d *Duty, p Progress, cal *Calendar, now time.Time) Climb {
	var climb Climb
	if begins := l.begins(d, p, cal); begins.After(now) {
		climb.Next = begins
		return climb
	}
	rungs := l.Steps(d, cal)
	for i := range rungs {
		r := &rungs[i]
		switch {
		case p.has(d, r):
		case r.Send.After(now):
			climb.next(r.Send)
		default:
			climb.take(r)
		}
	}
	climb.Missed = len(climb.Merged)
	if !d.TakenOver {
		l.climbAgain(&climb, d, p, cal, now)
	}
	return climb
}

// begins is when a duty of which nothing has been said is said first: no other step goes
// before a ladder's start. The zero time where it has begun, or has no start.
func (l *Ladder) begins(d *Duty, p Progress, cal *Calendar) time.Time {
	if len(l.Rungs) == 0 || l.Rungs[0].Moment != AtStart || d.Due.Before(d.Opened) {
		return time.Time{}
	}
	start := Rung{l.Rungs[0], d.Opened, l.sendAt(d, l.Rungs[0], d.Opened, cal)}
	if p.has(d, &start) {
		return time.Time{}
	}
	return start.Send
}

// take takes a step that is more serious than those before.
func (c *Climb) take(r *Rung) {
	if c.Now != nil {
		c.Merged = append(c.Merged, *c.Now)
	}
	c.Now = r
}

func (c *Climb) next(at time.Time) {
	if c.Next.IsZero() || at.Before(c.Next) {
		c.Next = at
	}
}
