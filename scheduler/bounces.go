package scheduler

import (
	"context"
	"errors"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/origin"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Bounces says where the emails lie that came back, and which they were.
type Bounces struct {
	Folder string // empty: nobody reads them
	// AuthServer is what our own mail server calls itself in Authentication-Results;
	// empty: not known.
	AuthServer string
	// MessageIDsOf are the Message-IDs that the email with a ledger key can have gone by:
	// Composer.MessageIDsOf.
	MessageIDsOf func(key string, beforeKeys bool) []string
}

const (
	// bouncesWithin is how old an email may be that comes back: mail servers give up
	// after five days at most (RFC 5321, 4.5.4.1).
	bouncesWithin = 14 * 24 * time.Hour
	// settled is how long a file must have stood unchanged before it is taken to be
	// whole.
	settled = 5 * time.Second
	// aboutUsFor is how long a bounce that is about us is remembered, and aboutUsStops
	// of how many recipients they stop the channel: one mail system that takes nothing
	// from us must not stop what goes to all others.
	aboutUsFor   = 24 * time.Hour
	aboutUsStops = alikeStops
	// aboutUsPause is for how long. Our own mail server takes everything meanwhile, so
	// that no probe shows whether it helps.
	aboutUsPause = time.Hour
)

// receiptUnproven is what became of a bounce that bears the name of one of our emails
// and proves nothing (Observer.ReceiptSeen).
const receiptUnproven = "unproven"

// bounceReader gives the emails that came back their next step.
type bounceReader struct {
	delivery     *delivery
	folder       *notify.BounceFolder
	messageIDsOf func(key string, beforeKeys bool) []string
	aboutUs      map[string]time.Time // by recipient: when a bounce last spoke of us
}

func newBounceReader(d *delivery, b Bounces) *bounceReader {
	return &bounceReader{d, &notify.BounceFolder{Folder: b.Folder, AuthServer: b.AuthServer}, b.MessageIDsOf, map[string]time.Time{}}
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
		read.Failures, read.Others = read.Failures+again.Failures, read.Others+again.Others
		read.Unread, read.Unproven = read.Unread+again.Unread, read.Unproven+again.Unproven
		read.Faults, read.Refused = append(read.Faults, again.Faults...), again.Refused
	}
	if read.Unproven > 0 {
		r.tellUnproven(ctx, now, read.Unproven)
	}
	counts := map[string]int{"bounced": read.Failures, "other": read.Others, "unread": read.Unread, "refused": read.Refused}
	return counts, errors.Join(append(read.Faults, err)...)
}

// tellUnproven tells operations, once a day, that there are bounces that prove nothing.
func (r *bounceReader) tellUnproven(ctx context.Context, now time.Time, many int) {
	day := r.delivery.rules.Calendar.DateOf(now).String()
	r.delivery.alert(ctx, now, "", "bounces-forged/"+day, notify.Alert{Says: notify.AlertBouncesForged, Channel: notify.ByEmail, Waiting: many})
}

// sentEmail is an email that may come back.
type sentEmail struct {
	key        string
	messageID  string
	withoutKey bool // it went before there was a key: anybody can know what it is called
}

// sentEmails are the emails that may come back, by the beginning of what they are
// called: what follows is compared in constant time.
type sentEmails map[string][]sentEmail

const beginning = 8

// find returns the email that goes by one of the names, in whatever case servers on the
// way have put them.
func (s sentEmails) find(messageIDs []string) (sentEmail, bool) {
	for _, id := range messageIDs {
		id = strings.ToLower(id)
		for _, e := range s[id[:min(len(id), beginning)]] {
			if origin.Same(id, e.messageID) {
				return e, true
			}
		}
	}
	return sentEmail{}, false
}

func (r *bounceReader) sentEmails(ctx context.Context, now time.Time) (sentEmails, error) {
	lastWithout, err := r.delivery.store.LastWithoutKey(ctx)
	if err != nil {
		return nil, err
	}
	all := sentEmails{}
	for m, err := range r.delivery.store.SentEmailKeys(ctx, now.Add(-bouncesWithin)) {
		if err != nil {
			return nil, err
		}
		before := m.ID <= lastWithout
		ids := r.messageIDsOf(m.Key, before)
		for i, id := range ids {
			id = strings.ToLower(id)
			at := id[:min(len(id), beginning)]
			all[at] = append(all[at], sentEmail{m.Key, id, before && i == len(ids)-1})
		}
	}
	return all, nil
}

// takeIn returns what takes in each bounce. An error of it keeps a bounce to be read
// again, but for notify.ErrNotOurs and notify.ErrUnproven.
func (r *bounceReader) takeIn(ctx context.Context, now time.Time) func(notify.Bounce) error {
	d := r.delivery
	var sent sentEmails // read once there is a bounce
	return func(b notify.Bounce) (err error) {
		if sent == nil {
			if sent, err = r.sentEmails(ctx, now); err != nil {
				return err
			}
		}
		email, known := sent.find(b.MessageIDs())
		if !known {
			d.observer.ReceiptSeen(pathway.ChannelEmail, receiptUnknown)
			return notify.ErrNotOurs
		}
		m, err := d.store.MessageByKey(ctx, email.key)
		switch {
		case err != nil:
			return err
		case b.Forged || !b.Names(m.Address):
			d.observer.ReceiptSeen(pathway.ChannelEmail, receiptUnproven)
			return notify.ErrUnproven
		case m.State != store.MessageSent:
			d.observer.ReceiptSeen(pathway.ChannelEmail, receiptLate)
			return nil
		}
		d.observer.ReceiptSeen(pathway.ChannelEmail, string(notify.ProgressUndelivered))
		if !email.withoutKey {
			if err := r.noteAboutUs(ctx, now, &m, &b); err != nil {
				return err
			}
		}
		source := fromBounce
		if email.withoutKey {
			source = fromAnybody
		}
		return d.notArrived(ctx, now, &m, &notify.Receipt{Progress: notify.ProgressUndelivered, Fault: b.Fault, Code: b.Status, Reason: b.Reason}, source)
	}
}

// noteAboutUs stops the channel where several recipients' bounces say that it is us
// whom their mail servers refuse.
func (r *bounceReader) noteAboutUs(ctx context.Context, now time.Time, m *store.SentMessage, b *notify.Bounce) error {
	gate := r.delivery.gates[m.Channel]
	if b.Fault != notify.FaultAccount || gate == nil {
		return nil
	}
	r.aboutUs[m.Address] = now
	for address, at := range r.aboutUs {
		if now.Sub(at) > aboutUsFor || at.After(now) {
			delete(r.aboutUs, address)
		}
	}
	if len(r.aboutUs) < aboutUsStops {
		return nil
	}
	return gate.stop(ctx, now, store.ChannelState{Fault: string(b.Fault), Reason: b.Reason, NextProbe: now.Add(aboutUsPause)})
}
