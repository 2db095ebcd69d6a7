package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Readiness says what opening a database does about its schema.
type Readiness int

const (
	MustBeCurrent Readiness = iota // whoever opens it reads, or changes a little: the schema is as this program needs it
	MayBeEmpty                     // as MustBeCurrent, but an empty database is left as it is
	StartsEmpty                    // as MustBeCurrent, but an empty database is set up
	UpgradesOnly                   // as BringsCurrent, but a file that is not there, or is empty, is not made a database
	BringsCurrent                  // the schema is brought up to date, as the daemon does
)

// OpenReady opens a database as Open does, with its schema ready. file is where
// SQLite keeps it, empty for a database that is no file: one that is wanted and not
// there yet is made, readable by its owner only; whoever only looks makes none. What an
// earlier database of that name has left beside it is set aside then: SQLite would take
// it for a part of the new one. Made says what was done.
func OpenReady(ctx context.Context, url, file string, ready Readiness, wait LockWait) (*Store, error) {
	made, aside, err := readyFile(file, ready)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, url, wait)
	if err != nil {
		return nil, err
	}
	s.made, s.aside = made, aside
	if ready == UpgradesOnly && file == "" {
		ready = BringsCurrent
	}
	if err := s.prepareSchema(ctx, ready); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Made reports whether OpenReady has made the database's file, and what of an earlier
// one it has set aside, by the names that this has now.
func (s *Store) Made() (made bool, aside []string) { return s.made, s.aside }

func readyFile(file string, ready Readiness) (made bool, aside []string, err error) {
	if file == "" {
		return false, nil, nil
	}
	left := leftBeside(file) // looked for first: what is there now belongs to nobody who makes the file from now on
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return false, nil, nil // what else is wrong with it, opening it tells
	}
	if ready == MustBeCurrent || ready == MayBeEmpty || ready == UpgradesOnly {
		return false, nil, ErrNoDatabase
	}
	if aside, err = setAside(file, left); err != nil {
		return false, aside, err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false, aside, fmt.Errorf("cannot make the database: %w: check that its folder exists and can be written", err)
	}
	return true, aside, f.Close()
}

// besides are the endings of what lies beside a SQLite database, and whether anything in it
// stands nowhere else.
var besides = map[string]bool{"-wal": true, "-journal": true, "-shm": false,
	looksEnding: true, looksEnding + "-wal": true, looksEnding + "-journal": true, looksEnding + "-shm": false}

// leftBeside finds what lies beside a file, by its ending.
func leftBeside(file string) map[string]fs.FileInfo {
	left := map[string]fs.FileInfo{}
	for ending := range besides {
		if info, err := os.Lstat(file + ending); err == nil {
			left[ending] = info
		}
	}
	return left
}

// setAside gives what was left of an earlier database names by which nobody looks for
// it. It may hold what the file, wherever that is now, does not.
func setAside(file string, left map[string]fs.FileInfo) (aside []string, err error) {
	for ending, was := range left {
		name := file + ending
		if now, err := os.Lstat(name); err != nil || !os.SameFile(was, now) {
			continue
		}
		if !besides[ending] {
			err = os.Remove(name)
		} else {
			var to string
			if to, err = freeName(name + ".old"); err == nil {
				aside, err = append(aside, to), os.Rename(name, to)
			}
		}
		if err != nil {
			return aside, fmt.Errorf("beside the database that is to be made lies %s of an earlier one, and it cannot be set aside: %w: move it away", filepath.Base(name), err)
		}
	}
	slices.Sort(aside)
	return aside, nil
}

// freeName is a name that nothing has.
func freeName(name string) (string, error) {
	for n := 1; ; n++ {
		free := name
		if n > 1 {
			free = fmt.Sprintf("%s%d", name, n)
		}
		if _, err := os.Lstat(free); errors.Is(err, fs.ErrNotExist) {
			return free, nil
		} else if err != nil {
			return "", err
		}
	}
}

// ErrNoDatabase says that there is no database to look into.
var ErrNoDatabase = errors.New("there is no database yet")

// ErrEmptyDatabase says that there is a file, and nothing in it.
var ErrEmptyDatabase = errors.New("the database is empty")

func (s *Store) prepareSchema(ctx context.Context, ready Readiness) error {
	if ready == StartsEmpty || ready == MayBeEmpty || ready == UpgradesOnly {
		version, err := s.SchemaVersion(ctx)
		switch {
		case err != nil:
			return err
		case version == 0 && ready == MayBeEmpty:
			return nil
		case version == 0 && ready == UpgradesOnly:
			return ErrEmptyDatabase
		case version == 0 || ready == UpgradesOnly:
			ready = BringsCurrent
		}
	}
	if ready == BringsCurrent {
		if err := s.CheckPrimary(ctx); err != nil {
			return err
		}
		return s.Migrate(ctx)
	}
	return s.CheckSchema(ctx)
}

// CheckPrimary says why PostgreSQL takes no writes, or none of the tables of an empty
// database, where that is so: what is read there tells nothing of it.
func (s *Store) CheckPrimary(ctx context.Context) error {
	if !s.dialect.postgres {
		return nil
	}
	var standby, readOnly, mayCreate bool
	err := s.db.QueryRowContext(ctx, `SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on',
COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false)`).Scan(&standby, &readOnly, &mayCreate)
	if err != nil {
		return fmt.Errorf("ask whether the database takes writes: %w", explain(err))
	}
	switch version, err := s.SchemaVersion(ctx); {
	case standby:
		return errors.New("the database is a standby, which takes no writes: give the address of the primary, or those of all servers with target_session_attrs=read-write")
	case readOnly:
		return errors.New("the database takes no writes from this user (default_transaction_read_only): let it write")
	case err != nil:
		return err
	case version == 0 && !mayCreate:
		return errors.New("the database is empty and its user may not make tables in it: let the user own the database")
	}
	return nil
}
