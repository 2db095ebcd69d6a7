package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// OAuth2 says how to get the token that takes the place of a password: client
// credentials (RFC 6749, 4.4), as Microsoft 365 wants them.
type OAuth2 struct {
	TokenURL     string // https, but for a server on this machine
	ClientID     string
	ClientSecret string
	Scope        string // empty: none is asked for
}

// check refuses settings that cannot work or would show the secret.
func (o *OAuth2) check(username, password string) error {
	address, err := url.Parse(o.TokenURL)
	switch {
	case err != nil || address.Host == "" || address.User != nil:
		return errors.New("email.smtp.oauth2.token_url: write a web address, as in https://login.microsoftonline.com/TENANT/oauth2/v2.0/token")
	case address.Scheme != "https" && (address.Scheme != "http" || !isLoopback(address.Hostname())):
		return errors.New("email.smtp.oauth2.token_url: anything but https would let the client secret be read on the way")
	case o.ClientID == "" || o.ClientSecret == "":
		return errors.New("email.smtp.oauth2: write both client_id and client_secret")
	case username == "":
		return errors.New("email.smtp.username: write the mailbox to sign in as by oauth2")
	case password != "":
		return errors.New("email.smtp.password: take it out, or take oauth2 out")
	}
	return nil
}

// renewBefore is how long before its end a token is replaced, so that it does not
// end while a connection is being made.
const renewBefore = time.Minute

// tokens keeps one token for all connections and fetches the next in time, one
// fetch at a time.
type tokens struct {
	config  clientcredentials.Config
	client  *http.Client
	timeout time.Duration
	turn    chan struct{} // held by whoever looks at current or fetches
	current *token
}

type token struct {
	value   string
	until   time.Time   // when to replace it; zero: never
	worked  atomic.Bool // it has let somebody in
	refused atomic.Bool // it lets nobody in any more
}

func (t *token) usable() bool {
	return t != nil && !t.refused.Load() && (t.until.IsZero() || time.Now().Before(t.until))
}

func newTokens(o OAuth2, timeout time.Duration, trusted *x509.CertPool) *tokens {
	t := &tokens{timeout: timeout, turn: make(chan struct{}, 1)}
	t.config = clientcredentials.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret, TokenURL: o.TokenURL,
		AuthStyle: oauth2.AuthStyleInParams, // to find out which it is takes two tries, and hides why the first failed
	}
	if o.Scope != "" {
		t.config.Scopes = strings.Fields(o.Scope)
	}
	t.client = &http.Client{
		Timeout: timeout,
		// A redirect would carry the secret elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSClientConfig:        &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12},
			MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:      true, // one request an hour
		},
	}
	return t
}

// get returns the token, and fetches a new one where that is missing, refused or
// runs out.
func (t *tokens) get(ctx context.Context) (*token, *failure) {
	within, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-within.Done():
		return nil, t.failed(within.Err())
	}
	if t.current.usable() {
		return t.current, nil
	}
	fetched, err := t.config.Token(context.WithValue(within, oauth2.HTTPClient, t.client))
	if err != nil {
		return nil, t.failed(err)
	}
	t.current = &token{value: fetched.AccessToken}
	if !fetched.Expiry.IsZero() {
		t.current.until = fetched.Expiry.Add(-renewBefore)
	}
	return t.current, nil
}

// failed is what it means that there is no token. Whatever the token server says
// is left out but for its codes: it may repeat what it was sent.
func (t *tokens) failed(err error) *failure {
	var refusal *oauth2.RetrieveError
	var unsent *url.Error
	switch {
	case errors.As(err, &refusal):
		return &failure{settled: refusedToken(refusal)}
	case errors.As(err, &unsent):
		err = unsent.Err // without the address
	case !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded):
		// The library found no token in a good answer, and may quote from it.
		err = errors.New("its answer holds no token: check email.smtp.oauth2 token_url")
	}
	what, fault := trouble(err, []string{t.config.ClientSecret}, "email.smtp.oauth2 token_url")
	return &failure{settled: &Outcome{State: FailedTemporarily, Fault: fault, Reason: "fetching a token to sign in with: the token server: " + what}}
}

// microsoftCode names Microsoft's reason for a refusal; its meaning can be looked
// up.
var microsoftCode = regexp.MustCompile(`\bAADSTS[0-9]{5,9}\b`)

// tokenFaults says what to correct for each error of RFC 6749, 5.2.
var tokenFaults = map[string]string{
	"invalid_client":         "it does not know this client or its secret: correct email.smtp.oauth2 client_id and client_secret (a secret ends after a time, and what is wanted is its value, not its id)",
	"unauthorized_client":    "this client may not have a token in this way: correct email.smtp.oauth2 client_id and the tenant in token_url, and see that the application has consent for SMTP.SendAsApp",
	"invalid_scope":          "it does not give this scope: correct email.smtp.oauth2 scope (Microsoft 365: https://outlook.office365.com/.default)",
	"invalid_request":        "it does not understand the request: correct the tenant in email.smtp.oauth2 token_url, and scope",
	"invalid_grant":          "it does not give tokens for client credentials: correct email.smtp.oauth2 token_url",
	"unsupported_grant_type": "it does not give tokens for client credentials: correct email.smtp.oauth2 token_url",
	"access_denied":          "it denies this client access: see that the application of email.smtp.oauth2 client_id is switched on, and what it may do",
}

func refusedToken(r *oauth2.RetrieveError) *Outcome {
	status := r.Response.StatusCode
	o := &Outcome{State: FailedTemporarily, Fault: FaultAccount, Code: strconv.Itoa(status)}
	words, known := tokenFaults[r.ErrorCode]
	switch {
	case status == http.StatusTooManyRequests:
		o.Fault, o.RetryAfter = FaultBusy, max(retryAfter(r.Response), shortPause)
		words = "it has been asked too often"
	case status >= 500, r.ErrorCode == "temporarily_unavailable", r.ErrorCode == "server_error":
		o.Fault, o.RetryAfter = FaultProvider, retryAfter(r.Response)
		words = fmt.Sprintf("it is out of order (%d)", status)
	case known:
		o.Code = r.ErrorCode
		if code := microsoftCode.FindString(r.ErrorDescription); code != "" {
			o.Code += " " + code
		}
		words += " (" + o.Code + ")"
	default:
		words = fmt.Sprintf("it answers %d: correct email.smtp.oauth2 token_url", status)
	}
	o.Reason = "fetching a token to sign in with: the token server: " + words
	return o
}

// retryAfter is what a server asks for in seconds; 0: nothing.
func retryAfter(r *http.Response) time.Duration {
	seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, untilTomorrow)
}
