package intake

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Values longer than this are no references, names or addresses.
const (
	longestValue  = 500
	longestReason = 10_000
)

// parser turns rows into values and notes what is wrong with them.
type parser struct {
	*plan
	of        string
	zone      *zone
	layouts   []layout
	latest    int64 // unix seconds: nothing has happened later
	horizon   int64 // unix seconds: nobody plans beyond
	described int   // bad rows whose faults are kept

	roles, channels, contacts, plans, pathways, kinds, items, variants, yesNo *words

	row    int
	record []string
	bad    bool // the row has a fault
	result Result
}

func newParser(o Options, p *plan) *parser {
	out := &parser{plan: p, of: o.Of, zone: newZone(o.Location), described: described,
		roles: newWords(roles...), channels: newWords(channels...), contacts: newWords(Contacts...), plans: newWords(Plans...),
		pathways: newWords(o.Vocabulary.Pathways...), items: newWords(o.Vocabulary.Items...), variants: newWords(variants...), yesNo: newWords(yesNo...),
		kinds:   newWords(append(pathway.Kinds(), o.Vocabulary.Kinds...)...),
		latest:  o.Now.AddDate(0, 0, 1).Unix(),
		horizon: o.Now.AddDate(20, 0, 0).Unix(),
	}
	if o.Partial {
		out.described = mostBadInPart + 1
	}
	if o.Mapping != nil {
		for _, written := range o.Mapping.Dates {
			if l, err := parseLayout(written); err == nil { // Mapping.Check has seen the others
				out.layouts = append(out.layouts, l)
			}
		}
	}
	return out
}

// begin starts on a row.
func (p *parser) begin(row int, record []string) { p.row, p.record, p.bad = row, record, false }

// hand gives the row's value to the sink, or notes why it cannot.
func (p *parser) hand(sink Sink) (err error) {
	switch {
	case p.bad:
	case p.of == People:
		if person := p.person(); !p.bad {
			err = sink.AddPerson(p.row, person)
		}
	case p.of == Cases:
		if c := p.caseRow(); !p.bad {
			err = sink.AddCase(p.row, c)
		}
	default:
		if e := p.event(); !p.bad {
			err = sink.AddEvent(p.row, e)
		}
	}
	if p.bad {
		p.result.BadRows++
	} else {
		p.result.Rows++
	}
	return err
}

// whole notes a fault of the row as a whole.
func (p *parser) whole(format string, args ...any) { p.note("", format, args...) }

// fault notes a fault in a column.
func (p *parser) fault(c column, format string, args ...any) {
	p.note(p.shown[c], format, args...)
}

func (p *parser) note(column, format string, args ...any) {
	p.bad = true
	if p.result.BadRows < p.described {
		p.result.Faults = append(p.result.Faults, Fault{p.row, column, fmt.Sprintf(format, args...)})
	}
}

// not notes that a value is not what it should be. The value of a private column
// is not shown.
func (p *parser) not(c column, value, what string) {
	if p.private[c] {
		p.fault(c, "the value %s", what)
		return
	}
	p.fault(c, "%s %s", strconv.Quote(shorten(value)), what)
}

// text returns one line of text.
func (p *parser) text(c column) string {
	s := p.value(p.record, c)
	if len(s) > longestValue {
		p.fault(c, "is longer than %d characters: is it the right column?", longestValue)
		return ""
	}
	if hasControl(s) {
		p.fault(c, "holds a line break or a control character: write it in one line")
		return ""
	}
	return s
}

// needed returns one line of text that has to be there.
func (p *parser) needed(c column) string {
	s := p.text(c)
	if s == "" && !p.bad {
		p.fault(c, "is empty: it has to be filled in")
	}
	return s
}

// long returns text of several lines.
func (p *parser) long(c column) string {
	s := p.value(p.record, c)
	if len(s) > longestReason {
		p.fault(c, "is longer than %d characters: shorten it", longestReason)
		return ""
	}
	if hasControl(s) {
		s = strings.Map(func(r rune) rune {
			if isControl(r) && r != '\n' && r != '\t' {
				return -1
			}
			return r
		}, s)
	}
	return s
}

// hasControl looks at every value of every row: a plain loop over bytes first.
func hasControl(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return strings.ContainsFunc(s[i:], isControl)
		}
	}
	return false
}

// word returns one of the words a column may hold; empty stays empty.
func (p *parser) word(c column, w *words) string {
	if codes := p.sources[c].codes; codes != nil && !p.listed(c, codes, w) {
		return ""
	}
	s := p.text(c)
	if s == "" {
		return ""
	}
	word, ok := w.find(s)
	if !ok {
		p.not(c, s, "is not known: "+w.choices(s))
	}
	return word
}

// listed reports whether the mapping says what a row's code means, and notes where
// it does not. A word of Doorstep's own passes by itself, except for what happened:
// there only the mapping's codes count.
func (p *parser) listed(c column, codes *codes, w *words) bool {
	values := p.values(p.record, c)
	if _, listed := codes.meaning(values); listed {
		return true
	}
	if strings.Join(values, "") == "" && len(values) == 1 {
		return true // empty, of which the column itself decides
	}
	isKind := p.of == Events && c == eventKind
	if _, own := w.find(strings.Join(values, "")); own && !isKind {
		return true
	}
	p.not(c, showCode(values), codes.choices())
	return false
}

// moment returns a time; ok is false where there is none or it is wrong.
func (p *parser) moment(c column) (m moment, ok bool) {
	s := p.text(c)
	if s == "" {
		return m, false
	}
	m, err := p.parseMoment(s)
	switch {
	case err != nil && len(p.layouts) > 0:
		p.not(c, s, "is not a date: the mapping expects "+p.formats())
	case err != nil:
		p.not(c, s, "is not a date: write it as 2026-12-24, 2026-12-24 16:00 or 2026-12-24T16:00:00Z")
	case !m.plausible():
		p.not(c, s, fmt.Sprintf("is not a date in the years %d to %d: is it a typing error?", firstYear, lastYear))
	default:
		return m, true
	}
	return m, false
}

func (p *parser) parseMoment(s string) (moment, error) {
	for _, l := range p.layouts {
		if t, err := time.Parse(l.form, s); err == nil {
			return momentOf(t, !l.hasTime), nil
		}
	}
	return parseMoment(s)
}

func (p *parser) formats() string {
	list := make([]string, len(p.layouts))
	for i, l := range p.layouts {
		list[i] = l.written
	}
	return oneOf(append(list, "2026-12-24 16:00"))
}

// past returns the instant of something that has happened.
func (p *parser) past(c column) (time.Time, bool) {
	m, ok := p.moment(c)
	if !ok {
		return time.Time{}, false
	}
	t := p.zone.instant(m)
	if t.Unix() > p.latest {
		p.not(c, p.value(p.record, c), "is in the future: only what has happened can be recorded")
		return t, false
	}
	return t, true
}

// planned returns an instant that may lie ahead; zero when there is none.
func (p *parser) planned(c column) time.Time {
	m, ok := p.moment(c)
	if !ok {
		return time.Time{}
	}
	t := p.zone.instant(m)
	if t.Unix() > p.horizon {
		p.not(c, p.value(p.record, c), "lies more than 20 years ahead: is it a typing error?")
	}
	return t
}

// lastDay returns the instant at which something ends that is said to last until
// a time: for a day, when that day is over. Zero when there is none.
func (p *parser) lastDay(c column) time.Time {
	m, ok := p.moment(c)
	if !ok {
		return time.Time{}
	}
	if m.dateOnly {
		m.wall += 86400
	}
	return p.zone.instant(m)
}

// date returns a day; a time of day behind it does not count.
func (p *parser) date(c column) pathway.Date {
	m, ok := p.moment(c)
	if !ok {
		return pathway.Date{}
	}
	if m.zoned { // the day that it is here
		local := p.zone.reading(p.zone.instant(m))
		return local.date()
	}
	return m.date()
}

// list returns short names with ";" between.
func (p *parser) list(c column) []string {
	items := splitList(p.text(c))
	for i, item := range items {
		item = strings.ToLower(item)
		if !isKebab(item) {
			p.not(c, item, "is not a short name: write it like baby-steps, with ; between several")
		}
		items[i] = item
	}
	return items
}
