package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuk"
	"example.org/doorstep/notify/twilio"
)

// ProviderCall is what a provider tells at one path about one channel: what became
// of messages, or texts that came in. One of the two is set.
type ProviderCall struct {
	Path, Channel string
	Receipts      func(r *http.Request, body []byte) ([]notify.Receipt, error)
	Received      func(r *http.Request, body []byte) ([]notify.Received, error)
}

// Listener is told what providers tell.
type Listener interface {
	TakeReceipts(ctx context.Context, channel string, receipts []notify.Receipt) error
	TakeReplies(ctx context.Context, channel string, texts []notify.Received) error
}

// CallbacksTo returns, by path, what hands the calls over to a listener.
func CallbacksTo(to Listener, calls []ProviderCall) map[string]Callback {
	out := map[string]Callback{}
	for i := range calls {
		call := &calls[i]
		out[call.Path] = Callback{Read: func(r *http.Request, body []byte) error { return call.handOver(r, body, to) }}
	}
	return out
}

func (c *ProviderCall) handOver(r *http.Request, body []byte, to Listener) error {
	if c.Receipts != nil {
		receipts, err := c.Receipts(r, body)
		if err != nil {
			return unread(err)
		}
		return to.TakeReceipts(r.Context(), c.Channel, receipts)
	}
	texts, err := c.Received(r, body)
	if err != nil {
		return unread(err)
	}
	return to.TakeReplies(r.Context(), c.Channel, texts)
}

// unread says what was wrong with a body, in the terms of Callback.
func unread(err error) error {
	if errors.Is(err, twilio.ErrForged) || errors.Is(err, govuk.ErrForged) {
		return fmt.Errorf("%w: %w", ErrForged, err)
	}
	return fmt.Errorf("%w: %w", ErrUnreadable, err)
}
