package twilio

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"
)

// Settings say whose account sends, and how to reach it.
type Settings struct {
	AccountSID          string
	AuthToken           string
	From                string // a number, short code or name of the account
	MessagingServiceSID string // sends instead of From
	BaseURL             string // empty: Twilio's own
	// StatusCallback is the full address to which Twilio posts receipts; empty:
	// none are asked for.
	StatusCallback string
	// PublicURL is how Twilio reaches this installation. The signature of a text
	// that came in is checked over it and the path that was asked for. Empty: such
	// callbacks are refused.
	PublicURL   string
	Timeout     time.Duration // of one request; 0: 15 s
	Connections int           // at most; 0: 8
}

const (
	twilioURL          = "https://api.twilio.com"
	defaultTimeout     = 15 * time.Second
	defaultConnections = 8
)

// Channel sends texts by one account. It may be used from several goroutines at
// once.
type Channel struct {
	composer    *notify.Composer
	settings    Settings
	base        *url.URL
	credentials *client.Credentials
	validator   client.RequestValidator
	transport   *http.Transport
	turn        chan struct{} // a place for each connection that may be open

	close   sync.Once
	closing chan struct{} // closed once Close is called
}

var _ interface {
	notify.Channel
	notify.Tracker
	notify.Listener
} = (*Channel)(nil)

// New checks the settings. It does not connect yet. Errors name the key of
// doorstep.yaml that is wrong.
func New(composer *notify.Composer, settings Settings) (*Channel, error) {
	c := &Channel{composer: composer, settings: settings, closing: make(chan struct{})}
	if err := c.settings.check(); err != nil {
		return nil, err
	}
	base, err := checkBase(cmp.Or(settings.BaseURL, twilioURL))
	if err != nil {
		return nil, err
	}
	c.base = base
	c.settings.Timeout = cmp.Or(settings.Timeout, defaultTimeout)
	c.settings.Connections = cmp.Or(settings.Connections, defaultConnections)
	c.settings.PublicURL = strings.TrimRight(settings.PublicURL, "/")
	c.credentials = client.NewCredentials(settings.AccountSID, settings.AuthToken)
	c.validator = client.NewRequestValidator(settings.AuthToken)
	c.turn = make(chan struct{}, c.settings.Connections)
	// One request at a time on each connection (HTTP/1.1), so that their number is
	// a limit, and one that breaks takes only its own text into doubt.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	c.transport = &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		Protocols:              protocols,
		DialContext:            (&net.Dialer{Timeout: c.settings.Timeout}).DialContext,
		MaxConnsPerHost:        c.settings.Connections,
		MaxIdleConns:           c.settings.Connections,
		MaxIdleConnsPerHost:    c.settings.Connections,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return c, nil
}

var (
	accountSID = regexp.MustCompile(`^AC[0-9A-Za-z]{1,62}$`)
	serviceSID = regexp.MustCompile(`^MG[0-9A-Za-z]{1,62}$`)
	token      = regexp.MustCompile(`^[0-9A-Za-z]+$`)                                        // twilio-go refuses others
	senderName = regexp.MustCompile(`^([0-9]{3,8}|[0-9 +\-_&]*[A-Za-z][0-9A-Za-z +\-_&]*)$`) // or a short code
)

func (s *Settings) check() error {
	switch {
	case !accountSID.MatchString(s.AccountSID):
		return errors.New("sms.twilio.account_sid: it begins with AC and stands in Twilio's console")
	case !token.MatchString(s.AuthToken):
		return errors.New("sms.twilio.auth_token: it is letters and digits only, and stands in Twilio's console")
	case s.MessagingServiceSID != "" && !serviceSID.MatchString(s.MessagingServiceSID):
		return errors.New("sms.twilio.messaging_service_sid: it begins with MG and stands in Twilio's console")
	case s.Timeout < 0 || s.Connections < 0:
		return errors.New("sms.twilio: timeout and connections cannot be negative")
	case s.MessagingServiceSID != "":
		return nil
	}
	if number := normalised(s.From); number != "" {
		s.From = number
	} else if len(s.From) > 11 || !senderName.MatchString(s.From) {
		return errors.New("sms.twilio.from: write the account's number, as in +447700900000, or set a messaging_service_sid")
	}
	return nil
}

// checkBase refuses an address to which the auth token would go in the clear.
func checkBase(address string) (*url.URL, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("sms.twilio.base_url: it is no web address: write it as https://api.twilio.com, or leave it empty")
	}
	host := base.Hostname()
	if ip := net.ParseIP(host); base.Scheme == "http" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, errors.New("sms.twilio.base_url: http would let the auth token be read on the way: use https")
	}
	base.Path = cmp.Or(base.Path, "/") // else JoinPath makes a path without one
	return base, nil
}

// errClosing is why nothing is sent any more.
var errClosing = errors.New("Doorstep is stopping")

// takeTurn waits for a free connection. It gives back what lets go of it.
func (c *Channel) takeTurn(ctx context.Context) (release func(), err error) {
	select {
	case <-c.closing:
		return nil, errClosing
	default:
	}
	select {
	case c.turn <- struct{}{}:
		return func() { <-c.turn }, nil
	case <-c.closing:
		return nil, errClosing
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close waits for what is being sent, at most until ctx ends, and ends every idle
// connection. What is still being sent then runs into its own timeout.
func (c *Channel) Close(ctx context.Context) error {
	c.close.Do(func() { close(c.closing) })
	defer c.transport.CloseIdleConnections()
	taken := 0
	defer func() {
		for range taken {
			<-c.turn
		}
	}()
	for ; taken < cap(c.turn); taken++ { // whoever holds a place is still sending
		select {
		case c.turn <- struct{}{}:
		case <-ctx.Done():
			return fmt.Errorf("closing the connections to Twilio: up to %d requests are still under way: %w", cap(c.turn)-taken, ctx.Err())
		}
	}
	return nil
}

// call is one question to Twilio, or the pages of one list. See call.go.
func (c *Channel) call(ctx context.Context, now time.Time) (*call, *openapi.ApiService) {
	asked := &call{ctx: ctx, now: now, channel: c}
	twilio := &client.Client{Credentials: c.credentials, HTTPClient: &http.Client{
		Transport:     asked,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	twilio.SetAccountSid(c.settings.AccountSID)
	return asked, openapi.NewApiService(&client.RequestHandler{Client: twilio})
}
