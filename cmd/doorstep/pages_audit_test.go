package main

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestTheAuditorSeesWhoDidWhat: by case and by person, the newest first, as a file too;
// and that they looked is on record itself.
func TestTheAuditorSeesWhoDidWhat(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		worker := s.signedIn("W1")
		worker.get("/cases/KN-1")
		worker.get("/cases/KN-1/contact")
		worker.get("/cases/SO-1") // another team's
		auditor := s.outsider("IG1", "Gwen Lyle", "--audits")
		if got := auditor.get("/"); got.to != "/audit" {
			t.Errorf("an auditor who signs in comes to %q, want who did what", got.to)
		}
		one := auditor.get("/audit?case=KN-1")
		one.says(t, "what was done on a case", http.StatusOK, "Sam Okafor Saw the family’s address and phone KN-1", "Sam Okafor Opened the case KN-1")
		one.saysNot(t, "what was done on a case", "SO-1", "Test Avenue")
		if contact, look := strings.Index(one.body, "Saw the family"), strings.Index(one.body, "Opened the case"); contact > look {
			t.Error("what came first stands first, want the newest first")
		}
		auditor.get("/audit?person=W1").says(t, "what somebody did", http.StatusOK, "Was refused: to look Reason: they are nobody on the case SO-1", "Signed in")
		auditor.get("/audit?case=KN-1").says(t, "the case again", http.StatusOK, "Gwen Lyle Looked at who did what: audit KN-1")
		auditor.get("/audit?case=kn-1").says(t, "another reference", http.StatusOK, "There is no line about case kn-1")
		auditor.get("/audit?check=yes").says(t, "the record as a whole", http.StatusOK, "the record is whole")
		file := auditor.get("/audit.csv?case=KN-1&person=W1")
		rows, err := csv.NewReader(strings.NewReader(file.body)).ReadAll()
		if err != nil || len(rows) != 3 || strings.Join(rows[0], ",") != "line,at,who,name,way,deed,case,about,reason" || strings.Join(rows[1][2:], ",") != "W1,Sam Okafor,page,contact,KN-1,," {
			t.Errorf("the file reads %q (%v), want a header and two lines", rows, err)
		}
		if name := file.header.Get("Content-Disposition"); name != `attachment; filename="audit.csv"` {
			t.Errorf("the file is handed over as %q", name)
		}
		for _, who := range []string{"W1", "M1", "A1", "C1"} {
			b := s.signedIn(who)
			for _, path := range []string{"/audit", "/audit.csv"} {
				if got := b.get(path); got.status != http.StatusNotFound {
					t.Errorf("%s opening %s gets %d, want 404", who, path, got.status)
				}
			}
		}
		auditor.get("/audit?person=M1").says(t, "what a manager tried", http.StatusOK, "Was refused: to look at who did what Reason: their role may not")
	})
}

// TestTheAuditIsReadPageByPage: each line once, to the oldest; and a line that was changed
// is named.
func TestTheAuditIsReadPageByPage(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	worker := s.signedIn("W1")
	for range 60 {
		worker.get("/cases/KN-1")
	}
	s.addAccount("M1", "--audits")
	auditor := s.browser()
	auditor.signIn("M1", password)
	seen := map[string]int{}
	path := "/audit?person=W1"
	for pages := 0; path != "" && pages < 5; pages++ {
		page := auditor.get(path)
		path = ""
		for _, line := range strings.Split(page.text(), "line ")[1:] {
			number, _, _ := strings.Cut(line, " ")
			if _, err := strconv.Atoi(number); err == nil {
				seen[number]++
			}
		}
		if _, link, found := strings.Cut(page.body, `href="/audit?before=`); found {
			link, _, _ = strings.Cut(link, `"`)
			path = "/audit?before=" + strings.ReplaceAll(link, "&amp;", "&")
		}
	}
	for number, times := range seen {
		if times != 1 {
			t.Errorf("line %s stands on %d pages, want one", number, times)
		}
	}
	if len(seen) != 61 {
		t.Errorf("%d lines are shown, want the sign-in and 60 looks", len(seen))
	}
	s.execute("UPDATE audit SET case_ref = 'KN-9' WHERE id = 7")
	auditor.get("/audit?check=yes").says(t, "a record with a line changed", http.StatusOK, "not as it was written, from line 7 on")
	s.execute("UPDATE audit SET who = '=HYPERLINK(1)' WHERE id = 8")
	if file := auditor.get("/audit.csv"); !strings.Contains(file.body, ",'=HYPERLINK(1),") {
		t.Errorf("a formula stands in the file as it is: %s", file.body)
	}
}
