package govuk

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.org/doorstep/notify"
)

// failure is why a request came to nothing.
type failure struct {
	status     int        // HTTP; 0 when there was no answer
	errors     []apiError // what Notify said; none where the answer was not Notify's
	unreadable bool       // it said yes, and nothing more that could be read
	retryAfter time.Duration
	skew       time.Duration // how far our clock is ahead of the answer's date
	err        error         // what went wrong where there was no answer
	reached    bool          // a connection was had, so the request may have arrived
}

// apiError is one error of Notify's.
type apiError struct {
	Error   string `json:"error"`   // "BadRequestError": Notify does not change these
	Message string `json:"message"` // these it may
}

// thing is what was to be handed over. It says how a failure reads.
type thing struct {
	kind string    // sms, email or letter
	hide []string  // what no reason may repeat
	now  time.Time // by our clock
	post bool      // it was being handed over, not asked about
}

// outcome says what a failure means for the message.
func (f *failure) outcome(t thing) notify.Outcome {
	o := notify.Outcome{State: notify.FailedTemporarily, Code: f.code()}
	if t.post && f.mayHaveArrived() {
		o.Ambiguous = true
		o.RetryAfter = settling
	}
	switch {
	case f.unreadable && t.post:
		o.Fault, o.Reason = notify.FaultProvider, "GOV.UK Notify took the message, it seems, but its answer cannot be read"
	case f.unreadable:
		o.Fault, o.Reason = notify.FaultProvider, "the answer of GOV.UK Notify cannot be read"
	case f.err != nil:
		o.Fault, o.Reason = f.trouble()
	case f.status == 429:
		o.Fault, o.RetryAfter, o.Reason = f.limit(t)
	case f.status >= 500 || f.status == 408:
		o.Fault, o.Reason = notify.FaultProvider, "GOV.UK Notify has trouble of its own"+f.said(t)
		o.RetryAfter = max(o.RetryAfter, f.retryAfter)
	case f.status == 413:
		o.Fault, o.Reason = notify.FaultContent, "GOV.UK Notify finds the message too long"+f.said(t)
	case f.status == 401 || f.status == 403 || f.status == 400 && len(f.errors) > 0:
		o.Fault, o.Reason = f.refusal(t)
	default:
		// A page of a proxy's, a redirect, a 404: whatever is being sent there, the
		// next message would fare the same.
		o.Fault, o.Reason = notify.FaultAccount, "what answers is not GOV.UK Notify: check its base address, and any proxy on the way"+f.said(t)
	}
	if o.Fault == notify.FaultAddress || o.Fault == notify.FaultContent {
		o.State = notify.Failed
	}
	return o
}

// mayHaveArrived reports whether Notify may have taken what was handed over.
func (f *failure) mayHaveArrived() bool {
	switch {
	case f.unreadable:
		return true
	case f.err != nil:
		return f.reached
	}
	return f.status >= 500 || f.status == 408
}

// Error is for requests that only ask.
func (f *failure) Error() string { return f.outcome(thing{}).Reason }

// code is the status with the name of the first error: "429 RateLimitError".
func (f *failure) code() string {
	switch {
	case f.status == 0:
		return ""
	case len(f.errors) == 0 || !isName(f.errors[0].Error):
		return strconv.Itoa(f.status)
	}
	return strconv.Itoa(f.status) + " " + f.errors[0].Error
}

// said is what Notify said, fit for logs and pages. Errors of validation repeat
// the values that they complain of, so of these only the field's name is kept.
func (f *failure) said(t thing) string {
	if len(f.errors) == 0 || f.errors[0].Message == "" {
		return fmt.Sprintf(" (%d)", f.status)
	}
	first := f.errors[0]
	words := scrub(first.Message, t.hide)
	if first.Error == "ValidationError" {
		words, _, _ = strings.Cut(first.Message, " ")
		if !isField[words] {
			return fmt.Sprintf(" (%s)", f.code())
		}
	}
	return fmt.Sprintf(" (%s: %s)", f.code(), words)
}

// trouble puts an error without an answer into words.
func (f *failure) trouble() (notify.Fault, string) {
	var netError net.Error
	var resolve *net.DNSError
	var unknown x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	err := f.err
	switch {
	case errors.Is(err, errClosing), errors.Is(err, errWaiting):
		return notify.FaultBusy, err.Error() // nothing is wrong with Notify
	case errors.Is(err, errStopped):
		return notify.FaultProvider, "GOV.UK Notify: " + err.Error()
	case errors.As(err, &unknown):
		return notify.FaultAccount, "the certificate shown for GOV.UK Notify comes from an authority that is not trusted here: " +
			"check the base address, and whether a proxy opens the connections"
	case errors.As(err, &certificate):
		return notify.FaultAccount, "the certificate shown for GOV.UK Notify is not good: check the base address, any proxy on the way, and this machine's clock"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &netError) && netError.Timeout():
		return notify.FaultProvider, "no answer from GOV.UK Notify in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return notify.FaultProvider, "nobody listens at GOV.UK Notify's address: check the base address, and that this machine may reach it"
	case errors.As(err, &resolve):
		return notify.FaultProvider, "the name of GOV.UK Notify's address is not known: check the base address and this machine's name server"
	case f.reached:
		return notify.FaultProvider, "the connection to GOV.UK Notify was lost before it answered"
	}
	var wrapped *url.Error // its own words hold the address asked for
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return notify.FaultProvider, "connecting to GOV.UK Notify: " + scrub(err.Error(), nil)
}
