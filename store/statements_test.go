package store

import (
	"database/sql"
	"fmt"
	"testing"
)

// TestKeptStatements: a connection runs the same text again and again, inside
// another answer to it, after the schema has changed, and among more texts than it
// keeps.
func TestKeptStatements(t *testing.T) {
	s, err := Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := s.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	kept := func() int {
		n := 0
		_ = conn.Raw(func(c any) error { n = len(c.(*keepingConn).kept); return nil })
		return n
	}
	run := func(text string, args ...any) {
		t.Helper()
		if _, err := conn.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	run("CREATE TABLE visits (id INTEGER PRIMARY KEY, place TEXT)")
	for i := range 3 {
		run("INSERT INTO visits (id, place) VALUES ($1, $2)", i, fmt.Sprint("place ", i))
	}
	if got := kept(); got != 1 {
		t.Errorf("%d statements are kept after one text that comes again, want 1", got)
	}
	numbers(t, conn, "\n\tSELECT id\n\tFROM visits")
	if got := kept(); got != 2 {
		t.Errorf("%d statements are kept after a second text, which begins on a line of its own, want 2", got)
	}
	const ask = "SELECT id FROM visits WHERE id >= $1 ORDER BY id"
	pairs := 0
	for _, outer := range numbers(t, conn, ask, 0) {
		pairs += len(numbers(t, conn, ask, outer))
	}
	if pairs != 6 {
		t.Errorf("%d pairs, want 6: an answer disturbed another to the same text", pairs)
	}
	rows, err := conn.QueryContext(t.Context(), ask, 0)
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	inner := numbers(t, conn, ask, 1)
	left := 1
	for rows.Next() {
		left++
	}
	rows.Close()
	if len(inner) != 2 || left != 3 {
		t.Errorf("asked in the middle of an answer to the same text: %d and %d rows, want 2 and 3", len(inner), left)
	}
	run("ALTER TABLE visits ADD COLUMN seen INTEGER")
	run("CREATE INDEX visits_of_place ON visits (place)")
	if got := numbers(t, conn, ask, 2); len(got) != 1 {
		t.Errorf("%d rows after the schema changed, want 1", len(got))
	}
	if _, err := conn.ExecContext(t.Context(), "INSERT INTO visits (id, place) VALUES ($1, $2)", 0, "again"); err == nil {
		t.Error("a visit was written twice under one id")
	}
	run("INSERT INTO visits (id, place) VALUES ($1, $2)", 7, "after an error")
	for i := range 3 * mostKept {
		numbers(t, conn, fmt.Sprintf("SELECT id + %d FROM visits WHERE id >= $1", i), 0)
	}
	if got := kept(); got != mostKept {
		t.Errorf("%d statements are kept after %d texts, want %d", got, 3*mostKept, mostKept)
	}
}

func numbers(t *testing.T, conn *sql.Conn, text string, args ...any) []int {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var found []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		found = append(found, n)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}
