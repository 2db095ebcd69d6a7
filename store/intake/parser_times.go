package intake

import (
	"regexp"
	"time"

	"example.org/doorstep/pathway"
)

// moment returns a time; ok is false where there is none or it is wrong.
func (p *parser) moment(c column) (m moment, ok bool) {
	s := p.text(c)
	if s == "" {
		return m, false
	}
	m, err := p.parseMoment(s)
	switch {
	case err != nil && countsDays(s):
		p.not(c, s, "is how a spreadsheet counts days: give the column the format of a date there, as in 2026-12-24, and save the file once more")
	case err != nil && len(p.layouts) > 0:
		p.not(c, s, "is not a date: the mapping expects "+p.formats())
	case err != nil && dateElsewhere(s):
		p.not(c, s, "is not how dates are written here: write it as 2026-12-24, 2026-12-24 16:00 or 2026-12-24T16:00:00Z, or import the file with a mapping that says how its dates are written")
	case err != nil:
		p.not(c, s, "is not a date: write it as 2026-12-24, 2026-12-24 16:00 or 2026-12-24T16:00:00Z")
	case !m.plausible():
		p.not(c, s, implausible())
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
	m, err := parseMoment(s)
	if midnight := emptyTime.FindStringSubmatch(s); err != nil && midnight != nil {
		return p.parseMoment(midnight[1] + " " + midnight[2])
	}
	return m, err
}

// emptyTime is a date with a midnight that means nothing, before the time in
// another column.
var emptyTime = regexp.MustCompile(`^([0-9/.-]{6,10})[T ]00:00(?::00(?:\.0+)?)? ([0-9].*)$`)

func (p *parser) formats() string {
	list := make([]string, len(p.layouts))
	for i, l := range p.layouts {
		list[i] = l.written
	}
	return pathway.OneOf(append(list, "2026-12-24 16:00"))
}

// past returns the instant of something that has happened; zero when there is none.
func (p *parser) past(c column) time.Time {
	t, _ := p.happened(c)
	return t
}

// happened is past that says what is doubtful of the time.
func (p *parser) happened(c column) (t time.Time, doubt pathway.ClockDoubt) {
	m, ok := p.moment(c)
	if !ok {
		return t, doubt
	}
	if t = p.zone.instant(m); t.Unix() > p.latest {
		p.not(c, p.value(p.record, c), "is in the future: only what has happened can be recorded")
	}
	return t, p.zone.doubt(m)
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
