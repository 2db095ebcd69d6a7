package store

import (
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// merge is how PostgreSQL changes many rows at once: they are copied into a
// temporary table, and one statement takes them from there.
type merge struct {
	table   pgx.Identifier
	columns []string
	create  string
	update  string
	created bool
}

// newMerge changes the first columns, so many, of the rows that the others name.
func newMerge(name string, columns []string, values int) *merge {
	equations := func(columns []string, of, between string) string {
		out := make([]string, len(columns))
		for i, c := range columns {
			out[i] = of + c + " = changed." + c
		}
		return strings.Join(out, between)
	}
	temporary := "changed_" + name + "_" + strconv.Itoa(len(columns))
	return &merge{
		table:   pgx.Identifier{temporary},
		columns: columns,
		create:  "CREATE TEMPORARY TABLE IF NOT EXISTS " + temporary + " ON COMMIT DROP AS SELECT " + strings.Join(columns, ", ") + " FROM " + name + " WITH NO DATA",
		update: "UPDATE " + name + " SET " + equations(columns[:values], "", ", ") + " FROM " + temporary + " AS changed WHERE " +
			equations(columns[values:], name+".", " AND "),
	}
}

func (b *bulk) mergeRows(conn *pgx.Conn) error {
	m := b.merge
	if !m.created {
		if _, err := conn.Exec(b.ctx, m.create); err != nil {
			return err
		}
		m.created = true
	}
	rows := pgx.CopyFromSlice(b.used/b.columns, func(i int) ([]any, error) { return b.rowAt(i * b.columns), nil })
	if _, err := conn.CopyFrom(b.ctx, m.table, m.columns, rows); err != nil {
		return err
	}
	// The temporary table has no index: where an intake has forbidden reading
	// tables from end to end, that must not make all plans look alike.
	statements := m.update + "; TRUNCATE " + m.table.Sanitize()
	if b.session.byKey {
		statements = "SET LOCAL enable_seqscan = on; " + statements + "; SET LOCAL enable_seqscan = off"
	}
	_, err := conn.Exec(b.ctx, statements)
	return err
}
