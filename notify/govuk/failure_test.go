package govuk

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuktest"
)

func TestWhatEachAnswerMeans(t *testing.T) {
	refuse := govuktest.Refuse
	failed := func(fault notify.Fault, code, reason string) notify.Outcome {
		return notify.Outcome{State: notify.Failed, Fault: fault, Code: code, Reason: reason}
	}
	later := func(fault notify.Fault, code, reason string) notify.Outcome {
		return notify.Outcome{State: notify.FailedTemporarily, Fault: fault, Code: code, Reason: reason}
	}
	wait := func(o notify.Outcome, d time.Duration) notify.Outcome {
		o.RetryAfter = d
		return o
	}
	doubtful := func(code, reason string) notify.Outcome {
		o := later(notify.FaultProvider, code, reason)
		o.Ambiguous, o.RetryAfter = true, 30*time.Second
		return o
	}
	const bad, invalid = "BadRequestError", "ValidationError"
	tests := []struct {
		fault govuktest.Fault
		want  notify.Outcome // Reason: a part of it
	}{
		// numbers and addresses
		{refuse(400, invalid, "phone_number Not enough digits"), failed(notify.FaultAddress, "400 ValidationError", "number: correct it")},
		{refuse(400, invalid, "phone_number Too many digits"), failed(notify.FaultAddress, "400 ValidationError", "number: correct it")},
		{refuse(400, invalid, "phone_number Not a UK mobile number"), failed(notify.FaultAddress, "400 ValidationError", "number: correct it")},
		{refuse(400, invalid, "phone_number Must not contain letters or symbols"), failed(notify.FaultAddress, "400 ValidationError", "number: correct it")},
		{refuse(400, invalid, "phone_number Not a valid country prefix"), failed(notify.FaultAddress, "400 ValidationError", "number: correct it")},
		{refuse(400, "InvalidPhoneError", "Phone number cannot be an emergency number"), failed(notify.FaultAddress, "400 InvalidPhoneError", "number: correct it")},
		{refuse(400, invalid, "email_address Not a valid email address"), failed(notify.FaultAddress, "400 ValidationError", "correct it")},
		{refuse(400, "InvalidEmailError", "Not a valid email address"), failed(notify.FaultAddress, "400 InvalidEmailError", "correct it")},
		{refuse(400, bad, "Cannot send to international mobile numbers"), failed(notify.FaultAddress, "400 BadRequestError", "the number is abroad")},
		// the template
		{refuse(400, bad, "Template not found"), later(notify.FaultAccount, "400 BadRequestError", "whole content is ((message))")},
		{refuse(400, bad, "Template has been deleted"), later(notify.FaultAccount, "400 BadRequestError", "whole content is ((message))")},
		{refuse(400, bad, "email template is not suitable for sms notification"), later(notify.FaultAccount, "400 BadRequestError", "must be a text template")},
		{refuse(400, bad, "Missing personalisation: name, day"), later(notify.FaultAccount, "400 BadRequestError", "(400 BadRequestError: Missing personalisation: name, day)")},
		{refuse(400, invalid, "template_id is not a valid UUID"), later(notify.FaultAccount, "400 ValidationError", "(400 ValidationError: template_id)")},
		{refuse(400, invalid, "personalisation [] is not of type object"), later(notify.FaultAccount, "400 ValidationError", "(400 ValidationError: personalisation)")},
		// the account
		{refuse(400, bad, "Can’t send to this recipient using a team-only API key"), later(notify.FaultAccount, "400 BadRequestError", "team only")},
		{refuse(400, bad, "Cannot send to this recipient using a team-only API key."), later(notify.FaultAccount, "400 BadRequestError", "team only")},
		{refuse(400, bad, "Can’t send to this recipient when service is in trial mode – see https://www.notifications.service.gov.uk/trial-mode"), later(notify.FaultAccount, "400 BadRequestError", "go live")},
		{refuse(400, bad, "Service is not allowed to send text messages"), later(notify.FaultAccount, "400 BadRequestError", "switch them on")},
		{refuse(403, "AuthError", "Invalid token: API key not found"), later(notify.FaultAccount, "403 AuthError", "does not accept the API key")},
		{refuse(403, "AuthError", "Invalid token: API key revoked"), later(notify.FaultAccount, "403 AuthError", "API key revoked")},
		{refuse(403, "AuthError", "Invalid token: service is archived"), later(notify.FaultAccount, "403 AuthError", "service is archived")},
		{refuse(401, "AuthError", "Unauthorized: authentication token must be provided"), later(notify.FaultAccount, "401 AuthError", "does not accept the API key")},
		{refuse(403, "AuthError", "Error: Your system clock must be accurate to within 30 seconds"), later(notify.FaultAccount, "403 AuthError", "set the clock")},
		{refuse(403, "BadRequestError", "Error: Your system clock must be accurate to within 30 seconds"), later(notify.FaultAccount, "403 BadRequestError", "set the clock")},
		// limits
		{refuse(429, "RateLimitError", "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds"), wait(later(notify.FaultBusy, "429 RateLimitError", "no more for the moment"), 10*time.Second)},
		{govuktest.Fault{Status: 429, Error: "RateLimitError", Message: "Exceeded rate limit", RetryAfter: 7}, wait(later(notify.FaultBusy, "429 RateLimitError", "no more for the moment"), 7*time.Second)},
		{govuktest.Fault{Status: 429, Body: "<html>slow down</html>"}, wait(later(notify.FaultBusy, "429", "no more for the moment"), 10*time.Second)},
		{refuse(429, "TooManyRequestsError", "Exceeded send limits (sms: 250000) for today"), wait(later(notify.FaultBusy, "429 TooManyRequestsError", "midnight UTC"), 12*time.Hour)},
		{refuse(429, "TooManyRequestsError", "Exceeded send limits (international_sms: 100) for today"), failed(notify.FaultContent, "429 TooManyRequestsError", "numbers abroad")},
		// the message
		{refuse(400, bad, "Your message is too long. Text messages cannot be longer than 918 characters. Your message is 1000 characters long."), failed(notify.FaultContent, "400 BadRequestError", "refuses the message")},
		{refuse(400, bad, "Your message is empty."), failed(notify.FaultContent, "400 BadRequestError", "refuses the message")},
		{refuse(400, bad, "Something quite new"), failed(notify.FaultContent, "400 BadRequestError", "Something quite new")},
		{refuse(400, invalid, "reference abc is too long"), failed(notify.FaultContent, "400 ValidationError", "(400 ValidationError: reference)")},
		{refuse(400, invalid, "phone_number is a required property"), failed(notify.FaultContent, "400 ValidationError", "refuses the message")},
		{govuktest.Fault{Status: 413, Body: "<html>too large</html>"}, failed(notify.FaultContent, "413", "too long")},
		// Notify itself, and what stands before it
		{govuktest.InternalError, doubtful("500 Exception", "trouble of its own")},
		{refuse(504, "EventletTimeout", "Timeout serving request"), doubtful("504 EventletTimeout", "trouble of its own")},
		{govuktest.HTMLPage, doubtful("502", "trouble of its own")},
		{govuktest.Fault{Status: 503, Body: " "}, doubtful("503", "trouble of its own")},
		{govuktest.Fault{Status: 503, Body: " ", RetryAfter: 120}, wait(doubtful("503", "trouble of its own"), 2*time.Minute)},
		{govuktest.Fault{Status: 408, Body: " "}, doubtful("408", "trouble of its own")},
		{govuktest.HalfAnAnswer, doubtful("201", "cannot be read")},
		{govuktest.Fault{Status: 201, Body: "{}"}, doubtful("201", "cannot be read")},
		{govuktest.Fault{Status: 200, Body: "<html>sign in</html>"}, doubtful("200", "cannot be read")},
		{govuktest.Fault{Drop: true}, doubtful("", "was lost before it answered")},
		{govuktest.Fault{Drop: true, Taken: true}, doubtful("", "was lost before it answered")},
		{govuktest.Fault{Status: 302, Body: " "}, later(notify.FaultAccount, "302", "check its base address")},
		{govuktest.Fault{Status: 404, Body: "<html>no such page</html>"}, later(notify.FaultAccount, "404", "check its base address")},
		{govuktest.Fault{Status: 400, Body: "<html>bad request</html>"}, later(notify.FaultAccount, "400", "any proxy on the way")},
		{govuktest.Fault{Status: 407, Body: "<html>sign in</html>"}, later(notify.FaultAccount, "407", "any proxy on the way")},
		{refuse(500, "Odd <name>", "words"), doubtful("500", "trouble of its own")},
	}
	server := start(t)
	c := newChannel(t, server, notify.BySMS, nil)
	for _, test := range tests {
		t.Run(fmt.Sprint(test.fault.Status, " ", test.fault.Error, " ", test.fault.Message), func(t *testing.T) {
			server.Plan(test.fault)
			got := send(c, reminder(notify.BySMS, "a"))
			if !strings.Contains(got.Reason, test.want.Reason) {
				t.Errorf("the reason is %q, want it to say %q", got.Reason, test.want.Reason)
			}
			got.Reason = test.want.Reason
			if got != test.want {
				t.Errorf("the outcome is\n%+v, want\n%+v", got, test.want)
			}
		})
	}
}

func TestTimeOutIsDoubtful(t *testing.T) {
	for _, taken := range []bool{false, true} {
		server := start(t)
		c := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Timeout = 300 * time.Millisecond })
		server.Plan(govuktest.Fault{Stall: true, Taken: taken})
		o := send(c, reminder(notify.BySMS, "a"))
		if o.State != notify.FailedTemporarily || o.Fault != notify.FaultProvider || !o.Ambiguous || !strings.Contains(o.Reason, "no answer from GOV.UK Notify in time") {
			t.Errorf("taken %t: %+v, want a doubtful failure of the provider", taken, o)
		}
	}
}

func TestEndedContextEndsASend(t *testing.T) {
	server := start(t)
	c := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Connections = 1 })
	ctx, cancel := context.WithCancel(context.Background())
	release, held := make(chan struct{}), make(chan struct{})
	server.Plan(govuktest.Fault{Hold: func() { close(held); <-release }})
	first := make(chan notify.Outcome, 1)
	go func() { first <- c.Send(ctx, noon, reminder(notify.BySMS, "a")) }()
	<-held

	ended, end := context.WithCancel(context.Background())
	end()
	if o := c.Send(ended, noon, reminder(notify.BySMS, "b")); o.Ambiguous || o.Fault != notify.FaultBusy || !strings.Contains(o.Reason, "while waiting") {
		t.Errorf("the one that waited came to %+v, want it stopped and not doubtful", o)
	}
	cancel()
	if o := <-first; !o.Ambiguous || o.State != notify.FailedTemporarily || !strings.Contains(o.Reason, "stopped before it answered") {
		t.Errorf("the one under way came to %+v, want it stopped and doubtful", o)
	}
	close(release)
}

func TestServerThatIsDownCannotHaveTakenIt(t *testing.T) {
	server := start(t)
	c := newChannel(t, server, notify.BySMS, nil)
	server.Stop()
	o := send(c, reminder(notify.BySMS, "a"))
	if o.State != notify.FailedTemporarily || o.Fault != notify.FaultProvider || o.Ambiguous || o.RetryAfter != 0 || !strings.Contains(o.Reason, "nobody listens") {
		t.Errorf("%+v, want a failure of the provider that is not doubtful", o)
	}
	server.Restart(t)
	if o := send(c, reminder(notify.BySMS, "a")); o.State != notify.Sent || server.Count() != 1 {
		t.Errorf("%+v with %d messages, want it sent once", o, server.Count())
	}
}

func TestBadCertificateStopsTheChannel(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = quiet
	server.StartTLS()
	defer server.Close()
	c := newChannel(t, start(t), notify.BySMS, func(s *Settings) { s.BaseURL = server.URL })
	o := send(c, reminder(notify.BySMS, "a"))
	if o.State != notify.FailedTemporarily || o.Fault != notify.FaultAccount || o.Ambiguous || !strings.Contains(o.Reason, "certificate") {
		t.Errorf("%+v, want the account's fault, words about the certificate, and no doubt", o)
	}
}

func TestWrongClockIsNamed(t *testing.T) {
	tests := []struct {
		off  time.Duration
		want string // empty: it is let in
	}{
		{0, ""},
		{29 * time.Second, ""},
		{-29 * time.Second, ""},
		{45 * time.Second, "this machine's clock is wrong, about 45s ahead, and GOV.UK Notify allows 30 seconds: set the clock"},
		{-2 * time.Hour, "this machine's clock is wrong, about 2h0m0s behind, and GOV.UK Notify allows 30 seconds: set the clock"},
	}
	for _, test := range tests {
		server := start(t)
		c := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Now = at(noon.Add(test.off)) })
		o := send(c, reminder(notify.BySMS, "a"))
		switch {
		case test.want == "" && o.State != notify.Sent:
			t.Errorf("%s off: %+v, want it sent", test.off, o)
		case test.want != "" && (o.State != notify.FailedTemporarily || o.Fault != notify.FaultAccount || !strings.Contains(o.Reason, test.want)):
			t.Errorf("%s off: %+v, want the account's fault and %q", test.off, o, test.want)
		}
	}
	// Should the words change, the answer's date still tells.
	server := start(t)
	server.Plan(govuktest.Refuse(403, "AuthError", "Token expired"))
	c := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Now = at(noon.Add(time.Minute)) })
	if o := send(c, reminder(notify.BySMS, "a")); o.Fault != notify.FaultAccount || !strings.Contains(o.Reason, "clock is wrong, about 1m0s ahead") {
		t.Errorf("%+v, want words about the clock", o)
	}
}

func TestDailyLimitEndsAtMidnightUTC(t *testing.T) {
	summer := time.FixedZone("BST", 3600)
	for when, want := range map[time.Time]time.Duration{
		noon: 12 * time.Hour,
		time.Date(2026, 9, 7, 23, 59, 30, 0, time.UTC): 30 * time.Second,
		time.Date(2026, 9, 8, 0, 30, 0, 0, summer):     30 * time.Minute, // still the 7th in UTC
		time.Date(2026, 9, 8, 0, 0, 0, 0, time.UTC):    24 * time.Hour,
	} {
		if got := nextMidnight(when).Sub(when); got != want {
			t.Errorf("at %s it is %s to midnight, want %s", when, got, want)
		}
	}
	clock := clockAt(noon)
	server := govuktest.Start(t, govuktest.Options{Now: clock.now, TextsPerDay: 1})
	c := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Now = clock.now })
	send(c, reminder(notify.BySMS, "a"))
	o := send(c, reminder(notify.BySMS, "b"))
	if o.Fault != notify.FaultBusy || o.RetryAfter != 12*time.Hour {
		t.Fatalf("%+v, want a pause of 12 hours", o)
	}
	clock.forward(o.RetryAfter)
	if o := send(c, reminder(notify.BySMS, "b")); o.State != notify.Sent {
		t.Errorf("%+v, want it sent the next day", o)
	}
}

func TestRateLimitIsNotPassedByTheRateThatIsOffered(t *testing.T) {
	if most := Rate*60 + Burst; most > 3000 {
		t.Errorf("the limiter lets %d messages through in a minute, want 3000 at most", most)
	}
	clock := clockAt(noon)
	server := govuktest.Start(t, govuktest.Options{Now: clock.now, PerMinute: 2})
	c := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Now = clock.now })
	var states []notify.State
	for range 3 {
		states = append(states, send(c, reminder(notify.BySMS, "a")).State)
	}
	clock.forward(time.Minute)
	states = append(states, send(c, reminder(notify.BySMS, "a")).State)
	if got, want := fmt.Sprint(states), "[sent sent failed-temporarily sent]"; got != want {
		t.Errorf("the outcomes are %s, want %s", got, want)
	}
}

func TestRecipientsThatNotifyRefuses(t *testing.T) {
	tests := []struct {
		story  string
		server govuktest.Options
		to     string
		want   notify.Fault // empty: sent
	}{
		{"a landline", govuktest.Options{}, "+441793463000", notify.FaultAddress},
		{"too short", govuktest.Options{}, "+44770090010", notify.FaultAddress},
		{"abroad, and that is off", govuktest.Options{}, "+33612345678", notify.FaultAddress},
		{"abroad", govuktest.Options{Abroad: true}, "+33612345678", ""},
		{"on trial", govuktest.Options{Trial: true}, "+447700900101", notify.FaultAccount},
		{"on trial, to the team", govuktest.Options{Trial: true, Team: []string{"+447700900101"}}, "+447700900101", ""},
		{"a team's key", govuktest.Options{TeamOnly: true}, "+447700900101", notify.FaultAccount},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			test.server.Now = at(noon)
			server := govuktest.Start(t, test.server)
			m := reminder(notify.BySMS, "a")
			m.To.Mobile = test.to
			if o := send(newChannel(t, server, notify.BySMS, nil), m); o.Fault != test.want || (o.State == notify.Sent) != (test.want == "") {
				t.Errorf("%+v, want the fault %q", o, test.want)
			}
		})
	}
}

func TestLimitAbroadHoldsNobodyElseBack(t *testing.T) {
	server := govuktest.Start(t, govuktest.Options{Now: at(noon), Abroad: true, AbroadPerDay: 1})
	c := newChannel(t, server, notify.BySMS, nil)
	m := reminder(notify.BySMS, "a")
	m.To.Mobile = "+33612345678"
	send(c, m)
	if o := send(c, m); o.State != notify.Failed || o.Fault != notify.FaultContent {
		t.Errorf("abroad: %+v, want it failed, with no pause", o)
	}
	if o := send(c, reminder(notify.BySMS, "b")); o.State != notify.Sent {
		t.Errorf("at home: %+v, want it sent", o)
	}
}
