package store_test

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// place is one kind of database that a backup is taken from or restored into.
type place struct {
	name string
	url  func(t testing.TB) string
}

var places = []place{
	{"SQLite", func(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db") }},
	{"PostgreSQL", storetest.PostgresURL},
}

// raw is the database behind a store, past the store.
func raw(t testing.TB, url string) *sql.DB {
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
	return db
}

// tables are all tables that the database itself says it has, but for the list
// of migrations.
func tables(t testing.TB, db *sql.DB, url string) []string {
	t.Helper()
	query := "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	if strings.HasPrefix(url, "sqlite:") {
		query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
	}
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		if name != "schema_versions" {
			names = append(names, name)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatal("the database has no tables")
	}
	slices.Sort(names)
	return names
}

// read reads all rows of a table.
func read(t testing.TB, db *sql.DB, table string) (columns []*sql.ColumnType, values [][]any) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if columns, err = rows.ColumnTypes(); err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		values = append(values, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return columns, values
}

// awkward are texts that a careless format trips over.
var awkward = []string{"", "plain", "[\"a\",\n{\"table\":\"cases\"}]\r\n\\N\t' ; é … 🏠 \u2028 </b> \x01"}

const rowsEach = 3

// fill puts rows into every table, past the store, with values of each column's
// own type: the most and the least, NULL where the column takes it.
func fill(t testing.TB, db *sql.DB, url string) {
	t.Helper()
	for _, table := range tables(t, db, url) {
		columns, _ := read(t, db, table)
		for n := range rowsEach {
			names, marks, row := []string{}, []string{}, []any{}
			for i, c := range columns {
				names, marks = append(names, c.Name()), append(marks, "$"+strconv.Itoa(i+1))
				var v any
				switch kind := strings.ToUpper(c.DatabaseTypeName()); {
				case c.Name() == "id" && kind != "TEXT":
					v = 100 + n
				case kind == "TEXT":
					v = fmt.Sprintf("%d%s", n, awkward[n])
				case kind == "BOOLEAN", kind == "BOOL":
					v = n == 1
				case kind == "BIGINT", kind == "INT8":
					v = []int64{math.MinInt64, 0, math.MaxInt64}[n]
				case kind == "INTEGER", kind == "INT4":
					v = []int64{math.MinInt32, 0, math.MaxInt32}[n]
				default:
					t.Fatalf("%s.%s is a %s, which this test has no value for", table, c.Name(), kind)
				}
				row = append(row, v)
			}
			insert := "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
			if _, err := db.ExecContext(t.Context(), insert, row...); err != nil {
				t.Fatalf("%s: %v", table, err)
			}
			if n == 0 {
				// NULL, in turn, in whatever takes it. As a key SQLite takes it and
				// PostgreSQL does not; nothing writes one.
				for _, c := range columns[1:] {
					_, _ = db.ExecContext(t.Context(), "UPDATE "+table+" SET "+c.Name()+" = NULL WHERE "+names[0]+" = $1", row[0])
				}
			}
		}
	}
}

// contents writes every row of every table as text, in order. What leases say is
// left out: they end with the move.
func contents(t testing.TB, db *sql.DB, url string) []string {
	t.Helper()
	var out []string
	for _, table := range tables(t, db, url) {
		columns, values := read(t, db, table)
		for _, row := range values {
			line := table
			for i, c := range columns {
				if table == "schedules" && (c.Name() == "holder" || c.Name() == "lease_until") {
					continue
				}
				v := row[i]
				if n, ok := v.(int64); ok && c.DatabaseTypeName() == "BOOLEAN" {
					v = n != 0 // as SQLite keeps it
				}
				line += fmt.Sprintf(" %s=%#v", c.Name(), v)
			}
			out = append(out, line)
		}
	}
	slices.Sort(out)
	return out
}

func backup(t testing.TB, s *store.Store) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := s.Backup(t.Context(), &file, ""); err != nil {
		t.Fatalf("Backup = %v, want no error", err)
	}
	return file.Bytes()
}

func restore(t testing.TB, s *store.Store, file []byte) error {
	t.Helper()
	_, err := s.Restore(t.Context(), bytes.NewReader(file))
	return err
}

// TestBackupMovesEveryTable: whatever is in any table the database has, a backup
// has it and either database takes it back.
func TestBackupMovesEveryTable(t *testing.T) {
	for _, from := range places {
		for _, to := range places {
			t.Run(from.name+"To"+to.name, func(t *testing.T) {
				url := from.url(t)
				old, oldData := storetest.Open(t, url), raw(t, url)
				fill(t, oldData, url)
				want := contents(t, oldData, url)
				if names := tables(t, oldData, url); len(want) != rowsEach*len(names) {
					t.Fatalf("%d rows in %q, want %d in each", len(want), names, rowsEach)
				}
				file := backup(t, old)

				url = to.url(t)
				moved, data := storetest.Open(t, url), raw(t, url)
				if err := restore(t, moved, file); err != nil {
					t.Fatalf("Restore = %v, want no error", err)
				}
				got := contents(t, data, url)
				if len(got) != len(want) {
					t.Fatalf("%d rows after the move, want %d", len(got), len(want))
				}
				for i := range want {
					if got[i] != want[i] {
						t.Errorf("after the move:\n%s\nwant:\n%s", got[i], want[i])
					}
				}

				// The numbers that the database gives out go on.
				var id int64
				if err := data.QueryRowContext(t.Context(), "INSERT INTO runs (schedule, due_at, started_at) VALUES ('scan', 1, 1) RETURNING id").Scan(&id); err != nil {
					t.Fatal(err)
				}
				if id != 100+rowsEach {
					t.Errorf("the next run has number %d, want %d", id, 100+rowsEach)
				}

				if err := restore(t, moved, file); err == nil || !strings.Contains(err.Error(), "empty") {
					t.Errorf("second Restore = %v, want an error that the database is not empty", err)
				}
			})
		}
	}
}

// TestRestoreEndsClaims: who held a message or a schedule is gone with the old
// database.
func TestRestoreEndsClaims(t *testing.T) {
	for _, to := range places {
		t.Run(to.name, func(t *testing.T) {
			now := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
			old := storetest.OpenMemory(t)
			if _, err := old.QueueMessages(t.Context(), nil, now, []store.Message{{Key: "k1", Kind: "digest", Person: "W1", Channel: "email", NextTry: now}}); err != nil {
				t.Fatal(err)
			}
			if claimed, err := old.ClaimMessages(t.Context(), now, "email", "old", 10, now.Add(time.Minute)); err != nil || len(claimed) != 1 {
				t.Fatalf("ClaimMessages = %v, %v; want one message", claimed, err)
			}
			if err := old.BeginSchedule(t.Context(), "scan", now.Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
			if _, err := old.BeginRun(t.Context(), now, "scan", now, "old", now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			moved := storetest.Open(t, to.url(t))
			if err := restore(t, moved, backup(t, old)); err != nil {
				t.Fatalf("Restore = %v, want no error", err)
			}
			later := now.Add(time.Minute)
			if claimed, err := moved.ClaimMessages(t.Context(), later, "email", "new", 10, later.Add(time.Minute)); err != nil || len(claimed) != 1 {
				t.Errorf("ClaimMessages after the move = %v, %v; want the message", claimed, err)
			}
			if _, err := moved.BeginRun(t.Context(), later, "scan", later, "new", later.Add(time.Minute)); err != nil {
				t.Errorf("BeginRun after the move = %v, want no error", err)
			}
		})
	}
}

// takeCases takes in so many cases, numbered from first on, each with one event.
func takeCases(t testing.TB, s *store.Store, rules *pathway.Rules, first, count int) {
	t.Helper()
	now := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	in, err := s.NewIntake(t.Context(), rules, store.IntakeOptions{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Rollback()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(in.AddPerson(1, pathway.Person{ID: "G1", Name: "Manager One", Role: pathway.Manager, Team: "East", Email: "g1@example.org"}, pathway.GivenAll))
	must(in.AddPerson(2, pathway.Person{ID: "W1", Name: "Worker One", Role: pathway.Practitioner, Team: "East", Email: "w1@example.org", ReportsTo: "G1"}, pathway.GivenAll))
	for i := first; i < first+count; i++ {
		ref := fmt.Sprintf("KN-%d", i)
		must(in.AddCase(i, pathway.Case{Ref: ref, Pathway: "csc-child-and-family", Opened: now.Add(-time.Hour),
			Practitioner: "W1", Manager: "G1", Team: "East", SafeToWrite: true}, pathway.GivenAll))
		must(in.AddEvent(i, pathway.Event{ID: "x1", Case: ref, Kind: pathway.KindNoAccess, At: now.Add(-time.Minute), By: "W1"}, pathway.GivenAll))
	}
	result, err := in.Commit(t.Context())
	if err != nil || result.FaultCount > 0 {
		t.Fatalf("take in cases: %v, %+v", err, result.Faults)
	}
}

// disturber takes in another case whenever a piece of a backup is written.
type disturber struct {
	io.Writer
	disturb func(n int)
	n       int
}

func (d *disturber) Write(p []byte) (int, error) {
	if d.n < 20 {
		d.disturb(d.n)
		d.n++
	}
	return d.Writer.Write(p)
}

// TestBackupIsOfOneInstant: cases that come while a backup is being written are
// in it with all that belongs to them, or not at all.
func TestBackupIsOfOneInstant(t *testing.T) {
	rules := storetest.Guidance(t)
	for _, from := range places {
		t.Run(from.name, func(t *testing.T) {
			old := storetest.Open(t, from.url(t))
			takeCases(t, old, rules, 1, 300)
			var file bytes.Buffer
			out := &disturber{Writer: &file, disturb: func(n int) { takeCases(t, old, rules, 1001+n, 1) }}
			if err := old.Backup(t.Context(), out, ""); err != nil {
				t.Fatalf("Backup = %v, want no error", err)
			}
			if out.n < 20 {
				t.Fatalf("only %d cases came while the backup was written, want 20", out.n)
			}
			url := places[0].url(t)
			moved, data := storetest.Open(t, url), raw(t, url)
			if err := restore(t, moved, file.Bytes()); err != nil {
				t.Fatalf("Restore = %v, want no error", err)
			}
			var cases, events, withDuties, apart int
			err := data.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM events),
	(SELECT count(DISTINCT case_ref) FROM duties), (SELECT count(*) FROM events WHERE case_ref NOT IN (SELECT ref FROM cases))`).
				Scan(&cases, &events, &withDuties, &apart)
			if err != nil {
				t.Fatal(err)
			}
			if cases < 300 || cases >= 320 || events != cases || withDuties != cases || apart != 0 {
				t.Errorf("the backup has %d cases, %d events (%d of no case) and duties of %d cases; want from 300 to 319 of each",
					cases, events, apart, withDuties)
			}
		})
	}
}

func unzip(t testing.TB, file []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func zipped(t testing.TB, text []byte) []byte {
	t.Helper()
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestRestoreKeepsNothingOfABadBackup: it is refused in words that help, and the
// database then takes the good one.
func TestRestoreKeepsNothingOfABadBackup(t *testing.T) {
	old := storetest.OpenMemory(t)
	takeCases(t, old, storetest.Guidance(t), 1, 50)
	good := backup(t, old)
	text := unzip(t, good)
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines = lines[:len(lines)-1] // the last is empty
	row := slices.IndexFunc(lines, func(l []byte) bool { return l[0] == '[' })
	joined := func(lines ...[]byte) []byte { return zipped(t, bytes.Join(lines, nil)) }
	newer := regexp.MustCompile(`"schema":\d+`).ReplaceAll(lines[0], []byte(`"schema":9999`))

	bad := []struct {
		name  string
		file  []byte
		words string
	}{
		{"Nothing", nil, "backup"},
		{"SomethingElse", []byte("ref,pathway\nKN-1,csc-child-and-family\n"), "backup"},
		{"SomethingElseZipped", zipped(t, []byte("ref,pathway\nKN-1,csc-child-and-family\n")), "backup"},
		{"Newer", joined(append([][]byte{newer}, lines[1:]...)...), "newer"},
		{"NoEnd", joined(lines[:len(lines)-1]...), "cut off"},
		{"ARowLess", joined(slices.Concat(lines[:row], lines[row+1:])...), "damaged"},
		{"ARowTwice", joined(slices.Concat(lines[:row+1], lines[row:])...), ""},
		{"AnotherValue", zipped(t, bytes.Replace(text, []byte("KN-7"), []byte("KN-9"), 1)), ""},
		{"ATableLess", joined(lines[0], lines[len(lines)-1]), "damaged"},
	}
	for _, part := range []int{1, 10, 50, 90, 99} {
		bad = append(bad, struct {
			name  string
			file  []byte
			words string
		}{fmt.Sprintf("CutOffAt%dPercent", part), good[:len(good)*part/100], ""})
		turned := slices.Clone(good)
		turned[len(turned)*part/100] ^= 0x10
		if part > 1 { // the first bytes say little
			bad = append(bad, struct {
				name  string
				file  []byte
				words string
			}{fmt.Sprintf("ABitTurnedAt%dPercent", part), turned, ""})
		}
	}
	for _, to := range places {
		t.Run(to.name, func(t *testing.T) {
			url := to.url(t)
			s, data := storetest.Open(t, url), raw(t, url)
			for _, tt := range bad {
				t.Run(tt.name, func(t *testing.T) {
					err := restore(t, s, tt.file)
					if err == nil || !strings.Contains(err.Error(), tt.words) || store.IsTemporary(err) {
						t.Errorf("Restore = %v, want a lasting error with %q", err, tt.words)
					}
					if rows := contents(t, data, url); len(rows) != 0 {
						t.Errorf("%d rows are left, the first %s; want none", len(rows), rows[0])
					}
					if err := s.CheckSchema(t.Context()); err != nil {
						t.Errorf("CheckSchema = %v, want no error", err)
					}
				})
			}
			if err := restore(t, s, good); err != nil {
				t.Errorf("Restore of the good backup = %v, want no error", err)
			}
			if got, want := len(contents(t, data, url)), len(lines)-2-len(tables(t, data, url)); got != want {
				t.Errorf("%d rows after it, want %d", got, want)
			}
		})
	}
}
