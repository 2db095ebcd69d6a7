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

// sentence is a text in the making.
type sentence struct {
	strings.Builder
	cal *Calendar
}

func (s *sentence) say(words ...string) *sentence {
	for _, w := range words {
		s.WriteString(w)
	}
	return s
}

// day writes the day of t, with the year where due lies in another one.
func (s *sentence) day(t, due time.Time) *sentence {
	form := dayWords
	if t = t.In(s.cal.Location()); t.Year() != due.In(s.cal.Location()).Year() && due.Sub(t).Abs() > 300*24*time.Hour {
		form = dayYearWords
	}
	return s.time(t, form)
}

func (s *sentence) time(t time.Time, form string) *sentence {
	var room [32]byte
	s.Write(t.In(s.cal.Location()).AppendFormat(room[:0], form))
	return s
}

// Explain says in words why the duty is due when it is: the clock, what it
// counts from, the holidays it left out, the date somebody set. It knows only
// duties that Derive gave; for others it returns Why as it is.
func (d *Duty) Explain(cal *Calendar) string {
	r := &d.reckoning
	if r.rule == nil {
		return d.Why
	}
	s := &sentence{cal: cal}
	s.Grow(128)
	switch {
	case !r.sooner.IsZero() && r.sooner.Before(r.basic) && !r.every.IsZero():
		r.sayEvent(s.say("every ", r.every.String(), ", this case's own frequency, from "))
		r.saySkipped(s, d.Due)
		s.say("; the pathway asks for ", r.rule.Within.Text)
	case !r.sooner.IsZero() && r.sooner.Before(r.basic):
		r.sayClock(s.say("the date set on ").day(r.askedOn, d.Due).say(", which is sooner than "))
	default:
		r.sayClock(s)
		r.saySkipped(s, r.basic)
		r.sayClockChange(s)
		if r.beyond() {
			r.sayBeyond(s.say("; "))
		}
	}
	if moved := cal.MovedWhenLate(d.LateSince, d.Due, d.Moved); moved != "" {
		s.say("; ", moved)
	}
	if cal.BeyondHorizon(cal.DateOf(d.Due)) {
		s.say("; special bank holidays are not known that far ahead, so check this date")
	}
	return s.String()
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

// sayClock says the pathway's own clock and what it counts from.
func (r *reckoning) sayClock(s *sentence) {
	due := &r.rule.Within
	switch {
	case due.Anchor == FromSet:
		s.say("the date set on ").day(r.anchor, r.basic)
	case due.Anchor == FromEDD:
		r.sayAnchor(s.say(Offset{-due.Offset.N, due.Offset.Unit}.String(), " before the expected date of delivery, "))
	case due.Anchor == FromBooked:
		r.sayAnchor(s.say(Offset{-due.Offset.N, due.Offset.Unit}.String(), " before the date booked, "))
	case due.Anchor == FromBirth && !due.From.IsZero():
		r.sayWindow(s)
		if r.unborn {
			r.sayEvent(s)
			s.say(", as the birth is not recorded")
		} else {
			r.sayAnchor(s.say("the birth on "))
		}
	case due.Anchor == FromBirth:
		r.sayAnchor(s.say(due.Offset.String(), " of age, born on "))
	case due.Immediately:
		r.sayEvent(s.say("immediately, taken as ", due.Offset.String(), " from "))
	case !due.From.IsZero():
		r.sayWindow(s)
		r.sayEvent(s)
	case due.Offset.N == 0:
		r.sayEvent(s.say("the same day as "))
	default:
		r.sayEvent(s.say(due.Text, " from "))
	}
}

// sayWindow says how long a window is, and from when.
func (r *reckoning) sayWindow(s *sentence) {
	due := &r.rule.Within
	s.say("from ", due.From.String(), " (").day(r.from, r.basic).say(") within ", due.Offset.String(), " of ")
}

// sayEvent names the opening event and when it was: with its time of day where
// hours are counted.
func (r *reckoning) sayEvent(s *sentence) {
	s.say(opener(r.kind), " on ").day(r.anchor, r.basic)
	if r.rule.Within.Offset.Unit == Hours {
		s.say(" at ").time(r.anchor, timeWords)
	}
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

func (r *reckoning) sayAnchor(s *sentence) { s.day(s.cal.StartOf(r.day), r.basic) }

// saySkipped names the bank holidays and closure days that a count of working
// days left out.
func (r *reckoning) saySkipped(s *sentence, due time.Time) {
	offset := r.rule.Within.Offset
	if !r.every.IsZero() && !due.Equal(r.basic) {
		offset = r.every
	}
	if offset.Unit != WorkingDays {
		return
	}
	from, to := r.day, s.cal.DateOf(due)
	if to.Before(from) {
		from, to = to, from
	}
	var holidays, closures []Date
	for _, h := range s.cal.Skipped(from, to) {
		if h.Closure {
			closures = append(closures, h.Date)
		} else {
			holidays = append(holidays, h.Date)
		}
	}
	s.sayDays(holidays, "a bank holiday", "bank holidays")
	s.sayDays(closures, "a closure day", "closure days")
}

// sayDays writes "; 25 and 28 December and 1 January are bank holidays".
func (s *sentence) sayDays(days []Date, one, many string) {
	if len(days) == 0 {
		return
	}
	s.say("; ")
	for i, d := range days {
		switch {
		case i > 0 && i == len(days)-1:
			s.say(" and ")
		case i > 0:
			s.say(", ")
		}
		if i+1 < len(days) && days[i+1].Month == d.Month {
			s.say(d.utc().Format("2"))
		} else {
			s.say(d.utc().Format("2 January"))
		}
	}
	if len(days) == 1 {
		s.say(" is ", one)
	} else {
		s.say(" are ", many)
	}
}

// sayClockChange says why elapsed hours end at another time of day.
func (r *reckoning) sayClockChange(s *sentence) {
	if r.rule.Within.Offset.Unit != Hours {
		return
	}
	from, to := r.anchor, r.basic
	if to.Before(from) {
		from, to = to, from
	}
	_, before := from.In(s.cal.Location()).Zone()
	_, after := to.In(s.cal.Location()).Zone()
	if after < before {
		s.say("; the clocks go back in between")
	} else if after > before {
		s.say("; the clocks go forward in between")
	}
}

// sayBeyond says that somebody asked for a later time than the pathway allows.
func (r *reckoning) sayBeyond(s *sentence) {
	switch {
	case !r.capped.IsZero():
		r.sayAnchor(s.say("a later date was asked for, "))
		s.say("; the latest allowed is ", r.rule.Within.Cap.String())
	case !r.every.IsZero():
		s.say("a longer frequency was asked for, ", r.every.String(), "; the pathway's is the longest allowed")
	default:
		s.say("a later date was asked for, ").day(r.sooner, r.basic).say("; the pathway allows no later than this")
	}
}

func (r *reckoning) beyondText(cal *Calendar) string {
	s := &sentence{cal: cal}
	r.sayBeyond(s)
	return s.String()
}
