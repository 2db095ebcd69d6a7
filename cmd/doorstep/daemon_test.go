package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/store/storetest"
)

func TestMain(m *testing.M) {
	// Tests that run beside each other wait for the daemon most of their time, not
	// for a processor. -parallel still has its say.
	flag.Set("test.parallel", "12")
	code := storetest.Main(m)
	endChromium()
	os.RemoveAll(built.folder)
	os.Exit(code)
}

// built is the program, built once for all tests.
var built struct {
	sync.Once
	folder string // empty: nobody has asked for it
	err    error
}

// daemon is a folder with a configuration, and the built program to run in it.
type daemon struct {
	t         testing.TB
	binary    string
	folder    string
	listen    string            // where the last process started answers
	processes []*process        // all that were started
	prepare   func(c *exec.Cmd) // what serve is started with; nil: as the test is
	// environment is what the program finds in its own, besides that of the tests.
	environment []string
}

// buildBinary returns the built program.
func buildBinary(t testing.TB) string {
	t.Helper()
	built.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "doorstep-test"); built.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", built.folder, ".").CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.folder, "doorstep")
}

// newDaemon writes a configuration that keeps everything in the database given
// and sends emails to the mail server given, four at a time.
func newDaemon(t testing.TB, binary, database string, server *smtptest.Server) *daemon {
	t.Helper()
	d := &daemon{t: t, binary: binary, folder: t.TempDir()}
	d.write("doorstep.yaml", fmt.Sprintf(`
organisation: {contact_number: "01632 960001"}
database: %q
listen: 127.0.0.1:0
schedules: {scan: "@every 1s", inbox: "@every 2s"}
duty_address: {email: duty@council.example}
delivery: {lease: 10s}
email:
  via: smtp
  from: "Doorstep <doorstep@council.example>"
  smtp: {host: %s, port: %d, connections: 4}
`, database, server.Host, server.Port))
	return d
}

func (d *daemon) write(name, content string) string {
	d.t.Helper()
	path := filepath.Join(d.folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// command runs one command of the program to its end and returns what it
// printed.
func (d *daemon) command(args ...string) string {
	d.t.Helper()
	out, errs, code := d.try(args...)
	if code != exitDone {
		d.t.Fatalf("doorstep %s: exit %d: %s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// try runs one command and returns what it printed and how it exited.
func (d *daemon) try(args ...string) (out, errs string, code int) {
	d.t.Helper()
	var outs, errors bytes.Buffer
	c := exec.CommandContext(d.t.Context(), d.binary, append(args, "--config", "doorstep.yaml")...)
	c.Dir, c.Env, c.Stdout, c.Stderr = d.folder, append(os.Environ(), d.environment...), &outs, &errors
	if err := c.Run(); err != nil && c.ProcessState == nil {
		d.t.Fatal(err)
	}
	return outs.String(), errors.String(), c.ProcessState.ExitCode()
}

// process is a running serve.
type process struct {
	t       testing.TB
	cmd     *exec.Cmd
	started string        // what it said when it had started
	log     *bytes.Buffer // read it only once the process has ended
	done    chan struct{}
}

// start starts serve and returns once it has said that it has started. A SQLite database
// that is not there yet is made first.
func (d *daemon) start() *process {
	d.t.Helper()
	if named := regexp.MustCompile(`(?m)^database: "sqlite:(.*)"$`).FindStringSubmatch(d.configuration()); named != nil {
		if _, err := os.Stat(named[1]); errors.Is(err, fs.ErrNotExist) {
			d.command("migrate")
		}
	}
	c := exec.CommandContext(context.WithoutCancel(d.t.Context()), d.binary, "serve", "--config", "doorstep.yaml")
	c.Dir, c.Env = d.folder, append(os.Environ(), d.environment...)
	if d.prepare != nil {
		d.prepare(c)
	}
	errs, err := c.StderrPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		d.t.Fatal(err)
	}
	p := &process{t: d.t, cmd: c, log: &bytes.Buffer{}, done: make(chan struct{})}
	d.processes = append(d.processes, p)
	d.t.Cleanup(p.kill)
	lines := bufio.NewReader(io.TeeReader(errs, p.log))
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			c.Wait()
			close(p.done)
			d.t.Fatalf("serve ended before it started: %s", p.log)
		}
		if strings.Contains(line, "msg=started") {
			p.started = line
			break
		}
	}
	d.listen = p.listens("listen")
	go func() {
		defer close(p.done)
		io.Copy(io.Discard, lines)
		c.Wait()
	}()
	return p
}

// listens returns the address that a process has opened for a key of the
// configuration.
func (p *process) listens(key string) string {
	p.t.Helper()
	_, at, found := strings.Cut(p.started, " "+key+"=")
	if !found {
		p.t.Fatalf("it said %q when it had started, and nothing of %s", p.started, key)
	}
	at, _, _ = strings.Cut(strings.TrimSpace(at), " ")
	return at
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// stop asks the process to stop and returns how it exited and what it logged.
func (p *process) stop() (code int, log string) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	<-p.done
	return p.cmd.ProcessState.ExitCode(), p.log.String()
}

// get asks the running daemon's HTTP server.
func (d *daemon) get(path string) (status int, body string) {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, "http://"+d.listen+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return response.StatusCode, string(data)
}

// await looks again and again until something is true, for two minutes at most.
func (d *daemon) await(what string, is func() bool) {
	d.t.Helper()
	d.awaitFor(2*time.Minute, func() string { return what }, is)
}

// awaitFor is await for so long at most; what says what it waits for in the end.
func (d *daemon) awaitFor(long time.Duration, what func() string, is func() bool) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), long)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			d.t.Fatalf("waited in vain for %s", what())
		case <-again.C:
		}
	}
}

// count runs a query that counts, on a connection of the test's own.
func count(t testing.TB, database, asked string) (n int) {
	t.Helper()
	query(t, database, asked, func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n
}

// query runs a query on a connection of the test's own.
func query(t testing.TB, database, asked string, scan func(*sql.Rows) error) {
	t.Helper()
	driver, address := "pgx", database
	if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), asked)
	if err != nil {
		t.Fatalf("%s: %v", asked, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			t.Fatalf("%s: %v", asked, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", asked, err)
	}
}
