package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestWhatIsToBeDoneIsListedByPages: fifty on each, none twice, with one count for all of
// them, on the cases of whoever looks; the filter stands in the address.
func TestWhatIsToBeDoneIsListedByPages(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		var cases, events strings.Builder
		cases.WriteString("ref,pathway,opened_at,practitioner,manager,team\n")
		events.WriteString("event_id,case_ref,kind,at,by\n")
		for i := range 30 {
			fmt.Fprintf(&cases, "MA-%02d,csc-child-and-family,%s,W1,M1,North\n", i, s.now.Add(-48*time.Hour).UTC().Format(time.RFC3339))
			fmt.Fprintf(&events, "ma%d,MA-%02d,no-access,%s,W1\n", i, i, s.now.Add(-time.Hour).UTC().Format(time.RFC3339))
		}
		s.write("cases-more.csv", cases.String())
		s.write("events-more.csv", events.String())
		s.command("import", "cases", "cases-more.csv")
		s.command("import", "events", "events-more.csv")

		b := s.signedIn("W1")
		address, listed, count, pages := "/duties", map[string]int{}, 0, 0
		rows := regexp.MustCompile(`<strong>([A-Z]+-\d+)</strong></a><br>([^<]*)</td>`)
		next := regexp.MustCompile(`href="([^"]*)" rel="next"`)
		for in := ""; address != "" && pages < 20; pages++ {
			page := b.get(address)
			said := strings.Fields(page.text())[1]
			if page.status != http.StatusOK || in != "" && said != in {
				t.Fatalf("%s gives %d and counts %s, want 200 and %s: %s", address, page.status, said, in, page.text())
			}
			in = said
			found := rows.FindAllStringSubmatch(page.body, -1)
			for _, row := range found {
				listed[row[1]+" "+row[2]]++
			}
			count += len(found)
			if address = ""; next.MatchString(page.body) {
				address = strings.ReplaceAll(next.FindStringSubmatch(page.body)[1], "&amp;", "&")
				if len(found) != 50 {
					t.Errorf("page %d has %d rows, want 50", pages, len(found))
				}
			} else if fmt.Sprint(count) != in {
				t.Errorf("%d duties are listed and %s are counted", count, in)
			}
		}
		for row, n := range listed {
			if n != 1 && strings.HasPrefix(row, "MA-") || strings.HasPrefix(row, "SO-") {
				t.Errorf("%q is listed %d times, want what is theirs once", row, n)
			}
		}
		if pages < 3 {
			t.Errorf("there are %d pages, want several", pages)
		}

		m := s.signedIn("M1")
		all := m.get("/duties?state=overdue")
		all.says(t, "what is overdue", http.StatusOK, "with this filter", "KN-1", "Overdue", "Priya Nair")
		all.saysNot(t, "what is overdue", "SO-1", "MA-00", "Test Avenue", "01632 960901")
		m.get("/duties?owner=W2").says(t, "one worker's", http.StatusOK, "KN-2")
		m.get("/duties?owner=W2").saysNot(t, "one worker's", ">KN-1<", "MA-00")
		m.get("/duties?due_before=soon").says(t, "a day that is none", http.StatusUnprocessableEntity, "Write the day like 8 December")
		m.get("/duties?team=South").says(t, "a team that is not theirs", http.StatusUnprocessableEntity, "Choose one of the list")
		m.get("/duties?after=nonsense").says(t, "a place that is none", http.StatusNotFound, "The page does not know what that means")
		s.signedIn("S1").get("/duties?team=South").says(t, "a team below", http.StatusOK, "SO-1")
		for _, who := range []string{"C1", "A1"} {
			if got := s.signedIn(who).get("/duties"); got.status != http.StatusNotFound {
				t.Errorf("%s opening the duties gets %d, want 404", who, got.status)
			}
		}
	})
}
