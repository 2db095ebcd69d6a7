package pages

import (
	"reflect"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"example.org/doorstep/store/storetest"
)

// TestASessionOfAClockThatWasAheadEndsWithTheOthers: it began a week ahead of now. Found
// again, it lasts for ten hours at most and for a quarter of one where nothing is done,
// also when the process is another.
func TestASessionOfAClockThatWasAheadEndsWithTheOthers(t *testing.T) {
	db := storetest.OpenMemory(t)
	now := time.Date(2026, 12, 7, 14, 12, 0, 0, time.UTC)
	at := func(when time.Time) *sessionStore {
		return &sessionStore{store: db, now: func() time.Time { return when }, grain: time.Minute, idle: 15 * time.Minute, kept: map[string]keptSession{}}
	}
	ahead := now.Add(7 * 24 * time.Hour)
	data, err := sessionValues{}.Encode(ahead.Add(longestSession), map[string]any{sessionPerson: "W1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := at(ahead).CommitCtx(t.Context(), "token", data, ahead.Add(15*time.Minute)); err != nil {
		t.Fatal(err)
	}
	s := at(now)
	found, is, err := s.FindCtx(t.Context(), "token")
	if err != nil || !is {
		t.Fatalf("found %v, %v; want it found", is, err)
	}
	deadline, values, err := sessionValues{}.Decode(found)
	if want := now.Add(longestSession); err != nil || !deadline.Equal(want) || values[sessionPerson] != "W1" {
		t.Errorf("it ends at %s and holds %v (%v), want %s and its person", deadline, values, err, want)
	}
	if err := s.CommitCtx(t.Context(), "token", found, now.Add(15*time.Minute)); err != nil { // as scs does after every request
		t.Fatal(err)
	}
	later := at(now.Add(20 * time.Minute))
	if _, is, err := later.FindCtx(t.Context(), "token"); err != nil || is {
		t.Errorf("twenty minutes on, with nothing done: found %v, %v; want it to have ended", is, err)
	}
}

// TestSessionsGoOnAfterAnUpgrade: those of before are in scs's own form. Those of today are
// read as they were written.
func TestSessionsGoOnAfterAnUpgrade(t *testing.T) {
	ends := time.Date(2026, 12, 7, 14, 12, 0, 123, time.UTC)
	held := map[string]any{sessionPerson: "W1", sessionRole: "practitioner", sessionSaved: "KN-1\ne7\nseen"}
	for name, form := range map[string]scs.Codec{"before": scs.GobCodec{}, "today": sessionValues{}} {
		written, err := form.Encode(ends, held)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		until, values, err := sessionValues{}.Decode(written)
		if err != nil || !until.Equal(ends) || !reflect.DeepEqual(values, held) {
			t.Errorf("a session of %s ends %s and holds %v (%v), want %s and %v", name, until, values, err, ends, held)
		}
	}
	if _, _, err := (sessionValues{}).Decode([]byte("{")); err == nil {
		t.Error("half a session is read without an error")
	}
}
