package scheduler

import (
	"context"
	"fmt"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store/storetest"
)

// refusesOutcomes has the database take no outcome of a message that went, for a
// reason that does not pass by itself, until it is called off.
func (w *world) refusesOutcomes() (off func()) {
	w.t.Helper()
	if w.onSQLite() {
		w.do(`CREATE TRIGGER refuses BEFORE UPDATE ON messages WHEN NEW.state = 'sent' BEGIN SELECT RAISE(ABORT, 'no'); END`)
		return func() { w.do(`DROP TRIGGER refuses`) }
	}
	w.do(`CREATE FUNCTION refuses() RETURNS trigger AS $$ BEGIN RAISE disk_full; END $$ LANGUAGE plpgsql`)
	w.do(`CREATE TRIGGER refuses BEFORE UPDATE ON messages FOR EACH ROW WHEN (NEW.state = 'sent') EXECUTE FUNCTION refuses()`)
	return func() { w.do(`DROP TRIGGER refuses ON messages`) }
}

// TestWhatWasSentIsKeptUntilTheDatabaseTakesIt: sending stops at the first outcome that
// cannot be recorded, and what went does not go again, however long that lasts.
func TestWhatWasSentIsKeptUntilTheDatabaseTakesIt(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		const messages, connections = 40, 2
		clock := &shiftedClock{day: at(t, "2026-09-02 10:00"), began: time.Now()}
		for i := range messages {
			w.opens(duty{ref: fmt.Sprint("KN-", i), id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
			w.scans("2026-09-02 10:00") // each by itself, so that each has its message
		}
		off := w.refusesOutcomes()
		var p post
		d := w.sender("a")
		d.clock = clock
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			d.keep(ctx, notify.ByEmail, Sender{Channel: &p, Connections: connections})
		}()
		w.await("all that went to be kept", func() bool {
			d.kept.mu.Lock()
			defer d.kept.mu.Unlock()
			return d.kept.now > 0 && d.kept.now == len(p.letters())
		})
		if n := len(p.letters()); n > connections*sendersForPlace {
			t.Errorf("%d messages went although none could be recorded, want at most what was under way, %d", n, connections*sendersForPlace)
		}
		clock.shift(2 * claimFor) // their claims have run out
		off()
		w.await("everything to go", func() bool {
			return len(w.lines(`SELECT 1 FROM messages WHERE channel = 'email' AND state <> 'sent'`)) == 0
		})
		stop()
		<-ended
		if n := len(p.letters()); n != messages {
			t.Errorf("%d messages went, want each of the %d once", n, messages)
		}
	})
}

// await looks again and again until something is true.
func (w *world) await(what string, is func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			w.t.Fatalf("waited in vain for %s", what)
		case <-again.C:
		}
	}
}

// TestStoppingGivesUpOnWhatTheDatabaseDoesNotTake, when there is no more time.
func TestStoppingGivesUpOnWhatTheDatabaseDoesNotTake(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
	w.scans("2026-09-02 10:00")
	w.refusesOutcomes()
	clock := &shiftedClock{day: at(t, "2026-09-02 10:00"), began: time.Now()}
	var p post
	d := w.sender("a")
	d.clock = clock
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.keep(ctx, notify.ByEmail, Sender{Channel: &p})
	}()
	w.await("the message to go", func() bool { return len(p.letters()) == 1 })
	stop()
	w.await("the end", func() bool {
		clock.shift(time.Second)
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
	w.wants("the ledger", w.ledger(), "W1 sending ")
}
