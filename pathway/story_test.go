package pathway

import (
	"strings"
	"testing"
	"time"
)

// organisation is the calendar that the guidance's worked examples use.
func organisation(t testing.TB) *Calendar {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	cal, err := NewCalendar(CalendarSettings{
		Location: zone, Region: "england-and-wales",
		DayEnds: 17 * 60, OfficeOpens: 8 * 60, OfficeCloses: 18 * 60, RemindAt: 8*60 + 30,
	})
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

// clock reads "2026-09-02 10:00", or a day alone, in London.
func clock(t testing.TB, cal *Calendar, s string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04"
	if !strings.Contains(s, " ") {
		layout = time.DateOnly
	}
	at, err := time.ParseInLocation(layout, s, cal.Location())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// duty writes a rule in the words of a pathway file.
type duty struct {
	id, owner, opens, due, metBy, condition, checklist, sooner string
	replaces                                                   bool
}

// pathwayOf builds a pathway from such rules.
func pathwayOf(t testing.TB, id string, duties ...duty) *Pathway {
	t.Helper()
	p := &Pathway{ID: id, Version: "v1"}
	for _, d := range duties {
		rule := DutyRule{ID: d.id, Title: d.id, Basis: Local, Owner: Practitioner, Ladder: "routine", Replaces: d.replaces}
		if d.owner != "" {
			rule.Owner = Role(d.owner)
		}
		for _, s := range list(d.opens) {
			rule.Opens = append(rule.Opens, must(ParseTrigger(s))(t))
		}
		for _, s := range list(d.metBy) {
			rule.MetBy = append(rule.MetBy, must(ParseMatch(s))(t))
		}
		for _, s := range list(d.sooner) {
			rule.Sooner = append(rule.Sooner, must(ParseMatch(s))(t))
		}
		for _, s := range list(d.checklist) {
			name, condition, _ := strings.Cut(s, " if ")
			rule.Checklist = append(rule.Checklist, Item{Name: name, If: must(ParseCondition(condition))(t)})
		}
		rule.If = must(ParseCondition(d.condition))(t)
		for _, s := range list(d.due) {
			within, condition, _ := strings.Cut(s, " if ")
			rule.Due = append(rule.Due, DueRule{If: must(ParseCondition(condition))(t), Within: must(ParseDue(within))(t)})
		}
		p.Duties = append(p.Duties, rule)
	}
	return p
}

// list splits "a | b".
func list(s string) []string {
	if s == "" {
		return nil
	}
	parts := strings.Split(s, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// event reads "x1 no-access 2026-09-02 10:00 by=W1 due=2026-09-07 value=a;b";
// a kind is followed by its day and time.
func event(t testing.TB, cal *Calendar, s string) Event {
	t.Helper()
	f := strings.Fields(s)
	e := Event{ID: f[0], Case: "C-1", Kind: f[1], At: clock(t, cal, f[2]+" "+f[3])}
	e.Recorded = e.At
	for _, field := range f[4:] {
		key, value, _ := strings.Cut(field, "=")
		value = strings.ReplaceAll(value, "_", " ")
		switch key {
		case "by":
			e.By = value
			e.ByRole = map[byte]Role{'W': Practitioner, 'M': Manager, 'S': ServiceManager}[value[0]]
		case "value":
			e.Value = value
		case "due":
			e.Due = clock(t, cal, value)
		case "booked":
			e.Booked = clock(t, cal, value)
		case "recorded":
			e.Recorded = clock(t, cal, value)
		case "reason":
			e.Reason = value
		case "way":
			e.Way = value
		default:
			t.Fatalf("event %q: unknown field %q", s, key)
		}
	}
	return e
}

// story is a case on a pathway and what happens on it.
type story struct {
	pathways []*Pathway
	c        Case
	opened   string
	events   []string
}

func (s story) derive(t testing.TB) Result {
	t.Helper()
	cal := organisation(t)
	rules := NewRules(cal, nil)
	for _, p := range s.pathways {
		rules.AddPathway(p, time.Time{})
	}
	c := s.c
	c.Ref, c.Pathway = "C-1", s.pathways[0].ID
	if c.Practitioner == "" {
		c.Practitioner = "W1"
	}
	if c.Manager == "" {
		c.Manager = "M1"
	}
	c.Opened = clock(t, cal, s.opened)
	c.Recorded = c.Opened
	var events []Event
	for _, e := range s.events {
		events = append(events, event(t, cal, e))
	}
	r, err := Derive(rules, &c, events)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// lines writes duties as "id attempt due state[ met]" at the end of time.
func lines(cal *Calendar, duties []Duty) string {
	var b strings.Builder
	for _, d := range duties {
		local := func(t time.Time) string { return t.In(cal.Location()).Format("2006-01-02 15:04") }
		b.WriteString(d.ID + " " + string(rune('0'+d.Attempt)) + " " + local(d.Due))
		switch state := d.StateAt(d.Due); {
		case !d.Met.IsZero():
			b.WriteString(" " + string(state) + " " + local(d.Met))
		case !d.Ended.IsZero():
			b.WriteString(" ended: " + d.EndedWhy)
		default:
			b.WriteString(" open")
		}
		b.WriteByte('\n')
	}
	return b.String()
}
