package casefile

import (
	"context"
	"errors"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Recorded is what an event that somebody recorded by itself has changed.
type Recorded struct {
	Event   pathway.Event // as it is kept
	Known   bool          // it was recorded before, and nothing changed
	Duties  []Step
	Notes   []string // what whoever recorded it should know
	Waiting []Paper  // what now waits to be printed, or to be phoned, because of it
}

// Step is what has become of one duty.
type Step struct {
	pathway.Becoming
	Was  time.Time // when it was due before; zero: it is new
	Duty           // as it stands now
}

// Record takes in one event as a row of a file would be, by the same check, and says
// what it has changed. by is who says it, where the event names nobody, and way how (WayCommand).
// For a case or
// a person that there is not, and for an event that is refused, the error is a
// pathway.Problem; what is wrong with its values is a store.InvalidEvents.
func Record(ctx context.Context, db *store.Store, rules *pathway.Rules, paper *pathway.PaperTables, now time.Time, by, way string, e pathway.Event) (*Recorded, error) {
	if err := isKnown(ctx, db, &e); err != nil {
		return nil, err
	}
	done, err := db.Record(ctx, now, by, []pathway.Event{e}, store.RecordOptions{Rules: rules, Way: way, Paper: paper})
	if err != nil {
		return nil, err
	}
	r := &Recorded{Event: e, Known: done.Added == 0}
	for _, n := range done.Notes {
		r.Notes = append(r.Notes, n.Message)
	}
	file, err := Case(ctx, db, rules, e.Case, now)
	if err != nil {
		return nil, err
	}
	for _, step := range done.Duties[e.Case] {
		for i := range file.Duties {
			if d := &file.Duties[i]; d.Duty.Duty.ID == step.Duty && d.Opening == step.Opening {
				r.Duties = append(r.Duties, Step{step.Becoming, step.Was, *d})
			}
		}
	}
	for i := range file.Paper {
		if p := &file.Paper[i]; !r.Known && p.Event == e.ID && p.State == store.PrintQueued {
			r.Waiting = append(r.Waiting, *p)
		}
	}
	return r, nil
}

// isKnown makes sure that the case and the people that an event names are there, so
// that whoever mistyped one is told which may be meant.
func isKnown(ctx context.Context, db *store.Store, e *pathway.Event) error {
	if _, err := db.Case(ctx, e.Case); errors.Is(err, store.ErrNotFound) {
		return db.NoCase(ctx, e.Case)
	} else if err != nil {
		return err
	}
	people := map[string]string{"by": e.By}
	if pathway.KindOf(e.Kind).Form == pathway.OfPerson {
		people["value"] = e.Value
	}
	for _, column := range []string{"by", "value"} {
		if people[column] == "" {
			continue
		}
		_, err := db.Person(ctx, people[column])
		if pathway.ProblemOf(err) == pathway.NotFound {
			return &UnknownPerson{column, err}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// UnknownPerson says in which column an event names somebody whom there is not. It is a
// pathway.Problem: NotFound.
type UnknownPerson struct {
	Column string
	err    error
}

func (u *UnknownPerson) Error() string { return u.err.Error() }
func (u *UnknownPerson) Unwrap() error { return u.err }
