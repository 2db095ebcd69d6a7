package scheduler

import (
	"time"

	"example.org/doorstep/store"
)

// Observer is told what happens, for metrics. Its methods may be called from
// several goroutines at once and must not wait for anything.
type Observer interface {
	// RunEnded tells of a run of a schedule: "scan", "digest" and the like. err is
	// nil where it went well.
	RunEnded(schedule string, started, ended time.Time, counts map[string]int, err error)
	// MessageEnded tells of an attempt to send a message by a channel, or that a
	// message was cancelled.
	MessageEnded(channel string, state store.MessageState)
	// ReceiptSeen tells of a receipt, by what it says ("delivered", "undelivered")
	// or why it counts for nothing ("unknown", "late").
	ReceiptSeen(channel, progress string)
	// ReplySeen tells of a text that came in, by what came of it.
	ReplySeen(outcome string)
	// WebhookEnded tells of an attempt to hand a webhook to an endpoint: "taken",
	// "failed" (it is tried again) or "given-up".
	WebhookEnded(endpoint, result string)
	// ProbeArrived tells that a probe has arrived.
	ProbeArrived(channel string, at time.Time)
}

// unobserved is for whoever wants no metrics.
type unobserved struct{}

func (unobserved) RunEnded(string, time.Time, time.Time, map[string]int, error) {}
func (unobserved) MessageEnded(string, store.MessageState)                      {}
func (unobserved) ReceiptSeen(string, string)                                   {}
func (unobserved) ReplySeen(string)                                             {}
func (unobserved) WebhookEnded(string, string)                                  {}
func (unobserved) ProbeArrived(string, time.Time)                               {}
