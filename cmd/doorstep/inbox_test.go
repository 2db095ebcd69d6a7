package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
)

// newInboxDaemon has two cases, and operations of its own.
func newInboxDaemon(t testing.TB, database string) (*daemon, *smtptest.Server) {
	t.Helper()
	server := smtptest.Start(t, smtptest.Options{})
	d := newDaemon(t, buildBinary(t), database, server)
	config, err := os.ReadFile(filepath.Join(d.folder, "doorstep.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	d.write("doorstep.yaml", strings.Replace(string(config), `inbox: "@every 2s"`, `inbox: "@every 1s"`, 1)+"operations: {email: ops@council.example}\n")
	d.command("import", "people", d.write("people.csv", staff))
	d.command("import", "cases", d.write("cases.csv", "ref,pathway,opened_at,practitioner,manager,team\n"+
		"KN-1,csc-section-47,"+ago(time.Hour)+",W1,G1,East\nKN-2,csc-section-47,"+ago(time.Hour)+",W1,G1,East\n"))
	if err := os.Mkdir(d.inbox(""), 0o750); err != nil {
		t.Fatal(err)
	}
	return d, server
}

func (d *daemon) inbox(name string) string { return filepath.Join(d.folder, "inbox", name) }

func (d *daemon) handOver(name, content string) {
	d.t.Helper()
	if err := os.WriteFile(d.inbox(name), []byte(content), 0o640); err != nil {
		d.t.Fatal(err)
	}
}

// lies reports whether a file lies in a folder of the inbox.
func (d *daemon) lies(pattern string) bool {
	found, err := filepath.Glob(d.inbox(pattern))
	return err == nil && len(found) > 0
}

// alerts are the subjects and texts that operations got.
func alerts(server *smtptest.Server, about string) int {
	n := 0
	for _, mail := range server.Taken() {
		if strings.Contains(mail.Header("Subject"), about) {
			n++
		}
	}
	return n
}

const eventsHead = "event_id,case_ref,kind,at,by\n"

// TestInboxHoldsNoFileUp: a pipe, a link, a folder, 60,000 rows about one case and
// a file with one bad row lie before the visit that counts. It comes in; so do the
// good rows; operations hear of the others, once; and the daemon stops at once.
func TestInboxHoldsNoFileUp(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, url string) {
		d, server := newInboxDaemon(t, url)
		secret := d.write("secret.csv", "secret\n")
		for _, err := range []error{
			syscall.Mkfifo(d.inbox("events-0.csv"), 0o640),
			os.Symlink(secret, d.inbox("cases-0.csv")),
			os.Mkdir(d.inbox("people-0.csv"), 0o750),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		var many strings.Builder
		many.WriteString("case_ref,kind,at,by\n")
		for range 60_000 {
			many.WriteString("KN-1,supervision,2026-09-01T10:00:00Z,G1\n")
		}
		d.handOver("events-a.csv", many.String())
		d.handOver("events-joe-bloggs.csv", eventsHead+"x1,KN-9,seen,"+ago(time.Minute)+",W1\nx2,KN-1,seen,"+ago(time.Minute)+",W1\n")
		d.handOver("events-z.csv", eventsHead+"x3,KN-2,seen,"+ago(time.Minute)+",W1\n")
		p := d.start()
		d.await("the visits to be imported", func() bool { return d.lies("done/*-events-joe-bloggs.csv") && d.lies("done/*-events-z.csv") })
		for _, ref := range []string{"KN-1", "KN-2"} {
			if out := d.command("case", ref); !strings.Contains(out, "See the child: MET") {
				t.Errorf("case %s says\n%s\nwant that the child was seen", ref, out)
			}
		}
		d.await("operations to be told", func() bool {
			return alerts(server, "a row from the record system was rejected") == 1 && alerts(server, "60000 rows from the record system were rejected") == 1 && alerts(server, "cannot be read") == 3
		})
		d.await("the figures", func() bool {
			_, body := d.get("/metrics")
			return strings.Contains(body, "\ndoorstep_inbox_unreadable_files 3\n") && strings.Contains(body, "\ndoorstep_inbox_rejected_rows_total 60001\n")
		})
		copied, err := filepath.Glob(d.inbox("rejected/*-events-joe-bloggs.csv"))
		if err != nil || len(copied) != 1 {
			t.Fatalf("copies of the rejected row: %q, %v; want one", copied, err)
		}
		content, err := os.ReadFile(copied[0])
		if err != nil || strings.Contains(string(content), "x2") || !strings.Contains(string(content), "x1,KN-9") || !strings.Contains(string(content), "KN-9") {
			t.Errorf("the copy is %q (%v), want the row x1 with its reason", content, err)
		}
		asked := time.Now()
		code, log := p.stop()
		if took := time.Since(asked); code != exitDone || took > 10*time.Second {
			t.Errorf("serve stopped with exit %d after %s, want 0 within seconds", code, took)
		}
		if strings.Contains(log, "bloggs") {
			t.Errorf("the log names a file:\n%s", log)
		}
		d.start()
		runs := func() int {
			return count(t, url, "SELECT count(*) FROM runs WHERE schedule = 'inbox' AND ended_at IS NOT NULL")
		}
		before := runs()
		d.await("the inbox to be looked at again", func() bool { return runs() > before+1 })
		if n := alerts(server, "cannot be read"); n != 3 {
			t.Errorf("operations were told of what cannot be read %d times, want 3: once for each", n)
		}
	})
}

// TestInboxLosesNothingOfASlowWriter: one pauses behind a line, one within a value.
func TestInboxLosesNothingOfASlowWriter(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db")
	d, _ := newInboxDaemon(t, database)
	d.handOver("people-cut.csv", "id,role,email\nW7,practitioner,q2@council.example")
	d.handOver("events-slow.csv", eventsHead+"x1,KN-1,no-access,"+ago(time.Minute)+",W1\n")
	slow, err := os.OpenFile(d.inbox("events-slow.csv"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	d.handOver("people-whole.csv", "id,role,email\nW8,practitioner,w8@council.example\n")
	d.start()
	d.await("the whole file", func() bool { return d.lies("done/*-people-whole.csv") })
	if n := count(t, database, "SELECT count(*) FROM people WHERE id = 'W7'"); n != 0 {
		t.Errorf("a row cut in its last column was taken as whole")
	}
	cut, err := os.OpenFile(d.inbox("people-cut.csv"), os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		_, err = fmt.Fprint(cut, ".org\n")
	}
	if err != nil {
		t.Fatal(err)
	}
	cut.Close()
	d.await("the file whose writer had paused within a value", func() bool { return d.lies("done/*-people-cut.csv") })
	d.await("the file whose writer had paused behind a line", func() bool { return d.lies("done/*-events-slow.csv") })
	if _, err := fmt.Fprintf(slow, "x2,KN-2,no-access,%s,W1\n", ago(time.Minute)); err != nil {
		t.Fatal(err)
	}
	d.await("what came behind the pause", func() bool {
		return count(t, database, "SELECT count(*) FROM events WHERE id = 'x2'") == 1
	})
	if n := count(t, database, "SELECT count(*) FROM people WHERE email = 'q2@council.example.org'"); n != 1 {
		t.Errorf("the value is not as its writer ended it")
	}
}

// TestFilesThatDoNotComeAreHeardOf: operations are told once however often the
// daemon is started, readiness says so, and both end once one comes.
func TestFilesThatDoNotComeAreHeardOf(t *testing.T) {
	t.Parallel()
	d, server := newInboxDaemon(t, "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"))
	config, err := os.ReadFile(filepath.Join(d.folder, "doorstep.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	d.write("doorstep.yaml", string(config)+"inbox_expect: {events: 1m}\n")
	p := d.start()
	late := func() bool {
		status, body := d.get("/readyz")
		return status == 503 && strings.Contains(body, "no file of events")
	}
	d.await("readiness to say that nothing comes", late)
	d.await("operations to be told", func() bool { return alerts(server, "no file of events has come") == 1 })
	p.stop()
	d.handOver("events.csv", eventsHead+"x1,KN-1,seen,"+ago(time.Minute)+",W1\n")
	d.start()
	d.await("readiness to say that a file came", func() bool {
		status, body := d.get("/readyz")
		return status == 200 && strings.Contains(body, "the last file of events")
	})
	if n := alerts(server, "no file of events has come"); n != 1 {
		t.Errorf("operations were told %d times, want once", n)
	}
	if out := d.command("digest", "--manager", "G1"); !strings.Contains(out, "Data of the record system as of today") {
		t.Errorf("the digest says\n%s\nwant from when its data is", out)
	}
}
