package signin

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/web/signin/oidctest"
)

// trip is somebody's way to the provider and back.
type trip struct {
	*oidctest.Provider
	provider *Provider
	now      time.Time
}

func newTrip(t *testing.T) *trip {
	t.Helper()
	r := &trip{now: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	r.Provider = oidctest.Start(t, func() time.Time { return r.now })
	r.provider = &Provider{Issuer: r.Issuer, ClientID: oidctest.ClientID, Secret: oidctest.Secret, Redirect: "https://doorstep.example/signin/callback", PersonClaim: "staff_id"}
	return r
}

func (r *trip) goes(t *testing.T) (Attempt, url.Values) {
	t.Helper()
	address, a, err := r.provider.Begin(t.Context(), r.now, "/cases/KN-1")
	if err != nil {
		t.Fatal(err)
	}
	return a, r.Visit(t, address).Query()
}

func TestWhoComesBackFromTheProviderIsKnown(t *testing.T) {
	r := newTrip(t)
	r.Says(map[string]any{"sub": "s-77", "staff_id": "W1"})
	a, back := r.goes(t)
	who, err := r.provider.End(t.Context(), r.now.Add(time.Minute), a, back)
	if err != nil {
		t.Fatal(err)
	}
	if who.Issuer != r.Issuer || who.Subject != "s-77" || who.Person != "W1" || a.Next != "/cases/KN-1" {
		t.Errorf("%+v on the way to %s, want s-77 of %s, who is W1, on the way to the case", who, a.Next, r.Issuer)
	}
}

// TestWhatProvesNothingIsDenied: each part of what comes back, wrong by itself.
func TestWhatProvesNothingIsDenied(t *testing.T) {
	for what, c := range map[string]struct {
		says  map[string]any
		after time.Duration
		bend  func(t *testing.T, r *trip, a *Attempt, back url.Values)
	}{
		"another issuer's token":       {says: map[string]any{"iss": "https://elsewhere.example"}},
		"another client's token":       {says: map[string]any{"aud": "somebody-else"}},
		"an expired token":             {says: map[string]any{"exp": time.Date(2026, 9, 1, 7, 0, 0, 0, time.UTC).Unix()}},
		"a token without an end":       {says: map[string]any{"exp": nil}},
		"another nonce":                {says: map[string]any{"nonce": "another"}},
		"no nonce":                     {says: map[string]any{"nonce": nil}},
		"a forged signature":           {bend: func(t *testing.T, r *trip, _ *Attempt, _ url.Values) { r.Forges(t) }},
		"another state":                {bend: func(_ *testing.T, _ *trip, _ *Attempt, back url.Values) { back.Set("state", "another") }},
		"no state":                     {bend: func(_ *testing.T, _ *trip, a *Attempt, back url.Values) { a.State = ""; back.Del("state") }},
		"another browser's verifier":   {bend: func(_ *testing.T, _ *trip, a *Attempt, _ url.Values) { a.Verifier = strings.Repeat("a", 43) }},
		"no code":                      {bend: func(_ *testing.T, _ *trip, _ *Attempt, back url.Values) { back.Del("code") }},
		"a code that is nobody's":      {bend: func(_ *testing.T, _ *trip, _ *Attempt, back url.Values) { back.Set("code", "another") }},
		"an error of the provider":     {bend: func(_ *testing.T, _ *trip, _ *Attempt, back url.Values) { back.Set("error", "access_denied") }},
		"another issuer in the answer": {bend: func(_ *testing.T, _ *trip, _ *Attempt, back url.Values) { back.Set("iss", "https://elsewhere.example") }},
		"too late":                     {after: AttemptLasts + time.Second},
		"from before it was asked for": {after: -time.Second},
		"a code that was taken before": {bend: func(t *testing.T, r *trip, a *Attempt, back url.Values) {
			if _, err := r.provider.End(t.Context(), r.now, *a, back); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(what, func(t *testing.T) {
			r := newTrip(t)
			r.Says(c.says)
			a, back := r.goes(t)
			if c.bend != nil {
				c.bend(t, r, &a, back)
			}
			if who, err := r.provider.End(t.Context(), r.now.Add(c.after), a, back); !errors.Is(err, ErrDenied) || errors.Is(err, ErrAway) || who != nil {
				t.Errorf("%+v, %v; want it to be denied", who, err)
			}
		})
	}
}

// TestAProviderThatIsDownIsAskedAgain: it is away, not wrong, and works once it is back.
func TestAProviderThatIsDownIsAskedAgain(t *testing.T) {
	r := newTrip(t)
	r.GoesDown("/")
	if _, _, err := r.provider.Begin(t.Context(), r.now, "/"); !errors.Is(err, ErrAway) {
		t.Errorf("%v, want that it is away", err)
	}
	r.GoesDown("")
	var a Attempt
	var back url.Values
	for _, part := range []string{"/token", "/keys"} { // the code is lost with what fetches the keys
		a, back = r.goes(t)
		r.GoesDown(part)
		if _, err := r.provider.End(t.Context(), r.now, a, back); !errors.Is(err, ErrAway) || errors.Is(err, ErrDenied) {
			t.Errorf("%s: %v, want that it is away", part, err)
		}
		r.GoesDown("")
	}
	a, back = r.goes(t)
	if _, err := r.provider.End(t.Context(), r.now, a, back); err != nil {
		t.Errorf("once it is back: %v", err)
	}
}
