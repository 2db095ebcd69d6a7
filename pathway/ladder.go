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
}

// Moment is what a rung's time is counted from.
type Moment string

const (
	AtStart   Moment = "start"
	BeforeDue Moment = "before"
	AtDue     Moment = "due"
	AfterDue  Moment = "after"
)

// RungRule is one step of a ladder, in order of seriousness.
type RungRule struct {
	Moment Moment
	Offset Offset // before and after: hours, or working days at the calendar's RemindAt
	To     []Role // Owner, Manager, ServiceManager, Chair
	// SkipRecorder leaves out whoever recorded the opening event: they know.
	SkipRecorder bool
}

// Name is how a rung is known to other programs: start, before-3wd, due, after-4h.
func (r RungRule) Name() string {
	if r.Offset.IsZero() {
		return string(r.Moment)
	}
	unit := map[Unit]string{Hours: "h", Days: "d", WorkingDays: "wd", Weeks: "w", Months: "m"}[r.Offset.Unit]
	return string(r.Moment) + "-" + strconv.Itoa(r.Offset.N) + unit
}

// isFirst reports whether a rung is the one that tells those whom a duty names besides
// the ladder's own: the start, or on a ladder without one its first.
func (l *Ladder) isFirst(r RungRule) bool {
	return r.Moment == AtStart || len(l.Rungs) > 0 && l.Rungs[0].Moment != AtStart && l.Rungs[0].Name() == r.Name()
}

// Rung is one step of a ladder for one duty.
type Rung struct {
	RungRule
	At   time.Time // the instant the ladder gives
	Send time.Time // At, or when the office next opens where the ladder waits for it
}

// Steps returns the steps of the ladder for the duty, in order of seriousness,
// without "before" steps that would fall at or before the duty's opening or
// before its due time was last changed.
func (l *Ladder) Steps(d *Duty, cal *Calendar) []Rung {
	rungs := make([]Rung, 0, len(l.Rungs))
	for _, rule := range l.Rungs {
		at := rule.instant(d, cal)
		if rule.Moment == BeforeDue && (!at.After(d.Opened) || !at.After(d.Moved)) {
			continue
		}
		send := at
		if l.OfficeHours {
			send = cal.NextOffice(at)
		}
		rungs = append(rungs, Rung{rule, at, send})
	}
	return rungs
}

func (r RungRule) instant(d *Duty, cal *Calendar) time.Time {
	switch r.Moment {
	case AtStart:
		return d.Opened
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
}

// Climb is what a scan at now makes of a duty and its ladder.
type Climb struct {
	// Now is the step to take now: the most serious of those whose time has
	// come. Nil when there is none.
	Now *Rung
	// Merged are less serious steps whose time has come too and which Now stands
	// for: after an outage a duty sends one message, not one for each rung.
	Merged []Rung
	// Next is when the duty wants to be looked at again; zero: never.
	Next time.Time
}

// Climb decides which step of the ladder to take at now. It is a pure function
// of its arguments. A duty whose due time has changed since it was last looked
// at climbs anew to the new due time; its start is not said twice.
func (l *Ladder) Climb(d *Duty, p Progress, cal *Calendar, now time.Time) Climb {
	var climb Climb
	rungs := l.Steps(d, cal)
	for i := range rungs {
		r := &rungs[i]
		handled := !p.Through.IsZero() && !r.Send.After(p.Through) &&
			(r.Moment == AtStart || p.Due.Equal(d.Due))
		switch {
		case handled:
		case r.Send.After(now):
			if climb.Next.IsZero() || r.Send.Before(climb.Next) {
				climb.Next = r.Send
			}
		case climb.Now == nil:
			climb.Now = r
		default:
			climb.Merged = append(climb.Merged, *climb.Now)
			climb.Now = r
		}
	}
	return climb
}
