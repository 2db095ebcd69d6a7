package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/scheduler/lifecycle"
	"example.org/doorstep/store"
	"example.org/doorstep/web"
	"example.org/doorstep/web/pages"
)

// demoRights are those of the demo who are not on its people list.
var demoRights = []store.ServiceRights{
	{Person: "IT1", Name: "Systems One", Operates: true},
	{Person: "IG1", Name: "Information Governance One", Audits: true},
}

// demoClock goes on from where the demo has ended, as fast as the machine's.
type demoClock struct{ began, start time.Time }

func (c demoClock) Now() time.Time { return c.start.Add(time.Since(c.began)) }

func (c demoClock) Timer(until time.Time) (<-chan time.Time, func() bool) {
	t := time.NewTimer(until.Sub(c.Now()))
	return t.C, t.Stop
}

// serveDemo shows the demo's cases on pages, on this machine alone, until ctx ends. Its
// clock goes on from where the demo has ended, and what comes due by it goes into the
// outbox as before: what the pages say is so, and whoever records a visit finds what
// follows. Whoever looks chooses who they are.
func serveDemo(ctx context.Context, s *setup, folder string, end time.Time, listener net.Listener, out, errs io.Writer) (err error) {
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(folder, "doorstep.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, rights := range demoRights {
		if err := db.GiveRights(ctx, end, rights); err != nil {
			return err
		}
	}
	rules, err := s.rulesInForce(ctx, db)
	if err != nil {
		return err
	}
	clock := demoClock{time.Now(), end}
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
	daemon, err := s.demoDaemon(db, rules, clock, log)
	if err != nil {
		return err
	}
	checks := web.ChecksOf(web.Options{Database: db, Scan: daemon.ScanSchedule(), TimeZone: s.calendar.Location(), Now: clock.Now, Log: log})
	shown, err := s.pages(db, rules, clock.Now, log, func(o *pages.Options) {
		o.Demo, o.Loopback, o.PublicURL, o.Service = true, true, "", s.shownService(daemon, checks)
	})
	if err != nil {
		return err
	}
	runs := lifecycle.Go(ctx, daemon.Run)
	defer func() { err = errors.Join(err, runs.Stop(ctx)) }()
	server := &http.Server{Handler: shown, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	if _, err := fmt.Fprintf(out, "\nLook at the pages, as whoever you choose: http://%s/ (Ctrl-C ends them)\n", listener.Addr()); err != nil {
		return err
	}
	select {
	case err := <-ended:
		return fmt.Errorf("the demo's pages can be served no longer: %w", err)
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return server.Shutdown(stop)
	}
}

// demoDaemon scans on, and writes what it would send into the outbox.
func (s *setup) demoDaemon(db *store.Store, rules *pathway.Rules, clock scheduler.Clock, log *slog.Logger) (*scheduler.Daemon, error) {
	senders, err := s.demoSenders()
	if err != nil {
		return nil, err
	}
	return scheduler.New(scheduler.Settings{
		Store: db, Rules: rules, DutyDesk: s.dutyDesk, Operations: s.config.Operations(), Senders: senders,
		TextsADay: s.config.SMS.PerPersonDay, AcknowledgementLasts: s.config.AcknowledgementLasts,
		Schedules: scheduler.Schedules{Scan: s.config.Schedules.Scan, Digest: s.config.Schedules.Digest},
		Clock:     clock, Log: log,
	})
}

// demoSenders write what would be sent into the demo's outbox.
func (s *setup) demoSenders() (map[string]scheduler.Sender, error) {
	composer, err := s.composer()
	if err != nil {
		return nil, err
	}
	file := scheduler.Sender{Channel: notify.NewOutbox(s.config.Outbox, composer)}
	return map[string]scheduler.Sender{pathway.ChannelEmail: file, pathway.ChannelSMS: file}, nil
}
