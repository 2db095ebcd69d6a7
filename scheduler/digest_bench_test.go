package scheduler

import (
	"context"
	"testing"
	"time"

	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/storetest"
)

// BenchmarkDigest measures counting everybody's digest with 1,000 duties that are
// due soon, over a small and a large number of open cases: "large/small" is the
// ratio of their times.
func BenchmarkDigest(b *testing.B) {
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", storetest.MigratedSQLiteURL}, {"Postgres", storetest.MigratedPostgresURL}} {
		b.Run(database.name, func(b *testing.B) {
			worlds := []*world{newWorld(b, database.url(b)), newWorld(b, database.url(b))}
			for i, cases := range []int{10_000, benchCases(b)} {
				worlds[i].fill(cases)
				worlds[i].makeDue()
			}
			now := at(b, benchNow)
			count := func(w *world) {
				all, err := casefile.ReadDigests(context.Background(), w.store, w.rules, nil, now)
				if err != nil {
					b.Fatal(err)
				}
				listed := 0
				for _, p := range all.Recipients() {
					for _, section := range all.Of(p.ID).Sections {
						listed += len(section.Lines)
					}
				}
				if listed != benchDue {
					b.Fatalf("listed %d duties, want %d", listed, benchDue)
				}
			}
			var small, large time.Duration
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				small += elapsed(func() { count(worlds[0]) })
				b.StartTimer()
				large += elapsed(func() { count(worlds[1]) })
			}
			b.ReportMetric(float64(large)/float64(small), "large/small")
		})
	}
}
