package intake

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// AlsoEvent is an event of which a row of cases tells besides: the last statutory
// visit in a list of plans, for instance.
type AlsoEvent struct {
	Kind string    `yaml:"kind"`
	At   []Heading `yaml:"at"`
}

// alsoSource is where the time of such an event comes from.
type alsoSource struct {
	kind  string
	from  [][]int
	shown string
}

// also finds the columns of the events that rows of cases tell of.
func (h *headerReader) also(p *plan) {
	for _, event := range h.mapping.AlsoEvents {
		s := alsoSource{kind: event.Kind}
		var found []string
		for _, heading := range event.At {
			names, places := h.headings(heading)
			if len(places) == 0 {
				h.fault(heading.String(), "is missing, and the mapping reads from it when a child was %s: check that this is the right file and mapping", event.Kind)
				continue
			}
			found = append(found, names)
			s.from = append(s.from, places)
		}
		s.shown = strings.Join(found, codeJoint)
		p.also = append(p.also, s)
	}
}

// alsoEvents reads the events that a row of cases tells of. What lies outside the
// time in which the case was open belongs to another one, or to another service.
func (p *parser) alsoEvents(c *pathway.Case) (events []pathway.Event) {
	for i := range p.plan.also {
		s := &p.plan.also[i]
		text := joined(p.record, s.from)
		if text == "" {
			continue
		}
		m, err := p.parseMoment(text)
		if err != nil || !m.plausible() {
			p.bad = true
			p.note(s.shown, "%q is not a date: the mapping expects %s", pathway.Shorten(text), p.formats())
			continue
		}
		at := p.zone.instant(m)
		day := func(t time.Time) pathway.Date { return p.zone.reading(t).date() }
		if day(at).Before(day(c.Opened)) || !c.Closed.IsZero() && day(c.Closed).Before(day(at)) {
			continue
		}
		if at.Before(c.Opened) {
			at = c.Opened // a day alone, that of the opening
		}
		e := pathway.Event{Case: c.Ref, Kind: s.kind, At: at}
		for _, f := range p.check.Event(&e) {
			if f.Column == "case_ref" {
				continue // a fault of the row's own
			}
			p.bad = true
			p.note(s.shown, "%s", f.Message)
		}
		events = append(events, e)
	}
	return events
}

// period is a row of a case, and the events that it tells of.
type period struct {
	row    int
	c      pathway.Case
	given  pathway.Given
	events []pathway.Event
}

// periods are the rows of a list in which a case has a row for each time it was open.
// They are kept until the list has been read, for they may stand in any order.
type periods struct {
	order []string // references, as they first stand in the file
	of    map[string][]period
	rows  int
}

// mostPeriods bounds the rows that are kept: a list of plans has some thousands.
const mostPeriods = 200_000

func (l *periods) add(one period) {
	if l.of == nil {
		l.of = map[string][]period{}
	}
	if _, known := l.of[one.c.Ref]; !known {
		l.order = append(l.order, one.c.Ref)
	}
	l.of[one.c.Ref] = append(l.of[one.c.Ref], one)
	l.rows++
}

// handCase gives a case and its events to the sink, or puts them aside until the
// whole list is known.
func (p *parser) handCase(sink Sink, c pathway.Case, given pathway.Given, events []pathway.Event) error {
	switch {
	case p.bad:
		return nil
	case p.byPeriod && p.periods.rows == mostPeriods:
		p.whole("more than %d rows: this is no list of plans; divide it", mostPeriods)
		return nil
	case p.byPeriod:
		p.periods.add(period{p.row, c, given, events})
		return nil
	}
	return p.handOver(sink, p.row, c, given, events)
}

func (p *parser) handOver(sink Sink, row int, c pathway.Case, given pathway.Given, events []pathway.Event) error {
	if err := sink.AddCase(row, c, given); err != nil {
		return err
	}
	return p.handEvents(sink, row, events)
}

// onlyThat is what a row of cases gives of an event: that it happened.
const onlyThat = pathway.Given(0)

func (p *parser) handEvents(sink Sink, row int, events []pathway.Event) error {
	for _, e := range events {
		p.result.Events++
		if err := sink.AddEvent(row, e, onlyThat); err != nil {
			return err
		}
	}
	return nil
}

// handPeriods gives the cases that were put aside to the sink. Of a case with several
// rows the first time it was open is the case, and what followed are its events: it
// was closed, and opened again. Who has it now and where, the last row says.
func (p *parser) handPeriods(sink Sink) error {
	for _, ref := range p.periods.order {
		rows := p.periods.of[ref]
		slices.SortStableFunc(rows, func(a, b period) int { return a.c.Opened.Compare(b.c.Opened) })
		rows = slices.CompactFunc(rows, func(a, b period) bool {
			return reflect.DeepEqual(a.c, b.c) && a.given == b.given && reflect.DeepEqual(a.events, b.events)
		})
		if p.contradict(rows) {
			continue
		}
		last := rows[len(rows)-1]
		c := last.c
		c.Opened, c.Closed = rows[0].c.Opened, rows[0].c.Closed
		if err := p.handOver(sink, last.row, c, last.given, rows[0].events); err != nil {
			return err
		}
		for _, r := range rows[1:] {
			events := []pathway.Event{{Case: ref, Kind: pathway.KindReopened, At: r.c.Opened}}
			if !r.c.Closed.IsZero() {
				events = append(events, pathway.Event{Case: ref, Kind: pathway.KindClosed, At: r.c.Closed})
			}
			for i := range events {
				p.check.Event(&events[i]) // their times were checked with the row
			}
			if err := p.handEvents(sink, r.row, append(events, r.events...)); err != nil {
				return err
			}
		}
	}
	return nil
}

// isTooOld reports whether the row is of a case that was opened longer ago than the
// mapping reads. One that does not say when is told so.
func (p *parser) isTooOld() bool {
	if p.oldest.IsZero() {
		return false
	}
	m, err := p.parseMoment(unwrap(p.value(p.record, caseOpened)))
	return err == nil && m.plausible() && p.calendar.Add(p.zone.reading(p.zone.instant(m)).date(), p.oldest).Before(p.today)
}

// contradict notes rows of a case that cannot be one after the other.
func (p *parser) contradict(rows []period) bool {
	for i := 1; i < len(rows); i++ {
		before, r := &rows[i-1], &rows[i]
		p.begin(r.row, nil)
		switch {
		case before.c.Closed.IsZero() && p.restarts:
			before.c.Closed = r.c.Opened
			continue
		case before.c.Closed.IsZero():
			p.whole("row %d says that the same case has been open since before and has no end: give it its end, or keep one of the two", before.row)
		case r.c.Opened.Before(before.c.Closed):
			p.whole("begins before the time of row %d, of the same case, has ended: correct one of the two", before.row)
		default:
			continue
		}
		p.result.Rows -= len(rows)
		p.result.BadRows += len(rows)
		return true
	}
	return false
}
