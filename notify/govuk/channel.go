package govuk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"time"

	"example.org/doorstep/notify"
)

// Channel sends texts, or emails, through Notify. It is a notify.Channel, a
// notify.Tracker and a notify.Listener.
type Channel struct {
	*service
	composer *notify.Composer
	kind     string // notify.BySMS or notify.ByEmail, which are Notify's own names too
	template string
	callback string // its token
}

var (
	_ notify.Channel  = (*Channel)(nil)
	_ notify.Tracker  = (*Channel)(nil)
	_ notify.Listener = (*Channel)(nil)
)

// New checks the settings. It does not connect yet: see Check.
func New(composer *notify.Composer, settings Settings) (*Channel, error) {
	service, err := newService(settings)
	if err != nil {
		return nil, err
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	return &Channel{service: service, composer: composer, kind: settings.Channel,
		template: settings.TemplateID, callback: settings.CallbackToken}, nil
}

// message is the body of a request that hands over a text or an email.
type message struct {
	PhoneNumber     string            `json:"phone_number,omitempty"`
	EmailAddress    string            `json:"email_address,omitempty"`
	TemplateID      string            `json:"template_id"`
	Personalisation map[string]string `json:"personalisation"`
	Reference       string            `json:"reference"`
}

// Send hands m over once. Where m may have been sent before, it asks Notify first,
// and takes what it finds there as sent.
func (c *Channel) Send(ctx context.Context, now time.Time, m notify.Message) notify.Outcome {
	request, hide, refused := c.request(now, m)
	if refused != nil {
		return *refused
	}
	t := thing{kind: c.kind, hide: hide, now: c.now()}
	if !m.MaybeSent.IsZero() {
		id, fail := c.alreadyTaken(ctx, request.Reference, m.MaybeSent)
		if fail != nil {
			return fail.outcome(t)
		}
		if id != "" {
			return notify.Outcome{State: notify.Sent, ProviderID: id, Tracked: true}
		}
	}
	if !m.UsefulUntil.IsZero() && !now.Before(m.UsefulUntil) {
		return notify.Outcome{State: notify.Failed, Fault: notify.FaultExpired, Reason: "it was no longer of use when its turn came"}
	}
	t.post = true
	var taken struct {
		ID string `json:"id"`
	}
	fail := c.post(ctx, "/v2/notifications/"+c.kind, request, &taken)
	if fail == nil && !isUUID(taken.ID) {
		fail = &failure{status: 201, unreadable: true}
	}
	if fail != nil {
		return fail.outcome(t)
	}
	return notify.Outcome{State: notify.Sent, ProviderID: taken.ID, Tracked: true}
}

// request is what Notify is to be handed for m, with what no reason may repeat. It
// returns an outcome instead where m cannot go.
func (c *Channel) request(now time.Time, m notify.Message) (r message, hide []string, refused *notify.Outcome) {
	no := func(fault notify.Fault, reason string) (message, []string, *notify.Outcome) {
		return message{}, nil, &notify.Outcome{State: notify.Failed, Fault: fault, Reason: reason}
	}
	r = message{TemplateID: c.template, Reference: reference(m.Key)}
	switch {
	case m.Channel != c.kind && c.kind == notify.BySMS:
		return no("", "these settings of GOV.UK Notify are for texts only")
	case m.Channel != c.kind:
		return no("", "these settings of GOV.UK Notify are for emails only")
	}
	if err := m.To.Check(c.kind); err != nil {
		return no(notify.FaultAddress, err.Error())
	}
	if c.kind == notify.BySMS {
		r.PhoneNumber = m.To.Mobile
	} else {
		r.EmailAddress = m.To.Email
	}
	rendered, err := c.composer.Compose(now, m)
	if err != nil {
		return no("", err.Error())
	}
	if c.kind == notify.BySMS {
		r.Personalisation = map[string]string{"message": rendered.SMS}
		return r, []string{m.To.Mobile, rendered.SMS}, nil
	}
	r.Personalisation = map[string]string{"subject": rendered.Subject, "message": plain(rendered.Text)}
	return r, []string{m.To.Email, rendered.Subject, rendered.Text, r.Personalisation["message"]}, nil
}

// reference is what a message with this key is called at Notify. The key could
// name a case; its digest does not.
func reference(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:16])
}

// sendingTakes is how long before MaybeSent a try may have begun: its
// time-out, and what the two clocks may differ by.
const sendingTakes = 2 * time.Minute

// alreadyTaken asks for a message that a try may have handed over; id is
// empty where there is none. Several go by one reference when an earlier one
// failed and was sent again: such a failure is no answer to this try.
func (c *Channel) alreadyTaken(ctx context.Context, reference string, triedAt time.Time) (id string, fail *failure) {
	var page notifications
	fail = c.get(ctx, "/v2/notifications", url.Values{"template_type": {c.kind}, "reference": {reference}}, &page)
	if fail != nil {
		return "", fail
	}
	for _, n := range page.Notifications { // the newest first
		failed := outcomes[n.Status].fault != ""
		if n.Reference == reference && (!failed || n.CreatedAt.After(triedAt.Add(-sendingTakes))) {
			return n.ID, nil
		}
	}
	return "", nil
}
