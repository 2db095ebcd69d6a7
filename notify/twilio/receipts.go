package twilio

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"example.org/doorstep/notify"
	"github.com/twilio/twilio-go/client"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"
)

const (
	// parallelReceipts is how many texts are asked about at once, as long as that is
	// no more than half the connections.
	parallelReceipts = 4
	// inVain is how many texts in a row may be asked about in vain before it is Twilio
	// and not they.
	inVain = 5
)

// progress is how far a text is in each of Twilio's states. A state that is not
// here says nothing yet.
var progress = map[string]notify.Progress{
	"accepted":            notify.ProgressQueued,
	"scheduled":           notify.ProgressQueued,
	"queued":              notify.ProgressQueued,
	"sending":             notify.ProgressQueued,
	"sent":                notify.ProgressSent,
	"delivered":           notify.ProgressDelivered,
	"read":                notify.ProgressDelivered,
	"partially_delivered": notify.ProgressUndelivered,
	"undelivered":         notify.ProgressUndelivered,
	"failed":              notify.ProgressFailed,
	"canceled":            notify.ProgressFailed,
}

// Receipts asks for each text by its SID, a few at a time. One that cannot be asked
// about holds up no other: its receipt has no Progress. It gives up where Twilio wants
// fewer requests, or after several in a row, and then leaves out those that it has not
// asked about. The error is the first *Error there was.
func (c *Channel) Receipts(ctx context.Context, providerIDs []string) ([]notify.Receipt, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	found := make([]*notify.Receipt, len(providerIDs))
	var next, vain atomic.Int64
	var first sync.Once
	var failed error
	var askers sync.WaitGroup
	for range max(1, min(parallelReceipts, c.settings.Connections/2, len(providerIDs))) {
		askers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(providerIDs) || ctx.Err() != nil {
					return
				}
				receipt, problem := c.receipt(ctx, providerIDs[i])
				if problem == nil {
					vain.Store(0)
					found[i] = receipt
					continue
				}
				first.Do(func() { failed = problem })
				if problem.Fault == notify.FaultBusy || ctx.Err() != nil {
					cancel()
					return
				}
				found[i] = &notify.Receipt{ProviderID: providerIDs[i]}
				if vain.Add(1) >= inVain {
					cancel()
				}
			}
		})
	}
	askers.Wait()
	if failed == nil && int(next.Load()) < len(providerIDs) { // the caller gave up
		failed = &Error{Reason: "stopped before Twilio answered"}
	}
	receipts := make([]notify.Receipt, 0, len(providerIDs))
	for _, receipt := range found {
		if receipt != nil {
			receipts = append(receipts, *receipt)
		}
	}
	return receipts, failed
}

// receipt asks for one text; nil where Twilio does not have it.
func (c *Channel) receipt(ctx context.Context, sid string) (*notify.Receipt, *Error) {
	if !isSID(sid) { // it would become part of the address
		return nil, nil
	}
	release, err := c.takeTurn(ctx)
	if err != nil {
		return nil, &Error{Reason: "stopped while waiting for a connection to Twilio"}
	}
	defer release()
	asked, twilio := c.call(ctx, time.Time{})
	message, err := twilio.FetchMessage(sid, &openapi.FetchMessageParams{})
	switch {
	case isUnknown(err):
		return nil, nil
	case err != nil:
		return nil, asked.problem(err)
	case message.Sid == nil || *message.Sid != sid || message.Status == nil:
		return nil, asked.problem(nil)
	}
	code := 0
	if message.ErrorCode != nil {
		code = *message.ErrorCode
	}
	receipt, ok := receiptFor(sid, *message.Status, code)
	if !ok {
		return nil, nil
	}
	receipt.At = date(message.DateUpdated)
	return &receipt, nil
}

// isUnknown reports whether Twilio itself says that it has no such text; a page
// that is not found at some proxy is another matter.
func isUnknown(err error) bool {
	var refused *client.TwilioRestError
	return errors.As(err, &refused) && refused.Code == 20404
}

// receiptFor puts what Twilio says about a text into our words; false where that
// says nothing.
func receiptFor(sid, status string, code int) (notify.Receipt, bool) {
	receipt := notify.Receipt{ProviderID: sid, Progress: progress[status]}
	switch receipt.Progress {
	case "":
		return notify.Receipt{}, false
	case notify.ProgressUndelivered, notify.ProgressFailed:
		_, receipt.Fault, receipt.Reason = Classify(0, code)
		if code != 0 {
			receipt.Code = strconv.Itoa(code)
		}
	}
	return receipt, true
}
