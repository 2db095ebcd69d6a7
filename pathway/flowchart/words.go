package flowchart

import (
	"strings"
	"unicode"

	"example.org/doorstep/pathway"
)

// clean makes text of a pathway file safe to show: one line, valid UTF-8, and
// none of the control and direction characters that could make it read as
// something else.
func clean(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.C, r) {
			return -1
		}
		return r
	}, s)
}

// spelling gives words whose id does not show how they are written.
var spelling = map[string]string{
	"gp": "GP", "chis": "CHIS", "cin": "CIN plan", "cp": "CP plan", "cfc": "CfC plan",
	"edd": "the expected date of delivery", "edd-changed": "expected date of delivery changed",
	"booked_for":         "the date booked",
	"childrens-services": "children's services",
	"baby-steps":         "Baby Steps",
	"non-engagement":     "non-engagement",
	"liaison":            "liaison recorded",
	"frequency-set":      "visiting frequency set",

	"legal=yes": "legal advice is needed", "legal=no": "no legal advice is needed",
	"review=yes": "a review is needed", "review=no": "no review is needed",

	"vulnerability-answered": "answered yes or no",
	"discussed-with-manager": "discussed with the manager",
	"relationship-breakdown": "breakdown in the relationship",
	"cancelled-by-family":    "visit cancelled by the family",

	"practitioner": "practitioner", "manager": "team manager", "service-manager": "service manager",
	"chair": "child protection chair", "admin": "admin staff", "owner": "owner",
}

// words writes an id as people say it: "early-years" is early years.
func words(id string) string {
	if s, ok := spelling[id]; ok {
		return s
	}
	return strings.ReplaceAll(clean(id), "-", " ")
}

func role(r pathway.Role) string { return words(string(r)) }

// and joins "a", "b" and "c" as people write a list.
func and(list []string, last string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	n := len(list) - 1
	return strings.Join(list[:n], ", ") + " " + last + " " + list[n]
}

func each[T any](list []T, say func(T) string) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = say(v)
	}
	return out
}

// event names the events that a match picks out.
func event(m pathway.Match) string {
	s := words(m.Kind)
	if sort, is := sorts[m.Kind]; is {
		s = sort
	}
	if m.Value != "" {
		s = strings.ReplaceAll(clean(m.Kind), "-", " ") + ": " + words(m.Value)
	}
	if m.By != "" {
		s += " by the " + role(m.By)
	}
	return s
}

// unsuccessful is how a pathway file writes any unsuccessful visit.
const unsuccessful = "unsuccessful"

// sorts gives the words for events of several kinds.
var sorts = map[string]string{
	unsuccessful:  "unsuccessful visit",
	"booking":     "a new booking",
	"duty-opened": "any event that opens a duty",
}

// condition says for which cases something holds: "if the plan is …", "unless …".
func condition(c pathway.Condition) string {
	rest, not := strings.CutPrefix(c.Text, "not ")
	kind, value := "", ""
	for _, prefix := range []string{"contact is ", "plan is ", "open to ", "before first ", "after "} {
		if v, ok := strings.CutPrefix(rest, prefix); ok {
			kind, value = prefix, words(v)
		}
	}
	says := clean(rest)
	switch kind {
	case "contact is ":
		says = "it is a " + hyphens(value) + " contact"
	case "plan is ":
		says = "it is a " + value
	case "open to ":
		says = "open to " + value
	case "after ":
		says = value + " meets the one before"
	case "before first ":
		if not {
			return "from the first " + value + " on"
		}
		return "until the first " + value
	default:
		switch rest {
		case "edd known":
			says = "the expected date of delivery is known"
		case "chair known":
			says = "the case has a child protection chair"
		}
	}
	if not {
		return "unless " + says
	}
	return "if " + says
}

// hyphens joins words that stand before a noun: a six-week contact.
func hyphens(s string) string { return strings.ReplaceAll(s, " ", "-") }

// clock is one due time of a duty in words, with whose figure it is.
type clock struct {
	Says   string // "Within 5 working days"
	Basis  pathway.Basis
	Clause string // the clock's own; empty where the duty's holds
}

func clocks(r *pathway.DutyRule) []clock {
	out := make([]clock, len(r.Due))
	for i, d := range r.Due {
		out[i] = clock{Says: due(d.Within), Basis: r.Basis, Clause: clean(d.Clause)}
		if d.Basis != "" {
			out[i].Basis = d.Basis
		}
		switch {
		case d.If.Text != "":
			out[i].Says = strings.TrimPrefix(strings.TrimPrefix(condition(d.If), "if it is a "), "if ") + ": " + out[i].Says
		case len(r.Due) > 1:
			out[i].Says = "otherwise: " + out[i].Says
		}
		out[i].Says = pathway.Capitalised(out[i].Says)
	}
	return out
}

// due says a clock as people read it, without a capital.
func due(d pathway.Due) string {
	before := pathway.Offset{N: -d.Offset.N, Unit: d.Offset.Unit}
	switch {
	case d.Immediately:
		return "immediately (taken as " + d.Offset.String() + ": local default)"
	case !d.From.IsZero() && d.Anchor == pathway.FromBirth:
		return "from " + d.From.String() + ", within " + d.Offset.String() + " of the birth"
	case !d.From.IsZero():
		return "from " + d.From.String() + ", within " + d.Offset.String()
	case d.Anchor == pathway.FromEDD || d.Anchor == pathway.FromBooked:
		return "by " + before.String() + " before " + words(string(d.Anchor))
	case d.Anchor == pathway.FromSet && !d.Cap.IsZero():
		return "on the date set, at most " + d.Cap.String()
	case d.Anchor == pathway.FromSet:
		return "on the date set"
	case d.Anchor == pathway.FromBirth:
		return clean(d.Text)
	case d.Every:
		return "at least every " + d.Offset.String()
	case d.Offset.N == 0:
		return "the same day"
	}
	return "within " + d.Offset.String()
}

// item is one line of a checklist.
func item(i pathway.Item) string {
	if i.If.Text == "" {
		return words(i.Name)
	}
	if i.If.Text == "open to "+i.Name {
		return words(i.Name) + " (if open to it)"
	}
	return words(i.Name) + " (" + condition(i.If) + ")"
}

// metBy says what meets a duty.
func metBy(r *pathway.DutyRule) string {
	list := each(r.MetBy, func(m pathway.Match) string {
		if m.Kind == unsuccessful && len(r.Opens) > 0 && (r.Opens[0].Opened || r.Opens[0].BookedTime) {
			return "any unsuccessful visit"
		}
		if m.Kind == unsuccessful {
			return "the next unsuccessful visit"
		}
		return event(m)
	})
	if len(r.Checklist) > 0 {
		return "every item is ticked"
	}
	return and(list, "or")
}

// toldBesides says who is told at the start besides those on the ladder.
func toldBesides(r *pathway.DutyRule) string {
	return and(each(r.Told, func(who pathway.Role) string {
		if who == pathway.Chair {
			return role(who) + " (where the case has one)"
		}
		return role(who)
	}), "and")
}

// sooner says by which events somebody sets an earlier date.
func sooner(r *pathway.DutyRule) string { return and(each(r.Sooner, event), "or") }

// flag says what is pointed out to the manager.
func flag(f pathway.FlagRule) string {
	return clean(f.Title) + " (" + f.Basis.Words() + ")"
}

// edition says which pathway and which state of its file this is.
func edition(p *pathway.Pathway) string {
	s := clean(p.ID)
	if v := []rune(clean(p.Version)); len(v) > 0 {
		s += ", version " + string(v[:min(len(v), 12)])
	}
	return s
}

// pathwayName makes a name of the id of another pathway.
func pathwayName(id string) string {
	for prefix, service := range map[string]string{"hv-": "health visiting, ", "csc-": "children's social care, "} {
		if rest, ok := strings.CutPrefix(id, prefix); ok {
			return pathway.Capitalised(service + words(rest))
		}
	}
	return pathway.Capitalised(words(id))
}

// asks is the question that a move to another pathway answers with yes.
func asks(m pathway.Move) string {
	if m.On.Kind == pathway.KindVulnerabilityAnswered && m.On.Value == "yes" && m.On.By == "" {
		return "Vulnerabilities identified?"
	}
	if m.On.Kind == pathway.KindBorn {
		return "Is the child born?"
	}
	return pathway.Capitalised(event(m.On)) + "?"
}

// keeps says what a move to another pathway leaves as it is.
func keeps(p *pathway.Pathway, m pathway.Move) string {
	if p.Stage == pathway.Antenatal && m.On.Kind == pathway.KindBorn {
		return "what is open here ends, and the count of unsuccessful visits starts again"
	}
	return "the count of unsuccessful visits is kept"
}
