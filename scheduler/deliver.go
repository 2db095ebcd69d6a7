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

// desk is where claimed messages lie until a sender takes them.
type desk struct {
	messages chan claimed
	taken    chan struct{} // receives when one was taken
	senders  int
}

func (k *desk) noteTaken() {
	select {
	case k.taken <- struct{}{}:
	default:
	}
}

// await returns once no more than few messages lie there, or ctx ends. The next
// are claimed then, so that no sender waits for them.
func (k *desk) await(ctx context.Context, few int) {
	for len(k.messages) > few {
		select {
		case <-k.taken:
		case <-ctx.Done():
			return
		}
	}
}

// handOut claims messages and hands them out until ctx ends. Then it gives back
// what nobody has taken.
func (d *delivery) handOut(ctx context.Context, name string, out *desk) {
	g := d.gate(name)
	for ready := d.tryRecording(ctx); ready && g.waitUntilReady(ctx) && d.mayGoOn(ctx); {
		now := d.clock.Now()
		messages, err := d.claimAt(ctx, now, name, g)
		if err != nil {
			if ctx.Err() == nil {
				d.log.Error("cannot claim messages", "channel", name, "error", err)
				d.outage.note(now, "send by "+name, err)
			}
			d.awaitDatabase(ctx, name)
			continue
		}
		d.outage.note(now, "send by "+name, nil)
		for _, m := range messages {
			out.messages <- m // there is room
		}
		out.await(ctx, g.claimSize()/2)
		g.handedOut(len(messages), out.senders, d.clock.Now().Sub(now))
		if len(messages) == 0 && !wait(ctx, d.clock, d.lookAgain(g, now), d.nudges[name]) {
			break
		}
	}
	var left []claimed
	for len(out.messages) > 0 {
		select {
		case m := <-out.messages:
			left = append(left, m)
		default:
		}
	}
	if len(left) > 0 {
		d.giveBack(d.clock.Now(), left...)
	}
}

// awaitDatabase returns a while after claims have become possible again, or when ctx
// ends. Claims may have run out meanwhile of what other daemons have sent: so each has
// time to record that first.
func (d *delivery) awaitDatabase(ctx context.Context, name string) {
	for sleep(ctx, d.clock, lookAgain) {
		now := d.clock.Now()
		_, err := d.store.ClaimMessages(ctx, now, name, d.holder, 0, now)
		if err == nil {
			sleep(ctx, d.clock, lookAgain)
			return
		}
		if ctx.Err() == nil {
			d.outage.note(now, "send by "+name, err)
		}
	}
}

// lookAgain is when a sender that found nothing asks again.
func (d *delivery) lookAgain(g *gate, now time.Time) time.Time {
	if paused := g.paused(); paused.After(now) && paused.Before(now.Add(lookAgain)) {
		return paused
	}
	return now.Add(lookAgain)
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

// claimed is a message that this process alone may send for a while, and what it
// had to say when it was claimed.
type claimed struct {
	store.ClaimedMessage
	reminders []store.MessageReminder
	discussed map[string]*notify.Discussed // of their cases, for managers; nil: not read
	looked    time.Time                    // when reminders were read
	lease     *lease
	probe     bool  // it is to show whether a stopped channel works again
	after     int64 // the one that has just been tried in vain to see that; 0: none
}

// claim claims the messages of a channel that are due, the most serious first.
func (d *delivery) claim(ctx context.Context, now time.Time, name string, limit int) ([]claimed, error) {
	if err := d.takeUpNotes(ctx); err != nil {
		return nil, err
	}
	messages, err := d.store.ClaimMessages(ctx, now, name, d.holder, limit, now.Add(d.claimFor))
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	var out []claimed
	var ids []int64
	for i := range messages {
		lease := d.leases.take(&messages[i])
		if lease == nil {
			continue
		}
		out = append(out, claimed{ClaimedMessage: messages[i], lease: lease, looked: now})
		if messages[i].Kind == string(notify.KindReminder) {
			ids = append(ids, messages[i].ID)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	reminders, err := d.store.MessageReminders(ctx, ids)
	if err != nil && len(ids) > 1 && !store.IsTemporary(err) && ctx.Err() == nil {
		return d.readable(ctx, now, out), nil
	}
	if err != nil {
		d.giveBack(now, out...)
		return nil, err
	}
	for i := range out {
		out[i].reminders = reminders[out[i].ID]
	}
	d.readNames(ctx, now, out)
	d.readDiscussed(ctx, out)
	return out, nil
}

// readable reads what claimed messages have to say one by one, and gives back those
// of which it cannot be read: they hold up no other.
func (d *delivery) readable(ctx context.Context, now time.Time, messages []claimed) (out []claimed) {
	for _, m := range messages {
		reminders, err := d.store.MessageReminders(ctx, []int64{m.ID})
		if err != nil {
			d.log.Error("cannot read what a message is to say: it is tried again later", "message", m.Key, "error", err)
			d.giveBack(now.Add(decideAgain), m)
			continue
		}
		m.reminders = reminders[m.ID]
		out = append(out, m)
	}
	return out
}

// giveBack lets others have messages that were not tried, from nextTry on. Where
// that fails their claim runs out.
func (d *delivery) giveBack(nextTry time.Time, messages ...claimed) {
	now := d.clock.Now()
	var ids []int64
	for _, m := range messages {
		if d.leases.end(m.lease, now) {
			ids = append(ids, m.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := d.store.ReleaseClaims(ctx, d.holder, nextTry, ids); err != nil {
		d.log.Warn("cannot give back claimed messages: they go when their claim runs out", "messages", len(ids), "error", err)
	}
}
