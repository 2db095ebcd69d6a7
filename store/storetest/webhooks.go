package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// endpoints are hub, which is told of everything, and board, of what is overdue.
var endpoints = []store.WebhookEndpoint{
	{Name: "hub", Address: "https://hub.example.org/doorstep", Events: store.WebhookEvents},
	{Name: "board", Address: "https://board.example.org/", Events: []string{store.EventDutyOverdue}},
}

// hooked is the scene before its visit, with two other systems that are told.
func hooked(t testing.TB, open func(t testing.TB) *store.Store) *scene {
	t.Helper()
	s := &scene{Store: open(t), t: t, rules: Guidance(t), duties: map[string]store.Duty{}}
	s.TellWebhooks(endpoints)
	taken(t, s.Store, s.rules, visits(t))
	s.hooks("hub", "2026-09-01 09:30") // what a case opens with
	return s
}

// hookBody says of a webhook what it is about.
func hookBody(e *store.WebhookEvent) ([]byte, error) {
	var about []string
	if e.Duty != nil {
		about = append(about, e.Duty.Case, e.Duty.ID, fmt.Sprint(e.State))
	}
	for _, d := range e.Duties {
		about = append(about, d.Case, d.ID)
	}
	if e.File.Of != "" {
		about = append(about, e.File.Number, e.File.Of, fmt.Sprint(e.File.Rows))
	}
	return []byte(strings.Join(append([]string{e.Event}, about...), " ")), nil
}

func (s *scene) claimsHooks(to, when string) []store.ClaimedWebhook {
	s.t.Helper()
	claimed, err := s.ClaimWebhooks(s.t.Context(), at(s.t, when), to, "a", 100, at(s.t, when).Add(time.Minute), hookBody)
	if err != nil {
		s.t.Fatal(err)
	}
	return claimed
}

// hooks has an endpoint take what it is to be told by now, and returns that.
func (s *scene) hooks(to, when string) (told []string) {
	s.t.Helper()
	for n := 1; n > 0; {
		var err error
		if n, err = s.TellDuties(s.t.Context(), at(s.t, when), 3); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, c := range s.claimsHooks(to, when) {
		told = append(told, string(c.Body))
		if err := s.WebhookTaken(s.t.Context(), c.ID); err != nil {
			s.t.Fatal(err)
		}
	}
	slices.Sort(told)
	return told
}

// about keeps what was told of one duty.
func about(told []string, duty string) (of []string) {
	for _, line := range told {
		if strings.Contains(line, " "+duty) {
			of = append(of, line)
		}
	}
	return of
}

func testWebhooks(t *testing.T, open func(t testing.TB) *store.Store) {
	const discuss = "discuss-with-manager"

	t.Run("ADutyIsToldAsItOpensBecomesDueAndIsMet", func(t *testing.T) {
		s := hooked(t, open)
		s.happens("x1", pathway.KindNoAccess, "W1", "2026-09-02 10:00")
		same(t, "told when it opened", about(s.hooks("hub", "2026-09-02 10:01"), discuss), []string{"duty.opened KN-7 discuss-with-manager open"})
		same(t, "told before it is due", about(s.hooks("hub", "2026-09-03 10:00"), discuss), nil)
		same(t, "told when it had become due", about(s.hooks("hub", "2026-09-03 10:01"), discuss),
			[]string{"duty.due KN-7 discuss-with-manager open", "duty.overdue KN-7 discuss-with-manager open"})
		same(t, "told of it to whom only what is overdue matters", about(s.hooks("board", "2026-09-03 10:01"), discuss),
			[]string{"duty.overdue KN-7 discuss-with-manager open"})
		same(t, "told again", about(s.hooks("hub", "2026-09-03 10:02"), discuss), nil)
		s.happens("x2", pathway.KindDiscussedWithManager, "W1", "2026-09-03 11:00")
		same(t, "told when it was met", about(s.hooks("hub", "2026-09-03 11:01"), discuss), []string{"duty.met KN-7 discuss-with-manager met"})
	})

	t.Run("WhatIsNotKeptOrNotNewIsNotTold", func(t *testing.T) {
		s := hooked(t, open)
		_, err := s.Record(t.Context(), at(t, "2026-09-02 11:00"), "W1", []pathway.Event{noAccess(t)},
			store.RecordOptions{Rules: s.rules, KeepIf: func(*store.Recorded) bool { return false }})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "told of what was only looked at", s.hooks("hub", "2026-09-02 11:01"), nil)
		taken(t, s.Store, s.rules, rows{events: []pathway.Event{noAccess(t)}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 11:02"), DryRun: true}})
		same(t, "told of what was only tried", s.hooks("hub", "2026-09-02 11:03"), nil)
		s.happens("x1", pathway.KindNoAccess, "W1", "2026-09-02 10:00")
		if len(s.hooks("hub", "2026-09-02 11:04")) == 0 {
			t.Error("nothing was told of what was kept")
		}
		s.happens("x1", pathway.KindNoAccess, "W1", "2026-09-02 10:00")
		same(t, "told of what was known", s.hooks("hub", "2026-09-02 11:05"), nil)
	})

	t.Run("ADueTimeThatMovedIsToldOnceAtTheNewOne", func(t *testing.T) {
		s := hooked(t, open)
		s.happens("x1", pathway.KindNoAccess, "W1", "2026-09-02 10:00")
		for _, e := range []pathway.Event{
			{ID: "x3", Case: "KN-7", Kind: pathway.KindVoided, By: "W1", At: at(t, "2026-09-02 10:10"), Value: "x1"},
			{ID: "x4", Case: "KN-7", Kind: pathway.KindNoAccess, By: "W1", At: at(t, "2026-09-02 12:00")},
		} {
			taken(t, s.Store, s.rules, rows{events: []pathway.Event{e}, IntakeOptions: store.IntakeOptions{Now: e.At}})
		}
		s.hooks("hub", "2026-09-02 12:01")
		same(t, "told at the time of the visit that was voided", about(s.hooks("hub", "2026-09-03 10:01"), discuss), nil)
		same(t, "told at the time of the other", about(s.hooks("board", "2026-09-03 12:01"), discuss), []string{"duty.overdue KN-7 discuss-with-manager open"})
	})

	t.Run("ADutyThatIsMetInTimeIsNeverOverdue", func(t *testing.T) {
		s := hooked(t, open)
		s.happens("x1", pathway.KindNoAccess, "W1", "2026-09-02 10:00")
		s.happens("x2", pathway.KindDiscussedWithManager, "W1", "2026-09-02 12:00")
		same(t, "told", about(s.hooks("board", "2026-09-04 12:01"), discuss), nil)
	})

	t.Run("YearsOfHistoryAreNoNewsAndWhatIsOpenOfThemIs", func(t *testing.T) {
		s := &scene{Store: open(t), t: t, rules: Guidance(t)}
		s.TellWebhooks(endpoints)
		r := story(t)
		r.Now = at(t, "2027-09-02 10:00")
		r.events = append(r.events, pathway.Event{ID: "x2", Case: "KN-7", Kind: pathway.KindDiscussedWithManager, By: "W1", At: at(t, "2026-09-02 12:00")})
		taken(t, s.Store, s.rules, r)
		told := s.hooks("hub", "2027-09-02 10:01")
		same(t, "told of what was met a year ago", about(told, discuss), nil)
		if len(told) == 0 {
			t.Error("nothing was told of what is open")
		}
	})

	t.Run("ANewEndpointIsToldWhenWhatWasThereBecomesDue", func(t *testing.T) {
		s := newScene(t, open)
		s.TellWebhooks(endpoints)
		for _, when := range []string{"2026-09-02 11:00", "2026-09-02 12:00"} {
			if err := s.BeginWebhooks(t.Context(), at(t, when)); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "told of what had opened before", s.hooks("board", "2026-09-02 12:01"), nil)
		same(t, "told when it had become due", about(s.hooks("board", "2026-09-03 10:01"), discuss), []string{"duty.overdue KN-7 discuss-with-manager open"})
	})

	t.Run("NothingIsToldOfARestrictedCase", func(t *testing.T) {
		s := hooked(t, open)
		s.happens("x1", pathway.KindNoAccess, "W1", "2026-09-02 10:00")
		if err := s.Restrict(t.Context(), "KN-7"); err != nil {
			t.Fatal(err)
		}
		same(t, "told", s.hooks("hub", "2026-09-02 10:01"), nil)
	})

	t.Run("AWebhookIsTheSameAtEveryTry", func(t *testing.T) {
		s := hooked(t, open)
		s.happens("x1", pathway.KindNoAccess, "W1", "2026-09-02 10:00")
		first := s.claimsHooks("hub", "2026-09-02 10:01")
		if len(first) == 0 || len(s.claimsHooks("hub", "2026-09-02 10:01")) > 0 {
			t.Fatalf("%d were claimed, and others twice; want some, once", len(first))
		}
		for _, c := range first {
			if err := s.WebhookAgain(t.Context(), "a", c.ID, at(t, "2026-09-02 10:05"), "503 Service Unavailable"); err != nil {
				t.Fatal(err)
			}
		}
		s.happens("x2", pathway.KindDiscussedWithManager, "W1", "2026-09-02 10:02")
		if early := s.claimsHooks("hub", "2026-09-02 10:03"); slices.ContainsFunc(early, func(c store.ClaimedWebhook) bool { return c.Tries > 0 }) {
			t.Errorf("claimed before their time: %v", early)
		}
		for _, again := range s.claimsHooks("hub", "2026-09-02 10:05") {
			for _, c := range first {
				if c.ID == again.ID && (again.Key != c.Key || string(again.Body) != string(c.Body) || again.Tries != 1) {
					t.Errorf("tried again: %s %s, %d tries; want %s %s, one", again.Key, again.Body, again.Tries, c.Key, c.Body)
				}
			}
		}
		same(t, "claimed when the claim of whoever died has run out", []string{fmt.Sprint(len(s.claimsHooks("hub", "2026-09-02 10:07")) >= len(first))}, []string{"true"})
	})

	t.Run("WhoWantsNoMoreIsNotToldUntilEnabled", func(t *testing.T) {
		s := hooked(t, open)
		if err := s.BeginWebhooks(t.Context(), at(t, "2026-09-01 10:00")); err != nil {
			t.Fatal(err)
		}
		for i, want := range []bool{true, false} {
			if got, err := s.DisableWebhook(t.Context(), at(t, "2026-09-02 09:00"), "hub", "410 Gone"); err != nil || got != want {
				t.Errorf("disabled %d: %v, %v; want %v", i+1, got, err, want)
			}
		}
		s.happens("x1", pathway.KindNoAccess, "W1", "2026-09-02 10:00")
		same(t, "told while it was disabled", s.hooks("hub", "2026-09-02 10:01"), nil)
		states, err := s.WebhookStates(t.Context(), at(t, "2026-09-02 10:01"))
		if err != nil || len(states) != 2 || states[0].Name != "hub" || states[0].Reason != "410 Gone" || states[0].Waiting == 0 || clock(t, states[0].Oldest) != "2026-09-02 10:00" || !states[1].Disabled.IsZero() {
			t.Errorf("they stand %+v, %v; want hub switched off with some waiting since 10:00, and board not", states, err)
		}
		if done, err := s.EnableWebhook(t.Context(), at(t, "2026-09-02 11:00"), "hub"); err != nil || !done {
			t.Errorf("enabled %v, %v; want it done", done, err)
		}
		same(t, "told then", about(s.hooks("hub", "2026-09-02 11:00"), discuss), []string{"duty.opened KN-7 discuss-with-manager open"})
		if _, err := s.DisableWebhook(t.Context(), at(t, "2026-09-02 12:00"), "hub", "410 Gone"); err != nil {
			t.Fatal(err)
		}
		moved := slices.Clone(endpoints)
		moved[0].Address = "https://new.example.org/"
		s.TellWebhooks(moved)
		if err := s.BeginWebhooks(t.Context(), at(t, "2026-09-02 13:00")); err != nil {
			t.Fatal(err)
		}
		if states, err = s.WebhookStates(t.Context(), at(t, "2026-09-02 13:00")); err != nil || !states[0].Disabled.IsZero() {
			t.Errorf("at another address: %+v, %v; want it told again", states, err)
		}
	})

	t.Run("WhatIsGivenUpIsKeptAndCanBeSentAgain", func(t *testing.T) {
		s := hooked(t, open)
		s.happens("x1", pathway.KindNoAccess, "W1", "2026-09-02 10:00")
		claimed := s.claimsHooks("board", "2026-09-03 10:01")
		for n := 1; n > 0; {
			n, _ = s.TellDuties(t.Context(), at(t, "2026-09-03 10:01"), 100)
		}
		claimed = append(claimed, s.claimsHooks("board", "2026-09-03 10:01")...)
		for _, c := range claimed {
			if err := s.WebhookGivenUp(t.Context(), at(t, "2026-09-06 10:01"), "a", c.ID, "503 Service Unavailable"); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "claimed when it is given up", about(s.hooks("board", "2026-09-07 10:00"), discuss), nil)
		if done, err := s.EnableWebhook(t.Context(), at(t, "2026-09-07 11:00"), "board"); err != nil || !done {
			t.Errorf("enabled %v, %v; want it done", done, err)
		}
		same(t, "told then", about(s.hooks("board", "2026-09-07 11:00"), discuss), []string{"duty.overdue KN-7 discuss-with-manager open"})
	})

	t.Run("AMessageThatFailsIsToldHoweverItWasGivenUp", func(t *testing.T) {
		s := newScene(t, open)
		s.TellWebhooks(endpoints)
		s.says("2026-09-02 10:30", "text", 5, "discuss-with-manager W1 sms", "set-timeframe W1 sms")
		s.says("2026-09-02 10:30", "email", 5, "discuss-with-manager G1 email")
		s.says("2026-09-02 10:30", "other", 5, "record-manager G1 email")
		s.claimsBy("sms", "a", "2026-09-02 10:30")
		_, ids := s.claimsBy("email", "a", "2026-09-02 10:30")
		if !s.givesUp("2026-09-02 10:31", "text", held("a"), tellInstead("instead", "G1", "sms")) {
			t.Fatal("it was not given up")
		}
		s.records("2026-09-02 10:32", "b", store.Outcome{Message: ids[0], State: store.MessageFailed, Reason: "not b's"})
		s.records("2026-09-02 10:32", "a", store.Outcome{Message: ids[0], State: store.MessageFailed, Reason: "no such mailbox"},
			store.Outcome{Message: ids[1], State: store.MessageSent})
		same(t, "told", s.hooks("hub", "2026-09-02 10:33"), []string{"message.failed KN-7 discuss-with-manager", "message.failed KN-7 discuss-with-manager KN-7 set-timeframe"})
	})

	t.Run("ARejectedFileIsToldOnce", func(t *testing.T) {
		s := hooked(t, open)
		for range 2 {
			if err := s.TellRejected(t.Context(), at(t, "2026-09-02 10:00"), "key of the file", store.RejectedFile{Number: "f00d", Of: pathway.OfEvents, Rows: 3}); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "told", s.hooks("hub", "2026-09-02 10:01"), []string{"import.rejected f00d events 3"})
	})
}
