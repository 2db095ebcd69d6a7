package scheduler

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"example.org/doorstep/store/storetest"
)

// watched is a machine whose clock can be set, and on which time passes.
type watched struct {
	*watch
	t       *testing.T
	ahead   time.Duration // how far its clock is ahead of what time it is
	passed  time.Duration
	changes []string
}

func (w *world) watched(t *testing.T) *watched {
	began := time.Now()
	m := &watched{t: t}
	m.watch = &watch{store: w.store, log: slog.New(slog.DiscardHandler), elapsed: func() time.Duration { return m.passed },
		read:    func() time.Time { return began.Add(m.passed + m.ahead).Round(0) },
		changed: func(_ context.Context, _ time.Time, says string) { m.changes = append(m.changes, says) }}
	return m
}

// may asks whether anything may be done after so long.
func (m *watched) may(after time.Duration, fresh, want bool, what string) {
	m.t.Helper()
	m.passed += after
	right, err := m.right(m.t.Context(), m.read(), fresh)
	if err != nil || right != want {
		m.t.Errorf("%s: may work %v (%v; %q), want %v", what, right, err, m.says(), want)
	}
}

func TestAClockThatLeapsIsWaitedFor(t *testing.T) {
	m := newWorld(t, storetest.MigratedSQLiteURL(t)).watched(t)
	m.may(0, true, true, "at first")
	m.may(8*time.Hour, false, true, "after a night in suspend")
	m.ahead = time.Hour
	m.may(time.Second, false, false, "when it has leapt")
	m.may(6*time.Second, false, false, "six seconds later")
	m.ahead = 0
	m.may(time.Second, false, true, "when it has leapt back")
	if len(m.changes) != 0 {
		t.Errorf("operations are told %q of a slip, want nothing", m.changes)
	}
	m.ahead = -time.Hour
	m.may(time.Second, false, false, "when it has leapt the other way")
	m.may(clockSettles, false, true, "when it stands by that")
	if len(m.changes) != 1 || m.says() != "" {
		t.Errorf("operations are told %q and /readyz %q, want one word that it was set, and nothing", m.changes, m.says())
	}
	m.ahead += 30 * time.Second
	m.may(time.Second, false, true, "when it is put right by half a minute")
}

// TestADaemonOffTheDatabasesClockDoesNothing: on PostgreSQL the database's clock counts,
// also for one that was wrong from the start.
func TestADaemonOffTheDatabasesClockDoesNothing(t *testing.T) {
	w := newWorld(t, storetest.MigratedPostgresURL(t))
	m := w.watched(t)
	m.ahead = 24 * time.Hour
	m.may(0, true, false, "a day ahead from the start")
	if off := time.Until(m.now()); off.Abs() > time.Minute {
		t.Errorf("the time is taken to be %v off, want the database's", off)
	}
	m.ahead = 0
	m.may(0, false, true, "when it is put right")
	m.ahead = -2 * time.Minute
	m.may(0, false, false, "two minutes behind")
	m.ahead = 30 * time.Second
	m.may(0, false, true, "half a minute ahead")
	if len(m.changes) != 2 {
		t.Errorf("operations are told %q, want once for each time that it went wrong", m.changes)
	}
}
