package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/intake"
)

func dutiesCommand(o *options) *cobra.Command {
	var wanted casefile.DutiesWanted
	var state, before, format string
	c := &cobra.Command{
		Use:   "duties",
		Short: "List what is to be done, what is due first first",
		Long: `Lists the duties that are to be done: all of them, one person's (--owner), those on
the cases of a manager or of the managers who report to a service manager
(--manager), those that are overdue or still in time (--state), those due before a
time (--due-before).

As csv and jsonl (one JSON object a line) the times are RFC 3339.`,
		Example: `  doorstep duties --manager M1
  doorstep duties --owner W1 --due-before 2026-12-24
  doorstep duties --state overdue --format csv > overdue.csv`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if state != "" && !slices.Contains(casefile.DutyStates, state) {
				return badInput{fmt.Errorf("--state: %q is not known%s: use %s", state, pathway.DidYouMean(state, casefile.DutyStates), pathway.OneOf(casefile.DutyStates))}
			}
			if formats := []string{formatText, formatJSONL, formatCSV}; !slices.Contains(formats, format) {
				return badInput{fmt.Errorf("--format: %q is not known%s: use %s", format, pathway.DidYouMean(format, formats), pathway.OneOf(formats))}
			}
			return o.withStore(c, store.MustBeCurrent, func(s *setup, db *store.Store) (err error) {
				wanted.State = pathway.State(state)
				if before != "" {
					if wanted.DueBefore, err = intake.ParseTime(before, s.calendar.Location()); err != nil {
						return badInput{fmt.Errorf("--due-before: %w", err)}
					}
				}
				rules, err := s.rulesInForce(c.Context(), db)
				if err != nil {
					return err
				}
				at := now()
				duties, err := casefile.Duties(c.Context(), db, rules, wanted, at)
				if err != nil {
					return err
				}
				w := bufio.NewWriter(c.OutOrStdout())
				people, err := db.People(c.Context())
				if err != nil {
					return err
				}
				view := dutiesView{duties.Each, duties.Restricted, at, s.calendar, pathway.NamesOf(people), wanted != casefile.DutiesWanted{}}
				switch format {
				case formatCSV:
					err = view.writeCSV(w)
				case formatJSONL:
					err = view.writeJSON(w)
				default:
					err = view.writeText(w)
				}
				if view.withheld > 0 && err == nil {
					err = w.Flush()
					fmt.Fprintln(c.ErrOrStderr(), withheldCases(view.withheld))
				}
				return cmp.Or(err, w.Flush())
			})
		},
	}
	c.Flags().StringVar(&wanted.Owner, "owner", "", "whose they are to do, by id")
	c.Flags().StringVar(&wanted.Manager, "manager", "", "who manages the cases, by id")
	c.Flags().StringVar(&state, "state", "", "open (still in time) or overdue (default: both)")
	c.Flags().StringVar(&before, "due-before", "", "those due before this day or time")
	c.Flags().StringVar(&format, "format", formatText, "text, jsonl or csv")
	return c
}

// dutiesView writes duties for people to read, or for programs.
type dutiesView struct {
	duties   iter.Seq2[*casefile.OpenDuty, error]
	withheld int // restricted cases that have such duties
	at       time.Time
	calendar *pathway.Calendar
	names    pathway.StaffNames // in text; programs have ids
	some     bool               // not all were asked for
}

func (v *dutiesView) writeText(out io.Writer) error {
	zone := v.calendar.Location()
	all, overdue := 0, 0
	for d, err := range v.duties {
		if err != nil {
			return err
		}
		all++
		due := "due " + d.Due.In(zone).Format("Mon 2 Jan 2006 15:04")
		if d.State == pathway.Overdue {
			overdue++
			due = "OVERDUE since " + d.Due.In(zone).Format("Mon 2 Jan 2006 15:04")
		}
		fmt.Fprintf(out, "%s  %s\n  %s\n  for the %s, %s", d.Case, d.Title, due, d.Duty.Owner, cmp.Or(v.names.Of(d.OpenDuty.Owner), nobody))
		if d.Attempt > 0 {
			fmt.Fprintf(out, ", attempt %d", d.Attempt)
		}
		if d.Duty.Owner != pathway.Manager {
			fmt.Fprintf(out, "; manager %s", cmp.Or(v.names.Of(d.Manager), nobody))
		}
		if d.Team != "" {
			fmt.Fprintf(out, ", team %s", d.Team)
		}
		fmt.Fprint(out, "\n\n")
	}
	var err error
	switch {
	case all > 0:
		_, err = fmt.Fprintf(out, "%s to do, %d of them overdue, on %s\n", countedDuties(all), overdue, v.at.In(zone).Format("Mon 2 Jan 2006 15:04"))
	case v.some:
		_, err = fmt.Fprintln(out, "No duty that is to be done is one of those asked for.")
	default:
		_, err = fmt.Fprintln(out, "No duty is to be done.")
	}
	return err
}

// withheldCases says that there is more.
func withheldCases(n int) string {
	if n == 1 {
		return "1 restricted case has such duties as well: only those who are named on it see them, on its page"
	}
	return strconv.Itoa(n) + " restricted cases have such duties as well: only those who are named on them see them, on their pages"
}

func countedDuties(n int) string {
	if n == 1 {
		return "1 duty"
	}
	return strconv.Itoa(n) + " duties"
}

func (v *dutiesView) writeJSON(out io.Writer) error {
	to := json.NewEncoder(out)
	to.SetEscapeHTML(false)
	for d, err := range v.duties {
		if err != nil {
			return err
		}
		if err := to.Encode(d.Line(v.calendar.Location())); err != nil {
			return err
		}
	}
	return nil
}

func (v *dutiesView) writeCSV(out io.Writer) error {
	sheet := intake.NewSheet(out, "case", "duty", "title", "attempt", "owner", "person", "manager", "team", "opened_at", "opens_from", "due_at", "state", "basis", "why")
	for d, err := range v.duties {
		if err != nil {
			return err
		}
		l := d.Line(v.calendar.Location())
		attempt := ""
		if l.Attempt > 0 {
			attempt = strconv.Itoa(l.Attempt)
		}
		sheet.Row(l.Case, l.Duty, l.Title, attempt, string(l.Owner), l.Person, l.Manager, l.Team, l.Opened, l.OpensFrom, l.Due, string(l.State), string(l.Basis), l.Why)
	}
	return sheet.End()
}
