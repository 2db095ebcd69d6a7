package store

import (
	"errors"
	"time"

	"example.org/doorstep/pathway"
)

// MessageState is where a message of the ledger stands.
type MessageState string

const (
	MessageQueued            MessageState = "queued"
	MessageSending           MessageState = "sending"
	MessageSent              MessageState = "sent"
	MessageDelivered         MessageState = "delivered"          // a receipt says that it arrived
	MessageFailedTemporarily MessageState = "failed-temporarily" // to be tried again
	MessageFailed            MessageState = "failed"
	MessageCancelled         MessageState = "cancelled" // there was nothing left to say
)

// waiting picks out the messages that are still to be sent. It stands in the
// queries exactly as in the index, which is how both databases see that the
// index serves.
const waiting = `state IN ('queued', 'sending', 'failed-temporarily')`

// byChannel picks out messages of the channel $1. Where a text is compared as it is
// in a query with an order, SQLite parses and plans the kept statement again for
// every text, which costs five times as much as finding nothing due.
const byChannel = `channel = CAST($1 AS TEXT)`

// What became of a reminder that was decided as sent and then had nothing left
// to say when its message went (Reminder.Reason, besides pathway's reasons).
const (
	ReasonMet     pathway.Reason = "met"
	ReasonEnded   pathway.Reason = "ended"
	ReasonMoved   pathway.Reason = "moved"    // the duty has another due time now
	ReasonTooLate pathway.Reason = "too-late" // a warning of what has come to pass
	// ReasonAcknowledged: its reader has said that they know of it.
	ReasonAcknowledged pathway.Reason = "acknowledged"
)

// ErrLeaseLost says that another process has taken over the run under whose
// lease something was to be written. Nothing was.
var ErrLeaseLost = errors.New("another process has taken over this run")

// Message is one message as the ledger takes it in.
type Message struct {
	Key      string
	Kind     string
	Person   string
	Channel  string
	Address  string
	Severity pathway.Severity // 0 goes first
	// NextTry is when it may first be sent.
	NextTry     time.Time
	UsefulUntil time.Time // zero: always, or as long as its reminders are
	Payload     []byte    // what a reminder's rows do not say; empty for reminders
}

// ReminderKey is what the ledger never holds twice.
type ReminderKey struct {
	Duty int64
	// Due is the duty's due time, Unix milliseconds; 0 for the rung "start", and the
	// rung's own instant for those that one due time can have several of
	// (pathway.RungRule.Instant).
	Due     int64
	Rung    string
	Person  string
	Channel string
}

// Reminder is one decision about one rung of one duty, one person and one
// channel, whether or not it becomes a message.
type Reminder struct {
	ReminderKey
	Role       pathway.Role
	Reason     pathway.Reason
	Instead    string // whom the person stands in for
	MergedInto string // the more serious rung that says it
	StandsFor  int    // how many missed rungs this one says
	Message    string // the key of the message that carries it; empty for none
}
