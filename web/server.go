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
	// CheckWork tries what the daemon does all the time, and changes nothing.
	CheckWork(ctx context.Context) error
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
	// CountAhead counts the stored instants that lie ahead of now although they are of
	// what has been.
	CountAhead(ctx context.Context, now time.Time) (store.Ahead, error)
	// Arrivals returns when files last came into the inbox, and which are expected.
	Arrivals(ctx context.Context) ([]store.Arrival, error)
	// WebhookStates returns how things stand with the other systems that are told.
	WebhookStates(ctx context.Context, now time.Time) ([]store.WebhookState, error)
}

// Options is what a server needs.
type Options struct {
	Listen string // host:port; port 0 takes any free one
	// What operations ask (/healthz, /readyz, /metrics) and what providers call can
	// have an address of their own, where that is answered and nothing else; and Listen
	// answers it no more. Empty: they have none.
	OperationsListen, CallbacksListen string

	Database Database
	Scan     scheduler.Schedule // when scans are to happen; nil: never
	// ClockSays is what is wrong with this machine's clock; empty: nothing is known to
	// be. Nil: nobody looks.
	ClockSays func() string
	// DatabaseSays is since when what the daemon does fails for its database, and why;
	// the zero time: it does not, as far as is known. Nil: nobody looks.
	DatabaseSays func() (since time.Time, why string)
	TimeZone     *time.Location // of the times in answers
	Now          func() time.Time
	Metrics      *Metrics
	Log          *slog.Logger
	// Callbacks are taken at these paths, such as "/callbacks/twilio/status"; none:
	// nobody is to call back.
	Callbacks map[string]Callback
	// Also is answered on Listen too, by the path that it lies below, such as "/api/v1/".
	// Of one that says which of its patterns answers a request, as http.ServeMux does, the
	// figures tell by that how long answers take.
	Also map[string]http.Handler
}

// Server is the HTTP server of one daemon, on one address or several.
type Server struct {
	doors []door
	ready *readiness
}

// door is an address and what is answered there.
type door struct {
	key      string // of the address in the configuration
	listener net.Listener
	http     *http.Server
}

// databasePatience is how long the database may take to answer. One that takes
// longer is as good as gone.
const databasePatience = 2 * time.Second

// Listen opens the addresses, so that one which cannot be had is known before
// anything else begins. Connections are answered from Serve on.
func Listen(o Options) (*Server, error) {
	pages := http.NewServeMux() // answers 404 and 405 by itself
	operations, providers := pages, pages
	if o.OperationsListen != "" {
		operations = http.NewServeMux()
	}
	if o.CallbacksListen != "" {
		providers = http.NewServeMux()
	}
	s := &Server{}
	for _, at := range []struct {
		key, address string
		answers      http.Handler
	}{
		{"listen", o.Listen, pages}, {"operations_listen", o.OperationsListen, operations}, {"callbacks_listen", o.CallbacksListen, providers},
	} {
		if at.address == "" {
			continue
		}
		if err := s.open(at.key, at.address, o.Metrics.timed(withSecurityHeaders(at.answers), o.Also), o.Log); err != nil {
			return nil, errors.Join(err, s.Shutdown(context.Background()))
		}
	}
	operations.HandleFunc("GET /healthz", alive)
	s.ready = newReadiness(o)
	operations.Handle("GET /readyz", s.ready)
	operations.Handle("GET /metrics", o.Metrics.handler())
	for path, answers := range o.Also {
		pages.Handle(path, answers)
	}
	taking := newCallbacks(o)
	for path, callback := range o.Callbacks {
		providers.Handle("POST "+path, taking.handler(path, callback))
	}
	return s, nil
}

// open opens one more address, for these answers.
func (s *Server) open(key, address string, answers http.Handler, log *slog.Logger) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen for HTTP: %w: set %s in the configuration to a free host:port of this machine", err, key)
	}
	s.doors = append(s.doors, door{key, listener, &http.Server{
		Handler:                      answers,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            5 * time.Second,
		ReadTimeout:                  bodyPatience, // headers and body; not what is then done with them
		WriteTimeout:                 30 * time.Second,
		IdleTimeout:                  2 * time.Minute, // longer than probes and scrapes are apart
		MaxHeaderBytes:               16 << 10,
		ConnState:                    newCrowd().note,
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}})
	return nil
}

// Check is one of the things that /readyz looks at.
type Check struct {
	Name string // as in /readyz
	OK   bool
	Says string
}

// Checks returns what /readyz answers, as it is now and as people read it.
func (s *Server) Checks(ctx context.Context) []Check { return s.ready.forPeople(ctx) }

// ChecksOf is Server.Checks for a daemon that nothing else asks.
func ChecksOf(o Options) func(ctx context.Context) []Check { return newReadiness(o).forPeople }

func (r *readiness) forPeople(ctx context.Context) []Check {
	ctx, cancel := context.WithTimeout(ctx, databasePatience)
	defer cancel()
	a, err := r.check(ctx, r.inWords())
	if ctx.Err() == nil {
		r.note(a, err)
	}
	all := []Check{}
	add := func(name string, c check) { all = append(all, Check{name, c.OK, c.Says}) }
	add("database", a.Checks.Database)
	add("scan", a.Checks.Scan)
	add("delivery", a.Checks.Delivery.check)
	for _, channel := range channels {
		if c, known := a.Checks.Delivery.Channels[channel]; known {
			add(channel, c)
		}
	}
	add("files", a.Checks.Files)
	add("clock", a.Checks.Clock)
	if a.Checks.Webhooks != nil {
		add("webhooks", *a.Checks.Webhooks)
	}
	return all
}

// Addr returns the first of the addresses that were opened, that of the pages.
func (s *Server) Addr() net.Addr { return s.doors[0].listener.Addr() }

// Addresses returns all that were opened, by their keys in the configuration, as the
// log takes them.
func (s *Server) Addresses() []any {
	var attributes []any
	for _, d := range s.doors {
		attributes = append(attributes, d.key, d.listener.Addr().String())
	}
	return attributes
}

// Serve answers until Shutdown, and then returns nil. As soon as one of the addresses
// can be served no longer it returns why.
func (s *Server) Serve() error {
	ended := make(chan error, len(s.doors))
	for _, d := range s.doors {
		go func() { ended <- d.serve() }()
	}
	for range s.doors {
		if err := <-ended; err != nil {
			return err
		}
	}
	return nil
}

func (d *door) serve() error {
	if err := d.http.Serve(d.listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answer HTTP on %s (%s): %w", d.listener.Addr(), d.key, err)
	}
	return nil
}

// Shutdown takes no new requests and returns once those under way are answered.
// When ctx ends first, it breaks them off and returns why.
func (s *Server) Shutdown(ctx context.Context) error {
	ended := make(chan error, len(s.doors))
	for _, d := range s.doors {
		go func() { ended <- d.shutdown(ctx) }()
	}
	var err error
	for range s.doors {
		err = errors.Join(err, <-ended)
	}
	return err
}

func (d *door) shutdown(ctx context.Context) error {
	err := d.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("finish the HTTP requests under way (%s): %w", d.key, err), d.http.Close())
	}
	d.listener.Close() // where it was never served; else it is closed already
	return err
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
