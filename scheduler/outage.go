package scheduler

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

const (
	// lastsFrom is how long something must fail for its database until operations are
	// told of it.
	lastsFrom = time.Minute
	// triesDatabase is how often it is tried what a daemon does all the time.
	triesDatabase = 10 * time.Second
	// outageAgain is how long operations are not told again of a database that comes and
	// goes.
	outageAgain = time.Hour
	// tellWithin is how long a channel may take to carry that message.
	tellWithin = time.Minute
)

// outage knows since when what the daemon does fails for its database, and tells
// operations where that lasts, and when it is over. While it lasts the ledger takes no
// message: that one goes by a channel at once, past the ledger, and every daemon tells
// for itself, because the database is where they would know of each other.
type outage struct {
	store   *store.Store
	clock   Clock
	log     *slog.Logger
	alerts  Alerts
	senders map[string]Sender
	stopped func(channel string) bool // the channel is, as last heard
	nudge   func()

	mu      sync.Mutex
	failing map[string]failing // by what is done
}

type failing struct {
	since, last time.Time
	cause       string
}

// note notes how it went to do something that needs the database. An error that is not
// the database's is none here.
func (o *outage) note(now time.Time, what string, err error) {
	if o != nil {
		o.noteCause(now, what, store.Cause(err))
	}
}

func (o *outage) noteCause(now time.Time, what, cause string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if cause == "" {
		delete(o.failing, what)
		return
	}
	f := o.failing[what]
	if f.since.IsZero() {
		if o.failing == nil {
			o.failing = map[string]failing{}
		}
		f.since = now
	}
	f.last, f.cause = now, cause
	o.failing[what] = f
}

// says is since when the database fails, and why; the zero time: it does not, as far as is
// known.
func (o *outage) says() (since time.Time, why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var longest failing
	for _, f := range o.failing {
		if longest.since.IsZero() || f.since.Before(longest.since) {
			longest = f
		}
	}
	return longest.since, longest.cause
}

// lasting is what has failed for a minute or more, the longest first; and whether
// anything fails.
func (o *outage) lasting() (longest failing, lasts, any bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range o.failing {
		if f.last.Sub(f.since) >= lastsFrom && (!lasts || f.since.Before(longest.since)) {
			longest, lasts = f, true
		}
	}
	return longest, lasts, len(o.failing) > 0
}

// watch tries now and then what the daemon does all the time, until ctx ends, and tells
// operations. Where no channel takes the message, it is sent again after a minute.
func (o *outage) watch(ctx context.Context) {
	var since, told, tried time.Time // since: of the outage that operations know of; zero: it is over
	for sleep(ctx, o.clock, triesDatabase) {
		o.try(ctx)
		now := o.clock.Now()
		longest, lasts, any := o.lasting()
		switch {
		case lasts && since.IsZero() && now.Sub(told) >= outageAgain && now.Sub(tried) >= lastsFrom:
			tried = now
			if o.tell(ctx, now, longest) {
				since, told = longest.since, now
			}
		case !any && !since.IsZero():
			if o.tellOver(ctx, now, since) {
				since = time.Time{}
			}
		}
	}
}

func (o *outage) try(ctx context.Context) {
	asking, done := context.WithTimeout(ctx, askTimeout)
	defer done()
	cause := ""
	if err := o.store.CheckDisk(asking); err != nil {
		cause = cmp.Or(store.Cause(err), "it does not answer: look whether it hangs, and at what stands between")
	}
	if ctx.Err() == nil {
		o.noteCause(o.clock.Now(), "try", cause)
	}
}

// tell sends operations a message by whichever channel takes it, those that are not
// stopped first, and reports whether one did.
func (o *outage) tell(ctx context.Context, now time.Time, f failing) bool {
	o.log.Error("the database fails, and goes on failing: operations are told", "since", f.since, "reason", f.cause)
	to := o.alerts.operations
	if to == nil {
		return true
	}
	host, _ := os.Hostname()
	alert := notify.Alert{Says: notify.AlertDatabaseFails, Since: f.since, Reason: host + ": " + f.cause}
	channels := []string{pathway.ChannelEmail, pathway.ChannelSMS}
	if o.stopped(pathway.ChannelEmail) && !o.stopped(pathway.ChannelSMS) {
		slices.Reverse(channels)
	}
	for _, channel := range channels {
		sender, carries := o.senders[channel]
		address := addressOf(to, channel)
		if address == "" || !carries {
			continue
		}
		m := notify.Message{Key: keyOf("alert", "database", host, f.since.UTC().Format(time.RFC3339)), Kind: notify.KindAlert,
			Channel: channel, Created: now, UsefulUntil: now.Add(alertUseful), Alert: &alert}
		if channel == pathway.ChannelSMS {
			m.To.Mobile = address
		} else {
			m.To.Email = address
		}
		sending, done := context.WithTimeout(ctx, tellWithin)
		sent := sender.Channel.Send(sending, now, m)
		done()
		if sent.State == notify.Sent {
			return true
		}
		o.log.Error("operations cannot be told by this channel", "about", alert.Says, "channel", channel, "reason", sent.Reason)
	}
	return false
}

// tellOver tells of the end by way of the ledger, which works again, and reports whether
// it took that.
func (o *outage) tellOver(ctx context.Context, now, since time.Time) bool {
	o.log.Info("the database works again", "failed_since", since)
	if o.alerts.operations == nil {
		return true
	}
	host, _ := os.Hostname()
	told := o.alerts.queue(ctx, now, "", fmt.Sprintf("database-back/%s/%d", host, since.Unix()),
		notify.Alert{Says: notify.AlertDatabaseBack, Since: since, Reason: host})
	o.nudge()
	return told
}
