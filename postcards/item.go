package postcards

import (
	"time"

	"example.org/doorstep/pathway"
)

// Kinds of item that an event can call for.
const (
	KindCard   = "card"
	KindLetter = "letter"
	KindPhone  = "phone" // nothing is printed: the practitioner phones instead
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

// Item is one thing that an event calls for.
type Item struct {
	Kind    string // KindCard, KindLetter or KindPhone
	Variant string // of the card or letter; for a phone task, of what it stands in for
	Case    string
	Event   string    // the event that calls for it
	At      time.Time // when that happened
	Next    time.Time // the next visit or the appointment offered; zero when there is none
	Why     string    // why this item, in words for staff; no names, no addresses

	// Refused says why the item must not be printed, and what to do. Empty: print
	// it.
	Refused string

	// Once is the same for items of which a household gets only one: letters of
	// one variant, appointment and local day. Empty for cards and phone tasks,
	// which are for one visit each.
	Once string
}

// Passed reports whether the visit or appointment that the item names is over at
// now, so that it should no longer go out.
func (i *Item) Passed(now time.Time) bool { return !i.Next.IsZero() && i.Next.Before(now) }

// Card returns the card that the item calls for. It holds nothing that says
// whose it is but Case, which is for errors and never printed.
func (i *Item) Card(c *pathway.Case, serial, language string) Card {
	return Card{Case: i.Case, Variant: i.Variant, Serial: serial, Language: language,
		Visit: i.At, Contact: c.Contact, Next: i.Next}
}

// Letter returns the letter that the item calls for, written on the day of date
// and signed by the practitioner named.
func (i *Item) Letter(c *pathway.Case, date time.Time, practitioner, serial, language string) Letter {
	return Letter{Case: i.Case, Variant: i.Variant, Serial: serial, Language: language,
		Addressee: c.Addressee, Address: c.Address, Postcode: c.Postcode,
		Date: date, Contact: c.Contact, Appointment: i.Next, NamedContact: practitioner}
}
