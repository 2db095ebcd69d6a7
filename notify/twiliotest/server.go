package twiliotest

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

// What a server has unless Options say otherwise. All of it is invented.
const (
	AccountSID          = "AC00000000000000000000000000000001"
	AuthToken           = "0123456789abcdef0123456789abcdef"
	Number              = "+447700900000"
	MessagingServiceSID = "MG00000000000000000000000000000001"
)

// Options are what a server does. The zero value is an account whose texts stay
// queued until a test delivers them.
type Options struct {
	AccountSID          string // empty: AccountSID
	AuthToken           string // empty: AuthToken
	Number              string // the account's one number; empty: Number
	MessagingServiceSID string // the account's one service, which sends from Number; empty: MessagingServiceSID

	// Now is asked from several goroutines at once. Nil: time.Now.
	Now func() time.Time

	// SentAfter and DeliveredAfter are how long after it was taken a text is sent
	// and then delivered, by Now. Zero: only when a test says so.
	SentAfter      time.Duration
	DeliveredAfter time.Duration

	Rate       int           // texts taken a second, by Now; more are answered with 429; 0: any number
	RetryAfter string        // the header that goes with that 429; empty: none
	Latency    time.Duration // each answer takes so long, in real time

	// Forgetful servers count texts and keep none, so their memory stays as it is:
	// for benchmarks. Whatever text they took, they say it was delivered.
	Forgetful bool
	// TLS serves https, with a certificate for 127.0.0.1 that nobody trusts.
	TLS bool

	// InboundURL is where a text that comes in is posted; empty: nowhere.
	InboundURL string
	// Via is where callbacks are really posted, as with a proxy in front:
	// "http://127.0.0.1:1234". They are signed for the address that they are meant
	// for, and keep its path. Empty: that address itself.
	Via string
}

// Server is a running server.
type Server struct {
	URL string

	options Options
	address string
	port    keptPort      // while the server is stopped
	limit   *rate.Limiter // nil: none

	mu          sync.Mutex
	http        *httptest.Server
	messages    []*Message // in the order in which they came
	bySID       map[string]*Message
	byTo        map[string][]*Message
	numbered    int // SIDs given out
	taken       int
	requests    map[Action]int
	faults      []Fault
	connections int
	open        map[net.Conn]bool
}

// Start runs a server until the test ends.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	for value, otherwise := range map[*string]string{
		&options.AccountSID: AccountSID, &options.AuthToken: AuthToken,
		&options.Number: Number, &options.MessagingServiceSID: MessagingServiceSID,
	} {
		if *value == "" {
			*value = otherwise
		}
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	s := &Server{options: options, address: "127.0.0.1:0", bySID: make(map[string]*Message), byTo: make(map[string][]*Message),
		requests: make(map[Action]int), open: make(map[net.Conn]bool)}
	if options.Rate > 0 {
		s.limit = rate.NewLimiter(rate.Limit(options.Rate), options.Rate)
	}
	s.listen(t)
	t.Cleanup(func() {
		s.Stop()
		s.port.leave()
	})
	return s
}

func (s *Server) listen(t testing.TB) {
	t.Helper()
	listener, err := (&net.ListenConfig{Control: sharePort}).Listen(t.Context(), "tcp", s.address)
	if err != nil {
		t.Fatalf("starting the Twilio server for tests: %v", err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{
		Handler:   s.handler(),
		ErrorLog:  log.New(io.Discard, "", 0), // dropped connections are no news here
		ConnState: s.watch,
	}}
	if s.options.TLS {
		server.StartTLS()
	} else {
		server.Start()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.http, s.address, s.URL = server, listener.Addr().String(), server.URL
}

// watch counts connections.
func (s *Server) watch(conn net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.connections++
		s.open[conn] = true
	case http.StateClosed, http.StateHijacked:
		delete(s.open, conn)
	}
}

// Stop ends every connection and refuses new ones. The texts stay, and so does the
// port: nobody else is given it.
func (s *Server) Stop() {
	s.mu.Lock()
	server := s.http
	s.http = nil
	s.mu.Unlock()
	if server == nil {
		return
	}
	s.port.keep(s.address)
	server.Listener.Close() // first, so that no connection slips in
	server.CloseClientConnections()
	server.Close()
}

// Restart listens again on the same port after a Stop.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.listen(t)
	s.port.leave()
}

// Count is the number of texts taken so far.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// Requests is how often something was asked for so far, refusals included.
func (s *Server) Requests(on Action) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[on]
}

// Connections is the number of connections made so far.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Open is the number of connections that are open.
func (s *Server) Open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}
