package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// RecordOptions say how a few events are recorded.
type RecordOptions struct {
	Rules *pathway.Rules
	// Way is by which way the events come: pathway.Event.Way.
	Way string
	// Paper decides what an event calls for on paper: IntakeOptions.Paper.
	Paper *pathway.PaperTables
	// KeepIf is asked, once it is known what would change, whether it is wanted; nil:
	// it is. Where it says no nothing is kept.
	KeepIf func(*Recorded) bool
}

// Recorded is what a few events have changed.
type Recorded struct {
	Changes
	Duties map[string][]pathway.DutyStep // what has become of duties, by case
	Notes  []pathway.RowNote             // Row: which of the events, from 1
	Kept   bool
}

// InvalidEvents is why events are refused. Row says which of them, from 1.
type InvalidEvents []pathway.RowFault

func (f InvalidEvents) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fmt.Sprintf("%s: %s", fault.Column, fault.Message)
	}
	return strings.Join(lines, "; ")
}

// Record takes in one or a few events at once, all or none, with everything that
// follows from them, as an intake would and by the same check: a file that repeats
// them later changes nothing. It is for what people say by a text, a page or a call.
// by is who says it, for events that name nobody. It waits for others that record
// on the same cases, and for an intake only where that has one of them to change,
// builds indexes anew, or works on SQLite, which has one writer.
//
// What is wrong with the events is a pathway.Problem that holds InvalidEvents.
func (s *Store) Record(ctx context.Context, now time.Time, by string, events []pathway.Event, o RecordOptions) (Recorded, error) {
	r := recording{store: s, now: truncated(now), by: by, options: o}
	if err := r.add(events); err != nil {
		return Recorded{}, err
	}
	release, err := s.takeTurn(ctx)
	if err != nil {
		return Recorded{}, err
	}
	defer release()
	conn, err := connection(ctx, s.db)
	if err != nil {
		return Recorded{}, fmt.Errorf("record events: %w", explain(err))
	}
	defer conn.Close()
	for try := 1; ; try++ {
		recorded, err := r.try(ctx, conn)
		if err == nil || try == mostTries || !lostRace(err) {
			if err != nil && pathway.ProblemOf(err) == 0 {
				err = fmt.Errorf("record events: %w", explain(err))
			}
			return recorded, err
		}
	}
}

// recording is a few events on their way.
type recording struct {
	store   *Store
	now     time.Time
	by      string // who says it
	options RecordOptions
	works   []*caseWork // in order of reference
}

// add checks the events and puts those of a case together.
func (r *recording) add(events []pathway.Event) error {
	check := pathway.NewChecker(r.options.Rules, r.now)
	var faults InvalidEvents
	for i, e := range events {
		if e.By == "" {
			e.By = r.by
		}
		prepareEvent(&e, r.now)
		faults = append(faults, pathway.RowsOf(pathway.OfEvents, i+1, check.Event(&e))...)
		at, found := slices.BinarySearchFunc(r.works, e.Case, func(w *caseWork, ref string) int { return strings.Compare(w.Ref, ref) })
		if !found {
			r.works = slices.Insert(r.works, at, newCaseWork(e.Case, r.options.Way))
		}
		r.works[at].Events = append(r.works[at].Events, pathway.EventRow{Row: i + 1, Event: e, Given: pathway.GivenAll})
	}
	if len(faults) > 0 {
		return pathway.AsProblem(pathway.Refused, faults)
	}
	return nil
}

// try is Record's transaction.
func (r *recording) try(ctx context.Context, conn *sql.Conn) (Recorded, error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return Recorded{}, err
	}
	defer tx.Rollback()
	if err := r.store.limitTransaction(ctx, r.store.db, tx); err != nil {
		return Recorded{}, err
	}
	recorded, err := r.workOut(ctx, tx)
	if err != nil || r.options.KeepIf != nil && !r.options.KeepIf(&recorded) {
		return recorded, err
	}
	out := newCaseWriter(ctx, r.store, &session{dialect: &r.store.dialect, conn: conn}, r.now, Origin{Who: r.by})
	for _, w := range r.works {
		out.write(w)
	}
	if err := out.flush(); err != nil {
		return Recorded{}, err
	}
	recorded.Kept = true
	return recorded, tx.Commit()
}

// workOut holds the cases and finds out what the events change.
func (r *recording) workOut(ctx context.Context, tx *sql.Tx) (recorded Recorded, err error) {
	for _, w := range r.works {
		w.Recording = w.again()
	}
	known := knowledge{tx, &r.store.dialect}
	if err := known.share(ctx); err != nil {
		return recorded, err
	}
	if err := known.hold(ctx, r.works); err != nil {
		return recorded, err
	}
	if err := known.lookUp(ctx, r.works, r.options.Paper != nil); err != nil {
		return recorded, err
	}
	roles, err := known.roles(ctx, r.works, nil)
	if err != nil {
		return recorded, err
	}
	recorded.Duties = map[string][]pathway.DutyStep{}
	var faults InvalidEvents
	for _, w := range r.works {
		w.Roles = roles
		w.WorkOut(r.options.Rules, r.options.Paper, r.now)
		faults = append(faults, w.Faults...)
		recorded.count(&w.Recording)
		if steps := w.DutySteps(); len(steps) > 0 {
			recorded.Duties[w.Ref] = steps
		}
		recorded.Notes = append(recorded.Notes, w.Notes(r.options.Rules, mostReported)...)
	}
	if len(faults) > 0 {
		return Recorded{}, pathway.AsProblem(pathway.Refused, faults)
	}
	return recorded, nil
}
