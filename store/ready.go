package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Readiness says what opening a database does about its schema.
type Readiness int

const (
	MustBeCurrent Readiness = iota // whoever opens it reads, or changes a little: the schema is as this program needs it
	MayBeEmpty                     // as MustBeCurrent, but an empty database is left as it is
	StartsEmpty                    // as MustBeCurrent, but an empty database is set up
	BringsCurrent                  // the schema is brought up to date, as the daemon does
)

// OpenReady opens a database as Open does, with its schema ready. file is where
// SQLite keeps it, empty for a database that is no file: one that is wanted and not
// there yet is made, readable by its owner only; whoever only looks makes none.
func OpenReady(ctx context.Context, url, file string, ready Readiness) (*Store, error) {
	if err := readyFile(file, ready); err != nil {
		return nil, err
	}
	s, err := Open(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := s.prepareSchema(ctx, ready); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func readyFile(file string, ready Readiness) error {
	if file == "" {
		return nil
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return nil // what else is wrong with it, opening it tells
	}
	if ready == MustBeCurrent || ready == MayBeEmpty {
		return ErrNoDatabase
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("cannot make the database: %w: check that its folder exists and can be written", err)
	}
	return f.Close()
}

// ErrNoDatabase says that there is no database to look into.
var ErrNoDatabase = errors.New("there is no database yet")

func (s *Store) prepareSchema(ctx context.Context, ready Readiness) error {
	if ready == StartsEmpty || ready == MayBeEmpty {
		version, err := s.SchemaVersion(ctx)
		if err != nil {
			return err
		}
		if version == 0 && ready == MayBeEmpty {
			return nil
		}
		if version == 0 {
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
