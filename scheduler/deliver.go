package scheduler

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Sender is a channel and how many messages it carries at a time.
type Sender struct {
	Channel     notify.Channel
	Connections int // 0: 1
}

const (
	claimAtMost = 100 // messages claimed at a time
	// claimFor is how long they are claimed, by default. What a process that died
	// had claimed goes out again after it.
	claimFor = time.Minute
	// lookAgain is how long a sender with nothing to do waits before it asks for
	// messages that others have written or that are to be tried again.
	lookAgain = 2 * time.Second
	// grace is how long a message that is being sent may take once the daemon is
	// to stop.
	grace = 30 * time.Second
)

// delivery sends what is in the ledger.
type delivery struct {
	store    *store.Store
	rules    *pathway.Rules
	clock    Clock
	holder   string
	claimFor time.Duration
	jitter   func() float64 // from 0 up to 1
	log      *slog.Logger
	observer Observer
	nudges   map[string]chan struct{} // by channel

	outcomes *together[exchange, map[int64]store.DutyNow]
	checks   *together[exchange, map[int64]store.DutyNow]
}

// exchange is what a sender has for the ledger: an outcome to record, or duties to
// look at before a message goes.
type exchange struct {
	outcomes []store.Outcome
	duties   []int64
}

// newDelivery returns a delivery by the settings, of which it needs Store, Rules,
// Clock, Lease, Jitter, Log and Observer.
func newDelivery(s *Settings, holder string) *delivery {
	d := &delivery{
		store: s.Store, rules: s.Rules, clock: s.Clock, holder: holder, claimFor: s.Lease,
		jitter: s.Jitter, log: s.Log, observer: s.Observer, nudges: map[string]chan struct{}{},
	}
	for channel := range s.Senders {
		d.nudges[channel] = make(chan struct{}, 1)
	}
	d.outcomes = &together[exchange, map[int64]store.DutyNow]{ask: d.exchange}
	d.checks = d.outcomes
	if !d.store.RoundTripsCost() {
		d.checks = &together[exchange, map[int64]store.DutyNow]{ask: d.exchange}
	}
	return d
}

// exchange is one round trip to the ledger.
func (d *delivery) exchange(ctx context.Context, asked []exchange) ([]map[int64]store.DutyNow, error) {
	var outcomes []store.Outcome
	var duties []int64
	for _, e := range asked {
		outcomes = append(outcomes, e.outcomes...)
		duties = append(duties, e.duties...)
	}
	found, err := d.store.Exchange(ctx, d.clock.Now(), d.holder, outcomes, duties)
	return slices.Repeat([]map[int64]store.DutyNow{found}, len(asked)), err
}

// nudge lets idle senders look for messages at once.
func (d *delivery) nudge() {
	for _, n := range d.nudges {
		select {
		case n <- struct{}{}:
		default: // one is on its way already
		}
	}
}

// keep sends the messages of one channel until ctx ends. When it does, what is
// being sent is finished, as long as that takes no more than grace, and what has
// been claimed but not begun is given back.
func (d *delivery) keep(ctx context.Context, name string, s Sender) {
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		if sleep(sending, d.clock, grace) {
			cancel()
		}
	})
	defer stop()

	messages := make(chan claimed, claimAtMost/2) // no connection waits while the next are claimed
	c := newCarrier(ctx, d, s)
	var senders sync.WaitGroup
	for range 2 * cap(c.places) { // while one sends, another records what has become of its message
		senders.Go(func() {
			for m := range messages {
				c.attempt(sending, m)
			}
		})
	}
	d.handOut(ctx, name, messages)
	close(messages)
	senders.Wait()
}

// handOut claims messages and hands them out until ctx ends.
func (d *delivery) handOut(ctx context.Context, name string, out chan<- claimed) {
	for ctx.Err() == nil {
		now := d.clock.Now()
		messages, err := d.claim(ctx, now, name)
		if err != nil && ctx.Err() == nil {
			d.log.Error("cannot claim messages", "channel", name, "error", err)
		}
		for i, m := range messages {
			select {
			case out <- m:
				continue
			case <-ctx.Done():
			}
			d.giveBack(d.clock.Now(), messages[i:]...)
			return
		}
		if len(messages) == 0 && !wait(ctx, d.clock, now.Add(lookAgain), d.nudges[name]) {
			return
		}
	}
}

// drain sends everything that is due on a channel at this moment, one message
// after the other.
func (d *delivery) drain(ctx context.Context, name string, channel notify.Channel) error {
	c := newCarrier(ctx, d, Sender{Channel: channel})
	for {
		messages, err := d.claim(ctx, d.clock.Now(), name)
		if err != nil || len(messages) == 0 {
			return err
		}
		for _, m := range messages {
			c.attempt(ctx, m)
		}
	}
}

// claimed is a message that this process alone may send for a while, and what it
// had to say when it was claimed.
type claimed struct {
	store.ClaimedMessage
	reminders []store.MessageReminder
}

// claim claims the messages of a channel that are due, the most serious first.
func (d *delivery) claim(ctx context.Context, now time.Time, name string) ([]claimed, error) {
	messages, err := d.store.ClaimMessages(ctx, now, name, d.holder, claimAtMost, now.Add(d.claimFor))
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	out := make([]claimed, len(messages))
	var ids []int64
	for i, m := range messages {
		out[i].ClaimedMessage = m
		if m.Kind == string(notify.KindReminder) {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	reminders, err := d.store.MessageReminders(ctx, ids)
	if err != nil {
		d.giveBack(now, out...)
		return nil, err
	}
	for i := range out {
		out[i].reminders = reminders[out[i].ID]
	}
	return out, nil
}

// giveBack lets others have messages that were not tried, from nextTry on. Where
// that fails their claim runs out.
func (d *delivery) giveBack(nextTry time.Time, messages ...claimed) {
	ids := make([]int64, len(messages))
	for i, m := range messages {
		ids[i] = m.ID
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := d.store.ReleaseClaims(ctx, d.holder, nextTry, ids); err != nil {
		d.log.Warn("cannot give back claimed messages: they go when their claim runs out", "messages", len(ids), "error", err)
	}
}
