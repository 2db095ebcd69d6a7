package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Simulation runs the scheduler over a stretch of time in no time: the same
// scans, digests and deliveries, but on a clock that jumps from one instant at
// which something happens to the next, and with nothing sent.
//
// What happens at one instant happens in this order: what becomes known is taken
// in, a scan runs, digests are counted, messages go.
type Simulation struct {
	Store     *store.Store // migrated; people known
	Rules     *pathway.Rules
	DutyDesk  func(team string) *pathway.Person
	Schedules Schedules // Scan and Digest
	From, To  time.Time // both included

	// Arrivals are the instants at which something becomes known, in any order,
	// and Intake takes in what becomes known at one of them. Those before From
	// are lived through too, unreported, so that From finds things as they would
	// have been.
	Arrivals []time.Time
	Intake   func(ctx context.Context, at time.Time) error

	// Channels take the messages; nil: nothing does, and all count as sent. With
	// channels that fail, what follows happens too: tries, receipts, other channels,
	// other people.
	Channels   map[string]notify.Channel
	Operations *pathway.Person // these two as in Settings
	TextsADay  int
	// AcknowledgementLasts as in Settings.
	AcknowledgementLasts time.Duration

	// Reminder and Digest are told what would have been sent, in order of time, and
	// Delivery what became of it.
	Reminder func(SimulatedReminder)
	Digest   func(SimulatedDigest)
	Delivery func(SimulatedDelivery)
}

// Run runs the simulation.
func (s *Simulation) Run(ctx context.Context) error {
	p, err := s.prepare()
	if err != nil {
		return err
	}
	arrivals := slices.SortedFunc(slices.Values(s.Arrivals), time.Time.Compare)
	arrivals = slices.CompactFunc(arrivals, time.Time.Equal)
	start := s.From
	if len(arrivals) > 0 && arrivals[0].Before(start) {
		start = arrivals[0]
	}
	// Drivers watch a context that can end beside every statement: here one look at
	// it an instant does.
	ends := ctx
	ctx = context.WithoutCancel(ctx)
	for last := start.Add(-time.Nanosecond); ; {
		if ends.Err() != nil {
			return ends.Err()
		}
		at, err := p.next(ctx, last, arrivals)
		if err != nil {
			return err
		}
		if at.IsZero() || at.After(s.To) {
			return nil
		}
		arrived := len(arrivals) > 0 && arrivals[0].Equal(at)
		if err := p.live(ctx, at, arrived); err != nil {
			return fmt.Errorf("%w (at %s)", err, at.In(s.Rules.Calendar.Location()).Format(time.RFC3339))
		}
		if arrived {
			arrivals = arrivals[1:]
		}
		last = at
	}
}

// play is a simulation at work.
type play struct {
	*Simulation
	clock    *jumpingClock
	scan     *job
	digest   *job // nil: none
	jobs     *jobs
	delivery *delivery
	waits    map[int64]bool // the messages of which it was told that they wait for a stopped channel
}

func (s *Simulation) prepare() (*play, error) {
	p := &play{Simulation: s, clock: &jumpingClock{}, waits: map[int64]bool{}}
	senders := map[string]Sender{}
	for name, channel := range s.Channels {
		senders[name] = Sender{Channel: channel}
	}
	daemon, err := New(Settings{
		Store:                s.Store,
		Rules:                s.Rules,
		DutyDesk:             s.DutyDesk,
		Operations:           s.Operations,
		Senders:              senders,
		TextsADay:            s.TextsADay,
		AcknowledgementLasts: s.AcknowledgementLasts,
		Schedules:            Schedules{Scan: s.Schedules.Scan, Digest: s.Schedules.Digest},
		Clock:                p.clock,
		Jitter:               func() float64 { return 0 },
		Log:                  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	p.jobs, p.delivery = daemon.runner, daemon.delivery
	p.jobs.amender = nil // a virtual clock is never wrong
	daemon.scanner.wrote = p.reminded
	daemon.scanner.toldVisit = p.toldVisit
	daemon.digests.wrote = p.counted
	daemon.delivery.happened = p.delivered
	for _, j := range daemon.jobs {
		switch j.name {
		case ScheduleScan:
			p.scan = j
		case ScheduleDigest:
			p.digest = j
		}
	}
	if p.scan == nil {
		return nil, fmt.Errorf("a simulation needs a schedule for its scans: give schedules.scan")
	}
	return p, nil
}

// next returns the first instant after last at which something happens; the zero
// time when nothing ever does.
func (p *play) next(ctx context.Context, last time.Time, arrivals []time.Time) (time.Time, error) {
	var next time.Time
	consider := func(at time.Time) {
		if !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	if len(arrivals) > 0 {
		consider(arrivals[0])
	}
	if p.digest != nil {
		consider(p.digest.schedule.Next(last))
	}
	rung, err := p.Store.NextRung(ctx)
	if err != nil {
		return next, err
	}
	if !rung.IsZero() && rung.After(last) {
		consider(p.scan.schedule.Next(rung.Add(-time.Nanosecond)))
	} else if !rung.IsZero() {
		consider(p.scan.schedule.Next(last))
	}
	if len(p.Channels) == 0 {
		return next, nil
	}
	delivery, err := p.Store.NextDelivery(ctx)
	if !delivery.IsZero() && !delivery.After(last) {
		delivery = p.delivery.nextTurn(last)
	}
	consider(delivery)
	return next, err
}

// stoppedStep is how far the clock jumps at most while messages wait that are due.
const stoppedStep = 5 * time.Second

// nextTurn is when to look again after last where messages that are due wait: their
// channel is stopped, or pauses.
func (d *delivery) nextTurn(last time.Time) time.Time {
	next := last.Add(stoppedStep)
	for _, g := range d.gates {
		at := g.paused()
		if probe, stopped := g.nextProbe(); stopped {
			at = probe
		}
		if at.After(last) {
			next = earlier(next, at)
		}
	}
	return next
}

// live lets happen what happens at one instant.
func (p *play) live(ctx context.Context, at time.Time, arrived bool) error {
	p.clock.jump(at)
	if arrived {
		if err := p.Intake(ctx, at); err != nil {
			return err
		}
	}
	ran := false
	if p.scan.isDue(at) { // most find nothing: they need not be on record
		ran = true
		if _, err := p.scan.work(ctx, nil, at); err != nil {
			return err
		}
	}
	if p.digest != nil && p.digest.isDue(at) {
		ran = true
		if err := p.Store.BeginSchedule(ctx, p.digest.name, time.Time{}); err != nil {
			return err
		}
		if err := p.jobs.runFor(ctx, p.digest, at, at); err != nil {
			return err
		}
	}
	if !ran && len(p.Channels) == 0 {
		return nil // no message waits: each has gone at once
	}
	return p.deliver(ctx, at)
}

// isDue reports whether an instant is one of the job's times.
func (j *job) isDue(at time.Time) bool {
	return j.schedule.Next(at.Add(-time.Nanosecond)).Equal(at)
}

// deliver sends what is due at one instant, takes in the receipts that are, and
// sends what follows from them.
func (p *play) deliver(ctx context.Context, at time.Time) error {
	rounds := 2 // what moves from one channel to the other comes in the second
	if len(p.Channels) == 0 {
		rounds = 1
	}
	for idle := 0; idle < rounds; idle++ {
		happened := 0
		for _, name := range []string{notify.ByEmail, notify.BySMS} {
			channel := p.channel(name)
			sent, err := p.delivery.drain(ctx, name, channel)
			if err != nil {
				return err
			}
			happened += sent
			if tracker, ok := channel.(notify.Tracker); ok {
				asked, err := p.delivery.poll(ctx, at, name, tracker)
				if err != nil {
					return err
				}
				happened += asked
			}
		}
		if happened > 0 {
			idle = 0
		}
	}
	return nil
}

// jumpingClock stands still until it is told to jump. Nobody is ever woken by it:
// what waits in a simulation waits for its run to end.
type jumpingClock struct{ now atomic.Pointer[time.Time] }

func (c *jumpingClock) jump(to time.Time) { c.now.Store(&to) }

func (c *jumpingClock) Now() time.Time {
	if now := c.now.Load(); now != nil {
		return *now
	}
	return time.Time{}
}

func (c *jumpingClock) Timer(time.Time) (<-chan time.Time, func() bool) {
	return nil, func() bool { return true }
}

func (s *Simulation) channel(name string) notify.Channel {
	if c := s.Channels[name]; c != nil {
		return c
	}
	return acceptsAll{}
}

// acceptsAll takes every message and sends none.
type acceptsAll struct{}

func (acceptsAll) Send(context.Context, time.Time, notify.Message) notify.Outcome {
	return notify.Outcome{State: notify.Sent}
}

func (acceptsAll) Close(context.Context) error { return nil }
