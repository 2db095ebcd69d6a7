package twilio

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.org/doorstep/notify"
	"github.com/twilio/twilio-go/client"
)

// Error is why Twilio could not be asked, or its answer not be read. It holds no
// number and no words of a text.
type Error struct {
	Fault      notify.Fault // empty: Doorstep is stopping
	Reason     string       // in words, as in notify.Outcome
	RetryAfter time.Duration
}

func (e *Error) Error() string { return "asking Twilio: " + e.Reason }

// failure says what came of a call that did not end well. err is what twilio-go
// makes of it, which holds numbers and whole addresses, so its words are never
// used.
func (c *call) failure(err error) notify.Outcome {
	o := notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultProvider, RetryAfter: c.retryAfter}
	var refused *client.TwilioRestError
	switch {
	case c.status == 0:
		o.Fault, o.Reason = trouble(c.ctx, c.err)
		var dial *net.OpError
		o.Ambiguous = c.connected && !(errors.As(c.err, &dial) && dial.Op == "dial")
	case c.status == http.StatusCreated:
		o.Ambiguous = true
		o.Reason = "Twilio accepted the text in an answer that cannot be read: Doorstep looks for it there before it sends again"
	case c.status < 300:
		o.Ambiguous = true
		_, o.Fault, o.Reason = Classify(c.status, 0)
	default:
		code := 0
		if errors.As(err, &refused) {
			code = refused.Code
		}
		o.State, o.Fault, o.Reason = Classify(c.status, code)
		o.Ambiguous = ambiguous(c.status)
		o.Code = "HTTP " + strconv.Itoa(c.status)
		if code != 0 {
			o.Code = strconv.Itoa(code)
		}
	}
	return o
}

// problem is failure for a question: nothing was to be sent.
func (c *call) problem(err error) *Error {
	if c.status >= 200 && c.status < 300 {
		return &Error{notify.FaultProvider, "the answer cannot be read: check sms.twilio.base_url if this goes on", c.retryAfter}
	}
	o := c.failure(err)
	if o.State == notify.Failed { // only a text can be refused for good
		o.Fault = notify.FaultProvider
	}
	return &Error{o.Fault, o.Reason, o.RetryAfter}
}

// trouble puts an error without an answer into words. ctx is the caller's own: the
// fault is empty where the caller has given up.
func trouble(ctx context.Context, err error) (notify.Fault, string) {
	var netError net.Error
	var resolve *net.DNSError
	var unknown x509.UnknownAuthorityError
	var otherHost x509.HostnameError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return "", "stopped before Twilio answered"
	case errors.As(err, &resolve):
		return notify.FaultProvider, "the name of Twilio's server is not known: check sms.twilio.base_url and this machine's name servers"
	case errors.As(err, &unknown):
		return notify.FaultAccount, "Twilio's certificate comes from an authority that is not trusted here: add that authority to this machine's trusted certificates, or correct sms.twilio.base_url"
	case errors.As(err, &otherHost):
		return notify.FaultAccount, "the certificate there belongs to another server: correct sms.twilio.base_url, or let Doorstep past the proxy on the way"
	case errors.As(err, &certificate):
		return notify.FaultAccount, "Twilio's certificate is not good: check this machine's clock and the proxy on the way"
	case errors.As(err, &record), err != nil && strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return notify.FaultAccount, "there is no encryption at this address: correct sms.twilio.base_url"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &netError) && netError.Timeout():
		return notify.FaultProvider, "Twilio did not answer in time: check that this machine reaches it"
	case errors.Is(err, syscall.ECONNREFUSED):
		return notify.FaultProvider, "nobody listens at Twilio's address: check sms.twilio.base_url and the firewall"
	}
	return notify.FaultProvider, "the connection to Twilio was lost: check that this machine reaches it"
}
