package signin

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/web/signin/oidctest"
)

// TestAProviderThatOthersHaveWrittenIsUnderstood: what it says is believed once, and what
// was bent on the way is not.
func TestAProviderThatOthersHaveWrittenIsUnderstood(t *testing.T) {
	const redirect = "https://doorstep.example/signin/callback"
	foreign := oidctest.StartForeign(t, redirect)
	now := time.Now()
	// goes is the way there and back.
	goes := func(t *testing.T) (*Provider, Attempt, url.Values) {
		t.Helper()
		p := &Provider{Issuer: foreign.Issuer, ClientID: oidctest.ClientID, Secret: oidctest.Secret, Redirect: redirect}
		address, a, err := p.Begin(t.Context(), now, "/cases/KN-1")
		if err != nil {
			t.Fatal(err)
		}
		return p, a, foreign.Visit(t, address).Query()
	}
	p, a, back := goes(t)
	who, err := p.End(t.Context(), now.Add(time.Second), a, back)
	if err != nil || who.Issuer != foreign.Issuer || who.Subject != oidctest.ForeignSubject || a.Next != "/cases/KN-1" {
		t.Fatalf("%+v (%v), want %s of %s on the way to the case", who, err, oidctest.ForeignSubject, foreign.Issuer)
	}
	if who, err := p.End(t.Context(), now.Add(time.Second), a, back); err == nil {
		t.Errorf("the same code again: %+v, want it refused", who)
	}
	for what, bend := range map[string]func(p *Provider, a *Attempt, back url.Values){
		"another nonce":        func(_ *Provider, a *Attempt, _ url.Values) { a.Nonce = "another" },
		"another state":        func(_ *Provider, a *Attempt, _ url.Values) { a.State = "another" },
		"another verifier":     func(_ *Provider, a *Attempt, _ url.Values) { a.Verifier = strings.Repeat("a", 43) },
		"a code of nobody":     func(_ *Provider, _ *Attempt, back url.Values) { back.Set("code", "another") },
		"another secret":       func(p *Provider, _ *Attempt, _ url.Values) { p.Secret = "another" },
		"another client":       func(p *Provider, _ *Attempt, _ url.Values) { p.ClientID = "web" },
		"another way back":     func(p *Provider, _ *Attempt, _ url.Values) { p.Redirect = "https://elsewhere.example/callback" },
		"an error of its own":  func(_ *Provider, _ *Attempt, back url.Values) { back.Set("error", "access_denied") },
		"another issuer in it": func(_ *Provider, _ *Attempt, back url.Values) { back.Set("iss", "https://elsewhere.example") },
	} {
		t.Run(what, func(t *testing.T) {
			p, a, back := goes(t)
			q := &Provider{Issuer: p.Issuer, ClientID: p.ClientID, Secret: p.Secret, Redirect: p.Redirect}
			bend(q, &a, back)
			if who, err := q.End(t.Context(), now.Add(time.Second), a, back); err == nil {
				t.Errorf("%+v is signed in, want nobody", who)
			}
		})
	}
	elsewhere := &Provider{Issuer: strings.Replace(foreign.Issuer, "127.0.0.1", "localhost", 1), ClientID: oidctest.ClientID, Secret: oidctest.Secret, Redirect: redirect}
	if address, _, err := elsewhere.Begin(t.Context(), now, "/"); err == nil {
		t.Errorf("a provider that calls itself something else is asked at %s, want it refused", address)
	}
}
