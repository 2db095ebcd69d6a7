package flowchart

import (
	"cmp"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// ladderOf returns the ladder a duty climbs; as in pathway.Rules, one that is
// not there is the routine one.
func ladderOf(r *pathway.DutyRule, ladders map[string]*pathway.Ladder) *pathway.Ladder {
	if l := ladders[r.Ladder]; l != nil {
		return l
	}
	return ladders["routine"]
}

// used returns the ladders that duties of the pathway climb, the most serious last.
func used(p *pathway.Pathway, ladders map[string]*pathway.Ladder) []*pathway.Ladder {
	var out []*pathway.Ladder
	for i := range p.Duties {
		if l := ladderOf(&p.Duties[i], ladders); l != nil && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b *pathway.Ladder) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// ladderName is what a duty calls its ladder.
func ladderName(r *pathway.DutyRule, ladders map[string]*pathway.Ladder) string {
	switch l := ladderOf(r, ladders); {
	case l != nil:
		return ladderTitle(l)
	case r.Ladder != "":
		return words(r.Ladder)
	}
	return "routine"
}

func ladderTitle(l *pathway.Ladder) string {
	if l.Title == "" {
		return words(l.ID)
	}
	return strings.ToLower(clean(l.Title))
}

// how says when and by what a ladder's messages go.
func how(l *pathway.Ladder) string {
	s := "at once, day and night"
	if l.OfficeHours {
		s = "in office hours"
	}
	if l.EveryChannel {
		return s + ", by text and by email"
	}
	return s + ", by email or text as each person chose"
}

// at says whom a ladder tells at one moment, without the moment's name.
func at(m pathway.Moment) func(*pathway.Ladder) []string {
	return func(l *pathway.Ladder) (says []string) {
		for _, r := range l.Rungs {
			if r.Moment != m {
				continue
			}
			_, who := rung(r)
			if !r.Offset.IsZero() {
				who = r.Offset.String() + ": " + who
			}
			says = append(says, who)
		}
		return says
	}
}

// rung says when a rung's time is, and who is told.
func rung(r pathway.RungRule) (when, who string) {
	switch r.Moment {
	case pathway.AtStart:
		when = "at the start"
	case pathway.BeforeDue:
		when = r.Offset.String() + " before"
	case pathway.AtSet:
		when = "date set"
	case pathway.AtDue:
		when = "when due"
	case pathway.AfterDue:
		when = r.Offset.String() + " after"
	default:
		when = clean(string(r.Moment))
	}
	who = and(each(r.To, role), "and")
	switch {
	case r.SkipRecorder && r.Moment == pathway.AtSet:
		who += " (not whoever set it)"
	case r.SkipRecorder:
		who += " (not whoever recorded it)"
	}
	return when, who
}

// atStart says whom a ladder tells when a duty opens, and when somebody else sets its date.
func atStart(l *pathway.Ladder) []string {
	says := at(pathway.AtStart)(l)
	for _, set := range at(pathway.AtSet)(l) {
		says = append(says, "date set: "+set)
	}
	return says
}

// afterDue says whom a ladder tells of an overdue duty, again and again.
func afterDue(l *pathway.Ladder) []string {
	says := at(pathway.AfterDue)(l)
	if more := again(l); more != "" {
		says = append(says, "again "+more)
	}
	return says
}

// again says how often an overdue duty is said again after the last rung, and to whom;
// empty: it is not.
func again(l *pathway.Ladder) string {
	if len(l.Again.To) == 0 {
		return ""
	}
	often := "every " + strings.TrimPrefix(l.Again.Every.String(), "1 ")
	if n := len(l.Again.After); n > 0 {
		often = l.Again.After[0].String() + " to " + l.Again.After[n-1].String() + " later, then " + often
	}
	return often + ": " + and(each(l.Again.To, role), "and")
}
