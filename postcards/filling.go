package postcards

import (
	"cmp"
	"time"

	"example.org/doorstep/pathway"
)

// CardOf returns the card that an item calls for. It holds nothing that says whose
// it is but Case, which is for errors and never printed.
func CardOf(i *pathway.PaperItem, c *pathway.Case, serial, language string) Card {
	return Card{Case: i.Case, Variant: i.Variant, Serial: serial, Language: language, LargePrint: c.LargePrint,
		Visit: i.At, Contact: cmp.Or(i.Contact, c.Contact), Next: i.Next}
}

// LetterOf returns the letter that an item calls for, written on the day of date
// and signed by the practitioner named. held is where the family is to come; nil: it is
// seen at home.
func LetterOf(i *pathway.PaperItem, c *pathway.Case, held *pathway.Place, date time.Time, practitioner, serial, language string) Letter {
	return Letter{Case: i.Case, Variant: i.Variant, Serial: serial, Language: language, LargePrint: c.LargePrint, Place: held,
		Addressee: c.Addressee, Address: c.Address, Postcode: c.Postcode,
		Date: date, Contact: cmp.Or(i.Contact, c.Contact), Appointment: i.Next, NamedContact: practitioner}
}
