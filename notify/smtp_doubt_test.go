package notify

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.org/doorstep/notify/smtptest"
)

// TestFewEmailsAreInDoubtAtATime: a process that is killed may have to send each of them
// again. A server that answers soon has two at a time.
func TestFewEmailsAreInDoubtAtATime(t *testing.T) {
	for _, test := range []struct {
		story  string
		answer time.Duration
		most   int64
		within time.Duration // ten emails of ten senders
	}{
		{"a server that answers soon", time.Millisecond, doubtsAtOnce, 5 * time.Millisecond},
		{"one that takes its time", time.Second, 10, time.Second + quickAnswer},
	} {
		t.Run(test.story, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDoubts()
				var now, most atomic.Int64
				var all sync.WaitGroup
				began := time.Now()
				for range 10 {
					all.Go(func() {
						end := d.begin()
						defer end()
						n := now.Add(1)
						for before := most.Load(); n > before && !most.CompareAndSwap(before, n); before = most.Load() {
						}
						<-time.After(test.answer)
						now.Add(-1)
					})
				}
				all.Wait()
				if most.Load() != test.most {
					t.Errorf("%d emails were in doubt at a time, want %d", most.Load(), test.most)
				}
				if took := time.Since(began); took != test.within {
					t.Errorf("ten emails took %v, want %v", took, test.within)
				}
			})
		})
	}
}

// TestSlowServerIsNotWaitedForAgain: once it is known to be slow, and until it is quick
// again.
func TestSlowServerIsNotWaitedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDoubts()
		end := d.begin()
		<-time.After(time.Second)
		end()
		first, second := d.begin(), d.begin()
		began := time.Now()
		third := d.begin()
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a third email waited %v for a server that is slow, want not at all", waited)
		}
		first() // soon
		fourth := d.begin()
		began = time.Now()
		d.begin()
		if waited := time.Since(began); waited != quickAnswer {
			t.Errorf("one more waited %v for a server that is quick again, want %v", waited, quickAnswer)
		}
		for _, end := range []func(){second, third, fourth} {
			end()
		}
	})
}

// TestEmailsThatBecomeReadyTogetherAllGo, by more connections than may be in doubt.
func TestEmailsThatBecomeReadyTogetherAllGo(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, func(s *SMTPSettings) { s.Connections = 8 })
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if o := send(s, "a"); o.State != Sent {
				t.Errorf("%+v, want it to be sent", o)
			}
		})
	}
	all.Wait()
	if server.Count() != 40 {
		t.Errorf("the server took %d messages, want 40", server.Count())
	}
}
