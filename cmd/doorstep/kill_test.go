package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/store/storetest"
)

// The campaign of scripts/figures: go test ./cmd/doorstep -run Killed -kills 30 -messages 2000
var (
	kills    = flag.Int("kills", 3, "how often TestKilledDaemonLosesNothing kills the daemon")
	messages = flag.Int("messages", 400, "how many messages it sends meanwhile")
	killSeed = flag.Uint64("kill-seed", 1, "the seed of the moments at which it kills")
)

// TestKilledDaemonLosesNothing kills the daemon again and again while it sends,
// and wants every message accepted by the mail server, hardly any twice, and
// every duty where it should be.
func TestKilledDaemonLosesNothing(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	for _, database := range []struct{ name, url string }{
		{"SQLite", "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db")},
		{"PostgreSQL", storetest.PostgresURL(t)},
	} {
		t.Run(database.name, func(t *testing.T) {
			// Paced, so that the kills fall among the messages.
			server := smtptest.Start(t, smtptest.Options{Pace: 20 * time.Millisecond})
			d := newDaemon(t, binary, database.url, server)
			d.caseload(*messages / 2) // each case tells the practitioner and the manager
			random := rand.New(rand.NewPCG(*killSeed, 0))
			longest := int64(time.Duration(*messages) * 20 * time.Millisecond / 4 / time.Duration(*kills))
			for range *kills {
				p := d.start()
				select { // at no moment that anything tells
				case <-time.After(time.Duration(random.Int64N(longest))):
				case <-t.Context().Done():
				}
				p.kill()
			}
			unsent := func() int {
				return count(t, database.url, "SELECT count(*) FROM messages WHERE channel = 'email' AND state <> 'sent'")
			}
			p := d.start()
			d.await("every message to be sent", func() bool { return server.Count() >= *messages && unsent() == 0 })
			if code, log := p.stop(); code != exitDone {
				t.Errorf("serve stopped with exit %d: %s", code, log)
			}
			accepted := server.TakenByID()
			if len(accepted) != *messages {
				t.Errorf("%d different messages accepted, want %d", len(accepted), *messages)
			}
			twice := server.Count() - len(accepted)
			// Only what was under way may go again: one message on each of the four
			// connections, at each kill.
			if most := 4 * *kills; twice > most {
				t.Errorf("%d messages went twice, want at most %d", twice, most)
			}
			if wrong := count(t, database.url, "SELECT count(*) FROM duties WHERE state <> 'open' OR next_rung_at <> due_at - 4*3600*1000"); wrong != 0 {
				t.Errorf("%d duties are not waiting for their next rung, four hours before they are due", wrong)
			}
			t.Logf("%d messages, %d kills: %d accepted twice", *messages, *kills, twice)
		})
	}
}

// caseload imports so many child and family cases that were referred just now, each
// with people of its own: it tells its practitioner and its manager at once.
func (d *daemon) caseload(n int) {
	d.t.Helper()
	d.moreCases(0, n)
}

// moreCases imports such cases after the first so many, up to the last.
func (d *daemon) moreCases(after, last int) {
	d.t.Helper()
	var people, cases strings.Builder
	people.WriteString("id,name,role,team,email,mobile,channel,reports_to\nS1,Service Manager,service-manager,,s1@council.example,,email,\n")
	cases.WriteString("ref,pathway,opened_at,practitioner,manager,team\n")
	opened := now().Add(-time.Minute).UTC().Format(time.RFC3339)
	for i := after + 1; i <= last; i++ {
		fmt.Fprintf(&people, "P%d,Worker %d,practitioner,East,p%d@council.example,,email,M%d\n", i, i, i, i)
		fmt.Fprintf(&people, "M%d,Manager %d,manager,East,m%d@council.example,,email,S1\n", i, i, i)
		fmt.Fprintf(&cases, "KN-%d,csc-child-and-family,%s,P%d,M%d,East\n", i, opened, i, i)
	}
	d.command("import", "people", d.write("people.csv", people.String()))
	d.command("import", "cases", d.write("cases.csv", cases.String()))
}
