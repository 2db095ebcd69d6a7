package storetest

import (
	"testing"
	"time"

	"example.org/doorstep/store"
)

// testAccounts: whoever has to wait does so by the clock as it is, not as it was wrong.
func testAccounts(t *testing.T, open func(t testing.TB) *store.Store) {
	s := open(t)
	now := at(t, "2026-09-01 08:00")
	const lasts = 15 * time.Minute
	try := func(when time.Time) time.Time {
		t.Helper()
		wait, err := s.BeginSignIn(t.Context(), when, when.Add(-time.Hour), []string{store.AccountKey("W1")},
			func(_ string, f store.Failures) time.Time {
				if f.Count < 1 {
					return time.Time{}
				}
				return f.Last.Add(lasts)
			})
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	if wait := try(now.AddDate(1, 0, 0)); !wait.IsZero() { // by a clock that was a year ahead
		t.Fatalf("the first try waits until %s", wait)
	}
	if wait := try(now); !wait.Equal(now.Add(lasts)) {
		t.Errorf("the next try waits until %s, want until %s", wait, now.Add(lasts))
	}
	if wait := try(now.Add(lasts)); !wait.IsZero() {
		t.Errorf("once that has passed it waits until %s, want it counted", wait)
	}
}
