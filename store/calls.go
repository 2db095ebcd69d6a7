package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"example.org/doorstep/pathway"
)

// Call is a phone call to a family in place of a card or letter, of which nobody
// has been told.
type Call struct {
	ID         int64
	Case       string
	Why        string
	Allocation pathway.Allocation
}

// Key is the key of the message that tells of the call.
func (c *Call) Key() string { return callKey + strconv.FormatInt(c.ID, 10) }

const (
	callKey = "phone/"

	selectCalls = `SELECT p.id, p.case_ref, p.why, c.now_practitioner, c.now_manager, c.team
FROM print_items p JOIN cases c ON c.ref = p.case_ref
WHERE p.kind = 'phone' AND p.queued_at >= $1 AND p.state IN ('queued', 'printed')
	AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.key = '` + callKey + `' || p.id)
ORDER BY p.id LIMIT 500`
)

// CallsToTell returns calls queued since then of which nobody has been told, at
// most 500: also those that a cover sheet has named to the office meanwhile.
func (s *Store) CallsToTell(ctx context.Context, since time.Time) ([]Call, error) {
	var calls []Call
	err := s.read(ctx, func(tx *sql.Tx) error {
		calls = nil
		return selectAll(ctx, tx, selectCalls, since.UnixMilli(), func(rows *sql.Rows) error {
			var c Call
			err := rows.Scan(&c.ID, &c.Case, &c.Why, &c.Allocation.Practitioner, &c.Allocation.Manager, &c.Allocation.Team)
			calls = append(calls, c)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the calls to make: %w", explain(err))
	}
	return calls, nil
}
