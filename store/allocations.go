package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// AllocatedCases is how many open cases the same people are on.
type AllocatedCases struct {
	pathway.Allocation
	Cases int
}

const (
	allocations = `SELECT now_practitioner, now_manager, chair, team, COUNT(*) FROM cases WHERE NOT closed AND %s
GROUP BY team, now_practitioner, now_manager, chair ORDER BY team, now_practitioner, now_manager, chair`

	// Whoever has a case is found by one of them.
	withCases = `SELECT id FROM people p WHERE %s AND (
	EXISTS (SELECT 1 FROM cases c WHERE c.now_practitioner = p.id AND NOT c.closed) OR
	EXISTS (SELECT 1 FROM cases c WHERE c.now_manager = p.id AND NOT c.closed))`

	// Each of somebody's newest is found at the end of an index.
	lastAnswers = `SELECT a.value, (SELECT MAX(r.received_at) FROM replies r WHERE r.person = a.value),
	(SELECT MAX(e.recorded_at) FROM events e WHERE e.kind = 'acknowledged' AND e.by_person = a.value) FROM %s`
)

// Allocations returns who is who on the open cases of some teams, in order of team. Nil
// stands for all: then it reads every open case.
func (s *Store) Allocations(ctx context.Context, teams []string) ([]AllocatedCases, error) {
	query, args := s.allocations(teams)
	return collect(ctx, s, "read who is on which cases", query, args, func(rows *sql.Rows) (a AllocatedCases, err error) {
		err = rows.Scan(&a.Practitioner, &a.Manager, &a.Chair, &a.Team, &a.Cases)
		return a, err
	})
}

func (s *Store) allocations(teams []string) (query string, args []any) {
	if teams == nil {
		return fmt.Sprintf(allocations, "1 = 1"), nil
	}
	return fmt.Sprintf(allocations, s.dialect.isAny("team", 1)), []any{s.dialect.listArgument(teams)}
}

// WithCases returns those of these people who are practitioner or manager of an open case.
func (s *Store) WithCases(ctx context.Context, ids []string) (map[string]bool, error) {
	found, err := collect(ctx, s, "look for who has cases", s.withCases(), []any{s.dialect.listArgument(ids)}, scanText)
	with := make(map[string]bool, len(found))
	for _, id := range found {
		with[id] = true
	}
	return with, err
}

func (s *Store) withCases() string { return fmt.Sprintf(withCases, s.dialect.isAny("p.id", 1)) }

// LastAnswers returns when each of these people last answered a text or acknowledged a
// duty. Who never has is left out.
func (s *Store) LastAnswers(ctx context.Context, people []string) (map[string]time.Time, error) {
	last := map[string]time.Time{}
	if len(people) == 0 {
		return last, nil
	}
	_, err := collect(ctx, s, "look for who has answered", s.lastAnswers(), []any{s.dialect.listArgument(people)}, func(rows *sql.Rows) (none struct{}, err error) {
		var person string
		var replied, acknowledged sql.NullInt64
		err = rows.Scan(&person, &replied, &acknowledged)
		if at := max(replied.Int64, acknowledged.Int64); replied.Valid || acknowledged.Valid {
			last[person] = time.UnixMilli(at).UTC()
		}
		return none, err
	})
	return last, err
}

func (s *Store) lastAnswers() string { return fmt.Sprintf(lastAnswers, s.dialect.listed(1)) }
