package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/web"
)

func TestAliveWithoutADatabase(t *testing.T) {
	d := start(t)
	d.databaseGoesAway()
	response, body := d.request("GET", "/healthz")
	if response.StatusCode != http.StatusOK || body != "alive\n" {
		t.Errorf("GET /healthz = %d %q, want 200 \"alive\\n\": a restart mends no database", response.StatusCode, body)
	}
}

func TestOnlyKnownPathsAndReadingMethods(t *testing.T) {
	d := start(t)
	tests := []struct {
		method, path string
		want         int
	}{
		{"GET", "/healthz", 200},
		{"HEAD", "/healthz", 200},
		{"GET", "/readyz", 200},
		{"HEAD", "/readyz", 200},
		{"GET", "/metrics", 200},
		{"HEAD", "/metrics", 200},
		{"POST", "/healthz", 405},
		{"PUT", "/readyz", 405},
		{"DELETE", "/metrics", 405},
		{"TRACE", "/metrics", 405},
		{"OPTIONS", "/metrics", 405},
		{"GET", "/", 404},
		{"GET", "/healthz/", 404},
		{"GET", "/metrics/../cases", 404},
		{"GET", "/cases/KN-1", 404},
		{"POST", "/cases/KN-1", 404},
		{"POST", "/callbacks/twilio/status", 404},
	}
	for _, test := range tests {
		response, body := d.request(test.method, test.path)
		if response.StatusCode != test.want {
			t.Errorf("%s %s = %d, want %d", test.method, test.path, response.StatusCode, test.want)
		}
		if test.method == "HEAD" && body != "" {
			t.Errorf("HEAD %s has the body %q, want none", test.path, body)
		}
		if got := response.Header.Get("Allow"); test.want == 405 && got != "GET, HEAD" {
			t.Errorf("%s %s: Allow = %q, want \"GET, HEAD\"", test.method, test.path, got)
		}
	}
}

func TestEveryAnswerCarriesSecurityHeaders(t *testing.T) {
	d := start(t)
	want := map[string]string{
		"Content-Security-Policy":      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control":                "no-store",
		"Server":                       "",
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/nothing-here"} {
		response, _ := d.request("GET", path)
		for name, value := range want {
			if got := response.Header.Get(name); got != value {
				t.Errorf("GET %s: %s = %q, want %q", path, name, got, value)
			}
		}
	}
}

func TestOverlongHeadersAreRefused(t *testing.T) {
	d := start(t)
	conn, err := net.Dial("tcp", d.server.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: "+strings.Repeat("a", 64<<10)+"\r\n\r\n")
	status := make([]byte, len("HTTP/1.1 431"))
	if _, err := io.ReadFull(conn, status); err != nil || string(status) != "HTTP/1.1 431" {
		t.Errorf("a request with 64 KiB of headers was answered %q (%v), want HTTP/1.1 431", status, err)
	}
}

func TestAddressInUseIsRefusedBeforeAnythingBegins(t *testing.T) {
	d := start(t)
	taken := d.server.Addr().String()
	second, err := web.Listen(web.Options{
		Listen:   taken,
		Database: d.store,
		Now:      d.clock,
		Metrics:  d.metrics,
		Log:      slog.New(slog.DiscardHandler),
	})
	if err == nil {
		second.Shutdown(t.Context())
		t.Fatalf("a second server could listen on %s, want an error", taken)
	}
	for _, words := range []string{taken, "address already in use", "set listen in the configuration"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("the error is %q, want it to say %q", err, words)
		}
	}
}

// TestEachListenerAnswersItsOwn: what has an address of its own is answered there and
// nowhere else.
func TestEachListenerAnswersItsOwn(t *testing.T) {
	const free = "127.0.0.1:0"
	operations, callbacks := []string{"GET /healthz", "GET /readyz", "GET /metrics"}, []string{"POST " + statusPath}
	for _, test := range []struct {
		name       string
		options    web.Options
		answeredAt map[string][]string // by the key of the address
	}{
		{name: "one for all", answeredAt: map[string][]string{"listen": append(slices.Clone(operations), callbacks...)}},
		{name: "operations elsewhere", options: web.Options{OperationsListen: free},
			answeredAt: map[string][]string{"listen": callbacks, "operations_listen": operations}},
		{name: "callbacks elsewhere", options: web.Options{CallbacksListen: free},
			answeredAt: map[string][]string{"listen": operations, "callbacks_listen": callbacks}},
		{name: "both elsewhere", options: web.Options{OperationsListen: free, CallbacksListen: free},
			answeredAt: map[string][]string{"listen": nil, "operations_listen": operations, "callbacks_listen": callbacks}},
	} {
		t.Run(test.name, func(t *testing.T) {
			database, now := openStore(t), func() time.Time { return began }
			o := test.options
			o.Listen, o.Database, o.TimeZone, o.Now, o.Log = free, database, time.UTC, now, slog.New(slog.DiscardHandler)
			o.Metrics = web.NewMetrics("1.2.3", database, urgentBelow, now)
			o.Callbacks = map[string]web.Callback{statusPath: {Read: func(*http.Request, []byte) error { return nil }}}
			server, err := web.Listen(o)
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan error, 1)
			go func() { served <- server.Serve() }()
			addresses := server.Addresses()
			if len(addresses) != 2*len(test.answeredAt) {
				t.Errorf("it listens at %v, want %d addresses", addresses, len(test.answeredAt))
			}
			for i := 0; i < len(addresses); i += 2 {
				key, address := addresses[i].(string), addresses[i+1].(string)
				for _, asked := range append(slices.Clone(operations), callbacks...) {
					method, path, _ := strings.Cut(asked, " ")
					want := http.StatusNotFound
					if slices.Contains(test.answeredAt[key], asked) {
						want = http.StatusOK
						if method == "POST" {
							want = http.StatusNoContent
						}
					}
					request, err := http.NewRequest(method, "http://"+address+path, strings.NewReader(family))
					if err != nil {
						t.Fatal(err)
					}
					request.Header.Set("Content-Type", form)
					response, err := http.DefaultClient.Do(request)
					if err != nil {
						t.Fatal(err)
					}
					response.Body.Close()
					if response.StatusCode != want {
						t.Errorf("%s at %s is answered %d, want %d", asked, key, response.StatusCode, want)
					}
				}
			}
			if err := errors.Join(server.Shutdown(t.Context()), <-served); err != nil {
				t.Errorf("stopped with %v, want no error", err)
			}
		})
	}
}

func TestAddressOfItsOwnThatCannotBeHadIsNamedByItsKey(t *testing.T) {
	d := start(t)
	_, err := web.Listen(web.Options{
		Listen: "127.0.0.1:0", CallbacksListen: d.server.Addr().String(),
		Database: d.store, Now: d.clock, Metrics: d.metrics, Log: slog.New(slog.DiscardHandler),
	})
	if err == nil || !strings.Contains(err.Error(), "set callbacks_listen in the configuration") {
		t.Errorf("the error is %v, want it to name callbacks_listen", err)
	}
}

// slowDatabase lets a test hold an answer up.
type slowDatabase struct {
	web.Database
	asked, goOn chan struct{}
}

func (s slowDatabase) Ping(ctx context.Context) error {
	close(s.asked)
	<-s.goOn
	return s.Database.Ping(ctx)
}

func serveSlowly(t *testing.T) (*web.Server, slowDatabase) {
	t.Helper()
	database := slowDatabase{openStore(t), make(chan struct{}), make(chan struct{})}
	now := func() time.Time { return began }
	server, err := web.Listen(web.Options{
		Listen:   "127.0.0.1:0",
		Database: database,
		Scan:     scanEveryMinute(t),
		TimeZone: time.UTC,
		Now:      now,
		Metrics:  web.NewMetrics("1.2.3", database, urgentBelow, now),
		Log:      slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return server, database
}

func TestShutdownFinishesTheAnswerUnderWay(t *testing.T) {
	server, database := serveSlowly(t)
	served, stopped := make(chan error, 1), make(chan error, 1)
	go func() { served <- server.Serve() }()
	answered := make(chan int, 1)
	go func() {
		response, err := http.Get("http://" + server.Addr().String() + "/readyz")
		if err != nil {
			t.Errorf("the request under way was broken off: %v", err)
			answered <- 0
			return
		}
		response.Body.Close()
		answered <- response.StatusCode
	}()
	<-database.asked
	go func() { stopped <- server.Shutdown(t.Context()) }()
	if err := <-served; err != nil { // Serve returns once no more connections are taken
		t.Errorf("Serve after Shutdown = %v, want no error", err)
	}
	if _, err := net.Dial("tcp", server.Addr().String()); err == nil {
		t.Error("a server that is shutting down took a new connection, want it refused")
	}
	close(database.goOn)
	if got := <-answered; got != http.StatusOK {
		t.Errorf("the request under way was answered %d, want 200", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Shutdown = %v, want no error", err)
	}
}

func TestShutdownBreaksOffWhenItsTimeIsUp(t *testing.T) {
	server, database := serveSlowly(t)
	defer close(database.goOn)
	go server.Serve()
	answered := make(chan error, 1)
	go func() {
		response, err := http.Get("http://" + server.Addr().String() + "/readyz")
		if err == nil {
			response.Body.Close()
		}
		answered <- err
	}()
	<-database.asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Shutdown without time = %v, want %v", err, context.Canceled)
	}
	if err := <-answered; err == nil {
		t.Error("the request under way was answered, want its connection closed")
	}
}
