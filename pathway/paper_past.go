package pathway

import (
	"slices"
	"time"
)

// countedEvents are the events that count, in order, and those of them that can
// overtake paper.
type countedEvents struct{ history, outcomes []Event }

func countedOf(history []Event) countedEvents {
	n := countedEvents{history: history}
	for i := range history {
		if overtakes(history[i].Kind) {
			n.outcomes = append(n.outcomes, history[i])
		}
	}
	return n
}

// movedOn says what of the events after e makes paper about it wrong.
func (n *countedEvents) movedOn(e *Event) string {
	place, found := seekEvent(n.outcomes, e)
	if found {
		place++
	}
	return movedOn(withoutVisit(n.outcomes[place:], e))
}

// casePast is what counted of a case at an instant: all that had been recorded by
// then. It moves on from instant to instant, so that asking it about many events costs
// little more than about one.
type casePast struct {
	rules *Rules
	c     *Case

	coming []Event // recorded later, in order of their recording
	known  []Event // recorded by then
	voids  bool    // some of those void others
	countedEvents
	endings []int // places in their history

	way []course // how the case stood after its opening, and after each event, as far as it was asked for
}

// pastOf is a case before anything was recorded of it.
func pastOf(rules *Rules, c *Case, events []Event) *casePast {
	coming := slices.Clone(events)
	slices.SortStableFunc(coming, func(a, b Event) int { return a.Recorded.Compare(b.Recorded) })
	return &casePast{rules: rules, c: c, coming: coming}
}

// moveTo moves on to an instant, which does not lie before the last one.
func (p *casePast) moveTo(at time.Time) {
	n := 0
	for n < len(p.coming) && !p.coming[n].Recorded.After(at) {
		p.voids = p.voids || p.coming[n].Kind == KindVoided
		n++
	}
	came := p.coming[:n]
	p.coming, p.known = p.coming[n:], append(p.known, came...)
	anew := p.voids || !p.c.Closed.IsZero() || n > len(p.history)
	for i := 0; i < n && !anew; i++ {
		anew = !p.insert(&came[i])
	}
	if anew {
		p.countedEvents = countedOf(HistoryAt(p.c, p.known, at))
		p.endings, p.way = endingsOf(p.history), p.way[:0]
	}
}

// insert adds an event that voids nothing and is not voided; false where the event is
// there already.
func (p *casePast) insert(e *Event) bool {
	place, found := seekEvent(p.history, e)
	if found {
		return false
	}
	p.history = slices.Insert(p.history, place, *e)
	if len(p.endings) > 0 || isEnding(e) {
		p.endings = endingsOf(p.history)
	}
	p.way = p.way[:min(len(p.way), place+1)]
	if overtakes(e.Kind) {
		place, _ = seekEvent(p.outcomes, e)
		p.outcomes = slices.Insert(p.outcomes, place, *e)
	}
	return true
}

// standingAfter is where the case stood after the event at a place.
func (p *casePast) standingAfter(place int) (Standing, error) {
	d := newDerivation(p.rules, withoutClosing(p.c), p.history, p.endings)
	if len(p.way) > 0 {
		d.course = p.way[len(p.way)-1]
	}
	for len(p.way) < place+2 {
		e := openingOf(p.c)
		if len(p.way) > 0 {
			e = p.history[len(p.way)-1]
		}
		if err := d.follow(&e); err != nil {
			return Standing{}, err
		}
		p.way = append(p.way, d.course)
	}
	return p.way[place+1].standing, nil
}
