package scheduler

import (
	"context"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// bouncesWithin is how old an email may be that comes back: mail servers give up
// after five days at most (RFC 5321, 4.5.4.1).
const bouncesWithin = 14 * 24 * time.Hour

// BounceReader reads the emails that came back, and counts them. An error of
// found keeps a bounce to be read again, but for notify.ErrNotOurs.
type BounceReader func(ctx context.Context, now time.Time, found func(notify.Bounce) error) (counts map[string]int, err error)

// takeBounces gives the emails that came back their next step.
func (d *delivery) takeBounces(ctx context.Context, now time.Time, read BounceReader, messageIDOf func(key string) string) (map[string]int, error) {
	var keys map[string]string // by Message-ID; read once there is a bounce
	return read(ctx, now, func(b notify.Bounce) error {
		if keys == nil {
			keys = map[string]string{}
			for m, err := range d.store.SentEmailKeys(ctx, now.Add(-bouncesWithin)) {
				if err != nil {
					keys = nil
					return err
				}
				keys[messageIDOf(m.Key)] = m.Key
			}
		}
		key, known := keys[b.MessageID]
		if !known {
			d.observer.ReceiptSeen(pathway.ChannelEmail, receiptUnknown)
			return notify.ErrNotOurs
		}
		m, err := d.store.MessageByKey(ctx, key)
		if err != nil {
			return err
		}
		if m.State != store.MessageSent {
			d.observer.ReceiptSeen(pathway.ChannelEmail, receiptLate)
			return nil
		}
		d.observer.ReceiptSeen(pathway.ChannelEmail, string(notify.ProgressUndelivered))
		return d.notArrived(ctx, now, &m, &notify.Receipt{Progress: notify.ProgressUndelivered, Fault: b.Fault, Code: b.Status, Reason: b.Reason})
	})
}
