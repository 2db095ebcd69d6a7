package storetest

import (
	"context"
	"io"
	"net/url"
	"os/exec"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Postgres is a PostgreSQL server of a test's own, which it may ill-treat. It goes when
// the test ends.
type Postgres struct {
	t       testing.TB
	folder  string // with its socket
	stdin   io.Closer
	process *exec.Cmd
}

// OwnPostgres starts a server.
func OwnPostgres(t testing.TB) *Postgres { return ownPostgres(t, newData, "") }

// Standby starts a second server that follows this one and takes no writes.
func (p *Postgres) Standby() *Postgres { return ownPostgres(p.t, copyData, p.URL()) }

func ownPostgres(t testing.TB, makeData, primary string) *Postgres {
	t.Helper()
	p := &Postgres{t: t}
	var err error
	if p.folder, p.stdin, p.process, err = runServer(makeData, "-c fsync=off", primary); err != nil {
		t.Fatalf("no PostgreSQL to test on: %v", err)
	}
	t.Cleanup(p.Stop)
	return p
}

// URL is the address of its database.
func (p *Postgres) URL() string { return p.URLWith() }

// URLWith is the address by which a program finds whichever of these servers takes
// writes.
func (p *Postgres) URLWith(others ...*Postgres) string {
	hosts, query := p.folder, url.Values{"user": {"postgres"}}
	for _, o := range others {
		hosts += "," + o.folder
		query.Set("target_session_attrs", "read-write")
	}
	query.Set("host", hosts)
	return "postgres:///postgres?" + query.Encode()
}

// Do executes a statement there.
func (p *Postgres) Do(statement string) {
	p.t.Helper()
	administer(p.t, p.URL(), statement)
}

// Hold executes a statement in a transaction, and ends that when it is let go.
func (p *Postgres) Hold(statement string) (letGo func()) {
	p.t.Helper()
	conn, err := pgx.Connect(context.Background(), p.URL())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, s := range []string{"BEGIN", statement} {
		if _, err := conn.Exec(context.Background(), s); err != nil {
			p.t.Fatalf("%s: %v", s, err)
		}
	}
	return func() { conn.Close(context.Background()) }
}

// Stop ends it at once, as when its machine is switched off. Its data is gone.
func (p *Postgres) Stop() {
	if p.process != nil {
		p.stdin.Close()
		p.process.Wait()
		p.process = nil
	}
}

// Promote has a standby take writes from now on.
func (p *Postgres) Promote() {
	p.t.Helper()
	p.Do("SELECT pg_promote(true, 60)")
}
