package twilio

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twiliotest"
)

func TestTextGoesOutAsComposed(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, nil)
	m := reminder("a")
	sid := mustSend(t, c, m)
	words, err := c.composer.Compose(morning, m)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"To": {practitioner}, "From": {twiliotest.Number}, "Body": {words.SMS}}
	want := twiliotest.Message{Form: form.Encode(), SID: sid, To: practitioner, From: twiliotest.Number, Body: words.SMS, Status: twiliotest.Queued, Created: morning, Updated: morning}
	if got := server.Messages(); len(got) != 1 || got[0] != want {
		t.Errorf("the server has\n%+v, want one\n%+v", got, want)
	}
}

func TestMessagingServiceSendsInsteadOfANumber(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, func(s *Settings) { s.MessagingServiceSID = twiliotest.MessagingServiceSID })
	mustSend(t, c, reminder("a"))
	got := server.Messages()[0]
	if got.From != "" || got.MessagingServiceSID != twiliotest.MessagingServiceSID {
		t.Errorf("sent from %q by %q, want it left to the service %s", got.From, got.MessagingServiceSID, twiliotest.MessagingServiceSID)
	}
}

func TestReceiptsAreAskedForByCallbackOnlyWhereThereIsAnAddress(t *testing.T) {
	for _, address := range []string{"", "https://doorstep.example/callback/twilio"} {
		server := start(t, twiliotest.Options{})
		c := newChannel(t, server, func(s *Settings) { s.StatusCallback = address })
		mustSend(t, c, reminder("a"))
		if got := server.Messages()[0].StatusCallback; got != address {
			t.Errorf("the callback goes to %q, want %q", got, address)
		}
	}
}

func TestTwilioKeepsNoTextLongerThanItIsUseful(t *testing.T) {
	tests := []struct {
		story  string
		useful time.Duration // 0: always
		want   int           // seconds; 0: none given
		fault  notify.Fault
	}{
		{"always of use", 0, 0, ""},
		{"an hour", time.Hour, 3600, ""},
		{"a day: Twilio's longest", 24 * time.Hour, 36_000, ""},
		{"one second", time.Second, 1, ""},
		{"parts of a second do not count", 90*time.Second + 900*time.Millisecond, 90, ""},
		{"less than a second", 999 * time.Millisecond, 0, notify.FaultExpired},
		{"over", -time.Minute, 0, notify.FaultExpired},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			server := start(t, twiliotest.Options{})
			c := newChannel(t, server, nil)
			m := reminder("a")
			if test.useful != 0 {
				m.UsefulUntil = morning.Add(test.useful)
			}
			o := send(c, m)
			if test.fault != "" {
				if o.State != notify.Failed || o.Fault != test.fault || server.Count() != 0 {
					t.Errorf("%+v and %d texts, want it failed as %s and none", o, server.Count(), test.fault)
				}
				return
			}
			if o.State != notify.Sent {
				t.Fatalf("%+v, want it sent", o)
			}
			if got := server.Messages()[0].ValidityPeriod; got != test.want {
				t.Errorf("Twilio may keep it for %d s, want %d", got, test.want)
			}
		})
	}
}

func TestWhatCannotBeATextIsNotSent(t *testing.T) {
	tests := []struct {
		story  string
		change func(*notify.Message)
		fault  notify.Fault
		reason string
	}{
		{"an email", func(m *notify.Message) { m.Channel = notify.ByEmail }, "", "texts only"},
		{"no number", func(m *notify.Message) { m.To.Mobile = "" }, notify.FaultAddress, "correct it in the people list"},
		{"a number without its country", func(m *notify.Message) { m.To.Mobile = "07700 900101" }, notify.FaultAddress, "correct it in the people list"},
		{"two numbers", func(m *notify.Message) { m.To.Mobile = practitioner + "&From=x" }, notify.FaultAddress, "correct it in the people list"},
		{"nothing in it", func(m *notify.Message) { m.Reminders = nil }, "", "nothing in it"},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			server := start(t, twiliotest.Options{})
			m := reminder("a")
			test.change(&m)
			o := send(newChannel(t, server, nil), m)
			if o.State != notify.Failed || o.Fault != test.fault || !strings.Contains(o.Reason, test.reason) || server.Requests(twiliotest.Create) != 0 {
				t.Errorf("%+v after %d requests, want it failed as %q, saying %q, after none", o, server.Requests(twiliotest.Create), test.fault, test.reason)
			}
			tellsNothing(t, o)
		})
	}
}

func TestNothingIsSentOnceStopped(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, nil)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if o := c.Send(gone, morning, reminder("a")); o.State != notify.FailedTemporarily || o.Ambiguous || o.Fault != "" {
		t.Errorf("%+v, want it left for later and nobody to blame", o)
	}
	if err := c.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if o := send(c, reminder("a")); o.State != notify.FailedTemporarily || o.Ambiguous || o.Fault != "" {
		t.Errorf("after closing: %+v, want it left for later and nobody to blame", o)
	}
	if server.Count() != 0 {
		t.Errorf("the server took %d texts, want none", server.Count())
	}
}

func TestCloseWaitsForWhatIsBeingSent(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, nil)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	server.Plan(twiliotest.Fault{Hold: func() { close(arrived); <-goOn }})
	outcome := make(chan notify.Outcome)
	go func() { outcome <- send(c, reminder("a")) }()
	<-arrived
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Close(gone); err == nil || !strings.Contains(err.Error(), "still under way") {
		t.Errorf("closing without waiting: %v, want it to say what is under way", err)
	}
	close(goOn)
	if o := <-outcome; o.State != notify.Sent {
		t.Errorf("%+v, want the text sent", o)
	}
	if err := c.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestSettingsThatCannotBeRight(t *testing.T) {
	good := Settings{AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken, From: twiliotest.Number}
	tests := []struct {
		change func(*Settings)
		want   string // empty: nothing is wrong
	}{
		{func(s *Settings) {}, ""},
		{func(s *Settings) { s.AccountSID = "" }, "sms.twilio.account_sid"},
		{func(s *Settings) { s.AccountSID = "AC1/../2" }, "sms.twilio.account_sid"},
		{func(s *Settings) { s.AuthToken = "" }, "sms.twilio.auth_token"},
		{func(s *Settings) { s.AuthToken = "secret-secret" }, "sms.twilio.auth_token"},
		{func(s *Settings) { s.From = "" }, "sms.twilio.from"},
		{func(s *Settings) { s.From = "+44" }, "sms.twilio.from"},
		{func(s *Settings) { s.From = "07700 900000" }, ""},
		{func(s *Settings) { s.From = "Doorstep" }, ""},
		{func(s *Settings) { s.From = "60777" }, ""},
		{func(s *Settings) { s.From, s.MessagingServiceSID = "", twiliotest.MessagingServiceSID }, ""},
		{func(s *Settings) { s.MessagingServiceSID = "AC1" }, "sms.twilio.messaging_service_sid"},
		{func(s *Settings) { s.BaseURL = "api.twilio.com" }, "sms.twilio.base_url"},
		{func(s *Settings) { s.BaseURL = "http://proxy.example.org" }, "use https"},
		{func(s *Settings) { s.BaseURL = "https://name:word@proxy.example.org" }, "sms.twilio.base_url"},
		{func(s *Settings) { s.BaseURL = "https://proxy.example.org/twilio" }, ""},
		{func(s *Settings) { s.BaseURL = "http://localhost:8080" }, ""},
		{func(s *Settings) { s.Timeout = -1 }, "cannot be negative"},
		{func(s *Settings) { s.Connections = -1 }, "cannot be negative"},
	}
	for _, test := range tests {
		settings := good
		test.change(&settings)
		_, err := New(newComposer(t), settings)
		if test.want == "" {
			if err != nil {
				t.Errorf("%+v: %v, want nothing wrong", settings, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want it to say %q", settings, err, test.want)
			continue
		}
		if s := settings.AuthToken; s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("%v holds the token", err)
		}
	}
}
