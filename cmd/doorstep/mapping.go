package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

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
			return showMapping(c.OutOrStdout(), args[0], m)
		},
	}
}

// showMapping writes a mapping as people read it.
func showMapping(out io.Writer, name string, m *intake.Mapping) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s: %s\nreads %s\n\n", name, m.Title, m.For)
	for _, column := range slices.Sorted(maps.Keys(m.Columns)) {
		var from []string
		for _, heading := range m.Columns[column] {
			from = append(from, heading.String())
		}
		fmt.Fprintf(w, "%s\tfrom %s\n", column, strings.Join(from, " + "))
	}
	for _, column := range slices.Sorted(maps.Keys(m.Constants)) {
		fmt.Fprintf(w, "%s\talways %s\n", column, m.Constants[column])
	}
	for _, column := range slices.Sorted(maps.Keys(m.Values)) {
		fmt.Fprintf(w, "\n%s means\n", column)
		for _, code := range slices.Sorted(maps.Keys(m.Values[column])) {
			fmt.Fprintf(w, "  %s\t%s\n", code, m.Values[column][code])
		}
	}
	for _, column := range slices.Sorted(maps.Keys(m.Skip)) {
		fmt.Fprintf(w, "\nrows are left out where %s is %s\n", column, pathway.OneOf(m.Skip[column]))
	}
	if len(m.Dates) > 0 {
		fmt.Fprintf(w, "\ndates are written %s, or 2026-12-24 16:00\n", strings.Join(m.Dates, ", "))
	}
	switch {
	case slices.Contains(m.Ignore, "*"):
		fmt.Fprintln(w, "\nevery other column is passed over")
	case len(m.Ignore) > 0:
		fmt.Fprintf(w, "\npassed over: %s\n", strings.Join(m.Ignore, ", "))
	}
	return w.Flush()
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
			tried := &triedRows{zone: s.calendar.Location()}
			result, err := intake.Read(c.Context(), in, intake.Options{
				Of: m.For, File: filepath.Base(args[1]), Mapping: m, Sheet: sheet, Rules: s.configuredRules(), Now: now(), Partial: true,
			}, tried)
			if faults := (*intake.Faults)(nil); errors.As(err, &faults) {
				return badInput{err}
			}
			if err != nil {
				return err
			}
			return tried.write(c.OutOrStdout(), &result)
		},
	}
	c.Flags().StringVar(&sheet, "sheet", "", "the sheet of a workbook")
	return c
}

// triedRows are what the rows of a file would be, in words.
type triedRows struct {
	zone  *time.Location
	lines []triedRow
}

type triedRow struct {
	row  int
	text string
}

// write says row by row what a file would be, and then how much of it.
func (t *triedRows) write(out io.Writer, result *intake.Result) error {
	for _, f := range result.Faults {
		text := "ERROR: "
		if f.Column != "" {
			text += "column " + f.Column + ": "
		}
		t.lines = append(t.lines, triedRow{f.Row, text + f.Message})
	}
	slices.SortStableFunc(t.lines, func(a, b triedRow) int { return a.row - b.row })
	for _, line := range t.lines {
		fmt.Fprintf(out, "row %d: %s\n", line.row, line.text)
	}
	_, err := fmt.Fprintf(out, "%s: %s read, %d left out by the mapping, %d bad; nothing was changed\n",
		result.File, pathway.Counted(result.Rows, "row"), result.Skipped, result.BadRows)
	if err == nil && result.BadRows > 0 {
		err = badInput{fmt.Errorf("%s: %s: see the errors above", result.File, pathway.Counted(result.BadRows, "bad row"))}
	}
	return err
}

// say adds what a row would be; of what is private, only that it is there.
func (t *triedRows) say(row int, what string, facts ...string) error {
	for i := 0; i+1 < len(facts); i += 2 {
		if facts[i+1] != "" {
			what += ", " + facts[i] + " " + facts[i+1]
		}
	}
	t.lines = append(t.lines, triedRow{row, what})
	return nil
}

func given(text string) string {
	if text == "" {
		return ""
	}
	return "given"
}

func (t *triedRows) time(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(t.zone).Format("Mon 2 January 2006 15:04")
}

func (t *triedRows) AddPerson(row int, p pathway.Person) error {
	return t.say(row, "person "+p.ID, "role", string(p.Role), "team", p.Team, "reports to", p.ReportsTo,
		"email", given(p.Email), "mobile", given(p.Mobile))
}

func (t *triedRows) AddCase(row int, c pathway.Case) error {
	every := ""
	if !c.VisitEvery.IsZero() {
		every = c.VisitEvery.String()
	}
	return t.say(row, "case "+c.Ref, "pathway", c.Pathway, "opened", t.time(c.Opened), "closed", t.time(c.Closed), "practitioner", c.Practitioner,
		"manager", c.Manager, "team", c.Team, "contact", c.Contact, "plan", given(c.Plan), "visit every", every,
		"address", given(strings.Join(c.Address, "")+c.Postcode))
}

func (t *triedRows) AddEvent(row int, e pathway.Event) error {
	return t.say(row, "case "+e.Case+": "+e.Kind, "at", t.time(e.At), "recorded", t.time(e.Recorded), "by", e.By, "value", e.Value,
		"due", t.time(e.Due), "booked for", t.time(e.Booked), "reason", given(e.Reason))
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
