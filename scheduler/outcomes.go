package scheduler

import (
	"context"
	"sync"
	"time"

	"example.org/doorstep/store"
)

// exchange is what a sender has for the ledger: an outcome to record, or duties to
// look at before a message goes.
type exchange struct {
	outcomes []store.Outcome
	duties   []int64
}

const (
	// gatherFor is how long the outcomes of a busy channel are gathered. What has been
	// sent and is not recorded goes again where the process dies.
	gatherFor = 2 * time.Millisecond
	// slowWrite is how long outcomes may be on their way to the database before nothing
	// more is sent.
	slowWrite = 10 * time.Millisecond
	// An outcome that the database does not take is written again after a moment, and
	// then at most half a second later: sooner than anybody claims what was sent.
	firstWriteAgain = 20 * time.Millisecond
	lastWriteAgain  = 500 * time.Millisecond
)

// exchange is one round trip to the ledger.
func (d *delivery) exchange(ctx context.Context, asked []exchange) ([]map[int64]store.DutyNow, error) {
	var outcomes []store.Outcome
	var duties []int64
	for _, e := range asked {
		outcomes = append(outcomes, e.outcomes...)
		duties = append(duties, e.duties...)
	}
	found, err := d.store.Exchange(ctx, d.clock.Now(), d.holder, outcomes, duties)
	answers := make([]map[int64]store.DutyNow, len(asked))
	for i := range answers {
		answers[i] = found
	}
	return answers, err
}

// record records an outcome. Where it is not noted, nothing may come between the
// provider's answer and this: a process that dies there sends the message twice. One
// that the database does not take, for whatever reason, is kept and written when it
// does; meanwhile nothing more is sent.
func (c *carrier) record(m claimed, o store.Outcome) (recorded bool) {
	write := func() error {
		_, err := c.outcomes.get(c.recording, exchange{outcomes: []store.Outcome{o}})
		return err
	}
	c.kept.beginWriting()
	err := write()
	c.kept.endWriting()
	if err == nil {
		return true
	}
	if c.keeps {
		if c.kept.begin() {
			c.log.Error("what became of messages cannot be recorded: nothing more is sent until it is", "channel", m.Channel, "error", err)
		}
		err = writeAgain(c.recording, write)
		if n, over := c.kept.end(); over && err == nil {
			c.log.Info("what became of messages is recorded: sending goes on", "messages", n)
		}
	}
	if err != nil {
		c.log.Error("cannot record what became of a message: it may go again, under the same Message-ID",
			"message", m.Key, "state", o.State, "error", err)
	}
	return err == nil
}

// writeAgain writes until that succeeds or ctx ends. It waits by the time that passes
// and not by any clock: that may stand still.
func writeAgain(ctx context.Context, write func() error) error {
	for pause := firstWriteAgain; ; pause = min(2*pause, lastWriteAgain) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		if err := write(); err == nil {
			return nil
		}
	}
}

// tryRecording sees that outcomes can be recorded, and has the database ready to take
// the first one at once. False: ctx has ended.
func (d *delivery) tryRecording(ctx context.Context) bool {
	nothing := exchange{outcomes: []store.Outcome{{State: store.MessageSent}}}
	if _, err := d.outcomes.get(ctx, nothing); err != nil && ctx.Err() == nil {
		d.log.Error("what becomes of messages cannot be recorded: nothing is sent until it can", "error", err)
		writeAgain(ctx, func() error {
			_, err := d.outcomes.get(ctx, nothing)
			return err
		})
	}
	return ctx.Err() == nil
}

// keptOutcomes are the outcomes that the database has not taken.
type keptOutcomes struct {
	mu    sync.Mutex
	now   int
	all   int           // since there was none
	empty chan struct{} // is closed once there is none; nil: there is none

	writing int           // on their way there for the first time
	moved   time.Time     // when the last of these arrived, or the first began
	arrived chan struct{} // is closed when one arrives; nil: nobody waits for that
}

func (k *keptOutcomes) beginWriting() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.writing == 0 {
		k.moved = time.Now()
	}
	k.writing++
}

func (k *keptOutcomes) endWriting() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.writing--
	k.moved = time.Now()
	if k.arrived != nil {
		close(k.arrived)
		k.arrived = nil
	}
}

// slow returns what to wait for where outcomes have been on their way for long; nil:
// they have not.
func (k *keptOutcomes) slow(limit time.Duration) <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.writing == 0 || time.Since(k.moved) < limit {
		return nil
	}
	if k.arrived == nil {
		k.arrived = make(chan struct{})
	}
	return k.arrived
}

// begin counts one more, and reports whether it is the first.
func (k *keptOutcomes) begin() (first bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.empty == nil {
		k.empty = make(chan struct{})
	}
	k.now, k.all = k.now+1, k.all+1
	return k.all == 1
}

// end counts one less, and returns how many there were where it was the last.
func (k *keptOutcomes) end() (all int, over bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.now--; k.now > 0 {
		return 0, false
	}
	close(k.empty)
	all, k.all, k.empty = k.all, 0, nil
	return all, true
}

// none waits until there is none, and until those on their way move, where they have not
// for so long. False: ctx has ended.
func (k *keptOutcomes) none(ctx context.Context, limit time.Duration) bool {
	k.mu.Lock()
	empty := k.empty
	k.mu.Unlock()
	for _, wait := range []<-chan struct{}{empty, k.slow(limit)} {
		if wait == nil {
			continue
		}
		select {
		case <-wait:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}
