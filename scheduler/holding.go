package scheduler

import (
	"context"
	"sync"
	"time"

	"example.org/doorstep/store"
)

// leases are the messages that this process has claimed and not yet dealt with. A claim
// that has run out can be claimed again by the very process that is still at it: then
// it goes on, and nothing goes twice.
type leases struct {
	mu  sync.Mutex
	all map[int64]*lease // by message
}

// lease is until when nobody else may have a message.
type lease struct {
	message int64
	until   time.Time
}

// take notes that a message was claimed; nil: it had been before, and goes on.
func (l *leases) take(m *store.ClaimedMessage) *lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known := l.all[m.ID]; known != nil {
		known.until = m.LeaseUntil
		return nil
	}
	if l.all == nil {
		l.all = map[int64]*lease{}
	}
	taken := &lease{m.ID, m.LeaseUntil}
	l.all[m.ID] = taken
	return taken
}

// until is until when nobody else may have the message.
func (l *leases) until(of *lease) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return of.until
}

// renew notes that it is longer.
func (l *leases) renew(of *lease, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of.until = until
}

// end notes that the message is dealt with or not to be, and reports whether it was
// held until now.
func (l *leases) end(of *lease, now time.Time) (held bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all[of.message] != of { // ended before
		return false
	}
	delete(l.all, of.message)
	return of.until.After(now)
}

// hold renews the claim of m until it is let go: a mail server may take ten minutes to
// answer, and meanwhile nobody else may send it too.
func (c *carrier) hold(ctx context.Context, m claimed) (letGo func()) {
	var h holding
	h.mu.Lock()
	defer h.mu.Unlock()
	h.timer = time.AfterFunc(c.claimFor/3, func() {
		until := c.clock.Now().Add(c.claimFor)
		held, err := c.store.RenewClaim(ctx, c.holder, m.ID, until)
		if held {
			c.leases.renew(m.lease, until)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if err != nil && !h.told && ctx.Err() == nil {
			h.told = true
			c.log.Warn("cannot keep the claim on a message that is being sent: it may go again, under the same Message-ID", "message", m.Key, "error", err)
		}
		if h.timer != nil && (held || err != nil) {
			h.timer.Reset(c.claimFor / 3)
		}
	})
	return h.letGo
}

// holding is a claim that is being renewed.
type holding struct {
	mu    sync.Mutex
	timer *time.Timer
	told  bool // that it cannot be kept
}

func (h *holding) letGo() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.timer.Stop()
	h.timer = nil
}
