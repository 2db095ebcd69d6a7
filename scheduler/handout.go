package scheduler

import (
	"context"
	"time"
)

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
