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
	dutiesInFrom = ` FROM %s c CROSS JOIN duties d LEFT JOIN people m ON m.id = c.now_manager
WHERE d.case_ref = c.ref AND d.state = 'open'`
	dutiesOf = "ref, now_practitioner, now_manager, chair, team, restricted" // what is asked of c

	dutiesInCase = ", c.now_practitioner, c.now_manager, c.team, c.now_pathway, c.chair, c.restricted, COALESCE(p.reports_to, ''), COALESCE(m.reports_to, '')"
)

// lateBy is the argument of a statement by when something has to be overdue on a case that
// has a duty of the filter; 0: nothing has to be.
func (f *DutyFilter) lateBy(args *[]any) int {
	if f.LateAt.IsZero() {
		return 0
	}
	*args = append(*args, max(f.LateAt.UnixMilli(), f.OpenAt.UnixMilli()))
	return len(*args)
}

// overdueBy narrows a condition on cases to those on which something may be overdue by an
// instant, which is the given argument of the statement. Each is looked up by its reference
// alone, once the condition holds: PostgreSQL looks for many at once in a third of the time.
func (d *dialect) overdueBy(condition string, argument int) string {
	if d.postgres {
		return fmt.Sprintf("ref = ANY(ARRAY(SELECT case_ref FROM cases_overdue WHERE overdue_from <= $%d AND case_ref = ANY(ARRAY(SELECT ref FROM cases WHERE %s))))", argument, condition)
	}
	return fmt.Sprintf("%s AND (SELECT overdue_from FROM cases_overdue WHERE case_ref = ref) <= $%d", condition, argument)
}

// dutiesIn writes where the duties of a filter on the cases of a scope are.
func (s *Store) dutiesIn(ctx context.Context, scope *pathway.Scope, f *DutyFilter) (where string, args []any, err error) {
	cases, err := s.casesIn(ctx, scope, dutiesOf, f.lateBy(&args), &args)
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, dutiesInFrom, cases)
	f.narrow(&b, &args)
	return b.String(), args, nil
}

// DutiesIn returns the open duties of a filter on the cases of a scope, those due first
// first, and how many the filter has in all, whatever stands before them. What is shown of
// a duty is read of those alone that are returned.
func (s *Store) DutiesIn(ctx context.Context, scope pathway.Scope, f DutyFilter) (found []CaseDuty, inAll int, err error) {
	query, args, err := s.dutiesInOrder(ctx, &scope, &f)
	if err != nil {
		return nil, 0, err
	}
	found, err = collect(ctx, s, "read the duties of somebody's cases", query, args, func(rows *sql.Rows) (d CaseDuty, err error) {
		on := &d.On
		d.Duty, err = scanDuty(rows, &d.Owner, &d.Practitioner, &d.Manager, &d.Team, &d.CasePathway,
			&on.Chair, &on.Restricted, &on.AbovePractitioner, &on.AboveManager, &inAll)
		on.Practitioner, on.Manager, on.Team = d.Practitioner, d.Manager, d.Team
		on.Ref = d.Case
		return d, err
	})
	if !f.isPart() {
		inAll = len(found)
	}
	return found, inAll, err
}

// isPart reports whether a filter asks for a part of the duties that it describes.
func (f *DutyFilter) isPart() bool { return f.Most > 0 || f.After != (DutyPlace{}) }

// dutiesInOrder writes DutiesIn's query. Of a part, all that are in the filter are counted
// as they are found: to find them twice would cost more than to number them.
func (s *Store) dutiesInOrder(ctx context.Context, scope *pathway.Scope, f *DutyFilter) (query string, args []any, err error) {
	where, args, err := s.dutiesIn(ctx, scope, f)
	if err != nil {
		return "", nil, err
	}
	inAll, counted := "0", ""
	if f.isPart() {
		inAll, counted = "f.in_all", ", COUNT(*) OVER () AS in_all"
	}
	var b strings.Builder
	b.WriteString("SELECT d.id, d." + strings.ReplaceAll(dutyColumns, ", ", ", d.") + ", " + dutyOwner + dutiesInCase + ", " + inAll +
		" FROM (SELECT * FROM (SELECT d.id, d.case_ref, d.due_at" + counted + where + ") f WHERE 1 = 1")
	f.from("due_at, case_ref, id", &b, &args)
	b.WriteString(") f CROSS JOIN duties d CROSS JOIN cases c LEFT JOIN people m ON m.id = c.now_manager LEFT JOIN people p ON p.id = c.now_practitioner" +
		" WHERE d.id = f.id AND c.ref = d.case_ref ORDER BY d.due_at, d.case_ref, d.id")
	return b.String(), args, nil
}

// LateDuty is an open duty that is overdue, as far as a board shows it.
type LateDuty struct {
	Number                     int64
	Case, ID, Pathway, Version string
	Due, LateSince             time.Time
	Role                       pathway.Role        // whose it is
	On                         *pathway.AccessCase // one for all duties of the case
}

// overdueIn writes the query for what is overdue at now on the cases of a scope. Of those on
// which nothing is no duty is read.
func (s *Store) overdueIn(ctx context.Context, scope *pathway.Scope, now time.Time) (query string, args []any, err error) {
	args = []any{now.UnixMilli()}
	cases, err := s.casesIn(ctx, scope, dutiesOf, 1, &args)
	return `SELECT d.id, d.case_ref, d.duty, d.pathway, d.version, d.due_at, d.late_since, d.owner, c.now_practitioner, c.now_manager, c.chair, c.team, c.restricted
FROM ` + cases + ` c CROSS JOIN duties d
WHERE d.case_ref = c.ref AND d.state = 'open' AND d.opened_at <= $1 AND (d.due_at < $1 OR d.late_since IS NOT NULL)`, args, err
}

// OverdueIn returns what is overdue at now on the cases of a scope, in no order.
func (s *Store) OverdueIn(ctx context.Context, scope pathway.Scope, now time.Time) ([]LateDuty, error) {
	query, args, err := s.overdueIn(ctx, &scope, now)
	if err != nil {
		return nil, err
	}
	var on pathway.AccessCase
	var last *pathway.AccessCase
	var cases []*pathway.AccessCase
	found, err := collect(ctx, s, "read what is overdue on somebody's cases", query, args, func(rows *sql.Rows) (d LateDuty, err error) {
		err = rows.Scan(&d.Number, &on.Ref, &d.ID, &d.Pathway, &d.Version, readInstant(&d.Due), readInstant(&d.LateSince), (*string)(&d.Role),
			&on.Practitioner, &on.Manager, &on.Chair, &on.Team, &on.Restricted)
		if last == nil || last.Ref != on.Ref { // they come case by case
			last = new(pathway.AccessCase)
			*last = on
			cases = append(cases, last)
		}
		d.Case, d.On = last.Ref, last
		return d, err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	staff := make([]string, 0, 2*len(cases))
	for _, on := range cases {
		staff = append(staff, on.Practitioner, on.Manager)
	}
	slices.Sort(staff)
	above, err := s.reportsTo(ctx, slices.Compact(staff))
	for _, on := range cases {
		on.AbovePractitioner, on.AboveManager = above[on.Practitioner], above[on.Manager]
	}
	return found, err
}

// reportsTo is whom each of these people reports to.
func (s *Store) reportsTo(ctx context.Context, ids []string) (map[string]string, error) {
	above := make(map[string]string, len(ids))
	_, err := collect(ctx, s, "look for whom people report to", "SELECT id, reports_to FROM people WHERE "+s.dialect.isAny("id", 1), []any{s.dialect.listArgument(ids)},
		func(rows *sql.Rows) (id string, err error) {
			var to string
			err = rows.Scan(&id, &to)
			above[id] = to
			return id, err
		})
	return above, err
}

// ClosedOff counts the restricted cases with an open duty of a filter that a scope would hold
// by line of management or by team, were they not restricted.
func (s *Store) ClosedOff(ctx context.Context, scope pathway.Scope, f DutyFilter) (int, error) {
	query, args, err := s.closedOff(ctx, &scope, &f)
	if err != nil || query == "" {
		return 0, err
	}
	return s.countOne(ctx, "count restricted cases", query, args)
}

// countOne is the number that a query counts.
func (s *Store) countOne(ctx context.Context, what, query string, args []any) (int, error) {
	found, err := collect(ctx, s, what, query, args, func(rows *sql.Rows) (n int, err error) {
		err = rows.Scan(&n)
		return n, err
	})
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

// closedOffBy is the condition on a restricted case that a scope would hold by line of
// management or by team, were it not restricted; empty: there is none. That it is restricted
// finds it: ways that could be looked up hide in a CASE.
func (s *Store) closedOffBy(ctx context.Context, scope *pathway.Scope, args *[]any) (string, error) {
	byName, byLine, err := s.scopeWays(ctx, scope, args)
	if err != nil || len(byLine) == 0 {
		return "", err
	}
	condition := "restricted AND CASE WHEN " + strings.Join(byLine, " OR ") + " THEN 1 ELSE 0 END = 1"
	if len(byName) > 0 {
		condition += " AND NOT (" + strings.Join(byName, " OR ") + ")"
	}
	return condition, nil
}

func (s *Store) closedOff(ctx context.Context, scope *pathway.Scope, f *DutyFilter) (query string, args []any, err error) {
	condition, err := s.closedOffBy(ctx, scope, &args)
	if err != nil || condition == "" {
		return "", nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "SELECT COUNT(DISTINCT c.ref)"+dutiesInFrom, s.dialect.casesBy([]string{condition}, dutiesOf, f.lateBy(&args)))
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
	(SELECT MIN(d.due_at) FROM duties d WHERE d.case_ref = c.ref AND d.state = 'open' AND d.opened_at <= $2)
FROM cases v JOIN cases c ON c.household = v.household AND c.ref <> v.ref
LEFT JOIN people p ON p.id = c.now_practitioner LEFT JOIN people m ON m.id = c.now_manager
WHERE v.ref = $1 AND v.household <> '' AND c.household <> '' AND NOT c.closed ORDER BY c.ref`

func scanSibling(rows row) (n Sibling, err error) {
	err = rows.Scan(&n.Ref, &n.On.Practitioner, &n.On.Manager, &n.On.Chair, &n.On.Team, &n.On.Restricted, &n.On.AbovePractitioner, &n.On.AboveManager, readInstant(&n.Due))
	n.On.Ref = n.Ref
	return n, err
}
