package scheduler

import (
	"time"

	"example.org/doorstep/notify"
)

// step is what comes next for a message that did not arrive.
type step string

const (
	tryLater      step = "try later"
	passOn        step = "pass on"              // to the person's other channel, whoever covers, the next role up
	passOnDisable step = "pass on, address off" // and the address is not used again until somebody edits it
	stopChannel   step = "stop the channel"     // the message waits: nothing is wrong with it
	pauseChannel  step = "pause the channel"    // too many messages: all of the channel wait a moment
	nothingMore   step = "nothing more"         // it is of no use any more
)

// setback is a failed attempt, or a receipt that says that a message did not
// arrive.
type setback struct {
	Fault      notify.Fault
	Permanent  bool          // the channel itself sees no point in trying again
	RetryAfter time.Duration // at least so long
	Tries      int           // earlier attempts
	Urgent     bool
	// Again says that the account was what failed the last time too, although other
	// messages have gone since: it is the message after all.
	Again bool
	// Email says that one of several mail servers may have said so: the message may go
	// by another.
	Email bool
	// Ambiguous says that it may have been taken, and that nobody can be asked: each
	// time it is sent again it may arrive once more.
	Ambiguous   bool
	Created     time.Time
	UsefulUntil time.Time // zero: always
}

// verdict is what a setback leads to.
type verdict struct {
	next step
	// at is when to try again (tryLater), or until when the channel pauses.
	at time.Time
	// move says that it goes to the person's other channel first, where that has
	// not said it yet: what is urgent does not wait for a second chance twice.
	move bool
	// asWell says that the person's other channel says it as well, where it has not.
	asWell bool
	// tell says that operations are told: somebody has to look at what was refused.
	tell bool
}

const (
	firstTryAgain = 30 * time.Second
	lastTryAgain  = 30 * time.Minute
	// giveUpAfter bounds the tries of what stays useful for ever.
	giveUpAfter = 72 * time.Hour
	// longestAsked bounds what a provider may ask for: a day's limit begins anew the next
	// day.
	longestAsked = 24 * time.Hour
	// longPause is what turns a pause into a stop: urgent messages must not wait
	// so long.
	longPause = time.Minute
	// unclearTries is how often what nobody explains is tried again.
	unclearTries = 2
	// refusedAgain is when what is refused for an unknown reason is tried once more: by
	// then others may have been refused alike, and the channel is stopped.
	refusedAgain = time.Minute
)

// maybeSentFor is how long what may have arrived is left alone, try by try.
var maybeSentFor = []time.Duration{5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour}

// greylistedFor is how long a server that does not know us yet is left alone, try by
// try, as a mail server does it.
var greylistedFor = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

// unreachableFor is how long a handset that is off is left alone, try by try.
var unreachableFor = []time.Duration{10 * time.Minute, 30 * time.Minute, time.Hour}

// judge decides what a setback leads to. It is a pure function; jitter is from 0
// up to 1.
func judge(s setback, now time.Time, jitter float64) verdict {
	if !s.UsefulUntil.IsZero() && !now.Before(s.UsefulUntil) {
		return verdict{next: nothingMore}
	}
	if s.Again && s.Fault == notify.FaultAccount && s.Email {
		v := s.again(now, lastTryAgain)
		v.move, v.asWell, v.tell = false, s.Urgent, true
		return v
	}
	if s.Again && s.Fault == notify.FaultAccount {
		s.Fault, s.Permanent = notify.FaultContent, true
	}
	switch s.Fault {
	case notify.FaultAddress, notify.FaultOptedOut:
		return verdict{next: passOnDisable}
	case notify.FaultExpired:
		return verdict{next: passOn}
	case notify.FaultContent:
		return verdict{next: passOn, tell: true}
	case notify.FaultAccount:
		return verdict{next: stopChannel}
	case notify.FaultBusy:
		if s.RetryAfter > longPause {
			return verdict{next: stopChannel, at: now.Add(min(s.RetryAfter, longestAsked))}
		}
		return verdict{next: pauseChannel, at: now.Add(max(s.RetryAfter, time.Second))}
	case notify.FaultUnreachable:
		if s.Tries >= len(unreachableFor) {
			return verdict{next: passOn}
		}
		v := s.again(now, unreachableFor[s.Tries])
		v.move, v.asWell = false, s.Urgent // what is urgent cannot wait until the phone is on again
		return v
	case notify.FaultGreylisted:
		if s.Tries >= len(greylistedFor) {
			return verdict{next: passOn}
		}
		v := s.again(now, greylistedFor[s.Tries])
		v.move, v.asWell = false, s.Urgent && s.Tries > 0
		return v
	case notify.FaultRefused:
		if s.Tries > 0 {
			return verdict{next: passOn, tell: true}
		}
		v := s.again(now, refusedAgain)
		v.asWell = s.Urgent
		return v
	case notify.FaultUnclear:
		// A mail server that only asks for another try gets it, as from a mail server.
		if s.Tries >= unclearTries && (s.Permanent || !s.Email) {
			return verdict{next: passOn}
		}
	}
	if s.Permanent {
		return verdict{next: passOn, tell: s.Fault == ""}
	}
	if s.Ambiguous {
		v := s.again(now, maybeSentFor[min(s.Tries, len(maybeSentFor)-1)])
		v.move, v.asWell = false, s.Urgent
		return v
	}
	return s.again(now, backoff(s.Tries, jitter))
}

// again tries again after a while, unless the message would be of no use by then:
// then it is passed on while it is.
func (s *setback) again(now time.Time, wait time.Duration) verdict {
	at := now.Add(max(wait, min(s.RetryAfter, longestBackoff(string(s.Fault)))))
	if !s.UsefulUntil.IsZero() && !at.Before(s.UsefulUntil) || at.Sub(s.Created) > giveUpAfter {
		return verdict{next: passOn}
	}
	return verdict{next: tryLater, at: at, move: s.Urgent && s.Tries > 0}
}

// backoff returns how long to wait after so many earlier tries: half of the time
// for certain, the other half by jitter, so that the messages of an outage do not
// all come back in the same second.
func backoff(tries int, jitter float64) time.Duration {
	whole := min(firstTryAgain<<min(tries, 10), lastTryAgain)
	return whole/2 + time.Duration(jitter*float64(whole/2))
}
