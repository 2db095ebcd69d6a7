package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// oddTexts are what people type or paste into a field.
var oddTexts = map[string]string{
	"a text without a space": strings.Repeat("w", 4000),
	"emoji":                  strings.Repeat("👩‍👩‍👧‍👦🏴󠁧󠁢󠁷󠁬󠁳󠁿", 40),
	"from right to left":     strings.Repeat("العائلة لم تفتح הדלת ", 30),
	"combining marks":        "e" + strings.Repeat("\u0301\u0323", 200) + " was not there",
	"markup":                 `"><script>document.title='broken'</script><img src=x onerror="document.title='broken'"><details open>{{.}}</textarea></bdi></main>`,
}

// TestOddTextBreaksNoPage: whatever stands in a field, on a phone and on a wide screen nothing
// scrolls sideways, and nothing of it is taken for more than text; also of a long reference
// and a long name.
func TestOddTextBreaksNoPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	ref := "CF/2024 #%" + strings.Repeat("7Q", 60)
	row := func(ref string) string {
		return fmt.Sprintf("%q,csc-plan,%s,W1,M1,C1,North,cp\n", ref, s.now.AddDate(0, 0, -30).UTC().Format(time.RFC3339))
	}
	s.command("import", "cases", s.write("odd.csv", "ref,pathway,opened_at,practitioner,manager,chair,team,plan\n"+row(ref)))
	at := s.now.Add(-3 * time.Hour)
	for _, text := range oddTexts {
		at = at.Add(time.Minute)
		for _, of := range []string{ref, "KN-1"} {
			s.command("record", of, "action-agreed", "--by", "M1", "--at", at.UTC().Format(time.RFC3339), "--reason", text)
		}
	}
	s.execute("UPDATE people SET name = $1 WHERE id = 'W1'", "Sam "+strings.Repeat("Okafor", 30)+" <script>document.title='broken'</script>")
	w, m := s.chromium(), s.chromium()
	w.signIn("W1")
	m.signIn("M1")
	long := "/cases/" + url.PathEscape(ref)
	looks := []struct {
		by         *chromium
		what, path string
	}{
		{w, "the list", "/"}, {w, "a case", "/cases/KN-1"}, {w, "a case with a long reference", long}, {w, "a visit", long + "/record?outcome=no-access"},
		{w, "what was typed, shown again", "/cases/HV-1/record?outcome=declined&reason=" + url.QueryEscape(oddTexts["a text without a space"]+oddTexts["markup"])},
		{m, "the board", "/overdue"}, {m, "the board with a form", "/overdue?open=" + url.QueryEscape(ref)}, {m, "decisions", long + "/decide"},
		{m, "who is away", "/people"}, {m, "one of them", "/people/W1"}, {m, "their cases", "/people/W1/cases"}, {m, "duties", "/duties"}, {m, "not delivered", "/undelivered"},
	}
	for _, look := range looks {
		for _, width := range []int64{320, 1280} {
			look.by.as(width, "light")
			look.by.open(look.path)
			what := fmt.Sprintf("%s at %d", look.what, width)
			got := gives(look.by, "look at "+what, chromedp.Evaluate[string](`[document.title === "broken" || document.querySelectorAll("main script, main img[onerror]").length ? "runs what is text" : "",
				document.documentElement.scrollWidth > document.documentElement.clientWidth ? "scrolls sideways to " + document.documentElement.scrollWidth : ""].join(" ").trim()`))
			if got != "" {
				t.Errorf("%s %s", what, got)
			}
		}
	}
	b := s.browser()
	b.signIn("W1", password)
	if got := b.get(long + "/chronology.pdf"); got.status != http.StatusOK || !strings.HasPrefix(got.body, "%PDF-") {
		t.Errorf("the chronology gives %d and %d bytes, want a PDF: %s", got.status, len(got.body), got.text())
	}
}
