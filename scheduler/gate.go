package scheduler

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"example.org/doorstep/notify"
	"example.org/doorstep/store"
)

const (
	// opensAfter is how many attempts in a row must find the provider down before
	// the channel stops.
	opensAfter = 5
	// probeEvery is how often a stopped channel tries a message, and where that fails
	// one other: soon enough for a provider that is back, and seldom enough that a
	// wrong password does not lock the account.
	probeEvery        = 30 * time.Second
	probeAccountEvery = 5 * time.Minute
	// longestBusy is how long a provider may ask for less while nothing goes: longer than
	// the minute by which providers count.
	longestBusy = 2 * time.Minute
	// stateKnownFor is how long what the database says of a channel is believed:
	// another daemon may have stopped it, or let it go on.
	stateKnownFor = 2 * time.Second
	// slowest is how long half of the messages of one claim may take to be taken up:
	// what is claimed goes before anything more serious that comes meanwhile.
	slowest = 100 * time.Millisecond
)

// gate says whether a channel may send now, and how fast. One that is stopped
// (its provider is down, our account there is refused, the day's limit is used
// up) is so for every daemon on the database; it tries a message now and then, and
// the first that the provider takes, or refuses for what is wrong with that message
// alone, lets the others go.
type gate struct {
	channel string
	store   *store.Store
	clock   Clock
	limiter *rate.Limiter // nil: no limit
	// onOpen is called by the one daemon that stops the channel, and onClose by the
	// one that lets it go on.
	onOpen  func(context.Context, store.ChannelState)
	onClose func(ctx context.Context, stopped store.ChannelState, pulled int)

	mu          sync.Mutex
	failures    int // attempts in a row that found the provider down
	state       store.ChannelState
	known       time.Time // when state was read
	pausedUntil time.Time
	pause       time.Duration // of the last pause
	pausedSince time.Time     // when the first pause began after the last message that went; zero: there was none
	probing     bool          // a message is on its way to show whether the channel works again
	triedInVain int64         // the one that has just done so, where another may; 0: none
	alike       refusals
	claim       int // how many to claim at a time
	most        int // claim at its best: what the limits let go soon
}

// newGate is the gate of a channel that takes so many messages a second (0: any
// number), of which at most so many are claimed at a time.
func newGate(channel string, s *store.Store, clock Clock, perSecond float64, most int) *gate {
	g := &gate{channel: channel, store: s, clock: clock, most: most}
	if perSecond > 0 {
		// No more than one at a time saved up: a provider that counts by the second
		// does not forgive a burst.
		g.limiter = rate.NewLimiter(rate.Limit(perSecond), 1)
		g.most = max(1, min(most, int(perSecond*slowest.Seconds())))
	}
	g.claim = g.most
	return g
}

// open reports whether the channel is stopped.
func (g *gate) open(ctx context.Context, now time.Time) (stopped bool, err error) {
	g.mu.Lock()
	state, fresh := g.state, !g.known.IsZero() && now.Sub(g.known) < stateKnownFor
	g.mu.Unlock()
	if !fresh {
		if state, err = g.store.ChannelState(ctx, g.channel); err != nil {
			return false, err
		}
		g.learn(now, state)
	}
	return state.State == store.ChannelOpen, nil
}

// isOpen is open as last heard.
func (g *gate) isOpen() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state.State == store.ChannelOpen
}

func (g *gate) learn(now time.Time, state store.ChannelState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.state, g.known = state, now
}

// paused returns until when nothing is sent; zero or past: it is.
func (g *gate) paused() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.pausedUntil
}

// waitUntilReady waits until it is time to claim more. Where the limits let less
// through than one message in the time that a claim may take to be handed out, that
// is when the next one's turn has come: a message that is claimed long before its turn
// would have to be given back, and its turn would be lost. False: ctx has ended.
func (g *gate) waitUntilReady(ctx context.Context) bool {
	if g.limiter == nil || g.claimSize() > 1 {
		return ctx.Err() == nil
	}
	missing := 1 - g.limiter.TokensAt(g.clock.Now())
	if missing <= 0 {
		return ctx.Err() == nil
	}
	return sleep(ctx, g.clock, time.Duration(missing/float64(g.limiter.Limit())*float64(time.Second)))
}

// waitTurn waits until the limits let one more message go. False: ctx has ended.
func (g *gate) waitTurn(ctx context.Context) bool {
	if g.limiter == nil {
		return ctx.Err() == nil
	}
	now := g.clock.Now()
	turn := g.limiter.ReserveN(now, 1)
	if wait := turn.DelayFrom(now); wait > 0 && !sleep(ctx, g.clock, wait) {
		turn.CancelAt(g.clock.Now())
		return false
	}
	return ctx.Err() == nil
}

// sent notes that a message went.
func (g *gate) sent(ctx context.Context, now time.Time) error {
	g.mu.Lock()
	g.pause, g.pausedSince = 0, time.Time{}
	g.alike = refusals{}
	g.mu.Unlock()
	return g.works(ctx, now)
}

// works notes that the provider is there and serves us, also where it does not take
// this message: a stopped channel goes on.
func (g *gate) works(ctx context.Context, now time.Time) error {
	g.mu.Lock()
	stopped := g.state
	g.failures = 0
	g.mu.Unlock()
	if stopped.State != store.ChannelOpen {
		return nil
	}
	closed, pulled, err := g.store.CloseChannel(ctx, now, g.channel)
	if err != nil {
		return err
	}
	g.learn(now, store.ChannelState{Channel: g.channel, State: store.ChannelClosed, Since: now})
	if closed && g.onClose != nil {
		g.onClose(ctx, stopped, pulled)
	}
	return nil
}

// holdUntil pauses this daemon's sending: the provider asks for less.
func (g *gate) holdUntil(now, until time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pausedSince.IsZero() {
		g.pausedSince = now
	}
	g.pause = min(max(2*g.pause, time.Second), longPause)
	if at := now.Add(g.pause); until.Before(at) {
		until = at
	}
	if until.After(g.pausedUntil) {
		g.pausedUntil = until
	}
}

// busyTooLong reports whether the provider has asked for less so long, and nothing has
// gone meanwhile by any daemon, that urgent messages must not wait for it any more.
func (g *gate) busyTooLong(ctx context.Context, now time.Time) (bool, error) {
	g.mu.Lock()
	since := g.pausedSince
	g.mu.Unlock()
	if since.IsZero() || now.Sub(since) < longestBusy {
		return false, nil
	}
	went, err := g.store.SentSince(ctx, g.channel, now.Add(-longestBusy))
	return !went, err
}

// down notes that an attempt found the provider down, and stops the channel once
// that has happened often enough.
func (g *gate) down(ctx context.Context, now time.Time, reason string) error {
	g.mu.Lock()
	g.failures++
	enough := g.failures >= opensAfter && g.state.State != store.ChannelOpen
	g.mu.Unlock()
	if !enough {
		return nil
	}
	return g.stop(ctx, now, store.ChannelState{Fault: string(notify.FaultProvider), Reason: reason, NextProbe: now.Add(probeEvery)})
}

// stop stops the channel for every daemon.
func (g *gate) stop(ctx context.Context, now time.Time, state store.ChannelState) error {
	state.Channel, state.State, state.Since = g.channel, store.ChannelOpen, now
	opened, err := g.store.OpenChannel(ctx, now, state)
	if err != nil {
		return err
	}
	g.learn(now, state)
	if opened && g.onOpen != nil {
		g.onOpen(ctx, state)
	}
	return nil
}

// beginProbe reports whether this daemon may look for a message to try on a stopped
// channel: its time has come and none is on its way; or one has just been tried in
// vain, after, and now another may.
func (g *gate) beginProbe(now time.Time) (after int64, may bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.probing {
		return 0, false
	}
	if g.state.NextProbe.After(now) {
		after = g.triedInVain
		may = after != 0
	} else {
		may = true
	}
	g.triedInVain = 0
	g.probing = may
	return after, may
}

// endProbe notes that no message is on its way to show whether the channel works
// again; triedInVain is the one that was tried and after which another may be.
func (g *gate) endProbe(triedInVain int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.probing = false
	if g.state.State == store.ChannelOpen {
		g.triedInVain = triedInVain
	}
}

// nextProbe returns when a message is next tried, where the channel is stopped.
func (g *gate) nextProbe() (at time.Time, stopped bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state.NextProbe, g.state.State == store.ChannelOpen
}

// takeProbe reports whether this daemon may try a message on a stopped channel.
func (g *gate) takeProbe(ctx context.Context, now time.Time) (bool, error) {
	next := now.Add(g.probes())
	g.mu.Lock()
	g.state.NextProbe = next
	g.mu.Unlock()
	return g.store.TakeProbe(ctx, now, g.channel, next)
}

// probes is how often a message is tried while the channel is stopped.
func (g *gate) probes() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state.Fault == string(notify.FaultAccount) {
		return probeAccountEvery
	}
	return probeEvery
}

// claimSize is how many messages to claim at a time, and handedOut sets it by how
// long the last claim took: a channel that is slow claims few, but not fewer than
// least, so that what is more serious and comes later need not wait for them.
func (g *gate) claimSize() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.claim
}

func (g *gate) handedOut(claimed, least int, took time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case took > slowest:
		g.claim = min(g.claim, max(least, g.claim/2))
	case claimed >= g.claim && took < slowest/4:
		g.claim = min(g.most, 2*g.claim)
	}
}
