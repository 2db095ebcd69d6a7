package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/store/storetest"
)

const staff = `id,name,role,team,email,mobile,channel,reports_to
W1,Worker One,practitioner,East,w1@council.example,07700 900101,email,G1
G1,Manager One,manager,East,g1@council.example,07700 900111,email,V1
V1,Service Manager One,service-manager,,v1@council.example,07700 900121,email,
`

// ago writes a time so long before now as an import file does.
func ago(d time.Duration) string { return now().Add(-d).UTC().Format(time.RFC3339) }

// onEachDatabase tells a story on a fresh database of each kind, at the same time.
func onEachDatabase(t *testing.T, story func(t *testing.T, url string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		story(t, onSQLite(t))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		story(t, storetest.PostgresURL(t))
	})
}

func onSQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db")
}

// TestFirstDay is a team's first day, on each database: it imports its people
// and cases, starts the daemon, and the mail server gets what is due. It goes on
// where it was when it is started again, takes in what lies in the inbox, and
// stops when it is told to.
func TestFirstDay(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	onEachDatabase(t, func(t *testing.T, url string) {
		server := smtptest.Start(t, smtptest.Options{})
		d := newDaemon(t, binary, url, server)
		d.command("import", "people", d.write("people.csv", staff))
		d.command("import", "cases", d.write("cases.csv",
			"ref,pathway,opened_at,practitioner,manager,team,addressee,address_1,postcode\nKN-1,csc-section-47,"+ago(time.Minute)+",W1,G1,East,Ms Hollingberry,1 Larkrise Terrace,SN1 1AA\n"))
		p := d.start()
		d.await("both emails about the referral", func() bool { return server.Count() == 2 })
		for _, mail := range server.Taken() {
			subject := mail.Header("Subject")
			if !strings.Contains(subject, "KN-1") || mail.Header("Auto-Submitted") != "auto-generated" || mail.Header("Importance") != "high" {
				t.Errorf("subject %q, Auto-Submitted %q, Importance %q: want an urgent automatic message about KN-1",
					subject, mail.Header("Auto-Submitted"), mail.Header("Importance"))
			}
			body := string(mail.Content)
			if strings.Contains(body, "Hollingberry") || strings.Contains(body, "Larkrise") {
				t.Errorf("an email names a family:\n%s", body)
			}
			if slices.Contains(mail.To, "g1@council.example") && !strings.Contains(body, "For the practitioner, Worker One (W1), to do.") {
				t.Errorf("the manager is not told whose it is to do:\n%s", body)
			}
		}
		d.await("both texts in the outbox", func() bool {
			texts, err := filepath.Glob(filepath.Join(d.folder, "outbox", "*.txt"))
			return err == nil && len(texts) == 2
		})
		for path, want := range map[string]string{"/healthz": "alive", "/readyz": `"ready": true`, "/metrics": `doorstep_messages_total{channel="email",state="sent"} 2`} {
			d.await(path, func() bool { status, body := d.get(path); return status == 200 && strings.Contains(body, want) })
		}
		if code, log := p.stop(); code != exitDone || !strings.Contains(log, "msg=stopped") {
			t.Errorf("serve stopped with exit %d and logged %s", code, log)
		}

		// The case is seen while the daemon is down, and another is referred.
		inbox := filepath.Join(d.folder, "inbox")
		for name, content := range map[string]string{
			"cases-2.csv":  "ref,pathway,opened_at,practitioner,manager,team\nKN-2,csc-section-47," + ago(time.Minute) + ",W1,G1,East\n",
			"events-1.csv": "event_id,case_ref,kind,at,by\nx1,KN-1,seen," + ago(time.Second) + ",W1\n",
			"events-2.csv": "event_id,case_ref,kind,at,by\nx2,KN-9,seen," + ago(time.Second) + ",W1\n",
		} {
			if err := os.WriteFile(filepath.Join(inbox, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		p = d.start()
		d.await("the emails about the second referral, and about the row that was rejected", func() bool { return server.Count() == 5 })
		if code, log := p.stop(); code != exitDone {
			t.Errorf("serve stopped with exit %d and logged %s", code, log)
		}
		if n := len(server.TakenByID()); n != 5 {
			t.Errorf("%d different messages, want 5", n)
		}
		if out := d.command("case", "KN-1"); !strings.Contains(out, "See the child: MET") {
			t.Errorf("case KN-1 says\n%s\nwant that the child was seen", out)
		}
		if errors, err := filepath.Glob(filepath.Join(inbox, "rejected", "*events-2.csv.errors.txt")); err != nil || len(errors) != 1 {
			t.Errorf("errors beside the rejected file: %q, %v; want one", errors, err)
		}
	})
}

// TestMailServerThatComesBack: nothing is lost while the mail server is away.
func TestMailServerThatComesBack(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	undisturbed(server.Stop)
	d := newDaemon(t, buildBinary(t), "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"), server)
	d.command("import", "people", d.write("people.csv", staff))
	d.command("import", "cases", d.write("cases.csv",
		"ref,pathway,opened_at,practitioner,manager,team\nKN-1,csc-section-47,"+ago(time.Minute)+",W1,G1,East\n"))
	d.start()
	d.await("a failed try", func() bool {
		_, body := d.get("/metrics")
		return strings.Contains(body, `doorstep_messages_total{channel="email",state="failed-temporarily"} 2`)
	})
	undisturbed(func() { server.Restart(t) })
	d.await("both emails", func() bool { return server.Count() == 2 })
}

func TestStartIsRefusedWithWordsThatHelp(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	binary := buildBinary(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := []struct {
		name, find, put string
		code            int
		says            []string
	}{
		{"a typo in a key", "listen:", "listne:", exitUsage, []string{"doorstep.yaml:4:1", "listne", "listen"}},
		{"a schedule with a typo", `"@every 1s"`, `"61 8 * * *"`, exitUsage, []string{"doorstep.yaml:5:", "61 8 * * *"}},
		{"a secret that is missing", "connections: 4", "connections: 4, username: u, tls: required, password: \"${NO_SUCH_VARIABLE}\"", exitUsage, []string{"NO_SUCH_VARIABLE"}},
		{"nobody to tell at the end", "duty@council.example", `""`, exitUsage, []string{"duty_address"}},
		{"an address in use", "127.0.0.1:0", taken.Addr().String(), exitFailed, []string{"listen"}},
		{"a database that is not there", `database: "sqlite:`, `database: "sqlite:/no/such/folder`, exitFailed, []string{"/no/such/folder"}},
		{"a channel without its key", "via: smtp", "via: notify", exitUsage, []string{"email.notify.api_key"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDaemon(t, binary, "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"), server)
			d.command("migrate")
			path := filepath.Join(d.folder, "doorstep.yaml")
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(data), tt.find) {
				t.Fatalf("the configuration has no %q", tt.find)
			}
			d.write("doorstep.yaml", strings.Replace(string(data), tt.find, tt.put, 1))
			_, errs, code := d.try("serve")
			if code != tt.code {
				t.Errorf("exit %d, want %d", code, tt.code)
			}
			for _, words := range tt.says {
				if !strings.Contains(errs, words) || !strings.HasPrefix(errs, "doorstep: ") {
					t.Errorf("it says %q, want it to begin with doorstep: and name %q", errs, words)
				}
			}
		})
	}
}

// TestBackupMovesToTheOtherDatabase: what was kept in SQLite is there in
// PostgreSQL after a restore, and what was said is not said again.
func TestBackupMovesToTheOtherDatabase(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	binary := buildBinary(t)
	old := newDaemon(t, binary, "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"), server)
	old.caseload(5)
	p := old.start()
	old.await("ten emails", func() bool { return server.Count() == 10 })
	p.stop()
	file := filepath.Join(old.folder, "backup")
	old.command("backup", file)

	moved := newDaemon(t, binary, storetest.PostgresURL(t), server)
	moved.command("restore", file)
	p = moved.start()
	moved.command("import", "events", moved.write("events.csv", "event_id,case_ref,kind,at,by\nx1,KN-3,no-access,"+ago(time.Second)+",P3\n"))
	moved.await("the manager's email about the visit", func() bool { return server.Count() >= 11 })
	p.stop()
	if n := len(server.TakenByID()); n != server.Count() {
		t.Errorf("%d emails, of which %d are different: something was said again", server.Count(), n)
	}
	if _, errs, code := moved.try("restore", file); code == exitDone || !strings.Contains(errs, "empty") {
		t.Errorf("a second restore exits %d and says %q, want a refusal: the database is not empty", code, errs)
	}
}

// TestSimulationNamesTheBadRow: as an import does.
func TestSimulationNamesTheBadRow(t *testing.T) {
	t.Parallel()
	d := &daemon{t: t, folder: t.TempDir()}
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"simulate", "--people", d.write("people.csv", staff),
		"--cases", d.write("cases.csv", "ref,pathway,opened_at,practitioner,manager\nKN-1,csc-section-47,2026-09-01 09:00,W1,G1\n"),
		"--events", d.write("events.csv", "event_id,case_ref,kind,at,by\nx1,KN-1,no-access,2026-09-01 12:00,W1\nx2,KN-1,seen,2026-09-01 13:00,W7\n"),
		"--from", "2026-09-01", "--to", "2026-09-03"}, nil, &out, &errs)
	if code != exitUsage || !strings.HasPrefix(errs.String(), "doorstep: events.csv:3: column by: ") {
		t.Errorf("exit %d and %q, want the bad row named", code, errs.String())
	}
}

// TestLookingMakesNoDatabase: only what fills a database makes one, for its owner
// alone.
func TestLookingMakesNoDatabase(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	file := filepath.Join(t.TempDir(), "doorstep.db")
	d := newDaemon(t, buildBinary(t), "sqlite:"+file, server)
	for _, args := range [][]string{{"case", "KN-1"}, {"digest", "--manager", "G1"}, {"backup", "copy"}, {"check"}} {
		if _, errs, code := d.try(args...); code == exitDone && args[0] != "check" || args[0] != "check" && !strings.Contains(errs, "there is no database") {
			t.Errorf("%s: exit %d and %q, want that there is no database", args[0], code, errs)
		}
		if _, err := os.Stat(file); err == nil {
			t.Fatalf("%s made a database", args[0])
		}
	}
	d.command("import", "people", d.write("people.csv", staff))
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database: %v, %v; want it readable by its owner only", info.Mode(), err)
	}
}
