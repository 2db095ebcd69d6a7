package store

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// How values stand in columns: instants as milliseconds of Unix time (UTC), NULL
// for none; dates as 2026-12-24, lists joined by a separator, both empty for
// none.

// millis is an instant as a column keeps it.
func millis(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: true}
}

// optional is a column's value as an argument that no interface has to unwrap.
func optional(n sql.NullInt64) any {
	if !n.Valid {
		return nil
	}
	return n.Int64
}

// instant is what a column of instants says, in UTC; the zero time for NULL.
func instant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMilli(n.Int64).UTC()
}

// instantColumn takes what a column of instants says, as instant does.
type instantColumn time.Time

// readInstant has a column of instants read into t.
func readInstant(t *time.Time) *instantColumn { return (*instantColumn)(t) }

// Scan is called by database/sql.
func (c *instantColumn) Scan(column any) error {
	switch ms := column.(type) {
	case nil:
		*c = instantColumn{}
	case int64:
		*c = instantColumn(time.UnixMilli(ms).UTC())
	default:
		return fmt.Errorf("a column of instants holds a %T", column)
	}
	return nil
}

// Lists of words (roles, services, checklist items) are joined by semicolons;
// the lines of an address by line breaks, since an address may hold a semicolon.
const (
	words = ";"
	lines = "\n"
)

func splitList(column, separator string) []string {
	if column == "" {
		return nil
	}
	return strings.Split(column, separator)
}

func roles(column string) []pathway.Role {
	var out []pathway.Role
	for _, r := range splitList(column, words) {
		out = append(out, pathway.Role(r))
	}
	return out
}

func rolesColumn(rs []pathway.Role) string {
	if len(rs) == 0 {
		return ""
	}
	out := make([]string, len(rs))
	for i, r := range rs {
		out[i] = string(r)
	}
	return strings.Join(out, words)
}

func date(column string) (pathway.Date, error) {
	if column == "" {
		return pathway.Date{}, nil
	}
	return pathway.ParseDate(column)
}

func offset(column string) (pathway.Offset, error) {
	if column == "" {
		return pathway.Offset{}, nil
	}
	return pathway.ParseOffset(column)
}

// columnsOf splits lists of columns.
func columnsOf(lists ...string) []string { return strings.Split(strings.Join(lists, ", "), ", ") }

// values writes "($1,$2),($3,$4)": so many rows of so many placeholders.
func values(rows, columns int) string {
	var b strings.Builder
	n := 0
	for r := range rows {
		if r > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('(')
		for c := range columns {
			if c > 0 {
				b.WriteByte(',')
			}
			n++
			fmt.Fprintf(&b, "$%d", n)
		}
		b.WriteByte(')')
	}
	return b.String()
}
