package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// scene is a store with the story's case in it, as it is after the unsuccessful
// visit on 2 September at 10:00, and the duties that came of it by name.
type scene struct {
	*store.Store
	t      testing.TB
	rules  *pathway.Rules
	duties map[string]store.Duty
}

func newScene(t testing.TB, open func(t testing.TB) *store.Store) *scene {
	t.Helper()
	s := &scene{Store: open(t), t: t, rules: Guidance(t), duties: map[string]store.Duty{}}
	taken(t, s.Store, s.rules, story(t))
	file, err := s.Case(t.Context(), "KN-7")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Duties {
		s.duties[d.Duty.ID] = d
	}
	return s
}

// happens records a further event of the case.
func (s *scene) happens(id, kind, by, when string) {
	s.t.Helper()
	taken(s.t, s.Store, s.rules, rows{
		events:        []pathway.Event{{ID: id, Case: "KN-7", Kind: kind, By: by, At: at(s.t, when)}},
		IntakeOptions: store.IntakeOptions{Now: at(s.t, when)},
	})
}

// tells writes a scan that tells W1 by email of each duty, in a message of its
// own with the given severity, and takes the duty to its next rung an hour on.
func (s *scene) tells(when string, severities map[string]pathway.Severity) {
	s.t.Helper()
	now := at(s.t, when)
	_, err := s.ScanBatch(s.t.Context(), nil, now, 100, func(b *store.ScanBatch) error {
		for _, d := range b.Due {
			b.Climbed = append(b.Climbed, store.Climbed{Duty: d.ID, Progress: pathway.Progress{Due: d.Due, Through: now}, Next: now.Add(time.Hour)})
			severity, wanted := severities[d.Duty.ID]
			if !wanted {
				continue
			}
			key := "reminder-" + d.Duty.ID
			b.Messages = append(b.Messages, store.Message{Key: key, Kind: "reminder", Person: "W1", Channel: "email",
				Address: "w1@example.org", Severity: severity, NextTry: now})
			b.Reminders = append(b.Reminders, store.Reminder{
				ReminderKey: store.ReminderKey{Duty: d.ID, Rung: "start", Person: "W1", Channel: "email"},
				Role:        pathway.Practitioner, Reason: pathway.Sent, Message: key})
		}
		return nil
	})
	if err != nil {
		s.t.Fatalf("scan at %s: %v", when, err)
	}
}

// says puts one message into the ledger that tells of duties: "duty person
// channel" each, all of one person by one channel. None of them goes to its next
// rung.
func (s *scene) says(when, key string, severity pathway.Severity, tellings ...string) {
	s.t.Helper()
	now := at(s.t, when)
	_, err := s.ScanBatch(s.t.Context(), nil, now, 100, func(b *store.ScanBatch) error {
		m := store.Message{Key: key, Kind: "reminder", Severity: severity, NextTry: now}
		for _, telling := range tellings {
			word := strings.Fields(telling)
			people, err := b.People(word[1:2])
			if err != nil || len(people) != 1 {
				return fmt.Errorf("People(%s) = %v, %w", word[1], people, err)
			}
			p := people[0]
			m.Person, m.Channel, m.Address = p.ID, word[2], p.Email
			if m.Channel == pathway.ChannelSMS {
				m.Address = p.Mobile
			}
			b.Reminders = append(b.Reminders, store.Reminder{
				ReminderKey: store.ReminderKey{Duty: s.duties[word[0]].ID, Rung: "start", Person: m.Person, Channel: m.Channel},
				Role:        p.Role, Reason: pathway.Sent, Message: key})
		}
		b.Messages = append(b.Messages, m)
		return nil
	})
	if err != nil {
		s.t.Fatalf("scan at %s: %v", when, err)
	}
}

// claims claims emails for a minute and returns the messages' keys and ids.
func (s *scene) claims(holder, when string, limit int) (keys []string, ids []int64) {
	s.t.Helper()
	return s.claimed("email", holder, when, limit)
}

// claimsBy claims all messages of a channel for a minute.
func (s *scene) claimsBy(channel, holder, when string) (keys []string, ids []int64) {
	s.t.Helper()
	return s.claimed(channel, holder, when, 100)
}

func (s *scene) claimed(channel, holder, when string, limit int) (keys []string, ids []int64) {
	s.t.Helper()
	now := at(s.t, when)
	claimed, err := s.ClaimMessages(s.t.Context(), now, channel, holder, limit, now.Add(time.Minute))
	if err != nil {
		s.t.Fatalf("claim at %s: %v", when, err)
	}
	for _, m := range claimed {
		keys, ids = append(keys, m.Key), append(ids, m.ID)
	}
	return keys, ids
}

func (s *scene) records(when, holder string, outcomes ...store.Outcome) {
	s.t.Helper()
	if err := s.RecordOutcome(s.t.Context(), at(s.t, when), holder, outcomes...); err != nil {
		s.t.Fatal(err)
	}
}

// stands says where the messages of the case stand.
func (s *scene) stands() []string {
	s.t.Helper()
	reminders, err := s.CaseReminders(s.t.Context(), "KN-7")
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, r := range reminders {
		line := fmt.Sprintf("%s %s %s %s %s", r.Rung, r.Person, r.Channel, r.Reason, r.State)
		out = append(out, strings.TrimSpace(line+" "+r.StateReason))
	}
	return out
}

func testLedger(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("ScanSeesWhatIsDueOnceWithWhoeverHoldsTheCase", func(t *testing.T) {
		s := newScene(t, open)
		next, err := s.NextRung(t.Context())
		if err != nil || !next.Equal(at(t, "2026-09-01 09:00")) {
			t.Errorf("the next rung is at %s (error %v), want the case's opening", next, err)
		}
		var first []string
		n, err := s.ScanBatch(t.Context(), nil, at(t, "2026-09-02 10:30"), 3, func(b *store.ScanBatch) error {
			for _, d := range b.Due {
				first = append(first, fmt.Sprintf("%s %s of %s under %s", d.Case, d.Duty.ID, d.Allocation.Practitioner, d.Allocation.Manager))
				b.Climbed = append(b.Climbed, store.Climbed{Duty: d.ID, Progress: pathway.Progress{Due: d.Due, Through: at(t, "2026-09-02 10:30")}})
			}
			return nil
		})
		if err != nil || n != 3 || len(first) != 3 || first[0] != "KN-7 see-child of W1 under G1" {
			t.Fatalf("a batch of three: got %d, %q (error %v), want three, see-child of W1 under G1 first", n, first, err)
		}
		s.tells("2026-09-02 10:30", nil)
		s.tells("2026-09-02 10:30", nil)
		n, err = s.ScanBatch(t.Context(), nil, at(t, "2026-09-02 10:30"), 100, func(*store.ScanBatch) error {
			return errors.New("somebody decides again")
		})
		if err != nil || n != 0 {
			t.Errorf("afterwards: got %d due (error %v), want none", n, err)
		}
	})
	t.Run("BatchThatFailsKeepsNothing", func(t *testing.T) {
		s := newScene(t, open)
		wrong := errors.New("wrong")
		_, err := s.ScanBatch(t.Context(), nil, at(t, "2026-09-02 10:30"), 100, func(b *store.ScanBatch) error {
			b.Messages = append(b.Messages, store.Message{Key: "k", Kind: "reminder", Channel: "email"})
			return wrong
		})
		if !errors.Is(err, wrong) {
			t.Errorf("got %v, want %v", err, wrong)
		}
		_, err = s.ScanBatch(t.Context(), nil, at(t, "2026-09-02 10:30"), 100, func(b *store.ScanBatch) error {
			d := b.Due[0]
			b.Messages = append(b.Messages, store.Message{Key: "k", Kind: "reminder", Channel: "email"})
			r := store.Reminder{ReminderKey: store.ReminderKey{Duty: d.ID, Rung: "start", Person: "W1", Channel: "email"}, Message: "k"}
			b.Reminders = append(b.Reminders, r, r) // the ledger never holds it twice
			return nil
		})
		if err == nil {
			t.Error("the same reminder twice: got no error")
		}
		if keys, _ := s.claims("a", "2026-09-02 11:00", 10); len(keys) != 0 {
			t.Errorf("messages %q were kept, want none", keys)
		}
	})
	t.Run("WhatWasSaidIsKnown", func(t *testing.T) {
		s := newScene(t, open)
		s.tells("2026-09-02 10:30", map[string]pathway.Severity{"discuss-with-manager": 1})
		_, err := s.ScanBatch(t.Context(), nil, at(t, "2026-09-02 12:00"), 100, func(b *store.ScanBatch) error {
			key := store.ReminderKey{Duty: s.duties["discuss-with-manager"].ID, Rung: "start", Person: "W1", Channel: "email"}
			if len(b.Said) != 1 || !b.Said[key] {
				t.Errorf("the next batch knows of %v, want %v", b.Said, key)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	t.Run("ClaimsAreSeriousFirstAndOnesOwn", func(t *testing.T) {
		s := newScene(t, open)
		s.tells("2026-09-02 10:30", map[string]pathway.Severity{"discuss-with-manager": 100, "set-timeframe": 1, "record-manager": 200})
		first, _ := s.claims("a", "2026-09-02 10:30", 2)
		same(t, "the first two", first, []string{"reminder-set-timeframe", "reminder-discuss-with-manager"})
		second, _ := s.claims("b", "2026-09-02 10:30", 2)
		same(t, "what is left", second, []string{"reminder-record-manager"})
		again, _ := s.claims("c", "2026-09-02 10:31", 10)
		if len(again) != 3 {
			t.Errorf("once their claims have run out: got %q, want all three", again)
		}
		other, err := s.ClaimMessages(t.Context(), at(t, "2026-09-02 12:00"), "sms", "a", 10, at(t, "2026-09-02 12:01"))
		if err != nil || len(other) != 0 {
			t.Errorf("by another channel: got %v (error %v), want none", other, err)
		}
	})
	t.Run("OutcomesAreRecorded", func(t *testing.T) {
		s := newScene(t, open)
		s.tells("2026-09-02 10:30", map[string]pathway.Severity{"discuss-with-manager": 0, "set-timeframe": 1, "see-child-again": 2, "record-practitioner": 3, "record-manager": 4})
		_, ids := s.claims("a", "2026-09-02 10:30", 10)
		if len(ids) != 5 {
			t.Fatalf("claimed %d, want 5", len(ids))
		}
		s.records("2026-09-02 10:30", "a",
			store.Outcome{Message: ids[0], State: store.MessageSent},
			store.Outcome{Message: ids[1], State: store.MessageSent, ProviderID: "p-1"},
			store.Outcome{Message: ids[2], State: store.MessageFailedTemporarily, Reason: "busy", NextTry: at(t, "2026-09-02 10:40")},
			store.Outcome{Message: ids[3], State: store.MessageFailed, Reason: "no such mailbox"})
		if err := s.ReleaseClaims(t.Context(), "a", at(t, "2026-09-02 10:35"), ids); err != nil {
			t.Fatal(err)
		}
		same(t, "reminders", s.stands(), []string{
			"start W1 email sent sent", "start W1 email sent sent", "start W1 email sent failed-temporarily busy",
			"start W1 email sent failed no such mailbox", "start W1 email sent queued"})
		early, _ := s.claims("a", "2026-09-02 10:34", 10)
		same(t, "too early", early, nil)
		later, _ := s.claims("a", "2026-09-02 10:35", 10)
		same(t, "what was given back", later, []string{"reminder-record-manager"})
		again, _ := s.claims("a", "2026-09-02 10:40", 10)
		same(t, "what is to be tried again, and what nobody recorded", again, []string{"reminder-see-child-again", "reminder-record-manager"})
	})
	t.Run("AClaimIsKeptForAsLongAsItsHolderNeeds", func(t *testing.T) {
		s := newScene(t, open)
		s.queues("2026-09-02 10:30", "test", "slow sms W1 a 1")
		_, ids := s.claimsBy("sms", "a", "2026-09-02 10:30")
		keeps := func(holder string) bool {
			t.Helper()
			held, err := s.RenewClaim(t.Context(), holder, ids[0], at(t, "2026-09-02 10:45"))
			if err != nil {
				t.Fatal(err)
			}
			return held
		}
		if !keeps("a") || keeps("b") {
			t.Error("its holder cannot keep the message, or somebody else can")
		}
		early, _ := s.claimsBy("sms", "b", "2026-09-02 10:44")
		same(t, "while it is kept", early, nil)
		later, _ := s.claimsBy("sms", "b", "2026-09-02 10:45")
		same(t, "afterwards", later, []string{"slow"})
		if keeps("a") {
			t.Error("who has lost it keeps it all the same")
		}
	})
	t.Run("OnlySuccessIsBelievedOfWhoLostTheClaim", func(t *testing.T) {
		s := newScene(t, open)
		s.tells("2026-09-02 10:30", map[string]pathway.Severity{"discuss-with-manager": 0, "set-timeframe": 1})
		_, ids := s.claims("slow", "2026-09-02 10:30", 10)
		s.claims("quick", "2026-09-02 10:31", 10)
		s.records("2026-09-02 10:31", "slow",
			store.Outcome{Message: ids[0], State: store.MessageFailed, Reason: "late"},
			store.Outcome{Message: ids[1], State: store.MessageSent})
		same(t, "reminders", s.stands(), []string{"start W1 email sent sending", "start W1 email sent sent"})
	})
	t.Run("MetDutyIsSeenBeforeItsMessageGoes", func(t *testing.T) {
		s := newScene(t, open)
		s.tells("2026-09-02 10:30", map[string]pathway.Severity{"discuss-with-manager": 0})
		_, ids := s.claims("a", "2026-09-02 10:30", 10)
		reminders, err := s.MessageReminders(t.Context(), ids)
		if err != nil || len(reminders[ids[0]]) != 1 {
			t.Fatalf("got %v (error %v), want one reminder", reminders, err)
		}
		r := reminders[ids[0]][0]
		if r.State != pathway.Open || r.Duty.ID != "discuss-with-manager" || r.Duty.Why == "" || r.Manager != "G1" {
			t.Errorf("got %+v, want the open duty with its reason and its manager", r)
		}
		s.happens("x2", pathway.KindDiscussedWithManager, "W1", "2026-09-02 15:00")
		duties, err := s.Exchange(t.Context(), at(t, "2026-09-02 15:00"), "a", nil, []int64{r.ReminderKey.Duty})
		if err != nil || duties[r.ReminderKey.Duty].State != pathway.Met {
			t.Errorf("got %v (error %v), want it met", duties, err)
		}
		if err := s.DropReminder(t.Context(), r.ReminderKey, store.ReasonMet); err != nil {
			t.Fatal(err)
		}
		if reminders, err = s.MessageReminders(t.Context(), ids); err != nil || len(reminders) != 0 {
			t.Errorf("once dropped: got %v (error %v), want nothing to say", reminders, err)
		}
	})
	t.Run("WaitingMessagesAreCounted", func(t *testing.T) {
		s := newScene(t, open)
		s.tells("2026-09-02 10:30", map[string]pathway.Severity{"discuss-with-manager": 0, "set-timeframe": 1})
		_, ids := s.claims("a", "2026-09-02 10:30", 1)
		s.records("2026-09-02 10:30", "a", store.Outcome{Message: ids[0], State: store.MessageSent})
		count, oldest, err := s.OldestWaiting(t.Context(), at(t, "2026-09-02 10:45"))
		if err != nil || count != 1 || !oldest.Equal(at(t, "2026-09-02 10:30")) {
			t.Errorf("got %d since %s (error %v), want 1 since 10:30", count, oldest, err)
		}
	})
}
