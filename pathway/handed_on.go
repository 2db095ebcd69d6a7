package pathway

import "strings"

// NoticeMoved is what whoever had a case, and whoever has it now, are told when it is
// another practitioner's.
const NoticeMoved = "case-moved"

// HandedOn returns whose a case was before an event gave it to somebody else, and whose it
// is by it; from is empty where it was nobody's, and both are where the event does not
// stand. known is everything that is known of the case.
func HandedOn(c *Case, known []Event, event string) (from, to string) {
	from = c.Practitioner
	for _, e := range History(c, known) {
		if e.Kind != KindReallocated {
			continue
		}
		if to = strings.TrimSpace(e.Value); e.ID == event {
			return from, to
		}
		from = to
	}
	return "", ""
}
