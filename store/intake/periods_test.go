package intake

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

// plansList reads a list of plans, with two people called alike.
func plansList(t *testing.T, rows string) (lines []string, faults string) {
	t.Helper()
	o := options(t, Cases)
	o.Partial = true
	o.Mapping = &Mapping{For: Cases, Columns: map[string][]Heading{"ref": Headings("Child"), "opened_at": Headings("Start"), "closed_at": Headings("End"), "practitioner": Headings("Worker")},
		Constants: map[string]string{"pathway": "csc-plan"}, ByName: []string{"practitioner"}, Periods: true,
		AlsoEvents: []AlsoEvent{{Kind: "seen", At: Headings("Last Visit")}}, Dates: []string{"D/M/YYYY", "D/M/YYYY HH:mm"}, Ignore: []string{"*"}}
	if mistakes := o.Mapping.Check(); mistakes != nil {
		t.Fatal(mistakes)
	}
	o.Staff = []pathway.Person{{ID: "W1", Name: "Ada Lane"}, {ID: "W2", Name: "Ben Moor"}, {ID: "W7", Name: "ben  moor"}, {ID: "W9", Name: "Cleo Hart"}}
	k, faults := read(t, o, "Child,Start,End,Last Visit,Worker\n"+rows)
	day := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.In(london(t)).Format("2 Jan")
	}
	for _, c := range k.cases {
		lines = append(lines, fmt.Sprintf("%s %s-%s %s", c.Ref, day(c.Opened), day(c.Closed), c.Practitioner))
	}
	for _, e := range k.events {
		lines = append(lines, fmt.Sprintf("%s %s %s by %q", e.Case, e.Kind, day(e.At), e.By))
	}
	return lines, faults
}

func TestWorkersAreFoundByTheirNames(t *testing.T) {
	lines, faults := plansList(t, "A,3/8/2026,,,\"Lane,  Ada\"\nB,3/8/2026,,,ada\u00a0LANE\nC,3/8/2026,,,w1\nD,3/8/2026,,,Ben Moor\nE,3/8/2026,,,Dee Hart\nF,3/8/2026,,,Zed Zebra\nG,3/8/2026,,,\n")
	if got := strings.Join(lines, "; "); got != "A 3 Aug- W1; B 3 Aug- W1; C 3 Aug- W1; G 3 Aug- " {
		t.Errorf("cases %s, want A, B and C with W1, G with nobody", got)
	}
	want := `cases.csv:5: column Worker (practitioner): "Ben Moor" is the name of W2, W7: write the id in its place
cases.csv:6: column Worker (practitioner): nobody in the people file is called "Dee Hart" (is W9 meant?): import people first, correct the name there, or write the id in its place
cases.csv:7: column Worker (practitioner): nobody in the people file is called "Zed Zebra": import people first, correct the name there, or write the id in its place`
	if faults != want {
		t.Errorf("faults\n%s, want\n%s", faults, want)
	}
}

// TestTheLastVisitInAListIsAnEvent: where it lies in the time in which the case is open.
func TestTheLastVisitInAListIsAnEvent(t *testing.T) {
	lines, faults := plansList(t, "A,3/8/2026,,24/8/2026 16:10,W1\nB,3/8/2026,,31/7/2026,W1\nC,3/8/2026,20/8/2026,20/8/2026,W1\nD,3/8/2026,20/8/2026,21/8/2026,W1\nE,3/8/2026 09:00,,3/8/2026,W1\nF,3/8/2026,,soon,W1\n")
	if got := strings.Join(lines[5:], "; "); got != `A seen 24 Aug by ""; C seen 20 Aug by ""; E seen 3 Aug by ""` {
		t.Errorf("events %s, want A, C and E seen:\n%s", got, faults)
	}
	if want := `cases.csv:7: column Last Visit: "soon" is not a date: the mapping expects D/M/YYYY, D/M/YYYY HH:mm or 2026-12-24 16:00`; faults != want {
		t.Errorf("faults %s, want %s", faults, want)
	}
}

// TestEveryFaultOfARowIsToldAtOnce: also those of the events that it tells of.
func TestEveryFaultOfARowIsToldAtOnce(t *testing.T) {
	_, faults := plansList(t, "A,3/8/2026,,soon,Zed Zebra\n,3/8/2026,,24/8/2999,W1\n")
	want := `cases.csv:2: column Worker (practitioner): nobody in the people file is called "Zed Zebra": import people first, correct the name there, or write the id in its place
cases.csv:2: column Last Visit: "soon" is not a date: the mapping expects D/M/YYYY, D/M/YYYY HH:mm or 2026-12-24 16:00
cases.csv:3: column Child (ref): is empty: it has to be filled in
cases.csv:3: column Last Visit: "24/8/2999" is not a date: the mapping expects D/M/YYYY, D/M/YYYY HH:mm or 2026-12-24 16:00`
	if faults != want {
		t.Errorf("faults\n%s, want\n%s", faults, want)
	}
}

func TestTwoPlansOfOneChildAreAHistory(t *testing.T) {
	lines, faults := plansList(t, "A,1/9/2026,,24/9/2026,W2\nB,3/8/2026,,,W1\nA,3/8/2026,20/8/2026,10/8/2026,W1\nB,3/8/2026,,,W1\n")
	want := `A 3 Aug-20 Aug W2; B 3 Aug- W1; A seen 10 Aug by ""; A reopened 1 Sep by ""; A seen 24 Sep by ""`
	if got := strings.Join(lines, "; "); got != want || faults != "" {
		t.Errorf("%s, want %s\n%s", got, want, faults)
	}
	lines, faults = plansList(t, "A,1/9/2026,,,W1\nA,3/8/2026,,,W1\nB,1/9/2026,,,W1\nB,3/8/2026,2/9/2026,,W1\nC,3/8/2026,,,W1\n")
	if got := strings.Join(lines, "; "); got != "C 3 Aug- W1" {
		t.Errorf("%s, want C alone", got)
	}
	want = "cases.csv:2: row 3 says that the same case has been open since before and has no end: give it its end, or keep one of the two\n" +
		"cases.csv:4: begins before the time of row 5, of the same case, has ended: correct one of the two"
	if faults != want {
		t.Errorf("faults\n%s, want\n%s", faults, want)
	}
}
