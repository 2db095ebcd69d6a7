package pathway

import "slices"

// PlaceHome is where a family is seen that is seen at home (FORMATS, "CSV").
const PlaceHome = "home"

// Place is a place of the organisation's own where a family is seen.
type Place struct {
	Name       string
	Address    []string // as printed, line by line, the postcode the last
	Directions string
}

// ReasonCodes are why a family did not attend or declined (FORMATS, "CSV").
var ReasonCodes = []string{"opt-out", "past-experience", "unaware-of-need", "fear-of-authority", "culture",
	"fear-of-judgement", "privacy", "hiding", "unaware-of-concern", "omission"}

var reasonCodes = NewWords(ReasonCodes...)

// place checks where something took or takes place.
func (c *Checker) place(f *faults, e *Event) {
	if e.Place != "" {
		f.word("place", &e.Place, c.words.places, "")
	}
}

// reasonCode checks why a family did not attend or declined, which only what says
// that they did not can hold.
func (c *Checker) reasonCode(f *faults, e *Event) {
	switch kind := KindOf(e.Kind); {
	case e.ReasonCode == "":
	case !kind.ReasonCoded:
		f.fault("reason_code", "%s takes no reason_code: it stands with %s only", quoted(e.Kind), OneOf(kindsReasonCoded()))
	default:
		f.wordUnquoted("reason_code", &e.ReasonCode, reasonCodes)
	}
}

// kindsReasonCoded are the kinds of event that a reason_code can stand with.
func kindsReasonCoded() (names []string) {
	for i := range kinds {
		if kinds[i].ReasonCoded {
			names = append(names, kinds[i].Name)
		}
	}
	slices.Sort(names)
	return names
}
