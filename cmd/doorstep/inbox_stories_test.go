package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// asNobody makes the daemon run as a user who owns its folder and nothing else. Only
// root can: for anybody else a file without any mode is as closed as one of another.
func (d *daemon) asNobody() {
	d.t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	for _, folder := range []string{filepath.Dir(d.binary), filepath.Dir(d.folder)} {
		if err := os.Chmod(folder, 0o755); err != nil {
			d.t.Fatal(err)
		}
	}
	err := filepath.WalkDir(d.folder, func(path string, _ os.DirEntry, err error) error {
		if err == nil {
			err = os.Chown(path, nobody, nobody)
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.prepare = func(c *exec.Cmd) {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
}

// TestAFileThatMayNotBeReadIsHeardOf: it holds no other up, and comes in once it may be
// read.
func TestAFileThatMayNotBeReadIsHeardOf(t *testing.T) {
	t.Parallel()
	d, server := newInboxDaemon(t, "sqlite:doorstep.db") // in the daemon's own folder
	d.asNobody()
	d.handOver("events-a.csv", eventsHead+"x1,KN-1,seen,"+ago(time.Minute)+",W1\n")
	mode := os.FileMode(0o600)
	if os.Geteuid() != 0 {
		mode = 0
	}
	if err := os.Chmod(d.inbox("events-a.csv"), mode); err != nil {
		t.Fatal(err)
	}
	d.handOver("events-b.csv", eventsHead+"x2,KN-2,seen,"+ago(time.Minute)+",W1\n")
	if err := os.Chmod(d.inbox("events-b.csv"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.start()
	d.await("the other file to be imported", func() bool { return d.lies("done/*-events-b.csv") })
	d.await("operations to be told", func() bool { return alerts(server, "cannot be read") == 1 })
	if out := d.command("case", "KN-2"); !strings.Contains(out, "See the child: MET") {
		t.Errorf("case KN-2 says\n%s\nwant that the child was seen", out)
	}
	if !d.lies("events-a.csv") {
		t.Error("the file that may not be read is gone")
	}
	if err := os.Chmod(d.inbox("events-a.csv"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.await("the file to be imported once it may be read", func() bool { return d.lies("done/*-events-a.csv") })
	if n := alerts(server, "cannot be read"); n != 1 {
		t.Errorf("operations were told %d times, want once", n)
	}
}

// TestInboxInWholeModeKeepsAllOrNothing: the file itself lies in rejected/, with every
// reason beside it.
func TestInboxInWholeModeKeepsAllOrNothing(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db")
	d, server := newInboxDaemon(t, database)
	d.configure("inbox_mode: whole\n")
	rows := eventsHead + "x1,KN-1,seen," + ago(time.Minute) + ",W1\nx2,KN-9,seen," + ago(time.Minute) + ",W1\nx3,KN-2,seen,soon,W1\n"
	d.handOver("events-a.csv", rows)
	d.handOver("events-b.csv", eventsHead+"x4,KN-2,seen,"+ago(time.Minute)+",W1\n")
	d.start()
	d.await("the good file", func() bool { return d.lies("done/*-events-b.csv") })
	d.await("operations to be told", func() bool { return alerts(server, "a file of events from the record system was rejected") == 1 })
	if n := count(t, database, "SELECT count(*) FROM events WHERE id IN ('x1', 'x2', 'x3')"); n != 0 {
		t.Errorf("%d rows of the file came in, want none", n)
	}
	if got := d.inFolder("rejected/*-events-a.csv"); got != rows {
		t.Errorf("rejected/ holds %q, want the file as it was", got)
	}
	why := d.inFolder("rejected/*-events-a.csv.errors.txt")
	for _, part := range []string{"events-a.csv:3: column case_ref: no case KN-9 is known", "events-a.csv:4: column at: \"soon\""} {
		if !strings.Contains(why, part) {
			t.Errorf("the reasons are\n%s\nwant %q among them", why, part)
		}
	}
}

// TestAWorkbookComesThroughTheInbox: its good rows come in; the bad one lies in
// rejected/ as CSV with its reason.
func TestAWorkbookComesThroughTheInbox(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db")
	d, server := newInboxDaemon(t, database)
	book := excelize.NewFile()
	for i, row := range [][]any{{"event_id", "case_ref", "kind", "at", "by"}, {"x1", "KN-1", "seen", ago(time.Minute), "W1"}, {"x2", "KN-9", "seen", ago(time.Minute), "W1"}} {
		if err := book.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var content bytes.Buffer
	if err := book.Write(&content); err != nil {
		t.Fatal(err)
	}
	d.handOver("events-visits.xlsx", content.String())
	d.start()
	d.await("the workbook", func() bool { return d.lies("done/*-events-visits.xlsx") })
	d.await("operations to be told", func() bool { return alerts(server, "a row from the record system was rejected") == 1 })
	if out := d.command("case", "KN-1"); !strings.Contains(out, "See the child: MET") {
		t.Errorf("case KN-1 says\n%s\nwant that the child was seen", out)
	}
	if got := d.inFolder("rejected/*-events-visits.csv"); strings.Contains(got, "x1,") || !strings.Contains(got, "x2,KN-9,seen,") || !strings.Contains(got, "no case KN-9 is known") {
		t.Errorf("rejected/ holds %q, want the row x2 with its reason", got)
	}
}

// TestAMassChangeThroughTheInboxIsRejected: what it would do lies beside it, and
// nothing is changed.
func TestAMassChangeThroughTheInboxIsRejected(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db")
	d, server := newInboxDaemon(t, database)
	opened := ago(90 * 24 * time.Hour)
	list := func(team string) string {
		var b strings.Builder
		b.WriteString("ref,pathway,opened_at,practitioner,manager,team\n")
		for i := range 40 {
			fmt.Fprintf(&b, "MC-%d,csc-section-47,%s,W1,G1,%s\n", i, opened, team)
		}
		return b.String()
	}
	d.command("import", "cases", d.write("list.csv", list("East")))
	d.handOver("cases.csv", list(""))
	d.start()
	d.await("the list to be rejected", func() bool { return d.lies("rejected/*-cases.csv") })
	d.await("operations to be told", func() bool { return alerts(server, "a file of cases from the record system was rejected") == 1 })
	if why := d.inFolder("rejected/*-cases.csv.errors.txt"); !strings.Contains(why, "this would change team of 40 of the 42 cases known, and empty it in 40 of them") {
		t.Errorf("the reason is %q, want what the list would do", why)
	}
	if n := count(t, database, "SELECT count(*) FROM cases WHERE team = 'East'"); n != 42 {
		t.Errorf("%d cases have their team, want all 42", n)
	}
}

// TestTheDaemonStopsInTheMidstOfAnImport: within its time, with nothing half done; the
// file stays and comes in after the next start.
func TestTheDaemonStopsInTheMidstOfAnImport(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, url string) {
		d, _ := newInboxDaemon(t, url)
		d.handOver("events.csv", d.longImport())
		p := d.start()
		d.await("the import to begin", func() bool { return p.hasOpen("doorstep-import-") })
		asked := time.Now()
		code, log := p.stop()
		if took := time.Since(asked); code != exitDone || took > 30*time.Second {
			t.Errorf("serve stopped with exit %d after %s, want 0 within 30 s:\n%s", code, took, log)
		}
		if n := count(t, url, "SELECT count(*) FROM events"); n != 0 || !d.lies("events.csv") {
			t.Fatalf("%d events are there, and the file in its place: %v; want none, and the file", n, d.lies("events.csv"))
		}
		d.start()
		d.await("the file to come in", func() bool { return d.lies("done/*-events.csv") })
		if n := count(t, url, "SELECT count(*) FROM events"); n != longImportRows {
			t.Errorf("%d events came in, want %d", n, longImportRows)
		}
	})
}

// TestAnImportCanBeInterrupted: Ctrl-C ends it at once and keeps nothing.
func TestAnImportCanBeInterrupted(t *testing.T) {
	t.Parallel()
	database := "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db")
	d, _ := newInboxDaemon(t, database)
	d.write("events.csv", d.longImport())
	c := exec.Command(d.binary, "import", "events", "events.csv", "--config", "doorstep.yaml")
	var errs bytes.Buffer
	c.Dir, c.Stderr = d.folder, &errs
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: c}
	d.await("the import to begin", func() bool { return p.hasOpen("doorstep-import-") })
	asked := time.Now()
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // how it ended is looked at below
	if took := time.Since(asked); c.ProcessState.ExitCode() != exitFailed || took > 30*time.Second {
		t.Errorf("the import ended with exit %d after %s, want 1 within 30 s: %s", c.ProcessState.ExitCode(), took, errs.String())
	}
	if want := "doorstep: it was interrupted: what was under way is not kept; run it again\n"; !strings.HasSuffix(errs.String(), want) {
		t.Errorf("it says\n%s, want at the end\n%s", errs.String(), want)
	}
	if n := count(t, database, "SELECT count(*) FROM events"); n != 0 {
		t.Errorf("%d events are there, want none", n)
	}
}

const longImportRows = 20 * 4000

// longImport is a file of events, of 20 cases with 4,000 each, that takes some time.
func (d *daemon) longImport() string {
	opened := now().AddDate(0, 0, -300).UTC().Truncate(time.Hour)
	var cases, events strings.Builder
	cases.WriteString("ref,pathway,opened_at,practitioner,manager,team\n")
	events.WriteString(eventsHead)
	for n := range 20 {
		fmt.Fprintf(&cases, "LG-%02d,csc-child-and-family,%s,W1,G1,East\n", n, opened.Format(time.RFC3339))
		for i := range longImportRows / 20 {
			at := opened.Add(time.Duration(i) * time.Hour)
			fmt.Fprintf(&events, "x%d,LG-%02d,no-access,%s,W1\n", i, n, at.Format(time.RFC3339))
		}
	}
	d.command("import", "cases", d.write("long.csv", cases.String()))
	return events.String()
}

// hasOpen reports whether the process has a file open whose name holds a part: rows
// that are set aside lie in such a one until they are in the database.
func (p *process) hasOpen(part string) bool {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p.cmd.Process.Pid))
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && strings.Contains(to, part) {
			return true
		}
	}
	return false
}

// inFolder is what the one file in the inbox holds that a pattern picks out.
func (d *daemon) inFolder(pattern string) string {
	d.t.Helper()
	found, err := filepath.Glob(d.inbox(pattern))
	if err != nil || len(found) != 1 {
		d.t.Fatalf("%s: %q, %v; want one file", pattern, found, err)
	}
	content, err := os.ReadFile(found[0])
	if err != nil {
		d.t.Fatal(err)
	}
	return string(content)
}

// configure adds lines to the configuration.
func (d *daemon) configure(lines string) {
	d.t.Helper()
	config, err := os.ReadFile(filepath.Join(d.folder, "doorstep.yaml"))
	if err != nil {
		d.t.Fatal(err)
	}
	d.write("doorstep.yaml", string(config)+lines)
}
