package intake

import (
	"regexp"
	"strings"

	"example.org/doorstep/pathway"
)

// caseRow reads a row of cases.
func (p *parser) caseRow() pathway.Case {
	c := pathway.Case{
		Ref:          p.needed(caseRef),
		Pathway:      p.pathwayID(casePathway),
		Practitioner: p.text(casePractitioner),
		Manager:      p.text(caseManager),
		Chair:        p.text(caseChair),
		Team:         p.text(caseTeam),
		Contact:      p.word(caseContact, p.contacts),
		Plan:         p.word(casePlan, p.plans),
		EDD:          p.date(caseEDD),
		Household:    p.text(caseHousehold),
		Addressee:    p.text(caseAddressee),
		Postcode:     postcode(p.text(casePostcode)),
		Phone:        p.text(casePhone),
		Language:     strings.ToLower(p.text(caseLanguage)),
		SafeToWrite:  p.word(caseSafeToWrite, p.yesNo) != "no",
		OpenTo:       p.list(caseOpenTo),
		VisitEvery:   p.every(caseVisitEvery),
	}
	for line := caseAddress1; line <= caseAddress6; line++ {
		if s := p.text(line); s != "" {
			if c.Address == nil {
				c.Address = make([]string, 0, 6)
			}
			c.Address = append(c.Address, s)
		}
	}
	var ok bool
	if c.Opened, ok = p.past(caseOpened); !ok && !p.bad {
		p.fault(caseOpened, "is empty: every clock of the case counts from it")
	}
	p.closed(&c)
	return c
}

// closed reads when the case was closed. A day without a time that is the day of
// the opening is not before it.
func (p *parser) closed(c *pathway.Case) {
	closed, ok := p.past(caseClosed)
	if !ok {
		return
	}
	if closed.Before(c.Opened) {
		m, _ := p.parseMoment(p.value(p.record, caseClosed))
		if !m.dateOnly || m.date() != p.zone.reading(c.Opened).date() {
			p.fault(caseClosed, "lies before opened_at: correct one of them")
		}
		closed = c.Opened
	}
	c.Closed = closed
}

// pathwayID reads the id of a pathway.
func (p *parser) pathwayID(c column) string {
	if len(p.pathways.list) == 0 {
		return p.needed(c)
	}
	id := p.word(c, p.pathways)
	if id == "" && !p.bad {
		p.fault(c, "is empty: %s", p.pathways.choices(""))
	}
	return id
}

// every reads how often a visit is due.
func (p *parser) every(c column) pathway.Offset {
	s := p.text(c)
	if s == "" {
		return pathway.Offset{}
	}
	o, err := pathway.ParseOffset(strings.ToLower(s))
	if err != nil || o.N == 0 || o.Unit == pathway.Hours {
		p.not(c, s, "is not how often to visit: write it like 10 working days or 6 weeks")
		return pathway.Offset{}
	}
	return o
}

// britishPostcode is the form of postcodes, with or without the space.
var britishPostcode = regexp.MustCompile(`^([A-Z]{1,2}[0-9][A-Z0-9]?) *([0-9][A-Z]{2})$`)

// postcode writes a British postcode in capitals with one space. Another is kept
// as it is.
func postcode(s string) string {
	if s == "" {
		return ""
	}
	if m := britishPostcode.FindStringSubmatch(strings.ToUpper(s)); m != nil {
		return m[1] + " " + m[2]
	}
	return s
}
