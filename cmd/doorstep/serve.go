package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/configs"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
	"example.org/doorstep/web"
)

func serveCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the daemon: schedules, delivery, health and metrics",
		Long: `Runs until it is told to stop (SIGTERM or Ctrl-C): it scans for reminders that
have come due, sends them, sends the managers' digests, imports what lies in the
inbox folder, and, where schedules.print says when, prints what waits. It answers
/healthz, /readyz and /metrics on the address "listen". On SIGTERM it finishes what
it is sending, for at most 30 seconds.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := o.load()
			if err != nil {
				return err
			}
			return serve(c.Context(), s, c.ErrOrStderr())
		},
	}
}

// webGrace is how long answers under way may take once the daemon stops. A
// connection on which nothing has been asked yet, as browsers and proxies open them,
// counts as one for its first 5 seconds.
const webGrace = 7 * time.Second

func serve(ctx context.Context, s *setup, errs io.Writer) (err error) {
	log := s.logger(errs)
	db, err := s.open(ctx, brings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := s.refuseUnreachable(ctx, db); err != nil {
		return err
	}
	rules, err := s.rules(ctx, db)
	if err != nil {
		return err
	}
	if err := s.checkPrint(); err != nil {
		return err
	}
	inbox, err := s.inbox(db, rules, log)
	if err != nil {
		return err
	}
	channels, err := s.openChannels()
	if err != nil {
		return err
	}
	defer channels.close(log)
	var scan scheduler.Schedule // nil: never
	if s.config.Schedules.Scan != "" {
		if scan, err = scheduler.ParseSchedule(s.config.Schedules.Scan, s.calendar.Location()); err != nil {
			return badInput{fmt.Errorf("schedules.scan: %w", err)}
		}
	}
	schedules := s.config.Schedules
	metrics := web.NewMetrics(version, db, []string{scheduler.ScheduleScan, scheduler.ScheduleDigest, scheduler.ScheduleInbox, scheduler.SchedulePrint,
		scheduler.ScheduleContactTest, scheduler.ScheduleProbe, scheduler.ScheduleBounces, scheduler.ScheduleLetters}, scheduler.UrgentBelow(rules), now)
	daemon, err := scheduler.New(scheduler.Settings{
		Store: db, Rules: rules, DutyDesk: s.dutyDesk, Operations: s.config.Operations(),
		Schedules: scheduler.Schedules{Scan: schedules.Scan, Digest: schedules.Digest, Inbox: schedules.Inbox, Print: schedules.Print,
			ContactTest: schedules.ContactTest, Probe: schedules.Probe, Bounces: schedules.Bounces, Letters: schedules.Letters},
		Senders:              channels.senders,
		Inbox:                inbox,
		Print:                s.nightlyPrint(db, log),
		Letters:              s.postLetters(db, log),
		Bounces:              s.bounces(),
		MessageIDOf:          channels.composer.MessageIDOf,
		TextsADay:            s.config.SMS.PerPersonDay,
		Replies:              s.config.SMS.Replies != configs.None,
		AcknowledgementLasts: s.config.AcknowledgementLasts,
		Heartbeat:            s.config.HeartbeatURL.Reveal(),
		Lease:                s.config.Delivery.Lease,
		Batch:                s.config.Delivery.Batch,
		Observer:             metrics,
		Log:                  log,
	})
	if err != nil {
		return badInput{err}
	}
	server, err := web.Listen(web.Options{
		Listen: s.config.Listen, Database: db, Scan: scan, TimeZone: s.calendar.Location(),
		Now: now, Metrics: metrics, Log: log, Callbacks: channels.callbacks(daemon),
	})
	if err != nil {
		return err
	}
	if s.config.Inbox != "" {
		if err := os.MkdirAll(s.config.Inbox, 0o750); err != nil {
			log.Warn("cannot make the inbox folder", "error", err)
		}
	}
	log.Info("started", "version", version, "database", s.config.DatabaseName(), "listen", server.Addr().String(),
		"email", s.config.Email.Via, "sms", s.config.SMS.Via)

	// An address that can no longer be served stops the daemon: silence would
	// look like health.
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() { stop(server.Serve()) }()
	daemon.Run(ctx)

	quiet, cancel := context.WithTimeout(context.WithoutCancel(ctx), webGrace)
	defer cancel()
	err = server.Shutdown(quiet)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(cause, err)
	}
	log.Info("stopped")
	return err
}

// logger writes what the daemon says about itself. Nothing it is given is about
// a family.
func (s *setup) logger(to io.Writer) *slog.Logger {
	var level slog.Level
	// The configuration has been checked: it names a level.
	_ = level.UnmarshalText([]byte(s.config.Log.Level))
	o := &slog.HandlerOptions{Level: level}
	if s.config.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, o))
	}
	return slog.New(slog.NewTextHandler(to, o))
}

// refuseUnreachable refuses to start where a reminder could reach nobody.
func (s *setup) refuseUnreachable(ctx context.Context, db *store.Store) error {
	people, err := db.People(ctx)
	if err != nil {
		return err
	}
	if reach := s.config.CheckReach(people, nil, now()); len(reach.Faults) > 0 {
		return badInput{errors.New(strings.Join(reach.Faults, "\n"))}
	}
	return nil
}
