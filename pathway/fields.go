package pathway

import (
	"slices"
	"strings"
	"time"
)

// Given is which fields a row gives. Of the others it says nothing: what is known of
// them stays as it is.
type Given uint32

// GivenAll is what a row gives that says everything there is to say.
const GivenAll = ^Given(0)

// GivenBy is what a row of people, cases or events gives that has these columns
// (FORMATS, "CSV"). The lines of an address are one field: an address is never put
// together from two.
func GivenBy(of string, columns []string) (given Given) {
	names := namesOfFields[of]
	for _, column := range columns {
		if strings.HasPrefix(column, "address_") {
			column = fieldAddress
		}
		if i := slices.Index(names, column); i >= 0 {
			given |= 1 << i
		}
	}
	return given
}

// gives reports whether a row gives the field in the given place.
func (g Given) gives(place int) bool { return g&(1<<place) != 0 }

// field is one thing that a row says.
type field[V any] struct {
	name    string // its column
	private bool   // its values are for nobody but those who work on the case
	text    func(v *V, zone *time.Location) string
	keep    func(v, known *V)       // sets it to what is known
	set     func(v *V, text string) // sets it to what text says of it
}

// fieldAddress is the one field that the columns address_1 to address_6 make.
const fieldAddress = "address"

var namesOfFields = map[string][]string{
	OfPeople: namesOf(personFields),
	OfCases:  namesOf(caseFields),
	OfEvents: namesOf(eventFields),
}

func namesOf[V any](fields []field[V]) []string {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].name
	}
	return names
}

// textField is a field that is a text.
func textField[V any](name string, of func(*V) *string) field[V] {
	return field[V]{name: name,
		text: func(v *V, _ *time.Location) string { return *of(v) },
		keep: func(v, known *V) { *of(v) = *of(known) },
		set:  func(v *V, text string) { *of(v) = text }}
}

// timeField is a field that is an instant.
func timeField[V any](name string, of func(*V) *time.Time) field[V] {
	return field[V]{name: name,
		text: func(v *V, zone *time.Location) string {
			if of(v).IsZero() {
				return ""
			}
			return of(v).In(zone).Format(time.RFC3339)
		},
		keep: func(v, known *V) { *of(v) = *of(known) },
		set:  func(v *V, text string) { *of(v) = parsed(text) }}
}

// yesNoField is a field that is yes or no.
func yesNoField[V any](name string, of func(*V) *bool) field[V] {
	return field[V]{name: name,
		text: func(v *V, _ *time.Location) string {
			if *of(v) {
				return "yes"
			}
			return "no"
		},
		keep: func(v, known *V) { *of(v) = *of(known) },
		set:  func(v *V, text string) { *of(v) = text == "yes" }}
}

func private[V any](f field[V]) field[V] {
	f.private = true
	return f
}

var personFields = []field[Person]{
	private(textField("name", func(p *Person) *string { return &p.Name })),
	textField("role", func(p *Person) *string { return (*string)(&p.Role) }),
	textField("team", func(p *Person) *string { return &p.Team }),
	private(textField("email", func(p *Person) *string { return &p.Email })),
	private(textField("mobile", func(p *Person) *string { return &p.Mobile })),
	textField("channel", func(p *Person) *string { return &p.Channel }),
	textField("reports_to", func(p *Person) *string { return &p.ReportsTo }),
	textField("cover", func(p *Person) *string { return &p.Cover }),
	timeField("active_from", func(p *Person) *time.Time { return &p.ActiveFrom }),
	timeField("active_until", func(p *Person) *time.Time { return &p.ActiveUntil }),
	timeField("away_from", func(p *Person) *time.Time { return &p.AwayFrom }),
	timeField("away_until", func(p *Person) *time.Time { return &p.AwayUntil }),
}

var caseFields = []field[Case]{
	textField("pathway", func(c *Case) *string { return &c.Pathway }),
	timeField("opened_at", func(c *Case) *time.Time { return &c.Opened }),
	textField("practitioner", func(c *Case) *string { return &c.Practitioner }),
	textField("manager", func(c *Case) *string { return &c.Manager }),
	textField("chair", func(c *Case) *string { return &c.Chair }),
	textField("team", func(c *Case) *string { return &c.Team }),
	textField("contact", func(c *Case) *string { return &c.Contact }),
	private(textField("plan", func(c *Case) *string { return &c.Plan })),
	private(field[Case]{name: "edd",
		text: func(c *Case, _ *time.Location) string { return c.EDD.String() },
		keep: func(c, known *Case) { c.EDD = known.EDD }}),
	private(textField("household", func(c *Case) *string { return &c.Household })),
	private(textField("addressee", func(c *Case) *string { return &c.Addressee })),
	private(field[Case]{name: fieldAddress,
		text: func(c *Case, _ *time.Location) string { return strings.Join(c.Address, "\n") },
		keep: func(c, known *Case) { c.Address = known.Address },
		set:  func(c *Case, text string) { c.Address = listOf(text, "\n") }}),
	private(textField("postcode", func(c *Case) *string { return &c.Postcode })),
	private(textField("phone", func(c *Case) *string { return &c.Phone })),
	yesNoField("safe_to_write", func(c *Case) *bool { return &c.SafeToWrite }),
	private(field[Case]{name: "open_to",
		text: func(c *Case, _ *time.Location) string { return strings.Join(c.OpenTo, ";") },
		keep: func(c, known *Case) { c.OpenTo = known.OpenTo },
		set:  func(c *Case, text string) { c.OpenTo = listOf(text, ";") }}),
	{name: "visit_every",
		text: func(c *Case, _ *time.Location) string { return c.VisitEvery.String() },
		keep: func(c, known *Case) { c.VisitEvery = known.VisitEvery },
		set:  func(c *Case, text string) { c.VisitEvery, _ = ParseOffset(text) }}, // empty: none was set
	private(textField("language", func(c *Case) *string { return &c.Language })),
	private(yesNoField("large_print", func(c *Case) *bool { return &c.LargePrint })),
	timeField("closed_at", func(c *Case) *time.Time { return &c.Closed }),
}

var eventFields = []field[Event]{
	textField("by", func(e *Event) *string { return &e.By }),
	textField("value", func(e *Event) *string { return &e.Value }),
	timeField("due_at", func(e *Event) *time.Time { return &e.Due }),
	timeField("booked_for", func(e *Event) *time.Time { return &e.Booked }),
	private(textField("reason", func(e *Event) *string { return &e.Reason })),
	textField("place", func(e *Event) *string { return &e.Place }),
	private(textField("reason_code", func(e *Event) *string { return &e.ReasonCode })),
}

// standingFields are what events change of where a case stands.
var standingFields = []field[CaseNow]{
	textField("pathway", func(n *CaseNow) *string { return &n.Pathway }),
	textField("practitioner", func(n *CaseNow) *string { return &n.Practitioner }),
	private(textField("edd", func(n *CaseNow) *string { return &n.EDD })),
	yesNoField("closed", func(n *CaseNow) *bool { return &n.Closed }),
}

// movesOf sets two standings against each other, without what is said already.
func movesOf(before, after *CaseNow, said []FieldChange) []FieldChange {
	return slices.DeleteFunc(changesOf(standingFields, before, after, time.UTC), func(c FieldChange) bool {
		return slices.ContainsFunc(said, func(s FieldChange) bool {
			return s.Field == c.Field || s.Field == "closed_at" && c.Field == "closed"
		})
	})
}

// keepUngiven sets what a row does not give to what is known.
func keepUngiven[V any](fields []field[V], v, known *V, given Given) {
	for i := range fields {
		if !given.gives(i) {
			fields[i].keep(v, known)
		}
	}
}

// Completed is what a row says of a person together with what is known of them; nil:
// nothing, and what the row does not give is as for anybody new.
func (p Person) Completed(given Given, known *Person) Person {
	if known == nil {
		known = &Person{}
	}
	keepUngiven(personFields, &p, known, given)
	if p.Channel == "" {
		p.Channel = ChannelEmail
	}
	return p
}

// Completed is what a row says of a case together with what is known of it; nil:
// nothing, and what the row does not give is as for any new case.
func (c Case) Completed(given Given, known *Case) Case {
	if known == nil {
		known = &newCase
	}
	keepUngiven(caseFields, &c, known, given)
	return c
}

// newCase is what holds of a case of which nothing is known.
var newCase = Case{SafeToWrite: true}

// Completed is what a row says of an event together with what is known of it.
func (e Event) Completed(given Given, known *Event) Event {
	keepUngiven(eventFields, &e, known, given)
	return e
}

// FieldChange is one field of a case or a person that is another than before.
type FieldChange struct {
	Field    string
	Private  bool // its values are for nobody but those who work on the case
	Old, New string
}

// changesOf sets two values against each other, field by field.
func changesOf[V any](fields []field[V], before, after *V, zone *time.Location) []FieldChange {
	var out []FieldChange
	for i := range fields {
		f := &fields[i]
		if was, is := f.text(before, zone), f.text(after, zone); was != is {
			out = append(out, FieldChange{f.name, f.private, was, is})
		}
	}
	return out
}

// ChangesOfPerson is what differs between what was and what is known of a person.
func ChangesOfPerson(before, after *Person, zone *time.Location) []FieldChange {
	return changesOf(personFields, before, after, zone)
}
