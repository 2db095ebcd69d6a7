package storetest

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Pooler starts a PgBouncer before this server, in a pool mode ("session" or
// "transaction") with so many connections to the server, and returns the address of the
// database behind it. It goes when the test ends.
func (p *Postgres) Pooler(mode string, connections int) string {
	p.t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil { // where Debian has it, which is not in everybody's path
		program = "/usr/sbin/pgbouncer"
	}
	folder, err := os.MkdirTemp("", "doorstep-pooler-")
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { os.RemoveAll(folder) })
	settings := filepath.Join(folder, "pgbouncer.ini")
	err = os.WriteFile(settings, []byte(fmt.Sprintf(`[databases]
postgres = host=%s user=postgres
[pgbouncer]
listen_port = 6432
unix_socket_dir = %s
auth_type = any
pool_mode = %s
default_pool_size = %d
`, p.folder, folder, mode, connections)), 0o644)
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(program, "-q", settings)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() == 0 { // PgBouncer refuses to run as root
		if err := runAs("postgres", cmd, folder); err != nil {
			p.t.Fatal(err)
		}
	}
	var complaints strings.Builder
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		p.t.Fatalf("no PgBouncer to test on: %v: install Debian's package pgbouncer", err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); cmd.Wait() }()
	p.t.Cleanup(func() { cmd.Process.Kill(); <-ended })
	awaitSocket(p.t, filepath.Join(folder, ".s.PGSQL.6432"), ended, &complaints)
	query := url.Values{"user": {"postgres"}, "host": {folder}, "port": {"6432"}}
	return "postgres:///postgres?" + query.Encode()
}

// awaitSocket returns once somebody listens there.
func awaitSocket(t testing.TB, path string, ended <-chan struct{}, complaints fmt.Stringer) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		if conn, err := net.Dial("unix", path); err == nil {
			conn.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("PgBouncer did not start: %s", complaints)
		case <-t.Context().Done():
			t.Fatal("PgBouncer does not listen")
		case <-again.C:
		}
	}
}
