package pathway

import (
	"slices"
	"time"
)

// Why paper does not go out, or goes out no more.
const (
	unsafeToWrite  = "the case is marked unsafe to write to"
	leftAtTheDoor  = "the practitioner left a card at the door"
	caseClosed     = "the case was closed"
	letterCameBack = "a letter to the address came back by post"
	noFullAddress  = "the case has no full address: enter address and postcode, or phone the family"
)

// Passed reports whether the visit or appointment that the item names is over at
// now, so that it should no longer go out.
func (i *PaperItem) Passed(now time.Time) bool { return !i.Next.IsZero() && i.Next.Before(now) }

// Overtaken says why an item that waits, or is printed but not yet posted, should
// no longer go out: the child was seen, the event was voided, a card was left,
// another appointment was made, the case was closed or marked unsafe to write to.
// It is empty while the item still stands. events are all of the case's so far. Ask
// Passed as well: this knows nothing of the time.
func (i *PaperItem) Overtaken(c *Case, events []Event) string {
	at := slices.IndexFunc(events, func(e Event) bool { return e.ID == i.Event })
	if at < 0 {
		return ""
	}
	e := &events[at]
	history := History(c, events)
	place, counts := placeOf(history, e)
	switch {
	case !counts:
		return "the record it was for was voided"
	case i.Kind != PaperPhone && c.unsafeWhere(safeIn(c, history)) != "":
		return c.unsafeWhere(safeIn(c, history))
	case i.Kind == PaperLetter && !returnedIn(c, history).IsZero():
		return letterCameBack
	case i.Kind == PaperCard && cardLeft(history, e):
		return leftAtTheDoor
	}
	since := eventsSince(history, place)
	why := movedOn(since)
	switch {
	case why != "":
	case i.Kind == PaperLetter:
		why = i.otherAppointment(since)
	case i.Kind == PaperCard && i.Variant == CardRevisit && slices.ContainsFunc(since, func(e Event) bool { return takesBack(&e) }):
		why = "the family has called off the visit that it announces"
	}
	return why
}

// NotAgain says why an item that was printed should not be printed once more; empty: it
// may be.
func (i *PaperItem) NotAgain(c *Case, events []Event, now time.Time) string {
	switch {
	case i.Passed(now):
		return "the time that it names is over"
	case c.Unsafe(events) != "":
		return c.Unsafe(events)
	case i.Kind == PaperLetter && !c.HasFullAddress():
		return noFullAddress
	}
	return i.Overtaken(c, events)
}

// OvertakenBefore says why an item had been overtaken before an instant: by what had
// been recorded by then.
func (i *PaperItem) OvertakenBefore(c *Case, events []Event, at time.Time) string {
	if !c.Closed.Before(at) {
		c = withoutClosing(c)
	}
	known := make([]Event, 0, len(events))
	for _, e := range events {
		if e.Recorded.Before(at) {
			known = append(known, e)
		}
	}
	return i.Overtaken(c, known)
}

// ToBePulled says why something that was printed at an instant, and has not left
// the office since as far as is recorded, is to be taken out; empty: it is not.
func (i *PaperItem) ToBePulled(c *Case, events []Event, printed time.Time) string {
	why := i.Overtaken(c, events)
	if why == "" || recordedSince(events, printed, KindCardLeft, KindLetterSent) {
		return ""
	}
	return why
}

// LetterSentSince reports whether somebody has recorded, since an instant, that a
// letter was sent.
func LetterSentSince(events []Event, since time.Time) bool {
	return recordedSince(events, since, KindLetterSent)
}

// recordedSince reports whether an event of one of the kinds, which stands, was
// recorded after an instant.
func recordedSince(events []Event, since time.Time, kinds ...string) bool {
	voided := Voided(events)
	return slices.ContainsFunc(events, func(e Event) bool {
		return slices.Contains(kinds, e.Kind) && e.Recorded.After(since) && !voided[e.ID]
	})
}

// CalledFor returns what events that have just been recorded call for, but for
// what was overtaken by then: of a large import most of it is. events are all of
// the case's, with those recorded among them.
func (p *PaperTables) CalledFor(rules *Rules, c *Case, events, recorded []Event) ([]PaperItem, error) {
	var counted *countedEvents
	var standing []int // those that nothing has overtaken
	for i := range recorded {
		e := &recorded[i]
		if !CallsForPaper(e.Kind) {
			continue
		}
		if counted == nil {
			all := countedOf(History(c, events))
			counted = &all
		}
		if _, counts := placeOf(counted.history, e); counts && counted.movedOn(e) == "" {
			standing = append(standing, i)
		}
	}
	if len(standing) == 0 {
		return nil, nil
	}
	inTurn := slices.Clone(standing)
	slices.SortStableFunc(inTurn, func(a, b int) int { return recorded[a].Recorded.Compare(recorded[b].Recorded) })
	past := pastOf(rules, c, events)
	due := make(map[int][]PaperItem, len(standing))
	for _, i := range inTurn {
		var err error
		if due[i], err = p.dueIn(past, &recorded[i]); err != nil {
			return nil, err
		}
	}
	var items []PaperItem
	for _, i := range standing {
		items = append(items, due[i]...)
	}
	return items, nil
}

// StillDue returns what becomes of an item that waits, as things stand now: a
// refusal may have been answered, a visit booked, a call may be paper by now. Where
// nothing is called for any more it says why instead.
func (p *PaperTables) StillDue(rules *Rules, c *Case, events []Event, item *PaperItem, now time.Time) (still *PaperItem, overtaken string, err error) {
	at := slices.IndexFunc(events, func(e Event) bool { return e.ID == item.Event })
	if at < 0 {
		return nil, "the record it was for is gone", nil
	}
	e := asRecordedNow(events, &events[at], now)
	due, err := p.Due(rules, c, events, &e)
	if err != nil {
		return nil, "", err
	}
	for i := range due {
		if due[i].Kind != item.Kind && due[i].Kind != PaperPhone && item.Kind != PaperPhone {
			continue
		}
		if why := due[i].Overtaken(c, events); why != "" {
			return nil, why, nil // such as a letter with a date that the family has cancelled
		}
		return &due[i], "", nil
	}
	why := item.Overtaken(c, events)
	switch {
	case why != "":
	case e.Kind == KindAppointmentOffered && !e.Booked.After(now):
		why = "the appointment is over"
	default:
		why = "nothing is called for any more"
	}
	return nil, why, nil
}

// asRecordedNow is an event as if it were recorded now, so that all that is known
// counts: what another computer's clock has recorded a moment ahead of ours, too.
func asRecordedNow(events []Event, e *Event, now time.Time) Event {
	again := *e
	again.Recorded = now
	for i := range events {
		if events[i].Recorded.After(again.Recorded) {
			again.Recorded = events[i].Recorded
		}
	}
	return again
}

// overtakes reports whether events of a kind can make paper about an earlier one wrong.
func overtakes(kind string) bool {
	return kind == KindClosed || kind == KindReopened || kind == KindSeen || kind == KindBorn || Unsuccessful(kind)
}

// movedOn says what of the events that count since one makes paper about it wrong;
// empty where nothing does.
func movedOn(since []Event) string {
	why := ""
	for i := range since {
		switch e := &since[i]; {
		case e.Kind == KindClosed:
			why = caseClosed
		case e.Kind == KindReopened && why == caseClosed:
			why = ""
		case e.Kind == KindSeen:
			return "the child has been seen since"
		case e.Kind == KindBorn:
			return "the child has been born since"
		case Unsuccessful(e.Kind):
			return "there has been another visit since"
		}
	}
	return why
}

// otherAppointment says what of the events that count since one makes a letter's date
// or place wrong, or a letter that asks the family to call needless.
func (i *PaperItem) otherAppointment(since []Event) string {
	for n := range since {
		e := &since[n]
		books := e.Kind == KindAppointmentOffered || e.Kind == KindVisitBooked
		elsewhere := i.Where != "" && e.Place != "" && e.Place != i.Where
		switch {
		case e.Kind == KindCancelledByFamily:
			return "the family has cancelled since"
		case takesBack(e):
			return "the family has declined since"
		case books && (!e.Booked.Equal(i.Next) || elsewhere):
			return "another appointment has been made since"
		}
	}
	return ""
}

// cardLeft reports whether a card was left at the visit e or after it.
func cardLeft(history []Event, e *Event) bool {
	return slices.ContainsFunc(history, func(o Event) bool { return o.Kind == KindCardLeft && !o.At.Before(e.At) })
}
