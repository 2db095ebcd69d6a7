package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func migrateCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Make the database, or bring its schema up to date (serve does the latter by itself)",
		Long: `Brings the database's schema up to date, as serve does when it starts, and makes a
SQLite database that is not there yet. Serve makes none where the configuration says
which is meant: a mistyped name would become a database of no cases.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.withStore(c, store.BringsCurrent, func(s *setup, db *store.Store) error {
				version, err := db.SchemaVersion(c.Context())
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s is up to date: schema version %d\n", s.config.DatabaseName(), version)
				return err
			})
		},
	}
}

func backupCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write everything in the database to a file, while the daemon runs",
		Long: `Writes everything in the database to FILE ("-": standard output), as it stands
at one instant, while the daemon runs. The same file restores into SQLite and
into PostgreSQL, so it also moves an organisation from the one to the other.

The file holds personal data, and the installation's key where that lies in a
file of its own: keep it as you keep the database.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				keys, err := s.keysToBackUp(c.Context(), db, c.ErrOrStderr())
				if err != nil {
					return err
				}
				if args[0] == "-" {
					return db.Backup(c.Context(), c.OutOrStdout(), keys)
				}
				return writeWhole(args[0], func(w io.Writer) error { return db.Backup(c.Context(), w, keys) })
			})
		},
	}
}

func restoreCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Fill an empty database from a backup",
		Long: `Fills an empty database from FILE ("-": standard input), or a new one where there is
none. The installation's key that the backup brings goes into its file, where it is not
there already, so that what was sent before is recognised when it comes back or is
answered.

To put a backup in the place of a SQLite database: stop the daemon, move the
database's file away with those beside it whose names begin with its own and a hyphen
(-wal, -shm, -looks), restore, start the daemon. What was left beside the new file is set aside by restore.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			in := c.InOrStdin()
			if args[0] != "-" {
				f, err := readable(args[0])
				if err != nil {
					return err
				}
				defer f.Close()
				in = f
			}
			return o.withStore(c, store.BringsCurrent, func(s *setup, db *store.Store) error {
				keys, err := db.Restore(c.Context(), in)
				if err != nil {
					return err
				}
				if err := s.restoreKeys(c.Context(), db, keys, c.ErrOrStderr()); err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "restored into %s\n", s.config.DatabaseName())
				return err
			})
		},
	}
}

// withStore does something with the configured database open.
func (o *options) withStore(c *cobra.Command, ready store.Readiness, do func(*setup, *store.Store) error) error {
	s, err := o.load()
	if err != nil {
		return err
	}
	if ready != store.MustBeCurrent {
		o.tellConfig(c.ErrOrStderr())
	}
	return s.withStore(c, ready, func(db *store.Store) error {
		s.tellMade(db, func(says string) { fmt.Fprintln(c.ErrOrStderr(), says) })
		return do(s, db)
	})
}

func (s *setup) withStore(c *cobra.Command, ready store.Readiness, do func(*store.Store) error) (err error) {
	db, err := s.open(c.Context(), ready, waits(c.ErrOrStderr()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(db)
}

// writeWhole writes a file that is either whole or not there: under another name
// first, readable by its owner only.
func writeWhole(path string, write func(io.Writer) error) error {
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)))
	if err != nil {
		return fmt.Errorf("cannot write %s: %w: choose another place", pathway.Escaped(path), pathway.WithoutPath(err))
	}
	defer f.Cleanup() // of no effect once it is renamed
	if err = write(f); err == nil {
		err = f.CloseAtomicallyReplace()
	}
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", pathway.Escaped(path), err)
	}
	return nil
}
