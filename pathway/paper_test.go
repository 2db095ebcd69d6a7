package pathway

import (
	"strings"
	"testing"
	"time"
)

// shippedTables are the tables of the wording that comes with Doorstep, as far as
// they decide in a way of their own.
var shippedTables = &PaperTables{
	Cards: map[string]CardChoice{
		"hv-child":                {First: CardRearrange, Later: CardFinal, Booked: CardRevisit},
		"hv-child-safeguarding":   {First: CardRearrange, Later: CardRearrange, Booked: CardRevisit},
		"hv-antenatal-vulnerable": {First: CardRearrange, Later: CardRearrange, Booked: CardRevisit},
	},
	Letters: map[string]LetterChoice{
		"hv-child": {Offered: LetterAppointment, AfterMissed: LetterMissed, NotBrought: LetterReOffer},
	},
}

// paperRules are pathways with the duties that a final card waits for.
func paperRules(t testing.TB) *Rules {
	t.Helper()
	child := pathwayOf(t, "hv-child",
		duty{id: "answer-vulnerability", opens: "attempt 1", due: "2 working days", metBy: "vulnerability-answered"},
		duty{id: "liaise", opens: "attempt 1", due: "2 working days", metBy: "liaison", checklist: "gp | chis | housing | early-years | record-check | siblings"})
	child.Moves = []Move{{On: must(ParseMatch("vulnerability-answered=yes"))(t), To: "hv-child-safeguarding"}}
	rules := NewRules(organisation(t), nil)
	for _, p := range []*Pathway{child, pathwayOf(t, "hv-child-safeguarding"), pathwayOf(t, "hv-antenatal-vulnerable"), pathwayOf(t, "csc-plan")} {
		rules.AddPathway(p, time.Time{})
	}
	return rules
}

// paperStory reads events, one a line: id, kind, when, and what else there is as
// key=value. Times are in September 2026: "14 10:00".
func paperStory(t testing.TB, text string) []Event {
	t.Helper()
	var events []Event
	cal := organisation(t)
	day := func(d, clockTime string) time.Time { return clock(t, cal, "2026-09-"+d+" "+clockTime) }
	for line := range strings.Lines(strings.TrimSpace(text)) {
		f := strings.Fields(line)
		e := Event{ID: f[0], Case: "SW-3", Kind: f[1], At: day(f[2], f[3]), By: "W2", ByRole: Practitioner}
		e.Recorded = e.At
		for _, more := range f[4:] {
			key, value, _ := strings.Cut(more, "=")
			moment := func() time.Time {
				d, c, _ := strings.Cut(value, "T")
				return day(d, c)
			}
			switch key {
			case "value":
				e.Value = value
			case "booked":
				e.Booked = moment()
			case "recorded":
				e.Recorded = moment()
			case "place":
				e.Place = value
			default:
				t.Fatalf("a story has no %q", key)
			}
		}
		events = append(events, e)
	}
	return events
}

func sampleCase(t testing.TB, change func(*Case)) *Case {
	c := &Case{Ref: "SW-3", Pathway: "hv-child", Opened: clock(t, organisation(t), "2026-09-01 09:00"), Recorded: clock(t, organisation(t), "2026-09-01 09:00"),
		Practitioner: "W2", Manager: "G1", Contact: "six-week", Addressee: "Parent of SW-3",
		Address: []string{"3 Test Street", "Swindon"}, Postcode: "SN1 1AA", SafeToWrite: true}
	if change != nil {
		change(c)
	}
	return c
}

const liaised = "l1 liaison 15 09:00 value=gp;chis;housing;early-years;record-check;siblings\n"

func TestWhatAnEventCallsFor(t *testing.T) {
	rules := paperRules(t)
	on := func(id string) func(*Case) { return func(c *Case) { c.Pathway = id } }
	unsafe := func(c *Case) { c.SafeToWrite = false }
	for _, test := range []struct {
		name   string
		change func(*Case)
		story  string
		event  string // the one decided on
		want   string // kind variant; refused: what it says
	}{
		{"appointment offered", nil, "e appointment-offered 08 10:00 booked=14T10:00", "e", "letter appointment"},
		{"offered without a date", nil, "e appointment-offered 08 10:00", "e", "letter re-offer"},
		{"offered for a time that is over", nil, "e appointment-offered 08 10:00 booked=10T10:00 recorded=12T10:00", "e", ""},
		{"offered after a missed one", nil, "a no-access 08 10:00\ne appointment-offered 09 10:00 booked=14T10:00", "e", "letter missed"},
		{"offered after the child was seen", nil, "a no-access 08 10:00\ns seen 09 09:00\ne appointment-offered 09 10:00 booked=14T10:00", "e", "letter appointment"},
		{"a visit booked by phone needs no letter", nil, "e visit-booked 08 10:00 booked=14T10:00", "e", ""},
		{"first visit", nil, "e no-access 14 10:00", "e", "card rearrange"},
		{"child not seen: the family was met at the door", nil, "e not-seen 14 10:00", "e", ""},
		{"child not seen on the second visit", on("hv-child-safeguarding"), "a no-access 08 10:00\ne not-seen 14 10:00", "e", ""},
		{"nobody answered after the child was not seen", nil, "a not-seen 08 10:00\ne no-access 14 10:00", "e", "card rearrange in place of final: not answered, and liaison is incomplete"},
		{"first visit, next one booked", nil, "b visit-booked 08 10:00 booked=21T10:00\ne no-access 14 10:00", "e", "card revisit"},
		{"next one booked elsewhere", nil, "b visit-booked 08 10:00 booked=21T10:00 place=eastcott\ne no-access 14 10:00", "e", "card rearrange"},
		{"next one booked at home in so many words", nil, "b visit-booked 08 10:00 booked=21T10:00 place=home\ne no-access 14 10:00", "e", "card revisit"},
		{"an appointment is offered, nobody says where", nil, "b appointment-offered 08 10:00 booked=21T10:00\ne no-access 14 10:00", "e", "card rearrange"},
		{"an appointment is offered at home", nil, "b appointment-offered 08 10:00 booked=21T10:00 place=home\ne no-access 14 10:00", "e", "card revisit"},
		{"an appointment is offered elsewhere", nil, "b appointment-offered 08 10:00 booked=21T10:00 place=eastcott\ne no-access 14 10:00", "e", "card rearrange"},
		{"the next one is elsewhere, the one after it at home", nil, "b visit-booked 08 10:00 booked=21T10:00 place=eastcott\nc visit-booked 08 10:00 booked=28T10:00\ne no-access 14 10:00", "e", "card rearrange"},
		{"offered elsewhere, and booked for the same time", nil, "b appointment-offered 08 10:00 booked=21T10:00 place=eastcott\nc visit-booked 08 11:00 booked=21T10:00\ne no-access 14 10:00", "e", "card rearrange"},
		{"offered elsewhere, and then moved home", nil, "b appointment-offered 08 10:00 booked=21T10:00 place=eastcott\nc visit-booked 08 11:00 booked=21T10:00 place=home\ne no-access 14 10:00", "e", "card revisit"},
		{"the family has cancelled the booking", nil, "b visit-booked 08 10:00 booked=21T10:00\nc cancelled-by-family 09 10:00\ne no-access 14 10:00", "e", "card rearrange"},
		{"the family has declined it", nil, "b visit-booked 08 10:00 booked=21T10:00\nc declined 09 10:00 value=visit\ne no-access 14 10:00", "e", "card rearrange"},
		{"booked anew since the family cancelled", nil, "b visit-booked 08 10:00 booked=21T10:00\nc cancelled-by-family 09 10:00\nd visit-booked 10 10:00 booked=22T10:00\ne no-access 14 10:00", "e", "card revisit"},
		{"the booking was for this visit", nil, "b visit-booked 08 10:00 booked=14T10:00\ne no-access 14 10:00", "e", "card rearrange"},
		{"the booking was voided", nil, "b visit-booked 08 10:00 booked=21T10:00\nv voided 09 10:00 value=b\ne no-access 14 10:00", "e", "card rearrange"},
		{"the booking was recorded later", nil, "e no-access 14 10:00\nb visit-booked 13 10:00 booked=21T10:00 recorded=15T10:00", "e", "card rearrange"},
		{"antenatal with vulnerabilities, next booked", on("hv-antenatal-vulnerable"), "b visit-booked 08 10:00 booked=21T10:00\na no-access 08 11:00\ne no-access 14 10:00", "e", "card revisit"},
		{"safeguarding, second visit", on("hv-child-safeguarding"), "a no-access 08 10:00\ne no-access 14 10:00", "e", "card rearrange"},
		{"second visit, all answered", nil, "a no-access 14 10:00\n" + liaised + "q vulnerability-answered 16 10:00 value=no\ne no-access 25 10:00", "e", "card final"},
		{"second visit, vulnerability unanswered", nil, "a no-access 14 10:00\n" + liaised + "e no-access 25 10:00", "e", "card rearrange in place of final: not answered"},
		{"second visit, liaison incomplete", nil, "a no-access 14 10:00\nl liaison 15 09:00 value=gp;chis\nq vulnerability-answered 16 10:00 value=no\ne no-access 25 10:00", "e", "card rearrange in place of final: liaison is incomplete (housing, early-years, record-check, siblings)"},
		{"second visit, vulnerability known", nil, "a no-access 14 10:00\n" + liaised + "q vulnerability-answered 16 10:00 value=yes\ne no-access 25 10:00", "e", "card rearrange"},
		{"vulnerability known, case moved back", nil, "a no-access 14 10:00\n" + liaised + "q vulnerability-answered 16 10:00 value=yes\nm pathway-changed 17 10:00 value=hv-child\ne no-access 25 10:00", "e", "card rearrange in place of final: a vulnerability is known"},
		{"second visit, but another is booked", nil, "a no-access 14 10:00\n" + liaised + "q vulnerability-answered 16 10:00 value=no\nb visit-booked 17 10:00 booked=29T10:00\ne no-access 25 10:00", "e", "card revisit in place of final: a visit is booked"},
		{"second visit, but one elsewhere is booked", nil, "a no-access 14 10:00\n" + liaised + "q vulnerability-answered 16 10:00 value=no\nb visit-booked 17 10:00 booked=29T10:00 place=eastcott\ne no-access 25 10:00", "e", "card rearrange in place of final: a visit is booked"},
		{"second visit, and the family has cancelled the one that was booked", nil, "a no-access 14 10:00\n" + liaised + "q vulnerability-answered 16 10:00 value=no\nb visit-booked 17 10:00 booked=29T10:00\nc cancelled-by-family 18 10:00\ne no-access 25 10:00", "e", "card final"},
		{"second visit, unsafe to write to", unsafe, "a no-access 14 10:00\ne no-access 25 10:00", "e", "phone rearrange in place of final: not answered, and liaison is incomplete"},
		{"answers of an earlier contact do not count", nil, "a no-access 02 10:00\nl liaison 02 11:00 value=gp;chis;housing;early-years;record-check;siblings\nq vulnerability-answered 02 12:00 value=no\ns seen 03 10:00\nf no-access 14 10:00\ne no-access 25 10:00", "e", "card rearrange in place of final: not answered for this contact"},
		{"answered between the visit and its record", nil, "a no-access 14 10:00\n" + liaised + "q vulnerability-answered 25 11:00 value=no\ne no-access 25 10:00 recorded=25T12:00", "e", "card final"},
		{"not brought", nil, "e not-brought 14 10:00", "e", "letter re-offer"},
		{"not brought, another booked", nil, "b visit-booked 08 10:00 booked=21T10:00\ne not-brought 14 10:00", "e", "letter missed"},
		{"a card was left", nil, "e no-access 14 10:00\nc card-left 14 10:00 value=rearrange", "e", "phone rearrange"},
		{"a card was left at an earlier visit", nil, "a no-access 08 10:00\nc card-left 08 10:05 value=rearrange\ns seen 09 10:00\ne no-access 14 10:00", "e", "card rearrange"},
		{"unsafe to write to: card", unsafe, "e no-access 14 10:00", "e", "phone rearrange"},
		{"unsafe to write to: letter", unsafe, "e appointment-offered 08 10:00 booked=14T10:00", "e", "phone appointment"},
		{"no address", func(c *Case) { c.Address, c.Postcode = nil, "" }, "e appointment-offered 08 10:00 booked=14T10:00", "e", "refused: no full address"},
		{"a card needs no address", func(c *Case) { c.Address, c.Postcode = nil, "" }, "e no-access 14 10:00", "e", "card rearrange"},
		{"a letter came back", nil, "e letter-returned 14 10:00", "e", "phone letter-returned"},
		{"a letter came back before it", nil, "r letter-returned 07 10:00\ne appointment-offered 08 10:00 booked=14T10:00", "e", "phone appointment"},
		{"a letter came back, and the record was voided", nil, "r letter-returned 07 10:00\nv voided 07 11:00 value=r\ne appointment-offered 08 10:00 booked=14T10:00", "e", "letter appointment"},
		{"another address since", func(c *Case) { c.AddressSince = clock(t, organisation(t), "2026-09-07 12:00") }, "r letter-returned 07 10:00\ne appointment-offered 08 10:00 booked=14T10:00", "e", "letter appointment"},
		{"another address before it", func(c *Case) { c.AddressSince = clock(t, organisation(t), "2026-09-07 09:00") }, "r letter-returned 07 10:00\ne appointment-offered 08 10:00 booked=14T10:00", "e", "phone appointment"},
		{"a letter came back from an address that is gone", func(c *Case) { c.AddressSince = clock(t, organisation(t), "2026-09-14 12:00") }, "e letter-returned 14 10:00", "e", ""},
		{"a card goes through the door all the same", nil, "r letter-returned 07 10:00\ne no-access 14 10:00", "e", "card rearrange"},
		{"said to be unsafe", nil, "s safe-to-write 07 10:00 value=no\ne no-access 14 10:00", "e", "phone rearrange"},
		{"said to be unsafe, later", nil, "e no-access 14 10:00\ns safe-to-write 14 11:00 value=no", "e", "card rearrange"},
		{"said to be safe again", unsafe, "s safe-to-write 07 10:00 value=no\nr safe-to-write 08 10:00 value=yes\ne no-access 14 10:00", "e", "card rearrange"},
		{"said to be safe, in error", unsafe, "s safe-to-write 07 10:00 value=yes\nv voided 08 10:00 value=s\ne no-access 14 10:00", "e", "phone rearrange"},
		{"another of the household is unsafe: card", func(c *Case) { c.UnsafeHousehold = "SW-9" }, "e no-access 14 10:00", "e", "phone rearrange"},
		{"another of the household is unsafe: letter", func(c *Case) { c.UnsafeHousehold = "SW-9" }, "e appointment-offered 08 10:00 booked=14T10:00", "e", "phone appointment"},
		{"BFPO needs no postcode", func(c *Case) { c.Address, c.Postcode = []string{"1 Unit", "bfpo58"}, "" }, "e appointment-offered 08 10:00 booked=14T10:00", "e", "letter appointment"},
		{"social care prints nothing", on("csc-plan"), "e no-access 14 10:00", "e", ""},
		{"social care prints no letters", on("csc-plan"), "e appointment-offered 08 10:00 booked=14T10:00", "e", ""},
		{"cancelled by the family", nil, "e cancelled-by-family 14 10:00", "e", ""},
		{"seen", nil, "e seen 14 10:00", "e", ""},
		{"recorded after the child was seen", nil, "e no-access 14 10:00 recorded=17T10:00\ns seen 16 10:00", "e", ""},
		{"seen later than it was recorded", nil, "e no-access 14 10:00 recorded=17T10:00\ns seen 18 10:00", "e", "card rearrange"},
		{"recorded after the next visit", nil, "e no-access 14 10:00 recorded=17T10:00\nf no-access 16 10:00", "e", ""},
		{"voided by then", nil, "e no-access 14 10:00 recorded=15T10:00\nv voided 15 10:00 value=e", "e", ""},
		{"voided and put back", nil, "e no-access 14 10:00 recorded=16T10:00\nv voided 15 10:00 value=e\nw voided 16 10:00 value=v", "e", "card rearrange"},
		{"second record of one visit", nil, "a no-access 14 10:00\ne no-access 14 10:00", "e", ""},
		{"the first record of one visit", nil, "e no-access 14 10:00\nf no-access 14 10:00", "e", "card rearrange"},
		{"closed", nil, "x closed 10 10:00\ne no-access 14 10:00", "e", ""},
		{"closed since, before it was recorded", nil, "e no-access 14 10:00 recorded=16T10:00\nx closed 15 10:00", "e", ""},
		{"closed after it was recorded", func(c *Case) { c.Closed = clock(t, organisation(t), "2026-09-20 10:00") }, "e no-access 14 10:00", "e", "card rearrange"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := sampleCase(t, test.change)
			events := paperStory(t, test.story)
			for i := range events {
				if events[i].ID != test.event {
					continue
				}
				items, err := shippedTables.Due(rules, c, events, &events[i])
				if err != nil {
					t.Fatal(err)
				}
				got := describe(items)
				want, why, _ := strings.Cut(test.want, ": ")
				is, because, _ := strings.Cut(got, ": ")
				if is != want || !strings.Contains(because, why) {
					t.Errorf("the event calls for %q, want %q", got, test.want)
				}
			}
		})
	}
}

// TestWhereALetterSaysTheFamilyIsToBeSeen: as the row says, else where a duty that is
// open asks for it, else as the pathway has it.
func TestWhereALetterSaysTheFamilyIsToBeSeen(t *testing.T) {
	rules := paperRules(t)
	rules.SetPlaces(map[string]Place{"eastcott": {Name: "Eastcott Centre"}})
	clinic := pathwayOf(t, "hv-child", duty{id: "second-contact", opens: "attempt 1", due: "6 weeks", metBy: "seen"})
	clinic.Held, clinic.Duties[0].HeldAt = &Held{At: "eastcott", Basis: Local}, PlaceHome
	atClinic := paperRules(t)
	atClinic.SetPlaces(map[string]Place{"eastcott": {Name: "Eastcott Centre"}})
	atClinic.AddPathway(clinic, clock(t, organisation(t), "2026-09-01 00:00"))
	for _, test := range []struct {
		name  string
		rules *Rules
		story string
		want  string // variant and place; or why it is refused
	}{
		{"nobody says", rules, "e appointment-offered 08 10:00 booked=14T10:00", "appointment at home"},
		{"the row says home", rules, "e appointment-offered 08 10:00 booked=14T10:00 place=home", "appointment at home"},
		{"the row says a place", rules, "e appointment-offered 08 10:00 booked=14T10:00 place=eastcott", "appointment at eastcott"},
		{"a place that is not configured any more", rules, "e appointment-offered 08 10:00 booked=14T10:00 place=westcott", "the place westcott"},
		{"nobody says, and the pathway has a place", atClinic, "e appointment-offered 08 10:00 booked=14T10:00", "appointment at eastcott"},
		{"the row says home where the pathway has a place", atClinic, "e appointment-offered 08 10:00 booked=14T10:00 place=home", "appointment at home"},
		{"the second contact is offered in the home", atClinic, "a no-access 07 10:00\ne appointment-offered 08 10:00 booked=14T10:00", "missed at home"},
		{"once it is met, as the pathway has it", atClinic, "a no-access 06 10:00\ns seen 07 10:00\ne appointment-offered 08 10:00 booked=14T10:00", "appointment at eastcott"},
		{"without a date", rules, "e appointment-offered 08 10:00 place=eastcott", "re-offer at eastcott"},
		{"not brought to a place: the next is not said to be there", rules, "e not-brought 08 10:00 place=eastcott", "re-offer at home"},
		{"not brought, and another is booked", rules, "b visit-booked 07 10:00 booked=14T10:00 place=eastcott\ne not-brought 08 10:00", "missed at eastcott"},
	} {
		events := paperStory(t, test.story)
		items, err := shippedTables.Due(test.rules, sampleCase(t, nil), events, &events[len(events)-1])
		if err != nil || len(items) != 1 {
			t.Errorf("%s: %d items and %v, want one letter", test.name, len(items), err)
			continue
		}
		got := items[0].Refused
		if got == "" {
			got = items[0].Variant + " at " + items[0].Where
		}
		if got != test.want && !strings.HasPrefix(got, test.want+",") {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func describe(items []PaperItem) string {
	var out []string
	for _, i := range items {
		switch {
		case i.Refused != "":
			out = append(out, "refused: "+i.Refused)
		case i.NotFinal != "":
			out = append(out, i.Kind+" "+i.Variant+" in place of final: "+i.NotFinal)
		default:
			out = append(out, i.Kind+" "+i.Variant)
		}
	}
	return strings.Join(out, ", ")
}

func TestRevisitCardSaysWhenTheNextVisitIs(t *testing.T) {
	events := paperStory(t, "b visit-booked 08 10:00 booked=28T10:00\nc appointment-offered 08 11:00 booked=21T10:00 place=home\ne no-access 14 10:00")
	item := dueItem(t, sampleCase(t, nil), events, "e")
	if want := clock(t, organisation(t), "2026-09-21 10:00"); !item.Next.Equal(want) {
		t.Errorf("the card announces %v, want the first visit booked, %v", item.Next, want)
	}
}

func TestHouseholdGetsOneLetterForOneAppointment(t *testing.T) {
	once := func(household, booked string) string {
		c := sampleCase(t, func(c *Case) { c.Ref, c.Household = "SW-"+booked, household })
		return dueItem(t, c, paperStory(t, "e appointment-offered 08 10:00 booked="+booked), "e").Once
	}
	if a, b := once("H1", "14T10:00"), once("H1", "14T10:00"); a != b || a == "" {
		t.Errorf("two children of a household, one appointment: %q and %q, want the same", a, b)
	}
	if a, b := once("H1", "14T10:00"), once("H1", "14T11:00"); a == b {
		t.Errorf("two appointments of a household: both are %q, want a letter each", a)
	}
	if a, b := once("H1", "14T10:00"), once("H2", "14T10:00"); a == b {
		t.Errorf("two households: both are %q, want a letter each", a)
	}
}

// dueItem returns the one item that an event calls for.
func dueItem(t testing.TB, c *Case, events []Event, id string) *PaperItem {
	t.Helper()
	for i := range events {
		if events[i].ID == id {
			items, err := shippedTables.Due(paperRules(t), c, events, &events[i])
			if err != nil || len(items) != 1 {
				t.Fatalf("event %s calls for %d items (%v), want one", id, len(items), err)
			}
			return &items[0]
		}
	}
	t.Fatalf("no event %s in the story", id)
	return nil
}
