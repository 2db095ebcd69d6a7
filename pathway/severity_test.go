package pathway

import (
	"slices"
	"testing"
)

// shippedLadders are the ladders that Doorstep comes with, as far as severity goes.
func shippedLadders() map[string]*Ladder {
	rungs := []RungRule{{Moment: AtStart}, {Moment: AtDue}, {Moment: AfterDue, Offset: Offset{N: 4, Unit: Hours}}}
	return map[string]*Ladder{
		"routine":   {ID: "routine", OfficeHours: true, Severity: 2, Rungs: rungs},
		"urgent":    {ID: "urgent", EveryChannel: true, Severity: 1, Rungs: rungs},
		"immediate": {ID: "immediate", EveryChannel: true, Severity: 0, Rungs: rungs},
	}
}

// TestSeveritiesKeepTheirNumbers: what waits in a ledger was given these numbers,
// and what is written today waits beside it.
func TestSeveritiesKeepTheirNumbers(t *testing.T) {
	r := NewRules(nil, shippedLadders())
	for _, c := range []struct {
		what   string
		got    Severity
		want   Severity
		urgent bool
	}{
		{"the last rung of immediate", r.Ladders["immediate"].SeverityAt(r.Ladders["immediate"].Rungs[2]), 0, true},
		{"the start of immediate", r.Ladders["immediate"].SeverityAt(r.Ladders["immediate"].Rungs[0]), 2, true},
		{"a rung that urgent no longer has", r.Ladders["urgent"].SeverityAt(RungRule{Moment: BeforeDue}), 100, true},
		{"the start of urgent", r.Ladders["urgent"].SeverityAt(r.Ladders["urgent"].Rungs[0]), 102, true},
		{"an answer", r.AnswerSeverity(), 150, true},
		{"an alert", r.AlertSeverity(), 199, true},
		{"the last rung of routine", r.Ladders["routine"].SeverityAt(r.Ladders["routine"].Rungs[2]), 200, false},
		{"a call", r.CallSeverity(), 250, false},
		{"a contact test", TestSeverity, 900_000, false},
		{"a digest", DigestSeverity, 1_000_000, false},
	} {
		if c.got != c.want || r.Urgent(c.got) != c.urgent {
			t.Errorf("%s has severity %d, urgent %t; want %d, urgent %t", c.what, c.got, r.Urgent(c.got), c.want, c.urgent)
		}
	}
}

// TestMessagesTakeTheirPlaceAmongOwnLadders: where an organisation has its own
// ladders, alerts still go behind what is urgent for families and before what waits.
func TestMessagesTakeTheirPlaceAmongOwnLadders(t *testing.T) {
	last := RungRule{Moment: AtDue}
	r := NewRules(nil, map[string]*Ladder{
		"routine": {OfficeHours: true, Severity: 6, Rungs: []RungRule{last}},
		"prompt":  {Severity: 4, Rungs: []RungRule{last}},
	})
	order := []Severity{r.Ladders["prompt"].SeverityAt(last), r.AnswerSeverity(), r.AlertSeverity(), r.Ladders["routine"].SeverityAt(last), r.CallSeverity(), TestSeverity, DigestSeverity}
	if !slices.IsSorted(order) || r.Urgent(order[3]) || !r.Urgent(order[2]) {
		t.Errorf("prompt, answer, alert, routine, call, test, digest have severities %d: want them in this order, and urgent up to the alert", order)
	}
	none := NewRules(nil, map[string]*Ladder{"routine": {OfficeHours: true}})
	if none.Urgent(none.AlertSeverity()) || none.Urgent(0) {
		t.Errorf("where every ladder waits, something is urgent below %d: want nothing", none.UrgentBelow())
	}
}

// TestUrgencyFollowsFromTheLadderNotItsName.
func TestUrgencyFollowsFromTheLadderNotItsName(t *testing.T) {
	for _, c := range []struct {
		ladder            Ladder
		urgent, immediate bool
	}{
		{Ladder{ID: "prompt", Severity: 1}, true, false},
		{Ladder{ID: "at-once", Severity: 0}, true, true},
		{Ladder{ID: "urgent", OfficeHours: true, Severity: 1}, false, false},
		{Ladder{ID: "immediate", OfficeHours: true, Severity: 0}, false, false},
	} {
		if c.ladder.Urgent() != c.urgent || c.ladder.Immediate() != c.immediate {
			t.Errorf("ladder %s, office hours %t, severity %d: urgent %t, immediate %t; want %t, %t", c.ladder.ID, c.ladder.OfficeHours,
				c.ladder.Severity, c.ladder.Urgent(), c.ladder.Immediate(), c.urgent, c.immediate)
		}
	}
}
