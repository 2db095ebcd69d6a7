package scheduler

import (
	"context"
	"sync"
	"time"
)

// holding keeps a claimed message for as long as it takes to send it: a mail server
// may take ten minutes to answer, and meanwhile nobody else may send it too.
type holding struct {
	mu    sync.Mutex
	last  time.Time
	timer *time.Timer
}

// hold renews the claim of m until it is let go.
func (c *carrier) hold(ctx context.Context, m claimed) *holding {
	h := &holding{last: m.LeaseUntil}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.timer = time.AfterFunc(c.claimFor/3, func() {
		until := c.clock.Now().Add(c.claimFor)
		held, err := c.store.RenewClaim(ctx, c.holder, m.ID, until)
		h.mu.Lock()
		defer h.mu.Unlock()
		if held {
			h.last = until
		}
		if err != nil && ctx.Err() == nil {
			c.log.Warn("cannot keep the claim on a message that is being sent: it may go again, under the same Message-ID", "message", m.Key, "error", err)
		}
		if h.timer != nil && (held || err != nil) {
			h.timer.Reset(c.claimFor / 3)
		}
	})
	return h
}

// until is how long the message is held for certain.
func (h *holding) until() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last
}

func (h *holding) letGo() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.timer.Stop()
	h.timer = nil
}
