package rehearsal

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twilio"
	"example.org/doorstep/pathway"
)

// receiptCodes begin at 30000: Twilio takes the text and says later that it did
// not arrive. Smaller codes come at once.
const receiptCodes = 30000

// faultyChannel is a provider on the rehearsal's clock that fails as the outages
// say, and gives receipts as Twilio does.
type faultyChannel struct {
	name    string
	outages []Outage
	people  map[string]string // whose an address is

	mu   sync.Mutex
	sent map[string]notify.Receipt
}

// FaultyChannels are providers that fail as the outages say.
func (c *Caseload) FaultyChannels(outages []Outage) map[string]notify.Channel {
	channels := map[string]notify.Channel{}
	for _, name := range []string{pathway.ChannelEmail, pathway.ChannelSMS} {
		faulty := &faultyChannel{name: name, outages: outages, people: map[string]string{}, sent: map[string]notify.Receipt{}}
		for _, p := range c.people {
			faulty.people[p.value.Email], faulty.people[p.value.Mobile] = p.value.ID, p.value.ID
		}
		channels[name] = faulty
	}
	return channels
}

// faultOf is what is wrong for a person at an instant; empty: nothing.
func (c *faultyChannel) faultOf(person string, now time.Time) string {
	for _, o := range c.outages {
		if !now.Before(o.From) && now.Before(o.Until) && (o.Channel == "" || o.Channel == c.name) && (o.Person == "" || o.Person == person) {
			return o.Fault
		}
	}
	return ""
}

// Send answers as the outages say.
func (c *faultyChannel) Send(_ context.Context, now time.Time, m notify.Message) notify.Outcome {
	c.mu.Lock()
	defer c.mu.Unlock()
	fault := c.faultOf(c.people[m.To.Email+m.To.Mobile], now)
	provider := "the provider"
	if c.name == pathway.ChannelEmail {
		provider = "the mail server"
		if refused, is := notify.Refused(fault); is {
			return refused
		}
	}
	code, _ := strconv.Atoi(fault)
	id := fmt.Sprintf("%s-%d", c.name, len(c.sent)+1)
	switch {
	case fault == faultDown:
		return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultProvider, Reason: provider + " does not answer"}
	case fault == faultBusy:
		return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultBusy, Reason: provider + " asks for fewer messages", RetryAfter: 10 * time.Second}
	case fault == faultLostAnswer && m.MaybeSent.IsZero():
		c.sent[id] = notify.Receipt{ProviderID: id, Progress: notify.ProgressDelivered, At: now}
		return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultProvider, Ambiguous: true, Reason: provider + " did not say whether it took the message"}
	case code >= receiptCodes:
		_, kind, reason := twilio.Classify(0, code)
		c.sent[id] = notify.Receipt{ProviderID: id, Progress: notify.ProgressUndelivered, Fault: kind, Code: fault, Reason: reason, At: now}
	case code > 0:
		state, kind, reason := twilio.Classify(400, code)
		return notify.Outcome{State: state, Fault: kind, Code: fault, Reason: reason}
	default:
		c.sent[id] = notify.Receipt{ProviderID: id, Progress: notify.ProgressDelivered, At: now}
	}
	return notify.Outcome{State: notify.Sent, ProviderID: id, Tracked: c.name == pathway.ChannelSMS}
}

// Receipts tells what became of texts.
func (c *faultyChannel) Receipts(_ context.Context, ids []string) ([]notify.Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []notify.Receipt
	for _, id := range ids {
		if r, known := c.sent[id]; known {
			out = append(out, r)
		}
	}
	return out, nil
}

// Close does nothing.
func (c *faultyChannel) Close(context.Context) error { return nil }
