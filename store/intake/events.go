package intake

import (
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// event reads a row of events.
func (p *parser) event() pathway.Event {
	e := pathway.Event{
		ID:     p.text(eventID),
		Case:   p.needed(eventCase),
		Kind:   p.word(eventKind, p.kinds),
		By:     p.text(eventBy),
		Value:  p.text(eventValue),
		Due:    p.planned(eventDue),
		Booked: p.planned(eventBooked),
		Reason: p.long(eventReason),
	}
	var ok bool
	if e.At, ok = p.past(eventAt); !ok && !p.bad {
		p.fault(eventAt, "is empty: say when it happened")
	}
	if e.Kind == "" && !p.bad {
		p.fault(eventKind, "is empty: say what happened")
	}
	if p.bad {
		return e // what depends on the kind would only repeat it
	}
	e.Recorded = p.recorded(e.At)
	p.details(&e)
	if e.ID == "" {
		e.ID = naturalID(&e)
	}
	return e
}

// recorded reads when the event was entered; zero leaves it to the sink. Many
// systems give the day only, or a clock that is a little slow: an entry on the
// day of the event is taken to follow it.
func (p *parser) recorded(at time.Time) time.Time {
	recorded, ok := p.past(eventRecorded)
	if !ok || !recorded.Before(at) {
		return recorded
	}
	if p.zone.reading(recorded).date() != p.zone.reading(at).date() {
		p.fault(eventRecorded, "lies before the event itself: correct recorded_at or at")
	}
	return at
}

// naturalID names an event by what makes it one, for files without event ids:
// the same row imported again is the same event.
func naturalID(e *pathway.Event) string {
	at := e.At.UTC().AppendFormat(make([]byte, 0, 64), "2006-01-02T15:04:05.999Z")
	return e.Kind + "@" + string(at) + "@" + e.By
}

// details checks what the event's kind asks of its other columns.
func (p *parser) details(e *pathway.Event) {
	switch e.Kind {
	case pathway.KindVisitBooked:
		if e.Booked.IsZero() {
			p.fault(eventBooked, "is empty: %s needs the time of the visit", e.Kind)
		}
	case pathway.KindTimeframeSet:
		if e.Due.IsZero() {
			p.fault(eventDue, "is empty: %s needs the date that was set", e.Kind)
		} else if p.dayBefore(e.Due, e.At) {
			p.fault(eventDue, "lies before the event itself: correct due_at or at")
		}
	case pathway.KindEDDChanged:
		if e.Due.IsZero() {
			p.fault(eventDue, "is empty: %s needs the new expected date of delivery", e.Kind)
		}
	case pathway.KindFrequencySet:
		if p.must(e, "how often to visit, such as 10 working days") {
			e.Value = p.every(eventValue).String()
		}
	case pathway.KindVulnerabilityAnswered, pathway.KindReferralDecided:
		if p.must(e, "the answer, yes or no") {
			e.Value = p.word(eventValue, p.yesNo)
		}
	case pathway.KindReviewConsidered:
		if p.must(e, "both answers, such as review=yes;legal=no") {
			e.Value = p.review(e.Value)
		}
	case pathway.KindLiaison:
		if p.must(e, "what was done, such as gp;housing") {
			e.Value = p.liaison()
		}
	case pathway.KindReallocated:
		p.must(e, "the id of the person who takes the case on")
	case pathway.KindVoided:
		p.must(e, "the event_id of the event that was entered in error")
	case pathway.KindAcknowledged:
		p.must(e, "the duty")
	case pathway.KindPathwayChanged:
		e.Value = p.pathwayID(eventValue)
	case pathway.KindCardLeft:
		e.Value = p.word(eventValue, p.variants)
	}
}

// must reports whether the event has the value that its kind needs, and notes
// where it does not.
func (p *parser) must(e *pathway.Event, what string) bool {
	if e.Value == "" {
		p.fault(eventValue, "is empty: %s needs %s", e.Kind, what)
	}
	return e.Value != ""
}

// dayBefore reports whether a day that somebody set lies before the day of an
// event.
func (p *parser) dayBefore(due, at time.Time) bool {
	return p.zone.reading(due).date().Before(p.zone.reading(at).date())
}

// review reads the two answers of review-considered and writes them in one form.
func (p *parser) review(s string) string {
	answers := map[string]string{}
	for _, part := range splitList(strings.ToLower(s)) {
		question, answer, _ := strings.Cut(part, "=")
		answers[strings.TrimSpace(question)] = strings.TrimSpace(answer)
	}
	answered := func(question string) bool { return answers[question] == "yes" || answers[question] == "no" }
	if len(answers) != 2 || !answered("review") || !answered("legal") {
		p.not(eventValue, s, "does not answer both questions: write it like review=yes;legal=no")
		return ""
	}
	return "review=" + answers["review"] + ";legal=" + answers["legal"]
}

// liaison reads the ticked items of a checklist.
func (p *parser) liaison() string {
	items := p.list(eventValue)
	for _, item := range items {
		if _, ok := p.items.find(item); !ok && len(p.items.list) > 0 && !p.bad {
			p.not(eventValue, item, "is on no pathway's checklist: "+p.items.choices(item))
		}
	}
	return strings.Join(items, ";")
}
