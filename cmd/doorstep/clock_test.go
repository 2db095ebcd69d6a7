package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/store/storetest"
)

const operationsToo = "\noperations: {email: operations@council.example}\n"

// newClockDaemon is newDaemon with operations to tell, and people.
func newClockDaemon(t *testing.T, database string, server *smtptest.Server) *daemon {
	t.Helper()
	d := newDaemon(t, buildBinary(t), database, server)
	d.write("doorstep.yaml", d.configuration()+operationsToo)
	d.command("import", "people", d.write("people.csv", staff))
	return d
}

// opened refers a case that was opened so long ago.
func (d *daemon) opened(ref string, before time.Duration) {
	d.t.Helper()
	d.command("import", "cases", d.write("case.csv", "ref,pathway,opened_at,practitioner,manager,team\n"+ref+",csc-section-47,"+ago(before)+",W1,G1,East\n"))
}

// about counts the emails that name something in their subject.
func about(server *smtptest.Server, what string) (n int) {
	for _, m := range server.Taken() {
		if strings.Contains(m.Header("Subject"), what) {
			n++
		}
	}
	return n
}

// TestSchedulesThatLieAheadStopNothing: what a clock leaves that was two hours ahead, or a
// year. Nothing waits for the clock to come so far; operations hear of it once.
func TestSchedulesThatLieAheadStopNothing(t *testing.T) {
	t.Parallel()
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		for _, by := range []time.Duration{2 * time.Hour, 365 * 24 * time.Hour} {
			t.Run(fmt.Sprint(database, " ", by), func(t *testing.T) {
				t.Parallel()
				url := "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db")
				if database == "PostgreSQL" {
					url = storetest.PostgresURL(t)
				}
				server := smtptest.Start(t, smtptest.Options{})
				d := newClockDaemon(t, url, server)
				d.opened("KN-1", time.Minute)
				p := d.start()
				d.await("the emails about the first case", func() bool { return about(server, "KN-1") == 2 })
				p.stop()
				behind := storetest.LookBehind(t, url)
				behind.Do("UPDATE schedules SET last_due_at = last_due_at + $1, last_started_at = last_started_at + $1, last_ended_at = last_ended_at + $1, last_success_at = last_success_at + $1", by.Milliseconds())
				d.opened("KN-2", time.Minute)
				p = d.start()
				d.await("the emails about the second case", func() bool { return about(server, "KN-2") == 2 })
				d.await("operations to be told", func() bool { return about(server, "clock of a machine was wrong") == 1 })
				d.await("readiness", func() bool { status, _ := d.get("/readyz"); return status == 200 })
				if ahead := d.figure("doorstep_instants_ahead"); ahead != 0 {
					t.Errorf("%v instants lie ahead of now after a scan, want none", ahead)
				}
				if _, log := p.stop(); strings.Count(log, "lay ahead of now") != 1 {
					t.Errorf("the log does not say once that instants lay ahead:\n%s", log)
				}
				if n := about(server, "KN-1"); n != 2 {
					t.Errorf("%d emails about the first case, want the two from before", n)
				}
			})
		}
	}
}

// TestADaemonADayAheadStopsNobodyElse: of two daemons on PostgreSQL one leaps ahead by a
// day, for longer than six seconds. It scans and sends nothing, says so, and tells
// operations; the other one goes on, and nobody hears that anything is overdue.
func TestADaemonADayAheadStopsNobodyElse(t *testing.T) {
	t.Parallel()
	url := storetest.PostgresURL(t)
	server := smtptest.Start(t, smtptest.Options{})
	d := newClockDaemon(t, url, server)
	off := newClockDaemon(t, url, server)
	set := off.shiftClock()
	set(0)
	d.opened("KN-1", time.Minute)
	d.start()
	key, err := os.ReadFile(filepath.Join(d.folder, "doorstep.key")) // all daemons on a database have one
	if err != nil {
		t.Fatal(err)
	}
	off.write("doorstep.key", string(key))
	p := off.start()
	d.await("the emails about the first case", func() bool { return about(server, "KN-1") == 2 })
	off.await("readiness", func() bool { status, _ := off.get("/readyz"); return status == 200 })

	set(24 * time.Hour)
	off.await("the daemon that is off to say so", func() bool {
		status, body := off.get("/readyz")
		return status == 503 && strings.Contains(body, "ahead of the database's")
	})
	d.await("operations to be told", func() bool { return about(server, "clock of a machine is wrong") == 1 })
	d.opened("KN-2", time.Minute)
	d.await("the emails about the second case", func() bool { return about(server, "KN-2") == 2 })
	if status, body := d.get("/readyz"); status != 200 {
		t.Errorf("the other daemon answers %d: %s", status, body)
	}
	if wrong, right := off.figure("doorstep_clock_wrong"), d.figure("doorstep_clock_wrong"); wrong != 1 || right != 0 {
		t.Errorf("the figures of the clocks are %v and %v, want 1 for the one that is off and 0 for the other", wrong, right)
	}
	set(0)
	off.await("readiness once the clock is right again", func() bool { status, _ := off.get("/readyz"); return status == 200 })
	if _, log := p.stop(); !strings.Contains(log, "the clock is wrong") || !strings.Contains(log, "the clock is right again") {
		t.Errorf("the log does not say that the clock was wrong and is right again:\n%s", log)
	}
	if n := about(server, "verdue") + about(server, "VERDUE"); n != 0 {
		t.Errorf("%d emails say that something is overdue, want none", n)
	}
}

// TestAClockThatLeapsForAMomentSilencesNothing: on SQLite there is no other clock. A year
// ahead and back: nothing is said that is not so, and what is due goes on.
func TestAClockThatLeapsForAMomentSilencesNothing(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	d := newClockDaemon(t, "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"), server)
	set := d.shiftClock()
	set(0)
	d.opened("KN-1", time.Minute)
	p := d.start()
	d.await("the emails about the first case", func() bool { return about(server, "KN-1") == 2 })
	set(365 * 24 * time.Hour)
	d.await("the daemon to say that its clock has leapt", func() bool {
		status, body := d.get("/readyz")
		return status == 503 && strings.Contains(body, "has leapt ahead by 8760h")
	})
	set(0)
	d.opened("KN-2", time.Minute)
	d.await("the emails about the second case", func() bool { return about(server, "KN-2") == 2 })
	d.await("readiness", func() bool { status, _ := d.get("/readyz"); return status == 200 })
	if _, log := p.stop(); !strings.Contains(log, "the clock is right again") {
		t.Errorf("the log does not say that the clock is right again:\n%s", log)
	}
	if n := about(server, "verdue") + about(server, "VERDUE"); n != 0 {
		t.Errorf("%d emails say that something is overdue, want none", n)
	}
}

// TestWhatAWrongClockSaidIsSaidWhenItIsTrue: a daemon that was started with its clock a
// year ahead says that everything is overdue. Once the clock is right, what it said stands
// for nothing: what is true now is said.
func TestWhatAWrongClockSaidIsSaidWhenItIsTrue(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	d := newClockDaemon(t, "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"), server)
	set := d.shiftClock()
	set(365 * 24 * time.Hour)
	d.opened("KN-1", time.Minute)
	p := d.start()
	d.await("emails that everything is overdue", func() bool { return about(server, "KN-1") >= 2 })
	p.stop()
	wrong := about(server, "KN-1")
	set(0)
	p = d.start()
	d.await("the emails about what is true", func() bool { return about(server, "KN-1") == wrong+2 })
	for _, m := range server.Taken()[wrong:] {
		if subject := m.Header("Subject"); strings.Contains(subject, "KN-1") && strings.Contains(strings.ToLower(subject), "overdue") {
			t.Errorf("with the right clock an email says %q, want that the case is new", subject)
		}
	}
	d.end(p)
}
