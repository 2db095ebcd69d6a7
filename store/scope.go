package store

import (
	"fmt"
	"strings"
	"sync"

	"example.org/doorstep/pathway"
)

// How a scope (pathway.Scope) becomes a question: which cases it holds, each found by an
// index, however many cases there are.

// casesIn writes the open cases of a scope as a table. lateBy is the argument of the statement
// that is an instant, where only those count on which something may be overdue by then; 0:
// all do.
func (d *dialect) casesIn(scope *pathway.Scope, columns string, lateBy int, args *[]any) string {
	byName, byLine := d.scopeWays(scope, args)
	parts := partsOf(byName, byLine)
	switch {
	case len(parts) == 0 && lateBy > 0: // PostgreSQL refuses an argument that nothing uses
		parts = []string{fmt.Sprintf("1 = 0 AND CAST($%d AS BIGINT) = 0", lateBy)}
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

// listed is the way in which cases are held on which a column is one of some arguments.
func listed(also, column string, marks []string) scopeWay {
	return scopeWay{column, also, column + " IN (" + strings.Join(marks, ", ") + ")", "column1", "(VALUES (" + strings.Join(marks, "), (") + ")) AS v"}
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

// overdueOn is the condition on cases that they are those of some practitioners, whom a
// query finds, on which something may be overdue by an instant, which is the given argument
// of the statement.
func (d *dialect) overdueOn(practitioners string, argument int) string {
	return d.isIn("ref", fmt.Sprintf("SELECT case_ref FROM cases_overdue WHERE %s AND overdue_from <= $%d", d.isIn("practitioner", practitioners), argument))
}

// closedOffBy is the condition on a restricted case that a scope would hold by line of
// management or by team, were it not restricted; empty: there is none. That it is restricted
// finds it: ways that could be looked up hide in a CASE.
func (d *dialect) closedOffBy(scope *pathway.Scope, args *[]any) string {
	byName, byLine := d.scopeWays(scope, args)
	if len(byLine) == 0 {
		return ""
	}
	anyOf := func(ways []scopeWay) string {
		parts := make([]string, len(ways))
		for i := range ways {
			parts[i] = ways[i].condition()
		}
		return strings.Join(parts, " OR ")
	}
	condition := "restricted AND CASE WHEN " + anyOf(byLine) + " THEN 1 ELSE 0 END = 1"
	if len(byName) > 0 {
		condition += " AND NOT (" + anyOf(byName) + ")"
	}
	return condition
}
