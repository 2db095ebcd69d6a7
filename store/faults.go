package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// IsTemporary reports whether the same call may well succeed later: the
// database was locked, lost a race against another transaction, could not be
// reached, or is starting or stopping. Nothing of the failed call was kept,
// unless the connection broke while its transaction was being committed; every
// call of this package can therefore be repeated safely.
func IsTemporary(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var s *sqlite.Error
	if errors.As(err, &s) {
		primary := s.Code() & 0xff
		return primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED
	}
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return lostRace(err) || strings.HasPrefix(p.Code, "08") && !byTheStatement(p) || // connection trouble
			strings.HasPrefix(p.Code, "57P") || // stopping, starting, crashed
			p.Code == "57014" || p.Code == "25P03" || // took too long, was idle for too long
			p.Code == "53300" || // too many connections
			p.Code == "55P03" // lock not available
	}
	return brokeConnection(err) || unreachable(err)
}

// byTheStatement reports that a pooler is set so that there are no transactions.
func byTheStatement(p *pgconn.PgError) bool {
	return p.Code == "08P01" && strings.Contains(p.Message, "statement pooling")
}

// brokeConnection reports whether a connection that stood is broken: another one
// may not be.
func brokeConnection(err error) bool {
	var p *pgconn.PgError
	if errors.As(err, &p) {
		return strings.HasPrefix(p.Code, "57P")
	}
	return !unreachable(err) && (errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.As(err, new(net.Error)) || errors.As(err, new(*net.OpError)) || pgconn.SafeToRetry(err))
}

// unreachable reports whether there was nothing to connect to.
func unreachable(err error) bool {
	var c *pgconn.ConnectError
	return errors.As(err, &c)
}

// lostRace reports whether PostgreSQL ended a transaction because of another.
func lostRace(err error) bool {
	var p *pgconn.PgError
	return errors.As(err, &p) && (p.Code == "40001" || p.Code == "40P01")
}

// explain puts what is wrong and what to do in front of a database's own words.
// Other errors, and those explained already, come back as they are.
func explain(err error) error {
	var done *explained
	if err == nil || errors.As(err, &done) {
		return err
	}
	var s *sqlite.Error
	if errors.As(err, &s) {
		switch s.Code() {
		case sqlite3.SQLITE_IOERR_SHMSIZE: // it grows what it keeps beside the file
			return &explained{diskFull, err}
		}
		switch s.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
			return &explained{"the database is locked by another program: wait until that has finished, or stop it", err}
		case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
			return &explained{"the database cannot be written: check the permissions of the file and of its folder", err}
		case sqlite3.SQLITE_FULL:
			return &explained{diskFull, err}
		case sqlite3.SQLITE_CANTOPEN:
			return &explained{"the database file cannot be opened: check that its folder exists and can be written", err}
		case sqlite3.SQLITE_NOTADB:
			return &explained{"the file is not a database of Doorstep: check the configured path", err}
		case sqlite3.SQLITE_CORRUPT:
			return &explained{"the database file is damaged: restore a backup", err}
		case sqlite3.SQLITE_IOERR:
			return &explained{"the disk gave an error, nothing was changed: check the disk, and whether it or a quota is full", err}
		}
		return err
	}
	var p *pgconn.PgError
	if errors.As(err, &p) {
		switch {
		case p.Code == "25006":
			return &explained{"the database is read-only: connect to the primary server", withoutData(p)}
		case p.Code == "53100":
			return &explained{"the database's disk is full, nothing was changed: free some space", withoutData(p)}
		case p.Code == "42501":
			return &explained{"the database user lacks a right: grant it", withoutData(p)}
		case p.Code == "57014":
			return &explained{fmt.Sprintf("the database needed too long (more than %s): look at what else it does", statementWithin), withoutData(p)}
		case p.Code == "25P03":
			return &explained{"the database gave up on a transaction in which nothing was asked for too long", withoutData(p)}
		case p.Code == "53300", p.Code == "08P01" && strings.Contains(p.Message, "no more connections"):
			return &explained{"the database lets no more connections in: look how many its user, the database and the server allow, and what else has them", withoutData(p)}
		case p.Code == "08P01" && strings.Contains(p.Message, "query_wait_timeout"):
			return &explained{"the pooler before the database had no connection free: give it more (its pool size)", withoutData(p)}
		case p.Code == "08P01" && strings.Contains(p.Message, "startup parameter"):
			return &explained{"the pooler before the database takes no such setting from the database's address: take it out there, or name it in the pooler's ignore_startup_parameters", withoutData(p)}
		case byTheStatement(p):
			return &explained{"the pooler before the database gives each statement another connection, and Doorstep works in transactions: set its pool_mode to transaction or session", withoutData(p)}
		case p.Code == "26000", p.Code == "42P05":
			return &explained{"a pooler before the database loses statements that are kept: take default_query_exec_mode out of the database's address, or set it to cache_describe", withoutData(p)}
		case strings.HasPrefix(p.Code, "57P"), strings.HasPrefix(p.Code, "08"):
			return &explained{"the database has gone away: check that it runs", withoutData(p)}
		}
		return &explained{"the database refused", withoutData(p)}
	}
	if errors.Is(err, errUnanswered) {
		return &explained{"the connection to the database is open, and no answer comes: look at the network and at what stands between, such as a pooler that has no connection left", err}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &explained{"the database gave no answer in time: look at what else it does, and at what stands between, such as a pooler that has no connection left", err}
	}
	if IsTemporary(err) {
		return &explained{"the database cannot be reached: check that it runs and the configured address", err}
	}
	return err
}

const diskFull = "the disk is full, nothing was changed: free some space"

// explained is a database error with words in front.
type explained struct {
	words string
	err   error
}

// Cause is what an error of this package comes to, the same for all that come of one
// thing; empty: nothing of the database is known to be wrong.
func Cause(err error) string {
	var e *explained
	if !errors.As(err, &e) {
		return ""
	}
	var p *pgconn.PgError
	if errors.As(e.err, &p) {
		return e.words + " " + p.Code
	}
	return e.words
}

func (e *explained) Error() string { return fmt.Sprintf("%s (%v)", e.words, e.err) }
func (e *explained) Unwrap() error { return e.err }

// withoutData drops what of a PostgreSQL error may quote a row.
func withoutData(p *pgconn.PgError) error {
	return &pgconn.PgError{Severity: p.Severity, Code: p.Code, Message: p.Message}
}
