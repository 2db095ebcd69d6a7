package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stage is how far an email got.
type stage int

const (
	connecting  stage = iota // dialling, greeting, TLS, signing in
	sender                   // MAIL
	recipient                // RCPT
	beforeData               // DATA
	handingOver              // the content, its closing dot, and the answer
)

// beforeContent reports whether the server cannot have seen any of the message.
func (s stage) beforeContent() bool { return s <= beforeData }

// failure is why an email did not go.
type failure struct {
	stage stage
	code  int    // the server's reply code; 0 when it gave none
	text  string // the server's words
	err   error  // what went wrong when there was no reply
}

func newFailure(at stage, err error) *failure {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return &failure{stage: at, code: reply.Code, text: reply.Msg, err: err}
	}
	return &failure{stage: at, err: err}
}

// answered reports whether the server turned the message down and the
// conversation can go on. After a 421 it hangs up.
func (f *failure) answered() bool {
	return f.stage != connecting && f.code >= 400 && f.code != 421
}

// untilTomorrow is the pause after a daily limit.
const untilTomorrow = 24 * time.Hour

// outcome says what a failure, or nil, means for the message. Whatever stands in
// hide is taken out of the server's words.
func (f *failure) outcome(hide []string) Outcome {
	if f == nil {
		return Outcome{State: Sent}
	}
	enhanced := enhancedCode.FindString(f.text)
	o := Outcome{State: FailedTemporarily}
	if f.code != 0 {
		o.Code = strings.TrimSpace(strconv.Itoa(f.code) + " " + enhanced)
	}
	said := ""
	if words := scrub(f.text, hide); words != "" {
		said = fmt.Sprintf(" (%d %s)", f.code, words)
	} else if f.code != 0 {
		said = fmt.Sprintf(" (%d)", f.code)
	}
	switch {
	case f.code == 0 && f.stage == handingOver:
		o.Ambiguous = true
		o.Reason = "the mail server did not say whether it took the message: " + trouble(f.err, hide)
	case f.code == 0 && f.stage == connecting:
		o.Reason = "connecting to the mail server: " + trouble(f.err, hide)
	case f.code == 0:
		o.Reason = "the connection to the mail server was lost: " + trouble(f.err, hide)
	case isSignIn(f.code):
		// Nothing is wrong with the message: it waits until somebody has put this right.
		o.Reason = "the mail server does not let Doorstep sign in: correct email.smtp username and password" + said
	case f.stage == connecting:
		o.Reason = "the mail server turns connections away" + said
	case f.code == 554 && enhanced == "5.2.0":
		// Microsoft 365, recipient rate limit of the day: a 5xx that means tomorrow.
		o.RetryAfter = untilTomorrow
		o.Reason = "the mail account has reached its limit for today" + said
	case f.code < 500:
		o.Reason = "the mail server asks to try again later" + said
	case f.stage == sender:
		o.State = Failed
		o.Reason = "the mail server refuses the sender: correct email.from" + said
	case f.stage == recipient:
		o.State = Failed
		o.Reason = "the mail server refuses the recipient: correct the address in the people list" + said
	default:
		o.State = Failed
		o.Reason = "the mail server refuses the message" + said
	}
	return o
}

// isSignIn reports whether a reply is about authentication (RFC 4954, 4 and 6).
func isSignIn(code int) bool {
	return code == 530 || code == 534 || code == 535 || code == 538
}

// trouble puts an error without a reply into words.
func trouble(err error, hide []string) string {
	var netError net.Error
	var resolve *net.DNSError
	var unknown x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, net.ErrClosed):
		return "stopped before it answered"
	case errors.Is(err, errClosing):
		return err.Error()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &netError) && netError.Timeout():
		return "no answer in time: check that it is up"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there: check email.smtp host and port, and that it is up"
	case errors.As(err, &resolve):
		return "its name is not known: check email.smtp host"
	case errors.As(err, &unknown):
		return "its certificate comes from an authority that is not trusted here: set email.smtp ca_file"
	case errors.As(err, &certificate):
		return "its certificate is not good: " + scrub(certificate.Err.Error(), hide)
	case strings.Contains(err.Error(), "does not support STARTTLS"): // go-mail has no type for it
		return "it offers no encryption: switch STARTTLS on there, or change email.smtp tls"
	case strings.Contains(err.Error(), "does not support SMTP AUTH"):
		return "it offers no way to sign in: take email.smtp username and password out, or check the port"
	}
	return scrub(err.Error(), hide)
}

var (
	enhancedCode = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`) // RFC 3463
	withAt       = regexp.MustCompile(`\S*@\S*`)
)

// scrub makes a server's words fit for logs and pages. Servers repeat addresses,
// whole or in part, and some the subject.
func scrub(text string, hide []string) string {
	text = clean(text)
	for _, secret := range hide {
		if secret == "" {
			continue
		}
		text = without(text, regexp.QuoteMeta(secret))
		if local, _, isAddress := strings.Cut(secret, "@"); isAddress {
			text = without(text, `\b`+regexp.QuoteMeta(local)+`\b`)
		}
	}
	text = withAt.ReplaceAllString(text, "...")
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "..."
	}
	return text
}

func without(text, pattern string) string {
	return regexp.MustCompile("(?i)"+pattern).ReplaceAllLiteralString(text, "...")
}
