package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// pollAfter is how long after a message went, and then after each answer that
// was not the last, its provider is asked what became of it. After the last of
// them nobody asks any more: the message stays "sent".
var pollAfter = []time.Duration{
	10 * time.Second, 20 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
	30 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour,
}

const (
	pollEvery  = 5 * time.Second
	pollPause  = 100 * time.Millisecond // between questions where there are more to ask
	pollAtOnce = 100                    // messages in one question
	// askProviderFor is how long one round of questions may take.
	askProviderFor = 2 * time.Minute
	// callbackGrace is how long a provider that tells by itself is given before it
	// is asked: callbacks get lost.
	callbackGrace = 10 * time.Minute
)

// track asks a channel's provider what became of the messages it took, until ctx
// ends.
func (d *delivery) track(ctx context.Context, name string, s Sender) {
	tracker, ok := s.Channel.(notify.Tracker)
	if !ok {
		return
	}
	for {
		now := d.clock.Now()
		n := 0
		right, err := d.watch.right(ctx, now, false)
		if right {
			n, err = d.poll(ctx, now, name, tracker)
		}
		if err != nil && ctx.Err() == nil {
			d.log.Warn("cannot ask what became of messages: it is asked again soon", "channel", name, "error", err)
		}
		pause := pollEvery
		if err == nil && n == pollAtOnce {
			pause = pollPause
		}
		if !sleep(ctx, d.clock, pause) {
			return
		}
	}
}

// poll asks for the receipts that are due, and returns how many it asked for.
func (d *delivery) poll(ctx context.Context, now time.Time, name string, tracker notify.Tracker) (int, error) {
	messages, err := d.store.MessagesToPoll(ctx, now, name, pollAtOnce)
	if err != nil || len(messages) == 0 {
		return 0, err
	}
	ids := make([]string, len(messages))
	for i := range messages {
		ids[i] = messages[i].ProviderID
	}
	asking, done := context.WithTimeout(ctx, askProviderFor)
	defer done()
	receipts, problem := tracker.Receipts(asking, ids)
	err = d.takeReceipts(ctx, now, name, receipts)
	// Those of which the provider knows nothing are asked for again, later each time,
	// and those that it was not asked for count no question; of the others takeReceipts
	// has said when.
	told := map[string]bool{}
	for i := range receipts {
		told[receipts[i].ProviderID] = true
	}
	var again []store.Progressed
	for i := range messages {
		if m := &messages[i]; err != nil || !told[m.ProviderID] {
			p := store.Progressed{Message: m.ID, ProviderID: m.ProviderID, Progress: m.Progress, PollAt: d.nextPoll(now, name, m.Polls+1)}
			if problem != nil {
				p.Unasked, p.PollAt = true, d.nextPoll(now, name, m.Polls)
			}
			again = append(again, p)
		}
	}
	return len(messages), errors.Join(problem, err, d.store.RecordProgress(ctx, now, again))
}

// nextPoll is when a channel's provider is asked after so many earlier questions;
// zero: never again. One that tells by itself is given time to.
func (d *delivery) nextPoll(now time.Time, channel string, polls int) time.Time {
	if polls >= len(pollAfter) {
		return time.Time{}
	}
	after := pollAfter[polls]
	if d.callsBack[channel] {
		after = max(after, callbackGrace)
	}
	return now.Add(after)
}

// What became of receipts (Observer.ReceiptSeen).
const (
	receiptUnknown = "unknown" // for a message that nobody here sent
	receiptLate    = "late"    // for one that has come further, or to its end
)

// takeReceipts takes in what a provider says, in any order and as often as it
// likes: a message only ever moves forwards. One that did not arrive gets its
// next step. An error means that the receipts should be told again; one that cannot be
// taken in holds up no other.
func (d *delivery) takeReceipts(ctx context.Context, now time.Time, name string, receipts []notify.Receipt) error {
	if len(receipts) == 0 {
		return nil
	}
	ids := make([]string, len(receipts))
	for i := range receipts {
		ids[i] = receipts[i].ProviderID
	}
	messages, err := d.store.MessagesByProviderID(ctx, name, ids)
	if err != nil {
		return err
	}
	var forward []store.Progressed
	var faults []error
	for i := range receipts {
		r := &receipts[i]
		m, known := messages[r.ProviderID]
		err := safely(d.log, "taking in a receipt", func() error {
			moves, err := d.takeReceipt(ctx, now, name, r, &m, known)
			forward = append(forward, moves...)
			return err
		})
		if err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(append(faults, d.store.RecordProgress(ctx, now, forward))...)
}

// takeReceipt takes in one receipt, and returns how its message moves forwards.
func (d *delivery) takeReceipt(ctx context.Context, now time.Time, name string, r *notify.Receipt, m *store.SentMessage, known bool) ([]store.Progressed, error) {
	progress := string(r.Progress)
	var moves []store.Progressed
	switch {
	case !known:
		progress = receiptUnknown
	case m.State != store.MessageSent:
		progress = receiptLate
	case r.Progress == notify.ProgressUndelivered || r.Progress == notify.ProgressFailed:
		if err := d.notArrived(ctx, now, m, r, fromProvider); err != nil {
			return nil, err
		}
	default:
		p := store.Progressed{Message: m.ID, ProviderID: r.ProviderID, Progress: progress, At: r.At}
		if !r.Progress.Final() {
			p.PollAt = d.nextPoll(now, name, m.Polls+1)
		}
		moves = append(moves, p)
		if r.Progress == notify.ProgressDelivered {
			if err := d.tellDelivered(ctx, now, m); err != nil {
				return nil, err
			}
			d.arrived(m.ClaimedMessage, now)
		}
	}
	if progress != "" { // else it was asked about in vain
		d.observer.ReceiptSeen(name, progress)
	}
	return moves, nil
}

// tellDelivered tells that a message arrived, where somebody listens.
func (d *delivery) tellDelivered(ctx context.Context, now time.Time, m *store.SentMessage) error {
	if d.happened == nil {
		return nil
	}
	reminders, err := d.store.MessageReminders(ctx, []int64{m.ID})
	d.tellHappened(happening{at: now, message: &m.ClaimedMessage, reminders: reminders[m.ID], what: happenedDelivered})
	return err
}

// source is who says that a message did not arrive.
type source int

const (
	fromProvider source = iota // in answer to us, or signed
	fromBounce                 // an email that names what only its recipient and the servers on its way know
	fromAnybody                // an email that anybody could have written
)

// notArrived gives a message that its provider took and that did not arrive its
// next step. What an email says switches no address off by itself: two of them have to
// say so, on different days, of different messages.
func (d *delivery) notArrived(ctx context.Context, now time.Time, m *store.SentMessage, r *notify.Receipt, from source) error {
	s := setback{
		Fault: r.Fault, RetryAfter: r.RetryAfter, Tries: max(0, m.Tries-1), Urgent: d.rules.Urgent(m.Severity),
		Created: m.Created, UsefulUntil: m.UsefulUntil,
	}
	officeHours := false
	later := happening{at: now, message: &m.ClaimedMessage, what: happenedLater, reason: r.Reason, taken: true}
	if notify.Kind(m.Kind) == notify.KindReminder {
		reminders, err := d.store.MessageReminders(ctx, []int64{m.ID})
		if err != nil {
			return err
		}
		if s.UsefulUntil = usefulUntil(reminders[m.ID], now); nothingToSay(reminders[m.ID], now) {
			s.UsefulUntil = now // its duties are met, or later rungs say what is true now
		}
		officeHours = !s.Urgent
		later.reminders = reminders[m.ID]
	}
	f := notify.Outcome{Fault: r.Fault, Code: r.Code, Reason: r.Reason}
	v := judge(s, now, d.jitter())
	if v.next == stopChannel { // nothing is wrong with the message
		v = s.again(now, backoff(s.Tries, d.jitter()))
		v.move, v.tell = s.Urgent, f.Fault == notify.FaultAccount
	}
	if m.Channel == pathway.ChannelEmail && v.next == passOn && f.Fault == notify.FaultUnclear {
		v.tell = true // a bounce without a reason: somebody has to look at it
	}
	if v.tell {
		d.tellRefused(ctx, now, m.Channel, f)
	}
	switch v.next {
	case tryLater, pauseChannel:
		later.next = v.at
		if officeHours {
			later.next = d.rules.Calendar.NextOffice(v.at)
		}
		if v.move || v.asWell {
			g := failed(m.ID, f)
			g.ProviderID = m.ProviderID
			moved, err := d.giveUp(ctx, now, g, passing{ownOnly: true, asWell: v.asWell})
			if err != nil || moved {
				return err
			}
		}
		taken, err := d.store.TryAgain(ctx, now, m.ID, m.ProviderID, store.Outcome{
			Message: m.ID, State: store.MessageFailedTemporarily, Reason: f.Reason, Fault: string(f.Fault), Code: f.Code, NextTry: later.next})
		if taken {
			d.tellHappened(later)
		}
		return err
	}
	g := failed(m.ID, f)
	g.ProviderID = m.ProviderID
	if v.next == passOnDisable {
		g.Disable = from == fromProvider
		if from == fromBounce {
			g.BouncedOn = d.rules.Calendar.DateOf(now).String()
		}
	}
	given, err := d.giveUp(ctx, now, g, passing{})
	if err != nil {
		return fmt.Errorf("message %s: %w", m.Key, err)
	}
	d.forgetDisabled(g.Disable || g.BouncedOn != "")
	if given {
		d.observer.MessageEnded(m.Channel, store.MessageFailed)
		d.log.Warn("a message did not arrive", "message", m.Key, "channel", m.Channel, "reason", f.Reason)
	}
	return nil
}

// callback is what a provider told by itself of the messages of a channel.
type callback struct {
	channel  string
	receipts []notify.Receipt
}

// takeCallbacks takes in what providers told at the same moment, each channel in one
// go. Where that fails each is taken in by itself, and only what fails then is told
// again.
func (d *delivery) takeCallbacks(ctx context.Context, all []callback) ([]error, error) {
	byChannel := map[string][]notify.Receipt{}
	for _, t := range all {
		byChannel[t.channel] = append(byChannel[t.channel], t.receipts...)
	}
	failed := make([]error, len(all))
	for channel, receipts := range byChannel {
		err := d.takeReceipts(ctx, d.clock.Now(), channel, receipts)
		for i, t := range all {
			if err != nil && t.channel == channel && failed[i] == nil {
				failed[i] = err
				if len(all) > 1 && !store.IsTemporary(err) {
					failed[i] = d.takeReceipts(ctx, d.clock.Now(), channel, t.receipts)
				}
			}
		}
	}
	return failed, nil
}

// arrivedUntracked notes that a message went by a channel that gives no receipts:
// that is as much as there is to know.
func (d *delivery) arrivedUntracked(m claimed, o store.Outcome, now time.Time) {
	if o.PollAt.IsZero() {
		d.arrived(m.ClaimedMessage, now)
	}
}

// arrived notes that a message arrived.
func (d *delivery) arrived(m store.ClaimedMessage, now time.Time) {
	if notify.Kind(m.Kind) == notify.KindTest && d.operations != nil && m.Person == d.operations.ID {
		d.observer.ProbeArrived(m.Channel, now)
	}
}

// nothingToSay reports whether none of the reminders has anything left to say.
func nothingToSay(reminders []store.MessageReminder, now time.Time) bool {
	for i := range reminders {
		if outdated(&reminders[i], now) == pathway.Sent {
			return false
		}
	}
	return len(reminders) > 0
}
