package scheduler

import (
	"context"
	"encoding/json"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// alertSeverity puts alerts to operations behind what is urgent for families and
// before everything else.
const alertSeverity = 199

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

// alert queues an alert to operations, by the channel that is not in trouble where
// they have an address for it. A key is told once.
func (d *delivery) alert(ctx context.Context, now time.Time, trouble, key string, alert notify.Alert) {
	if d.operations == nil {
		return
	}
	channels := []string{pathway.ChannelEmail, pathway.ChannelSMS}
	if trouble == pathway.ChannelEmail {
		channels = []string{pathway.ChannelSMS, pathway.ChannelEmail}
	}
	for _, channel := range channels {
		address := addressOf(d.operations, channel)
		if address == "" || !d.carries(channel) {
			continue
		}
		text, err := json.Marshal(payload{Alert: &alert})
		if err == nil {
			_, err = d.store.QueueMessages(ctx, nil, now, []store.Message{{
				Key: keyOf("alert", key), Kind: string(notify.KindAlert), Person: d.operations.ID, Channel: channel,
				Address: address, Severity: alertSeverity, NextTry: now, UsefulUntil: now.Add(3 * 24 * time.Hour), Payload: text,
			}})
		}
		if err != nil {
			d.log.Error("cannot tell operations", "about", alert.Says, "error", err)
			return
		}
		d.nudge()
		return
	}
	d.log.Error("operations cannot be told: they have no address by any channel", "about", alert.Says, "reason", alert.Reason)
}
