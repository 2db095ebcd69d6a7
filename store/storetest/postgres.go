package storetest

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// PostgresVariable names the environment variable that holds the address of a
// PostgreSQL database in which tests may create schemas. Where it is not set,
// tests start a throw-away server of their own.
const PostgresVariable = "DOORSTEP_TEST_POSTGRES"

// server is the one PostgreSQL server of a test binary.
var server struct {
	sync.Mutex
	address string
	err     error
	stdin   io.Closer // closing it stops the server and removes its folder
	process *exec.Cmd
	count   atomic.Int64
}

// Main runs a package's tests and then stops the PostgreSQL server that they
// started, if any. Call it from TestMain: os.Exit(storetest.Main(m)).
func Main(m *testing.M) int {
	defer stopServer()
	return m.Run()
}

func stopServer() {
	server.Lock()
	defer server.Unlock()
	if server.process != nil {
		server.stdin.Close()
		server.process.Wait()
		server.process = nil
	}
}

// PostgresURL returns the address of an empty database of the test's own, which
// goes when the test ends. On a server that the tests were given it is a schema, for
// which they need fewer rights. It fails the test where there is no PostgreSQL.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return postgresURL(t, "template1")
}

// MigratedPostgresURL is PostgresURL of a database that has the newest schema: a copy
// of one, which is made in a tenth of the time that the migrations take.
func MigratedPostgresURL(t testing.TB) string {
	t.Helper()
	if os.Getenv(PostgresVariable) != "" {
		address := PostgresURL(t)
		if err := migrate(address); err != nil {
			t.Fatal(err)
		}
		return address
	}
	template, err := migratedTemplate()
	if err != nil {
		t.Fatalf("no migrated database to copy: %v", err)
	}
	return postgresURL(t, template)
}

func postgresURL(t testing.TB, template string) string {
	t.Helper()
	address, err := serverAddress()
	if err != nil {
		t.Fatalf("no PostgreSQL to test on: %v. Install PostgreSQL 14 or later, or give the address of a server in %s", err, PostgresVariable)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("%s: %v", PostgresVariable, err)
	}
	name := fmt.Sprintf("doorstep_test_%d_%d", os.Getpid(), server.count.Add(1))
	if os.Getenv(PostgresVariable) == "" {
		administer(t, address, "CREATE DATABASE "+name+" TEMPLATE "+template)
		t.Cleanup(func() { administer(t, address, "DROP DATABASE "+name+" WITH (FORCE)") })
		u.Path = "/" + name
		return u.String()
	}
	administer(t, address, "CREATE SCHEMA "+name)
	t.Cleanup(func() { administer(t, address, "SET lock_timeout = '10s'; DROP SCHEMA "+name+" CASCADE") })
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

func administer(t testing.TB, address, statement string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatalf("connect to PostgreSQL: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func serverAddress() (string, error) {
	if address := os.Getenv(PostgresVariable); address != "" {
		return address, nil
	}
	server.Lock()
	defer server.Unlock()
	if server.address == "" && server.err == nil {
		server.address, server.err = startServer()
	}
	return server.address, server.err
}

// script runs a server on data that a command makes, says "ready", and takes it down
// again when its standard input ends: also when the test binary is killed.
const script = `
set -e
trap 'rm -rf "$2"' EXIT
{ %s; } >"$2/log" 2>&1 || { cat "$2/log" >&2; exit 1; }
"$1/pg_ctl" -D "$2/data" -l "$2/log" -w -o "-k '$2' -c listen_addresses='' -c max_connections=400 $3" start >&2 || { cat "$2/log" >&2; exit 1; }
echo ready
cat >/dev/null || true
"$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null
`

// What makes the data of a server.
const (
	newData  = `"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --no-sync`
	copyData = `"$1/pg_basebackup" -D "$2/data" -d "$4" -c fast -X stream -R --no-sync` // of a server, to follow it
)

func startServer() (string, error) {
	// Tests need not survive a power cut, and wait for the disk often. Benchmarks
	// are measured as a server runs by itself.
	settings := "-c fsync=off"
	if f := flag.Lookup("test.bench"); f != nil && f.Value.String() != "" {
		settings = ""
	}
	folder, stdin, process, err := runServer(newData, settings, "")
	if err != nil {
		return "", err
	}
	server.stdin, server.process = stdin, process
	return "postgres:///postgres?user=postgres&host=" + url.QueryEscape(folder), nil
}

// runServer starts a server and returns its folder, in which its socket lies, and
// what to close to stop it.
func runServer(makeData, settings, primary string) (folder string, stdin io.Closer, process *exec.Cmd, err error) {
	programs, err := findPrograms()
	if err != nil {
		return "", nil, nil, err
	}
	dir, err := os.MkdirTemp("", "doorstep-postgres-")
	if err != nil {
		return "", nil, nil, err
	}
	cmd := exec.Command("sh", "-c", fmt.Sprintf(script, makeData), "sh", programs, dir, settings, primary)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the keyboard is for the tests
	if os.Geteuid() == 0 {
		// PostgreSQL refuses to run as root.
		if err := runAs("postgres", cmd, dir); err != nil {
			return "", nil, nil, err
		}
	}
	var complaints strings.Builder
	cmd.Stderr = &complaints
	if stdin, err = cmd.StdinPipe(); err != nil {
		return "", nil, nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, nil, err
	}
	if line, _ := bufio.NewReader(stdout).ReadString('\n'); line != "ready\n" {
		return "", nil, nil, errors.Join(fmt.Errorf("the server did not start: %s", complaints.String()), cmd.Wait())
	}
	return dir, stdin, cmd, nil
}

// PostgresStandby starts a standby of the server that a test's database is on, and
// returns the address of that database there. It follows what is written, takes no
// writes, and goes when the test ends. Where the tests were given a server, of which
// they make no copy, it skips the test.
func PostgresStandby(t testing.TB, database string) string {
	t.Helper()
	if os.Getenv(PostgresVariable) != "" {
		t.Skipf("a standby is only made of a server that the tests start themselves: %s is set", PostgresVariable)
	}
	primary, err := serverAddress()
	if err != nil {
		t.Fatal(err)
	}
	folder, stdin, process, err := runServer(copyData, "-c fsync=off", primary)
	if err != nil {
		t.Fatalf("no standby to test on: %v", err)
	}
	t.Cleanup(func() { stdin.Close(); process.Wait() })
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("host", folder)
	u.RawQuery = q.Encode()
	return u.String()
}

func runAs(name string, cmd *exec.Cmd, dir string) error {
	u, err := user.Lookup(name)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(dir, uid, gid)
}

// findPrograms returns the folder with the newest initdb and pg_ctl.
func findPrograms() (string, error) {
	if p, err := exec.LookPath("initdb"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err != nil { // the others lie beside the program itself
			return "", err
		}
		return filepath.Dir(p), nil
	}
	newest, best := "", 0
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin"} {
		folders, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		for _, f := range folders {
			version, _ := strconv.Atoi(strings.TrimPrefix(filepath.Base(filepath.Dir(f)), "pgsql-"))
			if _, err := os.Stat(filepath.Join(f, "initdb")); err == nil && version > best {
				newest, best = f, version
			}
		}
	}
	if newest == "" {
		return "", errors.New("initdb is neither in PATH nor in /usr/lib/postgresql")
	}
	return newest, nil
}
