package store

import (
	"context"
	"time"
)

// LockWait says how somebody waits for another program that writes to a SQLite database.
// Its zero value is to wait as the database's address says, and else for ten seconds:
// whoever waits for a page does not wait for longer.
type LockWait struct {
	AtMost time.Duration // where the address does not say; 0: ten seconds
	Tell   func()        // called, once, where it takes longer than a second; nil: nobody is told
}

// LongWait is how long a command waits for the write lock: a large file that comes in
// holds it for minutes.
const LongWait = 15 * time.Minute

const (
	// tellWaitAfter is how long it takes until somebody is told that they wait.
	tellWaitAfter = time.Second
	// giveWayAfter is how long this process's writers hold the lock one after the other
	// until they give way to those of other processes for a moment: these look every
	// 100 ms whether it is free.
	giveWayAfter = 3 * time.Second
	giveWayFor   = 110 * time.Millisecond
)

// waits is called by those who begin to wait for the write lock, and what it returns once
// they have it.
func (s *Store) waits() (has func()) {
	stop := func() bool { return true }
	if s.turn != nil && s.wait.Tell != nil {
		stop = time.AfterFunc(tellWaitAfter, func() { s.told.Do(s.wait.Tell) }).Stop
	}
	return func() {
		stop()
		if s.turn != nil {
			s.pace.has = time.Now()
		}
	}
}

// pace is how long the write lock was held without a moment in which others could have
// it. It belongs to whoever has the turn.
type pace struct {
	since time.Time     // when that began; zero: it was free just now
	held  time.Duration // for how long the lock was held since
	has   time.Time     // when it was taken last
}

// giveWay is called once a write transaction has ended, by whoever still has the turn.
// After a while in which the lock was hardly ever free it leaves it to other processes for
// a moment.
func (p *pace) giveWay(ctx context.Context) {
	now := time.Now()
	p.held += now.Sub(p.has)
	switch {
	case p.since.IsZero() || p.held < now.Sub(p.since)*9/10:
		p.since, p.held = now, 0
	case now.Sub(p.since) >= giveWayAfter:
		select {
		case <-ctx.Done():
		case <-time.After(giveWayFor):
		}
		p.since = time.Time{}
	}
}
