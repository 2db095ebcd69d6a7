package main

import (
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// lock takes the write lock of a site's SQLite database, as an import does, until it is
// let go of.
func (s *site) lock() (release func()) {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(s.database, "sqlite:")+"?_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		s.t.Fatal(err)
	}
	tx, err := db.BeginTx(s.t.Context(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			s.t.Error(err)
		}
		db.Close()
	}
}

// TestWhatWasSeenIsOnRecordWhateverEndsTheDaemon: a page that was shown has its line, also
// where the daemon is killed right after it, and where somebody else writes meanwhile.
func TestWhatWasSeenIsOnRecordWhateverEndsTheDaemon(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		worker := s.signedIn("W1")
		release := func() {}
		if strings.HasPrefix(s.database, "sqlite:") {
			release = s.lock()
		}
		worker.get("/cases/KN-1").says(t, "a case", http.StatusOK, "KN-1")
		worker.get("/cases/KN-1/contact").says(t, "its address", http.StatusOK, "Test Avenue")
		worker.get("/cases/SO-1") // another team's
		s.processes[len(s.processes)-1].kill()
		seen := "  W1  look  KN-1\n"
		if trail := s.command("audit", "--person", "W1"); !strings.Contains(trail, seen) || !strings.Contains(trail, "  W1  contact  KN-1\n") || !strings.Contains(trail, "  W1  refused: look (not-theirs)  SO-1\n") {
			t.Errorf("after the daemon was killed the audit trail is\n%s\nwant what W1 has seen, and what not", trail)
		}
		s.command("backup", "with-looks")
		release()
		s.start()
		s.await("the look to stand in the chain", func() bool {
			return count(t, s.database, "SELECT count(*) FROM audit WHERE who = 'W1' AND case_ref = 'SO-1'") == 1
		})
		trail := s.command("audit")
		if strings.Count(trail, seen) != 1 {
			t.Errorf("the audit trail is\n%s\nwant the look once", trail)
		}
		restored := &site{daemon: &daemon{t: t, binary: s.binary, folder: t.TempDir()}, database: onSQLite(t)}
		restored.write("doorstep.yaml", strings.ReplaceAll(s.configuration(), s.database, restored.database))
		if backup, err := os.ReadFile(s.folder + "/with-looks"); err != nil {
			t.Error(err)
		} else {
			restored.command("restore", restored.write("with-looks", string(backup)))
		}
		if again := restored.command("audit"); again != trail {
			t.Errorf("from a backup that was taken while it waited the audit trail is\n%s\nwant\n%s", again, trail)
		}
	})
}

// TestWhoLooksWaitsForNobodyWhoWrites: every page of every role, the API, a calendar and
// the record itself are shown while somebody else holds the write lock of SQLite; and
// what was looked at is on record then.
func TestWhoLooksWaitsForNobodyWhoWrites(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	pages := []struct {
		who   *browser
		paths []string
	}{
		{s.signedIn("W1"), []string{"/", "/duties", "/cases/KN-1", "/cases/KN-1/contact", "/cases/KN-1/record", "/cases/KN-1/record?outcome=no-access",
			"/cases/KN-1/do/discuss-immediately", "/cases/KN-1/void/e1", "/cases/KN-1/chronology.pdf", "/cases/SO-1", "/lookup", "/help", "/privacy", "/account"}},
		{s.signedIn("M1"), []string{"/", "/overdue", "/undelivered", "/people", "/people/W1", "/people/W1/cases", "/reports", "/reports.csv", "/cases/KN-1", "/cases/KN-1/decide",
			"/overdue?open=KN-1", "/cases/KN-1/chronology.pdf", "/emergency"}},
		{s.signedIn("A1"), []string{"/", "/print", "/print?case=KN-1", "/import", "/people", "/people/W1"}},
		{s.signedIn("C1"), []string{"/", "/cases/KN-1"}},
		{s.outsider("IT1", "Ivy Tran", "--operates"), []string{"/readiness"}},
		{s.outsider("IG1", "Gwen Lyle", "--audits"), []string{"/audit", "/audit?check=yes", "/audit.csv"}},
	}
	above := s.signedIn("S1")
	token := strings.TrimSpace(s.command("token", "add", "reader", "--scope", "read"))
	release := s.lock()
	if got := pages[0].who.post("/lookup", url.Values{"q": {"KN-1"}}); got.to != "/cases/KN-1" {
		t.Errorf("looking for a case gives %d to %q while somebody writes, want the case: %s", got.status, got.to, got.text())
	}
	above.post("/cases/KN-1/contact", url.Values{"reason": {"a complaint"}}).says(t, "an address, with a reason, while somebody writes", http.StatusOK, "Test Avenue")
	for _, p := range pages {
		for _, path := range p.paths {
			if got := p.who.ask(http.MethodGet, path, nil); got.status != http.StatusOK && got.status != http.StatusSeeOther && got.status != http.StatusNotFound {
				t.Errorf("%s gives %d while somebody writes, want it shown: %s", path, got.status, got.text())
			}
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.listen+"/api/v1/cases/KN-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if got := s.browser().do(request); got.status != http.StatusOK {
		t.Errorf("the API gives %d while somebody writes, want the case: %s", got.status, got.body)
	}
	if got := s.command("case", "KN-1"); !strings.Contains(got, "KN-1") {
		t.Errorf("the command says %q, want the case", got)
	}
	trail := s.command("audit", "--case", "KN-1")
	for _, want := range []string{"  W1  look  KN-1", "  M1  look  KN-1", "  token reader  look  KN-1", "look, by command  KN-1"} {
		if !strings.Contains(trail, want) {
			t.Errorf("while somebody writes the audit trail is\n%s\nwant it to have %q", trail, want)
		}
	}
	release()
	s.await("the looks to stand in the chain", func() bool {
		return count(t, s.database, "SELECT count(*) FROM audit WHERE case_ref = 'KN-1'") == strings.Count(trail, "\n")
	})
	if after := s.command("audit", "--case", "KN-1"); after != trail {
		t.Errorf("once they are chained the audit trail is\n%s\nwant it as before\n%s", after, trail)
	}
}

// TestNothingIsShownThatCannotBePutOnRecord: a plain page says so, and that it is not the
// reader's fault.
func TestNothingIsShownThatCannotBePutOnRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	worker := s.signedIn("W1")
	token := strings.TrimSpace(s.command("token", "add", "reader", "--scope", "read"))
	s.processes[0].stop()
	looks := strings.TrimPrefix(s.database, "sqlite:") + "-looks"
	for _, ending := range []string{"", "-wal", "-shm"} {
		if err := os.RemoveAll(looks + ending); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(looks, 0o700); err != nil {
		t.Fatal(err)
	}
	s.start()
	for _, path := range []string{"/cases/KN-1", "/cases/KN-1/contact", "/cases/SO-1"} {
		got := worker.get(path)
		got.says(t, path, http.StatusServiceUnavailable)
		got.saysNot(t, path, "KN-1", "SO-1", "Test Avenue", looks)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.listen+"/api/v1/cases/KN-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if got := s.browser().do(request); got.status != http.StatusServiceUnavailable || strings.Contains(got.body, looks) || strings.Contains(got.body, "hv-child") {
		t.Errorf("the API gives %d: %s; want 503 and nothing of the case", got.status, got.body)
	}
	if out, errs, code := s.try("case", "KN-1"); code != exitFailed || !strings.Contains(errs, looks) || out != "" {
		t.Errorf("the command exits with %d and says %q and %q, want %d, the file's name and nothing of the case", code, out, errs, exitFailed)
	}
	if out, errs, code := s.try("check"); code != exitUsage || !strings.Contains(out+errs, looks) {
		t.Errorf("check exits with %d and says %s%s; want %d and the file's name", code, out, errs, exitUsage)
	}
	if status, body := s.daemon.get("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz gives %d: %s; want 503", status, body)
	}
	if err := os.Remove(looks); err != nil {
		t.Fatal(err)
	}
	worker.get("/cases/KN-1").says(t, "once it can be put on record", http.StatusOK, "KN-1")
}
