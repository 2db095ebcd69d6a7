// Package rehearsal lives through a stretch of time with a caseload that is handed
// to it, on a virtual clock: the rules, the scheduler and the store are the real
// ones, and what they would have done comes back as lines. `simulate` and `demo`
// are made of it.
//
// It promises that the same caseload over the same time gives the same lines, and
// that what it costs grows with what happens, not with the square of it. It sends
// nothing but to the channels it is handed, writes to no database but the one it is
// handed, and reads no clock.
package rehearsal

import (
	"cmp"
	"context"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards/printing"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
)

// Rehearsal is a caseload and the stretch of time it is followed through.
//
// A case becomes known when it is opened, an event when it is recorded. What came
// before From has happened when it begins.
type Rehearsal struct {
	*Caseload
	Rules     *pathway.Rules
	Schedules scheduler.Schedules // Scan and Digest
	From, To  time.Time           // both included

	DutyDesk             func(team string) *pathway.Person
	Operations           *pathway.Person
	TextsADay            int
	AcknowledgementLasts time.Duration

	Channels map[string]notify.Channel // nil: nothing takes the messages
	Followed bool                      // there are lines of what becomes of each message on its way

	// Tables say which cards and letters the events call for; nil: none.
	Tables *pathway.PaperTables
	// QueueFrom is from when on they wait in the database too, for its print room: who
	// printed those before does not come into it. Zero: none wait.
	QueueFrom time.Time
}

// Run lives through the time in an empty, migrated database and returns what
// happened, in order of time. Bad rows of the caseload are a Problem.
func (r *Rehearsal) Run(ctx context.Context, db *store.Store) ([]Line, error) {
	if err := r.takeInPeople(ctx, db); err != nil {
		return nil, err
	}
	arrivals := r.arrivals()
	var lines []Line
	sim := scheduler.Simulation{
		Store: db, Rules: r.Rules, DutyDesk: r.DutyDesk,
		Schedules: r.Schedules,
		From:      r.From, To: r.To,
		Channels: r.Channels, Operations: r.Operations, TextsADay: r.TextsADay, AcknowledgementLasts: r.AcknowledgementLasts,
		Arrivals: arrivals.instants(),
		Intake:   func(ctx context.Context, at time.Time) error { return r.takeInArrivals(ctx, db, arrivals, at) },
		Reminder: func(s scheduler.SimulatedReminder) { lines = append(lines, Line{At: s.At, Reminder: &s}) },
		Digest:   func(d scheduler.SimulatedDigest) { lines = append(lines, Line{At: d.At, Digest: &d}) },
	}
	if r.Followed {
		sim.Delivery = func(d scheduler.SimulatedDelivery) { lines = append(lines, Line{At: d.At, Delivery: &d}) }
	}
	if err := sim.Run(ctx); err != nil {
		return nil, err
	}
	duties, err := r.duties(ctx, db)
	if err != nil {
		return nil, err
	}
	lines = append(lines, duties...)
	if r.Tables != nil {
		called, err := printing.CalledFor(r.Rules, r.Tables, r.Cases(), r.Events(), r.From, r.To)
		if err != nil {
			return nil, err
		}
		for i := range called {
			lines = append(lines, Line{At: called[i].Recorded, Print: &called[i]})
		}
	}
	slices.SortStableFunc(lines, func(a, b Line) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.order(), b.order()))
	})
	return lines, nil
}
