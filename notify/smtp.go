package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// SMTPSettings say how to reach the mail server.
type SMTPSettings struct {
	Host        string
	Port        int
	TLS         string // "required", "opportunistic", "none"; empty: required away from loopback
	CAFile      string // PEM file of the authorities to trust instead of the system's
	Username    string // empty: no authentication
	Password    string
	OAuth2      *OAuth2       // takes the place of a password (XOAUTH2); nil: none
	Connections int           // kept open at most; 0: 4
	Timeout     time.Duration // for connecting, and again for handing over one message, but not for the answer to it; 0: 30 s
	IdleTimeout time.Duration // a connection idle for so long is closed; 0: 30 s
}

// Values of SMTPSettings.TLS.
const (
	TLSRequired      = "required"
	TLSOpportunistic = "opportunistic"
	TLSNone          = "none"
)

// SMTP sends emails to one mail server over a few kept connections.
type SMTP struct {
	composer *Composer
	settings SMTPSettings
	tls      *tls.Config
	// implicitTLS starts encryption with the first byte (RFC 8314, 3.3).
	implicitTLS   bool
	tokens        *tokens       // nil: signs in with the password, or not at all
	answerTimeout time.Duration // for the answer to a whole message
	turn          chan struct{} // a place for each connection that may be open

	doubts  *doubts
	closing chan struct{} // closed once Close is called

	mu   sync.Mutex
	idle []*connection // the last one used is at the end; none once closing
}

// NewSMTP checks the settings and reads the CA file. It does not connect yet.
func NewSMTP(composer *Composer, settings SMTPSettings) (*SMTP, error) {
	s := &SMTP{composer: composer, settings: settings, answerTimeout: answerTimeout, doubts: newDoubts(), closing: make(chan struct{})}
	if settings.Host == "" || clean(settings.Host) != settings.Host {
		return nil, errors.New("email.smtp.host: name the mail server")
	}
	if settings.Port < 1 || settings.Port > 65535 {
		return nil, fmt.Errorf("email.smtp.port: %d is not a port: use 25, 587 or 465", settings.Port)
	}
	if settings.Connections < 0 || settings.Timeout < 0 || settings.IdleTimeout < 0 {
		return nil, errors.New("email.smtp: connections and timeouts cannot be negative")
	}
	if s.settings.Connections == 0 {
		s.settings.Connections = 4
	}
	if s.settings.Timeout == 0 {
		s.settings.Timeout = 30 * time.Second
	}
	if s.settings.IdleTimeout == 0 {
		s.settings.IdleTimeout = 30 * time.Second
	}
	s.turn = make(chan struct{}, s.settings.Connections)
	if err := s.setUpTLS(); err != nil {
		return nil, err
	}
	if settings.OAuth2 == nil {
		return s, nil
	}
	if err := settings.OAuth2.check(settings.Username, settings.Password); err != nil {
		return nil, err
	}
	trusted, err := x509.SystemCertPool() // as well: the token server is rarely the mail server's neighbour
	if err != nil {
		trusted = x509.NewCertPool()
	}
	s.tokens = newTokens(*settings.OAuth2, s.settings.Timeout, trusted)
	return s, s.trustCAFile(trusted)
}

func (s *SMTP) setUpTLS() error {
	credentials := s.settings.Username != "" || s.settings.Password != "" || s.settings.OAuth2 != nil
	if s.settings.TLS == "" {
		s.settings.TLS = TLSRequired
		if isLoopback(s.settings.Host) && !credentials {
			s.settings.TLS = TLSNone
		}
	}
	if !slices.Contains([]string{TLSRequired, TLSOpportunistic, TLSNone}, s.settings.TLS) {
		return fmt.Errorf("email.smtp.tls: %q is not known: use required, opportunistic or none", s.settings.TLS)
	}
	if credentials && s.settings.TLS != TLSRequired {
		// Where STARTTLS is not offered, anything less would send them in the clear.
		return fmt.Errorf("email.smtp.tls: %s would let the password or token be read on the way: use required", s.settings.TLS)
	}
	s.implicitTLS = s.settings.TLS == TLSRequired && s.settings.Port == implicitTLSPort
	s.tls = &tls.Config{ServerName: s.settings.Host, MinVersion: tls.VersionTLS12}
	if s.settings.CAFile != "" {
		s.tls.RootCAs = x509.NewCertPool() // instead of the system's
	}
	return s.trustCAFile(s.tls.RootCAs)
}

// trustCAFile adds the CA file's authorities to pool, if there is one.
func (s *SMTP) trustCAFile(pool *x509.CertPool) error {
	if s.settings.CAFile == "" {
		return nil
	}
	pem, err := os.ReadFile(s.settings.CAFile)
	if err != nil {
		return fmt.Errorf("email.smtp.ca_file: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return fmt.Errorf("email.smtp.ca_file: %s has no certificate in PEM form", s.settings.CAFile)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send hands m to the mail server. It waits for a free connection first. One
// message has one recipient, so a refused recipient stops nobody else's message.
func (s *SMTP) Send(ctx context.Context, now time.Time, m Message) Outcome {
	if m.Channel != ByEmail {
		return Outcome{State: Failed, Fault: FaultContent, Reason: "the mail server takes emails only"}
	}
	// The whole email is rendered before the server hears of it. A body that failed
	// half-way through would be delivered cut short.
	content, wire := buffers.Get().(*bytes.Buffer), buffers.Get().(*bytes.Buffer)
	defer buffers.Put(content)
	defer buffers.Put(wire)
	content.Reset()
	wire.Reset()
	rendered, err := s.composer.render(now, m, content)
	if err != nil {
		return unsendable(err)
	}
	forWire(wire, content.Bytes())
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-s.closing:
		return Outcome{State: FailedTemporarily, Fault: FaultBusy, Reason: errClosing.Error()}
	case <-ctx.Done():
		return Outcome{State: FailedTemporarily, Fault: FaultBusy, Reason: "stopped while waiting for a connection to the mail server"}
	}
	hide := []string{m.To.Email, rendered.Subject}
	return s.deliver(ctx, m.To.Email, wire.Bytes()).outcome(hide)
}

// deliver hands over one email; nil is success. A kept connection that the server
// has given up meanwhile, or on which we are signed in no longer, is replaced at
// once, as long as the server cannot have seen the message.
func (s *SMTP) deliver(ctx context.Context, to string, content []byte) *failure {
	for {
		conn, reused, fail := s.connection(ctx)
		if fail != nil {
			return fail
		}
		fail = conn.deliver(ctx, s.composer.from.Address, to, content)
		switch {
		case fail == nil:
			s.keep(conn)
			return nil
		case reused && isSignIn(fail.code):
		case fail.answered() && conn.reset():
			s.keep(conn)
			return fail
		}
		conn.drop()
		if reused && (!fail.answered() || isSignIn(fail.code)) && fail.stage.beforeContent() && ctx.Err() == nil {
			continue
		}
		return fail
	}
}

// connection takes the idle connection that was used last, or dials.
func (s *SMTP) connection(ctx context.Context) (conn *connection, reused bool, fail *failure) {
	s.mu.Lock()
	if last := len(s.idle) - 1; last >= 0 {
		conn, s.idle = s.idle[last], s.idle[:last]
	}
	s.mu.Unlock()
	if conn != nil {
		conn.expiry.Stop()
		return conn, true, nil
	}
	select {
	case <-s.closing:
		return nil, false, &failure{stage: connecting, err: errClosing}
	default:
	}
	conn, fail = s.dial(ctx)
	return conn, false, fail
}

var errClosing = errors.New("Doorstep is stopping")

// keep lays conn by for the next message and ends it when none comes in time:
// servers drop idle connections, and a limit on connections counts idle ones.
func (s *SMTP) keep(conn *connection) {
	if conn.unusable {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closing:
		conn.quit()
		return
	default:
	}
	conn.expiry = time.AfterFunc(s.settings.IdleTimeout, func() {
		s.mu.Lock()
		i := slices.Index(s.idle, conn)
		if i >= 0 {
			s.idle = slices.Delete(s.idle, i, i+1)
		}
		s.mu.Unlock()
		if i >= 0 { // else a Send took it at this very moment
			conn.quit()
		}
	})
	s.idle = append(s.idle, conn)
}

// Check connects, introduces itself, secures the connection and signs in as Send
// would, and sends nothing: it is for "check --online".
func (s *SMTP) Check(ctx context.Context) error {
	conn, fail := s.dial(ctx)
	if fail != nil {
		return errors.New(fail.outcome(nil).Reason)
	}
	conn.quit()
	return nil
}

// Close waits for what is being sent, at most until ctx ends, and says goodbye
// on every idle connection. What is still being sent then runs into its own
// timeout.
func (s *SMTP) Close(ctx context.Context) error {
	s.mu.Lock()
	select {
	case <-s.closing:
	default:
		close(s.closing)
	}
	idle := s.idle
	s.idle = nil
	s.mu.Unlock()
	for _, conn := range idle {
		conn.expiry.Stop()
		conn.quit()
	}
	taken := 0
	defer func() {
		for range taken {
			<-s.turn
		}
	}()
	for ; taken < cap(s.turn); taken++ { // whoever holds a place is still sending
		select {
		case s.turn <- struct{}{}:
		case <-ctx.Done():
			return fmt.Errorf("closing the connection to the mail server: up to %d messages are still being sent: %w", cap(s.turn)-taken, ctx.Err())
		}
	}
	return nil
}
