package intake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/doorstep/pathway"
)

// parser turns rows into values and notes what is wrong with them: what cannot be
// read by itself, and what is not valid by asking pathway.Checker.
type parser struct {
	*plan
	of        string
	check     *pathway.Checker
	zone      *zone
	layouts   []layout
	latest    int64 // unix seconds: nothing has happened later
	horizon   int64 // unix seconds: nobody plans beyond
	described int   // bad rows whose faults are kept

	roles, channels, contacts, plans, yesNo, kinds, pathways *pathway.Words

	staff    *staff // nil: names stand as they are
	byName   [mostColumns]bool
	byPeriod bool
	restarts bool
	periods  periods
	calendar *pathway.Calendar
	oldest   pathway.Offset // how long ago a case may have been opened; zero: any time
	today    pathway.Date

	row    int
	record []string
	faults []columnFault // of the row
	bad    bool          // it has any
	result Result
}

func newParser(o Options, p *plan) *parser {
	out := &parser{plan: p, of: o.Of, check: pathway.NewChecker(o.Rules, o.Now), zone: newZone(o.Rules.Calendar.Location()), described: described,
		roles: pathway.NewWords(pathway.Roles...), channels: pathway.NewWords(pathway.Channels...),
		kinds: o.Rules.Kinds(), pathways: o.Rules.Pathways(),
		contacts: pathway.NewWords(pathway.Contacts...), plans: pathway.NewWords(pathway.Plans...), yesNo: pathway.NewWords(pathway.YesOrNo...),
		latest:  o.Now.AddDate(0, 0, 1).Unix(),
		horizon: o.Now.AddDate(20, 0, 0).Unix(),
	}
	if o.Partial {
		out.described = mostBadInPart + 1
	}
	if o.Staff != nil {
		out.staff = newStaff(o.Staff)
	}
	if o.Mapping != nil {
		out.byPeriod, out.restarts = o.Mapping.Periods, o.Mapping.Restarts
		out.calendar, out.oldest, out.today = o.Rules.Calendar, o.Mapping.NoOlderThan, o.Rules.Calendar.DateOf(o.Now)
		for _, name := range o.Mapping.ByName {
			out.byName[slices.Index(p.table.columns, name)] = true
		}
		for _, written := range o.Mapping.Dates {
			if l, err := parseLayout(written); err == nil { // Mapping.Check has seen the others
				out.layouts = append(out.layouts, l)
			}
		}
	}
	return out
}

// begin starts on a row.
func (p *parser) begin(row int, record []string) {
	p.row, p.record, p.faults, p.bad = row, record, p.faults[:0], false
}

// hand gives the row's value to the sink, or notes why it cannot.
func (p *parser) hand(sink Sink) (err error) {
	doubts, _ := sink.(doubting)
	switch {
	case p.bad: // it has no values
	case p.of == People:
		person := p.person()
		if p.isGood(p.check.PersonRow(&person, p.given)) {
			err = sink.AddPerson(p.row, person, p.given)
		} else if doubts != nil {
			err = doubts.DoubtPerson(p.row, pathway.Person{ReportsTo: p.unless(personReportsTo, person.ReportsTo), Cover: p.unless(personCover, person.Cover)})
		}
	case p.of == Cases:
		c, given := p.caseRow()
		good := p.isGood(p.check.Case(&c))
		if events := p.alsoEvents(&c); good { // whose faults are told in the same round
			err = p.handCase(sink, c, given, events)
		}
		if p.bad && doubts != nil {
			err = doubts.DoubtCase(p.row, pathway.Case{Ref: p.unless(caseRef, c.Ref), Practitioner: p.unless(casePractitioner, c.Practitioner),
				Manager: p.unless(caseManager, c.Manager), Chair: p.unless(caseChair, c.Chair)})
		}
	default:
		e := p.event()
		if p.isGood(p.check.Event(&e)) {
			err = sink.AddEvent(p.row, e, p.given)
		} else if doubts != nil {
			err = doubts.DoubtEvent(p.row, pathway.Event{Case: p.unless(eventCase, e.Case), Kind: e.Kind, By: p.unless(eventBy, e.By), Value: p.unless(eventValue, e.Value)})
		}
	}
	if p.bad {
		p.result.BadRows++
	} else {
		p.result.Rows++
	}
	return err
}

// columnFault is a fault in one of Doorstep's columns.
type columnFault struct {
	column  column
	message string
}

// isGood reports whether the row could be read and is valid. Its faults are noted in
// the order of the columns: what could not be read, and of the other columns what is
// not valid.
func (p *parser) isGood(faults []pathway.Fault) bool {
	unread := p.faults
	for _, f := range faults {
		c := column(slices.Index(p.table.columns, f.Column))
		if !slices.ContainsFunc(unread, func(u columnFault) bool { return u.column == c }) {
			p.fault(c, "%s", f.Message)
		}
	}
	slices.SortStableFunc(p.faults, func(a, b columnFault) int { return int(a.column - b.column) })
	for _, f := range p.faults {
		p.note(p.shown[f.column], "%s", f.message)
	}
	return !p.bad
}

// unless returns a value of the row, if its column has no fault.
func (p *parser) unless(c column, value string) string {
	if slices.ContainsFunc(p.faults, func(f columnFault) bool { return f.column == c }) {
		return ""
	}
	return value
}

// whole notes a fault of the row as a whole.
func (p *parser) whole(format string, args ...any) { p.note("", format, args...) }

// fault notes a fault in a column, to be told with the others of the row.
func (p *parser) fault(c column, format string, args ...any) {
	p.bad = true
	p.faults = append(p.faults, columnFault{c, fmt.Sprintf(format, args...)})
}

func (p *parser) note(column, format string, args ...any) {
	p.bad = true
	if p.result.BadRows < p.described {
		p.result.Faults = append(p.result.Faults, Fault{Row: p.row, Column: column, Message: fmt.Sprintf(format, args...)})
	}
}

// not notes that a value is not what it should be. The value of a private column
// is not shown.
func (p *parser) not(c column, value, what string) {
	if p.private[c] {
		p.fault(c, "the value %s", what)
		return
	}
	p.fault(c, "%s %s", strconv.Quote(pathway.Shorten(value)), what)
}

// nameless notes a value in a column at the end that has no name.
func (p *parser) nameless(record []string) {
	for _, i := range p.unnamed {
		if cell(record[i]) != "" {
			p.whole("column %d holds a value and has no name: name it in the header, or take the value out", i+1)
			return
		}
	}
}

// text returns one line of text.
func (p *parser) text(c column) string {
	s := unwrap(p.value(p.record, c))
	if what := mangled(s); what != "" {
		p.not(c, s, what)
		return ""
	}
	if s != "" {
		s += p.sources[c].suffix
	}
	return s
}

// address returns what somebody is written to, to be refused where it holds a mark: a
// mended address may be somebody else's.
func (p *parser) address(c column) string {
	for _, names := range p.sources[c].from {
		if raw := strings.TrimSpace(p.record[names[0]]); strings.ContainsFunc(raw, pathway.IsMark) {
			return raw
		}
	}
	return p.text(c)
}

// who returns somebody's id, also where the file gives a name.
func (p *parser) who(c column) string {
	s := p.text(c)
	if s == "" || !p.byName[c] || p.staff == nil {
		return s
	}
	id, problem := p.staff.find(s)
	if problem != "" {
		p.fault(c, "%s", problem)
	}
	return id
}

// long returns text of several lines, without the characters that mail and paper
// cannot show.
func (p *parser) long(c column) string {
	s := p.value(p.record, c)
	if s == uncalculated {
		p.not(c, s, mangled(s))
		return ""
	}
	return pathway.CleanedText(s)
}

// word returns one of the words a column may hold; empty stays empty.
func (p *parser) word(c column, w *pathway.Words) string {
	if codes := p.sources[c].codes; codes != nil && !p.listed(c, codes, w) {
		return ""
	}
	s := p.text(c)
	if s == "" {
		return ""
	}
	word, ok := w.Find(s)
	if !ok {
		p.not(c, s, "is not known: "+w.Choices(s))
	}
	return word
}

// listed reports whether the mapping says what a row's code means, and notes where
// it does not. A word of Doorstep's own passes by itself, except for what happened:
// there only the mapping's codes count.
func (p *parser) listed(c column, codes *codes, w *pathway.Words) bool {
	values := p.values(p.record, c)
	if _, listed := codes.meaning(values); listed {
		return true
	}
	if strings.Join(values, "") == "" && len(values) == 1 {
		return true // empty, of which the column itself decides
	}
	isKind := p.of == Events && c == eventKind
	if _, own := w.Find(strings.Join(values, "")); own && !isKind {
		return true
	}
	p.not(c, showCode(values), codes.choices())
	return false
}

// list returns short names with ";" between.
func (p *parser) list(c column) []string {
	items := pathway.SplitList(p.text(c))
	for i, item := range items {
		item = strings.ToLower(item)
		if !pathway.IsShortName(item) {
			p.not(c, item, "is not a short name: write it like baby-steps, with ; between several")
		}
		items[i] = item
	}
	return items
}
