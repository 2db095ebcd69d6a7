package pathway

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is what is wrong with one value of a person, a case or an event. It quotes
// references and ids, and never a name, an address, a number or free text.
type Fault struct {
	Column  string // as in FORMATS, "CSV"; empty for the whole
	Message string // what is wrong and what to do
}

// Checker says whether people, cases and events are valid by themselves, and writes
// what they hold in its one form. Whichever way they come, they go through it:
// whatever it lets pass can be kept, derived and written to. Who and what else is
// known it does not ask. It is safe for concurrent use.
type Checker struct {
	rules *Rules
	now   time.Time
	words *vocabulary
}

// NewChecker returns a checker for what comes in at a time.
func NewChecker(rules *Rules, now time.Time) *Checker {
	return &Checker{rules, now, rules.vocabulary()}
}

func (c *Checker) faults() faults { return faults{now: c.now, allowed: c.rules.references} }

// Person checks a person of whom a row gives these fields and the others are known,
// and writes the addresses as they are written to.
func (c *Checker) Person(p *Person, given Given) []Fault { return c.person(p, GivenAll, given) }

// PersonRow checks what a row says of a person, who may be known already: what it
// does not give may be right as it is known.
func (c *Checker) PersonRow(p *Person, given Given) []Fault { return c.person(p, given, given) }

// person checks a person whose fields have these values, of which some are new.
func (c *Checker) person(p *Person, given, fresh Given) []Fault {
	gives := func(columns ...string) bool { g := GivenBy(OfPeople, columns); return given&g == g }
	f := c.faults()
	f.reference("id", p.ID, true)
	f.line("name", p.Name)
	if p.Role == "" {
		f.fault("role", "is empty: use %s", OneOf(Roles))
	} else if !slices.Contains(Roles, string(p.Role)) {
		f.fault("role", "%s is not a role: use %s", quoted(string(p.Role)), OneOf(Roles))
	}
	f.line("team", p.Team)
	f.address("email", &p.Email, ParseEmail)
	f.address("mobile", &p.Mobile, ParseMobile)
	c.staffAddresses(&f, p, fresh)
	if gives("email", "mobile") && !p.Reachable() {
		f.fault("email", "there is neither an email address nor a mobile number: give one, so that this person can be told")
	}
	if p.Channel != "" && !slices.Contains(Channels, p.Channel) {
		f.fault("channel", "%s is not a channel: use %s", quoted(p.Channel), OneOf(Channels))
	}
	f.reference("reports_to", p.ReportsTo, false)
	if p.ID != "" && p.ReportsTo == p.ID {
		f.fault("reports_to", "a person cannot report to themselves")
	}
	f.reference("cover", p.Cover, false)
	if p.ID != "" && p.Cover == p.ID {
		f.fault("cover", "a person cannot cover for themselves")
	}
	f.believed("active_from", p.ActiveFrom)
	f.believed("active_until", p.ActiveUntil)
	if !p.ActiveUntil.IsZero() && p.ActiveUntil.Before(p.ActiveFrom) {
		f.fault("active_until", "lies before active_from: correct one of them")
	}
	f.believed("away_from", p.AwayFrom)
	if gives("away_from") && !p.AwayUntil.IsZero() && p.AwayFrom.IsZero() {
		f.fault("away_from", "is empty though there is an away_until: fill in the first day away")
	}
	f.believed("away_until", p.AwayUntil)
	if !p.AwayUntil.IsZero() && p.AwayUntil.Before(p.AwayFrom) {
		f.fault("away_until", "lies before away_from: correct one of them")
	}
	return f.list
}

// Case checks a case as a record system describes it.
func (c *Checker) Case(k *Case) []Fault {
	f := c.faults()
	f.reference("ref", k.Ref, true)
	f.word("pathway", &k.Pathway, c.words.pathways, "")
	f.past("opened_at", k.Opened, "is empty: every clock of the case counts from it")
	f.past("recorded_at", k.Recorded, "")
	f.reference("practitioner", k.Practitioner, false)
	f.reference("manager", k.Manager, false)
	f.reference("chair", k.Chair, false)
	f.line("team", k.Team)
	if k.Contact != "" && !slices.Contains(Contacts, k.Contact) {
		f.fault("contact", "%s is not known: use %s", quoted(k.Contact), OneOf(Contacts))
	}
	if k.Plan != "" && !slices.Contains(Plans, k.Plan) {
		f.fault("plan", "the value is not known: use %s", OneOf(Plans))
	}
	if !k.EDD.IsZero() {
		f.ahead("edd", c.rules.Calendar.StartOf(k.EDD))
	}
	f.line("household", k.Household)
	f.line("addressee", k.Addressee)
	for i, line := range k.Address {
		if column := i + 1; column > mostAddressLines {
			f.fault("address_6", "the address has more than %d lines: join some of them", mostAddressLines)
			break
		} else if !isLine(line) {
			f.line("address_"+strconv.Itoa(column), line)
		}
	}
	f.line("postcode", k.Postcode)
	f.line("phone", k.Phone)
	for _, service := range k.OpenTo {
		if !IsShortName(service) {
			f.fault("open_to", "the value is not a short name: write it like baby-steps, with ; between several")
		}
	}
	if !k.VisitEvery.IsZero() && !k.VisitEvery.isFrequency() {
		f.fault("visit_every", "%s %s", quoted(k.VisitEvery.String()), noFrequency)
	}
	f.past("closed_at", k.Closed, "")
	if !k.Closed.IsZero() && k.Closed.Before(k.Opened) {
		f.fault("closed_at", "lies before opened_at: correct one of them")
	}
	f.line("language", k.Language)
	return f.list
}

// mostAddressLines is how many columns an address has.
const mostAddressLines = 6

// Event checks an event, and gives it its id where it has none. One that says no
// time of recording is recorded whenever it is taken in.
func (c *Checker) Event(e *Event) []Fault {
	f := c.faults()
	f.name("event_id", e.ID, false)
	f.reference("case_ref", e.Case, true)
	f.word("kind", &e.Kind, c.words.kinds, "is empty: say what happened")
	f.past("at", e.At, "is empty: say when it happened")
	f.past("recorded_at", e.Recorded, "")
	if !e.Recorded.IsZero() && e.Recorded.Before(e.At) {
		if e.Recorded.Before(e.At.Add(-clockSlack)) && len(f.list) == 0 {
			f.fault("recorded_at", "lies before the event itself: correct it, or when it happened")
		}
		e.Recorded = e.At // two clocks that differ a little
	}
	f.reference("by", e.By, false)
	f.line("value", e.Value)
	f.ahead("due_at", e.Due)
	f.ahead("booked_for", e.Booked)
	c.place(&f, e)
	f.text("reason", &e.Reason)
	c.reasonCode(&f, e)
	if len(f.list) > 0 {
		return f.list // what depends on the kind would only repeat it
	}
	kind := kindsByName[e.Kind]
	if kind != nil {
		c.needs(&f, kind, e)
	}
	if e.ID == "" {
		e.ID = EventID(e)
	}
	if e.Kind == KindVoided && e.Value == e.ID {
		f.fault("value", "an event cannot void itself: give the id of the event that was recorded in error")
	}
	return f.list
}

// needs checks what the kind asks of the event's other columns.
func (c *Checker) needs(f *faults, kind *Kind, e *Event) {
	if kind.Booked != "" && e.Booked.IsZero() {
		f.fault("booked_for", "is empty: %s needs %s", e.Kind, kind.Booked)
	}
	if kind.Due != "" && e.Due.IsZero() {
		f.fault("due_at", "is empty: %s needs %s", e.Kind, kind.Due)
	}
	if kind.Reason != "" && strings.TrimSpace(e.Reason) == "" && e.ReasonCode == "" {
		one := "one"
		if kind.ReasonCoded {
			one = "one, or a reason_code"
		}
		f.fault("reason", "is empty: %s needs %s: say %s", e.Kind, one, kind.Reason)
	}
	if calendar := c.rules.Calendar; e.Kind == KindTimeframeSet && e.Due.Before(e.At) && !e.Due.IsZero() &&
		calendar.DateOf(e.Due).Before(calendar.DateOf(e.At)) {
		f.fault("due_at", "lies before the event itself: correct it, or when it was set")
	}
	if kind.Form != AnyText {
		e.Value = strings.TrimSpace(e.Value)
	}
	switch {
	case e.Value != "", kind.Form == OfPathway: // an empty one is told which there are
		c.form(f, kind.Form, e)
	case kind.Value != "":
		f.fault("value", "is empty: %s needs %s", e.Kind, kind.Value)
	}
}

// form checks an event's value and writes it in one form.
func (c *Checker) form(f *faults, form Form, e *Event) {
	switch form {
	case YesNo:
		f.word("value", &e.Value, yesOrNo, "")
	case OfCard:
		f.word("value", &e.Value, cardVariants, "")
	case WhatDeclined:
		f.word("value", &e.Value, declined, "")
	case OfPathway:
		f.word("value", &e.Value, c.words.pathways, "")
	case Frequency:
		every, err := ParseFrequency(e.Value)
		if err != nil {
			f.fault("value", "%s %v", quoted(e.Value), err)
		}
		e.Value = every.String()
	case BothReviews:
		f.bothReviews(e)
	case OfPerson:
		f.reference("value", e.Value, false)
	case OfDuty:
		if id, ok := c.words.duties.Find(e.Value); ok {
			e.Value = id
		} else if len(c.words.duties.list) > 0 {
			f.fault("value", "%s is no pathway's duty%s: give the duty's id, as \"doorstep pathway show\" has it", quoted(e.Value), DidYouMean(e.Value, c.words.duties.list))
		}
	case Discussed:
		f.discussed(e)
	case NoValue:
		f.fault("value", "%s takes no value: leave it empty, or give another kind where the value says that the child was not seen", e.Kind)
	case Items:
		f.items(e, c.words.items)
	}
}

var (
	yesOrNo      = NewWords(YesOrNo...)
	declined     = NewWords(Declined...)
	cardVariants = NewWords(CardVariants()...)
)

// bothReviews reads the two answers of review-considered and writes them in one
// order.
func (f *faults) bothReviews(e *Event) {
	answers := map[string]string{}
	for _, part := range SplitList(strings.ToLower(e.Value)) {
		question, answer, _ := strings.Cut(part, "=")
		answers[strings.TrimSpace(question)] = strings.TrimSpace(answer)
	}
	answered := func(question string) bool { return slices.Contains(YesOrNo, answers[question]) }
	if len(answers) != 2 || !answered("review") || !answered("legal") {
		f.fault("value", "%s does not answer both questions: write it like review=yes;legal=no", quoted(e.Value))
		return
	}
	e.Value = "review=" + answers["review"] + ";legal=" + answers["legal"]
}

// discussed reads what was said of an unsuccessful visit, and writes it in one order. What
// else stands there is nobody's to see.
func (f *faults) discussed(e *Event) {
	var said Discussion
	for _, part := range SplitList(strings.ToLower(e.Value)) {
		question, answer, _ := strings.Cut(part, "=")
		if !said.answer(strings.TrimSpace(question), strings.TrimSpace(answer)) {
			f.fault("value", "does not say it in the words that are read: write it like seen-by-others=yes;concern=high (yes, no or unknown; low, medium or high), and all else in the reason")
			return
		}
	}
	var parts []string
	if said.SeenByOthers != "" {
		parts = append(parts, "seen-by-others="+said.SeenByOthers)
	}
	if said.Concern != "" {
		parts = append(parts, "concern="+said.Concern)
	}
	e.Value = strings.Join(parts, ";")
}

// items reads the ticked items of a checklist.
func (f *faults) items(e *Event, known *Words) {
	items := SplitList(strings.ToLower(e.Value))
	for _, item := range items {
		if !IsShortName(item) {
			f.fault("value", "%s is not a short name: write it like baby-steps, with ; between several", quoted(item))
		} else if _, ok := known.Find(item); !ok && len(known.list) > 0 {
			f.fault("value", "%s is on no pathway's checklist: %s", quoted(item), known.Choices(item))
		}
	}
	e.Value = strings.Join(items, ";")
}
