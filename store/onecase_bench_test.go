package store_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/postcards"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// manyEvents are stories of one case with far more events than any has, each of which
// once took time that grew with the square of their number.
var manyEvents = []struct {
	name, pathway string
	event         func(i int, e *pathway.Event)
}{
	{"one-instant", "csc-section-47", func(i int, e *pathway.Event) { e.Kind, e.At = pathway.KindSupervision, importNow.AddDate(0, 0, -9) }},
	{"no-access", "hv-child", func(i int, e *pathway.Event) { e.Kind = pathway.KindNoAccess }},
	{"offers", "hv-child", func(i int, e *pathway.Event) {
		e.Kind, e.Booked = pathway.KindAppointmentOffered, importNow.AddDate(0, 0, 1+i%90)
	}},
	{"offers-recorded-then", "hv-child", func(i int, e *pathway.Event) {
		e.Kind, e.Booked, e.Recorded = pathway.KindAppointmentOffered, importNow.AddDate(0, 0, 1+i%90), e.At
	}},
	{"voids-of-nothing", "hv-child", func(i int, e *pathway.Event) { e.Kind, e.Value = pathway.KindVoided, fmt.Sprint("none-", i) }},
	{"voids-in-a-row", "hv-child", func(i int, e *pathway.Event) { e.Kind, e.Value = pathway.KindVoided, fmt.Sprintf("x%05d", i-1) }},
	{"dates-set", "csc-child-and-family", func(i int, e *pathway.Event) {
		if e.Kind = pathway.KindNoAccess; i%2 == 1 {
			e.Kind, e.Due, e.By, e.Reason = pathway.KindTimeframeSet, e.At.AddDate(0, 0, 90), "M1", "they are away"
		}
	}},
	{"everything", "hv-child", func(i int, e *pathway.Event) {
		kinds := []string{pathway.KindNoAccess, pathway.KindLiaison, pathway.KindDiscussedWithManager, pathway.KindRecorded, pathway.KindCancelledByFamily,
			pathway.KindVoided, pathway.KindVisitBooked, pathway.KindNotBrought, pathway.KindPathwayChanged, pathway.KindFrequencySet, pathway.KindSeen}
		switch e.Kind = kinds[i*7%len(kinds)]; e.Kind {
		case pathway.KindLiaison:
			e.Value = []string{"gp", "chis;housing", "gp;early-years"}[i%3]
		case pathway.KindVoided:
			e.Value = fmt.Sprintf("x%05d", i-3)
		case pathway.KindVisitBooked:
			e.Booked = e.At.AddDate(0, 0, 2)
		case pathway.KindPathwayChanged:
			e.Value = []string{"hv-child", "hv-child-safeguarding", "csc-plan"}[i%3]
		case pathway.KindFrequencySet:
			e.Value = []string{"10 working days", "6 weeks"}[i%2]
		}
	}},
}

// BenchmarkManyEventsOfOneCase takes in that many events of one case at once, and says
// how long each of them took: as long of as many as one file may have as of 1,000.
func BenchmarkManyEventsOfOneCase(b *testing.B) {
	tables, err := postcards.LoadTables(os.DirFS("../configs/wording"))
	if err != nil {
		b.Fatal(err)
	}
	rules := storetest.Guidance(b)
	for _, story := range manyEvents {
		for _, n := range []int{1000, pathway.MostRowsOfCase - 1} {
			b.Run(fmt.Sprint(story.name, "/", n), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					s := storetest.OpenSQLite(b)
					in := manyEventsOf(b, s, rules, tables, 0, n, story.pathway, story.event)
					b.StartTimer()
					if result, err := in.Commit(b.Context()); err != nil || result.Added < 2 {
						b.Fatalf("%d rows added (%v), want more than that of the case", result.Added, err)
					}
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/event")
			})
		}
	}
}

// BenchmarkLongHistoryInThreeFiles takes in 10,000 events of one case by three files, as
// one that is longer than a file may be, and says how long the first and the last of them
// took, which has the others' events to go by.
func BenchmarkLongHistoryInThreeFiles(b *testing.B) {
	tables, err := postcards.LoadTables(os.DirFS("../configs/wording"))
	if err != nil {
		b.Fatal(err)
	}
	rules := storetest.Guidance(b)
	const all, files = 10_000, 3
	for _, story := range manyEvents {
		b.Run(story.name, func(b *testing.B) {
			var took [files]time.Duration
			for range b.N {
				s := storetest.OpenSQLite(b)
				for file := range files {
					in := manyEventsOf(b, s, rules, tables, all*file/files, all*(file+1)/files, story.pathway, story.event)
					began := time.Now()
					if result, err := in.Commit(b.Context()); err != nil || result.FaultCount > result.Rows {
						b.Fatal(result, err)
					}
					took[file] += time.Since(began)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(took[0].Seconds()/float64(b.N), "s-first")
			b.ReportMetric(took[files-1].Seconds()/float64(b.N), "s-last")
		})
	}
}

// manyEventsOf is an intake of one case with those of many events from one number to
// another, in a database with the people they name.
func manyEventsOf(b *testing.B, s *store.Store, rules *pathway.Rules, tables *pathway.PaperTables, from, to int, on string, event func(int, *pathway.Event)) *store.Intake {
	b.Helper()
	in, err := s.NewIntake(b.Context(), rules, store.IntakeOptions{Now: importNow, Partial: true, Paper: tables})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Rollback() })
	for i, p := range []pathway.Person{{ID: "M1", Role: pathway.Manager}, {ID: "W1", Role: pathway.Practitioner, ReportsTo: "M1"}} {
		p.Email, p.Channel = p.ID+"@example.org", "email"
		if err := in.AddPerson(i+1, p, pathway.GivenAll); err != nil {
			b.Fatal(err)
		}
	}
	opened := importNow.AddDate(0, 0, -300)
	c := pathway.Case{Ref: "KN-1", Pathway: on, Opened: opened, Practitioner: "W1", Manager: "M1", SafeToWrite: true}
	if err := in.AddCase(3, c, pathway.GivenAll); err != nil {
		b.Fatal(err)
	}
	for i := from; i < to; i++ {
		e := pathway.Event{ID: fmt.Sprintf("x%05d", i), Case: "KN-1", At: opened.Add(time.Duration(i+1) * 40 * time.Minute), By: "W1"}
		event(i, &e)
		if err := in.AddEvent(4+i, e, pathway.GivenAll); err != nil {
			b.Fatal(err)
		}
	}
	return in
}
