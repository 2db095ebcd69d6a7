package pages

import (
	"fmt"
	"net/url"
	"testing"

	"example.org/doorstep/store/casefile"
)

// TestReadinessShowsTenTeamsAPage: each team on one page, in order, and the last page
// says that there is no further one.
func TestReadinessShowsTenTeamsAPage(t *testing.T) {
	all := func() (teams []casefile.TeamReadiness) {
		for n := range 24 {
			teams = append(teams, casefile.TeamReadiness{Team: fmt.Sprintf("Team %03d & more", n)})
		}
		return teams
	}
	want, after := all(), ""
	for _, many := range []int{10, 10, 4} {
		s := &readinessSheet{Readiness: &casefile.Readiness{Teams: all()}}
		s.page(after)
		if len(s.Teams) != many || s.Teams[0].Team != want[0].Team || s.InAll != 24 {
			t.Fatalf("behind %q there are %d of %d teams, want %d from %q on", after, len(s.Teams), s.InAll, many, want[0].Team)
		}
		want = want[many:]
		next, err := url.Parse(s.Next)
		if err != nil {
			t.Fatal(err)
		}
		after = next.Query().Get("after")
	}
	if after != "" || len(want) > 0 {
		t.Errorf("behind the last page there is one after %q, and %d teams were not shown", after, len(want))
	}
}
