package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// testManyRowsOfCase checks that a case with more rows than are taken in at once is
// refused, wherever it comes from, and takes no other case with it.
func testManyRowsOfCase(t *testing.T, open func(t testing.TB) *store.Store) {
	// supervisions are so many events of one case, all of one instant.
	supervisions := func(t testing.TB, ref string, from, n int) (events []pathway.Event) {
		for i := range n {
			events = append(events, pathway.Event{ID: fmt.Sprint("s", from+i), Case: ref, Kind: pathway.KindSupervision, At: at(t, "2026-09-02 10:00"), By: "G1"})
		}
		return events
	}
	seen := func(t testing.TB) pathway.Event {
		return pathway.Event{ID: "z1", Case: "KN-8", Kind: pathway.KindSeen, At: at(t, "2026-09-02 11:00"), By: "W1"}
	}
	begin := func(t *testing.T) *store.Store {
		s := open(t)
		r := visits(t)
		other := r.cases[0]
		other.Ref = "KN-8"
		r.cases = append(r.cases, other)
		taken(t, s, Guidance(t), r)
		return s
	}
	for _, partial := range []bool{false, true} {
		for _, n := range []int{5_001, 40_000} { // in memory, and set aside on disk
			t.Run(fmt.Sprintf("Partial%t%d", partial, n), func(t *testing.T) {
				s := begin(t)
				r := rows{IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 12:00"), Partial: partial}}
				r.events = append(append(supervisions(t, "KN-7", 0, n-1), seen(t)), supervisions(t, "KN-7", n-1, 1)...)
				result := takeRows(t, s, Guidance(t), r)
				same(t, "faults", faults(result), []string{fmt.Sprintf("events 1 case_ref: %d rows are about case KN-7, and at most 5000 of a case are taken in at once: "+
					"this does not look like the record of a case; export it again, or hand it over in several files", n)})
				if others := result.Faults[0].Others; len(others) != n-1 || others[0] != 2 || others[n-2] != n+1 {
					t.Errorf("the fault names %d further rows, want the %d from 2 to %d without the other case's", len(others), n-1, n+1)
				}
				if result.Kept != partial || len(caseFile(t, s, "KN-7").Events) != 0 {
					t.Errorf("kept %t, and case KN-7 has %d events; want the other case's row kept only with partial, and none of these", result.Kept, len(caseFile(t, s, "KN-7").Events))
				}
				if events := caseFile(t, s, "KN-8").Events; len(events) != 0 != partial {
					t.Errorf("case KN-8 has %d events, want its good row with partial", len(events))
				}
			})
		}
	}

	t.Run("ALongHistoryComesInSeveralFiles", func(t *testing.T) {
		s := begin(t)
		for i := range 3 {
			result := record(t, s, Guidance(t), "2026-09-02 12:00", supervisions(t, "KN-7", i*3334, 3334)...)
			wantCounts(t, result, "added 3334")
		}
		record(t, s, Guidance(t), "2026-09-02 12:30", noAccess(t))
		if open := strings.Join(duties(t, s, "KN-7"), "\n"); !strings.Contains(open, "discuss-with-manager 1 due 2026-09-03 10:00 open") {
			t.Errorf("after 10,002 events of the case an unsuccessful visit opens\n%s\nwant a discussion within 24 hours", open)
		}
	})

	t.Run("TooManyAreNotRecordedEither", func(t *testing.T) {
		s := begin(t)
		_, err := s.Record(t.Context(), at(t, "2026-09-02 12:00").Add(time.Minute), "G1", supervisions(t, "KN-7", 0, 5_001), store.RecordOptions{Rules: Guidance(t)})
		if pathway.ProblemOf(err) != pathway.Refused || !strings.Contains(err.Error(), "5001 rows are about case KN-7") {
			t.Errorf("recording 5,001 events of a case: %v, want it refused", err)
		}
	})
}
