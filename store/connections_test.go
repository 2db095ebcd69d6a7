package store_test

import (
	"context"
	"testing"
	"time"

	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// TestEveryPoolHasItsDeadlines: what the server is told, on each connection.
func TestEveryPoolHasItsDeadlines(t *testing.T) {
	s, err := store.Open(t.Context(), storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, pool := range s.Pools() {
		for setting, want := range map[string]map[bool]string{
			"SHOW statement_timeout":                   {true: "25s", false: "15min"},
			"SHOW idle_in_transaction_session_timeout": {true: "30s", false: "15min"},
		} {
			var got string
			if err := pool.QueryRowContext(t.Context(), setting).Scan(&got); err != nil || got != want[name != "long"] {
				t.Errorf("%s, %s: %q (%v), want %q", name, setting, got, err, want[name != "long"])
			}
		}
	}
}

// TestWhatPeopleWaitForStartsNoWorkers: PostgreSQL answers it by itself, with many at once.
func TestWhatPeopleWaitForStartsNoWorkers(t *testing.T) {
	s, err := store.Open(t.Context(), storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var got string
	if err := s.Pools()["daily"].QueryRowContext(t.Context(), "SHOW max_parallel_workers_per_gather").Scan(&got); err != nil || got != "0" {
		t.Errorf("a query may start %q workers (%v), want 0", got, err)
	}
}

// TestADeadConnectionDoesNotHoldUpTheNext: of the pool's connections all are dead, and the
// network is well again.
func TestADeadConnectionDoesNotHoldUpTheNext(t *testing.T) {
	between := storetest.NewBetween(t, storetest.PostgresURL(t))
	s, err := store.Open(t.Context(), between.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	between.GoSilent()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.Ping(ctx); err == nil {
		t.Error("a database behind a silent network answers")
	}
	between.Resume()
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("once the network forwards again: %v, want an answer", err)
	}
}
