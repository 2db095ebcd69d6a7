package scheduler

import (
	"context"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store"
)

// carrier takes claimed messages to one channel. Its places are the channel's
// connections: a message is checked only once it has a place, so that it goes
// right after.
type carrier struct {
	*delivery
	channel notify.Channel
	places  chan struct{}
	running context.Context // once it has ended, nothing more is begun
}

func newCarrier(ctx context.Context, d *delivery, s Sender) *carrier {
	return &carrier{d, s.Channel, make(chan struct{}, max(1, s.Connections)), ctx}
}

// attempt tries to send one claimed message and records what has become of it.
// ctx ends when what is being sent has to break off.
func (c *carrier) attempt(ctx context.Context, m claimed) {
	c.places <- struct{}{}
	now := c.clock.Now()
	// A claim that has half run out, behind a slow mail server, could run out
	// while the message is being sent, and somebody else would send it too.
	if c.running.Err() != nil || m.LeaseUntil.Sub(now) < c.claimFor/2 {
		<-c.places
		c.giveBack(now, m)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, m.LeaseUntil.Sub(now)-c.claimFor/10)
	defer cancel()
	outcome := c.try(ctx, now, m)
	<-c.places
	if outcome.State == "" {
		return
	}
	c.record(ctx, outcome)
	c.observer.MessageEnded(m.Channel, outcome.State)
	if outcome.State == store.MessageFailed {
		c.log.Warn("a message could not be delivered", "message", m.Key, "channel", m.Channel, "reason", outcome.Reason)
	}
}

// try returns what has become of the message; the zero Outcome where it was not
// tried and is to be claimed again.
func (c *carrier) try(ctx context.Context, now time.Time, m claimed) (outcome store.Outcome) {
	defer func() {
		if p := recover(); p != nil {
			outcome = store.Outcome{Message: m.ID, State: store.MessageFailed, Reason: panicked(c.log, "sending it", p).Error()}
		}
	}()
	checked, err := c.check(ctx, now, m)
	switch {
	case err != nil:
		c.log.Error("cannot check what a message is to say: it is tried again soon", "message", m.Key, "error", err)
		c.giveBack(now.Add(lookAgain), m)
		return store.Outcome{}
	case checked.unsent != "":
		return store.Outcome{Message: m.ID, State: checked.unsent, Reason: checked.reason}
	case checked.notBefore.After(now):
		c.giveBack(checked.notBefore, m)
		return store.Outcome{}
	}
	sent := c.channel.Send(ctx, now, checked.message)
	switch sent.State {
	case notify.Sent:
		return store.Outcome{Message: m.ID, State: store.MessageSent, ProviderID: sent.ProviderID}
	case notify.FailedTemporarily:
		return c.again(now, m, checked, sent)
	}
	return store.Outcome{Message: m.ID, State: store.MessageFailed, Reason: sent.Reason}
}

// record records an outcome at once. Nothing may come between the mail server's
// answer and this: a process that dies there sends the message twice. A database
// that is away is asked again for as long as nobody else may have the message.
func (d *delivery) record(ctx context.Context, o store.Outcome) {
	for pause := 20 * time.Millisecond; ; pause *= 2 {
		_, err := d.outcomes.get(exchange{outcomes: []store.Outcome{o}})
		if err == nil {
			return
		}
		if ctx.Err() != nil || !store.IsTemporary(err) || !sleep(ctx, d.clock, pause) {
			d.log.Error("cannot record what became of a message: it may go again, under the same Message-ID",
				"state", o.State, "error", err)
			return
		}
	}
}
