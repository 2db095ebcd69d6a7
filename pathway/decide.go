package pathway

import "slices"

// withQuestions are the kinds of event with which managers answer that have questions of
// their own on the form in which they decide; of the others it asks whether they are done.
var withQuestions = []string{KindDiscussedWithManager, KindTimeframeSet, KindFrequencySet, KindReviewConsidered, KindActionAgreed}

// HasQuestions reports whether a form in which managers decide asks more of a kind of event
// than whether it is done.
func HasQuestions(kind string) bool { return slices.Contains(withQuestions, kind) }

// DecidesBy returns the kinds of event by which somebody can meet a duty in the form in
// which managers decide on a case; none: it asks them nothing about that duty. owner is
// whose the duty is. That a visit was discussed with them a manager may say as well as
// whose duty that is.
func DecidesBy(who *Who, on *AccessCase, rule *DutyRule, owner Role) (kinds []string) {
	if may, _ := May(who, Action{Do: DeedDecide}, on); !may || rule == nil {
		return nil
	}
	for _, m := range rule.Answers() {
		a := Action{Do: DeedRecord, Kind: m.Kind, Owner: owner}
		if m.Kind == KindDiscussedWithManager {
			a.Owner = ""
		}
		k := KindOf(m.Kind)
		if may, _ := May(who, a, on); may && (HasQuestions(m.Kind) || !k.More && k.Value == "") {
			kinds = append(kinds, m.Kind)
		}
	}
	return kinds
}
