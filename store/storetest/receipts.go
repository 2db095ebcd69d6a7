package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/store"
)

// queues takes messages into the ledger, to be sent at once: "key channel person
// address severity", the last two of which may be left out.
func (s *scene) queues(when, kind string, lines ...string) {
	s.t.Helper()
	var messages []store.Message
	for _, line := range lines {
		m := store.Message{Kind: kind, NextTry: at(s.t, when)}
		if n, err := fmt.Sscan(line, &m.Key, &m.Channel, &m.Person, &m.Address, &m.Severity); n < 3 {
			s.t.Fatalf("%q is no message: %v", line, err)
		}
		messages = append(messages, m)
	}
	if _, err := s.QueueMessages(s.t.Context(), nil, at(s.t, when), messages); err != nil {
		s.t.Fatal(err)
	}
}

// message returns how a message stands.
func (s *scene) message(key string) store.SentMessage {
	s.t.Helper()
	m, err := s.MessageByKey(s.t.Context(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// sends claims all messages of a channel and records each as sent under the name
// "of-" and its key, to be asked after at poll; never: it has no name.
func (s *scene) sends(when, channel, poll string) {
	s.t.Helper()
	now := at(s.t, when)
	claimed, err := s.ClaimMessages(s.t.Context(), now, channel, "a", 100, now.Add(time.Minute))
	if err != nil {
		s.t.Fatal(err)
	}
	var outcomes []store.Outcome
	for _, m := range claimed {
		o := store.Outcome{Message: m.ID, State: store.MessageSent}
		if poll != "never" {
			o.ProviderID, o.PollAt = "of-"+m.Key, at(s.t, poll)
		}
		outcomes = append(outcomes, o)
	}
	s.records(when, "a", outcomes...)
}

// receipt is what a receipt says of the message with a key: "delivered 10:31".
func (s *scene) receipt(key, says string, poll ...string) store.Progressed {
	s.t.Helper()
	progress, clock, _ := strings.Cut(says, " ")
	p := store.Progressed{Message: s.message(key).ID, ProviderID: "of-" + key, Progress: progress}
	if clock != "" {
		p.At = at(s.t, "2026-09-02 "+clock)
	}
	if len(poll) > 0 {
		p.PollAt = at(s.t, poll[0])
	}
	return p
}

func (s *scene) progresses(when string, receipts ...store.Progressed) {
	s.t.Helper()
	if err := s.RecordProgress(s.t.Context(), at(s.t, when), receipts); err != nil {
		s.t.Fatal(err)
	}
}

// toPoll returns the keys of the texts whose receipt is due.
func (s *scene) toPoll(when string, limit int) (keys []string) {
	s.t.Helper()
	messages, err := s.MessagesToPoll(s.t.Context(), at(s.t, when), "sms", limit)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, m := range messages {
		keys = append(keys, m.Key)
	}
	return keys
}

// progress says how far the case's first message has come.
func (s *scene) progress() string {
	s.t.Helper()
	reminders, err := s.CaseReminders(s.t.Context(), "KN-7")
	if err != nil || len(reminders) == 0 {
		s.t.Fatalf("CaseReminders = %v, %v", reminders, err)
	}
	r := reminders[0]
	if r.Progress == "" && r.ProgressAt.IsZero() {
		return string(r.State)
	}
	return fmt.Sprintf("%s, %s %s", r.State, r.Progress, clock(s.t, r.ProgressAt)[len("2026-09-02 "):])
}

// texts leaves a text to W1 about the duty to discuss with the manager, sent at
// 10:30 and to be asked after at 10:31.
func (s *scene) texts() {
	s.t.Helper()
	s.says("2026-09-02 10:30", "text", 0, "discuss-with-manager W1 sms")
	s.sends("2026-09-02 10:30", "sms", "2026-09-02 10:31")
}

func testReceipts(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("AProviderIsAskedWhenAReceiptIsDue", func(t *testing.T) {
		s := newScene(t, open)
		s.queues("2026-09-02 10:00", "test", "late sms W1")
		s.sends("2026-09-02 10:00", "sms", "2026-09-02 10:40")
		s.queues("2026-09-02 10:05", "test", "first sms W1 +447700900101 7", "second sms W1")
		s.sends("2026-09-02 10:05", "sms", "2026-09-02 10:30")
		s.queues("2026-09-02 10:10", "test", "untold sms W1")
		s.sends("2026-09-02 10:10", "sms", "never")
		same(t, "too early", s.toPoll("2026-09-02 10:29", 10), nil)
		same(t, "when two are due", s.toPoll("2026-09-02 10:30", 10), []string{"first", "second"})
		same(t, "the first of all", s.toPoll("2026-09-02 11:00", 1), []string{"first"})
		if m := s.message("first"); m.State != store.MessageSent || m.ProviderID != "of-first" || m.Channel != "sms" || m.Tries != 1 || m.Polls != 0 ||
			m.Severity != 7 || m.Address != "+447700900101" || !m.SentAt.Equal(at(t, "2026-09-02 10:05")) || !m.PollAt.Equal(at(t, "2026-09-02 10:30")) {
			t.Errorf("the message is %+v, want a text sent at 10:05, to be asked after at 10:30", m)
		}
		s.progresses("2026-09-02 10:30", s.receipt("first", "queued", "2026-09-02 10:50"), s.receipt("second", "sent"))
		same(t, "what is asked for again", s.toPoll("2026-09-02 11:00", 10), []string{"late", "first"})
		if first, second := s.message("first"), s.message("second"); first.Polls != 1 || first.Progress != "queued" || second.Polls != 0 || second.Progress != "sent" {
			t.Errorf("after %d and %d polls the messages are %q and %q, want 1 and 0, queued and sent",
				first.Polls, second.Polls, first.Progress, second.Progress)
		}
	})
	t.Run("ReceiptsInAnyOrderAndAgainOnlyGoForward", func(t *testing.T) {
		orders := []struct{ receipts, want string }{
			{"queued", "sent, queued"},
			{"queued sent queued", "sent, sent"},
			{"sent queued", "sent, sent"},
			{"sent sent", "sent, sent"},
			{"queued sent delivered", "delivered, delivered"},
			{"delivered sent queued", "delivered, delivered"},
			{"sent delivered queued delivered", "delivered, delivered"},
			{"delivered undelivered", "delivered, delivered"},
			{"undelivered sent", "sent, undelivered"},
			{"undelivered delivered", "delivered, delivered"},
		}
		s := newScene(t, open)
		for i := range orders {
			s.queues("2026-09-02 10:00", "test", fmt.Sprintf("once-%d sms W1", i), fmt.Sprintf("each-%d sms W1", i))
		}
		s.sends("2026-09-02 10:00", "sms", "2026-09-02 10:30")
		for i, tt := range orders {
			once, each := fmt.Sprintf("once-%d", i), fmt.Sprintf("each-%d", i)
			var receipts []store.Progressed
			for r := range strings.FieldsSeq(tt.receipts) {
				receipts = append(receipts, s.receipt(once, r, "2026-09-02 10:45"))
				s.progresses("2026-09-02 10:40", s.receipt(each, r, "2026-09-02 10:45"))
			}
			s.progresses("2026-09-02 10:40", receipts...)
			for _, key := range []string{once, each} {
				m := s.message(key)
				if got := fmt.Sprintf("%s, %s", m.State, m.Progress); got != tt.want {
					t.Errorf("after %s (%s) the message is %s, want %s", tt.receipts, key, got, tt.want)
				}
				if asked, want := !m.PollAt.IsZero(), m.State == store.MessageSent; asked != want {
					t.Errorf("after %s (%s) the provider is asked again: %v, want %v", tt.receipts, key, asked, want)
				}
			}
		}
	})
	t.Run("ACaseShowsHowFarItsMessageCame", func(t *testing.T) {
		s := newScene(t, open)
		s.texts()
		for _, tt := range []struct{ receipt, want string }{
			{"", "sent"},
			{"sent 10:32", "sent, sent 10:32"},
			{"sent 10:34", "sent, sent 10:32"},
			{"queued 10:31", "sent, sent 10:32"},
			{"delivered 10:33", "delivered, delivered 10:33"},
			{"sent 10:32", "delivered, delivered 10:33"},
		} {
			if tt.receipt != "" {
				s.progresses("2026-09-02 10:40", s.receipt("text", tt.receipt))
			}
			if got := s.progress(); got != tt.want {
				t.Errorf("after %q the message is %s, want %s", tt.receipt, got, tt.want)
			}
		}
	})
	t.Run("AReceiptThatDoesNotSayWhenIsOfNow", func(t *testing.T) {
		s := newScene(t, open)
		s.texts()
		s.progresses("2026-09-02 10:40", s.receipt("text", "delivered"))
		s.progresses("2026-09-02 10:50", s.receipt("text", "delivered"))
		if got := s.progress(); got != "delivered, delivered 10:40" {
			t.Errorf("the message is %s, want it delivered at 10:40", got)
		}
	})
	t.Run("AReceiptForAnotherNameChangesNothing", func(t *testing.T) {
		s := newScene(t, open)
		s.texts()
		wrong, unknown := s.receipt("text", "delivered"), s.receipt("text", "delivered")
		wrong.ProviderID, unknown.Message = "of-another", unknown.Message+1000
		s.progresses("2026-09-02 10:40", wrong, unknown)
		s.progresses("2026-09-02 10:40")
		if got := s.progress(); got != "sent" {
			t.Errorf("the message is %s, want it sent", got)
		}
	})
	t.Run("MessagesAreFoundByTheirProvidersNames", func(t *testing.T) {
		s := newScene(t, open)
		s.queues("2026-09-02 10:00", "test", "one sms W1", "two sms W1", "three email W1")
		s.sends("2026-09-02 10:00", "sms", "2026-09-02 10:30")
		s.sends("2026-09-02 10:00", "email", "2026-09-02 10:30")
		s.progresses("2026-09-02 10:40", s.receipt("two", "delivered"))
		s.queues("2026-09-02 10:10", "test", "none sms W1", "again sms W1")
		_, ids := s.claimsBy("sms", "a", "2026-09-02 10:10")
		s.records("2026-09-02 10:10", "a", store.Outcome{Message: ids[0], State: store.MessageSent},
			store.Outcome{Message: ids[1], State: store.MessageSent, ProviderID: "of-one"}) // a name that came before
		found, err := s.MessagesByProviderID(t.Context(), "sms", []string{"of-one", "of-two", "of-three", "of-none", ""})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for name, m := range found {
			got = append(got, fmt.Sprintf("%s: %s %s", name, m.Key, m.State))
		}
		slices.Sort(got)
		same(t, "found", got, []string{"of-one: again sent", "of-two: two delivered"})
	})
	t.Run("AMessageIsFoundByItsKey", func(t *testing.T) {
		s := newScene(t, open)
		s.queues("2026-09-02 10:00", "test", "one sms W1")
		if m := s.message("one"); m.State != store.MessageQueued || !m.SentAt.IsZero() || m.Kind != "test" {
			t.Errorf("the message is %+v, want a queued test", m)
		}
		if _, err := s.MessageByKey(t.Context(), "two"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("MessageByKey of an unknown key gives %v, want ErrNotFound", err)
		}
	})
	t.Run("WhatDidNotArriveIsTriedAgainUnderAnotherName", func(t *testing.T) {
		s := newScene(t, open)
		s.texts()
		id := s.message("text").ID
		again := store.Outcome{NextTry: at(t, "2026-09-02 10:50"), Reason: "the handset is off", Fault: "unreachable", Code: "30003"}
		if done, err := s.TryAgain(t.Context(), at(t, "2026-09-02 10:40"), id, "of-another", again); err != nil || done {
			t.Errorf("TryAgain under another name = %v, %v; want false", done, err)
		}
		for i, want := range []bool{true, false} {
			if done, err := s.TryAgain(t.Context(), at(t, "2026-09-02 10:40"), id, "of-text", again); err != nil || done != want {
				t.Errorf("TryAgain, time %d = %v, %v; want %v", i+1, done, err, want)
			}
		}
		s.progresses("2026-09-02 10:45", s.receipt("text", "delivered"))
		m := s.message("text")
		if m.State != store.MessageFailedTemporarily || m.Reason != again.Reason || m.Fault != "unreachable" || m.ProviderID != "of-text" || !m.PollAt.IsZero() {
			t.Errorf("the message is %+v, want one that waits to be tried again", m)
		}
		early, _ := s.claimsBy("sms", "a", "2026-09-02 10:49")
		same(t, "before its time", early, nil)
		_, ids := s.claimsBy("sms", "a", "2026-09-02 10:50")
		if len(ids) != 1 {
			t.Fatalf("claimed %d, want the message", len(ids))
		}
		s.records("2026-09-02 10:50", "a", store.Outcome{Message: id, State: store.MessageSent, ProviderID: "of-second", PollAt: at(t, "2026-09-02 11:00")})
		s.progresses("2026-09-02 10:55", s.receipt("text", "delivered")) // of the first attempt
		if m = s.message("text"); m.State != store.MessageSent || m.ProviderID != "of-second" || m.Reason != "" || m.Fault != "" || m.Tries != 2 {
			t.Errorf("the message is %+v, want it sent under its second name", m)
		}
	})
	t.Run("WhatIsRecordedAgainKeepsItsReceipts", func(t *testing.T) {
		for _, progress := range []string{"sent", "delivered"} {
			s := newScene(t, open)
			s.texts()
			s.progresses("2026-09-02 10:40", s.receipt("text", progress, "2026-09-02 11:00"))
			before := s.message("text")
			s.records("2026-09-02 10:41", "a", store.Outcome{Message: before.ID, State: store.MessageSent, ProviderID: "of-text", PollAt: at(t, "2026-09-02 10:31")})
			if after := s.message("text"); after.Progress != progress || after.Tries != 1 || !after.PollAt.Equal(before.PollAt) {
				t.Errorf("a message that was %s is %+v after its outcome was recorded again, want %+v", progress, after, before)
			}
			s.records("2026-09-02 10:42", "a", store.Outcome{Message: before.ID, State: store.MessageSent})
			s.records("2026-09-02 10:42", "a", store.Outcome{Message: before.ID, State: store.MessageSent, ProviderID: "of-second"})
			if after := s.message("text"); progress == "delivered" && after.State != store.MessageDelivered {
				t.Errorf("a message that was delivered is %s after somebody sent it again", after.State)
			}
		}
	})
	t.Run("AnAttemptThatMayHaveGoneIsRemembered", func(t *testing.T) {
		s := newScene(t, open)
		s.queues("2026-09-02 10:00", "test", "one sms W1")
		attempt := func(when string, o store.Outcome) store.ClaimedMessage {
			now := at(t, when)
			claimed, err := s.ClaimMessages(t.Context(), now, "sms", "a", 1, now.Add(time.Minute))
			if err != nil || len(claimed) != 1 {
				t.Fatalf("ClaimMessages at %s = %v, %v; want the message", when, claimed, err)
			}
			o.Message = claimed[0].ID
			s.records(when, "a", o)
			return claimed[0]
		}
		later := store.Outcome{State: store.MessageFailedTemporarily, NextTry: at(t, "2026-09-02 10:00"), Fault: "provider", Code: "503"}
		ambiguous := later
		ambiguous.MaybeSent = at(t, "2026-09-02 10:01")
		attempt("2026-09-02 10:01", ambiguous)
		if m := attempt("2026-09-02 10:02", later); m.Fault != "provider" || !m.MaybeSent.Equal(ambiguous.MaybeSent) {
			t.Errorf("the second attempt sees fault %q, maybe sent at %s; want provider and 10:01", m.Fault, m.MaybeSent)
		}
		if m := attempt("2026-09-02 10:03", store.Outcome{State: store.MessageSent, ProviderID: "p"}); !m.MaybeSent.Equal(ambiguous.MaybeSent) {
			t.Errorf("the third attempt sees maybe sent at %s, want 10:01", m.MaybeSent)
		}
		if m := s.message("one"); !m.MaybeSent.IsZero() || m.Fault != "" {
			t.Errorf("once sent it was maybe sent at %s with fault %q, want neither", m.MaybeSent, m.Fault)
		}
	})
	t.Run("AMessageFoundAtItsProviderIsSent", func(t *testing.T) {
		s := newScene(t, open)
		s.texts()
		id := s.message("text").ID
		if _, err := s.TryAgain(t.Context(), at(t, "2026-09-02 10:40"), id, "of-text", store.Outcome{}); err != nil {
			t.Fatal(err)
		}
		s.claimsBy("sms", "a", "2026-09-02 10:40")
		s.records("2026-09-02 10:40", "a", store.Outcome{Message: id, State: store.MessageSent, ProviderID: "of-text"}) // it was there under the old name
		if m := s.message("text"); m.State != store.MessageSent {
			t.Errorf("the message is %s, want it sent", m.State)
		}
	})
}
