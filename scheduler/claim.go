package scheduler

import (
	"context"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store"
)

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
