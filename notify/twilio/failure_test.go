package twilio

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twiliotest"
)

func TestEveryCodeHasItsNextStep(t *testing.T) {
	tests := []struct {
		codes []int
		state notify.State
		fault notify.Fault
		says  string // what to do, or what is the matter
	}{
		{[]int{21211, 21614, 21635, 21265, 21266, 21268, 30005, 30006}, notify.Failed, notify.FaultAddress, "people list"},
		{[]int{30004}, notify.Failed, notify.FaultAddress, "another number"},
		{[]int{21610}, notify.Failed, notify.FaultOptedOut, "opted out"},
		{[]int{20003, 20404}, notify.FailedTemporarily, notify.FaultAccount, "account_sid"},
		{[]int{21408}, notify.FailedTemporarily, notify.FaultAccount, "Geo permissions"},
		{[]int{21603, 21606, 21612, 21212, 21267, 21659, 21660, 21661}, notify.FailedTemporarily, notify.FaultAccount, "sms.twilio.from"},
		{[]int{21701, 21705}, notify.FailedTemporarily, notify.FaultAccount, "messaging_service_sid"},
		{[]int{20005, 30002, 63038, 21703}, notify.FailedTemporarily, notify.FaultAccount, "console"},
		{[]int{21608}, notify.FailedTemporarily, notify.FaultAccount, "upgrade"},
		{[]int{21609}, notify.FailedTemporarily, notify.FaultAccount, "public_url"},
		{[]int{20429, 14107, 21611}, notify.FailedTemporarily, notify.FaultBusy, "waits"},
		{[]int{30003, 30017}, notify.FailedTemporarily, notify.FaultUnreachable, "phone"},
		{[]int{30001, 30008}, notify.FailedTemporarily, notify.FaultUnclear, ""},
		{[]int{30007, 21602, 21617, 21658}, notify.Failed, notify.FaultContent, "wording"},
		{[]int{30036}, notify.Failed, notify.FaultExpired, "no more use"},
	}
	classified := 0
	for _, test := range tests {
		for _, code := range test.codes {
			classified++
			for _, status := range []int{http.StatusBadRequest, 0} { // as an answer and in a receipt
				state, fault, reason := Classify(status, code)
				if state != test.state || fault != test.fault || !strings.Contains(reason, test.says) || reason == "" {
					t.Errorf("HTTP %d, %d: %s, %s, %q, want %s, %s, saying %q", status, code, state, fault, reason, test.state, test.fault, test.says)
				}
			}
		}
	}
	if classified != len(codes) {
		t.Errorf("the table has %d codes, tried %d", len(codes), classified)
	}
}

func TestAnswersWithoutAKnownCode(t *testing.T) {
	tests := []struct {
		story        string
		status, code int
		state        notify.State
		fault        notify.Fault
		says         string
	}{
		{"an unknown 4xx", 400, 21999, notify.Failed, notify.FaultContent, "errors/21999"},
		{"a forbidden one with a code", 403, 20009, notify.Failed, notify.FaultContent, "errors/20009"},
		{"a 4xx that cannot be read", 400, 0, notify.FailedTemporarily, notify.FaultProvider, "cannot be read"},
		{"not let in, whatever the code", 401, 20009, notify.FailedTemporarily, notify.FaultAccount, "auth_token"},
		{"a page that forbids", 403, 0, notify.FailedTemporarily, notify.FaultAccount, "proxy"},
		{"a page that is not there", 404, 0, notify.FailedTemporarily, notify.FaultAccount, "base_url"},
		{"a redirect", 302, 0, notify.FailedTemporarily, notify.FaultAccount, "base_url"},
		{"too many", 429, 0, notify.FailedTemporarily, notify.FaultBusy, "waits"},
		{"too many, with an unknown code", 429, 29999, notify.FailedTemporarily, notify.FaultBusy, "waits"},
		{"too slow", 408, 0, notify.FailedTemporarily, notify.FaultProvider, "in trouble"},
		{"broken", 500, 20500, notify.FailedTemporarily, notify.FaultProvider, "HTTP 500"},
		{"broken, with a known code", 503, 21211, notify.FailedTemporarily, notify.FaultProvider, "HTTP 503"},
		{"a receipt with an unknown code", 0, 30999, notify.FailedTemporarily, notify.FaultUnclear, "errors/30999"},
		{"a receipt without a code", 0, 0, notify.FailedTemporarily, notify.FaultUnclear, "does not say why"},
	}
	for _, test := range tests {
		state, fault, reason := Classify(test.status, test.code)
		if state != test.state || fault != test.fault || !strings.Contains(reason, test.says) {
			t.Errorf("%s: %s, %s, %q, want %s, %s, saying %q", test.story, state, fault, reason, test.state, test.fault, test.says)
		}
	}
}

// TestFaultsOfTwilio plays every fault to a whole Send, then sends the text again
// as its caller would: at the end the phone has it once.
func TestFaultsOfTwilio(t *testing.T) {
	type fault = twiliotest.Fault
	type outcome = notify.Outcome
	const failed, later = notify.Failed, notify.FailedTemporarily
	tests := []struct {
		story string
		fault fault
		want  outcome // Reason: a part of it
		taken int     // texts that the server has after the fault
	}{
		{"no such number", fault{Code: 21211}, outcome{State: failed, Fault: notify.FaultAddress, Code: "21211", Reason: "no such number"}, 0},
		{"cannot get texts", fault{Code: 21614}, outcome{State: failed, Fault: notify.FaultAddress, Code: "21614", Reason: "cannot get texts"}, 0},
		{"a landline", fault{Code: 21635}, outcome{State: failed, Fault: notify.FaultAddress, Code: "21635", Reason: "landline"}, 0},
		{"opted out", fault{Code: 21610}, outcome{State: failed, Fault: notify.FaultOptedOut, Code: "21610", Reason: "opted out"}, 0},
		{"country not allowed", fault{Code: 21408}, outcome{State: later, Fault: notify.FaultAccount, Code: "21408", Reason: "Geo permissions"}, 0},
		{"no sender", fault{Code: 21603}, outcome{State: later, Fault: notify.FaultAccount, Code: "21603", Reason: "sms.twilio.from"}, 0},
		{"another's sender", fault{Code: 21606}, outcome{State: later, Fault: notify.FaultAccount, Code: "21606", Reason: "sms.twilio.from"}, 0},
		{"no way from the sender", fault{Code: 21612}, outcome{State: later, Fault: notify.FaultAccount, Code: "21612", Reason: "sms.twilio.from"}, 0},
		{"wrong token", fault{Code: 20003}, outcome{State: later, Fault: notify.FaultAccount, Code: "20003", Reason: "auth_token"}, 0},
		{"too many, wait two seconds", twiliotest.TooMany("2"), outcome{State: later, Fault: notify.FaultBusy, Code: "20429", Reason: "fewer", RetryAfter: 2 * time.Second}, 0},
		{"too many, wait until a time", twiliotest.TooMany("Mon, 07 Sep 2026 08:31:00 GMT"), outcome{State: later, Fault: notify.FaultBusy, Code: "20429", Reason: "fewer", RetryAfter: time.Minute}, 0},
		{"too many, wait for years", twiliotest.TooMany("999999999"), outcome{State: later, Fault: notify.FaultBusy, Code: "20429", Reason: "fewer", RetryAfter: time.Hour}, 0},
		{"too many, wait for nonsense", twiliotest.TooMany("soon"), outcome{State: later, Fault: notify.FaultBusy, Code: "20429", Reason: "fewer"}, 0},
		{"too many", twiliotest.TooMany(""), outcome{State: later, Fault: notify.FaultBusy, Code: "20429", Reason: "fewer"}, 0},
		{"too many, as a page", twiliotest.HTML(429), outcome{State: later, Fault: notify.FaultBusy, Code: "HTTP 429", Reason: "fewer"}, 0},
		{"broken", fault{Code: 20500}, outcome{State: later, Fault: notify.FaultProvider, Code: "20500", Reason: "HTTP 500", Ambiguous: true}, 0},
		{"broken, and taken", fault{Code: 20500, Taken: true}, outcome{State: later, Fault: notify.FaultProvider, Code: "20500", Reason: "HTTP 500", Ambiguous: true}, 1},
		{"down, back in a minute", fault{Code: 20503, RetryAfter: "60"}, outcome{State: later, Fault: notify.FaultProvider, Code: "20503", Reason: "HTTP 503", Ambiguous: true, RetryAfter: time.Minute}, 0},
		{"broken, as a page", twiliotest.HTML(502), outcome{State: later, Fault: notify.FaultProvider, Code: "HTTP 502", Reason: "HTTP 502", Ambiguous: true}, 0},
		{"broken, without a word", fault{Status: 500}, outcome{State: later, Fault: notify.FaultProvider, Code: "HTTP 500", Reason: "HTTP 500", Ambiguous: true}, 0},
		{"no answer, not taken", fault{Stall: true}, outcome{State: later, Fault: notify.FaultProvider, Reason: "in time", Ambiguous: true}, 0},
		{"no answer, taken", fault{Stall: true, Taken: true}, outcome{State: later, Fault: notify.FaultProvider, Reason: "in time", Ambiguous: true}, 1},
		{"hangs up, not taken", fault{Drop: true}, outcome{State: later, Fault: notify.FaultProvider, Reason: "was lost", Ambiguous: true}, 0},
		{"hangs up, taken", fault{Drop: true, Taken: true}, outcome{State: later, Fault: notify.FaultProvider, Reason: "was lost", Ambiguous: true}, 1},
		{"taken, half an answer", fault{Status: 201, Body: `{"sid": "SM0000`, Taken: true}, outcome{State: later, Fault: notify.FaultProvider, Reason: "cannot be read", Ambiguous: true}, 1},
		{"taken, no answer in it", fault{Status: 201, Taken: true}, outcome{State: later, Fault: notify.FaultProvider, Reason: "cannot be read", Ambiguous: true}, 1},
		{"taken, no SID", fault{Status: 201, Body: `{"status": "queued"}`, Taken: true}, outcome{State: later, Fault: notify.FaultProvider, Reason: "cannot be read", Ambiguous: true}, 1},
		{"taken, a SID that is none", fault{Status: 201, Body: `{"sid": "../x"}`, Taken: true}, outcome{State: later, Fault: notify.FaultProvider, Reason: "cannot be read", Ambiguous: true}, 1},
		{"taken, without end", fault{Status: 201, Body: strings.Repeat(" ", longestAnswer+1), Taken: true}, outcome{State: later, Fault: notify.FaultProvider, Reason: "cannot be read", Ambiguous: true}, 1},
		{"refused, half an answer", fault{Status: 400, Body: `{"code": 212`}, outcome{State: later, Fault: notify.FaultProvider, Code: "HTTP 400", Reason: "cannot be read"}, 0},
		{"refused, a code in words", fault{Status: 400, Body: `{"code": "twenty"}`}, outcome{State: later, Fault: notify.FaultProvider, Code: "HTTP 400", Reason: "cannot be read"}, 0},
		{"refused, without a word", fault{Status: 400}, outcome{State: later, Fault: notify.FaultProvider, Code: "HTTP 400", Reason: "cannot be read"}, 0},
		{"refused, unknown why", fault{Code: 21999}, outcome{State: failed, Fault: notify.FaultContent, Code: "21999", Reason: "errors/21999"}, 0},
		{"another's page", twiliotest.HTML(200), outcome{State: later, Fault: notify.FaultAccount, Reason: "base_url", Ambiguous: true}, 0},
		{"another's missing page", twiliotest.HTML(404), outcome{State: later, Fault: notify.FaultAccount, Code: "HTTP 404", Reason: "base_url"}, 0},
		{"a proxy that forbids", twiliotest.HTML(403), outcome{State: later, Fault: notify.FaultAccount, Code: "HTTP 403", Reason: "proxy"}, 0},
		{"a redirect", fault{Status: 302, Body: "<html>elsewhere</html>"}, outcome{State: later, Fault: notify.FaultAccount, Code: "HTTP 302", Reason: "base_url"}, 0},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			t.Parallel()
			server := start(t, twiliotest.Options{})
			c := newChannel(t, server, func(s *Settings) {
				if test.fault.Stall {
					s.Timeout = 200 * time.Millisecond
				}
			})
			server.Plan(test.fault)
			got := send(c, reminder("a"))
			tellsNothing(t, got)
			if !strings.Contains(got.Reason, test.want.Reason) {
				t.Errorf("the reason is %q, want it to say %q", got.Reason, test.want.Reason)
			}
			got.Reason = test.want.Reason
			if got != test.want {
				t.Errorf("the outcome is\n%+v, want\n%+v", got, test.want)
			}
			if server.Count() != test.taken {
				t.Errorf("the server took %d texts, want %d", server.Count(), test.taken)
			}
			c.settings.Timeout = 5 * time.Second
			again := reminder("a")
			if got.Ambiguous {
				again.MaybeSent = morning
			}
			sid := mustSend(t, c, again)
			if messages := server.Messages(); len(messages) != 1 || messages[0].SID != sid {
				t.Errorf("in the end there are %+v, want the one text %s", messages, sid)
			}
		})
	}
}

func TestServerThatCannotBeReached(t *testing.T) {
	tests := []struct {
		story string
		tls   bool
		down  bool
		base  func(url string) string
		fault notify.Fault
		says  string
	}{
		{"down", false, true, nil, notify.FaultProvider, "nobody listens"},
		{"a name that is not known", false, false, func(string) string { return "https://twilio.invalid" }, notify.FaultProvider, "name of Twilio's server"},
		{"a certificate that nobody vouches for", true, false, nil, notify.FaultAccount, "not trusted here"},
		{"another server's certificate", true, false, func(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) }, notify.FaultAccount, "another server"},
		{"no encryption", false, false, func(url string) string { return strings.Replace(url, "http:", "https:", 1) }, notify.FaultAccount, "no encryption"},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			server := start(t, twiliotest.Options{TLS: test.tls})
			c := newChannel(t, server, func(s *Settings) {
				if test.base != nil {
					s.BaseURL = test.base(s.BaseURL)
				}
			})
			if test.down {
				server.Stop()
			}
			o := send(c, reminder("a"))
			if o.State != notify.FailedTemporarily || o.Fault != test.fault || o.Ambiguous || !strings.Contains(o.Reason, test.says) {
				t.Errorf("%+v, want it failed for now as %s, not ambiguous, saying %q", o, test.fault, test.says)
			}
			tellsNothing(t, o)
		})
	}
}

func TestTokenGoesToNoOtherAddress(t *testing.T) {
	elsewhere := start(t, twiliotest.Options{})
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, nil)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server.Plan(twiliotest.Fault{Status: status, Location: elsewhere.URL + "/2010-04-01/Accounts/" + twiliotest.AccountSID + "/Messages.json"})
		if o := send(c, reminder(fmt.Sprint(status))); o.Fault != notify.FaultAccount {
			t.Errorf("HTTP %d: %+v, want it to be an account's fault", status, o)
		}
	}
	if elsewhere.Connections() != 0 {
		t.Errorf("the other address got %d connections, want none", elsewhere.Connections())
	}
}
