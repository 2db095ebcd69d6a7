package intake

import (
	"time"

	"example.org/doorstep/pathway"
)

// event reads a row of events.
func (p *parser) event() pathway.Event {
	e := pathway.Event{
		ID:     p.text(eventID),
		Case:   p.text(eventCase),
		Kind:   p.word(eventKind, p.kinds),
		By:     p.who(eventBy),
		Value:  p.text(eventValue),
		Due:    p.planned(eventDue),
		Booked: p.planned(eventBooked),
		Reason: p.long(eventReason),
		Place:  p.text(eventPlace),

		ReasonCode: p.text(eventReasonCode),
	}
	e.At, e.AtClock = p.happened(eventAt)
	e.Recorded = p.recorded(e.At)
	return e
}

// recorded reads when the event was entered; zero leaves it to the sink. Many
// systems give the day only: an entry on the day of the event is taken to follow it.
func (p *parser) recorded(at time.Time) time.Time {
	recorded := p.past(eventRecorded)
	if recorded.IsZero() || at.IsZero() || !recorded.Before(at) {
		return recorded
	}
	if p.zone.reading(recorded).date() == p.zone.reading(at).date() {
		return at
	}
	return recorded
}
