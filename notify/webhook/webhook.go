// Package webhook hands events over to other systems in the form of Standard Webhooks
// (www.standardwebhooks.com): a POST of JSON with the headers webhook-id,
// webhook-timestamp and webhook-signature, by which its receiver knows who it is from and
// whether it has come before.
//
// It promises that nothing goes without TLS except to this machine, that no redirect is
// followed, and that an error holds neither the address nor the secret. It knows nothing
// of what it carries, keeps nothing, and never tries a second time.
package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	// patience is how long a receiver may take to answer. The specification advises 15 to
	// 30 seconds.
	patience = 20 * time.Second
	// mostWait bounds for how long a receiver can ask to be left alone.
	mostWait = 24 * time.Hour
	// secretPrefix begins a secret.
	secretPrefix = "whsec_"
	// A secret is of so many bytes, as the specification says.
	leastSecret, mostSecret = 24, 64
)

// Endpoint is where another system takes webhooks in.
type Endpoint struct {
	address string
	keys    []*standardwebhooks.Webhook
	client  *http.Client
}

// New returns the endpoint at an address. secrets are one or several, the one in use
// first, with spaces between: while it is changed, a webhook is signed by each.
func New(address, secrets string) (*Endpoint, error) {
	if fault := AddressFault(address); fault != "" {
		return nil, errors.New("its address " + fault)
	}
	if fault := SecretFault(secrets); fault != "" {
		return nil, errors.New("its secret " + fault)
	}
	e := &Endpoint{address: address}
	for _, secret := range strings.Fields(secrets) {
		key, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return nil, errors.New("its secret cannot be read")
		}
		e.keys = append(e.keys, key)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost, transport.MaxIdleConnsPerHost = 2, 2
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	e.client = &http.Client{Timeout: patience, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return e, nil
}

// AddressFault says what is wrong with the address of an endpoint; empty: nothing.
func AddressFault(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return "is no web address: write it in full, as in https://hub.council.example/doorstep"
	case u.User != nil:
		return "has a user or a password: webhooks are known by their signature; leave it out"
	case u.Fragment != "":
		return "has a part behind #, which is never sent: leave it out"
	case u.Scheme != "https" && !onThisMachine(u.Hostname()):
		return "would send case references where others can read them: use https"
	}
	return ""
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// SecretFault says what is wrong with the secrets of an endpoint, without a part of them;
// empty: nothing.
func SecretFault(secrets string) string {
	all := strings.Fields(secrets)
	if len(all) == 0 {
		return `is empty: make one with printf 'whsec_%s\n' "$(openssl rand -base64 32)", and give it to the receiver`
	}
	for _, secret := range all {
		text, is := strings.CutPrefix(secret, secretPrefix)
		key, err := base64.StdEncoding.DecodeString(text)
		switch {
		case !is:
			return "does not begin with whsec_: write the whole of it, in the form of Standard Webhooks"
		case err != nil:
			return "is not whsec_ and base64: copy the whole of it"
		case len(key) < leastSecret || len(key) > mostSecret:
			return fmt.Sprintf("is of %d bytes: make it %d to %d", len(key), leastSecret, mostSecret)
		}
	}
	return ""
}

// Answer is what came of handing over a webhook.
type Answer struct {
	Taken  bool
	Gone   bool          // the receiver wants no more
	Reason string        // why it was not taken, without an address
	Wait   time.Duration // for how long the receiver asks to be left alone; 0: it does not
}

// Post hands over a webhook, signed at now.
func (e *Endpoint) Post(ctx context.Context, now time.Time, id string, body []byte) Answer {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address, bytes.NewReader(body))
	if err != nil {
		return Answer{Reason: "the address cannot be asked"}
	}
	signatures := make([]string, len(e.keys))
	for i, key := range e.keys {
		if signatures[i], err = key.Sign(id, now, body); err != nil {
			return Answer{Reason: "the webhook cannot be signed"}
		}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Doorstep")
	request.Header.Set(standardwebhooks.HeaderWebhookID, id)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	response, err := e.client.Do(request)
	if err != nil {
		return Answer{Reason: whyUnanswered(err)}
	}
	defer response.Body.Close()
	io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection can be kept
	switch code := response.StatusCode; {
	case code >= 200 && code < 300:
		return Answer{Taken: true}
	case code == http.StatusGone:
		return Answer{Gone: true, Reason: "410 Gone"}
	case code >= 300 && code < 400:
		return Answer{Reason: response.Status + ", and redirects are not followed"}
	default:
		return Answer{Reason: response.Status, Wait: waitOf(response.Header.Get("Retry-After"), now)}
	}
}

// whyUnanswered is why there was no answer: the address may be a secret.
func whyUnanswered(err error) string {
	var timeout net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.As(err, &certificate):
		return "its certificate is not trusted"
	}
	return "it cannot be reached"
}

// waitOf reads a Retry-After.
func waitOf(value string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil {
		return min(max(0, time.Duration(seconds)*time.Second), mostWait)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)), mostWait)
	}
	return 0
}

// Reach asks whether anything answers at the address, and hands over nothing: it is asked
// what it allows (OPTIONS), and any answer will do.
func (e *Endpoint) Reach(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodOptions, e.address, nil)
	if err != nil {
		return err
	}
	response, err := e.client.Do(request)
	if err != nil {
		return errors.New(whyUnanswered(err) + ": check the address, and that this machine may call it")
	}
	response.Body.Close()
	switch code := response.StatusCode; {
	case code == http.StatusGone:
		return errors.New("it answers 410 Gone: it wants no webhooks; take it out")
	case code >= 300 && code < 400:
		return fmt.Errorf("it answers %s, and redirects are not followed: write the address that it leads to", response.Status)
	}
	return nil
}

// Close lets go of connections that are kept.
func (e *Endpoint) Close() { e.client.CloseIdleConnections() }
