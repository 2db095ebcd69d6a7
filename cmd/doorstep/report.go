package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/intake"
)

func reportCommand(o *options) *cobra.Command {
	var from, to, format string
	c := &cobra.Command{
		Use:   "report",
		Short: "Figures for the service, by month, team and pathway",
		Long: `Counts, by month, team and pathway: the unsuccessful visits; how many of them were
discussed with a manager within 24 hours; how often the child was seen within 5
working days of a first unsuccessful visit, and within 24 hours of a later one; the
duties that were overdue at the month's end. A visit counts in the month in which it
was made. What may still be done in time is in no share yet; a cell is empty where
nothing asks for it. Nothing in it is about one case.

--from and --to are days, both included, or times. Without --from the last twelve
months are counted, without --to all until now.`,
		Example: `  doorstep report --from 2026-09-01 --to 2026-11-30
  doorstep report --format csv > figures.csv`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkReportFormat(format); err != nil {
				return err
			}
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) error {
				at := now()
				begin, end, err := reportPeriod(from, to, s.calendar, at)
				if err != nil {
					return err
				}
				figures, err := casefile.CountFigures(c.Context(), db, s.calendar, begin, end, at)
				if err != nil {
					return err
				}
				return writeReport(c.OutOrStdout(), figures, format, s.calendar)
			})
		},
	}
	c.Flags().StringVar(&from, "from", "", "the first day or time")
	c.Flags().StringVar(&to, "to", "", "the last day or time")
	c.Flags().StringVar(&format, "format", formatText, "text or csv")
	return c
}

func checkReportFormat(format string) error {
	if formats := []string{formatText, formatCSV}; !slices.Contains(formats, format) {
		return badInput{fmt.Errorf("--format: %q is not known%s: use %s", format, pathway.DidYouMean(format, formats), pathway.OneOf(formats))}
	}
	return nil
}

// reportPeriod reads a period: from its beginning until before its end.
func reportPeriod(from, to string, calendar *pathway.Calendar, now time.Time) (begin, end time.Time, err error) {
	begin, end = casefile.FiguresFrom(calendar, now, 12), now
	if from != "" {
		if begin, err = intake.ParseTime(from, calendar.Location()); err != nil {
			return begin, end, badInput{fmt.Errorf("--from: %w", err)}
		}
	}
	if to != "" {
		if end, err = intake.ParseTime(to, calendar.Location()); err != nil {
			return begin, end, badInput{fmt.Errorf("--to: %w", err)}
		}
		if day, err := pathway.ParseDate(to); err == nil {
			end = calendar.StartOf(day.AddDays(1))
		}
	}
	switch {
	case end.Before(begin):
		return begin, end, badInput{errors.New("--to is before --from: swap them")}
	case begin.After(now):
		return begin, end, badInput{errors.New("--from lies ahead: nothing has happened since then")}
	}
	return begin, end, nil
}

func writeReport(out io.Writer, figures *casefile.Figures, format string, calendar *pathway.Calendar) error {
	w := bufio.NewWriter(out)
	write := writeReportText
	if format == formatCSV {
		write = writeReportCSV
	}
	return cmp.Or(write(w, figures, calendar), w.Flush())
}

func writeReportCSV(out io.Writer, figures *casefile.Figures, _ *pathway.Calendar) error {
	sheet := intake.NewSheet(out, casefile.FigureColumns...)
	for i := range figures.Lines {
		sheet.Row(figures.Lines[i].Cells()...)
	}
	return sheet.End()
}

func writeReportText(out io.Writer, figures *casefile.Figures, calendar *pathway.Calendar) error {
	clock := func(t time.Time) string { return t.In(calendar.Location()).Format("Mon 2 Jan 2006 15:04") }
	fmt.Fprintf(out, "From %s until %s\n", clock(figures.From), clock(figures.Until))
	if len(figures.Lines) == 0 {
		_, err := fmt.Fprintln(out, "No unsuccessful visit was recorded for this time, and no duty was overdue at a month's end.")
		return err
	}
	share := func(s casefile.Share) string {
		if !s.Asked {
			return "-"
		}
		return fmt.Sprintf("%d of %d", s.Done, s.Of)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nMONTH\tTEAM\tPATHWAY\tUNSUCCESSFUL\tDISCUSSED\tSEEN\tSEEN\tOVERDUE AT")
	fmt.Fprintln(table, "\t\t\tVISITS\tIN 24 HOURS\tIN 5 WORKING DAYS\tIN 24 HOURS\tMONTH'S END")
	for i := range figures.Lines {
		f := &figures.Lines[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%d\n", f.Month, cmp.Or(f.Team, "(none)"), f.Pathway, f.Unsuccessful,
			share(f.Discussed), share(f.SeenInDays), share(f.SeenInHours), f.Overdue)
	}
	return table.Flush()
}
