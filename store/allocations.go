package store

import (
	"context"
	"database/sql"
	"time"

	"example.org/doorstep/pathway"
)

// AllocatedCases is how many open cases the same people are on.
type AllocatedCases struct {
	pathway.Allocation
	Cases int
}

const (
	allocations = `SELECT now_practitioner, now_manager, chair, team, COUNT(*) FROM cases WHERE NOT closed
GROUP BY team, now_practitioner, now_manager, chair ORDER BY team, now_practitioner, now_manager, chair`

	lastAnswers = `SELECT person, MAX(at) FROM (
	SELECT person, received_at AS at FROM replies WHERE person <> ''
	UNION ALL SELECT by_person, recorded_at FROM events WHERE kind = 'acknowledged' AND by_person <> '') heard
GROUP BY person`
)

// Allocations returns who is who on the open cases, in order of team. It reads every
// open case.
func (s *Store) Allocations(ctx context.Context) ([]AllocatedCases, error) {
	return collect(ctx, s, "read who is on which cases", allocations, nil, func(rows *sql.Rows) (a AllocatedCases, err error) {
		err = rows.Scan(&a.Practitioner, &a.Manager, &a.Chair, &a.Team, &a.Cases)
		return a, err
	})
}

// LastAnswers returns when somebody last answered a text or acknowledged a duty, by
// person. It reads all of them.
func (s *Store) LastAnswers(ctx context.Context) (map[string]time.Time, error) {
	last := map[string]time.Time{}
	_, err := collect(ctx, s, "look for who has answered", lastAnswers, nil, func(rows *sql.Rows) (none struct{}, err error) {
		var person string
		var at sql.NullInt64
		err = rows.Scan(&person, &at)
		last[person] = instant(at)
		return none, err
	})
	return last, err
}
