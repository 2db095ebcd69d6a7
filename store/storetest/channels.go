package storetest

import (
	"slices"
	"testing"
	"time"

	"example.org/doorstep/store"
)

// stops stops texts, and reports whether they went before. A probe may go after a
// minute.
func (s *scene) stops(when, reason string) bool {
	s.t.Helper()
	opened, err := s.OpenChannel(s.t.Context(), at(s.t, when),
		store.ChannelState{Channel: "sms", Reason: reason, Fault: "provider", NextProbe: at(s.t, when).Add(time.Minute)})
	if err != nil {
		s.t.Fatal(err)
	}
	return opened
}

// goesOn lets texts go again, and returns how many are to be tried at once.
func (s *scene) goesOn(when string) (closed bool, pulled int) {
	s.t.Helper()
	closed, pulled, err := s.CloseChannel(s.t.Context(), at(s.t, when), "sms")
	if err != nil {
		s.t.Fatal(err)
	}
	return closed, pulled
}

func (s *scene) channel(name string) store.ChannelState {
	s.t.Helper()
	c, err := s.ChannelState(s.t.Context(), name)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// fails claims all texts and has each fail, to be tried again an hour later.
func (s *scene) fails(when, fault string) {
	s.t.Helper()
	_, ids := s.claimsBy("sms", "a", when)
	for _, id := range ids {
		s.records(when, "a", store.Outcome{Message: id, State: store.MessageFailedTemporarily, Fault: fault, NextTry: at(s.t, when).Add(time.Hour)})
	}
}

func testChannels(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("AChannelIsStoppedOnceAndGoesOnOnce", func(t *testing.T) {
		s := newScene(t, open)
		if c := s.channel("sms"); c != (store.ChannelState{Channel: "sms", State: store.ChannelClosed}) {
			t.Errorf("a channel that nobody stopped is %+v, want it closed", c)
		}
		if closed, _ := s.goesOn("2026-09-02 10:00"); closed {
			t.Error("CloseChannel of a channel that nobody stopped = true, want false")
		}
		if first, second := s.stops("2026-09-02 10:00", "503"), s.stops("2026-09-02 10:05", "504"); !first || second {
			t.Errorf("OpenChannel twice = %v, %v; want true, false", first, second)
		}
		if c := s.channel("sms"); c.State != store.ChannelOpen || c.Reason != "503" || c.Fault != "provider" || !c.Since.Equal(at(t, "2026-09-02 10:00")) ||
			!c.NextProbe.Equal(at(t, "2026-09-02 10:01")) {
			t.Errorf("the channel is %+v, want it open since 10:00 for 503, with a probe at 10:01", c)
		}
		if c := s.channel("email"); c.State != store.ChannelClosed {
			t.Errorf("the other channel is %+v, want it closed", c)
		}
		first, _ := s.goesOn("2026-09-02 11:00")
		second, _ := s.goesOn("2026-09-02 11:01")
		if !first || second {
			t.Errorf("CloseChannel twice = %v, %v; want true, false", first, second)
		}
		if c := s.channel("sms"); c.State != store.ChannelClosed || c.Reason != "" || c.Fault != "" || !c.NextProbe.IsZero() || !c.Since.Equal(at(t, "2026-09-02 11:00")) {
			t.Errorf("the channel is %+v, want it closed since 11:00", c)
		}
		if !s.stops("2026-09-02 12:00", "again") || s.channel("sms").Reason != "again" {
			t.Errorf("stopped again the channel is %+v, want it open", s.channel("sms"))
		}
	})
	t.Run("OneProbeAtATime", func(t *testing.T) {
		s := newScene(t, open)
		probes := func(when string) bool {
			taken, err := s.TakeProbe(t.Context(), at(t, when), "sms", at(t, when).Add(5*time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			return taken
		}
		if probes("2026-09-02 10:00") {
			t.Error("a probe by a channel that goes = true, want false")
		}
		s.stops("2026-09-02 10:00", "503")
		for _, tt := range []struct {
			when string
			want bool
		}{{"2026-09-02 10:00", false}, {"2026-09-02 10:01", true}, {"2026-09-02 10:01", false}, {"2026-09-02 10:05", false}, {"2026-09-02 10:06", true}} {
			if got := probes(tt.when); got != tt.want {
				t.Errorf("a probe at %s = %v, want %v", tt.when, got, tt.want)
			}
		}
	})
	t.Run("WhatTheProviderHeldUpGoesAtOnceWhenItIsBack", func(t *testing.T) {
		s := newScene(t, open)
		for _, fault := range []string{"provider", "account", "refused", "unreachable"} {
			s.queues("2026-09-02 10:00", "test", fault+" sms W1 a 3")
			s.fails("2026-09-02 10:00", fault)
		}
		now := at(t, "2026-09-02 09:00") // one that is due already stays where it stands
		s.queues("2026-09-02 09:00", "test", "due sms W1 a 1")
		s.fails("2026-09-02 09:00", "provider")
		later := store.Message{Key: "later", Kind: "test", Channel: "sms", NextTry: at(t, "2026-09-03 09:00")}
		if _, err := s.QueueMessages(t.Context(), nil, now, []store.Message{later}); err != nil {
			t.Fatal(err)
		}
		s.stops("2026-09-02 10:05", "503")
		if closed, pulled := s.goesOn("2026-09-02 10:10"); !closed || pulled != 3 {
			t.Errorf("CloseChannel = %v, %d; want true and three messages", closed, pulled)
		}
		keys, _ := s.claimsBy("sms", "a", "2026-09-02 10:10")
		same(t, "to be sent at once", keys, []string{"due", "provider", "account", "refused"})
	})
	t.Run("UrgentTextsThatWaitAreLookedAtOnce", func(t *testing.T) {
		s := newScene(t, open)
		// What failed is found although its next try is an hour away.
		s.queues("2026-09-02 10:00", "reminder", "failed sms W1 a 50")
		s.fails("2026-09-02 10:00", "provider")
		s.queues("2026-09-02 10:00", "reminder", "sending sms W1 a 1")
		s.claimsBy("sms", "a", "2026-09-02 10:30")
		s.queues("2026-09-02 10:10", "reminder", "queued sms W1 a 99", "grave sms W1 a 0", "routine sms W1 a 100", "other email W1 a 0")
		s.queues("2026-09-02 10:10", "alert", "alert sms W1 a 0")
		s.queues("2026-09-02 12:00", "reminder", "later sms W1 a 0")
		name := map[int64]string{}
		for _, key := range []string{"failed", "sending", "queued", "grave", "routine", "other", "alert", "later"} {
			name[s.message(key).ID] = key
		}
		urgent := func(when string, limit int) (keys []string, ids []int64) {
			ids, err := s.WaitingUrgent(t.Context(), at(t, when), "sms", 100, limit)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range ids {
				keys = append(keys, name[id])
			}
			return keys, ids
		}
		two, _ := urgent("2026-09-02 10:30", 2)
		same(t, "the two most serious", two, []string{"grave", "failed"})
		all, ids := urgent("2026-09-02 10:30", 10)
		same(t, "all", all, []string{"grave", "failed", "queued"})
		if err := s.NoteStuck(t.Context(), at(t, "2026-09-02 10:30"), ids[:2]); err != nil {
			t.Fatal(err)
		}
		left, _ := urgent("2026-09-02 10:30", 10)
		same(t, "what was not looked at yet", left, []string{"queued"})
		s.stops("2026-09-02 10:30", "503")
		s.goesOn("2026-09-02 10:30")
		all, _ = urgent("2026-09-02 10:30", 10)
		same(t, "after the channel went and stopped again", all, []string{"grave", "failed", "queued"})
		died, _ := urgent("2026-09-02 10:31", 10)
		if !slices.Contains(died, "sending") {
			t.Errorf("once its claim has run out there are %q, want sending among them", died)
		}
	})
	t.Run("UrgentMessagesThatHaveNotArrivedAreCounted", func(t *testing.T) {
		s := newScene(t, open)
		wants := func(what, when string, want int, since string) {
			t.Helper()
			count, oldest, err := s.OldestUndelivered(t.Context(), at(t, when), 100)
			if err != nil {
				t.Fatal(err)
			}
			if got := clock(t, oldest); count != want || got != since {
				t.Errorf("%s: there are %d since %s, want %d since %s", what, count, got, want, since)
			}
		}
		wants("at first", "2026-09-02 09:00", 0, "never")
		s.queues("2026-09-02 10:00", "reminder", "one sms W1 a 5", "routine sms W1 a 100")
		wants("before it should go", "2026-09-02 09:59", 0, "never")
		wants("queued", "2026-09-02 10:00", 1, "2026-09-02 10:00")
		s.sends("2026-09-02 10:00", "sms", "2026-09-02 10:30")
		s.queues("2026-09-02 10:10", "reminder", "two email W1 a 5")
		wants("one sent, one queued", "2026-09-02 10:10", 2, "2026-09-02 10:00")
		s.sends("2026-09-02 10:10", "email", "never")
		wants("one sent, one without a receipt to come", "2026-09-02 10:11", 1, "2026-09-02 10:00")
		s.progresses("2026-09-02 10:30", s.receipt("one", "delivered"))
		wants("all arrived", "2026-09-02 10:31", 0, "never")
	})
	t.Run("TheNextDeliveryIsATryOrAReceipt", func(t *testing.T) {
		s := newScene(t, open)
		wants := func(want string) {
			t.Helper()
			next, err := s.NextDelivery(t.Context())
			if got := clock(t, next); err != nil || got != want {
				t.Errorf("the next delivery is at %s (error %v), want %s", got, err, want)
			}
		}
		wants("never")
		s.queues("2026-09-02 10:00", "test", "one sms W1")
		wants("2026-09-02 10:00")
		s.sends("2026-09-02 10:00", "sms", "2026-09-02 10:30")
		wants("2026-09-02 10:30")
		s.queues("2026-09-02 10:20", "test", "two sms W1")
		wants("2026-09-02 10:20")
		s.sends("2026-09-02 10:20", "sms", "never")
		s.progresses("2026-09-02 10:30", s.receipt("one", "sent"))
		wants("never")
	})
	t.Run("ThePersonsRoutineTextsOfADayAreCounted", func(t *testing.T) {
		s := newScene(t, open)
		s.queues("2026-09-02 08:59", "reminder", "before sms W1 a 100")
		s.queues("2026-09-02 09:00", "reminder", "one sms W1 a 100", "two sms W1 a 200", "other sms W2 a 100",
			"mail email W1 a 100", "gone sms W1 a 100", "urgent sms W1 a 99")
		s.queues("2026-09-02 09:00", "digest", "digest sms W1 a 100")
		s.givesUp("2026-09-02 09:00", "gone", func(g *store.GiveUp) { g.State = store.MessageCancelled }, nil)
		_, err := s.ScanBatch(t.Context(), nil, at(t, "2026-09-02 10:30"), 1, func(b *store.ScanBatch) error {
			texts, err := b.TextsSince([]string{"W1", "W2", "G1"}, at(t, "2026-09-02 09:00"), 100)
			if len(texts) != 2 || texts["W1"] != 2 || texts["W2"] != 1 {
				t.Errorf("the texts since 9 are %v, want 2 of W1 and 1 of W2", texts)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
