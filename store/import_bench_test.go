package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
	"example.org/doorstep/store/storetest"
)

// importRows is how many cases, and how many events, the import benchmarks take
// in. The million of the published figures:
//
//	go test ./store -run '^$' -bench Import -benchtime 1x -rows 1000000 -timeout 1h
var importRows = flag.Int("rows", 20_000, "cases, and events, in the import benchmarks")

var importNow = time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)

// caseload writes an invented caseload as the files that a record system would
// hand over. It is mixed as an authority's is: most cases are health visiting
// without known concerns, most visits find the family in. A case has no, one, two
// or three events.
func caseload(b *testing.B, rows int) (people, cases, events string) {
	b.Helper()
	dir := b.TempDir()
	pathways := mix(map[string]int{"hv-child": 12, "hv-child-safeguarding": 2, "hv-antenatal": 2, "hv-antenatal-vulnerable": 1,
		"csc-child-and-family": 1, "csc-plan": 1, "csc-parent-assessment": 1})
	kinds := mix(map[string]int{"seen": 10, "visit-booked": 3, "appointment-offered": 2, "no-access": 2, "not-brought": 1,
		"not-seen": 1, "plan-recorded": 1})
	perCase := []int{0, 1, 0, 2, 1, 0, 1, 3, 0, 2}
	write := func(name, header string, fill func(w *bufio.Writer)) string {
		path := filepath.Join(dir, name)
		f, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		w := bufio.NewWriter(f)
		fmt.Fprintln(w, header)
		fill(w)
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		return path
	}
	people = write("people.csv", "id,name,role,team,email,mobile,channel,reports_to", func(w *bufio.Writer) {
		for i := range 50 {
			fmt.Fprintf(w, "M%02d,Manager %d,manager,Team %d,m%d@example.org,,email,\n", i, i, i, i)
		}
		for i := range 500 {
			fmt.Fprintf(w, "W%03d,Worker %d,practitioner,Team %d,w%d@example.org,07700 900%03d,email,M%02d\n", i, i, i%50, i, i, i%50)
		}
	})
	opened := func(i int) time.Time { return importNow.Add(-time.Duration(i*7919%(60*24*60)+3*24*60) * time.Minute) }
	const minutes = "2006-01-02 15:04"
	cases = write("cases.csv", "ref,pathway,opened_at,practitioner,manager,team,contact,plan,edd,household,addressee,address_1,address_2,postcode,safe_to_write", func(w *bufio.Writer) {
		for i := range rows {
			plan, edd := "", ""
			switch pathways[i%len(pathways)] {
			case "csc-plan":
				plan = "cp"
			case "hv-antenatal", "hv-antenatal-vulnerable":
				edd = importNow.AddDate(0, 0, i%200).Format(time.DateOnly)
			}
			fmt.Fprintf(w, "KN-%07d,%s,%s,W%03d,M%02d,Team %d,other,%s,%s,H%d,Parent of KN-%07d,%d Test Street,Swindon,SN1 1AA,yes\n",
				i, pathways[i%len(pathways)], opened(i).Format(minutes), i%500, i%50, i%50, plan, edd, i/2, i, i%200)
		}
	})
	events = write("events.csv", "event_id,case_ref,kind,at,by,value,booked_for,reason", func(w *bufio.Writer) {
		for i, n := 0, 0; n < rows; i++ {
			for k := range perCase[i%len(perCase)] {
				if n++; n > rows {
					break
				}
				kind := kinds[(i*7+k)%len(kinds)]
				at, booked := opened(i).Add(time.Duration(k+1)*11*time.Hour), ""
				if kind == "visit-booked" {
					booked = at.AddDate(0, 0, 3).Format(minutes)
				}
				fmt.Fprintf(w, "e%d-%d,KN-%07d,%s,%s,W%03d,,%s,\n", i, k, i%rows, kind, at.Format(minutes), i%500, booked)
			}
		}
	})
	return people, cases, events
}

// mix is every word so many times.
func mix(shares map[string]int) []string {
	var out []string
	for round, more := 0, true; more; round++ {
		more = false
		for _, word := range slices.Sorted(maps.Keys(shares)) {
			if round < shares[word] {
				out, more = append(out, word), true
			}
		}
	}
	return out
}

// BenchmarkImport imports a caseload from CSV files into an empty database, and
// beside it does the least that could bring the same rows there: COPY of the
// files on PostgreSQL, prepared inserts in one transaction on SQLite.
func BenchmarkImport(b *testing.B) {
	people, cases, events := caseload(b, *importRows)
	bench := func(name string, prepare func(b *testing.B) func(context.Context) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				run := prepare(b)
				forgetPeak()
				b.StartTimer()
				if err := run(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(2**importRows), "µs/row")
			b.ReportMetric(peakMegabytes(), "peak-MB")
		})
	}
	doorstep := func(open func(testing.TB) *store.Store) func(b *testing.B) func(context.Context) error {
		return func(b *testing.B) func(context.Context) error {
			s, rules := open(b), storetest.Guidance(b)
			importFile(b, s, rules, intake.People, people)
			return func(context.Context) error {
				importFile(b, s, rules, intake.Cases, cases)
				importFile(b, s, rules, intake.Events, events)
				return nil
			}
		}
	}
	bench("SQLite/prepared-inserts", func(b *testing.B) func(context.Context) error {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_journal_mode=WAL&_synchronous=FULL")
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { db.Close() })
		return func(ctx context.Context) error { return insertFiles(ctx, db, cases, events) }
	})
	bench("SQLite/doorstep", doorstep(storetest.OpenSQLite))
	bench("Postgres/copy", func(b *testing.B) func(context.Context) error {
		conn, err := pgx.Connect(b.Context(), storetest.PostgresURL(b))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { conn.Close(context.Background()) })
		return func(ctx context.Context) error { return copyFiles(ctx, conn, cases, events) }
	})
	bench("Postgres/doorstep", doorstep(storetest.OpenPostgres))
}

// BenchmarkUnchangedList imports a list of cases that all are known and say what they
// said before, as most of what a record system hands over every night.
func BenchmarkUnchangedList(b *testing.B) {
	people, cases, events := caseload(b, *importRows)
	for _, database := range []struct {
		name string
		open func(testing.TB) *store.Store
	}{{"SQLite", storetest.OpenSQLite}, {"Postgres", storetest.OpenPostgres}} {
		b.Run(database.name, func(b *testing.B) {
			s, rules := database.open(b), storetest.Guidance(b)
			importFile(b, s, rules, intake.People, people)
			importFile(b, s, rules, intake.Cases, cases)
			importFile(b, s, rules, intake.Events, events)
			for b.Loop() {
				importFile(b, s, rules, intake.Cases, cases)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(*importRows), "µs/row")
		})
	}
}

func importFile(b *testing.B, s *store.Store, rules *pathway.Rules, of, path string) {
	b.Helper()
	importFileBy(b, s, rules, of, path, store.IntakeOptions{Now: importNow})
}

func importFileBy(b *testing.B, s *store.Store, rules *pathway.Rules, of, path string, options store.IntakeOptions) {
	b.Helper()
	ctx := b.Context()
	in, err := s.NewIntake(ctx, rules, options)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Rollback()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	read, err := intake.Read(ctx, f, intake.Options{Of: of, File: path, Rules: rules, Now: importNow}, in)
	if err == nil {
		err = read.Err(path)
	}
	if err != nil {
		b.Fatal(err)
	}
	result, err := in.Commit(ctx)
	if err != nil {
		b.Fatal(err)
	}
	if !result.Kept {
		b.Fatalf("%s was refused: %+v", of, result.Faults)
	}
	b.Logf("%s: %d added, %d duties opened, %d met", of, result.Added, result.DutiesOpened, result.DutiesMet)
}

// bareTables are tables that hold the files as they are.
func bareTables(timestamp string) []string {
	return []string{
		"CREATE TABLE cases (ref TEXT PRIMARY KEY, pathway TEXT, opened_at " + timestamp + ", practitioner TEXT, manager TEXT, team TEXT, contact TEXT, plan TEXT, edd TEXT, household TEXT, addressee TEXT, address_1 TEXT, address_2 TEXT, postcode TEXT, safe_to_write TEXT)",
		"CREATE TABLE events (event_id TEXT, case_ref TEXT, kind TEXT, at " + timestamp + ", by TEXT, value TEXT, booked_for " + timestamp + ", reason TEXT, PRIMARY KEY (case_ref, event_id))",
	}
}

func copyFiles(ctx context.Context, conn *pgx.Conn, cases, events string) error {
	for _, create := range bareTables("TIMESTAMPTZ") {
		if _, err := conn.Exec(ctx, create); err != nil {
			return err
		}
	}
	for table, path := range map[string]string{"cases": cases, "events": events} {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		if _, err := conn.PgConn().CopyFrom(ctx, f, "COPY "+table+" FROM STDIN (FORMAT csv, HEADER)"); err != nil {
			return err
		}
	}
	return nil
}

func insertFiles(ctx context.Context, db *sql.DB, cases, events string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, create := range bareTables("TEXT") {
		if _, err := tx.Exec(create); err != nil {
			return err
		}
	}
	for table, path := range map[string]string{"cases": cases, "events": events} {
		if err := insertFile(tx, table, path); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func insertFile(tx *sql.Tx, table, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReader(f))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return err
	}
	statement, err := tx.Prepare("INSERT INTO " + table + " VALUES (" + strings.Repeat(",?", len(header))[1:] + ")")
	if err != nil {
		return err
	}
	defer statement.Close()
	args := make([]any, len(header))
	for {
		record, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for i, value := range record {
			args[i] = value
		}
		if _, err := statement.Exec(args...); err != nil {
			return err
		}
	}
}

// forgetPeak makes peakMegabytes begin anew, where the system can.
func forgetPeak() { os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peakMegabytes is the most memory that this process has had in use, as Linux
// counts it; 0 elsewhere.
func peakMegabytes() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes float64
	fmt.Sscan(after, &kilobytes)
	return kilobytes / 1024
}
