package pathway

import (
	"strings"
	"testing"
)

// TestADutyIsAnsweredOnThePageThatCanSayIt: how a visit went where that meets it first of
// all; and of what else meets it only what somebody can say, a booking as its two kinds.
func TestADutyIsAnsweredOnThePageThatCanSayIt(t *testing.T) {
	for _, c := range []struct{ met, page, answers string }{
		{"seen", "record", ""},
		{"seen unsuccessful", "record", ""},
		{"seen unsuccessful cancelled-by-family declined booking", "record", "visit-booked appointment-offered"},
		{"decision-recorded booking duty-opened seen", "do/d", "decision-recorded visit-booked appointment-offered"},
		{"appointment-offered visit-booked seen declined", "do/d", "appointment-offered visit-booked"},
		{"booking visit-booked", "do/d", "visit-booked appointment-offered"},
		{"declined", "record", ""},
		{"liaison", "do/d", "liaison"},
	} {
		rule := DutyRule{ID: "d"}
		for _, kind := range strings.Fields(c.met) {
			rule.MetBy = append(rule.MetBy, Match{Kind: kind})
		}
		var answers []string
		for _, m := range rule.Answers() {
			answers = append(answers, m.Kind)
		}
		if page, got := rule.AnswerPage(), strings.Join(answers, " "); page != c.page || got != c.answers {
			t.Errorf("what is met by %s is answered on %q by %q, want on %q by %q", c.met, page, got, c.page, c.answers)
		}
		if got, want := rule.MetByVisit(), strings.Contains(c.met, "seen") || c.met == "declined"; got != want {
			t.Errorf("what is met by %s is met by a visit: %t, want %t", c.met, got, want)
		}
	}
}
