package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"example.org/doorstep/pathway"
)

// QueuedPrint is something that waits to be printed, as far as a long queue is counted.
type QueuedPrint struct {
	ID   int64
	Kind string
	// Noted says that something is noted of it: it is a call, or it was refused or could not
	// be printed when somebody last tried.
	Noted bool
}

const (
	// The order of a CROSS JOIN is the order in which SQLite reads: from the cases to what
	// waits for them.
	selectQueued = `SELECT p.id, p.kind, CASE WHEN p.kind = 'phone' OR p.refused <> '' OR p.unprintable <> '' THEN 1 ELSE 0 END
FROM %s c CROSS JOIN print_items p WHERE p.case_ref = c.ref AND p.state = 'queued'%s
ORDER BY c.team, c.now_practitioner, c.postcode, p.case_ref, p.id`

	selectQueuedByID = "SELECT " + printColumns + ", c.team, c.now_practitioner, c.postcode" + fromPrints + `JOIN cases c ON c.ref = p.case_ref
WHERE p.state = 'queued' AND %s ORDER BY c.team, c.now_practitioner, c.postcode, p.case_ref, p.id`
)

// QueuedPrints returns what waits to be printed, in the order of PrintQueue: of one open
// case or of all (empty), of those that a scope holds or of all (nil).
func (s *Store) QueuedPrints(ctx context.Context, ref string, scope *pathway.Scope) ([]QueuedPrint, error) {
	query, args := s.queuedPrints(ref, scope)
	return collect(ctx, s, "read what waits to be printed", query, args, func(rows *sql.Rows) (q QueuedPrint, err error) {
		err = rows.Scan(&q.ID, &q.Kind, &q.Noted)
		return q, err
	})
}

func (s *Store) queuedPrints(ref string, scope *pathway.Scope) (query string, args []any) {
	const columns = "ref, team, now_practitioner, postcode"
	cases := "(SELECT " + columns + " FROM cases WHERE NOT closed)"
	if scope != nil {
		cases = s.dialect.casesIn(scope, columns, 0, &args)
	}
	only := ""
	if ref != "" {
		args = append(args, ref)
		only = fmt.Sprintf(" AND c.ref = $%d", len(args))
	}
	return fmt.Sprintf(selectQueued, cases, only), args
}

// QueuedByID returns those of these that wait still, in the order of PrintQueue.
func (s *Store) QueuedByID(ctx context.Context, ids []int64) ([]Print, error) {
	query := strings.Replace(selectQueuedByID, "%s", s.dialect.isAny("p.id", 1), 1)
	return collect(ctx, s, "read what waits to be printed", query, []any{s.dialect.numbersArgument(ids)}, func(rows *sql.Rows) (p Print, err error) {
		err = p.scan(rows, &p.Team, &p.Practitioner, &p.Postcode)
		return p, err
	})
}
