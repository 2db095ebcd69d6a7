package scheduler

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/webhook"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Webhook is another system that is told of events.
type Webhook struct {
	Name string // as the store's WebhookEndpoint
	Post func(ctx context.Context, now time.Time, id string, body []byte) webhook.Answer
}

// When a webhook is tried again, from one try to the next, as the specification of
// Standard Webhooks advises: for a little more than three days, and then no more.
var webhookTries = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

const (
	// So many are claimed at a time, each of which may take 20 seconds.
	webhooksTogether = 8
	webhookClaim     = 4 * time.Minute
	// An endpoint that takes nothing is left alone for longer and longer: what waits for
	// it is not tried in vain.
	firstRest = 5 * time.Second
	lastRest  = 5 * time.Minute
	// toldTogether is how many duties that have become due are told of at a time.
	toldTogether = 500
)

// webhooks tells other systems of events, each by itself: one that is slow or down keeps
// nobody waiting.
type webhooks struct {
	store    *store.Store
	clock    Clock
	zone     *time.Location
	holder   string
	jitter   func() float64
	log      *slog.Logger
	observer Observer
	watch    *watch
	tell     func(ctx context.Context, now time.Time, key string, alert notify.Alert)
}

// keepClock tells of duties that open by themselves or become due, until ctx ends.
func (w *webhooks) keepClock(ctx context.Context) {
	begun := false
	for {
		now := w.clock.Now()
		looked, err := 0, error(nil)
		if w.right(ctx, now) {
			if !begun {
				err = w.store.BeginWebhooks(ctx, now)
				begun = err == nil
			}
			if err == nil {
				looked, err = w.store.TellDuties(ctx, now, toldTogether)
			}
		}
		if err != nil && ctx.Err() == nil {
			w.log.Error("webhooks of duties that have become due must wait", "error", err)
		}
		if looked < toldTogether && !wait(ctx, w.clock, now.Add(lookAgain), nil) || ctx.Err() != nil {
			return
		}
	}
}

// right reports whether anything may be done by this machine's clock.
func (w *webhooks) right(ctx context.Context, now time.Time) bool {
	right, err := w.watch.right(ctx, now, false)
	return right && err == nil
}

// keep sends the webhooks of one endpoint until ctx ends.
func (w *webhooks) keep(ctx context.Context, to Webhook) {
	failures := 0 // in a row
	for ctx.Err() == nil {
		now := w.clock.Now()
		var claimed []store.ClaimedWebhook
		var err error
		if w.right(ctx, now) {
			claimed, err = w.store.ClaimWebhooks(ctx, now, to.Name, w.holder, webhooksTogether, now.Add(webhookClaim), w.body)
		}
		if err != nil && ctx.Err() == nil {
			w.log.Error("cannot claim webhooks", "webhook", to.Name, "error", err)
		}
		rest := lookAgain
		for i := range claimed {
			if rest != lookAgain || ctx.Err() != nil {
				w.again(ctx, to, &claimed[i], w.clock.Now(), "")
				continue
			}
			taken, wait := w.send(ctx, to, &claimed[i])
			if taken {
				failures = 0
				continue
			}
			failures++
			rest = max(wait, min(firstRest<<min(failures-1, 10), lastRest))
		}
		if len(claimed) == webhooksTogether && rest == lookAgain {
			continue
		}
		if !sleep(ctx, w.clock, rest) {
			return
		}
	}
}

// send sends one webhook and records what came of it; wait is for how long the endpoint
// asks to be left alone.
func (w *webhooks) send(ctx context.Context, to Webhook, c *store.ClaimedWebhook) (taken bool, wait time.Duration) {
	now := w.clock.Now()
	answer := to.Post(ctx, now, c.Key, c.Body)
	now = w.clock.Now()
	recording, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	switch {
	case answer.Taken:
		w.observer.WebhookEnded(to.Name, "taken")
		if err := w.store.WebhookTaken(recording, c.ID); err != nil {
			w.log.Error("cannot record that a webhook was taken: it goes again, under the same id", "webhook", to.Name, "error", err)
		}
		return true, 0
	case ctx.Err() != nil: // the daemon is stopping
		w.again(ctx, to, c, now, "")
	case answer.Gone:
		w.observer.WebhookEnded(to.Name, "failed")
		w.again(ctx, to, c, now.Add(webhookTries[0]), answer.Reason)
		w.disable(recording, now, to.Name, answer.Reason)
	case c.Tries >= len(webhookTries):
		w.observer.WebhookEnded(to.Name, "given-up")
		if err := w.store.WebhookGivenUp(recording, now, w.holder, c.ID, answer.Reason); err != nil {
			w.log.Error("cannot give up a webhook", "webhook", to.Name, "error", err)
			break
		}
		w.log.Error("a webhook was given up", "webhook", to.Name, "event", c.Event, "id", c.Key, "reason", answer.Reason)
		w.tell(recording, now, "webhook-failed/"+to.Name+"/"+now.In(w.zone).Format(time.DateOnly),
			notify.Alert{Says: notify.AlertWebhookFails, File: to.Name, Reason: answer.Reason, Since: c.At})
	default:
		w.observer.WebhookEnded(to.Name, "failed")
		pause := webhookTries[c.Tries]
		pause += time.Duration(w.jitter() * float64(pause) / 10)
		w.again(ctx, to, c, now.Add(max(pause, answer.Wait)), answer.Reason)
	}
	return false, answer.Wait
}

func (w *webhooks) again(ctx context.Context, to Webhook, c *store.ClaimedWebhook, at time.Time, reason string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if err := w.store.WebhookAgain(ctx, w.holder, c.ID, at, reason); err != nil {
		w.log.Warn("cannot put off a webhook: it goes when its claim runs out", "webhook", to.Name, "error", err)
	}
}

// disable has an endpoint told no more that said so, and operations told of it.
func (w *webhooks) disable(ctx context.Context, now time.Time, name, reason string) {
	disabled, err := w.store.DisableWebhook(ctx, now, name, reason)
	if err != nil {
		w.log.Error("cannot disable a webhook", "webhook", name, "error", err)
	}
	if disabled {
		w.log.Error("a webhook is disabled: its receiver wants no more", "webhook", name, "reason", reason)
		w.tell(ctx, now, "webhook-off/"+name+"/"+now.UTC().Format(time.RFC3339), notify.Alert{Says: notify.AlertWebhookOff, File: name, Reason: reason})
	}
}

// webhookBody is what is sent, in the form of Standard Webhooks. It says nothing of who
// the family or the staff are.
type webhookBody struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Data      any    `json:"data"`
}

type webhookDuty struct {
	Case     string `json:"case"`
	Duty     string `json:"duty"`
	Attempt  int    `json:"attempt,omitempty"`
	Pathway  string `json:"pathway,omitempty"`
	Owner    string `json:"owner,omitempty"` // a role
	Basis    string `json:"basis,omitempty"`
	State    string `json:"state,omitempty"`
	OpenedAt string `json:"opened_at,omitempty"`
	DueAt    string `json:"due_at"`
	MetAt    string `json:"met_at,omitempty"`
}

type webhookMessage struct {
	Kind    string        `json:"kind"`
	Channel string        `json:"channel"`
	Fault   string        `json:"fault,omitempty"`
	Duties  []webhookDuty `json:"duties"`
}

type webhookFile struct {
	File         string `json:"file"`
	Files        string `json:"files"`
	Refused      bool   `json:"refused"` // nothing of it was taken in
	RejectedRows int    `json:"rejected_rows,omitempty"`
}

// body is what a webhook says.
func (w *webhooks) body(e *store.WebhookEvent) ([]byte, error) {
	b := webhookBody{Type: e.Event, Timestamp: w.write(e.At)}
	switch {
	case e.Duty != nil:
		b.Data = w.duty(e)
	case e.Event == store.EventImportRejected:
		b.Data = webhookFile{e.File.Number, e.File.Of, e.File.Rows == 0, e.File.Rows}
	default:
		m := webhookMessage{Kind: e.Kind, Channel: e.Channel, Fault: e.Fault, Duties: []webhookDuty{}}
		for i := range e.Duties {
			d := &e.Duties[i]
			m.Duties = append(m.Duties, webhookDuty{Case: d.Case, Duty: d.ID, Attempt: d.Attempt, DueAt: w.write(d.Due)})
		}
		b.Data = m
	}
	return json.Marshal(b)
}

// duty is a duty as the event found it: of one that was met since, duty.due says that it
// was open.
func (w *webhooks) duty(e *store.WebhookEvent) webhookDuty {
	d := e.Duty
	out := webhookDuty{Case: d.Case, Duty: d.ID, Attempt: d.Attempt, Pathway: d.Pathway, Owner: string(d.Owner), Basis: string(d.Basis),
		State: string(pathway.Open), OpenedAt: w.write(d.Opened), DueAt: w.write(d.Due)}
	switch e.Event {
	case store.EventDutyOverdue:
		out.State = string(pathway.Overdue)
	case store.EventDutyMet:
		out.State, out.MetAt = string(d.StateAt(e.At)), w.write(d.Met)
	}
	return out
}

func (w *webhooks) write(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(w.zone).Format(time.RFC3339)
}
