package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"
)

// Provider is an OpenID Connect provider at which people sign in: authorization code
// with PKCE (RFC 7636), state and nonce (OpenID Connect Core 1.0, 3.1). It is asked for
// its addresses and keys when somebody first signs in, and again as long as it does not
// answer: one that is down stops nobody who is signed in.
type Provider struct {
	Issuer   string
	ClientID string
	Secret   string
	Redirect string // where it sends people back to: public_url and a path
	// PersonClaim is the claim that holds a person's id; empty: none does.
	PersonClaim string
	// GroupsClaim is the claim that holds the groups that somebody is in; empty: none
	// does. Who is in one of Operates runs the service, in one of Audits looks at who did
	// what.
	GroupsClaim      string
	Operates, Audits []string

	asking singleflight.Group
	found  atomic.Pointer[oidc.Provider]
}

// Attempt is one person's being at the provider: their browser keeps it meanwhile.
type Attempt struct {
	State, Nonce, Verifier string
	Next                   string // where they wanted to go
	Began                  time.Time
}

// AttemptLasts is how long somebody may take at the provider.
const AttemptLasts = 10 * time.Minute

// Identity is who somebody is at the provider.
type Identity struct {
	Issuer, Subject string
	Person          string // the person's id that the provider names; empty: it names none
	Name            string // what they are called there; empty: it does not say
	// Operates and Audits are the rights that their groups give them.
	Operates, Audits bool
}

// ErrAway says that the provider does not answer.
var ErrAway = errors.New("the sign-in service does not answer")

// ErrDenied says that what came back proves nothing; why is for the log.
var ErrDenied = errors.New("the sign-in is not valid")

// patience is how long the provider may take to answer.
const providerPatience = 10 * time.Second

// largestAnswer is how much of an answer of the provider is read: some have hundreds of keys.
const largestAnswer = 1 << 20

// client asks the provider.
var client = &http.Client{Timeout: providerPatience, Transport: bounded{}}

// bounded reads answers as far as they may be long: a provider's are small.
type bounded struct{}

func (bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, largestAnswer)
	}
	return response, err
}

// provider returns what the provider says of itself, and asks it where it is not known:
// once for all who wait for it.
func (p *Provider) provider(ctx context.Context) (*oidc.Provider, error) {
	if found := p.found.Load(); found != nil {
		return found, nil
	}
	asked := p.asking.DoChan("", func() (any, error) {
		// Its keys are fetched with this context later, when the request is long over.
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), client), p.Issuer)
		if err == nil {
			p.found.Store(found)
		}
		return found, err
	})
	select {
	case answer := <-asked:
		if answer.Err != nil {
			return nil, fmt.Errorf("%w: %w", ErrAway, answer.Err)
		}
		return answer.Val.(*oidc.Provider), nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrAway, ctx.Err())
	}
}

func (p *Provider) oauth2(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.Secret, RedirectURL: p.Redirect, Endpoint: found.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "profile"}}
}

// Begin returns where to send somebody, and what their browser has to keep.
func (p *Provider) Begin(ctx context.Context, now time.Time, next string) (address string, a Attempt, err error) {
	found, err := p.provider(ctx)
	if err != nil {
		return "", a, err
	}
	a = Attempt{State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(), Next: next, Began: now}
	return p.oauth2(found).AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), a, nil
}

// End returns who came back. The error is ErrAway, or ErrDenied with the reason.
func (p *Provider) End(ctx context.Context, now time.Time, a Attempt, query url.Values) (*Identity, error) {
	denied := func(format string, args ...any) error {
		return fmt.Errorf("%w: %w", ErrDenied, fmt.Errorf(format, args...))
	}
	since := now.Sub(a.Began)
	switch state := query.Get("state"); {
	case a.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(a.State)) != 1:
		return nil, denied("the state is not the one that this browser was sent off with")
	case since < 0 || since > AttemptLasts:
		return nil, denied("it took longer than %s", AttemptLasts)
	case query.Get("error") != "":
		return nil, denied("the provider says %q", query.Get("error"))
	case query.Has("iss") && query.Get("iss") != p.Issuer: // RFC 9207
		return nil, denied("another issuer answered")
	case query.Get("code") == "":
		return nil, denied("there is no code")
	}
	found, err := p.provider(ctx)
	if err != nil {
		return nil, err
	}
	token, err := p.oauth2(found).Exchange(oidc.ClientContext(ctx, client), query.Get("code"), oauth2.VerifierOption(a.Verifier))
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) && refused.Response.StatusCode < 500 {
		return nil, denied("the provider refuses the code: %q", refused.ErrorCode)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	}
	raw, is := token.Extra("id_token").(string)
	if !is {
		return nil, denied("the answer holds no ID token")
	}
	verified, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: func() time.Time { return now }}).Verify(ctx, raw)
	switch {
	case err != nil && strings.Contains(err.Error(), "fetching keys"): // go-oidc has no name for it
		return nil, fmt.Errorf("%w: %w", ErrAway, err)
	case err != nil:
		return nil, denied("%w", err)
	}
	if subtle.ConstantTimeCompare([]byte(verified.Nonce), []byte(a.Nonce)) != 1 {
		return nil, denied("the nonce is not the one that this browser was sent off with")
	}
	return p.identity(verified)
}

func (p *Provider) identity(t *oidc.IDToken) (*Identity, error) {
	var claims map[string]any
	if err := t.Claims(&claims); err != nil {
		return nil, fmt.Errorf("%w: read the claims: %w", ErrDenied, err)
	}
	i := &Identity{Issuer: t.Issuer, Subject: t.Subject}
	if p.PersonClaim != "" {
		i.Person, _ = claims[p.PersonClaim].(string)
	}
	i.Name, _ = claims["name"].(string)
	if p.GroupsClaim != "" {
		groups := textsOf(claims[p.GroupsClaim])
		i.Operates, i.Audits = shareOne(groups, p.Operates), shareOne(groups, p.Audits)
	}
	return i, nil
}

// textsOf is what a claim holds that is one text, or several.
func textsOf(claim any) []string {
	if text, is := claim.(string); is {
		return []string{text}
	}
	var texts []string
	list, _ := claim.([]any)
	for _, v := range list {
		if text, is := v.(string); is {
			texts = append(texts, text)
		}
	}
	return texts
}

func shareOne(groups, wanted []string) bool {
	return slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(wanted, g) })
}
