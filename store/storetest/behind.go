package storetest

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Behind is a connection of a test's own to the database behind a store: to set a
// scene that no event makes, and to look at what is kept.
type Behind struct {
	*sql.DB
	t        testing.TB
	onSQLite bool
}

// LookBehind connects to a database that a store has set up.
func LookBehind(t testing.TB, url string) *Behind {
	t.Helper()
	driver, address := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &Behind{db, t, driver == "sqlite"}
}

// Do executes a statement.
func (b *Behind) Do(statement string, args ...any) {
	b.t.Helper()
	if _, err := b.Exec(statement, args...); err != nil {
		b.t.Fatalf("%s: %v", statement, err)
	}
}

// Lines returns the rows of a query as text, the columns with blanks between.
func (b *Behind) Lines(query string, args ...any) []string {
	b.t.Helper()
	rows, err := b.Query(query, args...)
	if err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			b.t.Fatal(err)
		}
		var line []string
		for _, v := range values {
			line = append(line, fmt.Sprint(*v.(*any)))
		}
		out = append(out, strings.Join(line, " "))
	}
	if err := rows.Err(); err != nil {
		b.t.Fatal(err)
	}
	return out
}

// Insert adds a row whose other columns are empty.
func (b *Behind) Insert(table string, row map[string]any) {
	b.t.Helper()
	for column, empty := range b.required(table) {
		if _, given := row[column]; !given {
			row[column] = empty
		}
	}
	columns := slices.Sorted(maps.Keys(row))
	var args []any
	var marks []string
	for i, column := range columns {
		args = append(args, row[column])
		marks = append(marks, fmt.Sprintf("$%d", i+1))
	}
	b.Do(`INSERT INTO `+table+` (`+strings.Join(columns, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`, args...)
}

// required are the columns of a table that need a value, with an empty one.
func (b *Behind) required(table string) map[string]any {
	b.t.Helper()
	query := `SELECT column_name, data_type FROM information_schema.columns
		WHERE table_name = $1 AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'`
	if b.onSQLite {
		query = `SELECT name, type FROM pragma_table_info($1) WHERE "notnull" = 1 AND dflt_value IS NULL`
	}
	out := map[string]any{}
	for _, line := range b.Lines(query, table) {
		name, kind, _ := strings.Cut(line, " ")
		switch strings.ToLower(kind) {
		case "text":
			out[name] = ""
		case "boolean":
			out[name] = false
		default:
			out[name] = 0
		}
	}
	return out
}
