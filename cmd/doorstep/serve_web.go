package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.org/doorstep/configs"
	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuk"
	"example.org/doorstep/notify/twilio"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/web"
)

// openServer opens the address and answers on it. An address that can no longer be
// served stops the service: silence would look like health.
func (v *service) openServer(context.Context) (err error) {
	v.server, err = web.Listen(web.Options{
		Listen: v.config.Listen, Database: v.db, Scan: v.daemon.ScanSchedule(), TimeZone: v.calendar.Location(),
		Now: now, Metrics: v.metrics, Log: v.log, Callbacks: v.channels.callbacks(v.daemon),
	})
	if err != nil {
		return err
	}
	go func() {
		if err := v.server.Serve(); err != nil {
			v.failed <- err
		}
	}()
	return nil
}

// closeServer lets answers under way end. A connection on which nothing has been
// asked yet, as browsers and proxies open them, counts as one for its first 5 seconds.
func (v *service) closeServer(ctx context.Context) error { return v.server.Shutdown(ctx) }

// Where providers call.
const (
	twilioStatusPath = "/callbacks/twilio/status"
	twilioTextPath   = "/callbacks/twilio/text"
	notifyStatusPath = "/callbacks/notify/status"
	notifyEmailPath  = "/callbacks/notify/email-status"
	notifyTextPath   = "/callbacks/notify/text"
)

// callback is what comes to one path, and how it is read.
type callback struct {
	path, channel string
	receipts      func(r *http.Request, body []byte) ([]notify.Receipt, error) // or
	received      func(r *http.Request, body []byte) ([]notify.Received, error)
}

// hear registers where a provider may call, as far as it was asked to.
func (c *channels) hear(s *configs.SMS, status, text callback) {
	if s.Receipts == configs.Callback {
		c.calls = append(c.calls, status)
	}
	if s.Replies == configs.Callback {
		c.calls = append(c.calls, text)
	}
}

// callbacks are what the daemon's web server takes from providers.
func (c *channels) callbacks(daemon *scheduler.Daemon) map[string]web.Callback {
	out := map[string]web.Callback{}
	for _, call := range c.calls {
		out[call.path] = web.Callback{Read: func(r *http.Request, body []byte) error {
			return call.handOver(r, body, daemon)
		}}
	}
	return out
}

func (c *callback) handOver(r *http.Request, body []byte, daemon *scheduler.Daemon) error {
	if c.receipts != nil {
		receipts, err := c.receipts(r, body)
		return then(r.Context(), err, func(ctx context.Context) error { return daemon.TakeReceipts(ctx, c.channel, receipts) })
	}
	received, err := c.received(r, body)
	return then(r.Context(), err, func(ctx context.Context) error { return daemon.TakeReplies(ctx, c.channel, received) })
}

// then takes over what was read, or says what was wrong with it.
func then(ctx context.Context, read error, take func(context.Context) error) error {
	switch {
	case errors.Is(read, twilio.ErrForged), errors.Is(read, govuk.ErrForged):
		return fmt.Errorf("%w: %w", web.ErrForged, read)
	case read != nil:
		return fmt.Errorf("%w: %w", web.ErrUnreadable, read)
	}
	return take(ctx)
}
