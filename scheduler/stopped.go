package scheduler

import (
	"context"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// claimAt claims what a channel may send at now: as many messages as its gate
// lets through, one where it is stopped and may try one, none while it waits.
func (d *delivery) claimAt(ctx context.Context, now time.Time, name string, g *gate) ([]claimed, error) {
	if g.paused().After(now) {
		return nil, nil
	}
	if right, err := d.watch.right(ctx, now, false); err != nil || !right {
		return nil, err
	}
	stopped, err := g.open(ctx, now)
	if err != nil {
		return nil, err
	}
	if !stopped {
		return d.claim(ctx, now, name, g.claimSize())
	}
	// First, for where all texts are urgent nothing would be left to try.
	probe, err := d.claimProbe(ctx, now, name, g)
	d.moveUrgent(ctx, now, name)
	return probe, err
}

// probeAmong is from how many messages one is chosen to show whether a stopped
// channel works again.
const probeAmong = 20

// claimProbe claims the message that is to show whether a stopped channel works
// again: the most serious one. Where that fails another is tried as well, the one
// that has failed least often: for a message that alone is refused must not keep the
// channel stopped for the others.
func (d *delivery) claimProbe(ctx context.Context, now time.Time, name string, g *gate) ([]claimed, error) {
	after, may := g.beginProbe(now)
	if !may {
		return nil, nil
	}
	messages, err := d.claim(ctx, now, name, probeAmong)
	best := -1
	for i := range messages {
		if messages[i].ID != after && !doubtful(messages[i]) && (best < 0 || after != 0 && messages[i].Tries < messages[best].Tries) {
			best = i
		}
	}
	if best < 0 && after == 0 && len(messages) > 0 {
		best = 0 // the channel is looked at without sending it
	}
	var chosen []claimed
	if best >= 0 {
		messages[best].probe, messages[best].after = true, after
		chosen = []claimed{messages[best]}
		messages = slices.Delete(messages, best, best+1)
	} else {
		g.endProbe(0)
	}
	if len(messages) > 0 {
		d.giveBack(now, messages...)
	}
	return chosen, err
}

// doubtful reports that a message may have arrived, and that nobody can be asked:
// every time it is sent it may arrive once more.
func doubtful(m claimed) bool { return m.Channel == pathway.ChannelEmail && !m.MaybeSent.IsZero() }

// checkChannel sees whether a stopped channel works as far as that shows without a
// message. What may have arrived already is never sent to find out: where only that
// waits, this has to do. It returns when to look again where m is not to be sent.
func (c *carrier) checkChannel(ctx context.Context, now time.Time, m claimed) (again time.Time, ready bool) {
	again, _ = c.gate.nextProbe()
	checker, can := c.channel.(notify.Checker)
	can = can && !c.canAsk() // what can be asked after loses nothing by being sent
	if can && checker.Check(ctx) != nil {
		return again, false
	}
	if !doubtful(m) {
		return again, true
	}
	if can {
		if err := c.gate.works(ctx, now); err == nil {
			again = now
		}
	}
	return again, false
}

// canAsk reports whether the provider can say what became of a message.
func (c *carrier) canAsk() bool {
	_, can := c.channel.(notify.Tracker)
	return can
}

// moveUrgent takes the urgent messages of a stopped channel to their readers'
// other channel, where that has not said the same already. The others wait; where a
// reader has no other channel, whoever covers or the next role up is told as well.
func (d *delivery) moveUrgent(ctx context.Context, now time.Time, name string) {
	const atOnce = 200
	ids, err := d.store.WaitingUrgent(ctx, now, name, d.rules.UrgentBelow(), atOnce)
	for _, how := range []passing{{ownOnly: true}, {ownOnly: true, orFurther: true}} {
		var stay []int64
		for _, id := range ids {
			if err != nil {
				break
			}
			var moved bool
			moved, err = d.giveUp(ctx, now, store.GiveUp{Message: id, State: store.MessageCancelled, Reason: reasonMoved}, how)
			if err == nil && !moved {
				stay = append(stay, id)
			}
		}
		ids = stay
	}
	if err == nil && len(ids) > 0 {
		err = d.store.NoteStuck(ctx, now, ids)
		d.nudge()
	}
	if err != nil && ctx.Err() == nil {
		d.log.Error("cannot take urgent messages to the other channel", "channel", name, "error", err)
	}
}

// reasonMoved is why an urgent message did not go by a channel that is stopped.
const reasonMoved = "it went another way: the channel is stopped"
