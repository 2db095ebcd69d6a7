package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"example.org/doorstep/store"
)

// testReceiptsAtOnce has many receipts come at the same moment.
func testReceiptsAtOnce(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("ThousandsOfReceiptsAtOnce", func(t *testing.T) {
		s := newScene(t, open)
		const texts = 3000
		var lines []string
		for i := range texts {
			lines = append(lines, fmt.Sprintf("t%d sms W1", i))
		}
		s.queues("2026-09-02 10:00", "test", lines...)
		for range texts / 100 {
			s.sends("2026-09-02 10:00", "sms", "2026-09-02 10:30")
		}
		messages, err := s.MessagesToPoll(t.Context(), at(t, "2026-09-02 10:30"), "sms", texts)
		if err != nil || len(messages) != texts {
			t.Fatalf("MessagesToPoll = %d, %v; want %d", len(messages), err, texts)
		}
		var receipts []store.Progressed
		for _, progress := range []string{"delivered", "queued"} { // each in the wrong order
			for _, m := range messages {
				receipts = append(receipts, store.Progressed{Message: m.ID, ProviderID: m.ProviderID, Progress: progress})
			}
		}
		s.progresses("2026-09-02 10:31", receipts...)
		delivered, err := s.LastDelivered(t.Context(), at(t, "2026-09-01 00:00"))
		if err != nil || len(delivered) != 1 {
			t.Errorf("LastDelivered = %v, %v; want one address", delivered, err)
		}
		if left := s.toPoll("2026-09-03 10:00", texts); len(left) > 0 {
			t.Errorf("%d receipts are waited for, want none", len(left))
		}
	})
	t.Run("TheSameReceiptsFromManySidesAtOnce", func(t *testing.T) {
		s := newScene(t, open)
		const texts, sides = 200, 6
		var lines []string
		for i := range texts {
			lines = append(lines, fmt.Sprintf("t%d sms W1", i))
		}
		s.queues("2026-09-02 10:00", "test", lines...)
		for range texts / 100 {
			s.sends("2026-09-02 10:00", "sms", "2026-09-02 10:30")
		}
		messages, err := s.MessagesToPoll(t.Context(), at(t, "2026-09-02 10:30"), "sms", texts)
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		var errs [sides]error
		for side := range sides {
			var receipts []store.Progressed
			for _, m := range messages {
				receipts = append(receipts, store.Progressed{Message: m.ID, ProviderID: m.ProviderID, Progress: []string{"sent", "delivered"}[side/2%2]})
			}
			if side%2 == 1 {
				slices.Reverse(receipts)
			}
			wait.Go(func() { errs[side] = s.RecordProgress(t.Context(), at(t, "2026-09-02 10:31"), receipts) })
		}
		wait.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		for i := range texts {
			if m := s.message(fmt.Sprint("t", i)); m.State != store.MessageDelivered {
				t.Fatalf("message %s is %s, want it delivered", m.Key, m.State)
			}
		}
	})
	t.Run("AReceiptAndAnotherTryDoNotBothCount", func(t *testing.T) {
		s := newScene(t, open)
		s.texts()
		receipt, id := s.receipt("text", "delivered"), s.message("text").ID
		var wait sync.WaitGroup
		var again bool
		var errs [2]error
		wait.Go(func() {
			errs[0] = s.RecordProgress(t.Context(), at(t, "2026-09-02 10:40"), []store.Progressed{receipt})
		})
		wait.Go(func() {
			again, errs[1] = s.TryAgain(t.Context(), at(t, "2026-09-02 10:40"), id, "of-text", store.Outcome{})
		})
		wait.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		want := store.MessageDelivered
		if again {
			want = store.MessageFailedTemporarily
		}
		if m := s.message("text"); m.State != want {
			t.Errorf("the message is %s although trying it again gave %v", m.State, again)
		}
	})
}
