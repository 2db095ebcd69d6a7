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
	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
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

// webGrace is how long answers under way may take once the daemon stops.
const webGrace = 5 * time.Second

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
	senders, err := s.senders()
	if err != nil {
		return err
	}
	defer closeSenders(senders, log)
	var scan scheduler.Schedule // nil: never
	if s.config.Schedules.Scan != "" {
		if scan, err = scheduler.ParseSchedule(s.config.Schedules.Scan, s.calendar.Location()); err != nil {
			return badInput{fmt.Errorf("schedules.scan: %w", err)}
		}
	}
	metrics := web.NewMetrics(version, db, []string{scheduler.ScheduleScan, scheduler.ScheduleDigest, scheduler.ScheduleInbox, scheduler.SchedulePrint}, now)
	daemon, err := scheduler.New(scheduler.Settings{
		Store: db, Rules: rules, DutyDesk: s.dutyDesk,
		Schedules: scheduler.Schedules{Scan: s.config.Schedules.Scan, Digest: s.config.Schedules.Digest, Inbox: s.config.Schedules.Inbox, Print: s.config.Schedules.Print},
		Senders:   senders,
		Inbox:     s.inbox(db, rules, log),
		Print:     s.nightlyPrint(db, log),
		Heartbeat: s.config.HeartbeatURL.Reveal(),
		Lease:     s.config.Delivery.Lease,
		Observer:  metrics,
		Log:       log,
	})
	if err != nil {
		return badInput{err}
	}
	server, err := web.Listen(web.Options{
		Listen: s.config.Listen, Database: db, Scan: scan, TimeZone: s.calendar.Location(),
		Now: now, Metrics: metrics, Log: log,
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

// senders are the channels that messages go by.
func (s *setup) senders() (map[string]scheduler.Sender, error) {
	composer, err := s.composer()
	if err != nil {
		return nil, err
	}
	file := scheduler.Sender{Channel: notify.NewFile(s.config.Outbox, composer), Connections: 1}
	senders := map[string]scheduler.Sender{}
	switch s.config.Email.Via {
	case configs.ViaFile:
		senders[pathway.ChannelEmail] = file
	case configs.ViaSMTP:
		smtp := s.config.Email.SMTP
		channel, err := notify.NewSMTP(composer, s.smtpSettings())
		if err != nil {
			return nil, badInput{err}
		}
		senders[pathway.ChannelEmail] = scheduler.Sender{Channel: channel, Connections: smtp.Connections}
	default:
		return nil, badInput{fmt.Errorf("email.via: this version does not send by %s yet: use file or smtp", s.config.Email.Via)}
	}
	if s.config.SMS.Via != configs.ViaFile {
		return nil, badInput{fmt.Errorf("sms.via: this version does not send by %s yet: use file", s.config.SMS.Via)}
	}
	senders[pathway.ChannelSMS] = file
	return senders, nil
}

func (s *setup) smtpSettings() notify.SMTPSettings {
	smtp := s.config.Email.SMTP
	return notify.SMTPSettings{
		Host: smtp.Host, Port: smtp.Port, TLS: smtp.TLS, CAFile: smtp.CAFile,
		Username: smtp.Username, Password: smtp.Password.Reveal(),
		Connections: smtp.Connections, Timeout: smtp.Timeout,
	}
}

func closeSenders(senders map[string]scheduler.Sender, log *slog.Logger) {
	for name, sender := range senders {
		ctx, cancel := context.WithTimeout(context.Background(), webGrace)
		if err := sender.Channel.Close(ctx); err != nil {
			log.Warn("cannot close a channel", "channel", name, "error", err)
		}
		cancel()
	}
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
