package pathway

import "testing"

// TestWhatATextSaysTowardsAChildStandsAsSaid: nothing of the case moves by it, its duties
// stay open and note it, and the same by another way counts.
func TestWhatATextSaysTowardsAChildStandsAsSaid(t *testing.T) {
	for _, c := range []struct {
		kind, way string
		want      bool // to be confirmed
	}{
		{KindSeen, WayText, true}, {KindSeen, WayFile, false}, {KindSeen, WayCommand, false}, {KindSeen, WayPage, false}, {KindSeen, "", false},
		{KindDiscussedWithManager, WayText, true}, {KindDecisionRecorded, WayText, true}, {KindPlanRecorded, WayText, true}, {KindSupervision, WayText, true},
		{"a-kind-of-a-pathway-file", WayText, true},
		{KindAcknowledged, WayText, false}, {KindRecorded, WayText, false}, {KindLetterSent, WayText, false},
	} {
		if e := (Event{Kind: c.kind, Way: c.way}); e.ToConfirm() != c.want {
			t.Errorf("%s by %q: to be confirmed: %t, want %t", c.kind, c.way, e.ToConfirm(), c.want)
		}
	}
}

// TestASaidEventMovesNothing: neither the count of visits nor a duty's state, but the
// duties that it would have met know of it, until the same comes by another way or it is
// taken back.
func TestASaidEventMovesNothing(t *testing.T) {
	const visit, said = "x1 no-access 2026-09-02 10:00 by=W1", "x2 seen 2026-09-02 15:00 by=W1 way=text"
	for _, c := range []struct {
		name    string
		events  []string
		attempt int
		want    string // see-again
	}{
		{"said", []string{visit, said}, 1, "open, said by x2"},
		{"said before the visit", []string{"x2 seen 2026-09-02 09:00 by=W1 way=text", visit}, 1, "open"},
		{"said twice", []string{visit, said, "x3 seen 2026-09-02 16:00 by=W1 way=text"}, 1, "open, said by x2"},
		{"and recorded by the record system, as it was", []string{visit, said, "x3 seen 2026-09-02 14:00 by=W1 way=file"}, 0, "met"},
		{"and taken back", []string{visit, said, "x3 voided 2026-09-02 16:00 by=M1 value=x2"}, 1, "open"},
		{"something else was said", []string{visit, "x2 discussed-with-manager 2026-09-02 15:00 by=W1 way=text"}, 1, "open"},
		{"and a visit after it", []string{visit, said, "x3 no-access 2026-09-03 10:00 by=W1"}, 2, "open, said by x2"},
	} {
		result := story{pathways: []*Pathway{visits(t)}, c: Case{Pathway: "visits", Practitioner: "W1", Manager: "M1"}, opened: "2026-09-01 09:00", events: c.events}.derive(t)
		got := ""
		for i := range result.Duties {
			if d := &result.Duties[i]; d.ID == "see-again" {
				got = string(d.KeptState())
				if !d.SaidAt().IsZero() {
					got += ", said by " + d.SaidBy
				}
			}
		}
		if got != c.want || result.Standing.Attempt != c.attempt {
			t.Errorf("%s: see-again is %q at attempt %d, want %q at %d", c.name, got, result.Standing.Attempt, c.want, c.attempt)
		}
	}
}
