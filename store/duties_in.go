package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// DutiesWanted says which of the open duties of a scope are wanted; what is empty does
// not count.
type DutiesWanted struct {
	OpenAt time.Time // those that have opened by then; it always counts
	Owners []string  // one of them holds the duty's role on the case
	Duty   string
	Before time.Time // due before it
	After  DutyPlace
	AtMost int
}

// CaseDuty is an open duty with what lists show of its case.
type CaseDuty struct {
	OpenDuty
	CasePathway string
	Restricted  bool
}

// The order of a CROSS JOIN is the order in which SQLite reads: from the cases of
// somebody to their duties.
const dutiesInFrom = ` FROM cases c CROSS JOIN duties d LEFT JOIN people m ON m.id = c.now_manager
WHERE NOT c.closed AND d.case_ref = c.ref AND d.state = 'open' AND `

func (s *Store) dutiesIn(ctx context.Context, scope *pathway.Scope, w *DutiesWanted) (where string, args []any, err error) {
	condition, err := s.scopeCondition(ctx, scope, &args)
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	b.WriteString(dutiesInFrom + condition)
	and := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		b.WriteString(" AND " + condition)
	}
	and("d.opened_at <= ?", w.OpenAt.UnixMilli())
	if len(w.Owners) > 0 {
		marks := strings.Repeat(", ?", len(w.Owners))[2:]
		owners := make([]any, len(w.Owners))
		for i, id := range w.Owners {
			owners[i] = id
		}
		and(dutyOwner+" IN ("+marks+")", owners...)
	}
	if w.Duty != "" {
		and("d.duty = ?", w.Duty)
	}
	if !w.Before.IsZero() {
		and("d.due_at < ?", w.Before.UnixMilli())
	}
	if w.After != (DutyPlace{}) {
		and("(d.due_at, d.case_ref, d.id) > (?, ?, ?)", w.After.Due.UnixMilli(), w.After.Case, w.After.ID)
	}
	return b.String(), args, nil
}

// DutiesIn returns the open duties on the cases of a scope, those due first first.
func (s *Store) DutiesIn(ctx context.Context, scope pathway.Scope, w DutiesWanted) ([]CaseDuty, error) {
	where, args, err := s.dutiesIn(ctx, &scope, &w)
	if err != nil {
		return nil, err
	}
	query := "SELECT d.id, d." + strings.ReplaceAll(dutyColumns, ", ", ", d.") + ", " + dutyOwner +
		", c.now_practitioner, c.now_manager, c.team, c.now_pathway, c.restricted" + where + " ORDER BY d.due_at, d.case_ref, d.id"
	if w.AtMost > 0 {
		query += fmt.Sprintf(" LIMIT %d", w.AtMost)
	}
	return collect(ctx, s, "read the duties of somebody's cases", query, args, func(rows *sql.Rows) (d CaseDuty, err error) {
		d.Duty, err = scanDuty(rows, &d.Owner, &d.Practitioner, &d.Manager, &d.Team, &d.CasePathway, &d.Restricted)
		return d, err
	})
}

const restrictedOverdue = `SELECT COUNT(*) FROM cases c WHERE c.team = $1 AND c.team <> '' AND NOT c.closed AND c.restricted
	AND EXISTS (SELECT 1 FROM duties d WHERE d.case_ref = c.ref AND d.state = 'open' AND d.due_at < $2 AND d.opened_at <= $2)`

// RestrictedOverdue counts the restricted cases of a team on which something is overdue.
func (s *Store) RestrictedOverdue(ctx context.Context, team string, now time.Time) (int, error) {
	found, err := collect(ctx, s, "count restricted cases", restrictedOverdue, []any{team, now.UnixMilli()}, func(rows *sql.Rows) (n int, err error) {
		err = rows.Scan(&n)
		return n, err
	})
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

// Sibling is another open case of a household, with what decides who may open it.
type Sibling struct {
	Ref string
	On  pathway.AccessCase
	Due time.Time // of its open duty that is due first; zero: none
}

const siblings = `SELECT c.ref, c.now_practitioner, c.now_manager, c.chair, c.team, c.restricted, COALESCE(p.reports_to, ''), COALESCE(m.reports_to, ''),
	(SELECT MIN(d.due_at) FROM duties d WHERE d.case_ref = c.ref AND d.state = 'open' AND d.opened_at <= $3)
FROM cases c LEFT JOIN people p ON p.id = c.now_practitioner LEFT JOIN people m ON m.id = c.now_manager
WHERE c.household = $1 AND c.household <> '' AND c.ref <> $2 AND NOT c.closed ORDER BY c.ref`

// Siblings returns the other open cases of a case's household, in order of reference.
func (s *Store) Siblings(ctx context.Context, household, ref string, now time.Time) ([]Sibling, error) {
	if household == "" {
		return nil, nil
	}
	return collect(ctx, s, "look for a household", siblings, []any{household, ref, now.UnixMilli()}, func(rows *sql.Rows) (n Sibling, err error) {
		var due sql.NullInt64
		err = rows.Scan(&n.Ref, &n.On.Practitioner, &n.On.Manager, &n.On.Chair, &n.On.Team, &n.On.Restricted, &n.On.AbovePractitioner, &n.On.AboveManager, &due)
		n.Due = instant(due)
		return n, err
	})
}
