package twilio

import (
	"context"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"github.com/nyaruka/phonenumbers"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"
)

// The pages in which texts that came in are asked for, and how many texts at
// most: with more than that, the oldest are left out.
const (
	pageOfReceived = 500
	mostReceived   = 5000
)

// Received asks for the texts that came in to the Messaging Service, or to the
// number that sends. A sender that is a name gets none. The error is an *Error.
func (c *Channel) Received(ctx context.Context, since time.Time) ([]notify.Received, error) {
	which := new(openapi.ListMessageParams).SetDateSentAfter(since.UTC()).SetPageSize(pageOfReceived).SetLimit(mostReceived)
	service := c.settings.MessagingServiceSID
	if service == "" {
		if normalised(c.settings.From) == "" {
			return nil, nil
		}
		which.SetTo(c.settings.From)
	}
	release, err := c.takeTurn(ctx)
	if err != nil {
		return nil, &Error{Reason: "stopped while waiting for a connection to Twilio"}
	}
	defer release()
	asked, twilio := c.call(ctx, time.Time{})
	texts, err := twilio.ListMessage(which)
	if err != nil {
		return nil, asked.problem(err)
	}
	var received []notify.Received
	for _, text := range slices.Backward(texts) { // they come the newest first
		toUs := service == "" || text.MessagingServiceSid != nil && *text.MessagingServiceSid == service
		if text.Direction == nil || *text.Direction != "inbound" || !toUs || text.Sid == nil || text.From == nil || text.Body == nil {
			continue
		}
		// Twilio may take the day only of the time it was asked for.
		if at := created(text); !at.Before(since.Add(-clockSkew)) {
			received = appendReceived(received, *text.Sid, *text.From, *text.Body, at)
		}
	}
	slices.SortStableFunc(received, func(a, b notify.Received) int { return a.At.Compare(b.At) })
	return received, nil
}

// appendReceived adds a text, unless it comes from something that is no phone: a
// name or a short code can be nobody of ours, and cannot be answered.
func appendReceived(all []notify.Received, sid, from, text string, at time.Time) []notify.Received {
	number := normalised(from)
	if number == "" || !isSID(sid) {
		return all
	}
	return append(all, notify.Received{ID: sid, From: number, Text: text, At: at})
}

// normalised is a number in E.164, as the people list has it; empty where it is
// none. British numbers may be written without their country.
func normalised(number string) string {
	number = strings.TrimSpace(number)
	if !strings.HasPrefix(number, "+") && !strings.HasPrefix(number, "0") {
		return "" // a short code or a name
	}
	parsed, err := phonenumbers.Parse(number, "GB")
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return ""
	}
	return phonenumbers.Format(parsed, phonenumbers.E164)
}
