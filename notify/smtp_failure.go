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
)

// stage is how far an email got.
type stage int

const (
	connecting  stage = iota // dialling, greeting, TLS, signing in
	sender                   // MAIL
	recipient                // RCPT
	beforeData               // DATA
	handingOver              // the content, its closing dot, and the answer
	bounced                  // taken, and then sent back
)

// beforeContent reports whether the server cannot have seen any of the message.
func (s stage) beforeContent() bool { return s <= beforeData }

// failure is why an email did not go.
type failure struct {
	stage stage
	code  int    // the server's reply code; 0 when it gave none
	text  string // the server's words
	err   error  // what went wrong when there was no reply
	token string // what was signed in with, if it was a token
	// settled is the whole outcome where the mail server was not even asked.
	settled *Outcome
}

func newFailure(at stage, err error) *failure {
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 400 { // else it is no refusal, but out of turn
		return &failure{stage: at, code: reply.Code, text: reply.Msg, err: err}
	}
	return &failure{stage: at, err: err}
}

// answered reports whether the server turned the message down and the
// conversation can go on. After a 421 it hangs up.
func (f *failure) answered() bool {
	return f.stage != connecting && f.code >= 400 && f.code != 421
}

// outcome says what a failure, or nil, means for the message. Whatever stands in
// hide is taken out of the server's words.
func (f *failure) outcome(hide []string) Outcome {
	switch {
	case f == nil:
		return Outcome{State: Sent}
	case f.settled != nil:
		return *f.settled
	}
	hide = append(hide, f.token)
	if f.code == 0 {
		return f.unanswered(hide)
	}
	status := enhancedCode.FindString(f.text)
	m := reply{f.stage, f.code, status, f.text}.meaning()
	if m.says == signInRefused && f.token != "" {
		m.says = tokenRefused
	}
	said := fmt.Sprintf(" (%d)", f.code)
	if words := scrub(f.text, hide); words != "" {
		said = fmt.Sprintf(" (%d %s)", f.code, words)
	}
	return Outcome{
		State: m.fault.state(), Fault: m.fault, RetryAfter: m.pause,
		Reason: m.says + said, Code: strings.TrimSpace(strconv.Itoa(f.code) + " " + status),
	}
}

// Refused is the outcome of an email whose recipient a mail server answers so:
// "554 5.7.1 Relay access denied". False where that is no refusal of a mail server's.
func Refused(answer string) (Outcome, bool) {
	code, text, _ := strings.Cut(answer, " ")
	n, err := strconv.Atoi(code)
	if err != nil || len(code) != 3 || n < 400 || n > 599 {
		return Outcome{}, false
	}
	return (&failure{stage: recipient, code: n, text: text}).outcome(nil), true
}

// unanswered is the outcome where the server gave no reply.
func (f *failure) unanswered(hide []string) Outcome {
	what, fault := trouble(f.err, hide, "email.smtp host and port")
	o := Outcome{State: FailedTemporarily, Fault: fault}
	switch f.stage {
	case connecting:
		o.Reason = "connecting to the mail server: " + what
	case handingOver:
		o.Fault, o.Ambiguous = FaultProvider, true
		o.Reason = "the mail server did not say whether it took the message: " + what
	default:
		o.Reason = "the connection to the mail server was lost: " + what
	}
	return o
}

// trouble puts an error without a reply into words and says what it lies in.
// address names the settings that say where the server is.
func trouble(err error, hide []string, address string) (what string, in Fault) {
	var netError net.Error
	var resolve *net.DNSError
	var unknown x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, net.ErrClosed):
		return "stopped before it answered", FaultBusy
	case errors.Is(err, errClosing):
		return err.Error(), FaultBusy
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &netError) && netError.Timeout():
		return "no answer in time: check that it is up", FaultProvider
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there: check " + address + ", and that it is up", FaultProvider
	case errors.As(err, &resolve):
		return "its name is not known: check " + address, FaultProvider
	case errors.As(err, &unknown):
		return "its certificate comes from an authority that is not trusted here: set email.smtp ca_file", FaultAccount
	case errors.As(err, &certificate):
		return "its certificate is not good: " + scrub(certificate.Err.Error(), hide), FaultAccount
	case strings.Contains(err.Error(), "does not support STARTTLS"): // go-mail has no type for it
		return "it offers no encryption: switch STARTTLS on there, or change email.smtp tls", FaultAccount
	case strings.Contains(err.Error(), "does not support SMTP AUTH type: XOAUTH2"):
		return "it takes no tokens: take email.smtp.oauth2 out, or check " + address, FaultAccount
	case strings.Contains(err.Error(), "does not support SMTP AUTH"):
		return "it offers no way to sign in: take email.smtp username and password out, or check the port", FaultAccount
	}
	return scrub(err.Error(), hide), FaultProvider
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
