package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

type (
	peopleByID = func(ids []string) ([]pathway.Person, error)
	instead    = func(m *store.FailedMessage, people peopleByID) (store.Replacement, error)
)

// givesUp gives up a message as failed at an address that is not to be used again,
// but for what change changes.
func (s *scene) givesUp(when, key string, change func(*store.GiveUp), instead instead) bool {
	s.t.Helper()
	g := store.GiveUp{Message: s.message(key).ID, State: store.MessageFailed, Reason: "no such number", Fault: "address", Code: "21211"}
	if change != nil {
		change(&g)
	}
	given, err := s.GiveUp(s.t.Context(), at(s.t, when), g, instead)
	if err != nil {
		s.t.Fatalf("GiveUp of %s: %v", key, err)
	}
	return given
}

// tellInstead has somebody else told of all that a message has to say, in a
// message with that key.
func tellInstead(key, person, channel string) instead {
	return func(m *store.FailedMessage, _ peopleByID) (store.Replacement, error) {
		r := store.Replacement{Messages: []store.Message{{Key: key, Kind: m.Kind, Person: person, Channel: channel, Severity: m.Severity, NextTry: m.Created}}}
		for i := range m.Reminders {
			key := m.Reminders[i].ReminderKey
			key.Person, key.Channel = person, channel
			r.Reminders = append(r.Reminders, store.Reminder{ReminderKey: key, Role: pathway.Manager, Reason: pathway.Sent, Instead: m.Person, Message: r.Messages[0].Key})
		}
		return r, nil
	}
}

func held(by string) func(*store.GiveUp) { return func(g *store.GiveUp) { g.Holder = by } }

func (s *scene) disabled() (addresses []string) {
	s.t.Helper()
	all, err := s.DisabledAddresses(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	for _, a := range all {
		addresses = append(addresses, strings.Join([]string{a.Channel, a.Address, a.Person, a.Fault, a.Code, a.Reason, clock(s.t, a.At)}, " "))
	}
	return addresses
}

func testGiveUp(t *testing.T, open func(t testing.TB) *store.Store) {
	const at1030, at1031 = "2026-09-02 10:30", "2026-09-02 10:31"
	now := func(t testing.TB) time.Time { return at(t, at1031) }

	t.Run("OthersAreToldInOneGo", func(t *testing.T) {
		s := newScene(t, open)
		s.says(at1030, "text", 5, "discuss-with-manager W1 sms", "set-timeframe W1 sms")
		s.says(at1030, "email", 5, "discuss-with-manager G1 email")
		s.says(at1030, "other", 5, "record-manager G1 email")
		s.claimsBy("sms", "a", at1030)
		var told []string
		given := s.givesUp(at1031, "text", held("a"), func(m *store.FailedMessage, people peopleByID) (store.Replacement, error) {
			if m.Key != "text" || m.Person != "W1" || m.Address != "+447700900101" || m.Severity != 5 || len(m.Reminders) != 2 || m.Replaces != 0 {
				t.Errorf("the message is %+v, want the text to W1 with two reminders", m)
			}
			if r := m.Reminders[0]; r.Duty.ID != "discuss-with-manager" || r.State != pathway.Open || r.Allocation != (pathway.Allocation{Practitioner: "W1", Manager: "G1", Team: "East"}) {
				t.Errorf("the first reminder is %+v, want that of the open duty, of W1 under G1 in East", r)
			}
			told = nil
			for _, r := range m.Told {
				told = append(told, fmt.Sprintf("%s %s %s %s %v", r.Rung, r.Person, r.Channel, r.State, r.Duty == m.Reminders[0].ReminderKey.Duty))
			}
			slices.Sort(told)
			found, err := people([]string{"G1", "nobody"})
			if err != nil || len(found) != 1 || found[0].Email != "g1@example.org" {
				t.Errorf("people = %v, %v; want G1", found, err)
			}
			return tellInstead("instead", "G1", "sms")(m, people)
		})
		if !given {
			t.Error("GiveUp = false, want true")
		}
		same(t, "who has been told", told, []string{"start G1 email queued true", "start W1 sms sending false", "start W1 sms sending true"})
		if m := s.message("text"); m.State != store.MessageFailed || m.Reason != "no such number" || m.Fault != "address" {
			t.Errorf("the message is %+v, want it failed", m)
		}
		same(t, "what the ledger holds", s.stands(), []string{
			"start G1 email sent queued", "start W1 sms sent failed no such number", "start W1 sms sent failed no such number",
			"start G1 email sent queued", "start G1 sms sent queued", "start G1 sms sent queued"})
		same(t, "disabled addresses", s.disabled(), nil)
		keys, ids := s.claimsBy("sms", "b", at1031)
		same(t, "what is to be sent now", keys, []string{"instead"})
		reminders, err := s.MessageReminders(t.Context(), ids)
		if err != nil || len(reminders[ids[0]]) != 2 || reminders[ids[0]][0].Instead != "W1" {
			t.Errorf("it says %+v (error %v), want both reminders in place of W1", reminders, err)
		}
	})
	t.Run("OnlyWhoHasItMayGiveItUp", func(t *testing.T) {
		s := newScene(t, open)
		refused := func(what string, change func(*store.GiveUp)) {
			t.Helper()
			before := s.message("text")
			given := s.givesUp("2026-09-02 10:30", "text", func(g *store.GiveUp) { g.Disable = true; change(g) },
				func(*store.FailedMessage, peopleByID) (store.Replacement, error) {
					t.Errorf("%s: it was asked who is told instead", what)
					return store.Replacement{}, nil
				})
			if after := s.message("text"); given || after.State != before.State {
				t.Errorf("%s: GiveUp = %v, and the message is %s, want it %s still", what, given, after.State, before.State)
			}
			same(t, what+": disabled addresses", s.disabled(), nil)
		}
		waits := func(*store.GiveUp) {}
		named := func(name string) func(*store.GiveUp) { return func(g *store.GiveUp) { g.ProviderID = name } }
		s.queues(at1030, "test", "text sms W1")
		refused("queued", held("a"))
		s.claimsBy("sms", "a", at1030)
		refused("claimed by another", held("b"))
		refused("claimed", waits)
		id := s.message("text").ID
		s.records(at1030, "a", store.Outcome{Message: id, State: store.MessageSent, ProviderID: "p"})
		refused("sent late", held("a"))
		refused("sent under another name", named("q"))
		s.progresses(at1030, store.Progressed{Message: id, ProviderID: "p", Progress: "delivered"})
		refused("delivered", waits)
		refused("delivered, by its name", named("p"))
		unknown, err := s.GiveUp(t.Context(), now(t), store.GiveUp{Message: id + 1000, State: store.MessageFailed}, nil)
		if err != nil || unknown {
			t.Errorf("GiveUp of an unknown message = %v, %v; want false", unknown, err)
		}
	})
	t.Run("WhatWaitsOrWasSentCanBeGivenUp", func(t *testing.T) {
		s := newScene(t, open)
		s.queues(at1030, "test", "queued sms W1 a 1", "failed sms W1 a 2", "sent sms W1 a 3", "left sms W1 a 4")
		_, ids := s.claimsBy("sms", "a", at1030)
		if err := s.ReleaseClaims(t.Context(), "a", now(t), ids[:1]); err != nil {
			t.Fatal(err)
		}
		s.records(at1030, "a", store.Outcome{Message: ids[1], State: store.MessageFailedTemporarily, NextTry: now(t)},
			store.Outcome{Message: ids[2], State: store.MessageSent, ProviderID: "p", PollAt: now(t)})
		for key, name := range map[string]string{"queued": "", "failed": "", "sent": "p", "left": ""} { // the last by a holder who died
			given := s.givesUp(at1031, key, func(g *store.GiveUp) { g.ProviderID, g.State = name, store.MessageCancelled }, nil)
			if m := s.message(key); !given || m.State != store.MessageCancelled || !m.PollAt.IsZero() {
				t.Errorf("GiveUp of %s = %v, and the message is %+v; want it cancelled", key, given, m)
			}
			if s.givesUp(at1031, key, nil, nil) {
				t.Errorf("GiveUp of %s again = true, want false", key)
			}
		}
		left, _ := s.claimsBy("sms", "b", "2026-09-02 12:00")
		same(t, "what is still to be sent", left, nil)
	})
	t.Run("OneThatIsKeptGoesBesideTheOthers", func(t *testing.T) {
		s := newScene(t, open)
		s.says(at1030, "text", 5, "discuss-with-manager W1 sms")
		keep := func(m *store.FailedMessage, people peopleByID) (store.Replacement, error) {
			r, err := tellInstead("instead", "G1", "sms")(m, people)
			r.Keep = true
			return r, err
		}
		if s.givesUp(at1031, "text", nil, keep) {
			t.Error("GiveUp of a message that is kept = true, want false")
		}
		same(t, "what the ledger holds", s.stands(), []string{"start W1 sms sent queued", "start G1 sms sent queued"})
	})
	t.Run("NothingIsKeptOfOneThatFails", func(t *testing.T) {
		s := newScene(t, open)
		s.says(at1030, "text", 5, "discuss-with-manager W1 sms")
		wrong := errors.New("wrong")
		_, err := s.GiveUp(t.Context(), now(t), store.GiveUp{Message: s.message("text").ID, State: store.MessageFailed, Disable: true},
			func(*store.FailedMessage, peopleByID) (store.Replacement, error) { return store.Replacement{}, wrong })
		if !errors.Is(err, wrong) {
			t.Errorf("GiveUp gives %v, want %v", err, wrong)
		}
		same(t, "what the ledger holds", s.stands(), []string{"start W1 sms sent queued"})
		same(t, "disabled addresses", s.disabled(), nil)
	})
	t.Run("TheAddressIsGoneBeforeOthersAreLookedFor", func(t *testing.T) {
		s := newScene(t, open)
		s.says(at1030, "text", 5, "discuss-with-manager W1 sms")
		s.givesUp(at1031, "text", func(g *store.GiveUp) { g.Disable = true }, func(m *store.FailedMessage, people peopleByID) (store.Replacement, error) {
			found, err := people([]string{"W1"})
			if err != nil || len(found) != 1 || found[0].Mobile != "" || found[0].Email != "w1@example.org" {
				t.Errorf("W1 is %+v (error %v), want them with an email address only", found, err)
			}
			return store.Replacement{}, err
		})
		same(t, "disabled addresses", s.disabled(), []string{"sms +447700900101 W1 address 21211 no such number 2026-09-02 10:31"})
	})
	t.Run("NothingIsSaidTwice", func(t *testing.T) {
		s := newScene(t, open)
		s.says(at1030, "text", 5, "discuss-with-manager W1 sms")
		s.says(at1030, "email", 5, "discuss-with-manager G1 email")
		if !s.givesUp(at1031, "text", nil, tellInstead("email", "G1", "sms")) || !s.givesUp(at1031, "email", nil, tellInstead("again", "W1", "sms")) {
			t.Error("GiveUp = false, want true")
		}
		same(t, "what the ledger holds", s.stands(), []string{"start G1 email sent failed no such number", "start W1 sms sent failed no such number"})
	})
	t.Run("ADecisionWithoutAMessageIsKeptToo", func(t *testing.T) {
		s := newScene(t, open)
		s.says(at1030, "text", 5, "discuss-with-manager W1 sms")
		s.givesUp(at1031, "text", nil, func(m *store.FailedMessage, _ peopleByID) (store.Replacement, error) {
			r := store.Reminder{ReminderKey: m.Reminders[0].ReminderKey, Role: pathway.Manager, Reason: pathway.NoAddress}
			r.Person = "G1"
			return store.Replacement{Reminders: []store.Reminder{r}}, nil
		})
		same(t, "what the ledger holds", s.stands(), []string{"start W1 sms sent failed no such number", "start G1 sms no-address"})
	})
	t.Run("TwoWhoFailTellTheManagerOnce", func(t *testing.T) {
		s := newScene(t, open)
		const failing = 6
		for i := range failing { // many messages, all on the same rung
			s.says(at1030, fmt.Sprint("m", i), 5, fmt.Sprintf("discuss-with-manager %s %s", []string{"W1", "W2", "V1"}[i/2], []string{"email", "sms"}[i%2]))
		}
		var wait sync.WaitGroup
		var errs [failing]error
		for i := range failing {
			g := store.GiveUp{Message: s.message(fmt.Sprint("m", i)).ID, State: store.MessageFailed}
			wait.Go(func() {
				_, errs[i] = s.GiveUp(t.Context(), now(t), g, func(m *store.FailedMessage, people peopleByID) (store.Replacement, error) {
					if slices.ContainsFunc(m.Told, func(r store.ToldReminder) bool { return r.Person == "G1" }) {
						return store.Replacement{}, nil
					}
					return tellInstead("instead of "+m.Key, "G1", "email")(m, people)
				})
			})
		}
		wait.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		keys, _ := s.claims("b", at1031, 10)
		if len(keys) != 1 || !strings.HasPrefix(keys[0], "instead of ") {
			t.Errorf("to be sent are %q, want one message to G1", keys)
		}
	})
	t.Run("ASenderAndAGiverUpDoNotBothWin", func(t *testing.T) {
		s := newScene(t, open)
		const messages = 8
		for i := range messages {
			s.queues(at1030, "test", fmt.Sprintf("m%d sms W1", i))
		}
		s.sends(at1030, "sms", at1031)
		var wait sync.WaitGroup
		var given [messages]bool
		errs := make([]error, 2*messages)
		for i := range messages {
			key := fmt.Sprint("m", i)
			receipt := s.receipt(key, "delivered")
			wait.Go(func() { errs[i] = s.RecordProgress(t.Context(), now(t), []store.Progressed{receipt}) })
			wait.Go(func() {
				given[i], errs[messages+i] = s.GiveUp(t.Context(), now(t),
					store.GiveUp{Message: receipt.Message, ProviderID: receipt.ProviderID, State: store.MessageFailed}, nil)
			})
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for i := range messages {
			want := store.MessageDelivered
			if given[i] {
				want = store.MessageFailed
			}
			if m := s.message(fmt.Sprint("m", i)); m.State != want {
				t.Errorf("message %d is %s although GiveUp = %v", i, m.State, given[i])
			}
		}
	})
	t.Run("AScanAndAGiverUpBothGetThrough", func(t *testing.T) {
		s := newScene(t, open)
		s.says(at1030, "text", 5, "discuss-with-manager W1 sms", "set-timeframe W1 sms")
		var wait sync.WaitGroup
		errs := make([]error, 9)
		for i := range 8 {
			wait.Go(func() {
				_, errs[i] = s.ScanBatch(t.Context(), nil, now(t), 100, func(b *store.ScanBatch) error { return nil })
			})
		}
		g := store.GiveUp{Message: s.message("text").ID, State: store.MessageFailed}
		wait.Go(func() { _, errs[8] = s.GiveUp(t.Context(), now(t), g, tellInstead("instead", "G1", "sms")) })
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		same(t, "what the ledger holds", s.stands(), []string{"start W1 sms sent failed", "start W1 sms sent failed",
			"start G1 sms sent queued", "start G1 sms sent queued"})
	})
}
