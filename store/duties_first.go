package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// What is due first on somebody's cases, a part at a time: the cases are taken in the order
// of what stands beside them (cases_overdue), which is never later than what is due first on
// a case, so that of the others no duty is read.

// casesAtFirst is how many cases are looked at first for a part; where their duties do not
// fill it, more are, and more at a time.
const casesAtFirst = 64

// caseDue is a case in the order of what is due first. Before it nothing of the case is due.
type caseDue struct {
	ref    string
	before int64
}

// FirstDutiesIn returns the first of the open duties of a filter (Most of them, which it has
// to say) on the cases of a scope, behind After, those due first first. Its cost follows what
// stands before them, and little how many there are.
func (s *Store) FirstDutiesIn(ctx context.Context, scope pathway.Scope, f DutyFilter) (first []CaseDuty, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		var last caseDue
		for atOnce := casesAtFirst; ; atOnce *= 4 {
			cases, err := s.casesDue(ctx, tx, &scope, &f, last, atOnce)
			if err != nil || len(cases) == 0 {
				return err
			}
			query, args := s.dutiesOfCases(&scope, &f, cases)
			found := asking(&first, scanCaseDuty, query, args...)
			if err := found.ask(ctx, tx); err != nil {
				return err
			}
			slices.SortFunc(first, func(a, b CaseDuty) int { return comparePlaces(a.Place(), b.Place()) })
			first, last = first[:min(len(first), f.Most)], cases[len(cases)-1]
			if len(cases) < atOnce || len(first) == f.Most && !last.standsBefore(first[f.Most-1].Place()) {
				return nil
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read the first duties of somebody's cases: %w", err)
	}
	return first, nil
}

func comparePlaces(a, b DutyPlace) int {
	return cmp.Or(a.Due.Compare(b.Due), strings.Compare(a.Case, b.Case), cmp.Compare(a.ID, b.ID))
}

// standsBefore reports whether a case behind this one may have a duty before a place.
func (c caseDue) standsBefore(p DutyPlace) bool {
	return cmp.Or(cmp.Compare(c.before, p.Due.UnixMilli()), strings.Compare(c.ref, p.Case)) < 0
}

// casesDue returns so many of the cases that may have duties of a filter, in order, behind
// one of them.
func (s *Store) casesDue(ctx context.Context, tx *sql.Tx, scope *pathway.Scope, f *DutyFilter, behind caseDue, atOnce int) (cases []caseDue, err error) {
	query, args := s.casesDueInOrder(scope, f, behind, atOnce)
	found := asking(&cases, func(rows row) (c caseDue, err error) {
		err = rows.Scan(&c.ref, &c.before)
		return c, err
	}, query, args...)
	return cases, found.ask(ctx, tx)
}

func (s *Store) casesDueInOrder(scope *pathway.Scope, f *DutyFilter, behind caseDue, atOnce int) (query string, args []any) {
	from := s.dialect.mayHaveDuties(scope, f, &args)
	if behind != (caseDue{}) {
		args = append(args, behind.before, behind.ref)
		from += fmt.Sprintf(" AND (o.overdue_from, o.case_ref) > ($%d, $%d)", len(args)-1, len(args))
	}
	return "SELECT o.case_ref, o.overdue_from" + from + fmt.Sprintf(" ORDER BY o.overdue_from, o.case_ref LIMIT %d", atOnce), args
}

// mayHaveDuties writes where the cases o are among which are those of a scope that have
// duties of a filter: those on which the owner that it names has something to do, those of
// the practitioners of its team, or else of the scope's. No case is read for it but those
// of the owner.
func (d *dialect) mayHaveDuties(scope *pathway.Scope, f *DutyFilter, args *[]any) string {
	argument := func(value any) int {
		*args = append(*args, value)
		return len(*args)
	}
	var from string
	switch {
	case f.Owner != "":
		owner := fmt.Sprintf("$%d", argument(f.Owner))
		from = " FROM cases c CROSS JOIN cases_overdue o WHERE " + d.isIn("c.ref", fmt.Sprintf(casesWithDutiesOf, owner)) +
			" AND o.practitioner = c.now_practitioner AND o.case_ref = c.ref"
	case f.Team != "":
		team := listed("", "team", []string{fmt.Sprintf("$%d", argument(f.Team))})
		from = " FROM cases_overdue o WHERE " + d.isIn("o.practitioner", team.practitioners())
	default:
		practitioners := practitionersOf(d.scopeWays(scope, args))
		if practitioners == "" {
			practitioners = "SELECT '' WHERE 1 = 0"
		}
		from = " FROM cases_overdue o WHERE " + d.isIn("o.practitioner", practitioners)
	}
	from += " AND o.overdue_from IS NOT NULL"
	if !f.LateAt.IsZero() {
		from += fmt.Sprintf(" AND o.overdue_from <= $%d", argument(f.lateBy()))
	}
	if !f.Before.IsZero() {
		from += fmt.Sprintf(" AND o.overdue_from < $%d", argument(f.Before.UnixMilli()))
	}
	return from
}

// heldWithDuties writes the open duties d of a filter on the cases c of a scope that a
// condition on the case finds, with their managers m.
func (s *Store) heldWithDuties(scope *pathway.Scope, f *DutyFilter, condition string, args *[]any) string {
	var b strings.Builder
	b.WriteString(" FROM (SELECT ref, now_pathway, now_practitioner, now_manager, chair, team, restricted FROM cases WHERE " + condition +
		" AND NOT closed AND " + s.dialect.rowInScope(scope, args) + ") c CROSS JOIN duties d LEFT JOIN people m ON m.id = c.now_manager" +
		" LEFT JOIN people p ON p.id = c.now_practitioner WHERE d.case_ref = c.ref AND d.state = 'open'")
	f.narrow(&b, args)
	return b.String()
}

// dutiesOfCases writes the query for the duties of some cases.
func (s *Store) dutiesOfCases(scope *pathway.Scope, f *DutyFilter, cases []caseDue) (query string, args []any) {
	refs := make([]string, len(cases))
	for i := range cases {
		refs[i] = cases[i].ref
	}
	args = []any{s.dialect.listArgument(refs)}
	var b strings.Builder
	b.WriteString(selectCaseDuties + s.heldWithDuties(scope, f, s.dialect.isAny("ref", 1), &args))
	f.from("d.due_at, d.case_ref, d.id", &b, &args)
	return b.String(), args
}

// CountDutiesIn counts the open duties of a filter on the cases of a scope, up to so many:
// whatever stands before them, and no further.
func (s *Store) CountDutiesIn(ctx context.Context, scope pathway.Scope, f DutyFilter, upTo int) (int, error) {
	query, args := s.countDuties(&scope, &f, upTo)
	return s.countOne(ctx, "count the duties of somebody's cases", query, args)
}

func (s *Store) countDuties(scope *pathway.Scope, f *DutyFilter, upTo int) (query string, args []any) {
	var where string
	if f.Owner != "" {
		cases := s.dialect.isIn("ref", "SELECT o.case_ref"+s.dialect.mayHaveDuties(scope, f, &args))
		where = s.heldWithDuties(scope, f, cases, &args)
	} else {
		where, args = s.dutiesIn(scope, f)
	}
	return fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1%s LIMIT %d) AS found", where, upTo), args
}
