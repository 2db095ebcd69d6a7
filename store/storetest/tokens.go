package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func testTokens(t *testing.T, open func(t testing.TB) *store.Store) {
	ctx := t.Context()
	now := at(t, "2026-09-01 08:00")
	made := store.Token{Name: "record-system", Scopes: []string{"events", "cases"}, Created: now, CreatedBy: "root", Expires: now.Add(time.Hour)}
	add := func(t *testing.T, s *store.Store) string {
		t.Helper()
		secret, err := s.AddToken(ctx, made)
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	opens := func(t *testing.T, s *store.Store, when time.Time, secret string) bool {
		t.Helper()
		found, err := s.TokenOf(ctx, when, secret)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil && found.Name == made.Name && strings.Join(found.Scopes, " ") == "events cases"
	}
	t.Run("OpensUntilItExpires", func(t *testing.T) {
		s := open(t)
		secret := add(t, s)
		for what, c := range map[string]struct {
			when   time.Time
			secret string
			want   bool
		}{
			"at once":          {now, secret, true},
			"at the last":      {now.Add(time.Hour - time.Millisecond), secret, true},
			"when it expires":  {now.Add(time.Hour), secret, false},
			"another one":      {now, secret[:len(secret)-1] + "0", false},
			"none":             {now, "", false},
			"its name":         {now, made.Name, false},
			"in small letters": {now, strings.ToLower(secret), false},
		} {
			if got := opens(t, s, c.when, c.secret); got != c.want {
				t.Errorf("%s it opens: %v, want %v", what, got, c.want)
			}
		}
	})
	t.Run("RevokedItOpensNothing", func(t *testing.T) {
		s := open(t)
		secret := add(t, s)
		if err := s.RevokeToken(ctx, now, made.Name); err != nil {
			t.Fatal(err)
		}
		if opens(t, s, now, secret) {
			t.Error("it opens after it was revoked")
		}
		if err := s.RevokeToken(ctx, now, made.Name); pathway.ProblemOf(err) != pathway.Conflict {
			t.Errorf("revoked once more: %v, want a conflict", err)
		}
		if err := s.RevokeToken(ctx, now, "record-sytem"); pathway.ProblemOf(err) != pathway.NotFound || !strings.Contains(err.Error(), "did you mean record-system?") {
			t.Errorf("a name that is not there: %v, want that it is not found, and which may be meant", err)
		}
		if _, err := s.AddToken(ctx, made); pathway.ProblemOf(err) != pathway.Conflict {
			t.Errorf("its name again: %v, want a conflict: histories name it", err)
		}
	})
	t.Run("ItsLastUseIsKeptAndItsSecretIsNot", func(t *testing.T) {
		s := open(t)
		secret := add(t, s)
		used := now.Add(5 * time.Minute)
		if !opens(t, s, used, secret) || !opens(t, s, used.Add(30*time.Second), secret) {
			t.Fatal("it does not open")
		}
		all, err := s.Tokens(ctx)
		if err != nil || len(all) != 1 || !all[0].LastUsed.Equal(used) {
			t.Errorf("%+v, %v; want one token, last used at %s, to the minute", all, err, used)
		}
		var backup strings.Builder
		if err := s.Backup(ctx, &backup, ""); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(backup.String(), secret) {
			t.Error("a backup holds the secret")
		}
	})
}
