package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestAManagerSeesTheFiguresOfTheirTeams: as the report has them, as charts with tables
// and as a file, and no other team's.
func TestAManagerSeesTheFiguresOfTheirTeams(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		manager := s.signedIn("M1")
		page := manager.get("/reports?months=3")
		page.says(t, "the reports of a team", http.StatusOK, "Unsuccessful visits", "Discussed with a manager within 24 hours", "Child seen within the standard", "Overdue at the month’s end",
			"Team North", "Visits under a plan")
		if n := strings.Count(page.body, `<svg role="img"`); n != 4 {
			t.Errorf("the page has %d charts, want 4", n)
		}
		page.saysNot(t, "the reports of a team", "South", "KN-1")
		// The same as the command, to the byte, but for other teams and the header's time.
		from := london(t)
		first := now().In(from).AddDate(0, 0, 1-now().In(from).Day()).AddDate(0, -2, 0).Format("2006-01-02")
		var want []string
		for line := range strings.Lines(s.command("report", "--format", "csv", "--from", first)) {
			if strings.HasPrefix(line, "month,") || strings.Contains(line, ",North,") {
				want = append(want, line)
			}
		}
		file := manager.get("/reports.csv?months=3")
		if got := file.body; got != strings.Join(want, "") || len(want) < 2 {
			t.Errorf("the file reads\n%s\nwant what the command says\n%s", got, strings.Join(want, ""))
		}
		manager.get("/reports?pathway=hv-antenatal").says(t, "a pathway without figures", http.StatusOK, "No unsuccessful visit was recorded")
		above := s.signedIn("S1")
		above.get("/reports").says(t, "the reports of whoever is above", http.StatusOK, "Teams North, South")
		for _, who := range []string{"W1", "C1", "A1"} {
			if got := s.signedIn(who).get("/reports"); got.status != http.StatusNotFound {
				t.Errorf("%s opening the reports gets %d, want 404", who, got.status)
			}
		}
	})
}
