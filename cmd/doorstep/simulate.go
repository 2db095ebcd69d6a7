package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/scheduler/rehearsal"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/intake"
)

func simulateCommand(o *options) *cobra.Command {
	var files simulationFiles
	var from, to, format, faults string
	var report bool
	c := &cobra.Command{
		Use:   "simulate --people F --cases F --events F --from T --to T",
		Short: "Show what would be due, sent and printed, on a virtual clock",
		Long: `Runs the real rules, scheduler and store on a virtual clock, in memory, and
prints what would be due, sent and printed between --from and --to. It sends
nothing and leaves the configured database alone. A case becomes known when it is opened, an
event when it is recorded; what came before --from has happened when it begins.

With --faults it is a drill: the file (CSV: from,until,channel,person,fault) says
what is wrong with a channel and for how long, and the output has a line for
everything that then happens to a message on its way: which tries fail, what goes
by the other channel, who is told instead, and what operations hear of it (as text,
less the tries that only show that a channel is still stopped). A fault is down,
busy, lost-answer, Twilio's code for a text such as 21211 or 30003, or a mail
server's answer to an email such as 550 5.1.1 or "554 5.7.1 Relay access denied";
an empty channel or person means every one.

With --report it prints the figures of that time instead, as doorstep report does for
what has really happened; --format is text or csv then.

Times are 2026-12-24, "2026-12-24 16:00" in the organisation's time zone, or
RFC 3339.`,
		Example: "  doorstep simulate --people people.csv --cases cases.csv --events events.csv --from 2026-09-01 --to 2026-10-01 --format text",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := o.load()
			if err != nil {
				return err
			}
			for flag, value := range map[string]string{"--people": files.people, "--cases": files.cases, "--from": from, "--to": to} {
				if value == "" {
					return badInput{fmt.Errorf("%s is missing: see doorstep simulate --help", flag)}
				}
			}
			if report && !c.Flags().Changed("format") {
				format = formatText
			}
			var print printer
			if report {
				err = checkReportFormat(format)
			} else if print, err = printerOf(format, c.OutOrStdout(), s.calendar.Location()); err != nil {
				err = badInput{err}
			}
			if err != nil {
				return err
			}
			sim := simulation{setup: s}
			if sim.from, err = intake.ParseTime(from, s.calendar.Location()); err != nil {
				return badInput{fmt.Errorf("--from: %w", err)}
			}
			if sim.to, err = intake.ParseTime(to, s.calendar.Location()); err != nil {
				return badInput{fmt.Errorf("--to: %w", err)}
			}
			if sim.to.Before(sim.from) {
				return badInput{errors.New("--to is before --from: swap them")}
			}
			if err := sim.read(c.Context(), files); err != nil {
				return err
			}
			if faults != "" {
				if err := sim.readFaults(faults); err != nil {
					return err
				}
			}
			if report {
				sim.report = func(figures *casefile.Figures) error {
					return writeReport(c.OutOrStdout(), figures, format, s.calendar)
				}
			}
			lines, err := sim.run(c.Context(), "sqlite::memory:")
			if err != nil || report {
				return err
			}
			return print(lines)
		},
	}
	c.Flags().StringVar(&files.people, "people", "", "people CSV")
	c.Flags().StringVar(&files.cases, "cases", "", "cases CSV")
	c.Flags().StringVar(&files.events, "events", "", "events CSV")
	c.Flags().StringArrayVar(&files.mappings, "mapping", nil, "a column mapping that its files are written in: its name, or its file (.yaml); once for each sort of file")
	c.Flags().StringArrayVar(&files.sheets, "sheet", nil, "a sheet of a workbook, as cases=SHEET")
	c.Flags().StringVar(&from, "from", "", "when to begin")
	c.Flags().StringVar(&to, "to", "", "when to end")
	c.Flags().StringVar(&format, "format", formatJSONL, "jsonl or text; with --report text or csv")
	c.Flags().BoolVar(&report, "report", false, "print figures by month, team and pathway instead")
	c.Flags().StringVar(&faults, "faults", "", "CSV of what goes wrong with messages on their way")
	return c
}

// simulationFiles are the files of a simulation, CSV or workbooks, and how they are
// written.
type simulationFiles struct {
	people, cases, events string
	mappings, sheets      []string
}

// simulation is a rehearsal of what the configuration says.
type simulation struct {
	*setup
	from, to time.Time
	caseload rehearsal.Caseload
	channels map[string]notify.Channel     // nil: nothing takes the messages
	followed bool                          // its messages are, on their way
	queue    time.Time                     // from when cards and letters wait in the database too; zero: none do
	report   func(*casefile.Figures) error // nil: nobody asks for figures
}

// read reads the files of the simulation. What is wrong with any of them is
// reported together.
func (s *simulation) read(ctx context.Context, files simulationFiles) error {
	var faults []error
	mappings, err := s.mappingsBySort(files.mappings)
	if err != nil {
		return err
	}
	sheets, err := sheetsBySort(files.sheets)
	if err != nil {
		return err
	}
	for _, f := range []struct{ of, path string }{
		{intake.People, files.people}, {intake.Cases, files.cases}, {intake.Events, files.events},
	} {
		if f.path == "" {
			continue // a caseload without events
		}
		if err := s.readFile(ctx, f.path, intake.Options{Of: f.of, Mapping: mappings[f.of], Sheet: sheets[f.of]}); err != nil {
			faults = append(faults, err)
		}
	}
	if len(faults) > 0 {
		return badInput{errors.Join(faults...)}
	}
	return nil
}

func (s *simulation) readFile(ctx context.Context, path string, o intake.Options) error {
	in, err := readable(path)
	if err != nil {
		return err
	}
	defer in.Close()
	o.File, o.Rules = pathway.Escaped(filepath.Base(path)), s.configuredRules()
	return s.caseload.Read(ctx, in, s.to, o)
}

// readFaults reads the file of --faults and lets messages fail by it.
func (s *simulation) readFaults(path string) error {
	in, err := readable(path)
	if err != nil {
		return err
	}
	defer in.Close()
	outages, err := rehearsal.ReadOutages(in, filepath.Base(path), &s.caseload, s.calendar.Location())
	if err != nil {
		return err
	}
	s.channels, s.followed = s.caseload.FaultyChannels(outages), true
	return nil
}

// run follows the caseload in a new database, which is made when there is none at
// url, and returns what happened, in order of time.
func (s *simulation) run(ctx context.Context, url string) (lines []rehearsal.Line, err error) {
	db, err := store.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx); err != nil {
		return nil, err
	}
	rules, err := s.rules(ctx, db)
	if err != nil {
		return nil, err
	}
	tables, err := s.paperTables()
	if err != nil {
		return nil, err
	}
	r := rehearsal.Rehearsal{
		Caseload: &s.caseload, Rules: rules,
		Schedules: scheduler.Schedules{Scan: s.config.Schedules.Scan, Digest: s.config.Schedules.Digest},
		From:      s.from, To: s.to,
		DutyDesk: s.dutyDesk, Operations: s.config.Operations(), TextsADay: s.config.SMS.PerPersonDay, AcknowledgementLasts: s.config.AcknowledgementLasts,
		Channels: s.channels, Followed: s.followed,
		Tables: tables, QueueFrom: s.queue,
	}
	lines, err = r.Run(ctx, db)
	if err != nil || s.report == nil {
		return lines, err
	}
	figures, err := casefile.CountFigures(ctx, db, s.calendar, s.from, s.to, s.to)
	if err != nil {
		return nil, err
	}
	return lines, s.report(figures)
}

// printer prints the lines of a simulation.
type printer func([]rehearsal.Line) error

const (
	formatJSONL = "jsonl"
	formatText  = "text"
)

func printerOf(format string, out io.Writer, zone *time.Location) (printer, error) {
	var write func(*rehearsal.Line, io.Writer, *time.Location) error
	switch format {
	case formatJSONL:
		write = (*rehearsal.Line).WriteJSON
	case formatText:
		write = (*rehearsal.Line).WriteText
	default:
		return nil, fmt.Errorf("--format: %q is not known: use jsonl or text", format)
	}
	return func(lines []rehearsal.Line) error {
		w := bufio.NewWriter(out)
		for i := range lines {
			if err := write(&lines[i], w, zone); err != nil {
				return err
			}
		}
		return w.Flush()
	}, nil
}
