package store_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
	"example.org/doorstep/store/storetest"
)

// BenchmarkRecordDuringImport says how long a single event takes to be recorded on a
// case, by itself and while an import of 60,000 rows runs over a quarter of a million
// cases that has nothing to do with that case: a list of cases of which one in a hundred
// has changed, events that are all new, all or nothing, and as many again in parts, as
// from the inbox.
func BenchmarkRecordDuringImport(b *testing.B) {
	const known, rows = 250_000, 60_000
	people, cases, _ := caseload(b, known)
	_, few, events := caseload(b, rows)
	changed := changedList(b, few)
	again := otherEvents(b, events)
	for _, database := range []struct {
		name string
		open func(testing.TB) *store.Store
	}{{"SQLite", storetest.OpenSQLite}, {"Postgres", storetest.OpenPostgres}} {
		b.Run(database.name, func(b *testing.B) {
			s, rules := database.open(b), storetest.Guidance(b)
			importFile(b, s, rules, intake.People, people)
			importFile(b, s, rules, intake.Cases, cases)
			for _, during := range []struct {
				name string
				run  func() // nil: nothing, for as long as a hundred events take
			}{
				{"nothing", nil},
				{"list", func() { importFile(b, s, rules, intake.Cases, changed) }},
				{"events", func() { importFile(b, s, rules, intake.Events, events) }},
				{"events-in-parts", func() {
					importFileBy(b, s, rules, intake.Events, again, store.IntakeOptions{Now: importNow, Partial: true, InParts: true})
				}},
			} {
				b.Run(during.name, func(b *testing.B) {
					for range b.N {
						recordUntilDone(b, s, rules, during.name, known-1, during.run)
					}
				})
			}
		})
	}
}

// changedList is a list in which the manager of every hundredth case is another.
func changedList(b *testing.B, path string) string {
	b.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	lines := bytes.Split(content, []byte("\n"))
	for i := 1; i < len(lines); i += 100 {
		lines[i] = bytes.Replace(lines[i], []byte(",yes"), []byte(",no"), 1)
	}
	if err := os.WriteFile(path, bytes.Join(lines, []byte("\n")), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// otherEvents is a file of the same events under other names.
func otherEvents(b *testing.B, path string) string {
	b.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	other := path + ".other.csv"
	if err := os.WriteFile(other, bytes.ReplaceAll(content, []byte("\ne"), []byte("\nf")), 0o600); err != nil {
		b.Fatal(err)
	}
	return other
}

// recordUntilDone records events on the last case of all, one every 20 milliseconds, until
// run is over, and reports how long they took.
func recordUntilDone(b *testing.B, s *store.Store, rules *pathway.Rules, name string, last int, run func()) {
	b.Helper()
	done := make(chan struct{})
	began := time.Now()
	if run != nil {
		go func() {
			defer close(done)
			run()
		}()
	}
	every := time.NewTicker(20 * time.Millisecond)
	defer every.Stop()
	var took []time.Duration
	for n, over := 0, false; !over; n++ {
		select {
		case <-done:
			over = true
		case <-every.C:
			over = run == nil && n >= 100
		}
		e := pathway.Event{ID: fmt.Sprintf("%s-%d", name, n), Case: fmt.Sprintf("KN-%07d", last), Kind: pathway.KindPlanRecorded, At: importNow.Add(-time.Hour), By: "W001"}
		start := time.Now()
		if _, err := s.Record(context.Background(), importNow, "W001", []pathway.Event{e}, store.RecordOptions{Rules: rules}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	milliseconds := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milliseconds(took[len(took)/2]), "ms-median")
	b.ReportMetric(milliseconds(took[len(took)-1]), "ms-longest")
	b.ReportMetric(time.Since(began).Seconds(), "s-import")
}
