package webhook_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"example.org/doorstep/notify/webhook"
)

func secretOf(fill string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(fill, 32)))
}

func endpoint(t *testing.T, address, secrets string) *webhook.Endpoint {
	t.Helper()
	e, err := webhook.New(address, secrets)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// TestAReceiverKnowsWhoItIsFrom: by the library of the specification, with the secret in
// use and with the one before, and by no other.
func TestAReceiverKnowsWhoItIsFrom(t *testing.T) {
	const body = `{"type":"duty.overdue"}`
	var header http.Header
	var came []byte
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		came, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer hub.Close()
	answer := endpoint(t, hub.URL, secretOf("n")+" "+secretOf("o")).Post(t.Context(), time.Now(), "msg_1", []byte(body))
	if !answer.Taken || string(came) != body || header.Get("webhook-id") != "msg_1" || header.Get("Content-Type") != "application/json" {
		t.Fatalf("%+v; came %s with %v; want it taken, as JSON, with its id", answer, came, header)
	}
	for fill, knows := range map[string]bool{"n": true, "o": true, "x": false} {
		receiver, err := standardwebhooks.NewWebhook(secretOf(fill))
		if err != nil {
			t.Fatal(err)
		}
		if err := receiver.Verify(came, header); (err == nil) != knows {
			t.Errorf("with the secret of %s: %v, want it known: %v", fill, err, knows)
		}
		if err := receiver.Verify([]byte(body+" "), header); err == nil {
			t.Errorf("with the secret of %s: another body was taken for ours", fill)
		}
	}
}

func TestWhatAReceiverAnswersCounts(t *testing.T) {
	var followed atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
	defer elsewhere.Close()
	for name, c := range map[string]struct {
		code   int
		header http.Header
		want   webhook.Answer
	}{
		"taken":           {200, nil, webhook.Answer{Taken: true}},
		"accepted":        {202, nil, webhook.Answer{Taken: true}},
		"gone":            {410, nil, webhook.Answer{Gone: true, Reason: "410 Gone"}},
		"down":            {503, http.Header{"Retry-After": {"120"}}, webhook.Answer{Reason: "503 Service Unavailable", Wait: 2 * time.Minute}},
		"down for a year": {503, http.Header{"Retry-After": {"31536000"}}, webhook.Answer{Reason: "503 Service Unavailable", Wait: 24 * time.Hour}},
		"refused":         {401, nil, webhook.Answer{Reason: "401 Unauthorized"}},
		"elsewhere":       {307, http.Header{"Location": {elsewhere.URL}}, webhook.Answer{Reason: "307 Temporary Redirect, and redirects are not followed"}},
	} {
		hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for key, values := range c.header {
				w.Header()[key] = values
			}
			w.WriteHeader(c.code)
		}))
		if got := endpoint(t, hub.URL, secretOf("n")).Post(t.Context(), time.Now(), "msg_1", []byte("{}")); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		hub.Close()
	}
	if followed.Load() {
		t.Error("a redirect was followed")
	}
}

// TestAnErrorHoldsNoAddress: whoever has it may be able to fake what comes from there.
func TestAnErrorHoldsNoAddress(t *testing.T) {
	hub := httptest.NewServer(nil)
	address := hub.URL + "/token-9f8e"
	hub.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	e := endpoint(t, address, secretOf("n"))
	for _, ctx := range []context.Context{t.Context(), ended} {
		if got := e.Post(ctx, time.Now(), "msg_1", []byte("{}")); got != (webhook.Answer{Reason: "it cannot be reached"}) {
			t.Errorf("%+v, want that it cannot be reached and nothing else", got)
		}
		if err := e.Reach(ctx); err == nil || strings.Contains(err.Error(), "9f8e") || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("asked whether it is there: %v, want an error without the address", err)
		}
	}
}

func TestOnlyWhatIsSafeIsAnEndpoint(t *testing.T) {
	for address, want := range map[string]string{
		"https://hub.example.org/doorstep":  "",
		"http://127.0.0.1:8099/":            "",
		"http://[::1]:8099/":                "",
		"http://localhost:8099/":            "",
		"http://hub.example.org/":           "use https",
		"http://localhost.example.org/":     "use https",
		"ftp://hub.example.org/":            "no web address",
		"hub.example.org":                   "no web address",
		"https://me:pass@hub.example.org/":  "leave it out",
		"https://hub.example.org/#doorstep": "leave it out",
	} {
		if got := webhook.AddressFault(address); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
	short := "whsec_" + base64.StdEncoding.EncodeToString([]byte("too short"))
	for secret, want := range map[string]string{
		secretOf("n"): "", secretOf("n") + "  " + secretOf("o"): "", "": "is empty", "hush": "whsec_", "whsec_hush!": "base64", short: "of 9 bytes",
		secretOf("n") + " hush": "whsec_",
	} {
		if got := webhook.SecretFault(secret); (got == "") != (want == "") || !strings.Contains(got, want) || strings.Contains(got, "hush") {
			t.Errorf("%s: %q, want %q and nothing of the secret", secret, got, want)
		}
	}
}
