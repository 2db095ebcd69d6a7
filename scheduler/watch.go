package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"example.org/doorstep/store"
)

const (
	// clockTolerance is how far this machine's clock may be from the database's, or may
	// leap: whoever works on one database is no further apart than that.
	clockTolerance = store.ClockTolerance
	// clockSettles is how long a clock that has leapt, and that nothing can be compared
	// with, is waited for: what lasts longer is no slip.
	clockSettles = 30 * time.Second
	// clockKnownFor is how long what the database's clock showed is believed, as long as
	// ours goes on evenly.
	clockKnownFor = 10 * time.Second
	// evenly is how far a clock may be put right without anybody asking.
	evenly = 2 * time.Second
)

// watch sees to it that nothing is scanned or sent by a clock that is wrong. On
// PostgreSQL the database's clock is right, and whoever is off it does nothing while
// others go on. On SQLite there is no other clock: one that leaps, against the time that
// has passed, is given a while to come back, and then taken at its word.
type watch struct {
	store *store.Store
	log   *slog.Logger
	// elapsed is the time since some fixed instant, that of a suspended machine
	// included, whatever its clock was set to meanwhile. Nil: nobody watches.
	elapsed func() time.Duration
	read    func() time.Time
	// changed is called when the clock is found wrong, with the time as the database
	// knows it, and when one that has leapt is taken at its word.
	changed func(ctx context.Context, now time.Time, says string)

	mu      sync.Mutex
	begun   bool
	started time.Duration // when the watch, or the word that the clock is taken at, began
	wall    time.Time     // what the clock showed …
	at      time.Duration // … when so much had elapsed
	ahead   time.Duration // how far it was ahead of the database's then
	leapt   time.Duration // how far it has leapt, where it waits for it to settle
	since   time.Duration // since when
	wrong   string        // what is wrong with the clock; empty: nothing

	unanswered error         // what the last question came to; nil: an answer
	askedAt    time.Duration // when that was

	// last is how things stood when anybody last looked, for those who only ask.
	last atomic.Pointer[clockSeen]
}

// clockSeen is a clock as it was seen.
type clockSeen struct {
	wall  time.Time
	at    time.Duration
	ahead time.Duration
	wrong string
}

// CheckClock says where this machine's clock, which read reads, is so far off the
// database's that a daemon here would not scan or send.
func CheckClock(ctx context.Context, s *store.Store, read func() time.Time) error {
	w := &watch{store: s, log: slog.New(slog.DiscardHandler), elapsed: Elapsed, read: read, changed: func(context.Context, time.Time, string) {}}
	if right, err := w.right(ctx, read(), true); err != nil || right {
		return err
	}
	return errors.New(w.says())
}

// right reports whether anything may be done at now, which was read from the clock just
// before. fresh asks the database's clock, where it has one; else what it showed a few
// seconds ago will do.
func (w *watch) right(ctx context.Context, now time.Time, fresh bool) (bool, error) {
	if w == nil || w.elapsed == nil {
		return true, nil
	}
	passed := w.elapsed() // before waiting for others: it belongs to now
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() { w.last.Store(&clockSeen{w.wall, w.at, w.ahead, w.wrong}) }()
	drift := w.drift(now, passed)
	if fresh || !w.begun || passed-w.at > clockKnownFor || drift.Abs() > evenly {
		if w.unanswered != nil && passed-w.askedAt < evenly { // whoever stood in line would wait as long
			return false, w.unanswered
		}
		has, err := w.compare(ctx)
		w.unanswered, w.askedAt = err, w.elapsed()
		if err != nil {
			return false, err
		}
		if !has {
			return w.settled(ctx, now, passed), nil
		}
		drift = w.drift(now, passed)
	}
	if off := w.ahead + drift; off.Abs() > clockTolerance {
		w.note(ctx, now.Add(-off), fmt.Sprintf("this machine's clock is %s the database's: set it right, best by a time service; until then this daemon does not scan or send", apart(off)))
		return false, nil
	}
	w.note(ctx, now, "")
	return true, nil
}

// drift is how far the clock has gone on since it was last compared, more than time has.
func (w *watch) drift(now time.Time, passed time.Duration) time.Duration {
	return now.Round(0).Sub(w.wall) - (passed - w.at)
}

// compare asks the database's clock. It showed its time somewhere between the question
// and the answer: what a slow answer may explain is no difference.
func (w *watch) compare(ctx context.Context) (has bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	at, wall := w.elapsed(), w.read().Round(0)
	theirs, has, err := w.store.Clock(ctx)
	if err != nil || !has {
		return has, err
	}
	took := w.elapsed() - at
	least, most := wall.Sub(theirs), wall.Add(took).Sub(theirs)
	w.begun, w.wall, w.at, w.ahead = true, wall, at, 0
	switch {
	case least > 0:
		w.ahead = least
	case most < 0:
		w.ahead = most
	}
	return true, nil
}

// settled reports whether the clock has gone on evenly, or has stood by its leap.
func (w *watch) settled(ctx context.Context, now time.Time, passed time.Duration) bool {
	if !w.begun {
		w.begun, w.started = true, passed
		w.take(now, passed)
		return true
	}
	drift := w.drift(now, passed)
	if drift.Abs() <= clockTolerance {
		if w.leapt != 0 {
			w.leapt = 0
			w.note(ctx, now, "")
		}
		return true
	}
	if w.leapt == 0 || (drift-w.leapt).Abs() > evenly {
		w.leapt, w.since = drift, passed
		w.note(ctx, now, fmt.Sprintf("this machine's clock has leapt %s: nothing is done for %s, in case it leaps back", leap(drift), clockSettles))
		return false
	}
	if passed-w.since < clockSettles {
		return false
	}
	w.take(now, passed)
	w.leapt, w.started = 0, passed
	w.note(ctx, now, "")
	w.changed(ctx, now, fmt.Sprintf("this machine's clock was set %s, and is taken at its word: see that it is right", leap(drift)))
	return true
}

func (w *watch) take(now time.Time, passed time.Duration) { w.wall, w.at = now.Round(0), passed }

// note says once when something begins to be wrong with the clock, and when it ends.
func (w *watch) note(ctx context.Context, now time.Time, wrong string) {
	switch {
	case wrong != "" && w.wrong == "":
		w.log.Error("the clock is wrong", "reason", wrong)
		if w.leapt == 0 { // else it may leap back
			w.changed(ctx, now, wrong)
		}
	case wrong == "" && w.wrong != "":
		w.log.Info("the clock is right again")
	}
	w.wrong = wrong
}

// steady reports whether the clock can be trusted to know what is yet to come: the
// database says so, or it has gone on evenly for a while.
func (w *watch) steady() bool {
	if w == nil || w.elapsed == nil {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.begun && w.wrong == "" && (w.store.IsServer() || w.elapsed()-w.started >= clockSettles)
}

// says is what is wrong with the clock; empty: nothing is known to be.
func (w *watch) says() string {
	if seen := w.last.Load(); seen != nil {
		return seen.wrong
	}
	return ""
}

// now is the time as far as it is known: the database's, where ours is off.
func (w *watch) now() time.Time {
	now, seen := w.read(), w.last.Load()
	if seen == nil || seen.wall.IsZero() || !w.store.IsServer() {
		return now
	}
	off := seen.ahead + now.Round(0).Sub(seen.wall) - (w.elapsed() - seen.at)
	if off.Abs() <= clockTolerance {
		return now
	}
	return now.Round(0).Add(-off)
}

func apart(off time.Duration) string {
	if off < 0 {
		return (-off).Round(time.Second).String() + " behind"
	}
	return off.Round(time.Second).String() + " ahead of"
}

func leap(by time.Duration) string {
	if by < 0 {
		return "back by " + (-by).Round(time.Second).String()
	}
	return "ahead by " + by.Round(time.Second).String()
}
