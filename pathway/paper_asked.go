package pathway

import "time"

// VisitStands reports whether a visit that was booked for an instant is still to
// take place: a booking of it counts, the family has not cancelled since, and the
// case is open.
func VisitStands(c *Case, events []Event, bookedFor time.Time) bool {
	var booked, cancelled time.Time
	closed := false
	history := History(c, events)
	for i := range history {
		switch e := &history[i]; {
		case e.Kind == KindVisitBooked && e.Booked.Equal(bookedFor):
			booked = e.At
		case e.Kind == KindCancelledByFamily && !e.At.After(bookedFor):
			cancelled = e.At
		case e.Kind == KindClosed, e.Kind == KindReopened:
			closed = e.Kind == KindClosed
		}
	}
	return !booked.IsZero() && !closed && (cancelled.IsZero() || cancelled.Before(booked))
}

// CardAtTheDoor returns the card that a visit at an instant to come would call for
// at which nobody answers: the one that the tables choose, or of the variant asked
// for (empty: none is). It is a call where there is to be no card, and nil where
// the pathway has none.
func (p *PaperTables) CardAtTheDoor(rules *Rules, c *Case, events []Event, at time.Time, variant string) (*PaperItem, error) {
	item, err := p.cardForAVisitToCome(rules, c, events, at)
	if err != nil || item == nil || item.Kind != PaperCard {
		return item, err
	}
	return item, item.MakeVariant(variant)
}

// cardForAVisitToCome is what a visit would call for at which nobody answers. It is
// for no event that there is.
func (p *PaperTables) cardForAVisitToCome(rules *Rules, c *Case, events []Event, at time.Time) (*PaperItem, error) {
	visit := Event{Case: c.Ref, ID: "a visit to come", Kind: KindNoAccess, At: at, Recorded: at}
	items, err := p.Due(rules, c, events, &visit)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	items[0].Event = ""
	return &items[0], nil
}

// LastVisit returns the visit at home that the case stands at, at which nobody
// answered; nil where there has been another since, or none.
func LastVisit(c *Case, events []Event) *Event {
	history := History(c, events)
	for i := len(history) - 1; i >= 0; i-- {
		e := &history[i]
		if !leavesCard(e.Kind) {
			continue
		}
		if place, counts := placeOf(history, e); counts && movedOn(eventsSince(history, place)) == "" {
			return e
		}
	}
	return nil
}

// CardAskedFor returns the card for a case of which nothing waits, because somebody
// asks for one of a variant: for its last visit, or, where last is nil, for a visit
// to come, whose date is written by hand.
func (p *PaperTables) CardAskedFor(rules *Rules, c *Case, events []Event, last *Event, variant string, now time.Time) (*PaperItem, error) {
	if last == nil && variant == CardFinal {
		return nil, NewProblem(Refused, "case %s: a final card is for an unsuccessful visit, and none stands since the child was last seen", c.Ref)
	}
	visit := Event{Case: c.Ref, ID: "a visit to come", Kind: KindNoAccess, At: now}
	if last != nil {
		visit = *last
	}
	visit = asRecordedNow(events, &visit, now)
	items, err := p.Due(rules, c, events, &visit)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, NewProblem(Refused, "case %s: there are no cards for its pathway, or it is closed", c.Ref)
	}
	item := &items[0]
	if last == nil {
		item.Event, item.At = "", time.Time{}
	}
	if item.Kind == PaperCard {
		item.Why = "somebody asked for it"
	}
	return item, nil
}

// MakeVariant makes a card of the variant that somebody asked for, empty for the
// one that it is. The final card is only ever the tables' choice.
func (i *PaperItem) MakeVariant(variant string) error {
	switch {
	case i.Kind == PaperPhone:
		return NewProblem(Refused, "case %s: no card is printed: %s", i.Case, i.Why)
	case variant == "" || variant == i.Variant:
		return nil
	case variant == CardFinal && i.NotFinal != "":
		return NewProblem(Refused, "case %s: card final is not printed while %s: complete these first, or print %s", i.Case, i.NotFinal, i.Variant)
	case variant == CardFinal:
		return NewProblem(Refused, "case %s: a final card is not what its visits call for: print %s", i.Case, i.Variant)
	case i.Variant == CardFinal:
		i.Why += "; " + variant + " was asked for"
	}
	i.Variant, i.Refused = variant, ""
	if variant != CardRevisit {
		i.Next = time.Time{}
	}
	return nil
}
