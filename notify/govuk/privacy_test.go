package govuk

import (
	"context"
	"fmt"
	"io"
	"log"
	"regexp"
	"strings"
	"testing"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuktest"
)

var quiet = log.New(io.Discard, "", 0)

// TestNoReasonRepeatsWhatIsPrivate has Notify repeat all that it was sent, in every
// kind of answer.
func TestNoReasonRepeatsWhatIsPrivate(t *testing.T) {
	server := start(t)
	_, secret, _ := strings.Cut(govuktest.APIKey, govuktest.ServiceID+"-")
	for _, kind := range []string{notify.BySMS, notify.ByEmail} {
		c := newChannel(t, server, kind, nil)
		m := reminder(kind, "KN-1/see-child-again/w1")
		rendered, err := c.composer.Compose(noon, m)
		if err != nil {
			t.Fatal(err)
		}
		words := rendered.SMS + rendered.Subject + "\n" + rendered.Text
		echo := fmt.Sprintf("no: %s %s 07700 900101 7700900101 W1@EXAMPLE.ORG %s %s %s", m.To.Mobile, m.To.Email, govuktest.APIKey, secret, words)
		private := regexp.MustCompile(`(?i)7700|900101|w1@|@example|KN-1|see the child|` + secret)
		var faults []govuktest.Fault
		for _, status := range []int{302, 400, 401, 403, 404, 408, 413, 418, 429, 500, 502, 503} {
			for _, name := range []string{"BadRequestError", "ValidationError", "AuthError", "RateLimitError", "TooManyRequestsError", "InvalidPhoneError", echo} {
				for _, message := range []string{echo, "phone_number " + echo, "personalisation {message: " + echo + "} is not", "Missing personalisation: " + echo,
					"Template not found " + echo, "international mobile numbers" + echo, "trial mode " + echo} {
					faults = append(faults, govuktest.Refuse(status, name, message))
				}
			}
			faults = append(faults, govuktest.Fault{Status: status, Body: "<html>" + echo})
		}
		faults = append(faults, govuktest.Fault{Drop: true}, govuktest.Fault{Status: 201, Body: echo})
		for _, fault := range faults {
			server.Plan(fault)
			o := send(c, m)
			if found := private.FindString(o.Reason + o.Code); found != "" || o.State == notify.Sent || o.Reason == "" {
				t.Errorf("%d %.30s %.30s: the outcome says %q: %+v", fault.Status, fault.Error, fault.Message, found, o)
			}
			fault.At = "GET /v2/notifications/{id}"
			server.Plan(fault)
			if _, err := c.Receipts(context.Background(), []string{"740e5834-3a29-46b4-9a6f-16142fde533a"}); err != nil && regexp.MustCompile(secret).MatchString(err.Error()) {
				t.Errorf("asking for receipts says %q", err)
			}
			server.Forget()
		}
	}
}

func TestNotifysWordsAreScrubbed(t *testing.T) {
	hide := []string{"+447700900101", "Due now: see the child again, KN-1\nOpen the case"}
	for said, want := range map[string]string{
		"cannot reach +447700900101":                        "cannot reach ...",
		"cannot reach +44 7700 900102 now":                  "cannot reach ... now",
		"cannot reach 07700-900103":                         "cannot reach ...",
		"moved to someone.else@example.org":                 "moved to ...",
		"bad: DUE NOW: see the child again, KN-1":           "bad: ...",
		"bad: Open the case":                                "bad: ...",
		"no 26785a09-ab16-4eb0-8407-a37497a57506 here":      "no ... here",
		"Emails cannot be longer than 918 characters\n\x1b": "Emails cannot be longer than 918 characters ",
		strings.Repeat("x", 300):                            strings.Repeat("x", 200) + "...",
	} {
		if got := scrub(said, hide); got != want {
			t.Errorf("%q reads %q, want %q", said, got, want)
		}
	}
}
