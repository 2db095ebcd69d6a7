package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"example.org/doorstep/store"
)

func testOrigin(t *testing.T, open func(t testing.TB) *store.Store) {
	adopts := func(t *testing.T, s *store.Store, when string, lost bool, fingerprints ...string) bool {
		t.Helper()
		adopted, err := s.AdoptOrigin(t.Context(), at(t, when), fingerprints, lost)
		if err != nil {
			t.Fatal(err)
		}
		return adopted
	}
	used := func(t *testing.T, s *store.Store) (all []string) {
		t.Helper()
		keys, err := s.OriginKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys {
			all = append(all, k.Fingerprint+" "+clock(t, k.Since))
		}
		return all
	}
	t.Run("AKeyThatIsNotTheDatabasesIsRefused", func(t *testing.T) {
		s := open(t)
		for _, c := range []struct {
			name string
			keys []string
			lost bool
			want bool
		}{
			{"the first", []string{"a"}, false, true},
			{"the same again", []string{"a"}, false, true},
			{"another", []string{"z"}, false, false},
			{"a newer one before it", []string{"b", "a"}, false, true},
			{"the older one alone, on a machine that was forgotten", []string{"a"}, false, false},
			{"the newer one alone", []string{"b"}, false, true},
			{"another, since all others are lost", []string{"c"}, true, true},
		} {
			if got := adopts(t, s, "2026-09-02 10:00", c.lost, c.keys...); got != c.want {
				t.Errorf("%s: %t, want %t", c.name, got, c.want)
			}
		}
		same(t, "keys", used(t, s), []string{"a 2026-09-02 10:00", "b 2026-09-02 10:00", "c 2026-09-02 10:00"})
	})
	t.Run("OfTwoThatBeginAtOnceOneIsFirst", func(t *testing.T) {
		s := open(t)
		var wait sync.WaitGroup
		got := make([]bool, 6)
		for i := range got {
			wait.Go(func() { got[i] = adopts(t, s, "2026-09-02 10:00", false, fmt.Sprint("key ", i)) })
		}
		wait.Wait()
		first := 0
		for _, adopted := range got {
			if adopted {
				first++
			}
		}
		if n := len(used(t, s)); first != 1 || n != 1 {
			t.Errorf("%d of them are first and %d keys are noted, want 1 and 1", first, n)
		}
	})
	t.Run("MessagesFromBeforeTheFirstKeyAreKnown", func(t *testing.T) {
		s := newScene(t, open)
		if n, err := s.LastWithoutKey(t.Context()); err != nil || n != 0 {
			t.Errorf("before there is a key: %d, %v; want 0", n, err)
		}
		s.says("2026-09-02 10:30", "before", 5, "discuss-with-manager W1 sms")
		adopts(t, s.Store, "2026-09-02 10:31", false, "a")
		s.says("2026-09-02 10:32", "after", 5, "set-timeframe W1 sms")
		adopts(t, s.Store, "2026-09-02 10:33", false, "b", "a")
		last, err := s.LastWithoutKey(t.Context())
		before, err2 := s.MessageByKey(t.Context(), "before")
		if err != nil || err2 != nil || last != before.ID {
			t.Errorf("the last message without a key is %d, want %d (%v, %v)", last, before.ID, err, err2)
		}
	})
	t.Run("KeysGoWithABackupAndFingerprintsAlways", func(t *testing.T) {
		from, to := open(t), open(t)
		adopts(t, from, "2026-09-02 10:00", false, "a")
		var backup bytes.Buffer
		if err := from.Backup(t.Context(), &backup, "the keys\n"); err != nil {
			t.Fatal(err)
		}
		keys, err := to.Restore(t.Context(), bytes.NewReader(backup.Bytes()))
		if err != nil || keys != "the keys\n" {
			t.Errorf("restored: %q, %v; want the keys", keys, err)
		}
		same(t, "keys", used(t, to), []string{"a 2026-09-02 10:00"})
		changed := zip(t, bytes.Replace(unzip(t, backup.Bytes()), []byte("the keys"), []byte("my keys!"), 1))
		if _, err := open(t).Restore(t.Context(), bytes.NewReader(changed)); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("a backup with other keys: %v, want it refused", err)
		}
	})
}
