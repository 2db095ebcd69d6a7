package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
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
		Short: "Load people, cases or events from CSV files or Excel workbooks",
		Long: `Loads CSV files ("-": standard input) and Excel workbooks (.xlsx), each all or
nothing: where a row is bad, every bad row is named with what to do, and nothing of
the file is kept. Importing a file again changes nothing.

Of a workbook the only sheet is read, or the one with the columns that are needed;
--sheet names another. No formula is run: what it last came to counts.

It stands back, as nice has a program do: whoever waits at a page comes first. Beside
PostgreSQL it takes half of the processors.

With --partial the good rows are kept and the bad ones written to
FILE.rejected.csv, with the reasons in a column of their own.

What follows, "doorstep import events --help" says of events alone.

` + fileHelp(""),
		Example: `  doorstep import people people.csv
  doorstep import events events.csv --dry-run
  doorstep import events visits.xlsx --mapping liquidlogic-visits --sheet Visits
  doorstep import events visits.csv --mapping ./our-visits.yaml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return badInput{fmt.Errorf("cannot import %q%s: say people, cases or events", args[0], pathway.DidYouMean(args[0], intake.Sorts))}
		},
	}
	f := c.PersistentFlags()
	f.BoolVar(&flags.dryRun, "dry-run", false, "say what would happen, and keep nothing")
	f.BoolVar(&flags.allowMass, "allow-mass-change", false, "take in a file that changes a field of more than a tenth of all cases or people, and of more than 20")
	f.BoolVar(&flags.partial, "partial", false, "keep the good rows and write the bad ones to FILE.rejected.csv")
	f.StringVar(&flags.mapping, "mapping", "", "the column mapping the files are written in: its name, or its file (.yaml)")
	f.StringVar(&flags.sheet, "sheet", "", "the sheet of a workbook")
	for _, of := range intake.Sorts {
		c.AddCommand(&cobra.Command{
			Use:   of + " FILE...",
			Short: "Load " + of,
			Long:  "Loads files of " + of + ". doorstep import --help says how files are loaded.\n\n" + fileHelp(of),
			Args:  cobra.MinimumNArgs(1),
			RunE:  func(c *cobra.Command, files []string) error { return o.importFiles(c, of, files, flags) },
		})
	}
	return c
}

// fileHelp describes the files of one sort, or all.
func fileHelp(of string) string {
	var b strings.Builder
	_ = intake.WriteHelp(&b, of) // a builder takes everything
	return strings.TrimRight(b.String(), "\n")
}

func (o *options) importFiles(c *cobra.Command, of string, files []string, flags importFlags) error {
	giveWay()
	return o.withStore(c, store.StartsEmpty, func(s *setup, db *store.Store) error {
		if db.IsServer() && os.Getenv("GOMAXPROCS") == "" {
			// Its process has as much to do as this one, and gives way to nobody.
			runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)/2))
		}
		rules, err := s.rules(c.Context(), db)
		if err != nil {
			return err
		}
		importer, err := s.importer(db, rules)
		if err != nil {
			return err
		}
		source := intake.Source{Of: of, Sheet: flags.sheet}
		if source.Mapping, err = s.mapping(flags.mapping, of); err != nil {
			return err
		}
		for _, path := range files {
			if err := importNamed(c, importer, path, source, flags); err != nil {
				return err
			}
		}
		return nil
	})
}

type importFlags struct {
	dryRun, partial, allowMass bool
	mapping, sheet             string
}

// importer brings files into the database, as configured.
func (s *setup) importer(db *store.Store, rules *pathway.Rules) (*intake.Importer, error) {
	tables, err := s.paperTables()
	if err != nil {
		return nil, err
	}
	return &intake.Importer{Store: db, Rules: rules, Paper: tables}, nil
}

// stdinName is what standard input is called in messages.
const stdinName = "standard input"

// importNamed imports a file of the command line and reports what became of it.
func importNamed(c *cobra.Command, importer *intake.Importer, path string, source intake.Source, flags importFlags) error {
	at := now()
	var in *os.File
	var err error
	if path == "-" {
		// It may have to be read twice: kept for that, readable by us only.
		source.Name = stdinName
		in, err = intake.Spool(c.InOrStdin())
	} else {
		source.Name = pathway.Escaped(filepath.Base(path))
		in, err = readable(path)
	}
	if err != nil {
		return err
	}
	defer in.Close()
	progress := newProgress(c.ErrOrStderr())
	result, err := importer.Import(c.Context(), at, in, source, intake.ImportOptions{
		DryRun: flags.dryRun, AllowMassChange: flags.allowMass, Partial: flags.partial, Read: progress.read, TakenIn: progress.committed,
		Who: whoRuns(""),
	})
	progress.end()
	for _, line := range result.NoteLines() {
		fmt.Fprintln(c.ErrOrStderr(), line)
	}
	if err != nil {
		if flags.dryRun && result.MassChange != "" {
			writeFields(c.OutOrStdout(), result.Fields)
		}
		return err
	}
	if result.Rejected != nil {
		if err := writeRejected(c, importer, at, in, path, source, result.Rejected); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(c.OutOrStdout(), importSummary(source.Name, &result, flags.dryRun))
	writeFields(c.OutOrStdout(), result.Fields)
	switch n := result.RejectedRows(); {
	case n == 1:
		err = errors.Join(err, badInput{fmt.Errorf("%s: 1 bad row was left out: correct it in the rejected file and import that", source.Name)})
	case n > 1:
		err = errors.Join(err, badInput{fmt.Errorf("%s: %d bad rows were left out: correct them in the rejected file and import that", source.Name, n)})
	}
	return err
}

func importSummary(name string, r *intake.Imported, dryRun bool) string {
	var b strings.Builder
	b.WriteString(name + ": ")
	if dryRun {
		b.WriteString("would be imported: ")
	}
	b.WriteString(pathway.Counted(r.Rows, "row"))
	if r.Events > 0 {
		fmt.Fprintf(&b, " with %s in them", pathway.Counted(r.Events, "event"))
	}
	fmt.Fprintf(&b, ": %d added, %d changed, %d unchanged", r.Added, r.Changed, r.Unchanged)
	if r.Skipped > 0 {
		fmt.Fprintf(&b, ", %d passed over by the mapping", r.Skipped)
	}
	fmt.Fprintf(&b, "; duties: %d opened, %d met, %d moved, %d ended", r.DutiesOpened, r.DutiesMet, r.DutiesMoved, r.DutiesEnded)
	return b.String()
}

// writeFields says field by field what changed of what was known.
func writeFields(out io.Writer, fields []store.FieldCount) {
	for i := range fields {
		fmt.Fprintln(out, " ", &fields[i])
	}
}

// writeRejected writes the rows that were left out, with the reasons, beside the
// file.
func writeRejected(c *cobra.Command, importer *intake.Importer, at time.Time, in *os.File, path string, source intake.Source, faults []intake.Fault) error {
	if path == "-" {
		path = "standard-input.csv"
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("%s: cannot be read a second time for its bad rows: %w", source.Name, err)
	}
	rejected := path + ".rejected.csv"
	err := writeWhole(rejected, func(w io.Writer) error { return importer.CopyRejected(w, at, in, source, faults) })
	if err == nil {
		fmt.Fprintf(c.ErrOrStderr(), "the rows left out are in %s\n", pathway.Escaped(rejected))
	}
	return err
}
