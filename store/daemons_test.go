package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// TestOneOfSeveralDaemonsDoesIt: what is to be done once is done by one of four
// daemons that see to it at the same moment.
func TestOneOfSeveralDaemonsDoesIt(t *testing.T) {
	const daemons, times = 4, 5
	now := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	next := now.Add(time.Minute)
	for _, database := range places {
		t.Run(database.name, func(t *testing.T) {
			t.Parallel()
			url := database.url(t)
			first := storetest.Open(t, url)
			all := []*store.Store{first}
			for range daemons - 1 {
				all = append(all, storetest.Open(t, url))
			}
			for n := range times {
				key := fmt.Sprint(n)
				if _, err := first.QueueMessages(t.Context(), nil, now, []store.Message{{Key: key, Kind: "test", Channel: "sms", NextTry: now}}); err != nil {
					t.Fatal(err)
				}
				m, err := first.MessageByKey(t.Context(), key)
				if err != nil {
					t.Fatal(err)
				}
				for _, step := range []struct {
					name string
					do   func(s *store.Store) (bool, error)
				}{
					{"OpenChannel", func(s *store.Store) (bool, error) {
						return s.OpenChannel(t.Context(), now, store.ChannelState{Channel: "sms", NextProbe: now})
					}},
					{"TakeProbe", func(s *store.Store) (bool, error) { return s.TakeProbe(t.Context(), now, "sms", next) }},
					{"CloseChannel", func(s *store.Store) (bool, error) {
						closed, _, err := s.CloseChannel(t.Context(), now, "sms")
						return closed, err
					}},
					{"TakeReply", func(s *store.Store) (bool, error) {
						return s.TakeReply(t.Context(), now, store.Reply{ID: key, Received: now}, nil)
					}},
					{"GiveUp", func(s *store.Store) (bool, error) {
						return s.GiveUp(t.Context(), now, store.GiveUp{Message: m.ID, State: store.MessageFailed, Disable: true},
							func(*store.FailedMessage, func([]string) ([]pathway.Person, error)) (store.Replacement, error) {
								return store.Replacement{Messages: []store.Message{{Key: key + " instead", Kind: "test", Channel: "email", NextTry: next}}}, nil
							})
					}},
				} {
					var did atomic.Int64
					var wait sync.WaitGroup
					errs := make([]error, daemons)
					for i, s := range all {
						wait.Go(func() {
							done, err := step.do(s)
							if errs[i] = err; done {
								did.Add(1)
							}
						})
					}
					wait.Wait()
					if err := errors.Join(errs...); err != nil || did.Load() != 1 {
						t.Errorf("%s: %d of %d daemons did it (error %v), want one", step.name, did.Load(), daemons, err)
					}
				}
			}
		})
	}
}

// TestLooksOfSeveralDaemonsStandInOneChain with what they do: each goes on where another has
// ended it.
func TestLooksOfSeveralDaemonsStandInOneChain(t *testing.T) {
	for _, database := range places {
		t.Run(database.name, func(t *testing.T) {
			t.Parallel()
			url := database.url(t)
			daemons := []*store.Store{storetest.Open(t, url), storetest.Open(t, url)}
			line := func(deed string, n int) store.AuditEntry {
				return store.AuditEntry{At: time.UnixMilli(1788346800000), Who: "W1", Way: pathway.WayPage, Deed: deed, About: fmt.Sprint(n)}
			}
			want := 0
			for n, step := range []struct {
				by    int
				looks int // at once; 0: a deed
			}{{0, 1}, {0, 1}, {0, 3}, {1, 1}, {0, 1}, {0, 0}, {0, 2}, {1, 0}, {1, 1}, {1, 1}, {0, 1}} {
				s := daemons[step.by]
				lines := []store.AuditEntry{line("look", n), line("refused", n), line("look", n)}[:max(1, step.looks)]
				keep := s.AddLook
				if step.looks == 0 {
					keep = s.AddAudit
				}
				if err := keep(t.Context(), lines...); err != nil {
					t.Fatal(err)
				}
				want += len(lines)
			}
			var wait sync.WaitGroup
			for n := range 40 {
				wait.Go(func() {
					if err := daemons[n%2].AddLook(t.Context(), line("look", n)); err != nil {
						t.Error(err)
					}
				})
			}
			wait.Wait()
			lines, err := daemons[1].Audit(t.Context(), store.AuditFilter{})
			if err != nil || len(lines) != want+40 {
				t.Errorf("%d lines are on record (error %v), want %d", len(lines), err, want+40)
			}
			if broken, err := daemons[0].CheckAudit(t.Context()); broken != 0 || err != nil {
				t.Errorf("the trail is broken at line %d (error %v), want it whole", broken, err)
			}
		})
	}
}
