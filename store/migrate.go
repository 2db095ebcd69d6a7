package store

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"testing/fstest"
	"text/template"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// versionTable says which migrations a database has had.
const versionTable = "schema_versions"

// SchemaVersion returns the schema the database has; 0 for an empty one.
func (s *Store) SchemaVersion(ctx context.Context) (int64, error) {
	var exists int
	query := `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1`
	if s.dialect.postgres {
		query = `SELECT count(*) WHERE to_regclass($1) IS NOT NULL`
	}
	if err := s.db.QueryRowContext(ctx, query, versionTable).Scan(&exists); err != nil {
		return 0, fmt.Errorf("look for the database's version: %w", explain(err))
	}
	if exists == 0 {
		return 0, nil
	}
	var version sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT max(version_id) FROM `+versionTable).Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("read the database's version: %w", explain(err))
	}
	return version.Int64, nil
}

// CheckSchema says whether this program can work with the database as it is, and
// what to do where it cannot.
func (s *Store) CheckSchema(ctx context.Context) error {
	have, err := s.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	want := newestSchema()
	if have < want {
		return fmt.Errorf("the database has schema %d and this Doorstep needs %d: run doorstep migrate", have, want)
	}
	return refuseNewer(have, want)
}

func refuseNewer(have, want int64) error {
	if have > want {
		return fmt.Errorf("the database was made by a newer Doorstep (schema %d, this one knows %d): install that version or restore a backup", have, want)
	}
	return nil
}

// Migrate brings the database to the newest schema, or leaves it as it is. Of
// several programs that try at once one does it and the others wait for it.
func (s *Store) Migrate(ctx context.Context) error {
	return s.migrateTo(ctx, newestSchema())
}

// migrateTo runs the outstanding migrations up to a version.
func (s *Store) migrateTo(ctx context.Context, version int64) error {
	have, err := s.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	if err := refuseNewer(have, version); err != nil || have == version {
		return err
	}
	return s.runAlone(ctx, func(m *goose.Provider) error {
		_, err := m.UpTo(ctx, version)
		return err
	})
}

// resetTo gives a database without rows the schema of a version, earlier or
// later.
func (s *Store) resetTo(ctx context.Context, version int64) error {
	return s.runAlone(ctx, func(m *goose.Provider) error {
		_, err := m.UpTo(ctx, version)
		if err == nil {
			_, err = m.DownTo(ctx, version)
		}
		return err
	})
}

// runAlone runs migrations while no other program does.
func (s *Store) runAlone(ctx context.Context, run func(*goose.Provider) error) error {
	release, err := s.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer release()
	alone := s.runInTransaction
	if s.dialect.postgres {
		alone = s.runUnderLock
	}
	if err := alone(ctx, run); err != nil {
		return fmt.Errorf("migrate the database: %w", explain(err))
	}
	return nil
}

// runUnderLock holds a lock of PostgreSQL while goose runs each migration as a
// transaction. It is that of a transaction: behind a pooler a session has none.
func (s *Store) runUnderLock(ctx context.Context, run func(*goose.Provider) error) error {
	tx, err := s.begin(ctx, s.long, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, statement := range []string{
		"SET LOCAL idle_in_transaction_session_timeout = 0",         // however long the migrations take
		"SELECT pg_advisory_xact_lock(x'646f6f7273746570'::bigint)", // "doorstep"
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	migrator, err := s.migrator(s.long)
	if err != nil {
		return err
	}
	return run(migrator)
}

// runInTransaction runs all migrations as one transaction, which locks a SQLite
// database: goose gets a database of one connection, on which the transaction is
// open already.
func (s *Store) runInTransaction(ctx context.Context, run func(*goose.Provider) error) error {
	db, err := s.single()
	if err != nil {
		return err
	}
	defer db.Close()
	migrator, err := s.migrator(db, goose.WithIsolateDDL(true)) // without transactions of its own
	if err != nil {
		return err
	}
	has := s.waits()
	_, err = db.ExecContext(ctx, "BEGIN IMMEDIATE")
	if has(); err != nil {
		return err
	}
	err = run(migrator)
	end := "COMMIT"
	if err != nil {
		end = "ROLLBACK"
	}
	_, endErr := db.ExecContext(context.WithoutCancel(ctx), end)
	return errors.Join(err, endErr)
}

func (s *Store) migrator(db *sql.DB, options ...goose.ProviderOption) (*goose.Provider, error) {
	files, err := s.dialect.migrationFiles()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(s.dialect.goose, db, files,
		append(options, goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true))...)
}

// newestSchema is the version that this program's migrations lead to.
func newestSchema() int64 {
	var newest int64
	names, _ := fs.Glob(migrations, "migrations/*.sql")
	for _, name := range names {
		if v, err := goose.NumericComponent(name); err == nil && v > newest {
			newest = v
		}
	}
	return newest
}

// migrationFiles are the embedded migrations in the words of this database.
func (d *dialect) migrationFiles() (fs.FS, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	files := fstest.MapFS{}
	for _, name := range names {
		t, err := template.ParseFS(migrations, name)
		if err != nil {
			return nil, err
		}
		var text bytes.Buffer
		if err := t.Execute(&text, d); err != nil {
			return nil, err
		}
		files[name[len("migrations/"):]] = &fstest.MapFile{Data: text.Bytes()}
	}
	return files, nil
}
