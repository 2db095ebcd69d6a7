package casefile

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// The standards that figures are measured by, as the guidance has them, whatever a
// pathway's own clock or a manager's earlier date asks for.
const (
	discussedWithin = 24 * time.Hour
	seenWithinDays  = 5 // working days, until the day ends
	seenWithin      = 24 * time.Hour
)

// The duties whose time is measured by them.
var discussing = []string{"discuss-with-manager", "discuss-immediately", "alert-supervisor"}

const (
	seeingAgain = "see-child-again"
	seeingSoon  = "see-child-within-24h"
)

func measured() []string { return append(slices.Clone(discussing), seeingAgain, seeingSoon) }

// Figures are a service's, for a period: a line for each month, team and pathway of which
// there is something to say. They hold nothing of any one case.
type Figures struct {
	From, Until time.Time // the period, and until when of it something is known
	Lines       []Figure  // by month, team and pathway
}

// Figure is one month of one team on one pathway. A visit counts in the month in which it
// was made, by the calendar of the organisation, and by the team that the case has now.
type Figure struct {
	Month         string // 2026-09
	Team, Pathway string

	Unsuccessful int   // visits
	Discussed    Share // with a manager within 24 hours of the visit
	SeenInDays   Share // within 5 working days of a first unsuccessful visit
	SeenInHours  Share // within 24 hours of a later one
	Overdue      int   // duties at the month's end, or at the period's
}

// Share is how many of those for which a standard asks met it. What may still meet it,
// and what was ended before its time, is in neither number.
type Share struct {
	Asked    bool // a visit asked for it at all
	Done, Of int
}

// figureKey is what a figure is about.
type figureKey struct{ month, team, pathway string }

// figuring counts figures as they go by.
type figuring struct {
	calendar *pathway.Calendar
	from, to time.Time
	at       time.Time // what is known is known at
	ends     []monthEnd
	lines    map[figureKey]*Figure
}

// monthEnd is the last instant of a month, as far as it lies in the period and is over.
type monthEnd struct {
	month string
	at    time.Time
}

// CountFigures counts the figures of a period, from one instant until before another, as
// they stand at now. However many cases there are, it holds only the lines.
func CountFigures(ctx context.Context, db *store.Store, calendar *pathway.Calendar, from, to, now time.Time) (*Figures, error) {
	c := &figuring{calendar: calendar, from: from, to: to, at: now, lines: map[figureKey]*Figure{}}
	until := to
	if now.Before(to) {
		until = now
	}
	for day := calendar.DateOf(from); calendar.StartOf(day).Before(until); {
		next := pathway.Date{Year: day.Year, Month: day.Month, Day: 1}.AddMonths(1)
		end := calendar.StartOf(next)
		if until.Before(end) {
			end = until
		}
		c.ends = append(c.ends, monthEnd{monthOf(day), end})
		day = next
	}
	if err := c.visits(ctx, db); err != nil {
		return nil, err
	}
	for d, err := range db.DutyFigures(ctx, from, until, measured()) {
		if err != nil {
			return nil, err
		}
		c.duty(&d)
	}
	figures := &Figures{From: from, Until: until}
	for _, line := range slices.SortedFunc(maps.Values(c.lines), func(a, b *Figure) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Team, b.Team), cmp.Compare(a.Pathway, b.Pathway))
	}) {
		figures.Lines = append(figures.Lines, *line)
	}
	return figures, nil
}

func monthOf(d pathway.Date) string { return d.String()[:len("2026-09")] }

func (c *figuring) line(month, team, onPathway string) *Figure {
	key := figureKey{month, team, onPathway}
	if c.lines[key] == nil {
		c.lines[key] = &Figure{Month: month, Team: team, Pathway: onPathway}
	}
	return c.lines[key]
}

// visits counts the unsuccessful visits that stand, case by case.
func (c *figuring) visits(ctx context.Context, db *store.Store) error {
	var ofCase []store.VisitFigure
	for v, err := range db.VisitFigures(ctx, c.from, c.to) {
		if err != nil {
			return err
		}
		if len(ofCase) > 0 && ofCase[0].Case != v.Case {
			c.visitsOf(ofCase)
			ofCase = ofCase[:0]
		}
		ofCase = append(ofCase, v)
	}
	c.visitsOf(ofCase)
	return nil
}

func (c *figuring) visitsOf(ofCase []store.VisitFigure) {
	events := make([]pathway.Event, len(ofCase))
	for i := range ofCase {
		events[i] = ofCase[i].Event
	}
	voided := pathway.Voided(events)
	var last time.Time
	for i := range ofCase {
		v := &ofCase[i]
		if !pathway.Unsuccessful(v.Kind) || voided[v.ID] || v.ToConfirm() || v.At.After(c.at) || v.At.Equal(last) {
			continue // two records of one instant are one visit
		}
		last = v.At
		c.line(monthOf(c.calendar.DateOf(v.At)), v.Team, v.Pathway).Unsuccessful++
	}
}

// duty counts one duty: for the visit that opened it, and at the ends of months.
func (c *figuring) duty(d *store.DutyFigure) {
	over := d.Met
	if over.IsZero() {
		over = d.Ended
	}
	for _, end := range c.ends {
		if end.at.After(d.Due) && !d.Opened.After(end.at) && (over.IsZero() || over.After(end.at)) {
			c.line(end.month, d.Team, d.Pathway).Overdue++
		}
	}
	if d.Opened.Before(c.from) || !d.Opened.Before(c.to) {
		return
	}
	day := c.calendar.DateOf(d.Opened)
	of := func() *Figure { return c.line(monthOf(day), d.Team, d.Pathway) }
	switch {
	case slices.Contains(discussing, d.Duty):
		of().Discussed.count(d, d.Opened.Add(discussedWithin), c.at)
	case d.Duty == seeingAgain:
		of().SeenInDays.count(d, c.calendar.EndOf(c.calendar.AddWorkingDays(day, seenWithinDays)), c.at)
	case d.Duty == seeingSoon:
		of().SeenInHours.count(d, d.Opened.Add(seenWithin), c.at)
	}
}

func (s *Share) count(d *store.DutyFigure, standard, now time.Time) {
	s.Asked = true
	switch {
	case !d.Met.IsZero() && !d.Met.After(standard):
		s.Done, s.Of = s.Done+1, s.Of+1
	case d.Met.IsZero() && !d.Ended.IsZero() && !d.Ended.After(standard):
	case now.After(standard):
		s.Of++
	}
}
