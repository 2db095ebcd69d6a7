package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

var faultNow = time.Date(2026, 9, 2, 9, 0, 0, 0, time.UTC)

// addCases adds so many cases with nobody on them.
func addCases(ctx context.Context, s *store.Store, rules *pathway.Rules, n int, progress func(int)) error {
	in, err := s.NewIntake(ctx, rules, store.IntakeOptions{Now: faultNow, Progress: progress})
	if err != nil {
		return err
	}
	defer in.Rollback()
	for i := range n {
		if err := in.AddCase(i+1, pathway.Case{Ref: fmt.Sprintf("KN-%d", i), Pathway: "hv-child", Opened: faultNow}, pathway.GivenAll); err != nil {
			return err
		}
	}
	result, err := in.Commit(ctx)
	if err == nil && !result.Kept {
		err = fmt.Errorf("refused: %+v", result.Faults)
	}
	return err
}

func wantTemporary(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !store.IsTemporary(err) || !strings.Contains(err.Error(), words) {
		t.Errorf("the error is %v (temporary: %t), want a temporary one that says %q", err, store.IsTemporary(err), words)
	}
}

func wantNothingKept(t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.Case(t.Context(), "KN-0"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Case KN-0 gives %v, want ErrNotFound", err)
	}
}

func TestALockedDatabaseIsWaitedForAndThenExplained(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doorstep.db")
	s, rules := storetest.Open(t, "sqlite:"+path+"?busy_timeout=20"), storetest.Guidance(t)
	lock, err := other(t, "sqlite", path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := lock.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	wantTemporary(t, addCases(t.Context(), s, rules, 1, nil), "locked by another program")
	wantNothingKept(t, s)
	if _, err := lock.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := addCases(t.Context(), s, rules, 1, nil); err != nil {
		t.Errorf("once the lock is gone: %v", err)
	}
}

func TestADatabaseThatGoesAwayComesBack(t *testing.T) {
	url := storetest.PostgresURL(t)
	s, rules := storetest.Open(t, url+"&application_name=goes-away"), storetest.Guidance(t)
	db := other(t, "pgx", url)
	killed := false
	kill := func(int) {
		if !killed {
			killed = true
			if _, err := db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'goes-away'"); err != nil {
				t.Error(err)
			}
		}
	}
	wantTemporary(t, addCases(t.Context(), s, rules, 3000, kill), "the database")
	wantNothingKept(t, s)
	if err := addCases(t.Context(), s, rules, 3000, nil); err != nil {
		t.Errorf("once the database is back: %v", err)
	}
}

func TestAnInterruptedIntakeKeepsNothing(t *testing.T) {
	for _, b := range storetest.Backends {
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			s, rules := b.Open(t), storetest.Guidance(t)
			ctx, stop := context.WithCancel(t.Context())
			err := addCases(ctx, s, rules, 3000, func(int) { stop() })
			if !errors.Is(err, context.Canceled) || store.IsTemporary(err) {
				t.Errorf("an intake that is stopped gives %v, want context.Canceled", err)
			}
			wantNothingKept(t, s)
			if err := addCases(t.Context(), s, rules, 3000, nil); err != nil {
				t.Errorf("the same intake again: %v", err)
			}
		})
	}
}

func TestAFileThatIsNoDatabaseIsExplained(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doorstep.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("ref,pathway\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), "sqlite:"+path)
	if err == nil {
		defer s.Close()
		err = s.Migrate(t.Context())
	}
	if err == nil || !strings.Contains(err.Error(), "not a database of Doorstep") {
		t.Errorf("opening a CSV file as a database gives %v, want it explained", err)
	}
}
