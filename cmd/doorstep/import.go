package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

func importCommand(o *options) *cobra.Command {
	var flags importFlags
	c := &cobra.Command{
		Use:   "import people|cases|events FILE...",
		Short: "Load people, cases or events from CSV files",
		Long: `Loads CSV files ("-": standard input), each all or nothing: where a row is bad,
every bad row is named with what to do, and nothing of the file is kept. Importing
a file again changes nothing.

With --partial the good rows are kept and the bad ones written to
FILE.rejected.csv, with the reasons in a column of their own.`,
		Example: `  doorstep import people people.csv
  doorstep import events events.csv --dry-run
  doorstep import events visits.csv --mapping liquidlogic-visits`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			of := args[0]
			if of != intake.People && of != intake.Cases && of != intake.Events {
				return badInput{fmt.Errorf("cannot import %q: say people, cases or events", of)}
			}
			return o.withStore(c.Context(), startsEmpty, func(s *setup, db *store.Store) error {
				rules, err := s.rules(c.Context(), db)
				if err != nil {
					return err
				}
				i := importer{setup: s, db: db, rules: rules, flags: flags, progress: newProgress(c.ErrOrStderr())}
				if i.mapping, err = s.mapping(flags.mapping, of); err != nil {
					return err
				}
				for _, path := range args[1:] {
					if err := i.named(c, of, path); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&flags.dryRun, "dry-run", false, "say what would happen, and keep nothing")
	c.Flags().BoolVar(&flags.partial, "partial", false, "keep the good rows and write the bad ones to FILE.rejected.csv")
	c.Flags().StringVar(&flags.mapping, "mapping", "", "the column mapping the files are written in")
	return c
}

type importFlags struct {
	dryRun, partial bool
	mapping         string
}

// mapping finds a column mapping by its name; nil for an empty name.
func (s *setup) mapping(name, of string) (*intake.Mapping, error) {
	if name == "" {
		return nil, nil
	}
	m, found := s.config.Import.Mappings[name]
	if !found {
		var names []string
		for name := range s.config.Import.Mappings {
			names = append(names, name)
		}
		return nil, badInput{fmt.Errorf("there is no mapping %q%s: use one of import.mappings or a shipped one", name, intake.DidYouMean(name, names))}
	}
	if m.For != of {
		return nil, badInput{fmt.Errorf("the mapping %q is for %s: import %s with it", name, m.For, m.For)}
	}
	return &m, nil
}

// importer takes files into a database.
type importer struct {
	*setup
	db       *store.Store
	rules    *pathway.Rules
	flags    importFlags
	mapping  *intake.Mapping
	progress *progress
}

// stdinName is what standard input is called in messages.
const stdinName = "standard input"

// named imports a file of the command line and reports what became of it.
func (i *importer) named(c *cobra.Command, of, path string) error {
	name, in := filepath.Base(path), (*os.File)(nil)
	var err error
	if path == "-" {
		// It may have to be read twice: kept for that, readable by us only.
		name = stdinName
		if in, err = intake.Spool(c.InOrStdin()); err == nil {
			defer os.Remove(in.Name())
		}
	} else {
		in, err = readable(path)
	}
	if err != nil {
		return err
	}
	defer in.Close()
	result, err := i.file(c.Context(), in, of, name)
	i.progress.end()
	for _, n := range result.Notes {
		fmt.Fprintf(c.ErrOrStderr(), "%s:%d: note: %s\n", name, n.Row, n.Message)
	}
	if more := result.NoteCount - len(result.Notes); more > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "%s: and %d more notes\n", name, more)
	}
	if err != nil {
		return err
	}
	if result.rejected != nil {
		if err := i.reject(c, in, path, of, name, result.rejected); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(c.OutOrStdout(), result.summary(name, i.flags.dryRun))
	if result.rejected != nil {
		err = errors.Join(err, badInput{fmt.Errorf("%s: %d bad rows were left out: correct them in the rejected file and import that", name, len(result.rejected))})
	}
	return err
}

// imported is what became of a file.
type imported struct {
	store.IntakeResult
	skipped  int
	rejected []intake.Fault // with --partial: why rows were left out
}

func (r *imported) summary(name string, dryRun bool) string {
	var b strings.Builder
	b.WriteString(name + ": ")
	if dryRun {
		b.WriteString("would be imported: ")
	}
	fmt.Fprintf(&b, "%d rows: %d added, %d changed, %d unchanged", r.Rows, r.Added, r.Changed, r.Unchanged)
	if r.skipped > 0 {
		fmt.Fprintf(&b, ", %d passed over by the mapping", r.skipped)
	}
	fmt.Fprintf(&b, "; duties: %d opened, %d met, %d moved, %d ended", r.DutiesOpened, r.DutiesMet, r.DutiesMoved, r.DutiesEnded)
	return b.String()
}

// file imports one file, all or nothing unless --partial was given. What is
// wrong with its rows is bad input, with every fault in it.
func (i *importer) file(ctx context.Context, in io.Reader, of, name string) (imported, error) {
	at := now()
	calls, err := i.printQueue(i.rules)
	if err != nil {
		return imported{}, err
	}
	rows, err := i.db.NewIntake(ctx, i.rules, store.IntakeOptions{
		Now: at, Partial: i.flags.partial, DryRun: i.flags.dryRun, Progress: i.progress.committed, Prints: calls,
	})
	if err != nil {
		return imported{}, err
	}
	defer rows.Rollback()
	read, err := intake.Read(ctx, in, i.reading(of, name, at), i.progress.counting(rows))
	if err != nil {
		if faults := (*intake.Faults)(nil); errors.As(err, &faults) {
			err = badInput{err}
		}
		return imported{}, err
	}
	if read.BadRows > 0 && !i.flags.partial {
		rows.KeepNothing() // but find out what else is wrong
	}
	result, err := rows.Commit(ctx)
	if errors.Is(err, store.ErrTooManyRows) {
		err = badInput{err}
	}
	if err != nil {
		return imported{}, err
	}
	out := imported{IntakeResult: result, skipped: read.Skipped}
	faults := merge(read.Faults, result.Faults)
	if len(faults) == 0 {
		return out, nil
	}
	if i.flags.partial {
		out.rejected = faults
		return out, nil
	}
	shown := faults[:min(len(faults), mostShown)]
	more := read.BadRows + result.FaultCount - len(shown)
	return out, badInput{fmt.Errorf("%w\n%s: nothing was imported: correct these rows, or use --partial to import the others",
		&intake.Faults{File: name, List: shown, More: max(0, more)}, name)}
}

// mostShown is how many bad rows are described.
const mostShown = 100

func (i *importer) reading(of, name string, at time.Time) intake.Options {
	return intake.Options{
		Of: of, File: name, Mapping: i.mapping, Location: i.calendar.Location(), Now: at,
		Vocabulary: i.pathways.Vocabulary(), Partial: i.flags.partial,
	}
}

// merge puts what the file and what the database say of rows into the file's
// order.
func merge(file []intake.Fault, database []store.RowFault) []intake.Fault {
	all := append([]intake.Fault(nil), file...)
	for _, f := range database {
		all = append(all, intake.Fault{Row: f.Row, Column: f.Column, Message: f.Message})
	}
	sortFaults(all)
	return all
}

// reject writes the rows that were left out, with the reasons, beside the file.
func (i *importer) reject(c *cobra.Command, in *os.File, path, of, name string, faults []intake.Fault) error {
	if path == "-" {
		path = "standard-input.csv"
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("%s: cannot be read a second time for its bad rows: %w", name, err)
	}
	rejected := path + ".rejected.csv"
	err := writeWhole(rejected, func(w io.Writer) error {
		_, err := intake.WriteRejected(w, in, i.reading(of, name, now()), faults)
		return err
	})
	if err == nil {
		fmt.Fprintf(c.ErrOrStderr(), "the rows left out are in %s\n", rejected)
	}
	return err
}
