package scheduler

import (
	"context"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// carrier takes claimed messages to one channel. Its places are the channel's
// connections: a message is checked only once it has a place, so that it goes
// right after.
type carrier struct {
	*delivery
	channel notify.Channel
	gate    *gate
	places  chan struct{}
	running context.Context // once it has ended, nothing more is begun
	// recording has ended once there is no more time to record what became of messages.
	recording context.Context
	recorders sync.WaitGroup // at work on what is noted
	// unrecorded has a place for each of these.
	unrecorded chan struct{}
	keeps      bool // outcomes that the database does not take are kept until it does
}

func newCarrier(ctx context.Context, d *delivery, name string, s Sender) *carrier {
	places := max(1, s.Connections)
	return &carrier{delivery: d, channel: s.Channel, gate: d.gate(name), places: make(chan struct{}, places),
		unrecorded: make(chan struct{}, unrecordedForPlace*places), running: ctx, recording: ctx}
}

// deliver tries to send one claimed message and records what has become of it.
// ctx ends when what is being sent has to break off.
func (c *carrier) deliver(ctx context.Context, m claimed) {
	var r result
	finish := func() { c.leases.end(m.lease, c.clock.Now()) }
	defer func() { finish() }()
	if m.probe {
		defer func() { c.endProbe(m, r) }()
	}
	c.places <- struct{}{}
	if !c.gate.waitTurn(c.running) || !c.mayGoOn(c.running) {
		<-c.places
		c.giveBack(c.clock.Now(), m)
		return
	}
	now := c.clock.Now()
	if right, err := c.watch.right(c.running, now, false); err != nil || !right {
		<-c.places
		c.giveBack(m.LeaseUntil.Add(-c.claimFor), m)
		return
	}
	// A claim that has half run out, behind a slow mail server, could run out
	// while the message is being sent, and somebody else would send it too.
	if c.leases.until(m.lease).Sub(now) < c.claimFor/2 || c.gate.isOpen() && !m.probe || c.gate.paused().After(now) {
		<-c.places
		c.giveBack(now, m)
		return
	}
	letGo := c.hold(ctx, m)
	finish = func() {
		letGo()
		c.leases.end(m.lease, c.clock.Now())
	}
	r = c.try(ctx, now, m)
	<-c.places
	now = c.clock.Now()
	if r.noted {
		c.endNoted(m, r.outcome, finish)
		finish = func() {}
	}
	ctx, cancel := context.WithTimeout(ctx, c.leases.until(m.lease).Sub(now)-c.claimFor/10)
	defer cancel()
	c.follow(ctx, now, m, r)
}

// endProbe lets another message show whether a stopped channel works again: where
// this one has failed, or has not been tried at all.
func (c *carrier) endProbe(m claimed, r result) {
	triedInVain := m.after
	switch {
	case r.asked && m.after == 0:
		triedInVain = m.ID
	case r.asked: // two are enough
		triedInVain = 0
	}
	c.gate.endProbe(triedInVain)
	c.nudge()
}

// result is what an attempt came to: an outcome to record, or a setback.
type result struct {
	outcome store.Outcome // zero: there is a setback, or the message was not tried
	sent    bool
	noted   bool // on this machine that it was sent: it is recorded while more is sent
	asked   bool // it was handed to the channel, and failure is what came of that
	setback *setback
	failure notify.Outcome // with setback
	checked checked
}

// try sends the message, if there is still anything to say.
func (c *carrier) try(ctx context.Context, now time.Time, m claimed) (r result) {
	defer func() {
		if p := recover(); p != nil {
			broke := notify.Outcome{State: notify.Failed, Fault: notify.FaultContent, Reason: panicked(c.log, "sending it", p).Error()}
			r = result{setback: c.setback(m, checked{}, broke), failure: broke}
		}
	}()
	asking, done := context.WithTimeout(ctx, c.leases.until(m.lease).Sub(now)-c.claimFor/10)
	defer done()
	checked, err := c.check(asking, now, m)
	switch {
	case err != nil:
		c.log.Error("cannot check what a message is to say: it is tried again soon", "message", m.Key, "error", err)
		c.giveBack(now.Add(lookAgain), m)
		return result{}
	case checked.unsent != "":
		return result{outcome: store.Outcome{Message: m.ID, State: checked.unsent, Reason: checked.reason, Fault: m.Fault}}
	case checked.notBefore.After(now):
		c.giveBack(checked.notBefore, m)
		return result{}
	}
	if off, is := c.disabled(m.Channel, m.Address); is {
		return result{checked: checked, setback: c.setback(m, checked, off), failure: off}
	}
	if m.probe && m.after == 0 {
		if ours, err := c.gate.takeProbe(asking, now); err != nil || !ours {
			if err != nil {
				c.log.Error("cannot see whether a stopped channel works again", "channel", m.Channel, "error", err)
			}
			c.giveBack(now, m)
			return result{}
		}
		if again, ready := c.checkChannel(asking, now, m); !ready {
			c.giveBack(again, m)
			return result{}
		}
	}
	sent := c.channel.Send(ctx, now, checked.message)
	if sent.State == notify.Sent {
		o := store.Outcome{Message: m.ID, State: store.MessageSent, ProviderID: sent.ProviderID}
		if sent.Tracked {
			o.PollAt = c.nextPoll(now, m.Channel, 0)
		}
		return result{outcome: o, sent: true, noted: c.noteSent(m, o, c.clock.Now())}
	}
	return result{checked: checked, asked: true, setback: c.setback(m, checked, sent), failure: sent}
}

func (c *carrier) setback(m claimed, checked checked, sent notify.Outcome) *setback {
	return &setback{
		Fault: sent.Fault, Permanent: sent.State == notify.Failed, RetryAfter: sent.RetryAfter,
		Tries: m.Tries, Urgent: c.rules.Urgent(m.Severity), Created: m.Created, UsefulUntil: checked.usefulUntil,
		// The account stopped the channel then, and another message has let it go on.
		Again:     m.Fault == string(notify.FaultAccount) && !m.probe,
		Email:     m.Channel == pathway.ChannelEmail,
		Ambiguous: sent.Ambiguous && !c.canAsk(),
	}
}

// follow does what an attempt leads to.
func (c *carrier) follow(ctx context.Context, now time.Time, m claimed, r result) {
	switch {
	case r.setback != nil:
		c.setBack(ctx, now, m, r)
	case r.outcome.State != "":
		if !r.noted {
			c.end(m, r.outcome)
		}
		if !r.sent {
			return
		}
		if err := c.gate.sent(ctx, now); err != nil {
			c.log.Error("cannot let a stopped channel go on: another message will", "channel", m.Channel, "error", err)
		}
		c.arrivedUntracked(m, r.outcome, now)
	}
}

// end records what has become of a message for good, or for now. False: the database
// does not know.
func (c *carrier) end(m claimed, o store.Outcome) (recorded bool) {
	recorded = c.record(m, o)
	c.observer.MessageEnded(m.Channel, o.State)
	c.tellHappened(happening{at: c.clock.Now(), message: &m.ClaimedMessage, reminders: m.reminders, what: whatHappened[o.State], reason: o.Reason,
		next: o.NextTry, stopped: c.gate.isOpen()})
	if o.State == store.MessageFailed {
		c.log.Warn("a message could not be delivered", "message", m.Key, "channel", m.Channel, "reason", o.Reason)
	}
	return recorded
}

var whatHappened = map[store.MessageState]string{store.MessageSent: happenedSent, store.MessageFailedTemporarily: happenedLater,
	store.MessageFailed: happenedFailed, store.MessageCancelled: happenedCancelled}

// setBack does what a failed attempt leads to.
func (c *carrier) setBack(ctx context.Context, now time.Time, m claimed, r result) {
	f := r.failure
	v := judge(*r.setback, now, c.jitter())
	if r.asked {
		c.stopWhereRefusedAlike(m, r.setback, &f, &v)
		c.stopWhereBusyForLong(ctx, now, &v)
		c.noteAtGate(ctx, now, v, f, r.setback.Ambiguous)
	}
	later := store.Outcome{Message: m.ID, State: store.MessageFailedTemporarily, Reason: f.Reason, Fault: string(f.Fault), Code: f.Code, NextTry: v.at}
	if f.Ambiguous {
		later.MaybeSent = now
		if !m.MaybeSent.IsZero() {
			later.MaybeSent = m.MaybeSent
		}
	}
	if r.setback.Ambiguous {
		later.Fault = string(notify.FaultUnclear) // a channel that goes on does not hurry it
	} else if probe, stopped := c.gate.nextProbe(); stopped && (v.next == stopChannel || f.Fault == notify.FaultProvider) {
		later.NextTry = probe // it may be the one that sees the provider come back
	}
	if r.checked.officeHours {
		later.NextTry = c.rules.Calendar.NextOffice(later.NextTry)
	}
	if v.tell {
		c.tellRefused(ctx, now, m.Channel, f)
	}
	switch v.next {
	case pauseChannel: // nothing is wrong with the message
		c.giveBack(v.at, m)
		c.tellHappened(happening{at: now, message: &m.ClaimedMessage, reminders: m.reminders, what: happenedLater, reason: f.Reason, next: v.at})
	case stopChannel:
		if later.NextTry.IsZero() {
			later.NextTry = now.Add(backoff(m.Tries, c.jitter()))
		}
		if !c.moved(ctx, now, m, f, r.setback.Urgent, passing{ownOnly: true}) {
			c.end(m, later)
		}
	case tryLater:
		if !c.moved(ctx, now, m, f, v.move || v.asWell, passing{ownOnly: true, asWell: v.asWell}) {
			c.end(m, later)
		}
	case nothingMore:
		c.end(m, store.Outcome{Message: m.ID, State: store.MessageFailed, Reason: f.Reason, Fault: string(f.Fault), Code: f.Code})
	case passOn, passOnDisable:
		g := failed(m.ID, f)
		g.Holder, g.Disable = c.holder, v.next == passOnDisable
		c.passOn(ctx, now, m, g)
	}
}

// failed is the end of a message by a failure.
func failed(message int64, f notify.Outcome) store.GiveUp {
	return store.GiveUp{Message: message, State: store.MessageFailed, Reason: f.Reason, Fault: string(f.Fault), Code: f.Code}
}

// passOn ends a message and tells others instead. A database that is away is
// asked again for as long as nobody else may have the message; after that the
// message goes again, and fails again.
func (c *carrier) passOn(ctx context.Context, now time.Time, m claimed, g store.GiveUp) {
	err := c.insist(ctx, func() error {
		_, err := c.giveUp(ctx, now, g, passing{})
		return err
	})
	if err != nil {
		c.log.Error("cannot pass on a message that could not be delivered: it is tried again", "message", m.Key, "error", err)
		return
	}
	c.forgetDisabled(g.Disable)
	c.observer.MessageEnded(m.Channel, store.MessageFailed)
	c.log.Warn("a message could not be delivered", "message", m.Key, "channel", m.Channel, "reason", g.Reason)
}

// moved takes an urgent message to the person's other channel, where that has not
// said it yet.
func (c *carrier) moved(ctx context.Context, now time.Time, m claimed, f notify.Outcome, wanted bool, how passing) bool {
	if !wanted {
		return false
	}
	g := failed(m.ID, f)
	g.Holder = c.holder
	moved, err := c.giveUp(ctx, now, g, how)
	if err != nil {
		c.log.Error("cannot take an urgent message to the other channel", "message", m.Key, "error", err)
	}
	if moved {
		c.observer.MessageEnded(m.Channel, store.MessageFailed)
	}
	return moved
}

// stopWhereBusyForLong has a channel stopped that has been paused again and again while
// nothing went.
func (c *carrier) stopWhereBusyForLong(ctx context.Context, now time.Time, v *verdict) {
	if v.next != pauseChannel {
		return
	}
	long, err := c.gate.busyTooLong(ctx, now)
	if err != nil {
		c.log.Error("cannot see whether anything goes by a channel", "channel", c.gate.channel, "error", err)
	}
	if long {
		v.next = stopChannel
		v.at = now.Add(max(v.at.Sub(now), probeEvery))
	}
}

// noteAtGate tells the gate what a provider's answer, or its silence, showed of the
// channel.
func (c *carrier) noteAtGate(ctx context.Context, now time.Time, v verdict, f notify.Outcome, ambiguous bool) {
	var err error
	switch {
	case v.next == pauseChannel:
		c.gate.holdUntil(now, v.at)
	case v.next == stopChannel:
		probe := v.at
		if probe.IsZero() {
			probe = now.Add(probeAccountEvery)
		}
		err = c.gate.stop(ctx, now, store.ChannelState{Fault: string(f.Fault), Reason: f.Reason, NextProbe: probe})
	case ambiguous: // slow is not down
	case f.Fault == notify.FaultProvider:
		if c.running.Err() == nil { // else we broke off
			err = c.gate.down(ctx, now, f.Reason)
		}
	case f.Fault == notify.FaultAccount, f.Fault == notify.FaultBusy: // with a message that is of no more use
	case f.Fault == notify.FaultRefused: // perhaps it is us
	case f.Code != "":
		err = c.gate.works(ctx, now)
	}
	if err != nil {
		c.log.Error("cannot note whether a channel is stopped", "channel", c.gate.channel, "error", err)
	}
}

// insist asks a database that is away again, until ctx ends.
func (d *delivery) insist(ctx context.Context, do func() error) error {
	for pause := 20 * time.Millisecond; ; pause *= 2 {
		err := do()
		if err == nil || ctx.Err() != nil || !store.IsTemporary(err) || !sleep(ctx, d.clock, pause) {
			return err
		}
	}
}
