package scheduler

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// amender takes back what a clock that was wrong has left in the database: instants that
// lie further ahead than they can, which would stop everything until they come.
type amender struct {
	store    *store.Store
	rules    *pathway.Rules
	watch    *watch
	claimFor time.Duration
	log      *slog.Logger
	tell     func(ctx context.Context, now time.Time, key string, alert notify.Alert)
	after    func() // something has changed that senders wait for

	mu     sync.Mutex
	looked time.Time // when all was last looked at
}

// amendEvery is how often everything is looked at while nothing seems wrong.
const amendEvery = 15 * time.Second

// amend looks, now and then or where something is known to be wrong at once, and makes
// good what it finds. It says so once: what is made good is not found again.
func (a *amender) amend(ctx context.Context, now time.Time, atOnce bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if since := now.Sub(a.looked); !atOnce && since >= 0 && since < amendEvery {
		return nil
	}
	back, err := a.store.TakeBack(ctx, now, a.furthest(now))
	if err != nil {
		return err
	}
	a.looked = now
	if back.Count() > 0 {
		attributes := []any{"ahead_by", back.Latest.Sub(now).Round(time.Second)}
		for what, n := range back.Instants {
			attributes = append(attributes, what, n)
		}
		a.log.Error("what is stored lay ahead of now: a clock was wrong; it is taken as now", attributes...)
		a.tell(ctx, now, "clock-ahead/"+now.UTC().Format("2006-01-02T15"), notify.Alert{Says: notify.AlertClockWasWrong, Since: now, Reason: "what was stored lay ahead of now, by up to " + back.Latest.Sub(now).Round(time.Second).String()})
		a.after()
	}
	if !a.watch.steady() {
		return nil
	}
	ran, err := a.store.RanAhead(ctx, now)
	if err != nil || !ran {
		return err
	}
	changed, err := a.store.Unsay(ctx, now)
	if err != nil {
		return err
	}
	a.log.Error("what was written ahead of now counts for nothing: it is said again when its time has come",
		"reminders", changed["reminders"], "messages", changed["messages"], "duties", changed["duties"])
	a.after()
	return nil
}

// furthest is how far ahead of now a clock that is right stores what it stores.
func (a *amender) furthest(now time.Time) store.Furthest {
	return store.Furthest{
		Below: int(a.rules.UrgentBelow()),
		Run:   now.Add(leaseFor),
		Claim: now.Add(a.claimFor),
		Tell:  a.rules.Calendar.NextOffice(now),
		Probe: func(fault string) time.Time { return now.Add(longestPause(fault)) },
		Poll: func(polls int) time.Time {
			return now.Add(max(pollAfter[min(polls, len(pollAfter)-1)], callbackGrace))
		},
		Try: func(w store.Waiting, probe time.Time) time.Time {
			at := now.Add(hold)
			if w.State == store.MessageFailedTemporarily {
				at = now.Add(longestBackoff(w.Fault))
			}
			if probe.After(at) {
				at = probe // it waits for its channel
			}
			if !w.Urgent {
				at = a.rules.Calendar.NextOffice(at)
			}
			return at
		},
	}
}

// longestBackoff is the longest that a message waits for another try, by what its last
// one failed for.
func longestBackoff(fault string) time.Duration {
	switch notify.Fault(fault) {
	case notify.FaultUnclear:
		return maybeSentFor[len(maybeSentFor)-1]
	case notify.FaultGreylisted:
		return greylistedFor[len(greylistedFor)-1]
	case notify.FaultUnreachable:
		return unreachableFor[len(unreachableFor)-1]
	case notify.FaultBusy:
		return longestAsked
	}
	return lastTryAgain
}

// longestPause is the longest until a stopped channel is tried again, by why it is
// stopped.
func longestPause(fault string) time.Duration {
	if notify.Fault(fault) == notify.FaultBusy {
		return longestAsked
	}
	return probeAccountEvery
}
