package twilio

import (
	"context"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
	openapi "github.com/twilio/twilio-go/rest/api/v2010"
)

const (
	// clockSkew is how far Twilio's clock and ours may be apart. It stays well
	// below the time after which a text that failed is sent again.
	clockSkew = 2 * time.Minute
	// lookBack is how many texts to one number are looked at for one of ours.
	lookBack = 100
	// wordingStep is the shortest time for which a text keeps its words: "due now"
	// lasts so long.
	wordingStep = 15 * time.Minute
)

// taken looks for m among the texts that Twilio has for its number, by its words,
// and returns its SID, empty where it is not there. Twilio has no idempotency
// key: the same words to the same number at the same time count as the same text.
// An account that does not keep the words of texts cannot be asked this way: there
// a text may come twice.
func (c *Channel) taken(ctx context.Context, now time.Time, m notify.Message) (sid string, problem *Error) {
	since := m.MaybeSent.Add(-clockSkew - c.settings.Timeout)
	words := c.wordsBetween(m.MaybeSent, now, m)
	// By the time of sending it is found among any number of others, but not while
	// it still waits at Twilio: then it has no such time and is one of the newest.
	sent, newest := textsTo(m.To.Mobile).SetDateSentAfter(since.UTC()), textsTo(m.To.Mobile)
	for _, which := range []*openapi.ListMessageParams{sent, newest} {
		asked, twilio := c.call(ctx, now)
		found, err := twilio.ListMessage(which)
		if err != nil {
			return "", asked.problem(err)
		}
		for _, text := range found {
			if wentOut(text, since) && slices.ContainsFunc(words, sameAs(text)) {
				return *text.Sid, nil
			}
		}
	}
	return "", nil
}

func textsTo(number string) *openapi.ListMessageParams {
	return new(openapi.ListMessageParams).SetTo(number).SetPageSize(lookBack).SetLimit(lookBack)
}

// wordsBetween are the words of m at every try that there can have been.
func (c *Channel) wordsBetween(from, to time.Time, m notify.Message) []string {
	var all []string
	step := max(wordingStep, to.Sub(from)/100)
	for at := from; ; at = at.Add(step) {
		at = earlier(at, to)
		if words, err := c.composer.Compose(at, m); err == nil && words.SMS != "" && !slices.Contains(all, words.SMS) {
			all = append(all, words.SMS)
		}
		if !at.Before(to) {
			return all
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// wentOut reports whether a text is one that we sent, and not before since.
func wentOut(text openapi.ApiV2010Message, since time.Time) bool {
	return text.Sid != nil && isSID(*text.Sid) && text.Direction != nil && strings.HasPrefix(*text.Direction, "outbound") &&
		!created(text).Before(since)
}

// created is when Twilio took a text; the zero time where that cannot be read.
func created(text openapi.ApiV2010Message) time.Time { return date(text.DateCreated) }

// date reads RFC 2822, in which all times of this API are.
func date(written *string) time.Time {
	if written == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC1123Z, *written)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// sameAs compares with the end of a text: a trial account puts a sentence of
// Twilio's in front.
func sameAs(text openapi.ApiV2010Message) func(words string) bool {
	return func(words string) bool { return text.Body != nil && strings.HasSuffix(*text.Body, words) }
}
