package rehearsal

import (
	"fmt"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store/storetest"
)

// BenchmarkReplay follows a year of 1,000 and of 5,000 cases. "ratio" is the time
// for one event against that of the smaller year: about 1 where the cost grows with
// the events.
//
//	go test ./scheduler/rehearsal -run '^$' -bench Replay -benchtime 1x
func BenchmarkReplay(b *testing.B) {
	smaller := 0.0
	for _, cases := range []int{1_000, 5_000} {
		b.Run(fmt.Sprintf("%d-cases", cases), func(b *testing.B) {
			load := yearOf(b, cases)
			var counts Summary
			messages := 0
			for b.Loop() {
				b.StopTimer()
				db := storetest.OpenMemory(b)
				b.StartTimer()
				lines, err := rehearse(load, storetest.Guidance(b), yearBegins, yearEnds).Run(b.Context(), db)
				if err != nil {
					b.Fatal(err)
				}
				counts = Summarise(lines)
				messages = counts.Sent[pathway.ChannelEmail] + counts.Sent[pathway.ChannelSMS]
			}
			took := b.Elapsed().Seconds() / float64(b.N)
			each := took / float64(len(load.events))
			if smaller == 0 {
				smaller = each
			}
			b.ReportMetric(float64(len(load.events)), "events")
			b.ReportMetric(float64(len(load.events))/took, "events/s")
			b.ReportMetric(float64(messages), "messages")
			b.ReportMetric(float64(messages)/took, "messages/s")
			b.ReportMetric(each/smaller, "ratio")
		})
	}
}

// rehearse is a rehearsal as the annotated configuration has it.
func rehearse(load *Caseload, rules *pathway.Rules, from, to time.Time) *Rehearsal {
	return &Rehearsal{
		Caseload: load, Rules: rules, From: from, To: to,
		Schedules: scheduler.Schedules{Scan: "@every 1m", Digest: "0 8 * * MON-FRI"},
		DutyDesk:  func(string) *pathway.Person { return &pathway.Person{ID: "duty", Email: "duty@example.org"} },
	}
}
