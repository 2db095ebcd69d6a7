package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"
	"time"
)

// OpenDuty is a duty that is to be done, with whoever is on its case now.
type OpenDuty struct {
	Duty
	Owner        string // who holds the duty's role on the case, by id; empty: nobody
	Practitioner string
	Manager      string
	Team         string
}

// DutyFilter says which open duties are wanted; what is empty does not count.
type DutyFilter struct {
	OpenAt time.Time // those that have opened by then; it always counts
	Owner  string    // whose they are to do
	Owners []string  // likewise, one of them
	Team   string    // of the case
	Duty   string    // its id
	// Manager is who manages the case, or whom that manager reports to.
	Manager string
	// InTimeAt are those not overdue at this instant, LateAt those that are. One that was
	// moved when it was overdue stays so.
	InTimeAt, LateAt time.Time
	Before           time.Time // due before it
	After            DutyPlace // behind it in the order of due times
	Most             int       // so many at most; zero: all
	// Unrestricted leaves out those of restricted cases.
	Unrestricted bool
}

// DutyPlace is where a duty stands in the order of due times; the zero value stands
// before all.
type DutyPlace struct {
	Due  time.Time
	Case string
	ID   int64
}

// Place is where the duty stands.
func (d *OpenDuty) Place() DutyPlace { return DutyPlace{d.Due, d.Case, d.ID} }

const (
	// dutyOwner is who holds a duty's role on its case.
	dutyOwner = `CASE d.owner WHEN 'practitioner' THEN c.now_practitioner WHEN 'manager' THEN c.now_manager WHEN 'chair' THEN c.chair
	WHEN 'service-manager' THEN COALESCE(m.reports_to, '') ELSE '' END`

	openDutiesFrom = ` FROM duties d JOIN cases c ON c.ref = d.case_ref LEFT JOIN people m ON m.id = c.now_manager
WHERE d.state = 'open'` // with those that are to open later

	// The order of a CROSS JOIN is the order in which SQLite reads: from the cases on which
	// somebody may have duties, or from the few that are restricted.
	openDutiesOn = ` FROM cases c CROSS JOIN duties d LEFT JOIN people m ON m.id = c.now_manager
WHERE %s AND d.case_ref = c.ref AND d.state = 'open'`
	restrictedDutiesFrom = ` FROM cases c CROSS JOIN duties d LEFT JOIN people m ON m.id = c.now_manager
WHERE c.restricted AND NOT c.closed AND d.case_ref = c.ref AND d.state = 'open'`

	// casesWithDutiesOf are those that name somebody, and all on which a service manager has
	// something to do: there are few of these. A case that is closed has no open duty.
	casesWithDutiesOf = `SELECT ref FROM cases WHERE now_practitioner = %[1]s AND NOT closed
	UNION SELECT ref FROM cases WHERE now_manager = %[1]s AND NOT closed
	UNION SELECT ref FROM cases WHERE chair = %[1]s AND chair <> '' AND NOT closed
	UNION SELECT case_ref FROM duties WHERE state = 'open' AND owner = 'service-manager'`
	casesManagedBy = `SELECT ref FROM cases WHERE NOT closed AND now_manager IN (
	SELECT %[1]s UNION SELECT id FROM people WHERE reports_to = %[1]s AND reports_to <> '')`
)

// overdueBy is the condition on an open duty d that it is overdue at an instant, as
// pathway.Duty.StateAt has it: what was moved when it was overdue stays so.
func overdueBy(instant string) string {
	return "(d.due_at < " + instant + " OR d.late_since IS NOT NULL)"
}

// openDuties is the query of a filter, with its arguments.
func (f *DutyFilter) openDuties(d *dialect) (query string, args []any) {
	var b strings.Builder
	b.WriteString("SELECT d.id, d." + strings.ReplaceAll(dutyColumns, ", ", ", d.") +
		", " + dutyOwner + ", c.now_practitioner, c.now_manager, c.team")
	switch {
	case f.Owner != "":
		args = append(args, f.Owner)
		fmt.Fprintf(&b, openDutiesOn, d.isIn("c.ref", fmt.Sprintf(casesWithDutiesOf, "$1")))
	case f.Manager != "":
		args = append(args, f.Manager)
		fmt.Fprintf(&b, openDutiesOn, d.isIn("c.ref", fmt.Sprintf(casesManagedBy, "$1")))
	default:
		b.WriteString(openDutiesFrom)
	}
	f.narrow(&b, &args)
	f.from("d.due_at, d.case_ref, d.id", &b, &args)
	return b.String(), args
}

// narrow writes what the filter asks of a duty d, its case c and the case's manager m.
func (f *DutyFilter) narrow(b *strings.Builder, args *[]any) {
	and := func(condition string, values ...any) {
		for _, v := range values {
			*args = append(*args, v)
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(*args)), 1)
		}
		b.WriteString(" AND " + condition)
	}
	and("d.opened_at <= ?", f.OpenAt.UnixMilli())
	if f.Owner != "" {
		and(dutyOwner+" = ?", f.Owner)
	}
	if len(f.Owners) > 0 {
		owners := make([]any, len(f.Owners))
		for i, id := range f.Owners {
			owners[i] = id
		}
		and(dutyOwner+" IN ("+strings.Repeat(", ?", len(owners))[2:]+")", owners...)
	}
	if f.Manager != "" {
		and("(c.now_manager = ? OR m.reports_to = ?)", f.Manager, f.Manager)
	}
	if f.Team != "" {
		and("c.team = ?", f.Team)
	}
	if f.Duty != "" {
		and("d.duty = ?", f.Duty)
	}
	if !f.InTimeAt.IsZero() {
		and("NOT "+overdueBy("?"), f.InTimeAt.UnixMilli())
	}
	if !f.LateAt.IsZero() {
		and(overdueBy("?"), f.LateAt.UnixMilli())
	}
	if !f.Before.IsZero() {
		and("d.due_at < ?", f.Before.UnixMilli())
	}
	if f.Unrestricted {
		and("NOT c.restricted")
	}
}

// from writes, behind conditions, that what stands behind a place is wanted, in order and
// so many at most. place is the columns of a DutyPlace.
func (f *DutyFilter) from(place string, b *strings.Builder, args *[]any) {
	if f.After != (DutyPlace{}) {
		n := len(*args)
		*args = append(*args, f.After.Due.UnixMilli(), f.After.Case, f.After.ID)
		fmt.Fprintf(b, " AND (%s) > ($%d, $%d, $%d)", place, n+1, n+2, n+3)
	}
	b.WriteString(" ORDER BY " + place)
	if f.Most > 0 {
		fmt.Fprintf(b, " LIMIT %d", f.Most)
	}
}

// OpenDuties returns the open duties of a filter, those due first first. It ends with
// the first error.
func (s *Store) OpenDuties(ctx context.Context, f DutyFilter) iter.Seq2[*OpenDuty, error] {
	return func(yield func(*OpenDuty, error) bool) {
		query, args := f.openDuties(&s.dialect)
		rows, err := s.db.QueryContext(ctx, query, args...)
		if err != nil {
			yield(nil, fmt.Errorf("read the open duties: %w", explain(err)))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var d OpenDuty
			if d.Duty, err = scanDuty(rows, &d.Owner, &d.Practitioner, &d.Manager, &d.Team); err != nil {
				break
			}
			if !yield(&d, nil) {
				return
			}
		}
		if err == nil {
			err = rows.Err()
		}
		if err != nil {
			yield(nil, fmt.Errorf("read the open duties: %w", explain(err)))
		}
	}
}

// RestrictedCases counts the restricted cases that have a duty of the filter, wherever it
// stands.
func (s *Store) RestrictedCases(ctx context.Context, f DutyFilter) (n int, err error) {
	query, args := f.restrictedCases()
	if err := s.db.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count restricted cases: %w", explain(err))
	}
	return n, nil
}

func (f DutyFilter) restrictedCases() (query string, args []any) {
	var b strings.Builder
	f.Unrestricted = false
	b.WriteString("SELECT COUNT(DISTINCT c.ref)" + restrictedDutiesFrom)
	f.narrow(&b, &args)
	return b.String(), args
}

// ManagesCases reports whether somebody is the manager of an open case.
func (s *Store) ManagesCases(ctx context.Context, person string) (does bool, err error) {
	found, err := collect(ctx, s, "look for the cases of a manager", `SELECT ref FROM cases WHERE now_manager = $1 AND NOT closed LIMIT 1`,
		[]any{person}, func(rows *sql.Rows) (ref string, err error) {
			err = rows.Scan(&ref)
			return ref, err
		})
	return len(found) > 0, err
}
