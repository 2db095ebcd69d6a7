package twilio

import (
	"context"
	"regexp"
	"time"

	"example.org/doorstep/notify"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"
)

// longestValidity is how long Twilio keeps a text at most.
const longestValidity = 36_000 * time.Second

// Send hands a text to Twilio. It waits for a free connection first. A text that
// may have been taken by an earlier try is looked for, and not sent again
// where it is found.
func (c *Channel) Send(ctx context.Context, now time.Time, m notify.Message) notify.Outcome {
	if m.Channel != notify.BySMS {
		return notify.Outcome{State: notify.Failed, Reason: "Twilio takes texts only"}
	}
	if err := m.To.Check(notify.BySMS); err != nil {
		return notify.Outcome{State: notify.Failed, Fault: notify.FaultAddress, Reason: err.Error()}
	}
	words, err := c.composer.Compose(now, m)
	if err != nil {
		return notify.Outcome{State: notify.Failed, Reason: err.Error()}
	}
	release, err := c.takeTurn(ctx)
	if err != nil {
		return notify.Outcome{State: notify.FailedTemporarily, Reason: "stopped while waiting for a connection to Twilio"}
	}
	defer release()
	if !m.MaybeSent.IsZero() {
		sid, problem := c.taken(ctx, now, m)
		if problem != nil {
			return notify.Outcome{State: notify.FailedTemporarily, Fault: problem.Fault, RetryAfter: problem.RetryAfter, Ambiguous: true,
				Reason: "an earlier attempt may have been taken, and Twilio could not be asked: " + problem.Reason}
		}
		if sid != "" {
			return notify.Outcome{State: notify.Sent, ProviderID: sid, Tracked: true}
		}
	}
	params := new(openapi.CreateMessageParams).SetTo(m.To.Mobile).SetBody(words.SMS)
	if !m.UsefulUntil.IsZero() {
		useful := min(m.UsefulUntil.Sub(now), longestValidity)
		if useful < time.Second {
			return notify.Outcome{State: notify.Failed, Fault: notify.FaultExpired, Reason: "the text is of no more use"}
		}
		params.SetValidityPeriod(int(useful / time.Second))
	}
	if c.settings.MessagingServiceSID != "" {
		params.SetMessagingServiceSid(c.settings.MessagingServiceSID)
	} else {
		params.SetFrom(c.settings.From)
	}
	if c.settings.StatusCallback != "" {
		params.SetStatusCallback(c.settings.StatusCallback)
	}
	asked, twilio := c.call(ctx, now)
	message, err := twilio.CreateMessage(params)
	if err != nil {
		return asked.failure(err)
	}
	if message.Sid == nil || !isSID(*message.Sid) {
		return asked.failure(nil)
	}
	return notify.Outcome{State: notify.Sent, ProviderID: *message.Sid, Tracked: true}
}

// isSID is what Twilio calls a text.
var isSID = regexp.MustCompile(`^(SM|MM)[0-9A-Za-z]{32}$`).MatchString
