package scheduler

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// tellRefused tells whoever runs Doorstep that messages are refused as they are:
// once a day for each way in which they are.
func (d *delivery) tellRefused(ctx context.Context, now time.Time, channel string, f notify.Outcome) {
	day := d.rules.Calendar.DateOf(now).String()
	d.alert(ctx, now, channel, "refused/"+channel+"/"+f.Code+"/"+f.Reason+"/"+day,
		notify.Alert{Says: notify.AlertRefused, Channel: channel, Reason: f.Reason})
}

// tellStopped tells operations that a channel is stopped: once an hour where it
// stops and goes on all the time.
func (d *delivery) tellStopped(ctx context.Context, now time.Time, state store.ChannelState) {
	d.alert(ctx, now, state.Channel, "stopped/"+state.Channel+"/"+now.UTC().Format("2006-01-02T15"),
		notify.Alert{Says: notify.AlertChannelStopped, Channel: state.Channel, Reason: state.Reason, Since: now})
}

// alertUseful is how long an alert may wait.
const alertUseful = 3 * 24 * time.Hour

// longStop is how long a channel must have been stopped for its return to be told.
const longStop = 30 * time.Minute

// tellBack tells operations that a channel goes on that was stopped for long.
func (d *delivery) tellBack(ctx context.Context, now time.Time, stopped store.ChannelState, waiting int) {
	if now.Sub(stopped.Since) < longStop {
		return
	}
	d.alert(ctx, now, "", "back/"+stopped.Channel+"/"+stopped.Since.UTC().Format(time.RFC3339),
		notify.Alert{Says: notify.AlertChannelBack, Channel: stopped.Channel, Since: stopped.Since, Waiting: waiting})
}

// watchProbes tells operations when a probe has not arrived in time.
func (d *delivery) watchProbes(ctx context.Context, now time.Time, c *contacts) error {
	missing, due, err := c.missing(ctx, now)
	for _, channel := range missing {
		d.alert(ctx, now, channel, "probe/"+channel+"/"+due.UTC().Format(time.RFC3339),
			notify.Alert{Says: notify.AlertProbeLost, Channel: channel, Since: due})
	}
	return err
}

// alert tells operations, and lets the senders look for it at once.
func (d *delivery) alert(ctx context.Context, now time.Time, trouble, key string, alert notify.Alert) {
	alerts := d.alerts()
	if alerts.queue(ctx, now, trouble, key, alert) {
		d.nudge()
	}
}

func (d *delivery) alerts() Alerts {
	return Alerts{store: d.store, rules: d.rules, operations: d.operations, carries: d.carries, log: d.log}
}

// Alerts tells whoever runs Doorstep what needs a hand of theirs.
type Alerts struct {
	store      *store.Store
	rules      *pathway.Rules
	operations *pathway.Person // nil: nobody
	carries    func(channel string) bool
	log        *slog.Logger
}

// NewAlerts returns alerts to operations by the channels that there are senders for.
// operations may be nil: then nobody is told.
func NewAlerts(s *store.Store, rules *pathway.Rules, operations *pathway.Person, senders map[string]Sender, log *slog.Logger) *Alerts {
	return &Alerts{s, rules, operations, func(channel string) bool { _, ok := senders[channel]; return ok }, log}
}

// Tell tells operations of something, once for each key. No key may hold personal
// data.
func (a *Alerts) Tell(ctx context.Context, now time.Time, key string, alert notify.Alert) {
	a.queue(ctx, now, "", key, alert)
}

// queue queues an alert, by the channel that is not in trouble where operations have
// an address for it, and reports whether that is done.
func (a *Alerts) queue(ctx context.Context, now time.Time, trouble, key string, alert notify.Alert) bool {
	if a.operations == nil {
		return false
	}
	channels := []string{pathway.ChannelEmail, pathway.ChannelSMS}
	if trouble == pathway.ChannelEmail {
		channels = []string{pathway.ChannelSMS, pathway.ChannelEmail}
	}
	for _, channel := range channels {
		address := addressOf(a.operations, channel)
		if address == "" || !a.carries(channel) {
			continue
		}
		text, err := json.Marshal(payload{Alert: &alert})
		if err == nil {
			_, err = a.store.QueueMessages(ctx, nil, now, []store.Message{{
				Key: keyOf("alert", key), Kind: string(notify.KindAlert), Person: a.operations.ID, Channel: channel,
				Address: address, Severity: a.rules.AlertSeverity(), NextTry: now, UsefulUntil: now.Add(alertUseful), Payload: text,
			}})
		}
		if err != nil {
			a.log.Error("cannot tell operations", "about", alert.Says, "error", err)
		}
		return err == nil
	}
	a.log.Error("operations cannot be told: they have no address by any channel", "about", alert.Says, "reason", alert.Reason)
	return false
}
