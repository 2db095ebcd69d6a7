package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/scheduler"
	"example.org/doorstep/store"
	"example.org/doorstep/web"
)

// began is when every daemon here starts.
var began = time.Date(2026, 12, 23, 16, 0, 0, 0, time.UTC)

// daemon is a server on a store and a clock that the test moves.
type daemon struct {
	t       *testing.T
	store   *store.Store
	metrics *web.Metrics
	server  *web.Server
	log     *safeBuffer

	mu  sync.Mutex
	now time.Time
}

func scanEveryMinute(t *testing.T) scheduler.Schedule {
	t.Helper()
	s, err := scheduler.ParseSchedule("@every 1m", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func start(t *testing.T) *daemon {
	t.Helper()
	return startAt(t, openStore(t), began, scanEveryMinute(t))
}

// openStore opens an empty store, which the story may close before its end.
func openStore(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func startAt(t *testing.T, s *store.Store, at time.Time, scan scheduler.Schedule) *daemon {
	t.Helper()
	return startCalledBack(t, s, at, scan, nil)
}

// urgentBelow is the severity from which on a message is not urgent.
const urgentBelow = 5

func startCalledBack(t *testing.T, s *store.Store, at time.Time, scan scheduler.Schedule, callbacks map[string]web.Callback) *daemon {
	t.Helper()
	return startWith(t, s, at, web.Options{Scan: scan, Callbacks: callbacks})
}

func startWith(t *testing.T, s *store.Store, at time.Time, o web.Options) *daemon {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	d := &daemon{t: t, store: s, now: at, log: &safeBuffer{}}
	d.metrics = web.NewMetrics("1.2.3", s, urgentBelow, d.clock)
	d.metrics.Expect([]string{scheduler.ScheduleScan, scheduler.ScheduleDigest}, []string{"email"})
	o.Listen, o.Database, o.TimeZone, o.Now, o.Metrics = "127.0.0.1:0", s, london, d.clock, d.metrics
	o.Log = slog.New(slog.NewTextHandler(d.log, nil))
	d.server, err = web.Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- d.server.Serve() }()
	t.Cleanup(func() {
		if err := d.server.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown = %v, want no error", err)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve = %v, want no error", err)
		}
	})
	return d
}

func (d *daemon) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *daemon) waits(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(t)
}

// runs puts a run of a schedule on record, by this daemon or another, that ends now.
func (d *daemon) runs(schedule, problem string) {
	d.t.Helper()
	now := d.clock()
	if err := d.store.BeginSchedule(d.t.Context(), schedule, time.Time{}); err != nil {
		d.t.Fatal(err)
	}
	run, err := d.store.BeginRun(d.t.Context(), now, schedule, now, "a daemon", now.Add(time.Minute))
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.store.EndRun(d.t.Context(), now, run, nil, problem); err != nil {
		d.t.Fatal(err)
	}
}

func (d *daemon) databaseGoesAway() {
	d.t.Helper()
	if err := d.store.Close(); err != nil {
		d.t.Fatal(err)
	}
}

func (d *daemon) request(method, path string) (*http.Response, string) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, "http://"+d.server.Addr().String()+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return response, string(body)
}

// logged counts the log lines that say something.
func (d *daemon) logged(words string) int { return strings.Count(d.log.String(), words) }

// safeBuffer is a buffer that a server may write to while a test reads it.
type safeBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

var errBroken = errors.New("broken")
