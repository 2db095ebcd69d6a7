package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"time"

	"example.org/doorstep/pathway"
)

// DutyFigure is what figures need of a duty.
type DutyFigure struct {
	Duty, Pathway, Team     string
	Opened, Due, Met, Ended time.Time // Due: the one that had passed, where it was moved when it was overdue
}

// VisitFigure is an unsuccessful visit, or an event that voids one.
type VisitFigure struct {
	pathway.Event
	Pathway, Team string // the pathway by which it opened duties, or else the case's now
}

const (
	// A duty that no event calls for any more counts for nothing.
	selectDutyFigures = `SELECT d.duty, d.pathway, c.team, d.opened_at, COALESCE(d.late_since, d.due_at), d.met_at, d.ended_at
FROM duties d JOIN cases c ON c.ref = d.case_ref WHERE d.opened_at < $1 AND d.derived <> -1
	AND (COALESCE(d.late_since, d.due_at) < $1 AND COALESCE(d.met_at, d.ended_at, $1) > $2 OR d.opened_at >= $2 AND %s)`

	selectVisitFigures = `SELECT e.case_ref, e.id, e.kind, e.at, e.recorded_at, e.value, e.way, c.team,
	COALESCE((SELECT MIN(d.pathway) FROM duties d WHERE d.case_ref = e.case_ref AND d.opening = e.id), c.now_pathway)
FROM events e JOIN cases c ON c.ref = e.case_ref
WHERE e.kind = 'voided' OR e.kind IN ('no-access', 'not-seen', 'not-brought') AND e.at >= $1 AND e.at < $2
ORDER BY e.case_ref, e.at, e.id`
)

// DutyFigures returns the duties that opened before until and that may have been overdue at
// some time since from, and of those that opened since then the ones of these ids. It ends
// with the first error.
func (s *Store) DutyFigures(ctx context.Context, from, until time.Time, ids []string) iter.Seq2[DutyFigure, error] {
	query := fmt.Sprintf(selectDutyFigures, s.dialect.isAny("d.duty", 3))
	return figures(ctx, s, query, []any{until.UnixMilli(), from.UnixMilli(), s.dialect.listArgument(ids)}, func(rows *sql.Rows) (f DutyFigure, err error) {
		err = rows.Scan(&f.Duty, &f.Pathway, &f.Team, readInstant(&f.Opened), readInstant(&f.Due), readInstant(&f.Met), readInstant(&f.Ended))
		return f, err
	})
}

// VisitFigures returns the unsuccessful visits from one instant until before another,
// and all events that void some event, the cases one after the other. It ends with the
// first error.
func (s *Store) VisitFigures(ctx context.Context, from, until time.Time) iter.Seq2[VisitFigure, error] {
	return figures(ctx, s, selectVisitFigures, []any{from.UnixMilli(), until.UnixMilli()}, func(rows *sql.Rows) (f VisitFigure, err error) {
		err = rows.Scan(&f.Case, &f.ID, &f.Kind, readInstant(&f.At), readInstant(&f.Recorded), &f.Value, &f.Way, &f.Team, &f.Pathway)
		return f, err
	})
}

// figures yields what scan reads of the rows of a query, one after the other.
func figures[T any](ctx context.Context, s *Store, query string, args []any, scan func(*sql.Rows) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := s.long.QueryContext(ctx, query, args...)
		if err != nil {
			yield(none, fmt.Errorf("read figures: %w", explain(err)))
			return
		}
		defer rows.Close()
		for rows.Next() {
			f, err := scan(rows)
			if err != nil {
				yield(none, fmt.Errorf("read figures: %w", explain(err)))
				return
			}
			if !yield(f, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, fmt.Errorf("read figures: %w", explain(err)))
		}
	}
}
