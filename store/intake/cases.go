package intake

import (
	"regexp"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

var safeToWrite = pathway.GivenBy(pathway.OfCases, []string{"safe_to_write"})

// caseRow reads a row of cases, and says what it gives. Whether it is safe to write
// is never changed by an empty cell.
func (p *parser) caseRow() (c pathway.Case, given pathway.Given) {
	safe := p.word(caseSafeToWrite, p.yesNo)
	if given = p.given; safe == "" {
		given &^= safeToWrite
	}
	c = pathway.Case{
		Ref:          p.text(caseRef),
		Pathway:      p.word(casePathway, p.pathways),
		Practitioner: p.who(casePractitioner),
		Manager:      p.who(caseManager),
		Chair:        p.who(caseChair),
		Team:         p.text(caseTeam),
		Contact:      p.word(caseContact, p.contacts),
		Plan:         p.word(casePlan, p.plans),
		EDD:          p.date(caseEDD),
		Household:    p.text(caseHousehold),
		Addressee:    p.text(caseAddressee),
		Postcode:     postcode(p.text(casePostcode)),
		Phone:        p.text(casePhone),
		Language:     strings.ToLower(p.text(caseLanguage)),
		SafeToWrite:  safe == "yes",
		LargePrint:   p.word(caseLargePrint, p.yesNo) == "yes",
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
	c.Opened = p.past(caseOpened)
	c.Closed = p.closed(c.Opened)
	return c, given
}

// closed reads when the case was closed. A day without a time that is the day of
// the opening is not before it.
func (p *parser) closed(opened time.Time) time.Time {
	closed := p.past(caseClosed)
	if closed.IsZero() || !closed.Before(opened) {
		return closed
	}
	m, _ := p.parseMoment(p.value(p.record, caseClosed))
	if m.dateOnly && m.date() == p.zone.reading(opened).date() {
		return opened
	}
	return closed
}

// every reads how often a visit is due.
func (p *parser) every(c column) pathway.Offset {
	s := p.text(c)
	if s == "" {
		return pathway.Offset{}
	}
	o, err := pathway.ParseFrequency(s)
	if err != nil {
		p.not(c, s, err.Error())
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
