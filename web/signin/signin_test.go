package signin

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAPasswordIsKnownByItsHash(t *testing.T) {
	const password = "four words that rhyme"
	hash, err := Hash(password)
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("the hash is %q (error %v), want argon2id's", hash, err)
	}
	if again, _ := Hash(password); again == hash {
		t.Error("two hashes of one password are the same, want each with a salt of its own")
	}
	for _, tt := range []struct {
		what, password, hash string
		want                 bool
	}{
		{"the password", password, hash, true},
		{"another", password + " ", hash, false},
		{"nobody's", "", "", false},
		{"none that is a hash", password, "plain", false},
		{"a hash cut off", password, hash[:40], false},
		{"nobody's hash by itself", "", nobodys, false},
	} {
		if got, err := Is(t.Context(), tt.password, tt.hash); got != tt.want || err != nil {
			t.Errorf("%s is taken: %t (error %v), want %t", tt.what, got, err, tt.want)
		}
	}
	for _, short := range []string{"", "eleven char", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", strings.Repeat("x", 201)} {
		if _, err := Hash(short); err == nil {
			t.Errorf("%q is taken as a password, want it refused", short)
		}
	}
}

// TestWhoTriesPasswordsByTheThousandKeepsNobodyWaiting: there are places for so many, and
// who has gone waits no more.
func TestWhoTriesPasswordsByTheThousandKeepsNobodyWaiting(t *testing.T) {
	for n := range mostAtOnce {
		leave, has := TakePlace()
		if !has {
			t.Fatalf("there is no place after %d, want %d", n, mostAtOnce)
		}
		defer leave()
	}
	if _, has := TakePlace(); has {
		t.Errorf("there is a place after %d, want none", mostAtOnce)
	}
	turn <- struct{}{} // somebody's password is looked at
	defer func() { <-turn }()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if right, err := Is(gone, "four words that rhyme", ""); right || !errors.Is(err, context.Canceled) {
		t.Errorf("of who has gone the password is right: %t (error %v), want that they wait no more", right, err)
	}
}

func TestEachWrongPasswordMakesTheNextTryWaitLonger(t *testing.T) {
	last := time.Date(2026, 12, 7, 14, 0, 0, 0, time.UTC)
	for failures, want := range map[int]time.Duration{3: 2 * time.Second, 4: 4 * time.Second, 7: 32 * time.Second, 8: 15 * time.Minute, 100: 15 * time.Minute} {
		if got := NextTry(failures, last).Sub(last); got != want {
			t.Errorf("after %d wrong passwords the next try waits %s, want %s", failures, got, want)
		}
	}
	for _, free := range []time.Time{NextTry(0, last), NextTry(2, last), NextTryFrom(49, last)} {
		if !free.IsZero() {
			t.Errorf("the next try waits until %s, want not at all", free)
		}
	}
	if got := NextTryFrom(50, last).Sub(last); got != 15*time.Minute {
		t.Errorf("after 50 wrong passwords from one address the next try waits %s, want a quarter of an hour", got)
	}
}
