package storetest

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// forgets forgets by r, and says how much of one kind there was.
func forgets(t *testing.T, s *store.Store, kind string, r store.Retention) int {
	t.Helper()
	counts, err := s.Forget(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return counts[kind]
}

func testRetention(t *testing.T, open func(t testing.TB) *store.Store) {
	// A case that was closed on 10 September, with a duty and a message about it.
	closed := func(t *testing.T) *scene {
		s := newScene(t, open)
		s.TellWebhooks(endpoints)
		s.says("2026-09-02 10:30", "email", 5, "discuss-with-manager W1 email")
		_, ids := s.claims("a", "2026-09-02 10:30", 10)
		s.records("2026-09-02 10:31", "a", store.Outcome{Message: ids[0], State: store.MessageSent})
		taken(t, s.Store, s.rules, rows{events: []pathway.Event{{ID: "x9", Case: "KN-7", Kind: pathway.KindClosed, By: "G1", At: at(t, "2026-09-10 10:00"), Reason: "moved away"}},
			IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-10 10:00"), Origin: store.Origin{Who: "G1"}}})
		return s
	}

	t.Run("OfAClosedCaseNothingIsLeft", func(t *testing.T) {
		s := closed(t)
		if n := forgets(t, s.Store, store.ForgottenCases, store.Retention{ClosedCases: at(t, "2026-09-10 10:00")}); n != 0 {
			t.Errorf("forgot %d cases at the instant of its closing, want none: it is kept for so long", n)
		}
		if n := forgets(t, s.Store, store.ForgottenCases, store.Retention{ClosedCases: at(t, "2026-09-10 10:01")}); n != 1 {
			t.Errorf("forgot %d cases, want the one that is closed", n)
		}
		if _, err := s.Case(t.Context(), "KN-7"); !errors.Is(err, store.ErrNotFound) && pathway.ProblemOf(err) != pathway.NotFound {
			t.Errorf("the case: %v, want that there is none", err)
		}
		var backup bytes.Buffer
		if err := s.Backup(t.Context(), &backup, ""); err != nil {
			t.Fatal(err)
		}
		if left := string(unzip(t, backup.Bytes())); strings.Contains(left, "KN-7") || strings.Contains(left, `"discuss-with-manager"`) || strings.Contains(left, `"reminder"`) {
			t.Errorf("the database still holds:\n%s", left)
		}
		taken(t, s.Store, s.rules, rows{cases: visits(t).cases, IntakeOptions: store.IntakeOptions{Now: at(t, "2027-09-10 10:00")}})
	})

	t.Run("AnOpenCaseAndItsHouseholdStay", func(t *testing.T) {
		s := newScene(t, open)
		late := at(t, "2036-09-10 10:00")
		if n := forgets(t, s.Store, store.ForgottenCases, store.Retention{ClosedCases: late}); n != 0 {
			t.Errorf("forgot %d cases, want none: the only one is open", n)
		}
		r := visits(t)
		r.people = nil
		for i, ref := range []string{"KN-7", "KN-8"} {
			c := r.cases[0]
			c.Ref, c.Household = ref, "H-1"
			if r.cases = append(r.cases, c); i == 1 {
				r.cases[2].Closed = at(t, "2026-09-03 09:00")
			}
		}
		r.cases, r.Now = r.cases[1:], at(t, "2026-09-04 09:00")
		taken(t, s.Store, s.rules, r)
		if n := forgets(t, s.Store, store.ForgottenCases, store.Retention{ClosedCases: late}); n != 0 {
			t.Errorf("forgot %d cases, want none: the closed one is of a household with an open one", n)
		}
		taken(t, s.Store, s.rules, rows{events: []pathway.Event{{ID: "x9", Case: "KN-7", Kind: pathway.KindClosed, By: "G1", At: at(t, "2026-09-10 10:00"), Reason: "moved away"}},
			IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-10 10:00")}})
		if n := forgets(t, s.Store, store.ForgottenCases, store.Retention{ClosedCases: late}); n != 2 {
			t.Errorf("forgot %d cases, want both once both are closed", n)
		}
	})

	t.Run("WhatAMessageSaidAndWhereItWentIsForgottenAndNotThatItWent", func(t *testing.T) {
		s := newScene(t, open)
		s.says("2026-09-02 10:30", "sent", 5, "discuss-with-manager W1 email")
		s.says("2026-09-02 10:31", "waits", 5, "set-timeframe G1 email")
		_, ids := s.claims("a", "2026-09-02 10:30", 1)
		s.records("2026-09-02 10:31", "a", store.Outcome{Message: ids[0], State: store.MessageSent})
		for i, want := range []int{1, 0} {
			if n := forgets(t, s.Store, store.ForgottenMessages, store.Retention{MessageTexts: at(t, "2027-09-02 10:30")}); n != want {
				t.Errorf("time %d: forgot %d, want %d", i+1, n, want)
			}
		}
		if sent, waits := s.message("sent"), s.message("waits"); sent.Address != "" || sent.State != store.MessageSent || waits.Address == "" {
			t.Errorf("the one that went is %+v, the one that waits %+v; want the address of the first gone", sent, waits)
		}
	})

	t.Run("OfTheAuditTrailTheRestCanBeChecked", func(t *testing.T) {
		s := open(t)
		for day := range 5 {
			if err := s.AddAudit(t.Context(), store.AuditEntry{At: at(t, "2026-09-01 10:00").AddDate(0, 0, day), Who: "W1", Way: pathway.WayPage, Deed: "look", Case: "KN-7"}); err != nil {
				t.Fatal(err)
			}
		}
		for i, until := range []string{"2026-09-03 10:00", "2026-09-04 09:00"} {
			if n := forgets(t, s, store.ForgottenAudit, store.Retention{Audit: at(t, until)}); n != []int{2, 1}[i] {
				t.Errorf("forgot %d lines until %s, want %d", n, until, []int{2, 1}[i])
			}
		}
		if err := s.AddAudit(t.Context(), store.AuditEntry{At: at(t, "2026-09-06 10:00"), Who: "W1", Way: pathway.WayPage, Deed: "look"}); err != nil {
			t.Fatal(err)
		}
		left, err := s.Audit(t.Context(), store.AuditFilter{})
		if broken, bad := s.CheckAudit(t.Context()); err != nil || bad != nil || broken != 0 || len(left) != 3 || left[2].ID != 4 {
			t.Errorf("left are %d lines (%v), broken from %d on (%v); want 4, 5 and 6, whole", len(left), err, broken, bad)
		}
	})

	t.Run("SessionsAndTextsAreForgotten", func(t *testing.T) {
		s := open(t)
		if err := s.BeginSession(t.Context(), at(t, "2026-09-01 10:00"), &store.Session{Token: "a", Person: "W1", Expires: at(t, "2026-09-01 10:15")}); err != nil {
			t.Fatal(err)
		}
		if n := forgets(t, s, store.ForgottenSessions, store.Retention{Sessions: at(t, "2026-09-02 10:00")}); n != 1 {
			t.Errorf("forgot %d sessions, want one", n)
		}
		if n := forgets(t, s, store.ForgottenTexts, store.Retention{TextsReceived: time.Time{}}); n != 0 {
			t.Errorf("forgot %d texts that are kept for ever", n)
		}
	})

	t.Run("WhatStoodOnPaperIsForgottenAndNotThatItWasPrinted", func(t *testing.T) {
		s := newPrintScene(t, open, "KN-1")
		s.visits("2026-09-02 10:00", "x1@KN-1")
		s.keep(1, "A")
		if n := forgets(t, s.Store, store.ForgottenPrints, store.Retention{PrintedBatches: at(t, "2027-09-03 10:00")}); n != 1 {
			t.Errorf("forgot %d items, want one", n)
		}
		for p, err := range s.BatchItems(t.Context(), 1, "") {
			if err != nil || p.Input != "" || p.Case != "KN-1" || p.State != store.PrintPrinted {
				t.Errorf("the item is %+v (%v); want it printed and nothing of what stood on it", p, err)
			}
		}
	})
}
