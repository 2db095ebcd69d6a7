package main

import (
	"context"
	"net/http"
	"strings"

	"example.org/doorstep/configs"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/web"
	"example.org/doorstep/web/api"
	"example.org/doorstep/web/pages"
)

// openServer opens the addresses and answers on them. One that can no longer be
// served stops the service: silence would look like health.
func (v *service) openServer(context.Context) error {
	importer, err := v.importer(v.db, v.rules)
	if err != nil {
		return err
	}
	alerts := scheduler.NewAlerts(v.db, v.rules, v.config.Operations(), v.channels.senders, v.log)
	shown, err := v.pages(v.db, v.rules, v.daemon.Now, v.log, func(o *pages.Options) {
		o.Instance, o.Provider, o.Tell = instanceOf(v.origin.Fingerprints()), v.provider(), alerts.Tell
		o.Service, o.CalendarPath = v.shownService(v.daemon, func(ctx context.Context) []web.Check { return v.server.Checks(ctx) }), web.CalendarPath
	})
	if err != nil {
		return err
	}
	v.server, err = web.Listen(web.Options{
		Listen: v.config.Listen, OperationsListen: v.config.OperationsListen, CallbacksListen: v.config.CallbacksListen,
		Database: v.db, Scan: v.daemon.ScanSchedule(), TimeZone: v.calendar.Location(),
		Now: v.daemon.Now, ClockSays: v.daemon.ClockSays, DatabaseSays: v.daemon.DatabaseSays, Metrics: v.metrics, Log: v.log, Callbacks: web.CallbacksTo(v.daemon, v.channels.calls),
		Also: map[string]http.Handler{"/": shown, api.Path + "/": api.New(api.Options{Version: version, Store: v.db, Rules: v.rules,
			Importer: importer, Mappings: v.config.Import.Mappings, Now: v.daemon.Now, Log: v.log}),
			web.CalendarPath: &web.Calendars{Store: v.db, Rules: v.rules, Composer: v.channels.composer, Now: v.daemon.Now, Log: v.log}},
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

// shownService is what the pages show of this daemon to whoever runs it.
func (s *setup) shownService(daemon *scheduler.Daemon, checks func(context.Context) []web.Check) *pages.Service {
	return &pages.Service{
		Schedules: daemon.Plan(),
		Checks: func(ctx context.Context) (all []pages.Check) {
			for _, c := range checks(ctx) {
				all = append(all, pages.Check{Name: c.Name, OK: c.OK, Says: c.Says})
			}
			return all
		},
		Configuration: func() (string, error) {
			var text strings.Builder
			err := s.config.WriteEffective(&text, s.pathways)
			return text.String(), err
		},
	}
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

// hear registers where a provider may call, as far as it was asked to.
func (c *channels) hear(s *configs.SMS, status, text web.ProviderCall) {
	if s.Receipts == configs.Callback {
		c.calls = append(c.calls, status)
	}
	if s.Replies == configs.Callback {
		c.calls = append(c.calls, text)
	}
}
