package configs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// ruleCheck finds the mistakes in pathways and sets: what could never happen,
// never be met, or leave somebody without a due time.
type ruleCheck struct {
	*ruleSet
	kinds    []string
	declared map[string]bool // kinds that pathway files add
}

// kindsOnceDeclared are kinds that Doorstep did not always know by itself, so that an
// organisation's file may declare them. It says nothing new then.
var kindsOnceDeclared = []string{pathway.KindDeclined, pathway.KindRiskAssessed, pathway.KindReferralMade, pathway.KindLegalAdviceSought,
	pathway.KindReviewHeld, pathway.KindHistoryReviewed, pathway.KindLetterReturned, pathway.KindSafeToWrite}

func newRuleCheck(s *ruleSet) *ruleCheck {
	c := &ruleCheck{ruleSet: s, kinds: pathway.Kinds(), declared: map[string]bool{}}
	for _, r := range c.documents() {
		for i, kind := range r.Kinds {
			switch {
			case !pathway.IsShortName(kind):
				r.fault(fmt.Sprintf("kinds[%d]", i), "%q is not a kind: use small letters, digits and hyphens, as in conference-held", kind)
			case slices.Contains(kindsOnceDeclared, kind):
			case slices.Contains(pathway.Kinds(), kind), slices.Contains(pathway.SortsOfEvent(), kind), kind == "opened":
				r.fault(fmt.Sprintf("kinds[%d]", i), "%q is a kind that Doorstep has already: take it out", kind)
			default:
				c.declared[kind] = true
			}
		}
	}
	c.kinds = append(c.kinds, slices.Sorted(maps.Keys(c.declared))...)
	return c
}

// documents returns pathways and sets, each in the order of their ids.
func (c *ruleCheck) documents() []*ruleDocument {
	var out []*ruleDocument
	for _, from := range []map[string]*ruleDocument{c.pathways, c.sets} {
		for _, id := range slices.Sorted(maps.Keys(from)) {
			out = append(out, from[id])
		}
	}
	return out
}

func (c *ruleCheck) all() {
	for _, r := range c.documents() {
		c.document(r)
	}
	for _, id := range slices.Sorted(maps.Keys(c.pathways)) {
		c.whole(c.pathways[id])
	}
	c.includeCircles()
	c.moveCircles()
	c.allLadders()
}

// document checks what can be seen in one document alone.
func (c *ruleCheck) document(r *ruleDocument) {
	if r.Pathway != "" && strings.TrimSpace(r.Title) == "" {
		r.fault("pathway", "%s has no title: add one for people to read", r.Pathway)
	}
	for i, id := range r.Include {
		if c.sets[id] == nil {
			r.fault(fmt.Sprintf("include[%d]", i), "there is no set %q%s", id, pathway.DidYouMean(id, slices.Sorted(maps.Keys(c.sets))))
		}
	}
	for i, m := range r.Moves {
		key := fmt.Sprintf("moves[%d]", i)
		if m.On.Kind == "" {
			r.missing(key+".on", "the event that moves the case")
		} else {
			c.match(r, key+".on", m.On)
		}
		switch {
		case m.To == "":
			r.missing(key+".to", "the pathway the case moves to")
		case c.pathways[m.To] == nil:
			r.fault(key+".to", "there is no pathway %q%s", m.To, pathway.DidYouMean(m.To, slices.Sorted(maps.Keys(c.pathways))))
		case m.To == r.Pathway:
			r.fault(key+".to", "moves the case to the pathway it is on: take it out")
		}
	}
	if h := r.Held; r.has("appointments") {
		c.heldAt(r, "appointments.at", h.At)
		if h.Basis == "" {
			r.missing("appointments.basis", "whose word it is, guidance or local")
		}
	}
	for i := range r.Flags {
		c.flag(r, fmt.Sprintf("flags[%d]", i), &r.Flags[i])
	}
	for i := range r.Duties {
		c.duty(r, fmt.Sprintf("duties[%d]", i), &r.Duties[i])
	}
}

// missing notes that a key is not there; it does not repeat a mistake that is
// known of it already.
func (r *ruleDocument) missing(key, what string) {
	for _, f := range *r.faults {
		if f.File == r.file && f.Key != "" && strings.HasPrefix(f.Key, key) {
			return
		}
	}
	r.fault(key, "is missing: %s", what)
}

// heldAt checks where a contact is held.
func (c *ruleCheck) heldAt(r *ruleDocument, key, at string) {
	if !slices.Contains(c.places, at) {
		r.fault(key, "%q is no place that the configuration has%s: use %s", at, pathway.DidYouMean(at, c.places), pathway.OneOf(c.places))
	}
}

func (c *ruleCheck) flag(r *ruleDocument, key string, f *flagEntry) {
	c.id(r, key, f.ID)
	if strings.TrimSpace(f.Title) == "" {
		r.missing(key+".title", "what the manager reads")
	}
	r.plain(key+".title", f.Title)
	if f.On.Text == "" {
		r.missing(key+".on", "what raises the flag")
	} else {
		c.trigger(r, key+".on", f.On)
	}
}

func (c *ruleCheck) id(r *ruleDocument, key, id string) {
	if id == "" {
		r.missing(key+".id", "a short name in small letters, digits and hyphens")
	} else if !pathway.IsShortName(id) {
		r.fault(key+".id", "%q is not an id: use small letters, digits and hyphens, as in see-child", id)
	}
}

// trigger checks that what opens a duty or raises a flag can happen.
func (c *ruleCheck) trigger(r *ruleDocument, key string, t pathway.Trigger) {
	if !t.Opened && !t.Birth && t.MinAttempt == 0 && !t.ComesByItself() {
		c.match(r, key, t.Event)
	}
}

// match checks that the events picked out can be recorded.
func (c *ruleCheck) match(r *ruleDocument, key string, m pathway.Match) {
	if m.Kind == "" {
		return // a mistake noted already
	}
	if !slices.Contains(pathway.SortsOfEvent(), m.Kind) && !slices.Contains(c.kinds, m.Kind) {
		r.fault(key, `%q is not an event Doorstep knows%s: correct it, or declare it with "kinds: [%s]"`,
			m.Kind, pathway.DidYouMean(m.Kind, c.kinds), m.Kind)
		return
	}
	if pathway.KindOf(m.Kind).Form == pathway.YesNo && m.Value != "" && !strings.EqualFold(m.Value, "yes") && !strings.EqualFold(m.Value, "no") {
		r.fault(key, "%q can never be recorded: the answer is yes or no", m.Text)
	}
	if pathway.KindOf(m.Kind).Form == pathway.BothReviews && m.Value != "" && !slices.Contains(reviewAnswers, strings.ToLower(m.Value)) {
		r.fault(key, "%q can never be recorded: write one answer, such as %s=legal=yes", m.Text, m.Kind)
	}
}

// reviewAnswers are the answers of which review-considered has two.
var reviewAnswers = []string{"review=yes", "review=no", "legal=yes", "legal=no"}

// conditionOn finds the words that a condition compares with.
var conditionOn = regexp.MustCompile(`^(?:not )?(contact is|plan is|before first|after) (\S+)$`)

func (c *ruleCheck) condition(r *ruleDocument, key string, condition pathway.Condition) {
	m := conditionOn.FindStringSubmatch(condition.Text)
	if m == nil {
		return
	}
	known := c.kinds
	switch m[1] {
	case "contact is":
		known = pathway.Contacts
	case "plan is":
		known = pathway.Plans
	}
	if !slices.Contains(known, m[2]) {
		r.fault(key, "%q is never true: %q is not known%s", condition.Text, m[2], pathway.DidYouMean(m[2], known))
	}
}

// whole checks a pathway with everything it includes.
func (c *ruleCheck) whole(r *ruleDocument) {
	first := map[string]*ruleDocument{}
	duties := 0
	again := func(what, id string, part *ruleDocument, key string) {
		before := first[what+id]
		first[what+id] = part
		switch {
		case id == "" || before == nil:
		case before == part:
			part.fault(key, "%s %q is defined twice: keep one", what, id)
		default:
			r.fault("include", "%s %q stands in %s and in %s: keep one", what, id, before.name(), part.name())
		}
	}
	for _, part := range c.parts(r) {
		for i := range part.Duties {
			again("duty", part.Duties[i].ID, part, fmt.Sprintf("duties[%d].id", i))
			duties++
		}
		for i := range part.Flags {
			again("flag", part.Flags[i].ID, part, fmt.Sprintf("flags[%d].id", i))
		}
	}
	if duties == 0 {
		r.fault("pathway", "%q has no duties: nobody would be reminded of anything", r.Pathway)
	}
}

func (r *ruleDocument) name() string {
	if r.Pathway != "" {
		return "pathway " + r.Pathway
	}
	return "set " + r.Set
}

// includeCircles finds sets that include themselves by way of others.
func (c *ruleCheck) includeCircles() {
	done := map[string]bool{}
	var visit func(id string, above []string)
	visit = func(id string, above []string) {
		r := c.sets[id]
		if r == nil || done[id] {
			return
		}
		above = append(above, id)
		for i, next := range r.Include {
			if at := slices.Index(above, next); at >= 0 {
				r.fault(fmt.Sprintf("include[%d]", i), "goes round in a circle: %s", strings.Join(append(above[at:len(above):len(above)], next), " → "))
				continue
			}
			visit(next, above)
		}
		done[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(c.sets)) {
		visit(id, nil)
	}
}

// moveCircles finds pathways between which one and the same event would move a
// case round and round.
func (c *ruleCheck) moveCircles() {
	reported := map[string]bool{}
	for _, start := range slices.Sorted(maps.Keys(c.pathways)) {
		for _, part := range c.parts(c.pathways[start]) {
			for i, m := range part.Moves {
				round := []string{start}
				for to := m.To; c.pathways[to] != nil && !slices.Contains(round, to); to = c.moveOn(to, m.On) {
					round = append(round, to)
				}
				back := c.moveOn(round[len(round)-1], m.On) == start && len(round) > 1
				members := slices.Sorted(slices.Values(round))
				if name := strings.ToLower(m.On.Text) + strings.Join(members, " "); back && !reported[name] {
					reported[name] = true
					part.fault(fmt.Sprintf("moves[%d]", i), "goes round in a circle on %q: %s: take one of the moves out",
						m.On.Text, strings.Join(append(round, start), " → "))
				}
			}
		}
	}
}

// moveOn returns where an event moves a case that is on the pathway.
func (c *ruleCheck) moveOn(id string, on pathway.Match) string {
	for _, part := range c.parts(c.pathways[id]) {
		for _, m := range part.Moves {
			if m.On.Kind == on.Kind && m.On.By == on.By && strings.EqualFold(m.On.Value, on.Value) {
				return m.To
			}
		}
	}
	return ""
}
