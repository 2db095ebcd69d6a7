package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"example.org/doorstep/configs"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

func mappingCommand(o *options) *cobra.Command {
	c := &cobra.Command{
		Use:   "mapping",
		Short: "Show column mappings, and what one makes of a file",
		Long: `A column mapping says how to read the extract of another system: which of its
columns is which, and what its codes and dates mean. Some are shipped; your own
stand under import.mappings, in the folder mappings beside the configuration, or in
any file (.yaml), and are given by that file's name.`,
	}
	c.AddCommand(mappingListCommand(o), mappingShowCommand(o), mappingTryCommand(o))
	return c
}

func mappingListCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the column mappings",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := o.load()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, name := range slices.Sorted(maps.Keys(s.config.Import.Mappings)) {
				m := s.config.Import.Mappings[name]
				fmt.Fprintf(w, "%s\t%s\t%s\n", name, m.For, m.Title)
			}
			return w.Flush()
		},
	}
}

func mappingShowCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:     "show NAME",
		Short:   "Show what a column mapping reads from where",
		Example: "  doorstep mapping show liquidlogic-visits",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := o.load()
			if err != nil {
				return err
			}
			m, err := s.mapping(args[0], "")
			if err != nil {
				return err
			}
			return m.WriteText(c.OutOrStdout(), args[0])
		},
	}
}

func mappingTryCommand(o *options) *cobra.Command {
	var sheet string
	c := &cobra.Command{
		Use:   "try NAME FILE",
		Short: "Say what a column mapping makes of a file, row by row",
		Long: `Reads a file (CSV, or an Excel workbook) by a column mapping and says of each row
what it would be, or what is wrong with it. Nothing is kept, and the database is not
looked at: whether a case or a person is known, import --dry-run says.`,
		Example: "  doorstep mapping try liquidlogic-visits visits.xlsx --sheet Visits",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := o.load()
			if err != nil {
				return err
			}
			m, err := s.mapping(args[0], "")
			if err != nil {
				return err
			}
			in, err := readable(args[1])
			if err != nil {
				return err
			}
			defer in.Close()
			tried, result, err := intake.Try(c.Context(), in, intake.Options{
				Of: m.For, File: pathway.Escaped(filepath.Base(args[1])), Mapping: m, Sheet: sheet, Rules: s.configuredRules(), Now: now(),
			})
			if faults := (*intake.Faults)(nil); errors.As(err, &faults) {
				return badInput{err}
			}
			if err != nil {
				return err
			}
			for _, r := range tried {
				fmt.Fprintf(c.OutOrStdout(), "row %d: %s\n", r.Row, r.Text)
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %s read, %d left out by the mapping, %d bad; nothing was changed\n",
				result.File, pathway.Counted(result.Rows, "row"), result.Skipped, result.BadRows)
			if result.BadRows > 0 {
				return badInput{fmt.Errorf("%s: %s: see the errors above", result.File, pathway.Counted(result.BadRows, "bad row"))}
			}
			return nil
		},
	}
	c.Flags().StringVar(&sheet, "sheet", "", "the sheet of a workbook")
	return c
}

// mapping finds a column mapping by its name or its file, for files of a sort; of
// empty: for any.
func (s *setup) mapping(name, of string) (*intake.Mapping, error) {
	mappings := s.config.Import.Mappings
	if ext := strings.ToLower(filepath.Ext(name)); ext == ".yaml" || ext == ".yml" {
		m, err := configs.ReadMapping(name)
		if err != nil {
			return nil, badInput{err}
		}
		mappings = map[string]intake.Mapping{name: *m}
	}
	if m, found := mappings[name]; found && of == "" {
		of = m.For
	}
	return intake.FindMapping(mappings, name, of)
}

// mappingsBySort finds the column mappings of a simulation, one for each sort of file.
func (s *setup) mappingsBySort(names []string) (map[string]*intake.Mapping, error) {
	found := map[string]*intake.Mapping{}
	for _, name := range names {
		m, err := s.mapping(name, "")
		if err != nil {
			return nil, err
		}
		if found[m.For] != nil {
			return nil, badInput{fmt.Errorf("--mapping: there are two for %s: keep one of them", m.For)}
		}
		found[m.For] = m
	}
	return found, nil
}

// sheetsBySort reads which sheet is meant of each sort of file.
func sheetsBySort(written []string) (map[string]string, error) {
	sheets := map[string]string{}
	for _, text := range written {
		of, sheet, ok := strings.Cut(text, "=")
		if !ok || !slices.Contains([]string{intake.People, intake.Cases, intake.Events}, of) {
			return nil, badInput{fmt.Errorf("--sheet %q does not say of which file: write it as people=SHEET, cases=SHEET or events=SHEET", text)}
		}
		sheets[of] = sheet
	}
	return sheets, nil
}
