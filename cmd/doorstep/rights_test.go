package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/web/pages"
)

// Who asks: a practitioner and their colleague, two managers, and the others of PAGES;
// nobody is somebody who is not signed in. W1, M1 and C1 are on KN-1 and KN-3, W3 and M2 on
// SO-1; KN-3 is restricted.
var whoAsks = []string{"nobody", "W1", "W4", "M1", "S1", "C1", "A1", "IT1", "IG1"}

// rights say of each page who may see it or send its form, by the case that it is of:
// theirs is of KN-1, elsewhere of SO-1, restricted of KN-3. Whoever is not named gets what
// they would if there were no such page.
var rights = []struct{ page, of, may string }{
	{"GET /account", "", "W1 W4 M1 S1 C1 A1 IT1 IG1"},
	{"GET /audit", "", "IG1"},
	{"GET /audit.csv", "", "IG1"},
	{"GET /cases/{ref}", "theirs", "W1 M1 S1 C1"},
	{"GET /cases/{ref}", "elsewhere", "S1"},
	{"GET /cases/{ref}", "restricted", "W1 M1"},
	{"GET /cases/{ref}/chronology.pdf", "theirs", "W1 M1 S1"},
	{"GET /cases/{ref}/chronology.pdf", "elsewhere", "S1"},
	{"GET /cases/{ref}/chronology.pdf", "restricted", "W1 M1"},
	{"GET /cases/{ref}/contact", "theirs", "W1 M1 S1"}, // who says why
	{"GET /cases/{ref}/contact", "elsewhere", "S1"},
	{"GET /cases/{ref}/contact", "restricted", "W1 M1"},
	{"GET /cases/{ref}/decide", "theirs", "M1"},
	{"GET /cases/{ref}/decide", "elsewhere", ""},
	{"GET /cases/{ref}/decide", "restricted", "M1"},
	{"GET /cases/{ref}/do/{duty}", "theirs", "W1"},
	{"GET /cases/{ref}/do/{duty}", "elsewhere", ""},
	{"GET /cases/{ref}/do/{duty}", "restricted", ""},
	{"GET /cases/{ref}/record", "theirs", "W1 M1"},
	{"GET /cases/{ref}/record", "elsewhere", ""},
	{"GET /cases/{ref}/record", "restricted", "W1 M1"},
	{"GET /cases/{ref}/void/{event}", "theirs", "W1 M1"},
	{"GET /cases/{ref}/void/{event}", "elsewhere", ""},
	{"GET /cases/{ref}/void/{event}", "restricted", "W1 M1"},
	{"GET /duties", "", "W1 W4 M1 S1"},
	{"GET /emergency", "", "W1 W4 M1 S1"},
	{"GET /help", "", "W1 W4 M1 S1 C1 A1 IT1 IG1"},
	{"GET /import", "", "A1 IT1"},
	{"GET /import/{upload}", "", "A1 IT1"},
	{"GET /import/{upload}/rejected.csv", "", "A1 IT1"},
	{"GET /lookup", "", "W1 W4 M1 S1 C1 A1"},
	{"GET /overdue", "", "M1 S1"},
	{"GET /people", "", "M1 S1 A1"},
	{"GET /people/{person}", "", "M1 S1 A1"},
	{"GET /people/{person}/cases", "", "M1 S1"},
	{"GET /print", "", "A1"},
	{"GET /print/pad.pdf", "", "A1"},
	{"GET /print/batches/{batch}", "", "W1 M1 A1"},
	{"GET /print/batches/{batch}/{file}", "", "W1 M1 A1"},
	{"GET /print/items/{item}", "", "W1 M1 A1"},
	{"GET /print/items/{item}/again", "", "W1 M1 A1"},
	{"GET /print/items/{item}/returned", "", "W1 M1 A1"},
	{"GET /print/items/{item}/picture", "", "W1 M1 A1"},
	{"GET /privacy", "", "W1 W4 M1 S1 C1 A1 IT1 IG1"},
	{"GET /readiness", "", "M1 S1 IT1"},
	{"GET /reports", "", "M1 S1"},
	{"GET /reports.csv", "", "M1 S1"},
	{"GET /signin", "", "nobody W1 W4 M1 S1 C1 A1 IT1 IG1"},
	{"GET /signin/start", "", "nobody"},
	{"GET /signin/callback", "", "nobody"},
	{"GET /undelivered", "", "M1 S1"},
	{"GET /{$}", "", "W1 W4 M1 S1 C1 A1 IT1 IG1"},
	{"POST /account/calendar", "", "W1 W4 M1 S1 C1"},
	{"POST /account/sessions/{session}", "", "W1 W4 M1 S1 C1 A1 IT1 IG1"},
	{"POST /cases/{ref}/acknowledge/{duty}", "theirs", "W1 M1"},
	{"POST /cases/{ref}/acknowledge/{duty}", "elsewhere", ""},
	{"POST /cases/{ref}/acknowledge/{duty}", "restricted", "W1 M1"},
	{"POST /cases/{ref}/contact", "theirs", "W1 M1 S1"},
	{"POST /cases/{ref}/contact", "elsewhere", "S1"},
	{"POST /cases/{ref}/contact", "restricted", "W1 M1"},
	{"POST /cases/{ref}/decide", "theirs", "M1"},
	{"POST /cases/{ref}/decide", "elsewhere", ""},
	{"POST /cases/{ref}/decide", "restricted", "M1"},
	{"POST /cases/{ref}/do/{duty}", "theirs", "W1"},
	{"POST /cases/{ref}/do/{duty}", "elsewhere", ""},
	{"POST /cases/{ref}/do/{duty}", "restricted", ""},
	{"POST /cases/{ref}/record", "theirs", "W1 M1"},
	{"POST /cases/{ref}/record", "elsewhere", ""},
	{"POST /cases/{ref}/record", "restricted", "W1 M1"},
	{"POST /cases/{ref}/void/{event}", "theirs", "W1 M1"},
	{"POST /cases/{ref}/void/{event}", "elsewhere", ""},
	{"POST /cases/{ref}/void/{event}", "restricted", "W1 M1"},
	{"POST /cases/{ref}/told/{duty}", "theirs", "M1"},
	{"POST /cases/{ref}/told/{duty}", "elsewhere", ""},
	{"POST /cases/{ref}/told/{duty}", "restricted", "M1"},
	{"POST /people/{person}/absence", "", "M1 S1"},
	{"POST /people/{person}/cases", "", "M1 S1"},
	{"POST /people/{person}/contacts", "", "A1"},
	{"POST /emergency", "", "W1 W4 M1 S1"},
	{"POST /import", "", "A1 IT1"},
	{"POST /import/{upload}", "", "A1 IT1"},
	{"POST /import/{upload}/discard", "", "A1 IT1"},
	{"POST /lookup", "", "W1 M1 S1 C1 A1"},
	{"POST /print", "", "A1"},
	{"POST /print/items/{item}/again", "", "W1 M1 A1"},
	{"POST /print/items/{item}/returned", "", "W1 M1 A1"},
	{"POST /print/packs", "", "W1 W4 M1 S1 A1"},
	{"POST /signin", "", "nobody W1 W4 M1 S1 C1 A1 IT1 IG1"},
	{"POST /signout", "", "nobody W1 W4 M1 S1 C1 A1 IT1 IG1"},
}

// pagePattern is a page as package pages registers it.
var pagePattern = regexp.MustCompile(`"((?:GET|POST) /[^"]*)"(?::\s+|, )a\.`)

var batchFiles = regexp.MustCompile(`"/print/batches/1/([^"]+)"`)

// registeredPages are the pages that there are.
func registeredPages(t *testing.T) (patterns []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "web", "pages", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range pagePattern.FindAllStringSubmatch(string(text), -1) {
			patterns = append(patterns, found[1])
		}
	}
	patterns = append(patterns, "GET "+pages.ComeBackPath)
	slices.Sort(patterns)
	return patterns
}

// ofCase is the case of each kind, with an event of it and a duty that is open.
var ofCase = map[string]struct{ ref, event, duty string }{
	"theirs": {"KN-1", "e2", "discuss-with-manager"}, "elsewhere": {"SO-1", "e8", "see-child"}, "restricted": {"KN-3", "e4", "see-child"}, "": {},
}

// TestEveryPageOpensToWhomItIsFor: role by page by case, complete; a page without a row
// fails.
func TestEveryPageOpensToWhomItIsFor(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.command("import", "people", s.write("more.csv", "id,name,role,team,email,reports_to\nW4,Lee Grant,practitioner,North,w4@example.org,M1\n"))
	s.command("import", "events", s.write("more-events.csv", "event_id,case_ref,kind,at,by\ne8,SO-1,no-access,"+s.now.Add(-26*time.Hour).UTC().Format(time.RFC3339)+",W3\n"+
		"e9,HV-1,appointment-offered,"+s.now.Add(-time.Hour).UTC().Format(time.RFC3339)+",W1\n"))
	s.command("print", "cards", "--pending", "--out", "cards.pdf")
	if out, errs, code := s.try("print", "letters", "--pending", "--out", "letters.pdf"); code != exitDone {
		t.Fatalf("print letters: %s%s", out, errs)
	}
	s.command("restrict", "KN-3")
	s.command("account", "add", "IT1", "--name", "Robin Vale", "--operates", "--no-password")
	s.command("account", "add", "IG1", "--name", "Kit Moss", "--audits", "--no-password")
	people := map[string]*browser{"nobody": s.browser()}
	for _, id := range whoAsks[1:] {
		people[id] = s.signedIn(id)
	}
	listed := map[string]bool{}
	for _, row := range rights {
		listed[row.page] = true
	}
	for _, page := range registeredPages(t) {
		if !listed[page] {
			t.Errorf("%s: nothing says who may see it: give it a row", page)
		}
	}
	there := registeredPages(t)
	for _, row := range rights {
		if !slices.Contains(there, row.page) {
			t.Errorf("%s has a row, and there is no such page", row.page)
			continue
		}
		if got := strings.Join(s.whoMay(t, people, row.page, row.of), " "); got != row.may {
			t.Errorf("%s %s opens to %q, want it to open to %q", row.page, row.of, got, row.may)
		}
	}
}

// whoMay are those to whom a page answers as if it were theirs.
func (s *site) whoMay(t *testing.T, people map[string]*browser, page, of string) (may []string) {
	t.Helper()
	method, path, _ := strings.Cut(page, " ")
	c := ofCase[of]
	batchFile := "none.pdf"
	if strings.Contains(page, "{file}") {
		if found := batchFiles.FindStringSubmatch(people["A1"].get("/print/batches/1").body); found != nil {
			batchFile = found[1]
		}
	}
	form := url.Values{"q": {"KN-1"}, "outcome": {"no-access"}, "time": {"99:99"}} // with which nothing is saved
	if page == "POST /print/packs" {
		form.Set("day", s.now.Format(time.DateOnly))
	}
	path = strings.NewReplacer("{$}", "", "{ref}", c.ref, "{event}", c.event, "{duty}", c.duty, "{session}", "none", "{person}", "W4", "{batch}", "1", "{item}", "1", "{file}", batchFile).Replace(path)
	for _, who := range whoAsks {
		got := people[who].ask(method, path, form)
		toSignIn := got.status == http.StatusSeeOther && strings.HasPrefix(got.to, "/signin?next=") || got.status == http.StatusUnauthorized
		switch {
		case who == "nobody" && !toSignIn:
			may = append(may, who)
		case who != "nobody" && got.status != http.StatusNotFound && got.status != http.StatusForbidden && !toSignIn:
			may = append(may, who)
		case who != "nobody" && got.status != http.StatusNotFound:
			t.Errorf("%s %s is refused to %s with %d to %q, want 404, as what there is not", page, of, who, got.status, got.to)
		}
	}
	return may
}
