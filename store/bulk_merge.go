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

func newMerge(name string, columns []string) *merge {
	last := len(columns) - 1
	set := make([]string, last)
	for i, c := range columns[:last] {
		set[i] = c + " = changed." + c
	}
	temporary := "changed_" + name + "_" + strconv.Itoa(len(columns))
	return &merge{
		table:   pgx.Identifier{temporary},
		columns: columns,
		create:  "CREATE TEMPORARY TABLE IF NOT EXISTS " + temporary + " ON COMMIT DROP AS SELECT " + strings.Join(columns, ", ") + " FROM " + name + " WITH NO DATA",
		update: "UPDATE " + name + " SET " + strings.Join(set, ", ") + " FROM " + temporary + " AS changed WHERE " +
			name + "." + columns[last] + " = changed." + columns[last],
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
