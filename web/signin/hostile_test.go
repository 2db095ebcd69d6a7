package signin

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// TestAnAnswerOfAProviderThatDoesNotEndIsNotReadToItsEnd: it is away, whatever it says.
func TestAnAnswerOfAProviderThatDoesNotEndIsNotReadToItsEnd(t *testing.T) {
	const much = 256 << 20
	var said atomic.Int64
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for part := make([]byte, 1<<20); said.Load() < much; {
			n, err := w.Write(part)
			if said.Add(int64(n)); err != nil {
				return
			}
		}
	}))
	defer provider.Close()
	p := &Provider{Issuer: provider.URL, ClientID: "doorstep"}
	if _, _, err := p.Begin(t.Context(), time.Now(), "/"); !errors.Is(err, ErrAway) {
		t.Errorf("%v, want that it is away", err)
	}
	provider.Close() // which waits for it to stop
	if n := said.Load(); n > much/4 {
		t.Errorf("%d MB of its answer were taken, want it cut off", n>>20)
	}
}

// TestNobodyWaitsInALineForAProviderThatIsSilent: it is asked once for all who come
// meanwhile, and who has gone waits no more.
func TestNobodyWaitsInALineForAProviderThatIsSilent(t *testing.T) {
	asked, goOn := make(chan struct{}, 10), make(chan struct{})
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked <- struct{}{}
		<-goOn
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer provider.Close()
	p := &Provider{Issuer: provider.URL, ClientID: "doorstep"}
	answers := make(chan error, 2)
	begin := func(ctx context.Context) {
		_, _, err := p.Begin(ctx, time.Now(), "/")
		answers <- err
	}
	go begin(t.Context())
	<-asked
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	go begin(gone)
	if err := <-answers; !errors.Is(err, context.Canceled) {
		t.Errorf("who has gone has the answer %v, want that they wait no more", err)
	}
	close(goOn)
	if err := <-answers; !errors.Is(err, ErrAway) {
		t.Errorf("the first has the answer %v, want that it is away", err)
	}
	if n := len(asked); n != 0 {
		t.Errorf("it was asked %d more times, want once for both", n)
	}
}
