package store

import (
	"context"
	"fmt"
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
	dutiesOf = "ref, now_practitioner, now_manager, chair, team, restricted" // what is asked of c

	dutiesInCase = ", c.now_practitioner, c.now_manager, c.team, c.now_pathway, c.chair, c.restricted, COALESCE(p.reports_to, ''), COALESCE(m.reports_to, '')"
)

// lateBy is by when something has to be overdue on a case that has an overdue duty of the
// filter.
func (f *DutyFilter) lateBy() int64 { return max(f.LateAt.UnixMilli(), f.OpenAt.UnixMilli()) }

// lateByArgument is the argument of a statement for lateBy; 0: nothing has to be overdue.
func (f *DutyFilter) lateByArgument(args *[]any) int {
	if f.LateAt.IsZero() {
		return 0
	}
	*args = append(*args, f.lateBy())
	return len(*args)
}

// dutiesOn writes where the open duties d of some cases c are, with their managers m. It is
// read from the cases to their duties: the order of a CROSS JOIN is SQLite's. PostgreSQL
// does not know how few the cases of one person are, and would rather read all duties.
func (d *dialect) dutiesOn(cases string) string {
	from := cases + " c CROSS JOIN duties d"
	if d.postgres {
		from = "duties d JOIN cases c ON c.ref = d.case_ref AND " + d.isIn("d.case_ref", "SELECT ref FROM "+cases+" held")
	}
	return " FROM " + from + " LEFT JOIN people m ON m.id = c.now_manager WHERE d.case_ref = c.ref AND d.state = 'open'"
}

// dutiesIn writes where the duties of a filter on the cases of a scope are.
func (s *Store) dutiesIn(scope *pathway.Scope, f *DutyFilter) (where string, args []any) {
	var b strings.Builder
	late := f.lateByArgument(&args)
	b.WriteString(s.dialect.dutiesOn(s.dialect.casesIn(scope, dutiesOf, late, &args)))
	f.narrow(&b, &args)
	return b.String(), args
}

// DutiesIn returns all open duties of a filter on the cases of a scope, those due first
// first. FirstDutiesIn reads a part of them.
func (s *Store) DutiesIn(ctx context.Context, scope pathway.Scope, f DutyFilter) ([]CaseDuty, error) {
	query, args := s.dutiesInOrder(&scope, &f)
	return collect(ctx, s, "read the duties of somebody's cases", query, args, scanCaseDuty)
}

func scanCaseDuty(rows row) (d CaseDuty, err error) {
	on := &d.On
	d.Duty, err = scanDuty(rows, &d.Owner, &d.Practitioner, &d.Manager, &d.Team, &d.CasePathway,
		&on.Chair, &on.Restricted, &on.AbovePractitioner, &on.AboveManager)
	on.Practitioner, on.Manager, on.Team = d.Practitioner, d.Manager, d.Team
	on.Ref = d.Case
	return d, err
}

// selectCaseDuties begins a query that scanCaseDuty reads, of duties d on cases c with their
// managers m and practitioners p.
var selectCaseDuties = "SELECT d.id, d." + strings.ReplaceAll(dutyColumns, ", ", ", d.") + ", " + dutyOwner + dutiesInCase

// dutiesInOrder writes DutiesIn's query. What is shown of a duty is read behind its place in
// the order.
func (s *Store) dutiesInOrder(scope *pathway.Scope, f *DutyFilter) (query string, args []any) {
	where, args := s.dutiesIn(scope, f)
	return selectCaseDuties + " FROM (SELECT d.id" + where + ") f" +
		" CROSS JOIN duties d CROSS JOIN cases c LEFT JOIN people m ON m.id = c.now_manager LEFT JOIN people p ON p.id = c.now_practitioner" +
		" WHERE d.id = f.id AND c.ref = d.case_ref ORDER BY d.due_at, d.case_ref, d.id", args
}

// LateDuty is an open duty that is overdue, as far as a board shows it.
type LateDuty struct {
	Number                     int64
	Case, ID, Pathway, Version string
	Due, LateSince             time.Time
	Role                       pathway.Role        // whose it is
	On                         *pathway.AccessCase // one for all duties of the case
}

// LateCases is what is overdue on the cases of a scope, with what a board says besides.
type LateCases struct {
	Duties    []LateDuty       // in no order
	Staff     []pathway.Person // who is on those cases, in order of id
	ClosedOff int              // restricted cases with something overdue, as Store.ClosedOff counts them
	Arrivals  []Arrival        // of files, in order of kind
}

// overdueIn writes the query for what is overdue at now on the cases of a scope. Of those on
// which nothing is no duty is read.
func (s *Store) overdueIn(scope *pathway.Scope, now time.Time) (query string, args []any) {
	args = []any{now.UnixMilli()}
	return `SELECT d.id, d.case_ref, d.duty, d.pathway, d.version, d.due_at, d.late_since, d.owner, c.now_practitioner, c.now_manager, c.chair, c.team, c.restricted
FROM ` + s.dialect.casesIn(scope, dutiesOf, 1, &args) + ` c CROSS JOIN duties d
WHERE d.case_ref = c.ref AND d.state = 'open' AND d.opened_at <= $1 AND ` + overdueBy("$1"), args
}

// LateCases returns what is overdue on the cases of a scope at the instant of a filter
// (LateAt), all of it. The rest of the filter is for what is closed off.
func (s *Store) LateCases(ctx context.Context, scope pathway.Scope, f DutyFilter) (*LateCases, error) {
	var late LateCases
	var cases []*pathway.AccessCase
	var on pathway.AccessCase
	var closedOff []int
	query, args := s.overdueIn(&scope, f.LateAt)
	questions := []question{
		asking(&late.Duties, func(rows row) (d LateDuty, err error) {
			err = rows.Scan(&d.Number, &on.Ref, &d.ID, &d.Pathway, &d.Version, readInstant(&d.Due), readInstant(&d.LateSince), (*string)(&d.Role),
				&on.Practitioner, &on.Manager, &on.Chair, &on.Team, &on.Restricted)
			if len(cases) == 0 || cases[len(cases)-1].Ref != on.Ref { // they come case by case
				of := on
				cases = append(cases, &of)
			}
			d.On = cases[len(cases)-1]
			d.Case = d.On.Ref
			return d, err
		}, query, args...),
		asking(&late.Arrivals, scanArrival, selectArrivals),
	}
	if query, args := s.closedOff(&scope, &f); query != "" {
		questions = append(questions, asking(&closedOff, scanNumber, query, args...))
	}
	staff := s.boards.staffOf(&scope)
	if len(staff) > 0 {
		query, args := s.peopleOf(staff)
		questions = append(questions, asking(&late.Staff, scanPerson, query, args...))
	}
	if err := s.askAll(ctx, questions...); err != nil {
		return nil, fmt.Errorf("read what is overdue on somebody's cases: %w", err)
	}
	if len(closedOff) > 0 {
		late.ClosedOff = closedOff[0]
	}
	return &late, s.nameStaff(ctx, &late, cases, &scope, staff)
}

// ClosedOff counts the restricted cases with an open duty of a filter that a scope would hold
// by line of management or by team, were they not restricted.
func (s *Store) ClosedOff(ctx context.Context, scope pathway.Scope, f DutyFilter) (int, error) {
	query, args := s.closedOff(&scope, &f)
	if query == "" {
		return 0, nil
	}
	return s.countOne(ctx, "count restricted cases", query, args)
}

// countOne is the number that a query counts.
func (s *Store) countOne(ctx context.Context, what, query string, args []any) (int, error) {
	found, err := collect(ctx, s, what, query, args, scanNumber)
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

func scanNumber(rows row) (n int, err error) {
	err = rows.Scan(&n)
	return n, err
}

func (s *Store) closedOff(scope *pathway.Scope, f *DutyFilter) (query string, args []any) {
	condition := s.dialect.closedOffBy(scope, &args)
	if condition == "" {
		return "", nil
	}
	var b strings.Builder
	if late := f.lateByArgument(&args); late > 0 {
		condition += fmt.Sprintf(" AND (SELECT overdue_from FROM cases_overdue WHERE practitioner = now_practitioner AND case_ref = ref) <= $%d", late)
	}
	b.WriteString("SELECT COUNT(DISTINCT c.ref)" + s.dialect.dutiesOn(casesBy([]string{condition}, dutiesOf)))
	f.narrow(&b, &args)
	return b.String(), args
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
