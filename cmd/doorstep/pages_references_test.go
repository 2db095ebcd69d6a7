package main

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

var caseLinks = regexp.MustCompile(`(?:href|action)="(/cases/[^"#]*)"`)

// TestReferencesWithSignsHavePages: record systems number cases like CF/2024/7. Every link
// to such a case leads to a page, and so does every link from there; its forms are sent.
func TestReferencesWithSignsHavePages(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	opened := time.Now().AddDate(0, 0, -4).UTC().Format(time.RFC3339)
	references := []string{"CF/2024/7", "A?b#c", "%2e%2e", "<i>9", "Q;8&x=1", `q"7`, "N 5 Ж", "..."}
	rows := "ref,pathway,opened_at,practitioner,manager,team\n"
	events := "event_id,case_ref,kind,at,by\n"
	for _, ref := range references {
		quoted := `"` + strings.ReplaceAll(ref, `"`, `""`) + `"`
		rows += quoted + ",csc-plan," + opened + ",W1,M1,North\n"
		events += `"e/1?b",` + quoted + ",no-access," + opened + ",W1\n"
	}
	s.command("import", "cases", s.write("signs.csv", rows))
	s.command("import", "events", s.write("signs-events.csv", events))
	w1, seen := s.signedIn("W1"), map[string]bool{}
	look := func(b *browser, from string) []string {
		var found []string
		for _, link := range caseLinks.FindAllStringSubmatch(b.get(from).body, -1) {
			to := html.UnescapeString(link[1])
			if seen[to] {
				continue
			}
			seen[to] = true
			found = append(found, to)
			if got := b.get(to); got.status != http.StatusOK && got.status != http.StatusMethodNotAllowed { // a form that is only sent
				t.Errorf("%s leads to %s, which gives %d: %s", from, to, got.status, got.text())
			}
		}
		return found
	}
	for _, to := range look(w1, "/") {
		look(w1, to)
	}
	look(s.signedIn("M1"), "/overdue")
	for _, ref := range references {
		record := "/cases/" + url.PathEscape(ref) + "/record"
		if !seen[record] {
			t.Errorf("no page leads to %s", record)
		}
		form := w1.get(record + "?outcome=seen").hidden()
		saved := w1.post(record, form)
		if saved.status != http.StatusSeeOther {
			t.Errorf("a visit on %q gives %d, want it saved: %s", ref, saved.status, saved.text())
			continue
		}
		w1.get(saved.to).says(t, "the case after that", http.StatusOK, "Saved", ref)
		void := "/cases/" + url.PathEscape(ref) + "/void/" + url.PathEscape("e/1?b")
		w1.get(void).says(t, "undoing an entry of "+ref, http.StatusOK, "No access")
	}
}
