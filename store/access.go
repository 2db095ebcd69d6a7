package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"example.org/doorstep/pathway"
)

const (
	accessCase = `SELECT c.now_practitioner, c.now_manager, c.chair, c.team, c.restricted, COALESCE(p.reports_to, ''), COALESCE(m.reports_to, '')
FROM cases c LEFT JOIN people p ON p.id = c.now_practitioner LEFT JOIN people m ON m.id = c.now_manager WHERE c.ref = $1`
	coveredBy = `SELECT id, role, team FROM people WHERE cover = $1 AND cover <> '' AND away_from IS NOT NULL AND away_from <= $2 AND (away_until IS NULL OR away_until > $2) ORDER BY id`
	restrict  = `UPDATE cases SET restricted = $1 WHERE ref = $2`
	unname    = `DELETE FROM restricted_to WHERE case_ref = $1`
	openBy    = `INSERT INTO restricted_to (case_ref, person) VALUES ($1, $2) ON CONFLICT (case_ref, person) DO NOTHING`
	namedOn   = `SELECT case_ref FROM restricted_to WHERE person = $1 ORDER BY case_ref`
)

// AccessCase returns what decides who may come near a case, or ErrNotFound.
func (s *Store) AccessCase(ctx context.Context, ref string) (*pathway.AccessCase, error) {
	found, err := collect(ctx, s, "look for who is on a case", accessCase, []any{ref}, func(rows *sql.Rows) (on pathway.AccessCase, err error) {
		err = rows.Scan(&on.Practitioner, &on.Manager, &on.Chair, &on.Team, &on.Restricted, &on.AbovePractitioner, &on.AboveManager)
		return on, err
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("case %s: %w", ref, ErrNotFound)
	}
	found[0].Ref = ref
	return &found[0], nil
}

// CaseOn is a case by its reference, with who is on it.
type CaseOn struct {
	Ref string
	On  pathway.AccessCase
}

const (
	casesOn = `SELECT c.ref, c.now_practitioner, c.now_manager, c.chair, c.team, c.restricted, COALESCE(p.reports_to, ''), COALESCE(m.reports_to, '')
FROM cases c LEFT JOIN people p ON p.id = c.now_practitioner LEFT JOIN people m ON m.id = c.now_manager WHERE `
	casesOfPractitioner = casesOn + `c.now_practitioner = $1 AND c.now_practitioner <> '' AND NOT c.closed ORDER BY c.ref LIMIT $2`
)

// CasesOf returns the open cases of a practitioner in order of reference, and at most so
// many.
func (s *Store) CasesOf(ctx context.Context, practitioner string, atMost int) ([]CaseOn, error) {
	return collect(ctx, s, "look for the cases of a practitioner", casesOfPractitioner, []any{practitioner, atMost}, scanCaseOn)
}

// AccessCases returns of each of these cases, open or closed, what AccessCase returns of
// one. What there is not is left out.
func (s *Store) AccessCases(ctx context.Context, refs []string) ([]CaseOn, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	return collect(ctx, s, "look for who is on cases", casesOn+s.dialect.isAny("c.ref", 1), []any{s.dialect.listArgument(refs)}, scanCaseOn)
}

func scanCaseOn(rows *sql.Rows) (c CaseOn, err error) {
	err = rows.Scan(&c.Ref, &c.On.Practitioner, &c.On.Manager, &c.On.Chair, &c.On.Team, &c.On.Restricted, &c.On.AbovePractitioner, &c.On.AboveManager)
	c.On.Ref = c.Ref
	return c, err
}

// Who returns a person as they are at now, with their rights over the service, and for
// whom they stand in: ErrNotFound where there is nobody by that id.
func (s *Store) Who(ctx context.Context, id string, now time.Time) (*pathway.Person, *pathway.Who, error) {
	var found []pathway.Person
	var given []ServiceRights
	var named []string
	var away []pathway.Post
	err := s.askAll(ctx,
		asking(&found, scanPerson, selectPeople+" WHERE id = $1", id),
		asking(&given, scanRights, rightsNow, rightsAt(id, now)...),
		asking(&named, scanText, namedOn, id),
		asking(&away, scanPost, coveredBy, id, now.UnixMilli()))
	if err != nil {
		return nil, nil, fmt.Errorf("look for a person: %w", err)
	}
	rights := joinRights(given)
	switch {
	case rights == nil:
		rights = &ServiceRights{}
	case rights.Name != "": // who got them is not whoever came onto the list by that id since
		return &pathway.Person{ID: id, Name: rights.Name},
			&pathway.Who{Person: id, Active: true, Outside: true, Operates: rights.Operates, Audits: rights.Audits}, nil
	}
	if len(found) == 0 {
		return nil, nil, ErrNotFound
	}
	p := &found[0]
	who := &pathway.Who{Person: p.ID, Role: p.Role, Team: p.Team, Active: !p.Left(now), Operates: rights.Operates, Audits: rights.Audits}
	who.Named = named
	// Whoever is covered may stand in for others themselves.
	for next := away; len(next) > 0; next = next[1:] {
		of := next[0]
		if of.Person == id || slices.Contains(who.Covers, of) {
			continue
		}
		who.Covers = append(who.Covers, of)
		away, err := collect(ctx, s, "look for whom somebody covers", coveredBy, []any{of.Person, now.UnixMilli()}, scanPost)
		if err != nil {
			return nil, nil, err
		}
		next = append(next, away...)
	}
	return p, who, nil
}

func scanPost(rows row) (of pathway.Post, err error) {
	err = rows.Scan(&of.Person, &of.Role, &of.Team)
	return of, err
}

// TeamsOf returns the teams that somebody oversees, in order of name: their own, those of
// whom they stand in for, and those of whoever reports to any of them.
func (s *Store) TeamsOf(ctx context.Context, who *pathway.Who) ([]string, error) {
	ids := []string{}
	for _, p := range pathway.PostsFor(who, pathway.DeedOversee) {
		ids = append(ids, p.Person)
	}
	query := "SELECT DISTINCT team FROM people WHERE team <> '' AND (" + s.dialect.isAny("id", 1) + " OR " + s.dialect.isAny("reports_to", 1) + ") ORDER BY team"
	return collect(ctx, s, "look for somebody's teams", query, []any{s.dialect.listArgument(ids)}, scanText)
}

// Restrict closes a case to all but those who are on it and those whom it names here, by id;
// whom it named before it names no more. All of them are on the people list.
func (s *Store) Restrict(ctx context.Context, ref string, named ...string) error {
	for _, id := range named {
		if _, err := s.Person(ctx, id); err != nil {
			return err
		}
	}
	return s.setRestricted(ctx, ref, true, named)
}

// LiftRestriction opens a restricted case to its team again.
func (s *Store) LiftRestriction(ctx context.Context, ref string) error {
	return s.setRestricted(ctx, ref, false, nil)
}

func (s *Store) setRestricted(ctx context.Context, ref string, restricted bool, named []string) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, restrict, restricted, ref)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		if _, err := tx.ExecContext(ctx, unname, ref); err != nil {
			return err
		}
		for _, id := range named {
			if _, err := tx.ExecContext(ctx, openBy, ref, id); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ErrNotFound) {
		return s.NoCase(ctx, ref)
	}
	return err
}

// casesIn writes the open cases of a scope as a table. lateBy is the argument of the statement
// that is an instant, where only those count on which something may be overdue by then; 0:
// all do.
func (d *dialect) casesIn(scope *pathway.Scope, columns string, lateBy int, args *[]any) string {
	byName, byLine := d.scopeWays(scope, args)
	parts := partsOf(byName, byLine)
	switch {
	case len(parts) == 0:
		parts = []string{"1 = 0"}
	case lateBy > 0:
		parts = []string{d.overdueOn(practitionersOf(byName, byLine), lateBy) + " AND (" + strings.Join(parts, " OR ") + ")"}
	}
	return casesBy(parts, columns)
}

// casesBy writes the open cases as a table that one part or another holds. Each part is a
// query of its own, which finds its cases by an index and leaves out those of the parts
// before it: of a condition with OR, SQLite would read all cases.
func casesBy(parts []string, columns string) string {
	tables := make([]string, len(parts))
	for i, part := range parts {
		where := "NOT closed AND " + part
		if i > 0 {
			where += " AND NOT (" + strings.Join(parts[:i], " OR ") + ")"
		}
		tables[i] = "SELECT " + columns + " FROM cases WHERE " + where
	}
	return "(" + strings.Join(tables, " UNION ALL ") + ")"
}

// rowInScope writes whether a scope holds the case that a row is about, open or closed,
// for a query that has found its rows by something else and names the case c. Without a
// scope every case is held.
func (d *dialect) rowInScope(scope *pathway.Scope, args *[]any) string {
	if scope == nil {
		return "1 = 1"
	}
	parts := partsOf(d.scopeWays(scope, args))
	if len(parts) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

// Among returns those of the cases that a scope holds, open or closed.
func (s *Store) Among(ctx context.Context, scope *pathway.Scope, refs []string) (map[string]bool, error) {
	held := map[string]bool{}
	args := []any{s.dialect.listArgument(refs)}
	if len(refs) == 0 {
		return held, nil
	}
	condition := s.dialect.rowInScope(scope, &args)
	found, err := collect(ctx, s, "look for the cases of somebody", "SELECT c.ref FROM cases c WHERE "+s.dialect.isAny("c.ref", 1)+" AND "+condition, args, scanText)
	for _, ref := range found {
		held[ref] = true
	}
	return held, err
}

// scopeWay is a way in which a scope holds a case: something that stands in the case is one
// of several.
type scopeWay struct {
	column    string
	also      string // a condition besides, which has the index of the column used; empty: none
	isAmong   string // the condition on the column
	the, from string // what of which table the column may be
}

func (w *scopeWay) condition() string { return w.also + w.isAmong }

// practitioners writes a query for whose the open cases are that the way holds. It skips
// from one practitioner to the next, and reads none of their cases.
func (w *scopeWay) practitioners() string {
	switch w.column {
	case "now_practitioner":
		return "SELECT " + w.the + " FROM " + w.from
	case "ref":
		return "SELECT now_practitioner FROM cases WHERE " + w.condition()
	}
	first := "SELECT MIN(now_practitioner) FROM cases WHERE NOT closed AND " + w.also + w.column + " = "
	return "SELECT next FROM (WITH RECURSIVE found (of, next) AS (SELECT " + w.the + ", (" + first + w.the + ") FROM " + w.from +
		" UNION ALL SELECT of, (" + first + "of AND now_practitioner > next) FROM found WHERE next IS NOT NULL)" +
		" SELECT next FROM found WHERE next IS NOT NULL) AS p"
}

// practitionersOf writes a query for whose the open cases are that some ways hold.
func practitionersOf(byName, byLine []scopeWay) string {
	var queries []string
	for _, ways := range [][]scopeWay{byName, byLine} {
		for i := range ways {
			queries = append(queries, ways[i].practitioners())
		}
	}
	return strings.Join(queries, " UNION ALL ")
}

// partsOf are the ways in which a scope holds a case, each a condition on it; none: it holds
// no case.
func partsOf(byName, byLine []scopeWay) (parts []string) {
	for i := range byName {
		parts = append(parts, byName[i].condition())
	}
	for i := range byLine {
		parts = append(parts, byLine[i].condition()+" AND NOT restricted")
	}
	return parts
}

// scopeWays are the ways in which a scope holds a case by the names on it, and those, by line
// of management and by team, that hold none which is restricted.
func (d *dialect) scopeWays(scope *pathway.Scope, args *[]any) (byName, byLine []scopeWay) {
	if len(scope.People) == 0 {
		return nil, nil
	}
	marks := func(ids []string) []string {
		all := make([]string, len(ids))
		for i, id := range ids {
			*args = append(*args, id)
			all[i] = fmt.Sprintf("$%d", len(*args))
		}
		return all
	}
	listed := func(also, column string, marks []string) scopeWay {
		return scopeWay{column, also, column + " IN (" + strings.Join(marks, ", ") + ")", "column1", "(VALUES (" + strings.Join(marks, "), (") + ")) AS v"}
	}
	people := sync.OnceValue(func() []string { return marks(scope.People) }) // PostgreSQL refuses what no way uses
	if scope.AsPractitioner {
		byName = append(byName, listed("", "now_practitioner", people()))
	}
	if scope.AsManager {
		byName = append(byName, listed("", "now_manager", people()))
	}
	if scope.AsChair {
		byName = append(byName, listed("chair <> '' AND ", "chair", people()))
	}
	if len(scope.Named) > 0 {
		byName = append(byName, listed("restricted AND ", "ref", marks(scope.Named)))
	}
	below := func(column string) scopeWay {
		from := "people WHERE reports_to <> '' AND reports_to IN (" + strings.Join(people(), ", ") + ")"
		return scopeWay{column, "", d.isIn(column, "SELECT id FROM "+from), "id", from}
	}
	if scope.AboveManager {
		byLine = append(byLine, below("now_manager"))
	}
	if scope.AbovePractitioner {
		byLine = append(byLine, below("now_practitioner"))
	}
	if len(scope.Teams) > 0 {
		byLine = append(byLine, listed("", "team", marks(scope.Teams)))
	}
	return byName, byLine
}

// CasesIn returns the references of the open cases that a scope holds, in order, and at
// most so many.
func (s *Store) CasesIn(ctx context.Context, scope pathway.Scope, atMost int) ([]string, error) {
	var args []any
	cases := s.dialect.casesIn(&scope, "ref", 0, &args)
	return collect(ctx, s, "look for the cases of somebody", fmt.Sprintf("SELECT c.ref FROM %s c ORDER BY c.ref LIMIT %d", cases, atMost), args, scanText)
}
