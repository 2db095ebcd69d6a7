package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store/storetest"
)

// noting is a process that notes in a folder what it sends.
func (w *world) noting(holder, folder string, log *slog.Logger) *delivery {
	settings := w.settings()
	settings.Notes, settings.Installation, settings.Log = folder, "here", log
	return newDelivery(settings, holder)
}

// until sends by a process until something is true, and then stops it: with no time to
// wait for the database.
func (w *world) until(d *delivery, channel string, s Sender, what string, is func() bool) {
	w.t.Helper()
	clock := &shiftedClock{day: w.clock.Now(), began: time.Now()}
	d.clock = clock
	ctx, stop := context.WithCancel(w.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.keep(ctx, channel, s)
		d.closeNotes()
	}()
	w.await(what, is)
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
}

// urgents queues so many emails to the practitioner, one for each case.
func (w *world) urgents(messages int) {
	for i := range messages {
		w.opens(duty{ref: fmt.Sprint("KN-", i), id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
		w.scans("2026-09-02 10:00") // each by itself, so that each has its message
	}
}

func (w *world) unsent() int {
	return len(w.lines(`SELECT 1 FROM messages WHERE channel = 'email' AND state <> 'sent'`))
}

// TestWhatAnEarlierProcessKnewToBeSentDoesNotGoAgain: the database took no outcome for as
// long as it lived.
func TestWhatAnEarlierProcessKnewToBeSentDoesNotGoAgain(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		const messages = 40
		w.urgents(messages)
		folder := filepath.Join(t.TempDir(), "sent")
		var p post
		off := w.refusesOutcomes()
		w.until(w.noting("a", folder, slog.New(slog.DiscardHandler)), notify.ByEmail, Sender{Channel: &p, Connections: 2}, "some to go", func() bool { return len(p.letters()) > 0 })
		went := len(p.letters())
		if went == 0 || went == messages {
			t.Fatalf("%d of %d went while none could be recorded: there is nothing to see", went, messages)
		}
		off()
		w.clock.jump(w.clock.Now().Add(time.Hour)) // all claims have run out
		w.until(w.noting("b", folder, slog.New(slog.DiscardHandler)), notify.ByEmail, Sender{Channel: &p, Connections: 2}, "everything to be sent", func() bool { return w.unsent() == 0 })
		if n := len(p.letters()); n != messages {
			t.Errorf("%d messages went, %d of them by the first process, want each of the %d once", n, went, messages)
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
			t.Errorf("%d notes are left (error %v), want none: the database knows everything", len(left), err)
		}
	})
}

// TestTextKeepsItsNameAtTheProviderOverTheEndOfAProcess: its receipt is asked for.
func TestTextKeepsItsNameAtTheProviderOverTheEndOfAProcess(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.do(`UPDATE people SET channel = 'sms', mobile = '+447700900101' WHERE id = 'W1'`)
	w.urgents(1)
	folder := t.TempDir()
	p := post{answer: func(notify.Message) notify.Outcome {
		return notify.Outcome{State: notify.Sent, ProviderID: "SM1", Tracked: true}
	}}
	off := w.refusesOutcomes()
	w.until(w.noting("a", folder, slog.New(slog.DiscardHandler)), notify.BySMS, Sender{Channel: &p}, "the text to go", func() bool { return len(p.letters()) == 1 })
	off()
	if _, err := w.noting("b", folder, slog.New(slog.DiscardHandler)).claim(t.Context(), w.clock.Now(), notify.BySMS, 10); err != nil {
		t.Fatal(err)
	}
	w.wants("the ledger", w.lines(`SELECT state, provider_id, CASE WHEN poll_at > sent_at THEN 'asked for later' ELSE 'never asked for' END FROM messages WHERE channel = 'sms'`),
		"sent SM1 asked for later")
}

// TestWhereNothingCanBeNotedSendingGoesOn, and says so once.
func TestWhereNothingCanBeNotedSendingGoesOn(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	const messages = 20
	w.urgents(messages)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var p post
	var log lines
	w.until(w.noting("a", file, slog.New(slog.NewTextHandler(&log, nil))), notify.ByEmail, Sender{Channel: &p, Connections: 2}, "everything to be sent", func() bool { return w.unsent() == 0 })
	if n := len(p.letters()); n != messages {
		t.Errorf("%d messages went, want each of the %d once", n, messages)
	}
	if n := log.with("cannot be noted"); n != 1 {
		t.Errorf("that nothing can be noted was said %d times, want once", n)
	}
}

// lines are what was logged.
type lines struct {
	mu   sync.Mutex
	said []string
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, string(line))
	return len(line), nil
}

func (l *lines) with(words string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.said {
		if strings.Contains(line, words) {
			n++
		}
	}
	return n
}
