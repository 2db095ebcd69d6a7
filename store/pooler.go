package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// A pooler such as PgBouncer may stand between, and give each transaction whichever of
// the server's connections is free. What is kept on a connection beyond the
// transaction is then found by somebody else, or by nobody: prepared statements,
// settings, locks of the session. So behind one, statements are described but not
// kept on the server, settings hold for one transaction, and locks are those of a
// transaction everywhere. How a pooler is set is not asked: what holds in transaction
// mode holds in session mode.

// isPooled asks by a connection of its own whether a pooler stands between: then the
// number by which the connection can be cancelled is the pooler's, and the process that
// answers has another.
func isPooled(ctx context.Context, config *pgx.ConnConfig) (bool, error) {
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var process int64
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&process); err != nil {
		return false, err
	}
	return process != int64(conn.PgConn().PID()), nil
}

// limitTransaction has a transaction of daily work keep to its deadlines where they
// cannot be those of its connection.
func (s *Store) limitTransaction(ctx context.Context, db *sql.DB, tx *sql.Tx) error {
	if !s.pooled {
		return nil
	}
	d := dailyDeadlines
	if db == s.long {
		d = longDeadlines
	}
	_, err := tx.ExecContext(ctx, strings.ReplaceAll(d.settings(), "SET ", "SET LOCAL "), pgx.QueryExecModeSimpleProtocol)
	return err
}

// CheckConnections says where the database allows this program fewer connections than
// it opens when there is much to do.
func (s *Store) CheckConnections(ctx context.Context) error {
	if !s.dialect.postgres || s.pooled { // a pooler has those of the server, and has us wait for one
		return nil
	}
	var role, database string
	var super bool
	var ofRole, ofDatabase, ofServer int
	err := s.db.QueryRowContext(ctx, `SELECT r.rolname, r.rolsuper, r.rolconnlimit, d.datname, d.datconnlimit,
CAST(current_setting('max_connections') AS INTEGER) - CAST(current_setting('superuser_reserved_connections') AS INTEGER)
	- CAST(COALESCE(current_setting('reserved_connections', true), '0') AS INTEGER)
FROM pg_roles r, pg_database d WHERE r.rolname = session_user AND d.datname = current_database()`).
		Scan(&role, &super, &ofRole, &database, &ofDatabase, &ofServer)
	if errors.Is(err, sql.ErrNoRows) { // nobody may know
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask how many connections the database allows: %w", explain(err))
	}
	needs := s.connections()
	const less = "or give pool_max_conns in the address, which is how many each of three pools may have (with 1 they are %d in all, and work is slower)"
	switch {
	case super:
		return nil
	case ofRole >= 0 && ofRole < needs:
		return fmt.Errorf("the database user %q may have %d connections at once, and a daemon opens up to %d: raise its limit (ALTER ROLE %[1]q CONNECTION LIMIT %[3]d, for each daemon), "+less, role, ofRole, needs, fewestConnections)
	case ofDatabase >= 0 && ofDatabase < needs:
		return fmt.Errorf("the database %q allows %d connections at once, and a daemon opens up to %d: raise its limit (ALTER DATABASE %[1]q CONNECTION LIMIT %[3]d, for each daemon), "+less, database, ofDatabase, needs, fewestConnections)
	case ofServer < needs:
		return fmt.Errorf("the database server allows %d connections at once, and a daemon opens up to %d: raise max_connections, "+less, ofServer, needs, fewestConnections)
	}
	return nil
}

// connections is how many connections this program opens at most.
func (s *Store) connections() (n int) {
	for _, p := range s.pools {
		n += int(p.Config().MaxConns)
	}
	return n
}

// CheckWork tries what a daemon does all the time: to have a connection of each pool, to
// begin a transaction that writes, and to write where outcomes are recorded and where
// looks wait. Nothing is changed. On SQLite nothing is tried while somebody writes: then it can be done.
func (s *Store) CheckWork(ctx context.Context) error {
	return s.checkWork(ctx, `UPDATE schedules SET holder = holder WHERE name = ''`)
}

// CheckDisk is CheckWork with something that really goes to the disk: what stands there
// already.
func (s *Store) CheckDisk(ctx context.Context) error {
	return s.checkWork(ctx, `UPDATE schedules SET holder = holder WHERE name = (SELECT MIN(name) FROM schedules)`)
}

func (s *Store) checkWork(ctx context.Context, write string) error {
	if err := s.checkFile(); err != nil {
		return err
	}
	if s.turn != nil {
		select {
		case s.turn <- struct{}{}:
			<-s.turn
		default:
			return nil
		}
	}
	err := s.tryWork(ctx, write)
	if s.turn != nil && (IsTemporary(err) || errors.Is(err, context.DeadlineExceeded)) {
		return nil
	}
	return err
}

func (s *Store) tryWork(ctx context.Context, write string) error {
	for _, try := range []struct {
		what string
		do   func() error
	}{
		{"write", func() error {
			return s.write(ctx, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, write)
				return err
			})
		}},
		{"record what becomes of messages", func() error {
			_, err := s.Exchange(ctx, time.Time{}, "", []Outcome{{State: MessageSent}}, nil)
			return err
		}},
		{"put on record who looks", func() error {
			if s.looks == nil {
				return nil
			}
			return errors.Join(s.looks.check(ctx, true), s.laterSays())
		}},
		{"take in files", func() error {
			conn, err := connection(ctx, s.long)
			if err != nil {
				return explain(err)
			}
			return conn.Close()
		}},
	} {
		if err := try.do(); err != nil {
			return fmt.Errorf("try to %s: %w", try.what, err)
		}
	}
	return nil
}
