package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestTheLinkOfAnEmailOpensTheFormOfItsDuty: whoever is to do it comes from their email to
// the form that says what was done, which saves nothing until its button is pressed.
func TestTheLinkOfAnEmailOpensTheFormOfItsDuty(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t), "public_url: http://127.0.0.1:1")
	const discuss, visit = "/cases/KN-1/do/discuss-immediately", "/cases/KN-3/record"
	var links []string
	s.awaitFor(time.Minute, func() string { return strings.Join(links, "\n") }, func() bool {
		links = s.linksIn("outbox/*.eml")
		return slices.Contains(links, discuss) && slices.Contains(links, visit)
	})
	practitioner := s.signedIn("W1")
	practitioner.get(discuss).says(t, "the form of a discussion", http.StatusOK, "Discuss", "Save")
	practitioner.get(visit).says(t, "the form of a visit", http.StatusOK, "KN-3")
	if text := practitioner.get("/cases/KN-1").text(); !strings.Contains(text, "It is done: Discuss with the team manager immediately") {
		t.Errorf("after its form was opened the duty is no longer on the case: %s", text)
	}
}

// TestALinkToWhatIsDoneSaysByWhom: whoever follows it late reads who has recorded what, in
// whichever way it has ended; one that leads to nothing says that.
func TestALinkToWhatIsDoneSaysByWhom(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		const link = "/cases/KN-1/do/discuss-immediately"
		w, m := s.signedIn("W1"), s.signedIn("M1")
		if got := w.post(link, w.get(link).hidden()); got.status != http.StatusSeeOther {
			t.Fatalf("answering gives %d: %s", got.status, got.text())
		}
		w.get(link).says(t, "whoever has done it", http.StatusOK, "This is not to be done any more", "Discuss with the team manager immediately: you recorded", "Discussed with the manager", "Nothing was saved just now")
		m.get(link).says(t, "whoever else follows the link", http.StatusOK, "Sam Okafor recorded")
		m.get("/cases/KN-1/do/nothing").says(t, "a duty that there never was", http.StatusOK, "Nothing by that name is to be done on this case, and nothing was")
		s.command("record", "KN-3", "closed", "--by", "M1", "--reason", "moved away")
		m.get("/cases/KN-3/do/see-child").says(t, "a duty of a case that is closed", http.StatusOK, "See the child: it is no longer to be done, ")
	})
}

// linksIn are the paths to which the emails of a folder lead, each once.
func (s *site) linksIn(pattern string) (links []string) {
	files, err := filepath.Glob(filepath.Join(s.folder, pattern))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // it is being written
		}
		for word := range strings.FieldsSeq(string(content)) {
			if path, is := strings.CutPrefix(word, "http://127.0.0.1:1"); is {
				links = append(links, path)
			}
		}
	}
	slices.Sort(links)
	return slices.Compact(links)
}

// TestACaseGivesItsChronology: as the command does, to whoever may have it, on record.
func TestACaseGivesItsChronology(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t), "record_system: {name: Mosaic, case_link: \"https://mosaic.example/{ref}\"}")
	b := s.signedIn("W1")
	b.get("/cases/KN-1").says(t, "the case", http.StatusOK, "Chronology of KN-1", "Open KN-1 in Mosaic")
	got := b.get("/cases/KN-1/chronology.pdf")
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/pdf" || got.header.Get("Content-Disposition") != "attachment; filename=chronology-KN-1.pdf" {
		t.Fatalf("the chronology is %d, %q, %q", got.status, got.header.Get("Content-Type"), got.header.Get("Content-Disposition"))
	}
	s.write("shown.pdf", got.body)
	if text := s.text("shown.pdf"); !strings.Contains(text, "Chronology of case KN-1") || strings.Contains(text, "Test Avenue") {
		t.Errorf("the chronology says %q", text)
	}
	if audit := s.command("audit", "--case", "KN-1"); !strings.Contains(audit, "W1  export") {
		t.Errorf("the audit trail has no line of the export:\n%s", audit)
	}
	for who, ref := range map[string]string{"W3": "KN-1", "A1": "KN-1", "C1": "SO-1"} {
		if got := s.signedIn(who).get("/cases/" + ref + "/chronology.pdf"); got.status != http.StatusNotFound {
			t.Errorf("%s asking for the chronology of %s gets %d, want 404", who, ref, got.status)
		}
	}
}

// TestSomebodyHasTheirDueTimesInACalendar: at an address that is shown once, until they end
// it or make another.
func TestSomebodyHasTheirDueTimesInACalendar(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("W1")
		b.get("/account").says(t, "the account", http.StatusOK, "You have no address for a calendar")
		address := func() string {
			found := regexp.MustCompile(`/calendar/[a-z0-9]+\.ics`).FindString(b.post("/account/calendar", url.Values{}).body)
			if found == "" {
				t.Fatal("no address of a calendar is shown")
			}
			return found
		}
		first := address()
		if got := s.browser().get(first); got.status != http.StatusOK || !strings.Contains(got.body, "KN-1") {
			t.Errorf("the calendar gives %d: %s", got.status, got.body)
		}
		b.get("/account").saysNot(t, "the account afterwards", "/calendar/")
		second := address()
		b.get("/account").says(t, "the account afterwards", http.StatusOK, "A calendar can follow you at an address made today")
		if got := s.browser().get(first); got.status != http.StatusNotFound {
			t.Errorf("the address before gives %d, want 404", got.status)
		}
		for range 2 {
			if got := b.post("/account/calendar", url.Values{"end": {"yes"}}); got.to != "/account" {
				t.Errorf("ending it leads to %q (%d), want the account", got.to, got.status)
			}
		}
		if got := s.browser().get(second); got.status != http.StatusNotFound {
			t.Errorf("an address that was ended gives %d, want 404", got.status)
		}
	})
}

// TestWhoeverKnowsOfADutySaysSoOnceHoweverOftenTheyClick: five clicks at once, two of them in
// another tab, are one acknowledgement and one line on the audit trail.
func TestWhoeverKnowsOfADutySaysSoOnceHoweverOftenTheyClick(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("W1")
		values := b.get("/cases/KN-1").hidden()
		var clicks sync.WaitGroup
		for i := range 5 {
			form := values
			if i > 2 {
				form = url.Values{"event_id": {fmt.Sprintf("another-tab-%d", i)}}
			}
			clicks.Go(func() {
				if got := b.post("/cases/KN-1/acknowledge/discuss-immediately", form); got.status != http.StatusSeeOther {
					t.Errorf("one of five clicks gives %d, want 303: %s", got.status, got.text())
				}
			})
		}
		clicks.Wait()
		if got := strings.Count(s.command("audit", "--case", "KN-1"), "W1  record: acknowledged"); got != 1 {
			t.Errorf("the audit trail has %d lines of it, want 1", got)
		}
		if got := count(t, s.database, "SELECT count(*) FROM events WHERE kind = 'acknowledged'"); got != 1 {
			t.Errorf("there are %d acknowledgements, want 1", got)
		}
	})
}

// TestWhoeverKnowsOfADutySaysSo: once, of what is overdue, and it can be taken back.
func TestWhoeverKnowsOfADutySaysSo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("W1")
		page := b.get("/cases/KN-1")
		page.says(t, "the case", http.StatusOK, "I know of it", "The clock runs on")
		values := page.hidden()
		const path = "/cases/KN-1/acknowledge/discuss-immediately"
		saved := b.post(path, values)
		if want := "/cases/KN-1?saved=" + values.Get("event_id"); saved.status != http.StatusSeeOther || saved.to != want {
			t.Fatalf("saying so gives %d to %q, want 303 to %q", saved.status, saved.to, want)
		}
		trail := func() int {
			return strings.Count(s.command("audit", "--case", "KN-1"), "W1  record: acknowledged")
		}
		if got := b.post(path, values); got.to != saved.to || trail() != 1 {
			t.Errorf("the same form again leads to %q, with %d such lines on the audit trail; want %q and one", got.to, trail(), saved.to)
		}
		other := url.Values{"event_id": {"another-tab"}}
		if got := b.post(path, other); got.to != saved.to || trail() != 1 {
			t.Errorf("another tab's form leads to %q, with %d such lines on the audit trail; want %q and one", got.to, trail(), saved.to)
		}
		if all := s.command("case", "KN-1"); strings.Count(all, "acknowledged") != 1 {
			t.Errorf("the case has not one acknowledgement:\n%s", all)
		}
		b.get(saved.to).says(t, "the case afterwards", http.StatusOK, "A reminder was read", "Undo it", "You have said that you know of it", "Discuss with the team manager immediately")
		b.post("/cases/KN-1/acknowledge/nothing", values).says(t, "a duty that there is not", http.StatusConflict, "nothing by that name is overdue")
		for _, who := range []string{"W3", "S1"} {
			if got := s.signedIn(who).post(path, values); got.status != http.StatusNotFound {
				t.Errorf("%s saying so gets %d, want 404", who, got.status)
			}
		}
	})
}
