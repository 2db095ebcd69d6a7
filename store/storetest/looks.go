package storetest

import (
	"bytes"
	"fmt"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// look is a line of somebody who opened a case.
func look(t testing.TB, who, ref string) store.AuditEntry {
	t.Helper()
	return store.AuditEntry{At: at(t, "2026-09-02 12:00"), Who: who, Way: pathway.WayPage, Deed: "look", Case: ref}
}

// trail is the audit trail as "number who case", the newest line first.
func trail(t testing.TB, s *store.Store, f store.AuditFilter) (lines []string) {
	t.Helper()
	found, err := s.Audit(t.Context(), f)
	if err != nil {
		t.Fatalf("Audit: %v", err)
	}
	for _, e := range found {
		lines = append(lines, fmt.Sprintf("%d %s %s", e.ID, e.Who, e.Case))
	}
	if broken, err := s.CheckAudit(t.Context()); broken != 0 || err != nil {
		t.Errorf("the trail is broken at %d (error %v), want it whole", broken, err)
	}
	return lines
}

func testLooks(t *testing.T, open func(t testing.TB) *store.Store) {
	looks := func(t *testing.T, s *store.Store, lines ...store.AuditEntry) {
		t.Helper()
		if err := s.AddLook(t.Context(), lines...); err != nil {
			t.Fatalf("AddLook: %v", err)
		}
	}
	t.Run("AreOnTheTrailAtOnceAndKeepTheirNumbers", func(t *testing.T) {
		s := open(t)
		looks(t, s, look(t, "W1", "KN-7"))
		looks(t, s, look(t, "G1", "KN-8"), look(t, "W1", "KN-8"))
		same(t, "the trail after three looks", trail(t, s, store.AuditFilter{}), []string{"3 W1 KN-8", "2 G1 KN-8", "1 W1 KN-7"})
		same(t, "of one person, before the third line", trail(t, s, store.AuditFilter{Who: "W1", Before: 3}), []string{"1 W1 KN-7"})
		same(t, "of one case, the newest", trail(t, s, store.AuditFilter{Case: "KN-8", AtMost: 1}), []string{"3 W1 KN-8"})
		if err := s.AddAudit(t.Context(), look(t, "A1", "KN-9")); err != nil {
			t.Fatal(err)
		}
		looks(t, s, look(t, "W2", "KN-9"))
		same(t, "with what was added behind them", trail(t, s, store.AuditFilter{}), []string{"5 W2 KN-9", "4 A1 KN-9", "3 W1 KN-8", "2 G1 KN-8", "1 W1 KN-7"})
	})
	t.Run("OfTheSameMomentStandOnceEach", func(t *testing.T) {
		s := open(t)
		const each = 20
		ended := make(chan error)
		for n := range each {
			go func() { ended <- s.AddLook(t.Context(), look(t, fmt.Sprintf("W%d", n), "KN-7")) }()
			go func() { ended <- s.AddAudit(t.Context(), look(t, fmt.Sprintf("G%d", n), "KN-7")) }()
		}
		for range 2 * each {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		found, err := s.Audit(t.Context(), store.AuditFilter{})
		if err != nil || len(found) != 2*each {
			t.Fatalf("there are %d lines (error %v), want %d", len(found), err, 2*each)
		}
		people := map[string]bool{}
		for i, e := range found {
			people[e.Who] = true
			if want := int64(2*each - i); e.ID != want {
				t.Errorf("line %d has the number %d, want %d", i+1, e.ID, want)
			}
		}
		if len(people) != 2*each {
			t.Errorf("the lines are of %d people, want %d", len(people), 2*each)
		}
		trail(t, s, store.AuditFilter{AtMost: 1})
	})
	t.Run("GoWithABackup", func(t *testing.T) {
		s := open(t)
		if err := s.AddAudit(t.Context(), look(t, "A1", "KN-7")); err != nil {
			t.Fatal(err)
		}
		looks(t, s, look(t, "W1", "KN-7"), look(t, "W\x00\xff", "KN-8"))
		var backup bytes.Buffer
		if err := s.Backup(t.Context(), &backup, ""); err != nil {
			t.Fatalf("Backup: %v", err)
		}
		to := OpenSQLite(t)
		if _, err := to.Restore(t.Context(), &backup); err != nil {
			t.Fatalf("Restore: %v", err)
		}
		looks(t, to, look(t, "G1", "KN-9"))
		same(t, "the restored trail", trail(t, to, store.AuditFilter{}), []string{"4 G1 KN-9", "3 W\ufffd\ufffd KN-8", "2 W1 KN-7", "1 A1 KN-7"})
		same(t, "the trail that was backed up", trail(t, s, store.AuditFilter{AtMost: 1}), []string{"3 W\ufffd\ufffd KN-8"})
	})
}
