package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

func simulateCommand(o *options) *cobra.Command {
	var files simulationFiles
	var from, to, format, faults string
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
less the tries that only show that a channel is still stopped). A fault is down, busy, lost-answer, or a
provider's code such as 21211 or 30003; an empty channel or person means every one.

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
			print, err := printerOf(format, c.OutOrStdout(), s.calendar.Location())
			if err != nil {
				return badInput{err}
			}
			sim := simulation{setup: s, print: print}
			if sim.from, err = parseTime(from, s.calendar); err != nil {
				return badInput{fmt.Errorf("--from: %w", err)}
			}
			if sim.to, err = parseTime(to, s.calendar); err != nil {
				return badInput{fmt.Errorf("--to: %w", err)}
			}
			if sim.to.Before(sim.from) {
				return badInput{errors.New("--to is before --from: swap them")}
			}
			if err := sim.read(c.Context(), files); err != nil {
				return err
			}
			if faults != "" {
				outages, err := sim.readFaults(faults)
				if err != nil {
					return err
				}
				sim.channels, sim.followed = sim.faultyChannels(outages), true
			}
			return sim.run(c.Context())
		},
	}
	c.Flags().StringVar(&files.people, "people", "", "people CSV")
	c.Flags().StringVar(&files.cases, "cases", "", "cases CSV")
	c.Flags().StringVar(&files.events, "events", "", "events CSV")
	c.Flags().StringVar(&from, "from", "", "when to begin")
	c.Flags().StringVar(&to, "to", "", "when to end")
	c.Flags().StringVar(&format, "format", formatJSONL, "jsonl or text")
	c.Flags().StringVar(&faults, "faults", "", "CSV of what goes wrong with messages on their way")
	return c
}

// simulationFiles are the CSV files of a simulation.
type simulationFiles struct{ people, cases, events string }

// simulation is a caseload and the stretch of time it is followed through.
type simulation struct {
	*setup
	from, to time.Time
	print    printer
	followed bool                      // its messages are, on their way
	channels map[string]notify.Channel // nil: nothing takes the messages

	names  map[string]string // of the files, by what they hold
	people []row[pathway.Person]
	cases  []row[pathway.Case]
	events []row[pathway.Event]
}

// row is a record and the line it stood on.
type row[T any] struct {
	line  int
	value T
}

// run lives through the time and prints what happened.
func (s *simulation) run(ctx context.Context) (err error) {
	db, err := store.Open(ctx, "sqlite::memory:")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	lines, err := s.live(ctx, db)
	if err != nil {
		return err
	}
	return s.print(lines)
}

// live runs the simulation on a database and returns the lines to print, in
// order of time.
func (s *simulation) live(ctx context.Context, db *store.Store) ([]line, error) {
	rules, err := s.rules(ctx, db)
	if err != nil {
		return nil, err
	}
	if err := s.takeInPeople(ctx, db, rules); err != nil {
		return nil, err
	}
	var lines []line
	sim := scheduler.Simulation{
		Store: db, Rules: rules, DutyDesk: s.dutyDesk,
		Schedules: scheduler.Schedules{Scan: s.config.Schedules.Scan, Digest: s.config.Schedules.Digest},
		From:      s.from, To: s.to,
		Channels: s.channels, Operations: s.config.Operations(), TextsADay: s.config.SMS.PerPersonDay,
		Arrivals: s.arrivals(),
		Intake:   func(ctx context.Context, at time.Time) error { return s.takeIn(ctx, db, rules, at) },
		Reminder: func(r scheduler.SimulatedReminder) { lines = append(lines, messageLine(r)) },
		Digest:   func(d scheduler.SimulatedDigest) { lines = append(lines, digestLine(d)) },
	}
	if s.followed {
		sim.Delivery = func(d scheduler.SimulatedDelivery) { lines = append(lines, deliveryLine(d)) }
	}
	if err := sim.Run(ctx); err != nil {
		return nil, err
	}
	duties, err := s.duties(ctx, db)
	if err != nil {
		return nil, err
	}
	lines = append(lines, duties...)
	prints, err := s.prints(rules)
	if err != nil {
		return nil, err
	}
	lines = append(lines, prints...)
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order, b.order))
	})
	return lines, nil
}

// arrivals are the instants at which something becomes known.
func (s *simulation) arrivals() []time.Time {
	var at []time.Time
	for _, c := range s.cases {
		at = append(at, c.value.Opened)
	}
	for _, e := range s.events {
		at = append(at, e.value.Recorded)
	}
	return at
}

// takeInPeople makes the people known before anything happens.
func (s *simulation) takeInPeople(ctx context.Context, db *store.Store, rules *pathway.Rules) error {
	in, err := db.NewIntake(ctx, rules, store.IntakeOptions{Now: s.from})
	if err != nil {
		return err
	}
	defer in.Rollback()
	for _, p := range s.people {
		if err := in.AddPerson(p.line, p.value); err != nil {
			return err
		}
	}
	return s.commit(ctx, in)
}

// takeIn makes known what becomes known at one instant.
func (s *simulation) takeIn(ctx context.Context, db *store.Store, rules *pathway.Rules, at time.Time) error {
	in, err := db.NewIntake(ctx, rules, store.IntakeOptions{Now: at})
	if err != nil {
		return err
	}
	defer in.Rollback()
	for _, c := range s.cases {
		if c.value.Opened.Equal(at) {
			if err := in.AddCase(c.line, c.value); err != nil {
				return err
			}
		}
	}
	for _, e := range s.events {
		if e.value.Recorded.Equal(at) {
			if err := in.AddEvent(e.line, e.value); err != nil {
				return err
			}
		}
	}
	return s.commit(ctx, in)
}

// commit commits an intake and makes bad input of its faults.
func (s *simulation) commit(ctx context.Context, in *store.Intake) error {
	result, err := in.Commit(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, f := range result.Faults {
		fault := intake.Fault{Row: f.Row, Column: f.Column, Message: f.Message}
		faults = append(faults, errors.New(fault.In(s.names[f.Of])))
	}
	if len(faults) > 0 {
		return badInput{errors.Join(faults...)}
	}
	return nil
}

// duties are the duties that were open at some time of the simulation.
func (s *simulation) duties(ctx context.Context, db *store.Store) ([]line, error) {
	var lines []line
	for _, c := range s.cases {
		file, err := db.Case(ctx, c.value.Ref)
		if errors.Is(err, store.ErrNotFound) {
			continue // opened after --to
		}
		if err != nil {
			return nil, err
		}
		for i := range file.Duties {
			d := &file.Duties[i].Duty
			if over := latest(d.Met, d.Ended); !over.IsZero() && over.Before(s.from) {
				continue
			}
			lines = append(lines, dutyLine(d, s.to))
		}
	}
	return lines, nil
}

// latest returns the later of two instants.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// parseTime reads a time as the command line writes it.
func parseTime(s string, cal *pathway.Calendar) (time.Time, error) {
	if d, err := pathway.ParseDate(s); err == nil {
		return cal.StartOf(d), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation("2006-01-02 15:04", s, cal.Location()); err == nil {
		return t, nil
	}
	return time.Time{}, fmt.Errorf("%q is not a time: write 2026-12-24, \"2026-12-24 16:00\" or 2026-12-24T16:00:00Z", s)
}

// printer prints the lines of a simulation.
type printer func([]line) error

const (
	formatJSONL = "jsonl"
	formatText  = "text"
)

func printerOf(format string, out io.Writer, zone *time.Location) (printer, error) {
	var write func(io.Writer, line, *time.Location) error
	switch format {
	case formatJSONL:
		write = writeJSON
	case formatText:
		write = writeText
	default:
		return nil, fmt.Errorf("--format: %q is not known: use jsonl or text", format)
	}
	return func(lines []line) error {
		w := bufio.NewWriter(out)
		for _, l := range lines {
			if err := write(w, l, zone); err != nil {
				return err
			}
		}
		return w.Flush()
	}, nil
}
