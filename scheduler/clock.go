package scheduler

import (
	"context"
	"time"
)

// Clock tells the time and wakes whoever waits for a later one.
type Clock interface {
	Now() time.Time
	// Timer returns a channel that receives once, at the given instant or, where
	// the clock has reason to look again, before it. stop lets go of it.
	Timer(until time.Time) (wake <-chan time.Time, stop func() bool)
}

// SystemClock is the machine's clock.
type SystemClock struct{}

func (SystemClock) Now() time.Time { return time.Now() }

// longestSleep bounds a timer. Timers run on the monotonic clock, which knows
// nothing of a corrected wall clock, and which stands still while a machine is
// suspended: whoever waits for eight o'clock has to look at the clock again.
const longestSleep = time.Minute

// Timer wakes after a minute at the latest.
func (SystemClock) Timer(until time.Time) (<-chan time.Time, func() bool) {
	t := time.NewTimer(min(time.Until(until), longestSleep))
	return t.C, t.Stop
}

// wait returns at the given instant, or earlier when ctx ends or nudge receives:
// then it reports false for ctx. It may return early; callers look at the clock.
func wait(ctx context.Context, c Clock, until time.Time, nudge <-chan struct{}) bool {
	wake, stop := c.Timer(until)
	defer stop()
	select {
	case <-ctx.Done():
		return false
	case <-wake:
	case <-nudge:
	}
	return ctx.Err() == nil
}

// sleep returns after so long, or reports false where ctx ends before.
func sleep(ctx context.Context, c Clock, length time.Duration) bool {
	until := c.Now().Add(length)
	for c.Now().Before(until) {
		if !wait(ctx, c, until, nil) {
			return false
		}
	}
	return true
}
