package main

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"example.org/doorstep/notify/smtptest"
)

// The campaign of scripts/churn: go test ./cmd/doorstep -run Churn -args -churn 10m
var churnFor = flag.Duration("churn", 5*time.Second, "how long TestInboxUnderAChurn hands files over")

// TestInboxUnderAChurn hands good, bad and hostile files over while the daemon works, is
// stopped and is killed. In the end nothing is stuck, operations have heard of each file
// that has something wrong with it, once, and the children's clocks are those that the
// good rows alone give.
func TestInboxUnderAChurn(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, url string) {
		d, server := newInboxDaemon(t, url)
		c := &churn{daemon: d, opened: now().UTC().Truncate(time.Second).Add(-90 * time.Hour)}
		c.cases.WriteString(casesHead)
		c.events.WriteString(churnHead)
		p := d.start()
		began, shown := time.Now(), time.Now()
		defer func() { t.Log(c.table()) }()
		for round, until := 1, began.Add(*churnFor); round <= 3 || time.Now().Before(until); round++ {
			c.round(round)
			if c.rounds++; time.Since(shown) >= 30*time.Second {
				shown = time.Now()
				t.Logf("%s of %s: %s", time.Since(began).Round(time.Second), *churnFor, c.table())
			}
			switch before := c.runs(url); {
			case round%7 == 2:
				if code, log := p.stop(); code != exitDone {
					t.Errorf("serve stopped with exit %d: %s", code, log)
				}
				c.stops++
				p = d.start()
			case round%7 == 5:
				p.kill()
				c.kills++
				p = d.start()
			default:
				d.await("the inbox to be looked at", func() bool { return c.runs(url) > before })
			}
		}
		c.finish()
		d.awaitNone("good rows that are not imported", func() []string { return c.rowsMissing(url) })
		d.awaitNone("good files that are not moved", c.missing)
		d.awaitNone("files of which operations have not heard", func() []string { return c.unheard(server) })
		for name, n := range c.heard(server) {
			if n != 1 && slices.Contains(c.bad, name) { // one whose writer pauses for long can be bad for a while
				t.Errorf("operations were told of %q %d times, want once", name, n)
			}
		}
		for _, left := range c.left() {
			t.Errorf("%q is stuck in the inbox", left)
		}
		if status, body := d.get("/readyz"); status != 200 {
			t.Errorf("/readyz says %d: %s", status, body)
		}
		if code, log := p.stop(); code != exitDone || strings.Contains(log, "bloggs") {
			t.Errorf("serve stopped with exit %d, and must not name a file: %s", code, log)
		}
		got, want := clocksOf(t, url), c.clocksOfGoodRows()
		c.duties = len(got)
		if !slices.Equal(got, want) {
			t.Errorf("%d duties are kept, and the good rows alone give %d; the first that differs: %s", len(got), len(want), firstOther(got, want))
		}
	})
}

const (
	casesHead = "ref,pathway,opened_at,practitioner,manager,team\n"
	churnHead = "event_id,case_ref,kind,at,recorded_at,by\n"
)

// churn is what has been handed over.
type churn struct {
	*daemon
	opened        time.Time
	cases, events strings.Builder // the good rows
	rows          []string        // ids of the events among them
	good, bad     []string        // names of files
	stay          []string        // those of the bad that stay where they are
	growing       []*os.File

	rounds, stops, kills, duties int
}

// table says what has been handed over by now, and what is left of it.
func (c *churn) table() string {
	var missing []string
	if c.duties == 0 { // it is not over
		missing = c.missing()
	}
	return fmt.Sprintf("%d rounds, %d good files (%d not done), %d bad or hostile ones, %d good events, stopped %d times, killed %d times, %d duties the same as by the good rows alone",
		c.rounds, len(c.good), len(missing), len(c.bad), len(c.rows), c.stops, c.kills, c.duties)
}

func (c *churn) runs(url string) int {
	return count(c.t, url, "SELECT count(*) FROM runs WHERE schedule = 'inbox' AND ended_at IS NOT NULL")
}

// visit is a good row about a case.
func (c *churn) visit(round int, id, kind string) string {
	at := c.opened.Add(time.Duration(round%60+len(id)) * time.Hour)
	row := fmt.Sprintf("%s,CH-%d,%s,%s,%s,W1\n", id, round, kind, at.Format(time.RFC3339), at.Add(time.Minute).Format(time.RFC3339))
	c.events.WriteString(row)
	c.rows = append(c.rows, id)
	return row
}

// put hands over a file of which everything comes in.
func (c *churn) put(name, content string) {
	c.handOver(name, content)
	c.good = append(c.good, name)
}

// spoil hands over a file of which something does not, or all.
func (c *churn) spoil(name, content string) {
	c.handOver(name, content)
	c.bad = append(c.bad, name)
}

// leave notes what stays in the inbox.
func (c *churn) leave(name string, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	c.bad, c.stay = append(c.bad, name), append(c.stay, name)
}

// round hands over one file of each sort.
func (c *churn) round(n int) {
	c.t.Helper()
	name := func(what string) string { return fmt.Sprintf("%s-%04d.csv", what, n) }
	newCase := fmt.Sprintf("CH-%d,csc-child-and-family,%s,W1,G1,East\n", n, c.opened.Format(time.RFC3339))
	c.cases.WriteString(newCase)
	c.put(name("cases-new"), casesHead+newCase)
	good := c.visit(n, fmt.Sprint("a", n), "no-access")
	c.put(name("events-a"), churnHead+good)
	c.put(name("events-again"), churnHead+good)
	c.spoil(name("events-bloggs"), churnHead+c.visit(n, fmt.Sprint("bb", n), "discussed-with-manager")+fmt.Sprintf("u%d,NO-%d,seen,%s,,W1\n", n, n, c.opened.Format(time.RFC3339)))
	c.spoil(name("events-flood"), churnHead+c.visit(n, fmt.Sprint("ccc", n), "no-access")+
		strings.Repeat(fmt.Sprintf("f,KN-1,supervision,%s,,G1\n", c.opened.Format(time.RFC3339)), 30_000))
	c.spoil(name("events-columns"), "event_id,kind\nx,seen\n")
	c.spoil(name("events-encoding"), churnHead+"\xff\xfe\x00x\n")
	c.spoil(name("events-quote"), churnHead+"x,\"KN-1,seen,"+strings.Repeat("a", 1<<20)+"\n")
	c.spoil(fmt.Sprintf("events-bomb-%04d.xlsx", n), workbookBomb(c.t))
	whole := workbookOf(c.t, strings.Split(strings.TrimSpace(churnHead), ","), strings.Split(strings.TrimSpace(c.visit(n, fmt.Sprint("dddd", n), "seen")), ","))
	c.put(fmt.Sprintf("events-book-%04d.xlsx", n), whole)
	c.leave(name("events-fifo"), syscall.Mkfifo(c.inbox(name("events-fifo")), 0o640))
	c.leave(name("events-link"), os.Symlink("/etc/hostname", c.inbox(name("events-link"))))
	c.leave(name("events-folder"), os.Mkdir(c.inbox(name("events-folder")), 0o750))
	c.handOver(name("what-is-this"), "x\n")
	c.leave(name("what-is-this"), nil)
	control := fmt.Sprintf("events-\x1b[31m-%04d.csv", n)
	c.handOver(control, churnHead)
	c.stay = append(c.stay, control) // whose name cannot be looked for in a message
	c.grow(n)
}

// grow begins a file whose writer pauses, and lets those of earlier rounds go on.
func (c *churn) grow(n int) {
	for len(c.growing) > 0 {
		c.writeOn(c.growing[0])
		c.growing = c.growing[1:]
	}
	name := fmt.Sprintf("events-slow-%04d.csv", n)
	first, second := c.visit(n, fmt.Sprint("eeeee", n), "no-access"), c.visit(n, fmt.Sprint("ffffff", n), "discussed-with-manager")
	c.put(name, churnHead+first+second[:len(second)/2])
	f, err := os.OpenFile(c.inbox(name), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(f.Name()+".rest", []byte(second[len(second)/2:]), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.growing = append(c.growing, f)
}

// writeOn writes the rest of a file whose writer has paused.
func (c *churn) writeOn(f *os.File) {
	c.t.Helper()
	rest, err := os.ReadFile(f.Name() + ".rest")
	if err == nil {
		_, err = f.Write(rest)
	}
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		err = os.Remove(f.Name() + ".rest")
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// finish ends what still grows.
func (c *churn) finish() {
	for _, f := range c.growing {
		c.writeOn(f)
	}
	c.growing = nil
}

// awaitNone waits until nothing is left of something.
func (d *daemon) awaitNone(of string, what func() []string) {
	d.t.Helper()
	var left []string
	d.awaitFor(4*time.Minute, func() string { return fmt.Sprintf("an end of %d %s: %q", len(left), of, left) }, func() bool {
		left = what()
		return len(left) == 0
	})
}

// rowsMissing are the good rows that have not come in.
func (c *churn) rowsMissing(url string) (missing []string) {
	known := map[string]bool{}
	query(c.t, url, "SELECT id FROM events", func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		known[id] = true
		return err
	})
	for _, id := range c.rows {
		if !known[id] {
			missing = append(missing, id)
		}
	}
	return missing
}

// missing are the good files that have not come in.
func (c *churn) missing() (missing []string) {
	for _, name := range c.good {
		if !c.lies("done/*-" + name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// left is what lies in the inbox and should not.
func (c *churn) left() (left []string) {
	entries, err := os.ReadDir(c.inbox("."))
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(c.stay, e.Name()) && e.Name() != "done" && e.Name() != "rejected" {
			left = append(left, e.Name())
		}
	}
	return left
}

// heard is how often operations were told of each file.
func (c *churn) heard(server *smtptest.Server) map[string]int {
	heard := map[string]int{}
	seen := map[string]bool{}
	for _, mail := range server.Taken() {
		text := strings.ReplaceAll(string(mail.Content), "=\r\n", "") // lines joined again
		_, after, found := strings.Cut(text, "The file is ")
		id := mail.Header("Message-ID")
		if !found || seen[id] { // the same message again, after a kill
			continue
		}
		seen[id] = true
		name, _, _ := strings.Cut(strings.ReplaceAll(after, "\r\n", " "), " ")
		heard[strings.TrimRight(name, ".;")]++
	}
	return heard
}

func (c *churn) unheard(server *smtptest.Server) (unheard []string) {
	heard := c.heard(server)
	for _, name := range c.bad {
		if heard[name] == 0 {
			unheard = append(unheard, name)
		}
	}
	return unheard
}

// clocksOfGoodRows are the duties that the good rows give by themselves.
func (c *churn) clocksOfGoodRows() []string {
	c.t.Helper()
	other := &daemon{t: c.t, binary: c.binary, folder: c.t.TempDir()}
	url := "sqlite:" + filepath.Join(other.folder, "good.db")
	other.write("doorstep.yaml", fmt.Sprintf("database: %q\n", url))
	other.command("import", "people", other.write("people.csv", staff))
	other.command("import", "cases", other.write("cases.csv", c.cases.String()))
	other.command("import", "events", other.write("events.csv", c.events.String()))
	return clocksOf(c.t, url)
}

// clocksOf are the duties of the churn's cases, a line each.
func clocksOf(t testing.TB, database string) (clocks []string) {
	t.Helper()
	query(t, database, `SELECT case_ref, duty, opening, state, due_at, met_at FROM duties WHERE case_ref LIKE 'CH-%' ORDER BY case_ref, duty, opening`, func(rows *sql.Rows) error {
		var ref, duty, opening, state string
		var due int64
		var met sql.NullInt64
		err := rows.Scan(&ref, &duty, &opening, &state, &due, &met)
		clocks = append(clocks, fmt.Sprint(ref, " ", duty, " ", opening, " ", state, " ", due, " ", met.Int64))
		return err
	})
	slices.Sort(clocks)
	return clocks
}

func firstOther(got, want []string) string {
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			return fmt.Sprintf("%q, want %q", got[min(i, len(got)):min(i+1, len(got))], want[min(i, len(want)):min(i+1, len(want))])
		}
	}
	return ""
}

func workbookOf(t testing.TB, rows ...[]string) string {
	t.Helper()
	book := excelize.NewFile()
	for i, row := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var content bytes.Buffer
	if err := book.Write(&content); err != nil {
		t.Fatal(err)
	}
	return content.String()
}

// bomb is made once.
var bomb struct {
	sync.Once
	content string
}

// workbookBomb is a small workbook whose sheet unfolds to a gigabyte.
func workbookBomb(t testing.TB) string {
	t.Helper()
	bomb.Do(func() {
		var content bytes.Buffer
		to := zip.NewWriter(&content)
		small := workbookOf(t, []string{"event_id"})
		from, err := zip.NewReader(strings.NewReader(small), int64(len(small)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range from.File {
			if f.Name != "xl/worksheets/sheet1.xml" {
				if err := to.Copy(f); err != nil {
					t.Fatal(err)
				}
				continue
			}
			w, err := to.Create(f.Name)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(w, `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c t="inlineStr"><is><t>`)
			for range 1 << 10 {
				fmt.Fprint(w, strings.Repeat("a", 1<<20))
			}
			fmt.Fprint(w, `</t></is></c></row></sheetData></worksheet>`)
		}
		if err := to.Close(); err != nil {
			t.Fatal(err)
		}
		bomb.content = content.String()
	})
	return bomb.content
}
