package scheduler

import (
	"context"
	"sync"
	"time"

	"example.org/doorstep/scheduler/journal"
	"example.org/doorstep/store"
)

const (
	// gatherNoted is gatherFor where what was sent is noted on this machine: nothing is
	// lost with the process, and the database is asked less often.
	gatherNoted = 20 * time.Millisecond
	// slowNoted is slowWrite there: other machines' daemons have time enough before they
	// may claim what was sent.
	slowNoted = time.Second
	// unrecordedForPlace is how many that are noted may be on their way to the database
	// for each that is being sent.
	unrecordedForPlace = 16
)

// notes are kept on this machine of what was sent, until the database knows it.
type notes struct {
	journal *journal.Journal // nil: there are none
	mu      sync.Mutex
	told    bool // that they cannot be kept
}

// kept reports whether what is sent now will be noted, as far as is known.
func (n *notes) kept() bool { return n.journal != nil && n.journal.Err() == nil }

// gather is how long outcomes are gathered on their way to the database.
func (n *notes) gather() time.Duration {
	if n.kept() {
		return gatherNoted
	}
	return gatherFor
}

// mayGoOn waits until the outcomes of what was sent go to the database. False: ctx has
// ended.
func (d *delivery) mayGoOn(ctx context.Context) bool {
	limit := slowWrite
	if d.notes.kept() {
		limit = slowNoted
	}
	return d.kept.none(ctx, limit)
}

// noteSent notes that a message was taken, before anything else is done: the end of the
// process loses nothing then. False: it is not noted, and has to be recorded at once.
func (c *carrier) noteSent(m claimed, o store.Outcome, now time.Time) bool {
	if c.notes.journal == nil || !c.keeps {
		return false
	}
	err := c.notes.journal.Note(journal.Sent{Message: m.ID, Tries: m.Tries, At: now, ProviderID: o.ProviderID, PollAt: o.PollAt})
	c.notes.mu.Lock()
	defer c.notes.mu.Unlock()
	switch {
	case err != nil && !c.notes.told:
		c.log.Warn("what is sent cannot be noted on this machine: what is under way when the process is killed may go twice", "error", err)
	case err == nil && c.notes.told:
		c.log.Info("what is sent is noted on this machine again")
	}
	c.notes.told = err != nil
	return err == nil
}

// takeUpNotes records what processes of this machine have sent and not recorded before
// they ended. It is called before anything is claimed: what they had claimed may be
// claimed again by now.
func (d *delivery) takeUpNotes(ctx context.Context) error {
	if d.notes.journal == nil {
		return nil
	}
	err := d.notes.journal.TakeUp(func(holder string, sent []journal.Sent) error {
		left := make([]store.LeftSent, len(sent))
		for i, s := range sent {
			left[i] = store.LeftSent(s)
		}
		recorded, err := d.store.RecordLeft(ctx, holder, left)
		if recorded > 0 {
			d.log.Info("an earlier process had sent messages and not recorded it: they do not go again", "messages", recorded)
		}
		return err
	}, d.cannotTakeUp)
	d.notes.journal.Ready()
	if err != nil && !store.IsTemporary(err) && ctx.Err() == nil {
		d.cannotTakeUp(err) // and do not wait with all others
		return nil
	}
	return err
}

func (d *delivery) cannotTakeUp(err error) {
	d.log.Error("what an earlier process has sent may go again, under the same Message-ID", "error", err)
}

// endNoted is end for a message that was noted: it is recorded while more is sent, and
// finish is called when that is done.
func (c *carrier) endNoted(m claimed, o store.Outcome, finish func()) {
	c.unrecorded <- struct{}{}
	c.recorders.Go(func() {
		defer func() { <-c.unrecorded }()
		defer finish()
		if c.end(m, o) {
			c.notes.journal.Recorded(m.ID)
		}
	})
}

// closeNotes removes this process's notes, but for those of what the database does not
// know: who starts next records them.
func (d *delivery) closeNotes() {
	if d.notes.journal == nil {
		return
	}
	if err := d.notes.journal.Close(); err != nil {
		d.log.Warn("cannot close the notes of what was sent", "error", err)
	}
}
