package pathway

import (
	"strings"
	"testing"
)

func TestBookedVisitStandsUntilItIsTakenBack(t *testing.T) {
	cal := organisation(t)
	const booking = "b1 visit-booked 2026-09-02 10:00 booked=2026-09-09"
	for _, test := range []struct {
		name   string
		events []string
		want   bool
	}{
		{"booked", []string{booking}, true},
		{"never booked", []string{"b1 visit-booked 2026-09-02 10:00 booked=2026-09-10"}, false},
		{"an appointment that was offered is no visit", []string{"b1 appointment-offered 2026-09-02 10:00 booked=2026-09-09"}, false},
		{"voided", []string{booking, "v1 voided 2026-09-03 10:00 value=b1"}, false},
		{"voided and put back", []string{booking, "v1 voided 2026-09-03 10:00 value=b1", "v2 voided 2026-09-03 11:00 value=v1"}, true},
		{"booked twice, once in error", []string{booking, "b2 visit-booked 2026-09-02 10:00 booked=2026-09-09", "v1 voided 2026-09-03 10:00 value=b1"}, true},
		{"cancelled", []string{booking, "c1 cancelled-by-family 2026-09-03 10:00"}, false},
		{"cancelled at the instant of booking", []string{booking, "a1 cancelled-by-family 2026-09-02 10:00"}, false},
		{"cancelled when it was to be", []string{booking, "c1 cancelled-by-family 2026-09-09 00:00"}, false},
		{"what was cancelled was an earlier one", []string{"c1 cancelled-by-family 2026-09-01 10:00", booking}, true},
		{"the cancellation was recorded in error", []string{booking, "c1 cancelled-by-family 2026-09-03 10:00", "v1 voided 2026-09-03 11:00 value=c1"}, true},
		{"cancelled and booked again", []string{booking, "c1 cancelled-by-family 2026-09-03 10:00", "b2 visit-booked 2026-09-04 10:00 booked=2026-09-09"}, true},
		{"closed", []string{booking, "z closed 2026-09-03 10:00"}, false},
		{"closed and reopened", []string{booking, "z closed 2026-09-03 10:00", "y reopened 2026-09-04 10:00"}, true},
	} {
		var events []Event
		for _, e := range test.events {
			events = append(events, event(t, cal, e))
		}
		if got := VisitStands(&Case{}, events, clock(t, cal, "2026-09-09")); got != test.want {
			t.Errorf("%s: the visit stands: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestCardForAVisitToCome(t *testing.T) {
	for _, test := range []struct{ name, story, variant, want string }{
		{"the first", "", "", "card rearrange"},
		{"the first, of a variant asked for", "", CardRevisit, "card revisit"},
		{"a final one is never asked for", "", CardFinal, "a final card is not what its visits call for: print rearrange"},
		{"a final one that is asked for too soon", "a no-access 10 10:00", CardFinal,
			"card final is not printed while the question about vulnerabilities is not answered, and liaison is incomplete (gp, chis, housing, early-years, record-check, siblings): complete these first, or print rearrange"},
		{"a final one that would be refused offers another visit", "a no-access 10 10:00", "", "card rearrange"},
		{"a final one", "a no-access 10 10:00\nl liaison 10 11:00 value=gp;chis;housing;early-years;record-check;siblings\nq vulnerability-answered 10 12:00 value=no", "", "card final"},
		{"on a pathway without cards", "m pathway-changed 10 10:00 value=csc-plan", "", "none"},
	} {
		item, err := shippedTables.CardAtTheDoor(paperRules(t), sampleCase(t, nil), paperStory(t, test.story), clock(t, organisation(t), "2026-09-14 10:00"), test.variant)
		if got := cardOrProblem(item, err); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// cardOrProblem is a card or call in two words, or what the problem says after the
// case's reference.
func cardOrProblem(item *PaperItem, err error) string {
	switch {
	case err != nil:
		return strings.TrimPrefix(err.Error(), "case SW-3: ")
	case item == nil:
		return "none"
	}
	return item.Kind + " " + item.Variant
}

func TestCardThatSomebodyAsksFor(t *testing.T) {
	unsafe := func(c *Case) { c.SafeToWrite = false }
	for _, test := range []struct {
		name    string
		change  func(*Case)
		story   string
		variant string
		last    string // the visit it belongs to
		want    string
	}{
		{"for the last visit", nil, "a no-access 08 10:00\ne no-access 14 10:00", CardRearrange, "e", "card rearrange"},
		{"not for one at which the family was met at the door", nil, "a no-access 08 10:00\ne not-seen 14 10:00", CardRearrange, "", "card rearrange"},
		{"not for a child that was not brought", nil, "e no-access 14 10:00\nf not-brought 14 11:00", CardRearrange, "", "card rearrange"},
		{"for the visit that stands, where a later one was voided", nil, "a no-access 08 10:00\ne no-access 14 10:00\nv voided 14 11:00 value=e", CardRearrange, "a", "card rearrange"},
		{"for the visit that was put back", nil, "e no-access 14 10:00\nv voided 14 11:00 value=e\nw voided 14 12:00 value=v", CardRearrange, "e", "card rearrange"},
		{"the child was seen since", nil, "e no-access 14 10:00\ns seen 14 11:00", CardRearrange, "", "card rearrange"},
		{"final, and the child was seen since", nil, "e no-access 14 10:00\ns seen 14 11:00", CardFinal, "", "a final card is for an unsuccessful visit, and none stands since the child was last seen"},
		{"unsafe to write to", unsafe, "e no-access 14 10:00", CardRearrange, "e",
			"no card is printed: the first unsuccessful visit; phone the family instead: the case is marked unsafe to write to"},
		{"closed", nil, "x closed 10 10:00", CardRearrange, "", "there are no cards for its pathway, or it is closed"},
	} {
		c, events := sampleCase(t, test.change), paperStory(t, test.story)
		last, id := LastVisit(c, events), ""
		if last != nil {
			id = last.ID
		}
		item, err := shippedTables.CardAskedFor(paperRules(t), c, events, last, test.variant, clock(t, organisation(t), "2026-09-15 10:00"))
		if err == nil {
			err = item.MakeVariant(test.variant)
		}
		if got := cardOrProblem(item, err); id != test.last || got != test.want {
			t.Errorf("%s: for visit %q %q, want for %q %q", test.name, id, got, test.last, test.want)
		}
		if err == nil && last == nil && (item.Event != "" || !item.At.IsZero()) {
			t.Errorf("%s: the card is for event %q at %v, want neither", test.name, item.Event, item.At)
		}
	}
}
