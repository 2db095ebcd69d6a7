package notify

import (
	"context"
	"time"
)

// Channel carries messages. Send may be called from several goroutines at once.
type Channel interface {
	// Send hands m over once and says how that went. now is the time the message
	// carries. When ctx ends, Send gives up and says whether the message may have
	// been taken all the same.
	Send(ctx context.Context, now time.Time, m Message) Outcome
	// Close finishes what is being sent, at most until ctx ends, and lets go of
	// every connection. Send after Close fails temporarily.
	Close(ctx context.Context) error
}

// State is how a delivery stands after one attempt.
type State string

const (
	Sent              State = "sent"
	FailedTemporarily State = "failed-temporarily" // the same message may be tried again later
	Failed            State = "failed"             // trying again cannot help; use another channel
)

// Outcome is what became of one attempt to send one message.
type Outcome struct {
	State State
	// Reason says in words why it did not go, and what to do where somebody has
	// to act. It never holds an address or message text.
	Reason string
	// Code is the server's own reply code, such as "451 4.7.1"; empty when the
	// attempt ended before there was one.
	Code string
	// RetryAfter is how long to wait at least before the next attempt. Zero leaves
	// it to the caller's backoff.
	RetryAfter time.Duration
	// ProviderID is the name the provider gave to a message it took; often empty.
	ProviderID string
	// Ambiguous says that the message may have been taken although no answer
	// came. Sending it again keeps the Message-ID, so a mail system can tell.
	Ambiguous bool
}
