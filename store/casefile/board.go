package casefile

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Board is what is overdue on the cases that somebody oversees.
type Board struct {
	At      time.Time
	Filter  BoardFilter
	Cases   []BoardCase      // what is overdue longest first
	Duties  int              // of all of them
	Hidden  int              // restricted cases of their teams with something overdue, by the filter, that they cannot open
	DataOf  time.Time        // of when the record system's newest events are; zero: no file has come
	Late    []string         // kinds of file that should have come by now
	Teams   []string         // with something overdue, before the filter
	Owners  []string         // who has something overdue, before the filter: by id
	Choices []BoardDuty      // which duties are overdue, before the filter
	Staff   []pathway.Person // who is on these cases

	who   *pathway.Who
	rules *pathway.Rules
	aside map[string][]BoardLine // by case, what is overdue and the filter leaves out
}

// BoardFilter says what of the board is wanted; what is empty does not count.
type BoardFilter struct{ Team, Owner, Duty string }

// BoardDuty is a duty that can be chosen.
type BoardDuty struct{ ID, Title string }

// BoardCase is a case with what is overdue on it.
type BoardCase struct {
	Ref    string
	Duties []BoardLine // at least one, the longest overdue first
}

// First is what is overdue longest.
func (c BoardCase) First() *BoardLine { return &c.Duties[0] }

// BoardLine is a duty that is overdue.
type BoardLine struct {
	*store.LateDuty
	Owner string // whose it is to do, by id; empty: nobody's
	Title string
}

// OverdueSince is pathway.Duty's.
func (l BoardLine) OverdueSince() time.Time { return pathway.OverdueSince(l.Due, l.LateSince) }

// Place is where a case stands on the board; less than zero: it is not there.
func (b *Board) Place(ref string) int {
	return slices.IndexFunc(b.Cases, func(c BoardCase) bool { return c.Ref == ref })
}

// IsToDecide reports whether something that is overdue on a case of the board, filtered or
// not, is for whoever looks to answer in the form in which managers decide. The rest is for
// others to do.
func (b *Board) IsToDecide(c BoardCase) bool {
	asked := func(l BoardLine) bool {
		return len(pathway.DecidesBy(b.who, l.On, b.rules.Rule(l.Pathway, l.Version, l.ID), l.Role)) > 0
	}
	return slices.ContainsFunc(c.Duties, asked) || slices.ContainsFunc(b.aside[c.Ref], asked)
}

// NextToDecide is the next case behind another on which there is something for whoever
// looks to decide; empty: there is none.
func (b *Board) NextToDecide(ref string) string {
	for _, c := range b.Cases[b.Place(ref)+1:] {
		if b.IsToDecide(c) {
			return c.Ref
		}
	}
	return ""
}

// ReadBoard reads what is overdue at now on the cases that somebody may look at.
func ReadBoard(ctx context.Context, db *store.Store, rules *pathway.Rules, who *pathway.Who, f BoardFilter, now time.Time) (*Board, error) {
	now = now.Truncate(time.Millisecond)
	scope, late := pathway.ScopeOf(who, pathway.DeedLook), store.DutyFilter{OpenAt: now, LateAt: now}
	late.Team, late.Owner, late.Duty = f.Team, f.Owner, f.Duty
	kept, err := db.LateCases(ctx, scope, late)
	if err != nil {
		return nil, err
	}
	found := kept.Duties
	b := &Board{At: now, Filter: f, Hidden: kept.ClosedOff, Staff: kept.Staff, who: who, rules: rules, aside: map[string][]BoardLine{}}
	b.noteFiles(kept.Arrivals)
	lines := make([]BoardLine, len(found))
	var is pathway.Duty
	for i := range found {
		d := &found[i]
		is.ID, is.Pathway, is.Version = d.ID, d.Pathway, d.Version
		lines[i] = BoardLine{d, d.On.Holder(d.Role), rules.Title(&is)}
	}
	slices.SortFunc(lines, func(x, y BoardLine) int {
		return cmp.Or(x.OverdueSince().Compare(y.OverdueSince()), x.Due.Compare(y.Due), strings.Compare(x.Case, y.Case), cmp.Compare(x.Number, y.Number))
	})
	places := map[string]int{}
	for i := range lines {
		line := &lines[i]
		b.choose(line)
		if f.Team != "" && line.On.Team != f.Team || f.Owner != "" && line.Owner != f.Owner || f.Duty != "" && line.ID != f.Duty {
			b.aside[line.Case] = append(b.aside[line.Case], *line)
			continue
		}
		place, known := places[line.Case]
		if !known {
			place = len(b.Cases)
			places[line.Case] = place
			b.Cases = append(b.Cases, BoardCase{Ref: line.Case})
		}
		b.Cases[place].Duties = append(b.Cases[place].Duties, *line)
		b.Duties++
	}
	slices.Sort(b.Teams)
	slices.Sort(b.Owners)
	slices.SortFunc(b.Choices, func(x, y BoardDuty) int { return strings.Compare(x.Title, y.Title) })
	return b, nil
}

// choose adds whose duty a line is, and which, to what can be chosen.
func (b *Board) choose(line *BoardLine) {
	if line.On.Team != "" && !slices.Contains(b.Teams, line.On.Team) {
		b.Teams = append(b.Teams, line.On.Team)
	}
	if line.Owner != "" && !slices.Contains(b.Owners, line.Owner) {
		b.Owners = append(b.Owners, line.Owner)
	}
	if choice := (BoardDuty{line.ID, line.Title}); !slices.ContainsFunc(b.Choices, func(c BoardDuty) bool { return c.ID == choice.ID }) {
		b.Choices = append(b.Choices, choice)
	}
}

func (b *Board) noteFiles(arrivals []store.Arrival) {
	for i := range arrivals {
		a := &arrivals[i]
		if a.Of == pathway.OfEvents {
			b.DataOf = a.DataOf
		}
		if a.Late(b.At) {
			b.Late = append(b.Late, a.Of)
		}
	}
}
