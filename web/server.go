package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
)

// Database is what the answers are taken from.
type Database interface {
	Ping(ctx context.Context) error
	// Schedule returns how far a cron schedule has come, whoever ran it.
	Schedule(ctx context.Context, name string) (store.ScheduleState, error)
	// OldestWaiting returns since when the oldest message waits that should have
	// gone by now; the zero time where none does.
	OldestWaiting(ctx context.Context, now time.Time) (count int, oldest time.Time, err error)
	// OldestUndelivered returns since when the oldest message more serious than below
	// has not arrived as far as is known; the zero time where there is none.
	OldestUndelivered(ctx context.Context, now time.Time, below pathway.Severity) (count int, oldest time.Time, err error)
	// ChannelState returns whether messages go by a channel.
	ChannelState(ctx context.Context, channel string) (store.ChannelState, error)
	// Arrivals returns when files last came into the inbox, and which are expected.
	Arrivals(ctx context.Context) ([]store.Arrival, error)
}

// Options is what a server needs.
type Options struct {
	Listen   string // host:port; port 0 takes any free one
	Database Database
	Scan     scheduler.Schedule // when scans are to happen; nil: never
	TimeZone *time.Location     // of the times in answers
	Now      func() time.Time
	Metrics  *Metrics
	Log      *slog.Logger
	// Callbacks are taken at these paths, such as "/callbacks/twilio/status"; none:
	// nobody is to call back.
	Callbacks map[string]Callback
}

// Server is the HTTP server of one daemon.
type Server struct {
	listener net.Listener
	http     *http.Server
}

// databasePatience is how long the database may take to answer. One that takes
// longer is as good as gone.
const databasePatience = 2 * time.Second

// Listen opens the address, so that one which cannot be had is known before
// anything else begins. Connections are answered from Serve on.
func Listen(o Options) (*Server, error) {
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for HTTP: %w: set listen in the configuration to a free host:port of this machine", err)
	}
	pages := http.NewServeMux() // answers 404 and 405 by itself
	pages.HandleFunc("GET /healthz", alive)
	pages.Handle("GET /readyz", newReadiness(o))
	pages.Handle("GET /metrics", o.Metrics.handler())
	taking := newCallbacks(o)
	for path, callback := range o.Callbacks {
		pages.Handle("POST "+path, taking.handler(path, callback))
	}
	return &Server{
		listener: listener,
		http: &http.Server{
			Handler:                      withSecurityHeaders(pages),
			DisableGeneralOptionsHandler: true,
			ReadHeaderTimeout:            5 * time.Second,
			ReadTimeout:                  15 * time.Second,
			WriteTimeout:                 30 * time.Second,
			IdleTimeout:                  2 * time.Minute, // longer than probes and scrapes are apart
			MaxHeaderBytes:               16 << 10,
			ErrorLog:                     slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
		},
	}, nil
}

// Addr returns the address that was opened.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve answers until Shutdown, and then returns nil.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answer HTTP on %s: %w", s.Addr(), err)
	}
	return nil
}

// Shutdown takes no new requests and returns once those under way are answered.
// When ctx ends first, it breaks them off and returns why.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("finish the HTTP requests under way: %w", err), s.http.Close())
	}
	return nil
}

// withSecurityHeaders tells browsers to show nothing of an answer that is not
// plain data, and to keep none of it.
func withSecurityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
