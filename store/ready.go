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
	if ready == MustBeCurrent {
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
	if ready == StartsEmpty {
		version, err := s.SchemaVersion(ctx)
		if err != nil {
			return err
		}
		if version == 0 {
			ready = BringsCurrent
		}
	}
	if ready == BringsCurrent {
		return s.Migrate(ctx)
	}
	return s.CheckSchema(ctx)
}
