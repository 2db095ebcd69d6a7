package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// testLeft is about what a process has sent that ended before it could record it.
func testLeft(t *testing.T, open func(t testing.TB) *store.Store) {
	// claimed is a message that "dead" has claimed, for a minute from eleven.
	claimed := func(t *testing.T) (*scene, store.LeftSent) {
		s := newScene(t, open)
		s.tells("2026-09-02 10:30", map[string]pathway.Severity{"discuss-with-manager": 1})
		_, ids := s.claims("dead", "2026-09-02 11:00", 1)
		if len(ids) != 1 {
			t.Fatalf("claimed %d messages, want 1", len(ids))
		}
		return s, store.LeftSent{Message: ids[0], At: at(t, "2026-09-02 11:00")}
	}
	left := func(s *scene, holder string, want int, all ...store.LeftSent) {
		t.Helper()
		if n, err := s.RecordLeft(s.t.Context(), holder, all); err != nil || n != want {
			s.t.Errorf("of what %s had sent %d were not known (error %v), want %d", holder, n, err, want)
		}
	}
	stands := func(s *scene, want string) {
		s.t.Helper()
		if got := s.stands(); !slices.Contains(got, want) {
			s.t.Errorf("the messages stand as %q, want %q among them", got, want)
		}
	}
	const sent, sending = "start W1 email sent sent", "start W1 email sent sending"

	t.Run("ItIsSentAndDoesNotGoAgain", func(t *testing.T) {
		s, l := claimed(t)
		left(s, "dead", 1, l)
		stands(s, sent)
		left(s, "dead", 0, l)
		if keys, _ := s.claims("next", "2026-09-02 12:00", 10); len(keys) != 0 {
			t.Errorf("%q went again, want nothing", keys)
		}
	})
	t.Run("ItsReceiptIsAskedFor", func(t *testing.T) {
		s, l := claimed(t)
		l.ProviderID, l.PollAt = "SM1", at(t, "2026-09-02 11:01")
		left(s, "dead", 1, l)
		due, err := s.MessagesToPoll(t.Context(), at(t, "2026-09-02 11:01"), "email", 10)
		if err != nil || len(due) != 1 || due[0].ProviderID != "SM1" || !due[0].SentAt.Equal(l.At) {
			t.Errorf("to be asked for: %v (error %v), want SM1 as sent at %s", due, err, l.At)
		}
	})
	t.Run("WhatSomebodyElseHasClaimedIsTheirs", func(t *testing.T) {
		s, l := claimed(t)
		s.claims("next", "2026-09-02 11:02", 1)
		left(s, "dead", 0, l)
		stands(s, sending)
	})
	t.Run("AnotherDatabasesProcessChangesNothing", func(t *testing.T) {
		s, l := claimed(t)
		left(s, "elsewhere", 0, l)
		stands(s, sending)
	})
	t.Run("AnEarlierAttemptIsNotThisOne", func(t *testing.T) {
		s, l := claimed(t)
		s.records("2026-09-02 11:00", "dead", store.Outcome{Message: l.Message, State: store.MessageFailedTemporarily, Reason: "busy", NextTry: at(t, "2026-09-02 11:01")})
		s.claims("dead", "2026-09-02 11:01", 1)
		left(s, "dead", 0, l)
		stands(s, sending+" busy")
		l.Tries = 1
		left(s, "dead", 1, l)
		stands(s, sent)
	})
	t.Run("Many", func(t *testing.T) {
		s, l := claimed(t)
		all := make([]store.LeftSent, 2500)
		for i := range all {
			all[i] = store.LeftSent{Message: int64(1e6 + i), At: l.At, ProviderID: fmt.Sprint("SM", i), PollAt: l.At.Add(time.Minute)}
		}
		left(s, "dead", 1, append(all, l)...)
		stands(s, sent)
	})
}
