package storetest

import (
	"fmt"
	"strings"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// testMassChange checks that a list that changes a field of more than a tenth of all
// cases, and of more than twenty, keeps nothing unless that is allowed.
func testMassChange(t *testing.T, open func(t testing.TB) *store.Store) {
	s := open(t)
	rules := Guidance(t)
	list := func(from, n int, team string) (cases []pathway.Case) {
		for i := from; i < from+n; i++ {
			cases = append(cases, pathway.Case{Ref: fmt.Sprintf("KN-%d", i), Pathway: "hv-child", Opened: at(t, "2026-09-01 09:00"), Team: team, SafeToWrite: true})
		}
		return cases
	}
	take := func(cases []pathway.Case, guarded bool) store.IntakeResult {
		return takeRows(t, s, rules, rows{cases: cases, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-01 10:00"), Guarded: guarded}})
	}
	if r := take(list(0, 100, "East"), true); !r.Kept || r.MassChange != "" {
		t.Fatalf("a first list of 100 cases: kept %v, %q; want it kept", r.Kept, r.MassChange)
	}
	if r := take(list(0, 20, "West"), true); !r.Kept || r.MassChange != "" {
		t.Errorf("another team for 20 of 100: kept %v, %q; want it kept", r.Kept, r.MassChange)
	}
	emptied := append(list(20, 21, ""), list(1000, 300, "East")...) // new cases do not make it less
	r := take(emptied, true)
	want := "this would change team of 21 of the 100 cases known, and empty it in 21 of them"
	if r.Kept || r.MassChange != want {
		t.Errorf("no team for 21 of 100: kept %v, %q; want nothing kept and %q", r.Kept, r.MassChange, want)
	}
	if c := caseFile(t, s, "KN-20").Case; c.Team != "East" {
		t.Errorf("after the list that is refused the team is %q, want East as before", c.Team)
	}
	if r := take(emptied, false); !r.Kept || len(r.Fields) != 1 || r.Fields[0].Emptied != 21 || !strings.Contains(fmt.Sprint(r.Fields[0].Examples), "KN-20 East") {
		t.Errorf("the same list, allowed: kept %v, %+v; want it kept and 21 emptied", r.Kept, r.Fields)
	}
}
