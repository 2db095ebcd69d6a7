package scheduler

import (
	"context"
	"database/sql"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/store/storetest"
)

// benchCases is how many open cases the larger of two databases has. A million
// takes a minute to fill in.
func benchCases(b *testing.B) int {
	b.Helper()
	text := os.Getenv("DOORSTEP_BENCH_CASES")
	if text == "" {
		return 100_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("DOORSTEP_BENCH_CASES=%s: give a number", text)
	}
	return n
}

// BenchmarkScan measures a scan with 1,000 due rungs over a small and a large
// number of open cases, beside the bare SQL that reads and writes the same rows
// of the large one. "large/small" and "scan/bare" are the ratios of their times.
func BenchmarkScan(b *testing.B) {
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", storetest.MigratedSQLiteURL}, {"Postgres", storetest.MigratedPostgresURL}} {
		b.Run(database.name, func(b *testing.B) {
			small, large := newWorld(b, database.url(b)), newWorld(b, database.url(b))
			small.fill(10_000)
			large.fill(benchCases(b))
			var scanSmall, scanLarge, bare time.Duration
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				small.makeDue()
				scanSmall += elapsed(small.scanDue)
				large.makeDue()
				b.StartTimer()
				scanLarge += elapsed(large.scanDue)
				b.StopTimer()
				rows := large.written()
				large.makeDue()
				bare += elapsed(func() { large.writeBare(rows) })
				b.StartTimer()
			}
			b.ReportMetric(float64(scanLarge.Milliseconds())/float64(b.N), "ms/scan")
			b.ReportMetric(float64(scanLarge)/float64(scanSmall), "large/small")
			b.ReportMetric(float64(scanLarge)/float64(bare), "scan/bare")
		})
	}
}

func elapsed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

const (
	benchDue = 1000
	benchNow = "2026-09-02 10:00"
)

// fill makes so many open cases with a duty each whose next rung is a year away.
// One in a thousand of the small and fewer of the large database come due.
func (w *world) fill(cases int) {
	w.t.Helper()
	numbers := `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ` + strconv.Itoa(cases) + `) `
	w.opens(duty{ref: "KN-0", id: "discuss", ladder: "urgent", opened: "2027-09-02 10:00", due: "2027-09-03 10:00"})
	w.do(copies("cases", w.lines(columnsOf(w, "cases"), "cases"), map[string]string{
		"ref":              `'KN-' || i`,
		"now_practitioner": `CASE WHEN i % 2 = 0 THEN 'W1' ELSE 'W2' END`,
		"now_manager":      `CASE WHEN i % 2 = 0 THEN 'G1' ELSE 'G2' END`,
	}, numbers))
	w.do(copies("duties", w.lines(columnsOf(w, "duties"), "duties"), map[string]string{
		"case_ref":     `'KN-' || i`,
		"ladder":       `CASE WHEN i % 4 < 2 THEN 'urgent' ELSE 'routine' END`,
		"next_rung_at": `due_at + i`,
	}, numbers))
	if !w.onSQLite() {
		w.do(`VACUUM ANALYZE`)
	}
}

// columnsOf asks for the columns of a table but for a number that the database
// gives out.
func columnsOf(w *world, table string) string {
	if w.onSQLite() {
		return `SELECT name FROM pragma_table_info($1) WHERE name <> 'id' OR type = 'TEXT'`
	}
	return `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 AND is_identity = 'NO'`
}

// copies makes a row of a table from its first one for each of the numbers.
func copies(table string, columns []string, changed map[string]string, numbers string) string {
	var values []string
	for _, c := range columns {
		if v, found := changed[c]; found {
			values = append(values, v)
		} else {
			values = append(values, "t."+c)
		}
	}
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") " + numbers +
		"SELECT " + strings.Join(values, ", ") + " FROM n, (SELECT * FROM " + table + " LIMIT 1) t"
}

// makeDue takes a thousand duties, spread over all, back to where their rung
// "start" comes now.
func (w *world) makeDue() {
	w.t.Helper()
	now := at(w.t, benchNow)
	var cases int
	if err := w.db.QueryRow(`SELECT COUNT(*) FROM cases`).Scan(&cases); err != nil {
		w.t.Fatal(err)
	}
	w.do(`DELETE FROM reminders`)
	w.do(`DELETE FROM messages`)
	w.do(`UPDATE duties SET opened_at = $1, due_at = $2, climbed_due_at = NULL, climbed_through = NULL, next_rung_at = $1
		WHERE id % $3 = 0`, now.UnixMilli(), now.Add(24*time.Hour).UnixMilli(), (cases-1)/benchDue)
	if !w.onSQLite() {
		w.do(`VACUUM duties, reminders, messages`)
	}
}

func (w *world) scanDue() {
	now := at(w.t, benchNow)
	w.clock.jump(now)
	counts, err := w.scanner().Scan(context.Background(), nil, now)
	if err != nil || counts[CountDue] != benchDue {
		w.t.Fatalf("scanned %v (error %v), want %d due", counts, err, benchDue)
	}
}

// rows is what a scan has written, by table.
type rows struct{ messages, reminders, duties [][]any }

func (w *world) written() rows {
	w.t.Helper()
	return rows{
		messages: w.values(`SELECT id, key, kind, person, channel, address, severity, created_at, next_try_at, useful_until, state, payload
			FROM messages ORDER BY id`),
		reminders: w.values(`SELECT duty_id, due_at, rung, person, channel, role, reason, instead, merged_into, stands_for, message_id, created_at
			FROM reminders ORDER BY created_at`),
		duties: w.values(`SELECT climbed_due_at, climbed_through, next_rung_at, id FROM duties WHERE climbed_through IS NOT NULL`),
	}
}

func (w *world) values(query string) [][]any {
	w.t.Helper()
	found, err := w.db.Query(query)
	if err != nil {
		w.t.Fatal(err)
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		w.t.Fatal(err)
	}
	var out [][]any
	for found.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := found.Scan(into...); err != nil {
			w.t.Fatal(err)
		}
		out = append(out, row)
	}
	return out
}

// writeBare reads the due rows and writes what a scan wrote, and nothing else,
// in as many transactions and in statements of as many rows.
func (w *world) writeBare(r rows) {
	w.t.Helper()
	const inserted = 200
	parts := (len(r.duties) + dutiesInBatch - 1) / dutiesInBatch
	for part := range parts {
		tx, err := w.db.Begin()
		if err != nil {
			w.t.Fatal(err)
		}
		found, err := tx.Query(`SELECT d.id, d.case_ref, d.duty, d.owner, d.told, d.ladder, d.recorder, d.opened_at, d.due_at, c.now_practitioner, c.now_manager, c.chair, c.team
			FROM duties d JOIN cases c ON c.ref = d.case_ref WHERE d.next_rung_at <= $1 ORDER BY d.next_rung_at, d.id LIMIT $2`, at(w.t, benchNow).UnixMilli(), dutiesInBatch)
		if err != nil {
			w.t.Fatal(err)
		}
		for found.Next() {
			row, into := make([]any, 13), make([]any, 13)
			for i := range row {
				into[i] = &row[i]
			}
			if err := found.Scan(into...); err != nil {
				w.t.Fatal(err)
			}
		}
		found.Close()
		write := func(insert string, all [][]any) {
			all = all[part*len(all)/parts : (part+1)*len(all)/parts]
			most := inserted
			if w.onSQLite() {
				most = 1 // faster there, since it is prepared once
			}
			var prepared *sql.Stmt
			var preparedRows int
			for len(all) > 0 {
				chunk := all[:min(most, len(all))]
				all = all[len(chunk):]
				var args []any
				var text strings.Builder
				for i, row := range chunk {
					text.WriteString([]string{"(", ",("}[min(i, 1)])
					for j, v := range row {
						args = append(args, v)
						text.WriteString([]string{"$", ",$"}[min(j, 1)] + strconv.Itoa(len(args)))
					}
					text.WriteString(")")
				}
				if preparedRows != len(chunk) {
					var err error
					if prepared, err = tx.Prepare(insert + text.String()); err != nil {
						w.t.Fatal(err)
					}
					preparedRows = len(chunk)
				}
				if _, err := prepared.Exec(args...); err != nil {
					w.t.Fatal(err)
				}
			}
		}
		write(`INSERT INTO messages (id, key, kind, person, channel, address, severity, created_at, next_try_at, useful_until, state, payload) VALUES `, r.messages)
		write(`INSERT INTO reminders (duty_id, due_at, rung, person, channel, role, reason, instead, merged_into, stands_for, message_id, created_at) VALUES `, r.reminders)
		duties := r.duties[part*len(r.duties)/parts : (part+1)*len(r.duties)/parts]
		w.climbBare(tx, duties)
		if err := tx.Commit(); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) climbBare(tx *sql.Tx, duties [][]any) {
	w.t.Helper()
	if !w.onSQLite() { // all in one round trip
		var args []any
		var text strings.Builder
		for i, row := range duties {
			text.WriteString([]string{"(", ",("}[min(i, 1)])
			for j, v := range row {
				args = append(args, v)
				text.WriteString([]string{"", ","}[min(j, 1)] + "CAST($" + strconv.Itoa(len(args)) + " AS BIGINT)")
			}
			text.WriteString(")")
		}
		if _, err := tx.Exec(`UPDATE duties SET climbed_due_at = v.column1, climbed_through = v.column2, next_rung_at = v.column3
			FROM (VALUES `+text.String()+`) AS v WHERE duties.id = v.column4`, args...); err != nil {
			w.t.Fatal(err)
		}
		return
	}
	update, err := tx.Prepare(`UPDATE duties SET climbed_due_at = $1, climbed_through = $2, next_rung_at = $3 WHERE id = $4`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer update.Close()
	for _, row := range duties {
		if _, err := update.Exec(row...); err != nil {
			w.t.Fatal(err)
		}
	}
}
