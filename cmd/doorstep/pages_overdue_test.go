package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAManagerSeesWhatIsOverdue: on the cases of the team, by a filter that stands in the
// address, and nothing of other teams or of families.
func TestAManagerSeesWhatIsOverdue(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		s.account("M1")
		b := s.browser()
		if got := b.post("/signin", url.Values{"person": {"M1"}, "password": {password}, "next": {"/"}}); got.to != "/overdue" {
			t.Errorf("a manager who signs in comes to %q, want what is overdue", got.to)
		}
		all := b.get("/overdue")
		all.says(t, "the board", http.StatusOK, "KN-1", "KN-2", "KN-3", "on 3 cases", "Sam Okafor", "Phone Sam Okafor")
		all.saysNot(t, "the board", "SO-1", "Test Avenue", "01632 960901", "SN2")
		mine := b.get("/overdue?owner=M1")
		mine.says(t, "what is the manager's own", http.StatusOK, "KN-1", "You")
		if text := mine.text(); strings.Contains(text, "on 3 cases") {
			t.Errorf("what is the manager's own says %q, want fewer cases", text)
		}
		nothing := b.get("/overdue?owner=A1&duty=liaise")
		nothing.says(t, "a filter that holds nothing", http.StatusOK, "Nothing is overdue with this filter", "Filter: Alex Reid, Liaise with the other services, and check records")
		for _, chosen := range []string{`<option value="A1" selected>`, `<option value="liaise" selected>`} {
			if !strings.Contains(nothing.body, chosen) {
				t.Errorf("the form of a filter that holds nothing has not %s, so that to show it again takes it off: %s", chosen, nothing.body)
			}
		}
		s.command("restrict", "KN-2")
		b.get("/overdue").says(t, "the board of its manager", http.StatusOK, "KN-2")
		for _, who := range []string{"W1", "C1", "A1"} {
			if got := s.signedIn(who).get("/overdue"); got.status != http.StatusNotFound {
				t.Errorf("%s opening the board gets %d, want 404", who, got.status)
			}
		}
		s.account("S1")
		above := s.browser()
		above.signIn("S1", password)
		above.get("/overdue").says(t, "the board of whoever is above", http.StatusOK, "KN-1", "SO-1")
		b.get("/undelivered").says(t, "what was not delivered", http.StatusOK, "Not delivered")
	})
}

// TestAManagerAnswersTheirDuties: on their own page, with a date that a person sets and
// two questions at once.
func TestAManagerAnswersTheirDuties(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.account("M1")
	b := s.browser()
	b.signIn("M1", password)
	b.get("/").says(t, "what is theirs", http.StatusOK, "KN-1", "Set the visiting frequency")
	form := b.get("/cases/KN-1/do/set-timeframe")
	form.says(t, "the form of a date", http.StatusOK, "By which day")
	values := form.hidden()
	values.Set("due_day", "soon")
	b.post("/cases/KN-1/do/set-timeframe", values).says(t, "no day", http.StatusUnprocessableEntity, "Write the day like 8 December")
	values.Set("due_day", "tomorrow")
	if got := b.post("/cases/KN-1/do/set-timeframe", values); got.status != http.StatusSeeOther {
		t.Errorf("setting a date gives %d: %s", got.status, got.text())
	}
	values = b.get("/cases/KN-1/do/consider-review").hidden()
	values.Set("review", "yes")
	b.post("/cases/KN-1/do/consider-review", values).says(t, "one question of two", http.StatusUnprocessableEntity, "Answer yes or no")
	values.Set("legal", "no")
	if got := b.post("/cases/KN-1/do/consider-review", values); got.status != http.StatusSeeOther {
		t.Errorf("answering both gives %d: %s", got.status, got.text())
	}
	values = b.get("/cases/KN-1/do/set-frequency").hidden()
	values.Set("value", "every now and then")
	wrong := b.post("/cases/KN-1/do/set-frequency", values)
	wrong.says(t, "no frequency", http.StatusUnprocessableEntity, "There is a problem")
	values.Set("value", "10 working days")
	if got := b.post("/cases/KN-1/do/set-frequency", values); got.status != http.StatusSeeOther {
		t.Errorf("setting the frequency gives %d: %s", got.status, got.text())
	}
}

// TestTheDemoShowsItsCasesAsAnybody: with a banner, on a clock that goes on where the
// demo has ended; messages lead to it.
func TestTheDemoShowsItsCasesAsAnybody(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := exec.CommandContext(t.Context(), buildBinary(t), "demo", "--serve", "--listen", "127.0.0.1:0", "--folder", folder)
	c.Dir = folder
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	s := &site{daemon: &daemon{t: t, folder: folder}}
	for lines := bufio.NewScanner(out); s.listen == "" && lines.Scan(); {
		if _, at, found := strings.Cut(lines.Text(), "http://"); found {
			s.listen, _, _ = strings.Cut(at, "/")
		}
	}
	b := s.browser()
	first := b.get("/signin")
	first.says(t, "the first page", http.StatusOK, "Who do you want to be?", "Social Worker One", "Manager East")
	first.saysNot(t, "the first page", "Social Worker Three") // who has left by then
	b.post("/signin", url.Values{"person": {"SW3"}, "next": {"/"}}).says(t, "being somebody who has left", http.StatusNotFound, "There is no such page")
	if got := b.post("/signin", url.Values{"person": {"GE"}, "next": {"/"}}); got.to != "/overdue" {
		t.Errorf("being a manager leads to %q, want what is overdue", got.to)
	}
	board := b.get("/overdue")
	board.says(t, "the board", http.StatusOK, "Overdue", "at 09:0", "PA-057")
	if !strings.Contains(board.body, "Invented cases. Nothing is sent.") {
		t.Errorf("the board has no banner: %s", board.body)
	}
	calls := b.get("/undelivered")
	calls.says(t, "what was not delivered", http.StatusOK, "Nothing about your cases has failed", "Every email is written into the outbox, and sent to nobody")
	calls.saysNot(t, "what was not delivered", "Reminders have come due", "has been delivered")
	b.get("/readiness").says(t, "readiness for a manager", http.StatusOK, "if messages were sent: the demo sends none", "It would reach somebody in every role")
	it := s.browser()
	it.post("/signin", url.Values{"person": {"IT1"}, "next": {"/"}})
	it.get("/readiness").says(t, "readiness for IT", http.StatusOK, "Doorstep does its work", "The last good scan ended on Tue 5 January, 09:0", "The configuration in force")
	it.get("/readiness").saysNot(t, "readiness for IT in the demo, which nothing probes", "/readyz")
	chair := s.browser()
	chair.post("/signin", url.Values{"person": {"C1"}, "next": {"/"}})
	chair.get("/").says(t, "the chair's list", http.StatusOK, "No action is agreed yet: it was to be by Tue 22 December 2026, 17:00", "was agreed Fri 18 December 2026, 14:07")
	emails, err := filepath.Glob(filepath.Join(folder, "outbox", "*.eml"))
	if err != nil || len(emails) == 0 {
		t.Fatalf("there are %d emails (error %v)", len(emails), err)
	}
	leads := func(name string) bool {
		data, err := os.ReadFile(name)
		whole := strings.NewReplacer("=\r\n", "", "=\n", "").Replace(string(data))
		return err == nil && strings.Contains(whole, "http://"+s.listen+"/cases/")
	}
	if !slices.ContainsFunc(emails, leads) {
		t.Errorf("no email leads to http://%s/cases/", s.listen)
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, out)
	if err := c.Wait(); err != nil {
		t.Errorf("after Ctrl-C it ends with %v, want exit 0", err)
	}
}

// TestCheckAsksWhetherThePublicAddressIsOurs: where messages would lead elsewhere, that
// is a fault.
func TestCheckAsksWhetherThePublicAddressIsOurs(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	elsewhere := newSite(t, onSQLite(t))
	none := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(none.Close)
	for _, tt := range []struct {
		address, want string
		code          int
	}{
		{"http://" + s.listen, "no faults", exitDone},
		{"http://" + elsewhere.listen, "another Doorstep answers there", exitUsage},
		{none.URL, "what answers there is no Doorstep", exitUsage},
		{"http://127.0.0.1:1", "nothing answers there", exitUsage},
	} {
		s.write("doorstep.yaml", fmt.Sprintf("database: %q\npublic_url: %s\norganisation: {name: Northtown Council, contact_number: \"01632 960900\"}\nduty_address: {email: duty@example.org}\n", s.database, tt.address))
		out, errs, code := s.try("check", "--online")
		if code != tt.code || !strings.Contains(out, tt.want) {
			t.Errorf("with %s check --online exits %d and prints\n%s%s\nwant %d and %q", tt.address, code, out, errs, tt.code, tt.want)
		}
	}
}

// TestTheAuditTrailShowsWhatWasChanged: a line that was changed is named.
func TestTheAuditTrailShowsWhatWasChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	b.get("/cases/KN-1")
	b.get("/cases/KN-3")
	s.await("the looks in the chain", func() bool {
		return count(t, s.database, "SELECT count(*) FROM audit WHERE case_ref IN ('KN-1', 'KN-3')") == 2
	})
	s.execute("UPDATE audit SET case_ref = 'KN-9' WHERE case_ref = 'KN-1'")
	if _, errs, code := s.try("audit"); code != exitFailed || !strings.Contains(errs, "from line 2 on") {
		t.Errorf("audit exits %d and says %q, want 1 and the line that was changed", code, errs)
	}
}
