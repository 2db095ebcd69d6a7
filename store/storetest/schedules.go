package storetest

import (
	"errors"
	"testing"
	"time"

	"example.org/doorstep/store"
)

func testSchedules(t *testing.T, open func(t testing.TB) *store.Store) {
	const lease = 30 * time.Second
	begin := func(t *testing.T, s *store.Store, holder, when string) (*store.Run, error) {
		now := at(t, when)
		return s.BeginRun(t.Context(), now, "digest", now, holder, now.Add(lease))
	}
	started := func(t *testing.T) *store.Store {
		s := open(t)
		if err := s.BeginSchedule(t.Context(), "digest", at(t, "2026-09-01 08:00")); err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Run("FirstSightIsRemembered", func(t *testing.T) {
		s := started(t)
		if err := s.BeginSchedule(t.Context(), "digest", at(t, "2026-09-05 08:00")); err != nil {
			t.Fatal(err)
		}
		state, err := s.Schedule(t.Context(), "digest")
		if err != nil || !state.LastDue.Equal(at(t, "2026-09-01 08:00")) {
			t.Errorf("seen to %s (error %v), want what was said first", state.LastDue, err)
		}
		if state, err = s.Schedule(t.Context(), "unknown"); err != nil || state != (store.ScheduleState{Name: "unknown"}) {
			t.Errorf("one that never began: got %+v (error %v), want nothing of it", state, err)
		}
	})
	t.Run("OneRunAtATime", func(t *testing.T) {
		s := started(t)
		run, err := begin(t, s, "a", "2026-09-02 08:00")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := begin(t, s, "b", "2026-09-02 08:00"); !errors.Is(err, store.ErrRunTaken) {
			t.Errorf("a second run: got %v, want %v", err, store.ErrRunTaken)
		}
		if err := s.EndRun(t.Context(), at(t, "2026-09-02 08:01"), run, map[string]int{"digests": 3}, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := begin(t, s, "b", "2026-09-02 08:00"); !errors.Is(err, store.ErrRunTaken) {
			t.Errorf("what was seen to already: got %v, want %v", err, store.ErrRunTaken)
		}
		state, err := s.Schedule(t.Context(), "digest")
		want := store.ScheduleState{Name: "digest", LastDue: at(t, "2026-09-02 08:00").UTC(), LastStarted: at(t, "2026-09-02 08:00").UTC(),
			LastEnded: at(t, "2026-09-02 08:01").UTC(), LastSuccess: at(t, "2026-09-02 08:01").UTC()}
		if err != nil || state != want {
			t.Errorf("got  %+v (error %v)\nwant %+v", state, err, want)
		}
		runs, err := s.Runs(t.Context(), "digest", 10)
		if err != nil || len(runs) != 1 || runs[0].Counts["digests"] != 3 {
			t.Errorf("on record: got %+v (error %v), want one run with 3 digests", runs, err)
		}
	})
	t.Run("FailedRunIsNotSeenTo", func(t *testing.T) {
		s := started(t)
		run, err := begin(t, s, "a", "2026-09-02 08:00")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.EndRun(t.Context(), at(t, "2026-09-02 08:00"), run, nil, "the disk is full"); err != nil {
			t.Fatal(err)
		}
		if _, err := begin(t, s, "b", "2026-09-02 08:00"); err != nil {
			t.Errorf("again: got %v, want it to begin", err)
		}
		runs, err := s.Runs(t.Context(), "digest", 10)
		if err != nil || len(runs) != 2 || runs[1].Error != "the disk is full" || !runs[0].Ended.IsZero() {
			t.Errorf("on record: got %+v (error %v), want one that failed and one that goes on", runs, err)
		}
	})
	t.Run("LeaseIsHeldOrLost", func(t *testing.T) {
		s := started(t)
		run, err := begin(t, s, "a", "2026-09-02 08:00")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.RenewRun(t.Context(), run, at(t, "2026-09-02 08:05")); err != nil {
			t.Fatal(err)
		}
		if _, err := begin(t, s, "b", "2026-09-02 08:04"); !errors.Is(err, store.ErrRunTaken) {
			t.Errorf("while it is renewed: got %v, want %v", err, store.ErrRunTaken)
		}
		if _, err := begin(t, s, "b", "2026-09-02 08:05"); err != nil {
			t.Errorf("when it has run out: got %v, want it to begin", err)
		}
		if err := s.RenewRun(t.Context(), run, at(t, "2026-09-02 08:10")); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("renewed too late: got %v, want %v", err, store.ErrLeaseLost)
		}
		message := store.Message{Key: "digest/G1/2026-09-02", Kind: "digest", Person: "G1", Channel: "email", NextTry: at(t, "2026-09-02 08:05")}
		if _, err := s.QueueMessages(t.Context(), run, at(t, "2026-09-02 08:05"), []store.Message{message}); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("written too late: got %v, want %v", err, store.ErrLeaseLost)
		}
		added, err := s.QueueMessages(t.Context(), nil, at(t, "2026-09-02 08:05"), []store.Message{message})
		if err != nil || !added[message.Key] {
			t.Errorf("the late message was kept: %v is new (error %v), want it to be", added, err)
		}
	})
	t.Run("OldRunsAreForgotten", func(t *testing.T) {
		s := started(t)
		for _, when := range []string{"2026-09-02 08:00", "2026-09-03 08:00", "2026-10-04 08:00"} {
			run, err := begin(t, s, "a", when)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.EndRun(t.Context(), at(t, when), run, nil, ""); err != nil {
				t.Fatal(err)
			}
		}
		runs, err := s.Runs(t.Context(), "digest", 10)
		if err != nil || len(runs) != 2 {
			t.Errorf("got %d runs (error %v), want the last two", len(runs), err)
		}
	})
}
