package pathway

import (
	"maps"
	"slices"
	"time"
)

// reckoning is how a due time came about: enough to work it out again when one
// of its parts changes, and to say it in words.
type reckoning struct {
	rule    *DueRule
	kind    string    // kind of the opening event
	unborn  bool      // counts from the birth, and takes the opening event for it: it is not recorded
	anchor  time.Time // what the clock counts from
	day     Date      // the anchor's day; all there is of an expected date of delivery
	basic   time.Time // the due time by the pathway's own clock
	from    time.Time // windows: where they open
	capped  time.Time // FromSet with a cap: the latest that was possible
	sooner  time.Time // what somebody asked for; zero when nobody did
	every   Offset    // the case's own frequency, where it was asked for as one
	askedOn time.Time // when they asked
}

// reckon works out a clock for a duty that e opens. It is not ok when the date
// the clock counts from is not known.
func (d *derivation) reckon(rule *DueRule, e *Event) (reckoning, bool) {
	r := reckoning{rule: rule, kind: e.Kind, anchor: e.At}
	switch rule.Within.Anchor {
	case FromEDD:
		r.day = d.standing.EDD
	case FromBirth:
		r.day = d.birth
		if r.unborn = d.birth.IsZero() && d.birthNow; r.unborn {
			r.day = d.cal.DateOf(e.At)
		}
	case FromBooked:
		r.anchor, r.day = e.Booked, d.cal.DateOf(e.Booked)
		if e.Booked.IsZero() {
			return r, false
		}
	case FromSet:
		if e.Due.IsZero() {
			return r, false
		}
		r.day = d.cal.DateOf(e.Due)
	default:
		r.day = d.cal.DateOf(e.At)
	}
	if r.day.IsZero() {
		return r, false
	}
	r.count(d.cal)
	if d.usesFrequency(rule) && !d.standing.VisitEvery.IsZero() {
		r.ask(d.cal, d.standing.VisitEvery, time.Time{}, e.At)
	}
	return r, true
}

// count runs the pathway's own clock.
func (r *reckoning) count(cal *Calendar) {
	due := &r.rule.Within
	switch {
	case due.Anchor == FromSet:
		r.basic = cal.EndOf(r.day)
		if !due.Cap.IsZero() {
			if limit := cal.EndOf(cal.Add(cal.DateOf(r.anchor), due.Cap)); limit.Before(r.basic) {
				r.capped, r.basic = limit, limit
			}
		}
	case due.Offset.Unit == Hours:
		r.basic = r.anchor.Add(time.Duration(due.Offset.N) * time.Hour)
	default:
		r.basic = cal.EndOf(cal.Add(r.day, due.Offset))
	}
	if !due.From.IsZero() {
		r.from = cal.StartOf(cal.Add(r.day, due.From))
	}
}

// ask notes a date or a frequency that somebody asked for.
func (r *reckoning) ask(cal *Calendar, every Offset, date, on time.Time) {
	r.every, r.askedOn = every, on
	switch {
	case every.IsZero():
		r.sooner = cal.EndOf(cal.DateOf(date))
	case every.Unit == Hours:
		r.sooner = r.anchor.Add(time.Duration(every.N) * time.Hour)
	default:
		r.sooner = cal.EndOf(cal.Add(r.day, every))
	}
}

// due is the time that holds: an earlier one that somebody asked for, else the
// pathway's own.
func (r *reckoning) due() time.Time {
	if !r.sooner.IsZero() && r.sooner.Before(r.basic) {
		return r.sooner
	}
	return r.basic
}

// beyond reports whether somebody asked for a later time than the pathway allows.
func (r *reckoning) beyond() bool { return r.sooner.After(r.basic) || !r.capped.IsZero() }

func (d *derivation) usesFrequency(rule *DueRule) bool { return rule.Within.Every }

// setDue puts the reckoning's outcome on the duty.
func (d *derivation) setDue(duty *Duty) {
	duty.Due = duty.reckoning.due()
	duty.OpensFrom = duty.reckoning.from
	duty.LaterThan = duty.reckoning.beyond()
}

// adjust moves the due times of open duties that the event has a say in.
func (d *derivation) adjust(e *Event) {
	moves := e.Kind == KindEDDChanged || e.Kind == KindBorn || e.Kind == KindFrequencySet
	var places []int
	for i := range d.byRule {
		if of := &d.byRule[i]; len(of.open) > 0 && (moves || !e.Due.IsZero() && d.anyMatch(of.rule.Sooner, e)) {
			places = append(places, of.open...)
		}
	}
	slices.Sort(places)
	for _, place := range places {
		duty := &d.duties[place]
		r := &duty.reckoning
		switch {
		case e.Kind == KindEDDChanged && r.rule.Within.Anchor == FromEDD:
			r.day = d.standing.EDD
			r.count(d.cal)
		case e.Kind == KindBorn && r.rule.Within.Anchor == FromBirth:
			r.day, r.unborn = d.birth, false
			r.count(d.cal)
		case e.Kind == KindFrequencySet && d.usesFrequency(r.rule):
			if every, err := ParseOffset(e.Value); err == nil {
				r.ask(d.cal, every, time.Time{}, e.At)
			}
		case !e.Due.IsZero() && d.anyMatch(duty.rule.Sooner, e):
			r.ask(d.cal, Offset{}, e.Due, e.At)
		default:
			continue
		}
		before := duty.Due
		d.setDue(duty)
		duty.Set, duty.SetBy = e.Recorded, e.By
		moved := !duty.Due.Equal(before)
		if moved {
			duty.Moved = e.Recorded
		}
		if moved && duty.LateSince.IsZero() && e.At.After(before) {
			duty.LateSince = before
		}
		if moved || e.Kind == KindTimeframeSet {
			duty.Ladder = d.ladderFor(duty.rule, e)
		}
		d.flagBeyond(duty, e)
	}
}

// ladderFor is the ladder of a duty whose date the event sets: the rule's own, or that
// of near dates where a person set one.
func (d *derivation) ladderFor(rule *DutyRule, e *Event) string {
	if e.Kind != KindTimeframeSet || e.Due.IsZero() {
		return rule.Ladder
	}
	most := d.rules.Ladder(rule.Ladder)
	ladder := rule.Ladder
	for _, id := range slices.Sorted(maps.Keys(d.rules.Ladders)) {
		if l := d.rules.Ladders[id]; l.takesDate(d.cal, e) && (most == nil || l.Severity < most.Severity) {
			most, ladder = l, id
		}
	}
	return ladder
}

// flagBeyond points out that the event asked for a later time than is allowed.
// A duty that opens under a frequency set before is no news.
func (d *derivation) flagBeyond(duty *Duty, e *Event) {
	if !duty.LaterThan || e.Due.IsZero() && e.Kind != KindFrequencySet {
		return
	}
	d.flags = append(d.flags, Flag{
		ID: FlagLaterThanCap, Event: e.ID, Duty: duty.ID,
		Text:     duty.reckoning.beyondText(d.cal),
		NoReason: e.Reason == "",
	})
}
