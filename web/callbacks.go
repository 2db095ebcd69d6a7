package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Callback takes what a provider tells of its own accord: what became of a
// message, or a text that came in.
type Callback struct {
	// Read checks who sent the body, reads it and hands it over; nil says that it
	// need not be told again. The errors below say what was wrong; with any other
	// the provider is asked to repeat. An error goes into the log: it holds nothing
	// of the body.
	//
	// r is for its headers and its context, which ends before the provider gives up
	// waiting. Up to callbacksAtOnce goroutines call Read.
	Read func(r *http.Request, body []byte) error
}

// What Callback.Read may find wrong.
var (
	ErrForged     = errors.New("the callback is not from the provider")
	ErrUnreadable = errors.New("the callback cannot be read")
	ErrBusy       = errors.New("too much is under way")
)

// Providers tell of ten thousand messages within seconds. Whatever comes, the
// daemon has no more than callbacksInLine of them in line and works on
// callbacksAtOnce; whoever is put off repeats, or is asked by the next poll for
// receipts. A callback stands in line once all of it is here: whoever sends slowly
// takes nobody's place. What has come of all bodies together is bounded too.
const (
	callbacksAtOnce = 64
	callbacksInLine = 1024 // those being worked on included
	// callbackPatience is for coming in, waiting in line and being read. Twilio gives
	// up after 15 seconds.
	callbackPatience = 10 * time.Second
	// retryAfter is when those put off may come again, in seconds.
	retryAfter = "30"
)

// result is what became of a callback.
type result string

const (
	callbackTaken      result = "taken"
	callbackForged     result = "forged"
	callbackUnreadable result = "unreadable"
	callbackTooLarge   result = "too-large"
	callbackSlow       result = "slow"
	callbackBusy       result = "busy"
	callbackFailed     result = "failed"
)

var callbackResults = []result{callbackTaken, callbackForged, callbackUnreadable, callbackTooLarge, callbackSlow, callbackBusy, callbackFailed}

// callbacks answers providers. All paths together share its bounds.
type callbacks struct {
	inLine, working chan struct{}
	held            atomic.Int64 // bytes
	metrics         *Metrics
	log             *slog.Logger
	refusals        rarely
}

func newCallbacks(o Options) *callbacks {
	for path := range o.Callbacks {
		o.Metrics.expectCallbacks(path)
	}
	return &callbacks{
		inLine:   make(chan struct{}, callbacksInLine),
		working:  make(chan struct{}, callbacksAtOnce),
		metrics:  o.Metrics,
		log:      o.Log,
		refusals: rarely{now: o.Now, noted: map[string]noted{}},
	}
}

// handler answers what comes to one path.
func (c *callbacks) handler(path string, callback Callback) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		became, err := c.receive(w, r, callback)
		c.metrics.callbacks.WithLabelValues(path, string(became)).Inc()
		if err != nil {
			if times := c.refusals.note(path + " " + string(became)); times > 0 {
				c.log.Warn("callbacks were not taken", "path", path, "result", string(became), "times", times, "last_error", err)
			}
		}
		switch became {
		case callbackTaken:
			w.WriteHeader(http.StatusNoContent) // to Twilio: and send no answer
		case callbackForged:
			http.Error(w, "not from the provider", http.StatusForbidden)
		case callbackUnreadable:
			http.Error(w, "cannot be read", http.StatusBadRequest)
		case callbackTooLarge:
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		case callbackSlow:
			http.Error(w, "too slow", http.StatusRequestTimeout)
		default:
			w.Header().Set("Retry-After", retryAfter)
			http.Error(w, "later", http.StatusServiceUnavailable)
		}
	}
}

// receive hands one callback over and says what became of it, and of any but a taken
// one why.
func (c *callbacks) receive(w http.ResponseWriter, r *http.Request, callback Callback) (result, error) {
	if err := checkContentType(r.Header.Get("Content-Type")); err != nil {
		return callbackUnreadable, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), callbackPatience)
	defer cancel()
	coming := &heldBody{from: http.MaxBytesReader(w, r.Body, largestCallback), held: &c.held}
	defer coming.letGo()
	body, became, err := coming.takeIn(http.NewResponseController(w))
	if err != nil {
		return became, err
	}
	select {
	case c.inLine <- struct{}{}:
		defer func() { <-c.inLine }()
	default:
		return callbackBusy, ErrBusy
	}
	select {
	case c.working <- struct{}{}:
		defer func() { <-c.working }()
	case <-ctx.Done():
		return callbackBusy, ErrBusy
	}
	err = c.read(r.WithContext(ctx), body, callback)
	switch {
	case err == nil:
		return callbackTaken, nil
	case errors.Is(err, ErrForged):
		return callbackForged, err
	case errors.Is(err, ErrUnreadable):
		return callbackUnreadable, err
	case errors.Is(err, ErrBusy):
		return callbackBusy, err
	}
	return callbackFailed, err
}

// read calls Read. What it panics with may quote the body: only the runtime's own
// words are told, and where it happened.
func (c *callbacks) read(r *http.Request, body []byte, callback Callback) (err error) {
	defer func() {
		if p := recover(); p != nil {
			words := fmt.Sprintf("%T", p)
			if e, ok := p.(runtime.Error); ok {
				words = e.Error()
			}
			c.log.Error("panic", "in", "a callback", "panic", words, "stack", string(debug.Stack()))
			err = fmt.Errorf("reading it broke off (panic: %s): report this with the log of that moment", words)
		}
	}()
	return callback.Read(r, body)
}

// checkContentType knows what providers send: Twilio forms, GOV.UK Notify JSON.
func checkContentType(header string) error {
	kind, _, err := mime.ParseMediaType(header)
	if err != nil || kind != "application/x-www-form-urlencoded" && kind != "application/json" {
		return errors.New("neither a form nor JSON")
	}
	return nil
}
