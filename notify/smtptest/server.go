package smtptest

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Options are what a server offers.
type Options struct {
	// STARTTLS and ImplicitTLS offer encryption, with a certificate of the server's
	// own making: see Server.CAFile. Faults AtGreeting and AtData do not happen once
	// it has begun.
	STARTTLS    bool
	ImplicitTLS bool // from the first byte on
	// Username and Password are what a sender must sign in with; empty: nothing.
	Username string
	Password string
	// OAuth2 takes the place of Password, and needs STARTTLS or ImplicitTLS; nil: none.
	OAuth2 *OAuth2
	// MaxConnections is how many connections may send at once: MAIL on any more is
	// answered by 432. 0: any number.
	MaxConnections int
	// PerMinute is how many messages may be begun within any 60 seconds: MAIL for
	// any more is answered by 432. 0: any number.
	PerMinute int
	// Now is the clock for PerMinute and for how long tokens are good; nil: the real
	// one. It is called from several goroutines, and must not call the server.
	Now func() time.Time
	// OpenSignIn offers signing in without encryption as well.
	OpenSignIn bool
	// OneByOne servers do not offer PIPELINING.
	OneByOne bool
	// Forgetful servers count messages and keep no content: for benchmarks.
	Forgetful bool
	// Pace is how long the server waits before it takes up each message, as one
	// that limits its senders does.
	Pace time.Duration
}

// Mail is one message that the server took.
type Mail struct {
	From    string
	To      []string
	Content []byte // as it came, lines ending in CRLF
	// Encrypted says that it came over TLS.
	Encrypted bool
}

// Header returns a field of the message's header, "" when it has none.
func (m Mail) Header(name string) string {
	parsed, err := mail.ReadMessage(strings.NewReader(string(m.Content)))
	if err != nil {
		return ""
	}
	return parsed.Header.Get(name)
}

// MessageID is the Message-ID with its angle brackets.
func (m Mail) MessageID() string { return m.Header("Message-ID") }

// Server is a running mail server.
type Server struct {
	Host string
	Port int

	options  Options
	caFile   string
	tls      *tls.Config
	tokenURL string

	mu          sync.Mutex
	smtp        *smtp.Server
	listener    net.Listener
	faults      []Fault
	met         map[string]bool // recipients that OncePerRecipient has turned away
	taken       []Mail
	count       int
	connections int
	open        int                  // sessions that have a place (Options.MaxConnections)
	begun       []time.Time          // messages of the last minute (Options.PerMinute)
	tokens      map[string]time.Time // the tokens given, and until when they are good
	tokensAsked int
	tokenFaults []TokenFault
	ended       chan struct{} // one value for each connection that has ended
}

// Start runs a server until the test ends.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	s := &Server{Host: "127.0.0.1", options: options, met: make(map[string]bool), tokens: make(map[string]time.Time), ended: make(chan struct{}, 1<<16)}
	if options.STARTTLS || options.ImplicitTLS {
		s.makeCertificate(t)
	}
	if options.OAuth2 != nil {
		s.giveTokens(t)
	}
	if err := s.listen("127.0.0.1:0"); err != nil {
		t.Fatalf("starting the mail server for tests: %v", err)
	}
	t.Cleanup(s.Stop)
	return s
}

func (s *Server) listen(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		session := &session{server: s, conn: c}
		s.enter(session)
		return session, nil
	}))
	server.Domain = "mail.example.org"
	var accept net.Listener = &faultyListener{listener, s}
	if s.options.ImplicitTLS {
		accept = tls.NewListener(accept, s.tls)
	} else {
		server.TLSConfig = s.tls
	}
	server.AllowInsecureAuth = s.options.OpenSignIn
	server.ErrorLog = quiet
	s.mu.Lock()
	s.smtp, s.listener = server, listener
	s.Port = listener.Addr().(*net.TCPAddr).Port
	s.mu.Unlock()
	go server.Serve(accept)
	return nil
}

// quiet is where dropped connections are reported: they are no news here.
var quiet = log.New(io.Discard, "", 0)

// Stop ends every connection and refuses new ones.
func (s *Server) Stop() {
	s.mu.Lock()
	server, listener := s.smtp, s.listener
	s.mu.Unlock()
	listener.Close() // go-smtp may not have heard of it yet
	server.Close()
}

// Restart listens again on the same port after a Stop.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.listen(net.JoinHostPort(s.Host, strconv.Itoa(s.Port))); err != nil {
		t.Fatalf("restarting the mail server for tests: %v", err)
	}
}

// Hangup ends every open connection, as a server does with idle ones, and goes
// on listening.
func (s *Server) Hangup(t testing.TB) {
	t.Helper()
	s.Stop()
	s.Restart(t)
}

// accept counts a message, and keeps it unless it is nil.
func (s *Server) accept(m *Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	if m != nil {
		s.taken = append(s.taken, *m)
	}
}

// Taken returns the messages in the order in which they were accepted.
func (s *Server) Taken() []Mail { return s.TakenSince(0) }

// TakenSince returns those that were accepted after the first so many.
func (s *Server) TakenSince(first int) []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.taken[first:]...)
}

// TakenByID says how often each Message-ID was accepted.
func (s *Server) TakenByID() map[string]int {
	count := make(map[string]int)
	for _, m := range s.Taken() {
		count[m.MessageID()]++
	}
	return count
}

// Count is the number of messages accepted.
func (s *Server) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Connections is the number of connections made so far.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Ended gives one value for each connection that has ended, so that a test can
// wait for one.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// CAFile is a PEM file with the certificate to trust; empty without STARTTLS.
func (s *Server) CAFile() string { return s.caFile }
