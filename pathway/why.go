package pathway

import (
	"strings"
	"time"
)

const (
	dayWords     = "Mon 2 January"
	dayYearWords = "Mon 2 January 2006"
	timeWords    = "15:04"
)

// Explain says in words why the duty is due when it is: the clock, what it
// counts from, the holidays it left out, the date somebody set. It knows only
// duties that Derive gave; for others it returns Why as it is.
func (d *Duty) Explain(cal *Calendar) string {
	r := &d.reckoning
	if r.rule == nil {
		return d.Why
	}
	var b strings.Builder
	switch {
	case !r.sooner.IsZero() && r.sooner.Before(r.basic) && !r.every.IsZero():
		b.WriteString("every " + r.every.String() + ", this case's own frequency, from " + r.fromEvent(cal))
		r.writeSkipped(&b, cal, d.Due)
		b.WriteString("; the pathway asks for " + r.rule.Within.Text)
	case !r.sooner.IsZero() && r.sooner.Before(r.basic):
		b.WriteString("the date set on " + dayIn(cal, r.askedOn, d.Due) + ", which is sooner than " + r.clock(cal))
	default:
		b.WriteString(r.clock(cal))
		r.writeSkipped(&b, cal, r.basic)
		r.writeClockChange(&b, cal)
		if r.beyond() {
			b.WriteString("; " + r.beyondText(cal))
		}
	}
	if moved := cal.MovedWhenLate(d.LateSince, d.Due, d.Moved); moved != "" {
		b.WriteString("; " + moved)
	}
	if cal.BeyondHorizon(cal.DateOf(d.Due)) {
		b.WriteString("; special bank holidays are not known that far ahead, so check this date")
	}
	return b.String()
}

// MovedWhenLate says of a duty that was moved when it was overdue when it had been due,
// to when it was moved and on which day: "due Thu 19, moved to Tue 24 on Fri 20". Empty
// where was, the due time that had passed, is the zero time; so is a day not known.
func (c *Calendar) MovedWhenLate(was, due, moved time.Time) string {
	if was.IsZero() {
		return ""
	}
	form := "Mon 2"
	if days := []Date{c.DateOf(was), c.DateOf(due), c.DateOf(moved)}; days[0].Month != days[1].Month || days[1].Month != days[2].Month || days[0].Year != days[1].Year {
		form = "Mon 2 Jan"
	}
	day := func(t time.Time) string { return t.In(c.Location()).Format(form) }
	words := "due " + day(was) + ", moved to " + day(due)
	if !moved.IsZero() {
		words += " on " + day(moved)
	}
	return words
}

// clock says the pathway's own clock and what it counts from.
func (r *reckoning) clock(cal *Calendar) string {
	due := &r.rule.Within
	switch {
	case due.Anchor == FromSet:
		return "the date set on " + dayIn(cal, r.anchor, r.basic)
	case due.Anchor == FromEDD:
		return Offset{-due.Offset.N, due.Offset.Unit}.String() + " before the expected date of delivery, " + r.dayAnchor(cal)
	case due.Anchor == FromBooked:
		return Offset{-due.Offset.N, due.Offset.Unit}.String() + " before the date booked, " + r.dayAnchor(cal)
	case due.Anchor == FromBirth && !due.From.IsZero():
		words := "from " + due.From.String() + " (" + dayIn(cal, r.from, r.basic) + ") within " + due.Offset.String() + " of "
		if r.unborn {
			return words + r.fromEvent(cal) + ", as the birth is not recorded"
		}
		return words + "the birth on " + r.dayAnchor(cal)
	case due.Anchor == FromBirth:
		return due.Offset.String() + " of age, born on " + r.dayAnchor(cal)
	case due.Immediately:
		return "immediately, taken as " + due.Offset.String() + " from " + r.fromEvent(cal)
	case !due.From.IsZero():
		return "from " + due.From.String() + " (" + dayIn(cal, r.from, r.basic) + ") within " + due.Offset.String() + " of " + r.fromEvent(cal)
	}
	words := due.Text
	if due.Offset.N == 0 {
		return "the same day as " + r.fromEvent(cal)
	}
	return words + " from " + r.fromEvent(cal)
}

// fromEvent names the opening event and when it was: with its time of day where
// hours are counted.
func (r *reckoning) fromEvent(cal *Calendar) string {
	words := opener(r.kind) + " on " + dayIn(cal, r.anchor, r.basic)
	if r.rule.Within.Offset.Unit == Hours {
		words += " at " + r.anchor.In(cal.Location()).Format(timeWords)
	}
	return words
}

// opener names an opening event as people speak of it.
func opener(kind string) string {
	switch {
	case kind == caseOpened:
		return "the case opening"
	case kind == KindReopened:
		return "the case reopening"
	case kind == bookedTime:
		return "the time booked for the visit"
	case kind == fellSilent:
		return "the case falling silent"
	case Unsuccessful(kind):
		return "the unsuccessful visit"
	case kind == KindSeen:
		return "the last visit at which they were seen"
	case kind == KindVulnerabilityAnswered:
		return "the answer on vulnerabilities"
	case kind == KindDeclined:
		return "the family declining"
	case kind == KindReferralDecided:
		return "the decision to refer"
	case kind == KindReviewConsidered:
		return "what the manager considered"
	case kind == KindFrequencySet:
		return "the setting of the frequency"
	case kind == KindSupervision:
		return "the supervision"
	case kind == KindPathwayChanged:
		return "the move to another pathway"
	case kind == KindNonEngagement:
		return "the family not engaging"
	case kind == KindRelationshipBreakdown:
		return "the breakdown in the relationship"
	}
	return "the event “" + strings.ReplaceAll(kind, "-", " ") + "”"
}

// dayIn writes the day of t, with the year where due lies in another one.
func dayIn(cal *Calendar, t, due time.Time) string {
	t = t.In(cal.Location())
	if t.Year() != due.In(cal.Location()).Year() && due.Sub(t).Abs() > 300*24*time.Hour {
		return t.Format(dayYearWords)
	}
	return t.Format(dayWords)
}

func (r *reckoning) dayAnchor(cal *Calendar) string {
	return dayIn(cal, cal.StartOf(r.day), r.basic)
}

// writeSkipped names the bank holidays and closure days that a count of working
// days left out.
func (r *reckoning) writeSkipped(b *strings.Builder, cal *Calendar, due time.Time) {
	offset := r.rule.Within.Offset
	if !r.every.IsZero() && !due.Equal(r.basic) {
		offset = r.every
	}
	if offset.Unit != WorkingDays {
		return
	}
	from, to := r.day, cal.DateOf(due)
	if to.Before(from) {
		from, to = to, from
	}
	var holidays, closures []Date
	for _, h := range cal.Skipped(from, to) {
		if h.Closure {
			closures = append(closures, h.Date)
		} else {
			holidays = append(holidays, h.Date)
		}
	}
	writeDays(b, holidays, "a bank holiday", "bank holidays")
	writeDays(b, closures, "a closure day", "closure days")
}

// writeDays writes "; 25 and 28 December and 1 January are bank holidays".
func writeDays(b *strings.Builder, days []Date, one, many string) {
	if len(days) == 0 {
		return
	}
	b.WriteString("; ")
	for i, d := range days {
		switch {
		case i > 0 && i == len(days)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		if i+1 < len(days) && days[i+1].Month == d.Month {
			b.WriteString(d.utc().Format("2"))
		} else {
			b.WriteString(d.utc().Format("2 January"))
		}
	}
	if len(days) == 1 {
		b.WriteString(" is " + one)
	} else {
		b.WriteString(" are " + many)
	}
}

// writeClockChange says why elapsed hours end at another time of day.
func (r *reckoning) writeClockChange(b *strings.Builder, cal *Calendar) {
	if r.rule.Within.Offset.Unit != Hours {
		return
	}
	from, to := r.anchor, r.basic
	if to.Before(from) {
		from, to = to, from
	}
	_, before := from.In(cal.Location()).Zone()
	_, after := to.In(cal.Location()).Zone()
	if after < before {
		b.WriteString("; the clocks go back in between")
	} else if after > before {
		b.WriteString("; the clocks go forward in between")
	}
}

// beyondText says that somebody asked for a later time than the pathway allows.
func (r *reckoning) beyondText(cal *Calendar) string {
	if !r.capped.IsZero() {
		return "a later date was asked for, " + r.dayAnchor(cal) + "; the latest allowed is " + r.rule.Within.Cap.String()
	}
	if !r.every.IsZero() {
		return "a longer frequency was asked for, " + r.every.String() + "; the pathway's is the longest allowed"
	}
	return "a later date was asked for, " + dayIn(cal, r.sooner, r.basic) + "; the pathway allows no later than this"
}
