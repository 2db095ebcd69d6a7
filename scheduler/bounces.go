package scheduler

import (
	"context"
	"errors"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Bounces says where the emails lie that came back, and which they were.
type Bounces struct {
	Folder string // empty: nobody reads them
	// MessageIDOf is the Message-ID of the email with a ledger key.
	MessageIDOf func(key string) string
}

const (
	// bouncesWithin is how old an email may be that comes back: mail servers give up
	// after five days at most (RFC 5321, 4.5.4.1).
	bouncesWithin = 14 * 24 * time.Hour
	// settled is how long a file must have stood unchanged before it is taken to be
	// whole.
	settled = 5 * time.Second
)

// bounceReader gives the emails that came back their next step.
type bounceReader struct {
	delivery    *delivery
	folder      *notify.BounceFolder
	messageIDOf func(key string) string
}

func newBounceReader(d *delivery, b Bounces) *bounceReader {
	return &bounceReader{d, &notify.BounceFolder{Folder: b.Folder}, b.MessageIDOf}
}

// read reads the folder, and once more after a moment where there are files that
// were not there at the last look.
func (r *bounceReader) read(ctx context.Context, _ *store.Run, now time.Time) (map[string]int, error) {
	takeIn := r.takeIn(ctx, now)
	found := func(b notify.Bounce) error {
		return safely(r.delivery.log, "taking in a bounced email", func() error { return takeIn(b) })
	}
	read, err := r.folder.Look(ctx, now, found)
	if err == nil && read.Waiting > 0 && sleep(ctx, r.delivery.clock, settled) {
		var again notify.BouncesRead
		again, err = r.folder.Look(ctx, now, found)
		read.Failures, read.Others, read.Unread = read.Failures+again.Failures, read.Others+again.Others, read.Unread+again.Unread
		read.Faults, read.Refused = append(read.Faults, again.Faults...), again.Refused
	}
	counts := map[string]int{"bounced": read.Failures, "other": read.Others, "unread": read.Unread, "refused": read.Refused}
	return counts, errors.Join(append(read.Faults, err)...)
}

// takeIn returns what takes in each bounce. An error of it keeps a bounce to be read
// again, but for notify.ErrNotOurs.
func (r *bounceReader) takeIn(ctx context.Context, now time.Time) func(notify.Bounce) error {
	d := r.delivery
	var keys map[string]string // by Message-ID; read once there is a bounce
	return func(b notify.Bounce) error {
		if keys == nil {
			keys = map[string]string{}
			for m, err := range d.store.SentEmailKeys(ctx, now.Add(-bouncesWithin)) {
				if err != nil {
					keys = nil
					return err
				}
				keys[r.messageIDOf(m.Key)] = m.Key
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
	}
}
