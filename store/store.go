// Package store keeps what Doorstep knows: people, cases, events, duties,
// messages, print batches, schedules and runs, in SQLite or PostgreSQL, with one
// behaviour.
//
// It promises that recording something and all that follows from it is one
// transaction; that what is kept survives a crash of the process and of the
// machine (but for the outcomes of messages after a power cut: then a message is
// repeated under the same Message-ID); that importing the same rows again changes
// nothing; and that an older program refuses a database made by a newer one.
// Memory does not grow with the size of the database.
//
// It never reads a clock (now is always an argument), never decides what is due
// (package pathway does), never sends anything, and never puts a person's name,
// address, number or message text into an error.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrNotFound says that there is nothing by that name.
var ErrNotFound = errors.New("not found")

// Store is one database. It is safe for concurrent use.
type Store struct {
	db      *sql.DB
	dialect dialect

	// outcomes holds the few connections that do not wait for the disk. They
	// are for message outcomes only: a crash of the process loses nothing, a
	// power cut may lose the last of them.
	outcomes *sql.DB

	// long is for what rightly takes long (see deadlines.go): files that come in,
	// backups, changes of the tables. On SQLite it is db.
	long *sql.DB

	// turn lets the writers of this process to SQLite take turns in order,
	// instead of all polling for its one write lock. It is nil on PostgreSQL.
	turn chan struct{}
	// waiting is how many of them wait for theirs.
	waiting atomic.Int32

	pace pace      // how those who have it hold the lock
	wait LockWait  // how they wait for other processes
	told sync.Once // that they do

	// single opens the same SQLite database with one connection, for work that
	// spans several calls on it.
	single func() (*sql.DB, error)

	file   string      // in which SQLite keeps it; empty: in none
	opened os.FileInfo // that file when it was opened
	made   bool        // OpenReady has made it
	aside  []string    // what of an earlier one it has set aside

	looking together   // who puts looks on record
	chained chainEnd   // where they ended then
	looks   *looksFile // where these wait for the write lock; nil: there is none to wait for
	later   *later     // what is written once nobody waits for it
	boards  boards     // who is on late cases

	webhooks webhookPlan // who is told of what; empty: nobody

	anchor *sql.Conn       // keeps a database in memory alive; nil elsewhere
	pools  []*pgxpool.Pool // PostgreSQL only
	pooled bool            // a pooler stands before PostgreSQL
}

// Open opens the database at url:
//
//	sqlite:PATH[?busy_timeout=MILLISECONDS]   made where there is none
//	sqlite::memory:                           private, gone with Close
//	postgres://USER@HOST/DATABASE             as pgx reads it
//
// It reads nothing but whether the database answers: call CheckSchema or
// Migrate next. Errors never show a password in url, nor any part of one.
func Open(ctx context.Context, url string) (*Store, error) { return open(ctx, url, LockWait{}) }

func open(ctx context.Context, url string, wait LockWait) (*Store, error) {
	s, err := connect(ctx, url, wait)
	if err != nil {
		return nil, err
	}
	if s.turn == nil {
		err = s.Ping(ctx)
	} else {
		err = patiently(ctx, s.Ping)
	}
	if err == nil && s.file != "" {
		s.opened, err = os.Stat(s.file)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// patiently asks a SQLite database again for a moment: while another program turns a new
// file into a database that several can use at once, SQLite does not wait but refuses.
func patiently(ctx context.Context, ping func(context.Context) error) error {
	err := ping(ctx)
	for try := 1; IsTemporary(err) && try <= mostTries; try++ {
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(try) * 10 * time.Millisecond):
		}
		err = ping(ctx)
	}
	return err
}

// Ping asks whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.checkFile(); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", explain(err))
	}
	return nil
}

// Close ends every connection. Nothing may be in use any more. What was left for later is
// written where nobody else is writing; else whoever comes next finds it.
func (s *Store) Close() error {
	err := s.later.close()
	if s.looks != nil {
		err = errors.Join(err, s.looks.close())
	}
	if s.anchor != nil {
		err = errors.Join(err, s.anchor.Close())
	}
	err = errors.Join(err, s.outcomes.Close(), s.long.Close(), s.db.Close())
	for _, p := range s.pools {
		p.Close()
	}
	return err
}

// mostTries bounds how often a transaction that lost against another is tried.
const mostTries = 10

// write runs do as one write transaction. On PostgreSQL it runs it again when
// it lost against another transaction (serialization failure or deadlock), so do
// must not keep anything from a run that failed. On SQLite it holds the write
// lock from the start. What do returns comes back unchanged where it is no
// database error.
func (s *Store) write(ctx context.Context, do func(tx *sql.Tx) error) error {
	return s.transact(ctx, s.db, do)
}

func (s *Store) transact(ctx context.Context, db *sql.DB, do func(tx *sql.Tx) error) error {
	release, err := s.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer release()
	for try := 1; ; try++ {
		err := s.once(ctx, db, do)
		if err == nil && s.turn != nil {
			s.pace.giveWay(ctx)
		}
		if err == nil || try == mostTries || !lostRace(err) {
			return explain(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try) * time.Millisecond):
		}
	}
}

func (s *Store) once(ctx context.Context, db *sql.DB, do func(tx *sql.Tx) error) error {
	has := s.waits()
	tx, err := s.begin(ctx, db, nil)
	if has(); err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// begin begins a transaction. After PostgreSQL went away, connections to it are
// broken that nobody has used since: there are no more of them than a pool has.
func (s *Store) begin(ctx context.Context, db *sql.DB, options *sql.TxOptions) (*sql.Tx, error) {
	for try := 1; ; try++ {
		tx, err := db.BeginTx(ctx, options)
		if err == nil {
			if err = s.limitTransaction(ctx, db, tx); err != nil {
				tx.Rollback()
			}
		}
		if err == nil || !mayTryAnother(try, err) {
			return tx, err
		}
	}
}

// mayTryAnother reports whether another connection may do better than one that was broken.
func mayTryAnother(try int, err error) bool {
	return try < mostTries && brokeConnection(err) && (try == 1 || !errors.Is(err, errUnanswered))
}

// connection returns a connection of a pool that works, for more than a transaction.
func connection(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	for try := 1; ; try++ {
		conn, err := db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		if err = conn.PingContext(ctx); err == nil {
			return conn, nil
		}
		conn.Close()
		if !mayTryAnother(try, err) {
			return nil, err
		}
	}
}

// writeMany is write for many rows: one transaction, with a session that writes
// them as fast as the database can.
func (s *Store) writeMany(ctx context.Context, do func(tx *sql.Tx, w *session) error) error {
	release, err := s.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer release()
	conn, err := connection(ctx, s.long)
	if err != nil {
		return err
	}
	defer conn.Close()
	has := s.waits()
	tx, err := conn.BeginTx(ctx, nil)
	if has(); err != nil {
		return err
	}
	defer tx.Rollback()
	w := &session{dialect: &s.dialect, conn: conn}
	if err := do(tx, w); err != nil {
		return err
	}
	return tx.Commit()
}

// takeTurn waits until no other writer of this process is at work, where the
// database has one write lock.
func (s *Store) takeTurn(ctx context.Context) (release func(), err error) {
	if s.turn == nil {
		return func() {}, nil
	}
	if err := s.checkFile(); err != nil {
		return nil, err
	}
	s.waiting.Add(1)
	defer s.waiting.Add(-1)
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// read runs do on one consistent view of the database, which nothing written
// meanwhile changes.
func (s *Store) read(ctx context.Context, do func(tx *sql.Tx) error) error {
	return s.readFrom(ctx, s.db, do)
}

func (s *Store) readFrom(ctx context.Context, db *sql.DB, do func(tx *sql.Tx) error) error {
	tx, err := s.begin(ctx, db, &sql.TxOptions{ReadOnly: true, Isolation: s.dialect.snapshot})
	if err != nil {
		return explain(err)
	}
	defer tx.Rollback()
	return explain(do(tx))
}
