package flowchart

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"example.org/doorstep/pathway"
)

// stage is the duties that open on one event, and the event.
type stage struct {
	opens   pathway.Trigger
	heading string
	duties  []*pathway.DutyRule
	also    []string // for each duty, what else opens it; empty where the heading says it
	place   place
}

// place says where on the chart a stage stands.
type place int

const (
	atOpening place = iota
	atAttempt       // the n-th unsuccessful visit, one below the other
	atEvery         // every unsuccessful visit, beside those
	following       // an event that meets a duty of this chart
	aside           // any other event
)

// everyVisit reports whether a trigger is set off by each unsuccessful visit.
func everyVisit(t pathway.Trigger) bool {
	return t.MinAttempt == 1 && t.MaxAttempt == 0 ||
		t.Times == 0 && t.Event.Kind == unsuccessful && t.Event.By == ""
}

// stages puts the duties in the order in which a case comes to them, those of one
// stage by how soon they are due. A duty that several events open stands with the
// earliest.
func stages(p *pathway.Pathway) []stage {
	var out []stage
	for i := range p.Duties {
		r := &p.Duties[i]
		var first pathway.Trigger
		if len(r.Opens) > 0 {
			first = slices.MinFunc(r.Opens, func(a, b pathway.Trigger) int { return compare(p, a, b) })
		}
		at := slices.IndexFunc(out, func(s stage) bool { return same(s.opens, first) })
		if at < 0 {
			at = len(out)
			out = append(out, stage{opens: first, place: placeOf(p, first)})
		}
		out[at].duties = append(out[at].duties, r)
	}
	slices.SortStableFunc(out, func(a, b stage) int { return compare(p, a.opens, b.opens) })
	if !slices.ContainsFunc(out, func(s stage) bool { return s.place == atAttempt }) {
		for i := range out {
			if out[i].place == atEvery {
				out[i].place = atAttempt // nothing to stand beside
			}
		}
	}
	for i := range out {
		slices.SortStableFunc(out[i].duties, func(a, b *pathway.DutyRule) int { return cmp.Compare(length(a), length(b)) })
		out[i].name()
	}
	return out
}

// length is about how many days a duty leaves, for putting the shortest first. A
// duty whose time counts from another date than the event's comes after those,
// and what both sides record comes last.
func length(r *pathway.DutyRule) float64 {
	const last = 1e6
	if r.BothRecord {
		return 2 * last
	}
	shortest := last
	for _, d := range r.Due {
		days := float64(d.Within.Offset.N)
		switch d.Within.Offset.Unit {
		case pathway.Hours:
			days /= 24
		case pathway.WorkingDays:
			days *= 7.0 / 5
		case pathway.Weeks:
			days *= 7
		case pathway.Months:
			days *= 30
		}
		if d.Within.Anchor == pathway.FromOpening {
			shortest = min(shortest, days)
		}
	}
	return shortest
}

func placeOf(p *pathway.Pathway, t pathway.Trigger) place {
	switch {
	case t.Opened:
		return atOpening
	case everyVisit(t):
		return atEvery
	case t.MinAttempt > 0:
		return atAttempt
	}
	for i := range p.Duties {
		for _, m := range p.Duties[i].MetBy {
			if m.Kind == t.Event.Kind && t.Event.Kind != pathway.KindSeen {
				return following
			}
		}
	}
	return aside
}

// compare orders triggers by place, and attempts by number.
func compare(p *pathway.Pathway, a, b pathway.Trigger) int {
	return cmp.Or(
		cmp.Compare(placeOf(p, a), placeOf(p, b)),
		cmp.Compare(a.MinAttempt, b.MinAttempt),
		cmp.Compare(uint(a.MaxAttempt)-1, uint(b.MaxAttempt)-1), // no end comes last
	)
}

func same(a, b pathway.Trigger) bool {
	if a.Text == "" && b.Text == "" {
		return a == b
	}
	return a.Text == b.Text
}

// name gives the stage its heading. Where the same events open all its duties,
// the heading names them all; otherwise each duty names its own others.
func (s *stage) name() {
	others := make([][]string, len(s.duties))
	alike := true
	for i, r := range s.duties {
		for _, t := range r.Opens {
			if !same(t, s.opens) {
				others[i] = append(others[i], trigger(t))
			}
		}
		alike = alike && slices.Equal(others[i], others[0])
	}
	heading := []string{trigger(s.opens)}
	s.also = make([]string, len(s.duties))
	if alike {
		heading = append(heading, others[0]...)
	} else {
		for i := range others {
			s.also[i] = and(others[i], "or")
		}
	}
	s.heading = pathway.Capitalised(and(heading, "or"))
}

var ordinals = []string{"", "first", "second", "third", "fourth", "fifth"}

// trigger says what opens a duty, without a capital.
func trigger(t pathway.Trigger) string {
	nth := func(n int) string {
		if n > 0 && n < len(ordinals) {
			return ordinals[n]
		}
		return "number " + strconv.Itoa(n)
	}
	switch {
	case t == pathway.Trigger{}:
		return "opened by no event"
	case t.Opened:
		return "case opened"
	case t.Birth:
		return "birth, or the move from an antenatal pathway"
	case everyVisit(t):
		return "every unsuccessful visit"
	case t.MinAttempt > 0 && t.MaxAttempt == 0:
		return nth(t.MinAttempt) + " and later unsuccessful visits in a row"
	case t.MinAttempt == 1 && t.MaxAttempt == 1:
		return "first unsuccessful visit"
	case t.MinAttempt > 0 && t.MinAttempt == t.MaxAttempt:
		return nth(t.MinAttempt) + " unsuccessful visit in a row"
	case t.MinAttempt > 0:
		return fmt.Sprintf("unsuccessful visits %d to %d in a row", t.MinAttempt, t.MaxAttempt)
	case t.BookedTime:
		return "the time booked for a visit, where its outcome is not recorded that day"
	case t.Silence:
		return "nothing to be done and nothing booked, and not seen at the latest visit"
	case t.Once:
		return fmt.Sprintf("%s, %d within %s, each counted once", event(t.Event), t.Times, t.Within)
	case t.Times > 0 && t.Within.IsZero():
		return fmt.Sprintf("%s, %d in a row", event(t.Event), t.Times)
	case t.Times > 0:
		return fmt.Sprintf("%s, %d in any %s", event(t.Event), t.Times, t.Within)
	}
	return event(t.Event)
}
