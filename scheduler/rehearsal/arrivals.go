package rehearsal

import (
	"context"
	"errors"
	"slices"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

// arrivals are the cases and events that have not become known yet, each in the
// order in which they do; those of one instant in the order of the files.
type arrivals struct {
	cases  []*row[pathway.Case]
	events []*row[pathway.Event]
}

func (c *Caseload) arrivals() *arrivals {
	a := &arrivals{}
	for i := range c.cases {
		a.cases = append(a.cases, &c.cases[i])
	}
	for i := range c.events {
		a.events = append(a.events, &c.events[i])
	}
	slices.SortStableFunc(a.cases, func(x, y *row[pathway.Case]) int { return x.value.Opened.Compare(y.value.Opened) })
	slices.SortStableFunc(a.events, func(x, y *row[pathway.Event]) int { return x.value.Recorded.Compare(y.value.Recorded) })
	return a
}

// instants are when something becomes known.
func (a *arrivals) instants() []time.Time {
	var at []time.Time
	for _, c := range a.cases {
		at = append(at, c.value.Opened)
	}
	for _, e := range a.events {
		at = append(at, e.value.Recorded)
	}
	return at
}

// upTo takes out what becomes known up to an instant.
func (a *arrivals) upTo(at time.Time) (cases []*row[pathway.Case], events []*row[pathway.Event]) {
	n := 0
	for n < len(a.cases) && !a.cases[n].value.Opened.After(at) {
		n++
	}
	cases, a.cases = a.cases[:n], a.cases[n:]
	n = 0
	for n < len(a.events) && !a.events[n].value.Recorded.After(at) {
		n++
	}
	events, a.events = a.events[:n], a.events[n:]
	return cases, events
}

// takeInPeople makes the people known before anything happens.
func (r *Rehearsal) takeInPeople(ctx context.Context, db *store.Store) error {
	return r.takeIn(ctx, db, r.From, func(in *store.Intake) error {
		for _, p := range r.people {
			if err := in.AddPerson(p.line, p.value, pathway.GivenAll); err != nil {
				return err
			}
		}
		return nil
	})
}

// takeInArrivals makes known what becomes known at an instant.
func (r *Rehearsal) takeInArrivals(ctx context.Context, db *store.Store, a *arrivals, at time.Time) error {
	return r.takeIn(ctx, db, at, func(in *store.Intake) error {
		cases, events := a.upTo(at)
		for _, c := range cases {
			if err := in.AddCase(c.line, c.value, pathway.GivenAll); err != nil {
				return err
			}
		}
		for _, e := range events {
			if err := in.AddEvent(e.line, e.value, pathway.GivenAll); err != nil {
				return err
			}
		}
		return nil
	})
}

// takeIn takes rows in. What is wrong with them is a Problem.
func (r *Rehearsal) takeIn(ctx context.Context, db *store.Store, at time.Time, add func(*store.Intake) error) error {
	options := store.IntakeOptions{Now: at}
	if !r.QueueFrom.IsZero() && !at.Before(r.QueueFrom) {
		options.Paper = r.Tables
	}
	in, err := db.NewIntake(ctx, r.Rules, options)
	if err != nil {
		return err
	}
	defer in.Rollback()
	if err := add(in); err != nil {
		return err
	}
	result, err := in.Commit(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, f := range result.Faults {
		fault := intake.Fault{Row: f.Row, Column: f.Column, Message: f.Message}
		faults = append(faults, errors.New(fault.In(r.names[f.Of])))
	}
	return pathway.AsProblem(pathway.Refused, errors.Join(faults...))
}
