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

// Checker is a Channel that can show without a message whether it works: it connects
// and signs in as Send would.
type Checker interface {
	Check(ctx context.Context) error
}

// Tracker is a Channel whose provider can be asked what became of the messages
// it took.
type Tracker interface {
	// Receipts asks how messages stand, by the provider's names for them. Those the
	// provider knows nothing of are left out. One that was asked about in vain has no
	// Progress, and holds up no other. With an error, what is left out may not have
	// been asked about at all.
	Receipts(ctx context.Context, providerIDs []string) ([]Receipt, error)
}

// Listener is a Channel whose provider can be asked for the texts that came in.
type Listener interface {
	// Received returns the texts that came in since then, the oldest first. It may
	// return some that came before, and the same ones again.
	Received(ctx context.Context, since time.Time) ([]Received, error)
}

// State is how a delivery stands after one try.
type State string

const (
	Sent              State = "sent"
	FailedTemporarily State = "failed-temporarily" // the same message may be tried again later
	Failed            State = "failed"             // trying again cannot help; use another channel
)

// Fault says what a failure lies in, and with it what should come next.
type Fault string

const (
	FaultAddress     Fault = "address"     // nobody can be reached there: not again until somebody corrects it
	FaultOptedOut    Fault = "opted-out"   // the recipient wants no messages there
	FaultUnreachable Fault = "unreachable" // a handset that is off, a full mailbox: later, a few times
	FaultGreylisted  Fault = "greylisted"  // not yet, this recipient from us: again after a minute, then five
	FaultUnclear     Fault = "unclear"     // the provider does not say why: once or twice again
	FaultExpired     Fault = "expired"     // it waited too long at the provider: not again
	FaultContent     Fault = "content"     // refused or filtered as it is: not again, tell operations
	FaultRefused     Fault = "refused"     // refused for good, for a reason of nobody's code book: once again, and if others are too, it is us
	FaultAccount     Fault = "account"     // our configuration or account: the channel stops, tell operations
	FaultBusy        Fault = "busy"        // too many messages: wait, nothing is wrong
	FaultProvider    Fault = "provider"    // the provider is down or cannot be reached
)

// Outcome is what became of one try to send one message.
type Outcome struct {
	State State
	// Fault is set with every failure that the channel can tell; empty means that
	// this one message cannot be sent as it is.
	Fault Fault
	// Reason says in words why it did not go, and what to do where somebody has
	// to act. It never holds an address or message text.
	Reason string
	// Code is the server's own reply code, such as "451 4.7.1" or "21610"; empty
	// when the try ended before there was one.
	Code string
	// RetryAfter is how long to wait at least before the next try. Zero leaves
	// it to the caller's backoff.
	RetryAfter time.Duration
	// ProviderID is the name the provider gave to a message it took; often empty.
	ProviderID string
	// Tracked says that a receipt will tell whether the message arrived.
	Tracked bool
	// Ambiguous says that the message may have been taken although no answer
	// came. Sending it again keeps the Message-ID, so a mail system can tell; a
	// provider of texts is asked first (Message.MaybeSent).
	Ambiguous bool
}

// Progress is how far a message has come at its provider. The first two come
// before the others; the last three are final.
type Progress string

const (
	ProgressQueued      Progress = "queued"
	ProgressSent        Progress = "sent" // handed on to the network
	ProgressDelivered   Progress = "delivered"
	ProgressUndelivered Progress = "undelivered" // the network could not deliver it
	ProgressFailed      Progress = "failed"      // the provider could not send it
)

// Final reports whether nothing comes after p.
func (p Progress) Final() bool {
	return p == ProgressDelivered || p == ProgressUndelivered || p == ProgressFailed
}

// Receipt is what a provider says about a message that it took.
type Receipt struct {
	ProviderID string
	Progress   Progress
	Fault      Fault         // with ProgressUndelivered and ProgressFailed
	Code       string        // the provider's, such as "30003"
	Reason     string        // in words, as in Outcome
	RetryAfter time.Duration // with a Fault: how long to wait at least; zero: the caller's backoff
	At         time.Time     // when it came so far; zero: the provider does not say
}

// Received is a text that came in. Its words are for reading a command only: they
// are never kept or logged.
type Received struct {
	ID   string // the provider's name for it
	From string // E.164
	Text string
	At   time.Time
}
