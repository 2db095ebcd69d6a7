package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/store/storetest"
)

// TestAllIsDoneBehindAPooler: PgBouncer gives each client, or each transaction, one of a
// few connections of the server. The tables are made, cases come in, emails go once, and
// nothing is said to be wrong.
func TestAllIsDoneBehindAPooler(t *testing.T) {
	t.Parallel()
	for mode, connections := range map[string]int{"session": 20, "transaction": 4} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			worksBehind(t, storetest.OwnPostgres(t).Pooler(mode, connections))
		})
	}
}

// worksBehind has a daemon do its work on a database.
func worksBehind(t *testing.T, database string) {
	server := smtptest.Start(t, smtptest.Options{})
	d := newClockDaemon(t, database, server)
	for n, ref := range []string{"KN-1", "KN-2", "KN-3"} {
		d.opened(ref, time.Minute)
		if n > 0 {
			continue
		}
		p := d.start()
		d.await("the emails about the first case", func() bool { return about(server, ref) == 2 })
		p.stop()
	}
	p := d.start()
	d.await("the emails about the other cases, one for each reader", func() bool { return about(server, ", and 1 more") == 2 })
	d.await("readiness", func() bool { status, _ := d.get("/readyz"); return status == 200 })
	if out, errs, code := d.try("check", "--online"); code != exitDone {
		t.Errorf("check --online exits %d and prints %s%s, want no faults", code, out, errs)
	}
	code, log := p.stop()
	if code != exitDone || strings.Contains(log, "level=ERROR") || strings.Contains(log, "level=WARN") {
		t.Errorf("serve stopped with exit %d and logged\n%s\nwant nothing wrong", code, log)
	}
	if twice := server.Count() - len(server.TakenByID()); twice != 0 {
		t.Errorf("%d emails came twice, want none", twice)
	}
}

// TestAPoolerByTheStatementIsRefusedByName: with it there are no transactions.
func TestAPoolerByTheStatementIsRefusedByName(t *testing.T) {
	t.Parallel()
	postgres := storetest.OwnPostgres(t)
	d := newDaemon(t, buildBinary(t), postgres.URL(), smtptest.Start(t, smtptest.Options{}))
	d.command("migrate")
	d.write("doorstep.yaml", strings.Replace(d.configuration(), fmt.Sprintf("%q", postgres.URL()), fmt.Sprintf("%q", postgres.Pooler("statement", 4)), 1))
	const says = "set its pool_mode to transaction or session"
	for _, command := range [][]string{{"check", "--online"}, {"serve"}} {
		if out, errs, code := d.try(command...); code == exitDone || !strings.Contains(out+errs, says) || strings.Contains(out+errs, "gone away") {
			t.Errorf("%s exits %d and prints\n%s%s\nwant it refused, and %q", command[0], code, out, errs, says)
		}
	}
}

// TestFewConnections: a user who may have five, where a daemon opens up to fourteen. It is
// said beforehand, and one that is told to make do with five does its work.
func TestFewConnections(t *testing.T) {
	t.Parallel()
	postgres := storetest.OwnPostgres(t)
	postgres.Do("CREATE ROLE five LOGIN CONNECTION LIMIT 5; GRANT ALL ON SCHEMA public TO five")
	database := strings.Replace(postgres.URL(), "user=postgres", "user=five", 1)
	d := newClockDaemon(t, database, smtptest.Start(t, smtptest.Options{}))
	d.command("migrate")
	const says = `the database user "five" may have 5 connections at once, and a daemon opens up to 14: raise its limit`
	if out, errs, code := d.try("check", "--online"); code != exitUsage || !strings.Contains(out, says) {
		t.Errorf("check --online exits %d and prints\n%s%s\nwant exit %d and %q", code, out, errs, exitUsage, says)
	}
	if _, errs, code := d.try("serve"); code != exitFailed || !strings.Contains(errs, says) {
		t.Errorf("serve exits %d and says %q, want exit %d and %q", code, errs, exitFailed, says)
	}
	// Commands need connections beside the daemon's.
	postgres.Do("ALTER ROLE five CONNECTION LIMIT 9")
	worksBehind(t, database+"&pool_max_conns=1")
}

// TestADatabaseThatHangsBehindAPooler: for more than a minute nothing can be read or written,
// because somebody holds the tables and with them the pooler's few connections. The
// figures stay what they were, and say that they are old; operations hear of it by the
// mail server, once, and that it is over.
func TestADatabaseThatHangsBehindAPooler(t *testing.T) {
	t.Parallel()
	postgres := storetest.OwnPostgres(t)
	server := smtptest.Start(t, smtptest.Options{})
	d := newClockDaemon(t, postgres.Pooler("transaction", 4), server)
	d.opened("KN-1", time.Minute)
	p := d.start()
	d.await("the emails about the case", func() bool { return about(server, "KN-1") == 2 })
	const scanned = `doorstep_schedule_last_success_timestamp_seconds{schedule="scan"}`
	d.await("the figure of a scan", func() bool { return d.figure(scanned) > 0 })

	letGo := postgres.Hold("LOCK TABLE schedules, messages, channel_states, arrivals IN ACCESS EXCLUSIVE MODE")
	figuresStay := func() {
		t.Helper()
		if at := d.figure(scanned); at <= 0 {
			t.Fatalf("%s is %v while the database hangs, want what it was", scanned, at)
		}
	}
	d.await("figures that are half a minute old", func() bool {
		figuresStay()
		return d.figure("doorstep_database_up") == 0 && d.figure("doorstep_database_figures_age_seconds") > 30
	})
	d.await("operations to be told", func() bool {
		figuresStay()
		return about(server, "the database cannot be used") > 0
	})
	letGo()
	d.await("operations to be told that it is over", func() bool { return about(server, "the database can be used again") == 1 })
	d.opened("KN-2", time.Minute)
	d.await("the emails about another case", func() bool { return about(server, "KN-2") == 2 })
	if n := about(server, "the database cannot be used"); n != 1 {
		t.Errorf("operations were told %d times, want once", n)
	}
	if code, log := p.stop(); code != exitDone {
		t.Errorf("serve stopped with exit %d and logged\n%s", code, log)
	}
}
