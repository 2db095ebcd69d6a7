package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/scheduler/lifecycle"
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
/healthz, /readyz and /metrics on the address "listen", or "operations_listen". On
SIGTERM it finishes what it is sending, for at most 30 seconds.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := o.loadToSend("")
			if err != nil {
				return err
			}
			return serve(c.Context(), s, c.ErrOrStderr())
		},
	}
}

// stopsWithin is how long the daemon may take to stop, all in all.
const stopsWithin = 30 * time.Second

// service is what serve is made of. Each part finds here what those before it made.
type service struct {
	*setup
	log    *slog.Logger
	failed chan error // a part that cannot go on says why, and the service stops

	db       *store.Store
	rules    *pathway.Rules
	channels *channels
	metrics  *web.Metrics
	daemon   *scheduler.Daemon
	server   *web.Server
	runs     *lifecycle.Running // the daemon at work
}

// A daemon has little in memory and makes much that is soon of no use: it cleans up only
// when that has become three times what is in use, and more often from so many bytes on.
const (
	garbagePercent = 300
	garbageMuch    = 48 << 20
)

// serve runs the service until ctx ends or a part of it fails.
func serve(ctx context.Context, s *setup, errs io.Writer) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(garbageMuch)
	}
	v := &service{setup: s, log: newOncePerCause(s.config.Log.Logger(errs).Handler()), failed: make(chan error, 1)}
	parts := lifecycle.Lifecycle{Log: v.log, Within: stopsWithin}
	err := parts.Start(ctx,
		lifecycle.Part{Name: "database", Start: v.openDatabase, Stop: v.closeDatabase},
		lifecycle.Part{Name: "key", Start: v.readOrigin},
		lifecycle.Part{Name: "people", Start: v.refuseUnreachable},
		lifecycle.Part{Name: "rules", Start: v.readRules},
		lifecycle.Part{Name: "stationery", Start: v.readStationery},
		lifecycle.Part{Name: "channels", Start: v.openChannels, Stop: v.closeChannels},
		lifecycle.Part{Name: "jobs", Start: v.planJobs},
		lifecycle.Part{Name: "web server", Start: v.openServer, Stop: v.closeServer},
		lifecycle.Part{Name: "daemon", Start: v.startDaemon, Stop: v.stopDaemon},
	)
	if err != nil {
		return err
	}
	v.log.Info("started", append([]any{"version", version, "database", s.config.DatabaseName(),
		"email", s.config.Email.Via, "sms", s.config.SMS.Via}, v.server.Addresses()...)...)
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-v.failed:
	}
	err = errors.Join(failure, parts.Stop(ctx))
	v.log.Info("stopped")
	return err
}

func (v *service) openDatabase(ctx context.Context) (err error) {
	ready := store.BringsCurrent
	if v.config.NamesDatabase() { // a name that is mistyped must not become a database of no cases
		ready = store.UpgradesOnly
	}
	if v.db, err = v.open(ctx, ready, store.LockWait{}); err != nil {
		return err
	}
	v.tellMade(v.db, func(says string) { v.log.Warn(says) })
	v.db.CatchUp()
	if err = v.db.CheckConnections(ctx); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", v.config.DatabaseName(), err), v.db.Close())
	}
	return nil
}

func (v *service) closeDatabase(context.Context) error { return v.db.Close() }

func (v *service) readOrigin(ctx context.Context) (err error) {
	v.origin, err = v.adoptOrigin(ctx, v.db)
	return err
}

func (v *service) readRules(ctx context.Context) (err error) {
	v.rules, err = v.setup.rules(ctx, v.db)
	return err
}

// readStationery finds out whether cards and letters can be printed.
func (v *service) readStationery(context.Context) error {
	_, err := v.checkPrint()
	return err
}

// refuseUnreachable refuses to start where a reminder could reach nobody.
func (v *service) refuseUnreachable(ctx context.Context) error {
	people, err := v.db.People(ctx)
	if err != nil {
		return err
	}
	if reach := v.config.CheckReach(people, nil, now()); len(reach.Faults) > 0 {
		return badInput{errors.New(strings.Join(reach.Faults, "\n"))}
	}
	return nil
}
