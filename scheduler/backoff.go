package scheduler

import (
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store"
)

const (
	firstTryAgain = 30 * time.Second
	lastTryAgain  = 30 * time.Minute
	// giveUpAfter bounds the tries of what stays useful for ever: who has not got
	// it after three days gets the next rung, and the digest shows it.
	giveUpAfter = 72 * time.Hour
)

// again returns when a message that failed temporarily is tried again: after
// twice as long each time, with jitter so that the messages of an outage do not
// all come back in the same second, and never once it is of no use any more.
func (d *delivery) again(now time.Time, m claimed, checked checked, sent notify.Outcome) store.Outcome {
	outcome := store.Outcome{Message: m.ID, State: store.MessageFailedTemporarily, Reason: sent.Reason}
	outcome.NextTry = now.Add(max(backoff(m.Tries, d.jitter()), sent.RetryAfter))
	if checked.officeHours {
		outcome.NextTry = d.rules.Calendar.NextOffice(outcome.NextTry)
	}
	if !checked.usefulUntil.IsZero() && !outcome.NextTry.Before(checked.usefulUntil) ||
		outcome.NextTry.Sub(m.Created) > giveUpAfter {
		outcome.State = store.MessageFailed
	}
	return outcome
}

// backoff returns how long to wait after so many earlier tries: half of the time
// for certain, the other half by jitter, from 0 up to 1.
func backoff(tries int, jitter float64) time.Duration {
	whole := min(firstTryAgain<<min(tries, 10), lastTryAgain)
	return whole/2 + time.Duration(jitter*float64(whole/2))
}
