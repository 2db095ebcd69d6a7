package scheduler

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/origin"
	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler/journal"
	"example.org/doorstep/store"
)

// Sender is a channel, how many messages it carries at a time, and how many it
// may carry at all.
type Sender struct {
	Channel     notify.Channel
	Connections int     // 0: 1
	PerSecond   float64 // the provider's limit, or our own; 0: none
	// What the provider tells by itself it is asked for only now and then, to be sure.
	ReceiptsComeIn bool // what became of messages
	TextsComeIn    bool // the texts that people send
}

const (
	claimByDefault = 100 // messages claimed at a time, by default
	// claimFor is how long they are claimed, by default. What a process that died
	// had claimed goes out again after it.
	claimFor = time.Minute
	// lookAgain is how long a sender with nothing to do waits before it asks for
	// messages that others have written or that are to be tried again.
	lookAgain = 2 * time.Second
	// freshFor is how long what a message has to say is taken to be true without another
	// look at its duties.
	freshFor = 100 * time.Millisecond
	// sendersForPlace is how many messages are under way for each that is being sent.
	sendersForPlace = 3
	// grace is how long a message that is being sent may take once the daemon is
	// to stop. The process, which stops other parts too, has half a minute.
	grace = 25 * time.Second
	// lastWords is how much longer there is to record what became of messages.
	lastWords = 3 * time.Second
)

// delivery sends what is in the ledger.
type delivery struct {
	store       *store.Store
	rules       *pathway.Rules
	clock       Clock
	holder      string
	claimFor    time.Duration
	claimAtMost int            // messages claimed at a time
	jitter      func() float64 // from 0 up to 1
	log         *slog.Logger
	observer    Observer
	watch       *watch                   // nil: nobody looks whether the clock is right
	outage      *outage                  // nil: nobody looks how long the database fails
	nudges      map[string]chan struct{} // by channel
	gates       map[string]*gate         // by channel
	// callsBack says of which channels the provider tells by itself what became of
	// messages.
	callsBack map[string]bool

	dutyDesk             func(team string) *pathway.Person
	operations           *pathway.Person // nil: nobody
	replies              bool            // whether somebody reads answering texts
	origin               origin.Keys
	replyTurn            chan struct{} // texts that came in are taken in one after the other
	acknowledgementLasts time.Duration
	off                  disabledAddresses
	names                staffNames

	// happened is told what happens to messages on their way; nil: nobody.
	happened func(happening)

	outcomes *together[exchange, map[int64]store.DutyNow]
	checks   *together[exchange, map[int64]store.DutyNow]
	kept     keptOutcomes
	notes    notes
	leases   leases
	// callbacks take in together what providers tell at the same moment.
	callbacks *together[callback, error]
}

// happening is something that happened to a message on its way.
type happening struct {
	at        time.Time
	message   *store.ClaimedMessage
	reminders []store.MessageReminder
	what      string
	reason    string
	next      time.Time
	taken     bool // with failed and later: the provider had taken it, and it did not arrive
	stopped   bool // with later: its channel is, and it waits for that to end
}

// What happens to messages.
const (
	happenedSent      = "sent"
	happenedDelivered = "delivered"
	happenedFailed    = "failed"
	happenedLater     = "later"
	happenedMoved     = "moved"     // to the other channel, untried
	happenedCancelled = "cancelled" // nothing was left to say
)

// tellHappened tells what happened, where somebody listens.
func (d *delivery) tellHappened(h happening) {
	if d.happened != nil {
		d.happened(h)
	}
}

// newDelivery returns a delivery by the settings, with all that New fills in.
func newDelivery(s *Settings, holder string) *delivery {
	d := &delivery{
		store: s.Store, rules: s.Rules, clock: s.Clock, holder: holder, claimFor: s.Lease, claimAtMost: cmp.Or(s.ClaimAtMost, claimByDefault),
		jitter: s.Jitter, log: s.Log, observer: s.Observer, nudges: map[string]chan struct{}{},
		gates: map[string]*gate{}, callsBack: map[string]bool{}, dutyDesk: s.DutyDesk, operations: s.Operations,
		replies: s.Replies, origin: s.Origin, replyTurn: make(chan struct{}, 1), acknowledgementLasts: s.AcknowledgementLasts,
	}
	for channel, sender := range s.Senders {
		d.nudges[channel] = make(chan struct{}, 1)
		d.gates[channel] = d.newGate(channel, sender.PerSecond)
		d.callsBack[channel] = sender.ReceiptsComeIn
	}
	if s.Notes != "" {
		d.notes.journal = journal.New(s.Notes, s.Installation, holder)
	}
	d.outcomes = &together[exchange, map[int64]store.DutyNow]{ask: d.exchange, gather: d.notes.gather}
	d.checks = &together[exchange, map[int64]store.DutyNow]{ask: d.exchange}
	d.callbacks = &together[callback, error]{ask: d.takeCallbacks}
	return d
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

// newGate is the gate of a channel: operations are told when it closes, and all
// senders look for messages when it opens.
func (d *delivery) newGate(channel string, perSecond float64) *gate {
	g := newGate(channel, d.store, d.clock, perSecond, d.claimAtMost)
	g.onOpen = func(ctx context.Context, state store.ChannelState) {
		d.tellStopped(ctx, state.Since, state)
		d.log.Error("a channel is stopped: its messages wait", "channel", channel, "reason", state.Reason)
		d.nudge() // so that what is urgent moves at once
	}
	g.onClose = func(ctx context.Context, stopped store.ChannelState, pulled int) {
		d.tellBack(ctx, d.clock.Now(), stopped, pulled)
		d.log.Info("a stopped channel goes on", "channel", channel, "pulled_forward", pulled)
		d.nudge()
	}
	return g
}

// gate returns the gate of a channel.
func (d *delivery) gate(channel string) *gate {
	if g := d.gates[channel]; g != nil {
		return g
	}
	return d.newGate(channel, 0) // in a simulation, which has no senders
}

// carries reports whether messages can go by a channel at all.
func (d *delivery) carries(channel string) bool { return len(d.gates) == 0 || d.gates[channel] != nil }

// keep sends the messages of one channel until ctx ends. When it does, what is
// being sent is finished, as long as that takes no more than grace, and what has
// been claimed but not begun is given back.
func (d *delivery) keep(ctx context.Context, name string, s Sender) {
	recording, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	sending, cancel := context.WithCancel(recording)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		if sleep(recording, d.clock, grace) {
			cancel()
		}
		if sleep(recording, d.clock, lastWords) {
			end()
		}
	})
	defer stop()

	c := newCarrier(ctx, d, name, s)
	c.keeps, c.recording = true, recording
	out := desk{messages: make(chan claimed, 2*d.claimAtMost), taken: make(chan struct{}, 1), senders: cap(c.places)}
	var senders sync.WaitGroup
	for range sendersForPlace * cap(c.places) { // while one sends, others record what has become of their messages
		senders.Go(func() {
			for m := range out.messages {
				out.noteTaken()
				c.deliver(sending, m)
			}
		})
	}
	d.handOut(ctx, name, &out)
	close(out.messages)
	senders.Wait()
	c.recorders.Wait()
}

// drain sends everything that is due on a channel at this moment, one message
// after the other.
func (d *delivery) drain(ctx context.Context, name string, channel notify.Channel) (attempted int, err error) {
	c := newCarrier(ctx, d, name, Sender{Channel: channel})
	for {
		messages, err := d.claimAt(ctx, d.clock.Now(), name, c.gate)
		if err != nil || len(messages) == 0 {
			return attempted, err
		}
		attempted += len(messages)
		for _, m := range messages {
			c.deliver(ctx, m)
		}
	}
}
