package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// CaseDuty is an open duty with what lists show of its case, and what decides who may do
// what there.
type CaseDuty struct {
	OpenDuty
	CasePathway string
	On          pathway.AccessCase
}

const (
	// The order of a CROSS JOIN is the order in which SQLite reads: from the cases of
	// somebody to their duties.
	dutiesInFrom = ` FROM cases c CROSS JOIN duties d LEFT JOIN people m ON m.id = c.now_manager LEFT JOIN people p ON p.id = c.now_practitioner
WHERE NOT c.closed AND d.case_ref = c.ref AND d.state = 'open' AND `

	dutiesInCase = ", c.now_practitioner, c.now_manager, c.team, c.now_pathway, c.chair, c.restricted, COALESCE(p.reports_to, ''), COALESCE(m.reports_to, '')"
)

// dutiesIn writes where the duties of a filter on the cases of a scope are.
func (s *Store) dutiesIn(ctx context.Context, scope *pathway.Scope, f *DutyFilter) (where string, args []any, err error) {
	condition, err := s.scopeCondition(ctx, scope, &args)
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	b.WriteString(dutiesInFrom + condition)
	f.narrow(&b, &args)
	return b.String(), args, nil
}

// DutiesIn returns the open duties of a filter on the cases of a scope, those due first
// first, and how many the filter has in all, whatever stands before them.
func (s *Store) DutiesIn(ctx context.Context, scope pathway.Scope, f DutyFilter) (found []CaseDuty, inAll int, err error) {
	where, args, err := s.dutiesIn(ctx, &scope, &f)
	if err != nil {
		return nil, 0, err
	}
	var b strings.Builder
	b.WriteString("SELECT * FROM (SELECT d.id, d." + strings.ReplaceAll(dutyColumns, ", ", ", d.") + ", " + dutyOwner + dutiesInCase +
		", COUNT(*) OVER ()" + where + ") f WHERE 1 = 1")
	f.from("due_at, case_ref, id", &b, &args)
	found, err = collect(ctx, s, "read the duties of somebody's cases", b.String(), args, func(rows *sql.Rows) (d CaseDuty, err error) {
		on := &d.On
		d.Duty, err = scanDuty(rows, &d.Owner, &d.Practitioner, &d.Manager, &d.Team, &d.CasePathway,
			&on.Chair, &on.Restricted, &on.AbovePractitioner, &on.AboveManager, &inAll)
		on.Practitioner, on.Manager, on.Team = d.Practitioner, d.Manager, d.Team
		on.Ref = d.Case
		return d, err
	})
	return found, inAll, err
}

// ClosedOff counts the restricted cases with an open duty of a filter that a scope would hold
// by line of management or by team, were they not restricted.
func (s *Store) ClosedOff(ctx context.Context, scope pathway.Scope, f DutyFilter) (int, error) {
	query, args, err := s.closedOff(ctx, &scope, &f)
	if err != nil || query == "" {
		return 0, err
	}
	found, err := collect(ctx, s, "count restricted cases", query, args, func(rows *sql.Rows) (n int, err error) {
		err = rows.Scan(&n)
		return n, err
	})
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

func (s *Store) closedOff(ctx context.Context, scope *pathway.Scope, f *DutyFilter) (query string, args []any, err error) {
	byName, byLine, err := s.scopeWays(ctx, scope, &args)
	if err != nil || len(byLine) == 0 {
		return "", nil, err
	}
	const of = "SELECT ref FROM cases WHERE NOT closed AND restricted AND "
	condition := "c.ref IN (" + of + strings.Join(byLine, " UNION "+of) + ")"
	for _, way := range byName {
		condition += " AND c.ref NOT IN (" + of + way + ")"
	}
	var b strings.Builder
	b.WriteString("SELECT COUNT(DISTINCT c.ref)" + dutiesInFrom + condition)
	f.narrow(&b, &args)
	return b.String(), args, nil
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
		n.On.Ref = n.Ref
		n.Due = instant(due)
		return n, err
	})
}
