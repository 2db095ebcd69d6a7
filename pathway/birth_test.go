package pathway

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// fromBeforeBirth are two antenatal pathways and a child's, in the manner of health
// visiting.
func fromBeforeBirth(t testing.TB) []*Pathway {
	everywhere := duty{id: "offer-another", owner: "manager", opens: "relationship-breakdown", due: "5 working days", metBy: "offer-declined"}
	contact := duty{id: "make-contact", opens: "opened", due: "5 working days", metBy: "seen | unsuccessful"}
	mother := pathwayOf(t, "mother", contact,
		duty{id: "see-before-birth", opens: "opened", due: "2 weeks before edd", metBy: "seen"},
		duty{id: "contact-again", opens: "attempt 1", due: "2 weeks", metBy: "seen | unsuccessful"},
		duty{id: "record-plan", opens: "attempt 2+", due: "1 working day", metBy: "plan-recorded"}, everywhere)
	vulnerable := pathwayOf(t, "mother-vulnerable", contact,
		duty{id: "liaise", opens: "attempt 1", due: "2 working days", metBy: "liaison", checklist: "gp | midwife"},
		duty{id: "record-plan", opens: "attempt 2+", due: "1 working day", metBy: "plan-recorded"}, everywhere)
	child := pathwayOf(t, "child", contact,
		duty{id: "new-birth-contact", opens: "the birth", due: "from 10 days within 14 days of the birth", metBy: "seen | unsuccessful"},
		duty{id: "liaise", opens: "attempt 1", due: "2 working days", metBy: "liaison", checklist: "gp | housing"},
		duty{id: "second-contact", opens: "attempt 1", due: "2 weeks if contact is six-week | from 4 weeks within 6 weeks if contact is new-birth | 1 day", metBy: "seen | unsuccessful"},
		duty{id: "record-plan", opens: "attempt 2+", due: "1 working day", metBy: "plan-recorded"}, everywhere)
	mother.Stage, vulnerable.Stage, child.Stage = Antenatal, Antenatal, OfAChild
	for _, p := range []*Pathway{mother, vulnerable, child} {
		p.Duties[len(p.Duties)-1].Everywhere = true
		if p != child {
			p.Moves = []Move{{On: must(ParseMatch("born"))(t), To: "child"}}
		}
	}
	return []*Pathway{mother, vulnerable, child}
}

const (
	oneVisit  = "x1 no-access 2026-09-02 10:00 by=W1"
	twoVisits = "x2 no-access 2026-09-03 10:00 by=W1"
)

// TestABirthEndsWhatWasAskedOfTheMotherAndBeginsAnew: with the events in every order.
func TestABirthEndsWhatWasAskedOfTheMotherAndBeginsAnew(t *testing.T) {
	for _, c := range []struct {
		name    string
		contact string
		events  []string
		want    string
		stands  Standing
	}{
		{name: "born after two visits", contact: "antenatal",
			events: []string{oneVisit, twoVisits, "x3 born 2026-09-04 18:00"},
			want: `make-contact 0 2026-09-08 17:00 met 2026-09-02 10:00
contact-again 1 2026-09-16 17:00 met 2026-09-03 10:00
record-plan 2 2026-09-04 17:00 ended: born
new-birth-contact 0 2026-09-18 17:00 open
`, stands: Standing{Contact: "new-birth"}},
		{name: "and the next visit is the first of the child's", contact: "antenatal",
			events: []string{oneVisit, twoVisits, "x3 born 2026-09-04 18:00", "x4 no-access 2026-09-15 10:00"},
			want: `make-contact 0 2026-09-08 17:00 met 2026-09-02 10:00
contact-again 1 2026-09-16 17:00 met 2026-09-03 10:00
record-plan 2 2026-09-04 17:00 ended: born
new-birth-contact 0 2026-09-18 17:00 met 2026-09-15 10:00
liaise 1 2026-09-17 17:00 open
second-contact 1 2026-10-27 17:00 open
`, stands: Standing{Contact: "new-birth", Attempt: 1}},
		{name: "what the list says of the child's contact stands", contact: "six-week",
			events: []string{"x3 born 2026-09-02 18:00", "x4 no-access 2026-09-15 10:00"},
			want: `make-contact 0 2026-09-08 17:00 ended: born
new-birth-contact 0 2026-09-16 17:00 met 2026-09-15 10:00
liaise 1 2026-09-17 17:00 open
second-contact 1 2026-09-29 17:00 open
`, stands: Standing{Contact: "six-week", Attempt: 1}},
		{name: "what holds everywhere goes on", contact: "antenatal",
			events: []string{"x1 relationship-breakdown 2026-09-02 10:00", "x3 born 2026-09-02 18:00"},
			want: `make-contact 0 2026-09-08 17:00 ended: born
offer-another 0 2026-09-09 17:00 open
new-birth-contact 0 2026-09-16 17:00 open
`, stands: Standing{Contact: "new-birth"}},
		{name: "a move to the child's pathway does the same, and the birth moves its window", contact: "antenatal",
			events: []string{oneVisit, "x2 pathway-changed 2026-09-03 10:00 value=child", "x3 born 2026-09-05 08:00"},
			want: `make-contact 0 2026-09-08 17:00 met 2026-09-02 10:00
contact-again 1 2026-09-16 17:00 ended: born
new-birth-contact 0 2026-09-19 17:00 open
`, stands: Standing{Contact: "new-birth"}},
		{name: "the birth, and the move that the list tells of later", contact: "antenatal",
			events: []string{"x3 born 2026-09-02 08:00", "x2 pathway-changed 2026-09-09 10:00 value=child"},
			want: `make-contact 0 2026-09-08 17:00 ended: born
new-birth-contact 0 2026-09-16 17:00 open
`, stands: Standing{Contact: "new-birth"}},
		{name: "a visit of the very instant was to the mother", contact: "antenatal",
			events: []string{oneVisit, "x3 born 2026-09-02 10:00"},
			want: `make-contact 0 2026-09-08 17:00 met 2026-09-02 10:00
contact-again 1 2026-09-16 17:00 ended: born
new-birth-contact 0 2026-09-16 17:00 open
`, stands: Standing{Contact: "new-birth"}},
		{name: "a birth recorded late takes its visits to the child", contact: "antenatal",
			events: []string{oneVisit, "x2 no-access 2026-09-08 10:00", "x3 born 2026-09-07 10:00 recorded=2026-09-09_09:00"},
			want: `make-contact 0 2026-09-08 17:00 met 2026-09-02 10:00
contact-again 1 2026-09-16 17:00 ended: born
new-birth-contact 0 2026-09-21 17:00 met 2026-09-08 10:00
liaise 1 2026-09-10 17:00 open
second-contact 1 2026-10-20 17:00 open
`, stands: Standing{Contact: "new-birth", Attempt: 1}},
		{name: "a birth in error is taken back", contact: "antenatal",
			events: []string{oneVisit, "x3 born 2026-09-02 18:00", "x4 voided 2026-09-03 10:00 value=x3"},
			want: `make-contact 0 2026-09-08 17:00 met 2026-09-02 10:00
contact-again 1 2026-09-16 17:00 open
`, stands: Standing{Pathway: "mother", Contact: "antenatal", Attempt: 1}},
		{name: "between the two antenatal pathways count and duties are kept", contact: "antenatal",
			events: []string{oneVisit, "x2 pathway-changed 2026-09-03 10:00 value=mother-vulnerable", "x3 no-access 2026-09-04 10:00"},
			want: `make-contact 0 2026-09-08 17:00 met 2026-09-02 10:00
contact-again 1 2026-09-16 17:00 met 2026-09-04 10:00
liaise 1 2026-09-07 17:00 open
record-plan 2 2026-09-07 17:00 open
`, stands: Standing{Pathway: "mother-vulnerable", Contact: "antenatal", Attempt: 2}},
		{name: "what was asked at a visit to the mother is no answer for the child", contact: "antenatal",
			events: []string{"x0 pathway-changed 2026-09-01 10:00 value=mother-vulnerable", oneVisit, "x2 liaison 2026-09-02 11:00 value=gp;midwife",
				"x3 born 2026-09-03 10:00", "x4 no-access 2026-09-14 10:00", "x5 liaison 2026-09-14 11:00 value=housing"},
			want: `make-contact 0 2026-09-08 17:00 met 2026-09-02 10:00
liaise 1 2026-09-04 17:00 met 2026-09-02 11:00
new-birth-contact 0 2026-09-17 17:00 met 2026-09-14 10:00
liaise 1 2026-09-16 17:00 open
second-contact 1 2026-10-26 17:00 open
`, stands: Standing{Contact: "new-birth", Attempt: 1}},
		{name: "on a child's pathway a birth moves nothing", contact: "six-week",
			events: []string{"x0 pathway-changed 2026-09-01 10:00 value=child", oneVisit, "x3 born 2026-09-02 18:00"},
			want: `make-contact 0 2026-09-08 17:00 ended: born
new-birth-contact 0 2026-09-15 17:00 met 2026-09-02 10:00
liaise 1 2026-09-04 17:00 open
second-contact 1 2026-09-16 17:00 open
`, stands: Standing{Contact: "six-week", Attempt: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.stands.Pathway == "" {
				c.stands.Pathway = "child"
			}
			c.stands.Practitioner = "W1"
			for _, order := range orders(c.events) {
				r := story{fromBeforeBirth(t), Case{Contact: c.contact}, "2026-09-01 09:00", order}.derive(t)
				if got := lines(organisation(t), r.Duties); got != c.want {
					t.Fatalf("in the order %q:\n%swant:\n%s", order, got, c.want)
				}
				if r.Standing != c.stands {
					t.Fatalf("in the order %q the case stands at %+v, want %+v", order, r.Standing, c.stands)
				}
			}
		})
	}
}

// orders are some of the orders that rows can have: each of them first, and the last
// before all.
func orders(rows []string) [][]string {
	backwards := slices.Clone(rows)
	slices.Reverse(backwards)
	out := [][]string{backwards}
	for i := range rows {
		out = append(out, slices.Concat(rows[i:], rows[:i]))
	}
	return out
}

// TestNoAntenatalDutyIsOpenAfterABirth: whatever else happened, in whatever order it
// was recorded.
func TestNoAntenatalDutyIsOpenAfterABirth(t *testing.T) {
	cal := organisation(t)
	rules := NewRules(cal, nil)
	ofTheMother := map[string]bool{}
	for _, p := range fromBeforeBirth(t) {
		rules.AddPathway(p, time.Time{})
		for _, d := range p.Duties {
			ofTheMother[p.ID+"/"+d.ID] = p.Stage == Antenatal && !d.Everywhere
		}
	}
	c := Case{Ref: "C-1", Pathway: "mother", Practitioner: "W1", Manager: "M1", Contact: contactAntenatal, EDD: Date{2027, 1, 20}, Opened: cal.StartOf(Date{2026, 12, 17})}
	rapid.Check(t, func(t *rapid.T) {
		events := histories(cal).Draw(t, "history")
		events = slices.DeleteFunc(events, func(e Event) bool { return e.Kind == KindClosed || e.Kind == KindReopened })
		at := cal.StartOf(Date{2026, 12, 18}).Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "born")) * 6 * time.Hour)
		events = append(events, Event{ID: "the-birth", Kind: KindBorn, At: at, Recorded: at})
		r, err := Derive(rules, &c, events)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := rapid.Permutation(slices.Clone(events)).Draw(t, "order")
		if again, err := Derive(rules, &c, shuffled); err != nil || !reflect.DeepEqual(r, again) {
			t.Fatalf("another order of the same events gives other duties:\n%s\n%s%v", lines(cal, r.Duties), lines(cal, again.Duties), err)
		}
		births, visits := 0, map[time.Time]bool{} // one visit recorded twice is one
		history := History(&c, events)
		for i := range history {
			e := &history[i]
			if after := e.At.After(at); after && Unsuccessful(e.Kind) {
				visits[e.At] = true
			} else if after && e.Kind == KindSeen {
				visits = map[time.Time]bool{}
			}
		}
		for _, d := range r.Duties {
			if ofTheMother[d.Pathway+"/"+d.ID] && (d.IsOpen() || d.Met.After(at)) {
				t.Fatalf("%s of the mother's pathway is not ended by the birth on %s:\n%s", d.ID, at, lines(cal, r.Duties))
			}
			if d.ID == "new-birth-contact" {
				births++
			}
		}
		if births != 1 || r.Standing.Pathway != "child" || r.Standing.Attempt != len(visits) {
			t.Fatalf("%d new birth contacts, on pathway %s at attempt %d; want one, the child's, and %d visits since the birth or since it was seen",
				births, r.Standing.Pathway, r.Standing.Attempt, len(visits))
		}
	})
}

// TestABirthOfBeforeTheChangeMovesNothing: duties that people know keep their times
// when a pathway file changes (How time is counted, rule 9).
func TestABirthOfBeforeTheChangeMovesNothing(t *testing.T) {
	cal := organisation(t)
	now := fromBeforeBirth(t)
	rules := NewRules(cal, nil)
	for _, p := range now {
		before := *p
		before.Stage, before.Moves, before.Version = "", nil, "v0"
		before.Duties = slices.DeleteFunc(slices.Clone(p.Duties), func(d DutyRule) bool { return d.ID == "new-birth-contact" })
		for i := range before.Duties {
			before.Duties[i].Everywhere = false
		}
		rules.AddPathway(&before, time.Time{})
		rules.AddPathway(p, clock(t, cal, "2026-09-10 12:00"))
	}
	derive := func(events ...string) string {
		t.Helper()
		c := Case{Ref: "C-1", Pathway: "mother", Practitioner: "W1", Contact: contactAntenatal, Opened: clock(t, cal, "2026-09-01 09:00")}
		var all []Event
		for _, e := range events {
			all = append(all, event(t, cal, e))
		}
		r, err := Derive(rules, &c, all)
		if err != nil {
			t.Fatal(err)
		}
		return lines(cal, r.Duties)
	}
	before := []string{oneVisit, "x2 relationship-breakdown 2026-09-09 10:00", "x3 pathway-changed 2026-09-09 11:00 value=mother-vulnerable", "x4 no-access 2026-09-09 12:00"}
	want := `make-contact 0 2026-09-08 17:00 met 2026-09-02 10:00
contact-again 1 2026-09-16 17:00 met 2026-09-09 12:00
offer-another 1 2026-09-16 17:00 open
liaise 1 2026-09-11 17:00 open
record-plan 2 2026-09-10 17:00 open
`
	if got := derive(before...); got != want {
		t.Errorf("under the file of before:\n%swant:\n%s", got, want)
	}
	if got := derive(slices.Concat(before, []string{"x5 born 2026-09-09 18:00"})...); got != want {
		t.Errorf("a birth recorded under the file of before moves nothing:\n%swant:\n%s", got, want)
	}
	want = strings.NewReplacer("liaise 1 2026-09-11 17:00 open", "liaise 1 2026-09-11 17:00 ended: born",
		"record-plan 2 2026-09-10 17:00 open", "record-plan 2 2026-09-10 17:00 ended: born").Replace(want) + "new-birth-contact 0 2026-09-23 17:00 open\n"
	if got := derive(slices.Concat(before, []string{"x5 born 2026-09-09 18:00 recorded=2026-09-11_09:00"})...); got != want {
		t.Errorf("a birth recorded since ends what was opened before, but for what holds everywhere:\n%swant:\n%s", got, want)
	}
}

// TestNewBirthContactSaysWhatItCountsFrom: the birth, or the move while that is not
// recorded.
func TestNewBirthContactSaysWhatItCountsFrom(t *testing.T) {
	for _, c := range []struct{ events, want string }{
		{"x1 born 2026-09-04 18:00", "from 10 days (Mon 14 September) within 14 days of the birth on Fri 4 September"},
		{"x1 pathway-changed 2026-09-03 10:00 value=child", "from 10 days (Sun 13 September) within 14 days of the move to another pathway on Thu 3 September, as the birth is not recorded"},
		{"x1 pathway-changed 2026-09-03 10:00 value=child|x2 born 2026-09-05 08:00", "from 10 days (Tue 15 September) within 14 days of the birth on Sat 5 September"},
	} {
		r := story{fromBeforeBirth(t), Case{}, "2026-09-01 09:00", strings.Split(c.events, "|")}.derive(t)
		last := &r.Duties[len(r.Duties)-1]
		if got := last.Explain(organisation(t)); last.ID != "new-birth-contact" || got != c.want {
			t.Errorf("%s: %s is due so: %s; want %s", c.events, last.ID, got, c.want)
		}
	}
}

// TestADutyThatADecisionOpensNamesIt: in words, and not by the kind of event.
func TestADutyThatADecisionOpensNamesIt(t *testing.T) {
	for opens, want := range map[string]string{
		"declined":                    "2 working days from the family declining on Wed 2 September",
		"referral-decided=yes":        "2 working days from the decision to refer on Wed 2 September",
		"review-considered=legal=yes": "2 working days from what the manager considered on Wed 2 September",
		"frequency-set":               "2 working days from the setting of the frequency on Wed 2 September",
		"supervision":                 "2 working days from the supervision on Wed 2 September",
	} {
		kind, value, _ := strings.Cut(opens, "=")
		p := pathwayOf(t, "p", duty{id: "act", opens: opens, due: "2 working days", metBy: "seen"})
		r := story{[]*Pathway{p}, Case{}, "2026-09-01 09:00", []string{"x1 " + kind + " 2026-09-02 10:00 value=" + value}}.derive(t)
		if got := r.Duties[0].Explain(organisation(t)); got != want {
			t.Errorf("%s: %s, want %s", opens, got, want)
		}
	}
}

// TestWhatWasTickedBeforeTheyWereSeenIsAskedAnew: liaison after a first visit is no
// answer after the next first one.
func TestWhatWasTickedBeforeTheyWereSeenIsAskedAnew(t *testing.T) {
	p := pathwayOf(t, "p", duty{id: "liaise", opens: "attempt 1", due: "2 working days", metBy: "liaison", checklist: "gp | housing"})
	r := story{[]*Pathway{p}, Case{}, "2026-09-01 09:00", []string{oneVisit, "x2 liaison 2026-09-02 11:00 value=gp;housing",
		"x3 seen 2026-09-03 10:00", "x4 no-access 2026-09-04 10:00", "x5 liaison 2026-09-04 11:00 value=gp"}}.derive(t)
	if got, want := r.Duties[1].Missing, []string{"housing"}; !slices.Equal(got, want) {
		t.Errorf("still to tick at the second first visit: %q, want %q", got, want)
	}
}

// TestTheNewbornsFamilyIsNotToldThatNothingMoreIsOffered: the visits to the mother are
// none to the child, and the card is for the new birth contact.
func TestTheNewbornsFamilyIsNotToldThatNothingMoreIsOffered(t *testing.T) {
	cal := organisation(t)
	rules := NewRules(cal, nil)
	for _, p := range fromBeforeBirth(t) {
		rules.AddPathway(p, time.Time{})
	}
	tables := &PaperTables{Cards: map[string]CardChoice{
		"mother": {First: CardRearrange, Later: CardRearrange, Booked: CardRevisit},
		"child":  {First: CardRearrange, Later: CardFinal, Booked: CardRevisit},
	}}
	for _, moves := range []string{"x3 born 2026-09-04 18:00", "x3 pathway-changed 2026-09-04 18:00 value=child"} {
		c := Case{Ref: "C-1", Pathway: "mother", Practitioner: "W1", Contact: contactAntenatal, SafeToWrite: true, Opened: clock(t, cal, "2026-09-01 09:00")}
		var events []Event
		for _, e := range []string{oneVisit, twoVisits, moves, "x4 no-access 2026-09-15 10:00"} {
			events = append(events, event(t, cal, e))
		}
		items, err := tables.Due(rules, &c, events, &events[3])
		if err != nil || len(items) != 1 {
			t.Fatalf("%s: %d items, error %v; want a card", moves, len(items), err)
		}
		if i := items[0]; i.Kind != PaperCard || i.Variant != CardRearrange || i.Contact != contactNewBirth || i.Refused != "" {
			t.Errorf("%s: %s %s for the %s contact (%s), want a card that offers another new-birth contact", moves, i.Kind, i.Variant, i.Contact, i.Refused)
		}
		if items, err = tables.Due(rules, &c, events, &events[1]); err != nil || len(items) != 1 || items[0].Contact != contactAntenatal {
			t.Errorf("%s: the second visit to the mother called for %+v, error %v; want a card for the antenatal contact", moves, items, err)
		}
	}
}
