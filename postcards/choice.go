package postcards

import (
	"fmt"
	"io/fs"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Choice decides what an event calls for on paper. It is read-only and safe for
// concurrent use.
type Choice struct {
	cards   map[string]cardRow // by pathway
	letters map[string]letterRow
}

// cardRow is a pathway's row of the table in cards/cards.yaml.
type cardRow struct {
	First  string `yaml:"attempt_1"`
	Later  string `yaml:"later"`
	Booked string `yaml:"with_visit_booked"`
}

// letterRow is a pathway's row of the table in letters/letters.yaml.
type letterRow struct {
	Offered     string `yaml:"appointment_offered"`
	AfterMissed string `yaml:"offered_after_missed"`
	NotBrought  string `yaml:"not_brought"`
}

// LoadChoice reads the tables of the wording files. The error lists every fault
// as file:line:column.
func LoadChoice(wording fs.FS) (*Choice, error) {
	var found faults
	choice := readTables(wording, &found)
	if err := found.orNil(); err != nil {
		return nil, err
	}
	return choice, nil
}

// Due returns what the event e calls for, as things stood when e was recorded:
// events recorded later are left aside, so that the same event always calls for
// the same. Most events call for nothing. Nothing is due either where the case
// had moved on by then: e was voided, the child was seen after it, there was a
// later visit, the case was closed.
//
// events are the case's, in any order, with or without e. The error says that
// the case is on a pathway that no configuration defines.
func (ch *Choice) Due(rules *pathway.Rules, c *pathway.Case, events []pathway.Event, e *pathway.Event) ([]Item, error) {
	if e.Kind != pathway.KindAppointmentOffered && !pathway.Unsuccessful(e.Kind) {
		return nil, nil
	}
	known, counts := knownBy(c, events, e)
	if !counts || movedOn(known, e) != "" {
		return nil, nil
	}
	before, err := pathway.Derive(rules, openCase(c), upTo(known, e))
	if err != nil {
		return nil, fmt.Errorf("choosing what to print for event %s: %w", e.ID, err)
	}
	if before.Standing.Closed || !e.Booked.IsZero() && !e.Booked.After(e.Recorded) && e.Kind == pathway.KindAppointmentOffered {
		return nil, nil // nobody can come to an appointment that is over
	}
	d := decision{ch: ch, rules: rules, c: c, known: known, e: e, standing: before.Standing}
	d.item = Item{Case: c.Ref, Event: e.ID, At: e.At, Next: d.booked()}
	switch e.Kind {
	case pathway.KindAppointmentOffered, pathway.KindNotBrought:
		return d.letter(), nil
	}
	return d.card()
}

// Overtaken says why an item that waits, or is printed but not yet posted, should
// no longer go out: the child was seen, the event was voided, a card was left,
// another appointment was made, the case was closed or marked unsafe to write to.
// It is empty while the item still stands. events are all of the case's so far. Ask
// Item.Passed as well: this knows nothing of the time.
func Overtaken(c *pathway.Case, events []pathway.Event, item *Item) string {
	for i := range events {
		e := &events[i]
		if e.ID != item.Event {
			continue
		}
		counted, counts := counting(c, events, e)
		switch {
		case !counts:
			return "the record it was for was voided"
		case !c.SafeToWrite && item.Kind != KindPhone:
			return "the case is marked unsafe to write to"
		case item.Kind == KindCard && cardLeft(counted, e):
			return "the practitioner left a card at the door"
		}
		if why := movedOn(counted, e); why != "" || item.Kind != KindLetter {
			return why
		}
		return otherDate(counted, e, item.Next)
	}
	return ""
}

// decision is one event being decided.
type decision struct {
	ch       *Choice
	rules    *pathway.Rules
	c        *pathway.Case
	known    []pathway.Event // what counted when the event was recorded
	e        *pathway.Event
	standing pathway.Standing // after the event
	item     Item
}

// letter decides on an appointment offered and on a child not brought.
func (d *decision) letter() []Item {
	row, ok := d.ch.letters[d.standing.Pathway]
	if !ok {
		return nil
	}
	i := d.item
	i.Kind = KindLetter
	switch {
	case d.e.Kind == pathway.KindNotBrought && i.Next.IsZero():
		i.Variant, i.Why = row.NotBrought, "the child was not brought, and no other appointment is booked"
	case d.e.Kind == pathway.KindNotBrought:
		i.Variant, i.Why = row.AfterMissed, "the child was not brought, and another appointment is booked"
	case i.Next.IsZero():
		i.Variant, i.Why = LetterReOffer, "an appointment was offered without a date"
	case d.standing.Attempt > 0:
		i.Variant, i.Why = row.AfterMissed, "an appointment was offered after an unsuccessful visit"
	default:
		i.Variant, i.Why = row.Offered, "an appointment was offered"
	}
	if i.Variant == LetterReOffer {
		i.Next = time.Time{} // it names no date
	}
	if !d.c.SafeToWrite {
		return []Item{phone(i, "the case is marked unsafe to write to")}
	}
	if len(d.c.Address) == 0 || strings.TrimSpace(d.c.Postcode) == "" && !hasBFPO(d.c.Address) {
		i.Refused = "the case has no full address: enter address and postcode, or phone the family"
	}
	household := "case " + d.c.Ref
	if d.c.Household != "" {
		household = "household " + d.c.Household
	}
	i.Once = fmt.Sprintf("%s: %s for %s on %s", household, i.Variant, stamp(i.Next), d.rules.Calendar.DateOf(d.e.At))
	return []Item{i}
}

// card decides on a visit at home at which the child was not seen.
func (d *decision) card() ([]Item, error) {
	row, ok := d.ch.cards[d.standing.Pathway]
	if !ok {
		return nil, nil
	}
	i := d.item
	i.Kind = KindCard
	later := d.standing.Attempt > 1
	switch {
	case later && row.Later == CardFinal: // not softened by a booking: refused below
		i.Variant, i.Why = CardFinal, fmt.Sprintf("unsuccessful visit %d in a row", d.standing.Attempt)
	case !i.Next.IsZero() && row.Booked != "":
		i.Variant, i.Why = row.Booked, "an unsuccessful visit, and the next visit is booked"
	case later:
		i.Variant, i.Why = row.Later, fmt.Sprintf("unsuccessful visit %d in a row", d.standing.Attempt)
	default:
		i.Variant, i.Why = row.First, "the first unsuccessful visit"
	}
	switch {
	case !d.c.SafeToWrite:
		return []Item{phone(i, "the case is marked unsafe to write to")}, nil
	case cardLeft(d.known, d.e):
		return []Item{phone(i, "the practitioner left a card at the door")}, nil
	}
	if i.Variant != CardRevisit {
		booked := i.Next
		i.Next = time.Time{}
		if i.Variant == CardFinal {
			refused, err := d.finalRefused(booked)
			if err != nil {
				return nil, err
			}
			i.Refused = refused
		}
	}
	return []Item{i}, nil
}

// finalRefused says why the final card, which offers nothing further, must not
// go to this family yet.
func (d *decision) finalRefused(booked time.Time) (string, error) {
	now, err := pathway.Derive(d.rules, openCase(d.c), d.known)
	if err != nil {
		return "", fmt.Errorf("choosing what to print for event %s: %w", d.e.ID, err)
	}
	var reasons []string
	switch latestAnswer(d.known) {
	case "yes":
		reasons = append(reasons, "a vulnerability is known")
	case "":
		reasons = append(reasons, "whether there are vulnerabilities is not answered")
	default:
		if duty := latest(now.Duties, "answer-vulnerability"); duty != nil && duty.Met.IsZero() {
			reasons = append(reasons, "whether there are vulnerabilities is not answered for this contact")
		}
	}
	if duty := latest(now.Duties, "liaise"); duty != nil && duty.Met.IsZero() {
		missing := "liaison is incomplete"
		if len(duty.Missing) > 0 {
			missing += " (" + strings.Join(duty.Missing, ", ") + ")"
		}
		reasons = append(reasons, missing)
	}
	if !booked.IsZero() {
		reasons = append(reasons, "a visit is booked")
	}
	if len(reasons) == 0 {
		return "", nil
	}
	return "the final card is not printed while " + strings.Join(reasons, ", and ") +
		": complete these first, or leave a card that offers another visit", nil
}

// booked returns the first visit or appointment booked for later than the event's
// recording, as known by then; for an appointment offered, the one it offers.
func (d *decision) booked() time.Time {
	if d.e.Kind == pathway.KindAppointmentOffered {
		return d.e.Booked
	}
	var next time.Time
	for i := range d.known {
		b := &d.known[i]
		if b.Kind != pathway.KindVisitBooked && b.Kind != pathway.KindAppointmentOffered || !b.Booked.After(d.e.Recorded) {
			continue
		}
		if next.IsZero() || b.Booked.Before(next) {
			next = b.Booked
		}
	}
	return next
}

func phone(i Item, because string) Item {
	i.Kind, i.Once = KindPhone, ""
	i.Why += "; phone the family instead: " + because
	return i
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "no date"
	}
	return t.UTC().Format(time.RFC3339)
}

func latest(duties []pathway.Duty, id string) *pathway.Duty {
	for i := len(duties) - 1; i >= 0; i-- {
		if duties[i].ID == id {
			return &duties[i]
		}
	}
	return nil
}

// latestAnswer returns "yes", "no" or "", as was answered last.
func latestAnswer(known []pathway.Event) string {
	var last *pathway.Event
	for i := range known {
		e := &known[i]
		if e.Kind == pathway.KindVulnerabilityAnswered && (last == nil || !e.At.Before(last.At)) {
			last = e
		}
	}
	if last == nil {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(last.Value))
}
