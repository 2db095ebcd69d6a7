package pathway

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Kinds of PaperItem.
const (
	PaperCard   = "card"
	PaperLetter = "letter"
	PaperPhone  = "phone" // nothing is printed: the practitioner phones instead
)

// Variants of cards (guidance, "Postcards and letters") and letters.
const (
	CardRearrange = "rearrange"
	CardFinal     = "final"
	CardRevisit   = "revisit"

	LetterAppointment = "appointment" // an appointment is offered
	LetterMissed      = "missed"      // an appointment after a missed one
	LetterReOffer     = "re-offer"    // asks the family to call; names no date
)

// CardVariants returns the variants of cards.
func CardVariants() []string { return []string{CardRearrange, CardFinal, CardRevisit} }

// LetterVariants returns the variants of letters.
func LetterVariants() []string { return []string{LetterAppointment, LetterMissed, LetterReOffer} }

// PaperItem is one thing that an event calls for on paper, or a call in place of
// it.
type PaperItem struct {
	Kind    string // PaperCard, PaperLetter or PaperPhone
	Variant string // of the card or letter; for a call, of what it stands in for
	Case    string
	Event   string    // the event that calls for it; empty: a person asked for it
	At      time.Time // when that happened
	Contact string    // which contact the visit or appointment was for; empty: not known
	Next    time.Time // the next visit or the appointment offered; zero when there is none
	Where   string    // of a letter: where the family is to be seen, PlaceHome or the id of a place; empty: not known
	Why     string    // why this item, in words for staff; no names, no addresses

	// Refused says why the item must not be printed as things stand, and what to do.
	// Empty: print it.
	Refused string

	// NotFinal says what keeps a card from being the final one that its visits call for,
	// so that it is this one. Empty: nothing does.
	NotFinal string

	// Once is the same for items of which a household gets only one: letters of
	// one variant, appointment and local day. Empty for cards and calls, which are
	// for one visit each.
	Once string
}

// PaperTables say which card and letter a pathway uses. They decide what events
// call for on paper, and are safe for concurrent use.
type PaperTables struct {
	Cards   map[string]CardChoice // by pathway; without one, its visits call for no card
	Letters map[string]LetterChoice
	// Languages are those, besides English, that both cards and letters can be written in.
	Languages map[string]bool
}

// CardChoice is the variants of a pathway's cards.
type CardChoice struct {
	First  string // for the first unsuccessful visit
	Later  string
	Booked string // where the next visit is booked, at home; empty: as if it were not
}

// LetterChoice is the variants of a pathway's letters.
type LetterChoice struct {
	Offered     string // an appointment is offered
	AfterMissed string // one is offered after an unsuccessful visit, or booked though the child was not brought
	NotBrought  string // the child was not brought, and no other appointment is booked
}

// CallsForPaper reports whether events of a kind can call for anything on paper.
func CallsForPaper(kind string) bool {
	return kind == KindAppointmentOffered || kind == KindNotBrought || kind == KindLetterReturned || leavesCard(kind)
}

// leavesCard reports whether a card goes through the door after a visit of a kind. Where
// the child was not seen the family was met there, and needs none.
func leavesCard(kind string) bool { return kind == KindNoAccess }

// Due returns what the event e calls for, as things stood when e was recorded:
// events recorded later are left aside, so that the same event always calls for
// the same. Most events call for nothing. Nothing is due either where the case
// had moved on by then: e was voided, the child was seen after it, there was a
// later visit, the case was closed.
//
// events are the case's, in any order, with or without e. The error says that
// the case is on a pathway that no configuration defines.
func (p *PaperTables) Due(rules *Rules, c *Case, events []Event, e *Event) ([]PaperItem, error) {
	if !CallsForPaper(e.Kind) {
		return nil, nil
	}
	return p.dueIn(pastOf(rules, c, withEvent(events, e)), e)
}

// dueIn is Due, of a past that has not moved beyond the event's recording.
func (p *PaperTables) dueIn(past *casePast, e *Event) ([]PaperItem, error) {
	past.moveTo(e.Recorded)
	c, known := past.c, past.history
	place, counts := placeOf(known, e)
	if !counts || past.movedOn(e) != "" {
		return nil, nil
	}
	standing, err := past.standingAfter(place)
	if err != nil {
		return nil, fmt.Errorf("choosing what to print for event %s: %w", e.ID, err)
	}
	if standing.Closed || !e.Booked.IsZero() && !e.Booked.After(e.Recorded) && e.Kind == KindAppointmentOffered {
		return nil, nil // nobody can come to an appointment that is over
	}
	d := paperDecision{tables: p, rules: past.rules, c: c, known: known, place: place, e: e, standing: standing}
	d.next = d.booked()
	d.item = PaperItem{Case: c.Ref, Event: e.ID, At: e.At, Contact: standing.Contact, Next: d.next.at}
	switch e.Kind {
	case KindAppointmentOffered, KindNotBrought:
		return d.letter()
	case KindLetterReturned:
		return d.cameBack(), nil
	}
	return d.card()
}

// paperDecision is one event being decided.
type paperDecision struct {
	tables   *PaperTables
	rules    *Rules
	c        *Case
	known    []Event // what counted when the event was recorded
	place    int     // of the event among them
	e        *Event
	standing Standing // after the event
	next     booking
	item     PaperItem
}

// letter decides on an appointment offered and on a child not brought.
func (d *paperDecision) letter() ([]PaperItem, error) {
	choice, ok := d.tables.Letters[d.standing.Pathway]
	if !ok {
		return nil, nil
	}
	i := d.item
	i.Kind = PaperLetter
	switch {
	case d.e.Kind == KindNotBrought && i.Next.IsZero():
		i.Variant, i.Why = choice.NotBrought, "the child was not brought, and no other appointment is booked"
	case d.e.Kind == KindNotBrought:
		i.Variant, i.Why = choice.AfterMissed, "the child was not brought, and another appointment is booked"
	case i.Next.IsZero():
		i.Variant, i.Why = LetterReOffer, "an appointment was offered without a date"
	case d.standing.Attempt > 0:
		i.Variant, i.Why = choice.AfterMissed, "an appointment was offered after an unsuccessful visit"
	default:
		i.Variant, i.Why = choice.Offered, "an appointment was offered"
	}
	if i.Variant == LetterReOffer {
		i.Next = time.Time{} // it names no date
	}
	if why := d.unsafe(); why != "" {
		return []PaperItem{phone(i, why)}, nil
	}
	if !returnedIn(d.c, d.known).IsZero() {
		return []PaperItem{phone(i, letterCameBack)}, nil
	}
	said := d.next.place
	if i.Next.IsZero() && d.e.Kind == KindNotBrought {
		said = "" // where the family did not come is not where it is to come
	}
	var err error
	if i.Where, err = d.where(said); err != nil {
		return nil, err
	}
	i.Refused = i.CannotPrint(d.rules, d.c)
	household := "case " + d.c.Ref
	if d.c.Household != "" {
		household = "household " + d.c.Household
	}
	i.Once = fmt.Sprintf("%s: %s for %s on %s", household, i.Variant, appointmentKey(i.Next), d.rules.Calendar.DateOf(d.e.At))
	return []PaperItem{i}, nil
}

// CannotPrint says what a letter lacks that cannot be printed as things stand, and what to
// do; empty: nothing.
func (i *PaperItem) CannotPrint(rules *Rules, c *Case) string {
	switch {
	case i.Kind != PaperLetter:
	case !c.HasFullAddress():
		return noFullAddress
	case i.Where != "" && !rules.HasPlace(i.Where):
		return fmt.Sprintf("the place %s, where the family is to come, is not in the configuration: write its name and address there, under places", i.Where)
	}
	return ""
}

// unsafe says why the family must not be written to, as was known when the event was
// recorded.
func (d *paperDecision) unsafe() string { return d.c.unsafeWhere(safeIn(d.c, d.known)) }

// cameBack decides on a letter that the post returned: nobody can be written to there
// until a row brings another address.
func (d *paperDecision) cameBack() []PaperItem {
	if returnedIn(d.c, d.known).IsZero() {
		return nil
	}
	i := d.item
	i.Variant, i.Next = KindLetterReturned, time.Time{}
	i.Why = letterCameBack
	return []PaperItem{phone(i, "ask where they live now, and correct it where the case comes from")}
}

// where is where the family is to be seen: as the row said, else where a duty that is
// open asks for the contact to be held, else as the pathway has it.
func (d *paperDecision) where(said string) (string, error) {
	if said != "" {
		return said, nil
	}
	p := d.rules.PathwayAt(d.standing.Pathway, d.e.Recorded)
	at := p.heldAt()
	if !slices.ContainsFunc(p.Duties, func(r DutyRule) bool { return r.HeldAt != "" && r.HeldAt != at }) {
		return at, nil
	}
	now, err := Derive(d.rules, withoutClosing(d.c), d.known)
	if err != nil {
		return "", fmt.Errorf("finding where the appointment of event %s is: %w", d.e.ID, err)
	}
	for i := range now.Duties {
		duty := &now.Duties[i]
		if rule := d.rules.Rule(duty.Pathway, duty.Version, duty.ID); duty.IsOpen() && rule != nil && rule.HeldAt != "" {
			at = rule.HeldAt
		}
	}
	return at, nil
}

// card decides on a visit at home at which nobody answered.
func (d *paperDecision) card() ([]PaperItem, error) {
	choice, ok := d.tables.Cards[d.standing.Pathway]
	if !ok {
		return nil, nil
	}
	i := d.item
	i.Kind = PaperCard
	later := d.standing.Attempt > 1
	visits := "the first unsuccessful visit"
	if later {
		visits = fmt.Sprintf("unsuccessful visit %d in a row", d.standing.Attempt)
	}
	i.Variant, i.Why = choice.First, visits
	final := later && choice.Later == CardFinal
	if final {
		var err error
		if i.NotFinal, err = d.notFinal(); err != nil {
			return nil, err
		}
	}
	switch {
	case final && i.NotFinal == "":
		i.Variant = CardFinal
	case d.next.promised && choice.Booked != "":
		i.Variant = choice.Booked
		i.Why += ", and the next visit is booked"
	case later && !final:
		i.Variant = choice.Later
	}
	if i.NotFinal != "" {
		i.Why += "; no final card while " + i.NotFinal
	}
	if i.Variant != CardRevisit {
		i.Next = time.Time{}
	}
	switch {
	case d.unsafe() != "":
		return []PaperItem{phone(i, d.unsafe())}, nil
	case cardLeft(d.known, d.e):
		return []PaperItem{phone(i, leftAtTheDoor)}, nil
	}
	return []PaperItem{i}, nil
}

// notFinal says what keeps the final card, which offers nothing further, from this
// family as yet; empty: nothing does.
func (d *paperDecision) notFinal() (string, error) {
	now, err := Derive(d.rules, withoutClosing(d.c), d.known)
	if err != nil {
		return "", fmt.Errorf("choosing what to print for event %s: %w", d.e.ID, err)
	}
	var reasons []string
	switch latestAnswer(d.known) {
	case "yes":
		reasons = append(reasons, "a vulnerability is known")
	case "":
		reasons = append(reasons, "the question about vulnerabilities is not answered")
	default:
		if duty := latestDuty(now.Duties, "answer-vulnerability"); duty != nil && duty.Met.IsZero() {
			reasons = append(reasons, "the question about vulnerabilities is not answered for this contact")
		}
	}
	if duty := latestDuty(now.Duties, "liaise"); duty != nil && duty.Met.IsZero() {
		missing := "liaison is incomplete"
		if len(duty.Missing) > 0 {
			missing += " (" + strings.Join(duty.Missing, ", ") + ")"
		}
		reasons = append(reasons, missing)
	}
	if !d.next.at.IsZero() {
		reasons = append(reasons, "a visit is booked")
	}
	return strings.Join(reasons, ", and "), nil
}

// booked is the first visit or appointment booked for later than the event's recording,
// as known by then; for an appointment offered, the one it offers.
func (d *paperDecision) booked() booking {
	if d.e.Kind == KindAppointmentOffered {
		return booking{at: d.e.Booked, place: d.e.Place}
	}
	return nextBooking(d.known, d.e.Recorded)
}

// insteadOfPaper stands between what a call is for and why nothing is printed.
const insteadOfPaper = "; phone the family instead: "

func phone(i PaperItem, because string) PaperItem {
	i.Kind, i.Once = PaperPhone, ""
	i.Why += insteadOfPaper + because
	return i
}

// PhoneBecause says of a call why it is made in place of a card or letter.
func (i *PaperItem) PhoneBecause() string {
	_, because, _ := strings.Cut(i.Why, insteadOfPaper)
	return because
}

func appointmentKey(at time.Time) string {
	if at.IsZero() {
		return "no date"
	}
	return at.UTC().Format(time.RFC3339)
}

func latestDuty(duties []Duty, id string) *Duty {
	for i := len(duties) - 1; i >= 0; i-- {
		if duties[i].ID == id {
			return &duties[i]
		}
	}
	return nil
}

// latestAnswer returns whether there are vulnerabilities, "yes", "no" or "", as
// was answered last.
func latestAnswer(known []Event) string {
	for i := len(known) - 1; i >= 0; i-- {
		if known[i].Kind == KindVulnerabilityAnswered {
			return strings.ToLower(strings.TrimSpace(known[i].Value))
		}
	}
	return ""
}
