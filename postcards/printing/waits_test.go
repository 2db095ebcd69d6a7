package printing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store/casefile"
)

// TestPaperThatWaitsStandsInTheDigest once it has waited for over two working days, or at
// once where it cannot be printed; no longer once it is printed or nothing calls for it.
func TestPaperThatWaitsStandsInTheDigest(t *testing.T) {
	eachDatabase(t, func(t *testing.T, o *office) {
		friday := instant(t, "2026-11-27 10:00")
		noAddress := func(c *pathway.Case) { c.Address, c.Postcode = nil, "" }
		unprintable := func(c *pathway.Case) { c.Addressee = "Parent 😀" }
		offered := func(n int) pathway.Event {
			return pathway.Event{Case: fmt.Sprint("SW-", n), Kind: pathway.KindAppointmentOffered, At: friday.Add(-time.Hour), Booked: instant(t, "2026-12-11 10:00")}
		}
		o.takesIn(friday, []pathway.Case{o.family(1, nil), o.family(2, noAddress), o.family(3, unprintable), o.family(4, nil), o.family(5, func(c *pathway.Case) { c.SafeToWrite = false })},
			pathway.Event{Case: "SW-1", Kind: pathway.KindNoAccess, At: friday.Add(-time.Hour)}, offered(2), offered(3),
			pathway.Event{Case: "SW-4", Kind: pathway.KindNoAccess, At: friday.Add(-time.Hour)}, offered(5))
		waits := func(when string, want ...string) {
			t.Helper()
			now := instant(t, when)
			all, err := casefile.PaperWaiting(t.Context(), o.Store, o.Rules, nil, now)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range all {
				why, _, _ := strings.Cut(all[i].Why, ":")
				got = append(got, strings.TrimSpace(all[i].Case+" "+all[i].Kind+" "+why))
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("at %s these wait for too long: %q, want %q", when, got, want)
			}
			digest, err := casefile.Digest(t.Context(), o.Store, o.Rules, nil, "G1", now)
			if err != nil {
				t.Fatal(err)
			}
			if n := digest.Count(notify.PaperWaits); n != len(want) {
				t.Errorf("at %s the manager's digest has %d of them, want %d", when, n, len(want))
			}
		}
		waits("2026-11-27 11:00", "SW-2 letter the case has no full address")
		waits("2026-12-01 17:00", "SW-2 letter the case has no full address") // two working days are over at this minute
		waits("2026-12-01 17:01", "SW-1 card", "SW-2 letter the case has no full address", "SW-3 letter", "SW-4 card")

		o.takesIn(instant(t, "2026-12-01 18:00"), nil, pathway.Event{Case: "SW-4", Kind: pathway.KindSeen, At: instant(t, "2026-12-01 17:30")})
		waits("2026-12-02 08:00", "SW-1 card", "SW-2 letter the case has no full address", "SW-3 letter")

		o.pending(instant(t, "2026-12-02 09:00"))
		waits("2026-12-02 10:00", "SW-2 letter the case has no full address", "SW-3 letter addressee cannot be printed as it is")
		waits("2026-12-02 08:00", "SW-1 card", "SW-2 letter the case has no full address", "SW-3 letter addressee cannot be printed as it is") // as it was then

		o.takesIn(instant(t, "2026-12-02 11:00"), []pathway.Case{o.family(2, nil), o.family(3, nil)})
		o.pending(instant(t, "2026-12-02 12:00"))
		waits("2026-12-02 13:00")
	})
}
