package scheduler

import (
	"context"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store"
)

// attempt tries to send one claimed message and records what has become of it.
func (d *delivery) attempt(ctx context.Context, channel notify.Channel, m claimed) {
	now := d.clock.Now()
	// A claim that has half run out, behind a slow mail server, could run out
	// while the message is being sent, and somebody else would send it too.
	if m.LeaseUntil.Sub(now) < d.claimFor/2 {
		d.giveBack(now, m)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, m.LeaseUntil.Sub(now)-d.claimFor/10)
	defer cancel()
	outcome := d.try(ctx, now, channel, m)
	if outcome.State == "" {
		return
	}
	d.record(ctx, outcome)
	d.observer.MessageEnded(m.Channel, outcome.State)
	if outcome.State == store.MessageFailed {
		d.log.Warn("a message could not be delivered", "message", m.Key, "channel", m.Channel, "reason", outcome.Reason)
	}
}

// try returns what has become of the message; the zero Outcome where it was not
// tried and is to be claimed again.
func (d *delivery) try(ctx context.Context, now time.Time, channel notify.Channel, m claimed) (outcome store.Outcome) {
	defer func() {
		if p := recover(); p != nil {
			outcome = store.Outcome{Message: m.ID, State: store.MessageFailed, Reason: panicked(d.log, "sending it", p).Error()}
		}
	}()
	checked, err := d.check(ctx, now, m)
	switch {
	case err != nil:
		d.log.Error("cannot read what a message is to say: it is tried again when its claim runs out", "message", m.Key, "error", err)
		return store.Outcome{}
	case checked.cancel != "" && checked.tooLate && m.Tries > 0:
		return store.Outcome{Message: m.ID, State: store.MessageFailed, Reason: m.Reason}
	case checked.cancel != "":
		return store.Outcome{Message: m.ID, State: store.MessageCancelled, Reason: checked.cancel}
	case checked.notBefore.After(now):
		d.giveBack(checked.notBefore, m)
		return store.Outcome{}
	}
	sent := channel.Send(ctx, now, checked.message)
	switch sent.State {
	case notify.Sent:
		return store.Outcome{Message: m.ID, State: store.MessageSent, ProviderID: sent.ProviderID}
	case notify.FailedTemporarily:
		return d.again(now, m, checked, sent)
	}
	return store.Outcome{Message: m.ID, State: store.MessageFailed, Reason: sent.Reason}
}

// record records an outcome at once. Nothing may come between the mail server's
// answer and this: a process that dies there sends the message twice. A database
// that is away is asked again for as long as nobody else may have the message.
func (d *delivery) record(ctx context.Context, o store.Outcome) {
	for pause := 20 * time.Millisecond; ; pause *= 2 {
		_, err := d.outcomes.get(o)
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
