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

	"example.org/doorstep/store"
	"example.org/doorstep/web/pages"
)

// demoHour is the time of day, after the demo's fortnight, at which its pages begin.
const demoHour = 9 * time.Hour

// demoRights are those of the demo who are not on its people list.
var demoRights = []store.ServiceRights{
	{Person: "IT1", Name: "Systems One", Operates: true},
	{Person: "IG1", Name: "Information Governance One", Audits: true},
}

// serveDemo shows the demo's cases on pages, on this machine alone, until ctx ends. Its
// clock goes on from where the demo has ended. Whoever looks chooses who they are.
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
	began, start := time.Now(), end.Add(demoHour)
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
	shown, err := s.pages(db, rules, func() time.Time { return start.Add(time.Since(began)) }, log, func(o *pages.Options) {
		o.Demo, o.Loopback, o.PublicURL = true, true, ""
	})
	if err != nil {
		return err
	}
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
