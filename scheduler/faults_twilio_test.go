package scheduler

import (
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twilio"
	"example.org/doorstep/notify/twiliotest"
)

// What goes wrong at Twilio: for W1's texts, always or once, or for all.
func always(f twiliotest.Fault) func(int) []twiliotest.Fault {
	f.Always = true
	return once(f)
}

func once(f twiliotest.Fault) func(int) []twiliotest.Fault {
	f.To = w1Mobile
	return func(int) []twiliotest.Fault { return []twiliotest.Fault{f} }
}

func forAll(f twiliotest.Fault) func(int) []twiliotest.Fault {
	f.Always = true
	return func(int) []twiliotest.Fault { return []twiliotest.Fault{f} }
}

func refused(code int) []twiliotest.Fault  { return always(twiliotest.Fault{Code: code})(code) }
func lost(code int) []twiliotest.Fault     { return always(twiliotest.Fault{Fails: code})(code) }
func noneGoes(code int) []twiliotest.Fault { return forAll(twiliotest.Fault{Code: code})(code) }

// TestFaultsOfTwilio plays every fault of Twilio's over its own protocol, and wants
// the whole afternoon that follows.
func TestFaultsOfTwilio(t *testing.T) {
	for _, row := range twilioFaults {
		row.tell(t, func(t *testing.T, a *afternoon) faulty[twiliotest.Fault] {
			options := twiliotest.Options{Now: a.w.clock.Now, SentAfter: 2 * time.Second, DeliveredAfter: 5 * time.Second,
				TLS: strings.Contains(t.Name(), "certificate")}
			server := twiliotest.Start(t, options)
			// It gives up on an answer after a second.
			channel, err := twilio.New(newComposer(t), twilio.Settings{AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken,
				From: twiliotest.Number, BaseURL: server.URL, Timeout: time.Second})
			a.channels[notify.BySMS] = closed(t, channel, err)
			return server
		})
	}
}

var twilioFaults = []fault[twiliotest.Fault]{
	{name: "CODE, nobody can be texted at this number", codes: []int{21211, 21614, 21635}, plan: refused,
		routine: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms sent
			15:00:00 W1 email sent
			15:00:10 W2 sms delivered
			sms W1 failed address CODE
			sms W2 delivered
			email W1 sent
			address off, texts go, operations not told, 1 taken`},
	{name: "21610, the recipient has opted out", plan: always(twiliotest.Fault{Code: 21610}),
		routine: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms sent
			15:00:00 W1 email sent
			15:00:10 W2 sms delivered
			sms W1 failed opted-out 21610
			sms W2 delivered
			email W1 sent
			address off, texts go, operations not told, 1 taken`},
	{name: "21211, and no email: the manager", plan: always(twiliotest.Fault{Code: 21211}), scene: `UPDATE people SET email = '' WHERE id = 'W1'`,
		routine: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms sent
			15:00:00 G1 sms sent
			15:00:10 W2 sms delivered
			15:00:10 G1 sms delivered
			sms W1 failed address 21211
			sms W2 delivered
			sms G1 delivered
			address off, texts go, operations not told, 2 taken`,
		urgent: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms sent
			15:00:00 G1 sms sent
			15:00:10 W2 sms delivered
			15:00:10 G1 sms delivered
			sms W1 failed address 21211
			sms W2 delivered
			sms G1 delivered
			address off, texts go, operations not told, 2 taken`}, // who recorded the event does not know that W1 cannot be reached
	{name: "21211, and no email: whoever covers", plan: always(twiliotest.Fault{Code: 21211}),
		scene: `UPDATE people SET email = '', cover = 'W2' WHERE id = 'W1'`,
		routine: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms sent
			15:00:00 W2 sms sent
			15:00:10 W2 sms delivered
			15:00:10 W2 sms delivered
			sms W1 failed address 21211
			sms W2 delivered
			sms W2 delivered
			address off, texts go, operations not told, 2 taken`},

	// The account: the texts wait, all of them, and one is tried every five minutes.
	{name: "21408, not to this country, one number", plan: always(twiliotest.Fault{Code: 21408}),
		routine: `
			15:00:00 W1 sms later, again 15:05:00
			15:00:00 operations email sent
			15:05:00 W1 sms later, again 15:10:00
			15:05:00 W2 sms sent
			15:05:00 W1 sms failed
			15:05:00 operations email sent
			15:05:00 W1 email sent
			15:05:10 W2 sms delivered
			sms W1 failed account 21408
			sms W2 delivered
			email operations sent
			email operations sent
			email W1 sent
			address used, texts go, operations told 2×, 1 taken`,
		urgent: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms moved
			15:00:00 W1 email sent
			15:00:00 W2 email sent
			15:00:00 operations email sent
			sms W1 failed account 21408
			sms W2 cancelled
			email operations sent
			email W1 sent
			email W2 sent
			address used, texts stopped, operations told 1×, 0 taken`},
	{name: "CODE, the account may not", codes: []int{21408, 21603, 21606, 21612, 20003}, plan: noneGoes, over: "15:17",
		routine: `
			15:00:00 W1 sms later, again 15:05:00
			15:00:00 operations email sent
			15:05:00 W1 sms later, again 15:10:00
			15:05:00 W2 sms later, again 15:10:00
			15:10:00 W1 sms later, again 15:15:00
			15:10:00 W2 sms later, again 15:15:00
			15:15:00 W1 sms later, again 15:20:00
			15:15:00 W2 sms later, again 15:20:00
			15:20:00 W1 sms sent
			15:20:00 W2 sms sent
			15:20:10 W1 sms delivered
			15:20:10 W2 sms delivered
			sms W1 delivered
			sms W2 delivered
			email operations sent
			address used, texts go, operations told 1×, 2 taken`,
		urgent: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms moved
			15:00:00 W1 email sent
			15:00:00 W2 email sent
			15:00:00 operations email sent
			sms W1 failed account CODE
			sms W2 cancelled
			email operations sent
			email W1 sent
			email W2 sent
			address used, texts stopped, operations told 1×, 0 taken`},
	{name: "a certificate that nobody trusts", plan: once(twiliotest.Fault{}), until: "15:12",
		routine: `
			15:00:00 W1 sms later, again 15:05:00
			15:00:00 operations email sent
			15:05:00 W1 sms later, again 15:10:00
			15:05:00 W2 sms later, again 15:10:00
			15:10:00 W1 sms later, again 15:15:00
			15:10:00 W2 sms later, again 15:15:00
			sms W1 failed-temporarily account
			sms W2 failed-temporarily account
			email operations sent
			address used, texts stopped, operations told 1×, 0 taken`,
		urgent: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms moved
			15:00:00 W1 email sent
			15:00:00 W2 email sent
			15:00:00 operations email sent
			sms W1 failed account
			sms W2 cancelled
			email operations sent
			email W1 sent
			email W2 sent
			address used, texts stopped, operations told 1×, 0 taken`},

	// The text itself.
	{name: "21999, refused for a reason that nobody knows", plan: always(twiliotest.Fault{Code: 21999}),
		routine: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms sent
			15:00:00 operations email sent
			15:00:00 W1 email sent
			15:00:10 W2 sms delivered
			sms W1 failed content 21999
			sms W2 delivered
			email operations sent
			email W1 sent
			address used, texts go, operations told 1×, 1 taken`,
		urgent: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms sent
			15:00:00 W1 email sent
			15:00:00 operations email sent
			15:00:10 W2 sms delivered
			sms W1 failed content 21999
			sms W2 delivered
			email operations sent
			email W1 sent
			address used, texts go, operations told 1×, 1 taken`},

	// Receipts.
	{name: "CODE by receipt, nobody can be texted at this number", codes: []int{30004, 30005, 30006}, plan: lost,
		routine: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms failed
			15:00:10 W2 sms delivered
			15:00:10 W1 email sent
			sms W1 failed address CODE
			sms W2 delivered
			email W1 sent
			address off, texts go, operations not told, 2 taken`},
	{name: "30003 by receipt, the phone is off", plan: always(twiliotest.Fault{Fails: 30003}),
		routine: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms later, again 15:10:10
			15:00:10 W2 sms delivered
			15:10:10 W1 sms sent
			15:10:20 W1 sms later, again 15:40:20
			15:40:20 W1 sms sent
			15:40:30 W1 sms later, again 16:40:30
			16:40:30 W1 sms sent
			16:40:40 W1 sms failed
			16:40:40 W1 email sent
			sms W1 failed unreachable 30003
			sms W2 delivered
			email W1 sent
			address used, texts go, operations not told, 5 taken`,
		urgent: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms later, again 15:10:10
			15:00:10 W2 sms delivered
			15:00:10 W1 email sent
			15:10:10 W1 sms sent
			15:10:20 W1 sms later, again 15:40:20
			15:40:20 W1 sms sent
			15:40:30 W1 sms later, again 16:40:30
			16:40:30 W1 sms sent
			16:40:40 W1 sms failed
			sms W1 failed unreachable 30003
			sms W2 delivered
			email W1 sent
			address used, texts go, operations not told, 5 taken`},
	{name: "30003 by receipt, the phone is off until 15:10", plan: always(twiliotest.Fault{Fails: 30003}), over: "15:10",
		routine: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms later, again 15:10:10
			15:00:10 W2 sms delivered
			15:10:10 W1 sms sent
			15:10:20 W1 sms delivered
			sms W1 delivered
			sms W2 delivered
			address used, texts go, operations not told, 3 taken`,
		urgent: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms later, again 15:10:10
			15:00:10 W2 sms delivered
			15:00:10 W1 email sent
			15:10:10 W1 sms sent
			15:10:20 W1 sms delivered
			sms W1 delivered
			sms W2 delivered
			email W1 sent
			address used, texts go, operations not told, 3 taken`},
	{name: "30007 by receipt, filtered", plan: always(twiliotest.Fault{Fails: 30007}),
		routine: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms failed
			15:00:10 W2 sms delivered
			15:00:10 operations email sent
			15:00:10 W1 email sent
			sms W1 failed content 30007
			sms W2 delivered
			email operations sent
			email W1 sent
			address used, texts go, operations told 1×, 2 taken`,
		urgent: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms failed
			15:00:10 W2 sms delivered
			15:00:10 W1 email sent
			15:00:10 operations email sent
			sms W1 failed content 30007
			sms W2 delivered
			email operations sent
			email W1 sent
			address used, texts go, operations told 1×, 2 taken`},
	{name: "CODE by receipt, nobody knows why", codes: []int{30001, 30008}, plan: lost,
		routine: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms later, again 15:00:25
			15:00:10 W2 sms delivered
			15:00:25 W1 sms sent
			15:00:35 W1 sms later, again 15:01:05
			15:01:05 W1 sms sent
			15:01:15 W1 sms failed
			15:01:15 W1 email sent
			sms W1 failed unclear CODE
			sms W2 delivered
			email W1 sent
			address used, texts go, operations not told, 4 taken`,
		urgent: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms later, again 15:00:25
			15:00:10 W2 sms delivered
			15:00:25 W1 sms sent
			15:00:35 W1 sms failed
			15:00:35 W1 email sent
			sms W1 failed unclear CODE
			sms W2 delivered
			email W1 sent
			address used, texts go, operations not told, 3 taken`},
	{name: "30036 by receipt, it waited too long", plan: always(twiliotest.Fault{Fails: 30036}),
		routine: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms failed
			15:00:10 W2 sms delivered
			15:00:10 W1 email sent
			sms W1 failed expired 30036
			sms W2 delivered
			email W1 sent
			address used, texts go, operations not told, 2 taken`},
	{name: "30002 by receipt, the account is suspended for a minute", plan: always(twiliotest.Fault{Fails: 30002}), over: "15:01",
		routine: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms later, again 15:00:25
			15:00:10 W2 sms delivered
			15:00:10 operations email sent
			15:00:25 W1 sms sent
			15:00:35 W1 sms later, again 15:01:05
			15:01:05 W1 sms sent
			15:01:15 W1 sms delivered
			sms W1 delivered
			sms W2 delivered
			email operations sent
			address used, texts go, operations told 1×, 4 taken`,
		urgent: `
			15:00:00 W1 sms sent
			15:00:00 W2 sms sent
			15:00:10 W1 sms failed
			15:00:10 W2 sms delivered
			15:00:10 W1 email sent
			15:00:10 operations email sent
			sms W1 failed account 30002
			sms W2 delivered
			email operations sent
			email W1 sent
			address used, texts go, operations told 1×, 2 taken`},

	// Too many.
	{name: "429, wait for 20 s", plan: once(twiliotest.TooMany("20")),
		routine: `
			15:00:00 W1 sms later, again 15:00:20
			15:00:20 W1 sms sent
			15:00:20 W2 sms sent
			15:00:30 W1 sms delivered
			15:00:30 W2 sms delivered
			sms W1 delivered
			sms W2 delivered
			address used, texts go, operations not told, 2 taken`},
	{name: "429 without a Retry-After", plan: once(twiliotest.TooMany("")),
		routine: `
			15:00:00 W1 sms later, again 15:00:01
			15:00:01 W1 sms sent
			15:00:01 W2 sms sent
			15:00:11 W1 sms delivered
			15:00:11 W2 sms delivered
			sms W1 delivered
			sms W2 delivered
			address used, texts go, operations not told, 2 taken`},
	{name: "429, wait for ten minutes", plan: once(twiliotest.TooMany("600")),
		routine: `
			15:00:00 W1 sms later, again 15:10:00
			15:00:00 operations email sent
			15:10:00 W1 sms sent
			15:10:00 W2 sms sent
			15:10:10 W1 sms delivered
			15:10:10 W2 sms delivered
			sms W1 delivered
			sms W2 delivered
			email operations sent
			address used, texts go, operations told 1×, 2 taken`,
		urgent: `
			15:00:00 W1 sms failed
			15:00:00 W2 sms moved
			15:00:00 W1 email sent
			15:00:00 W2 email sent
			15:00:00 operations email sent
			sms W1 failed busy 20429
			sms W2 cancelled
			email operations sent
			email W1 sent
			email W2 sent
			address used, texts stopped, operations told 1×, 0 taken`},

	// The provider.
	{name: "500, once", plan: once(twiliotest.Fault{Code: 20500}), routine: secondTry},
	{name: "500, once, as a page", plan: once(twiliotest.HTML(500)), routine: secondTry},
	{name: "500, once, and taken all the same", plan: once(twiliotest.Fault{Code: 20500, Taken: true}), routine: secondTry},
	{name: "no answer in time, not taken", plan: once(twiliotest.Fault{Stall: true}), routine: secondTry},
	{name: "no answer in time, taken", plan: once(twiliotest.Fault{Stall: true, Taken: true}), routine: secondTry},
	{name: "the connection is lost, not taken", plan: once(twiliotest.Fault{Drop: true}), routine: secondTry},
	{name: "the connection is lost, taken", plan: once(twiliotest.Fault{Drop: true, Taken: true}), routine: secondTry},
	{name: "taken, in an answer that cannot be read", plan: once(twiliotest.Fault{Status: 201, Body: `{"sid": "SM`, Taken: true}), routine: secondTry},
	{name: "refused, in an answer that cannot be read", plan: once(twiliotest.Fault{Status: 400, Body: `{"code": 2`}), routine: secondTry},
	{name: "500 as a page for three minutes", plan: forAll(twiliotest.HTML(500)), over: "15:03",
		routine: `
			15:00:00 W1 sms later, again 15:00:15
			15:00:00 W2 sms later, again 15:00:15
			15:00:15 W1 sms later, again 15:00:45
			15:00:15 W2 sms later, again 15:00:45
			15:00:45 W1 sms later, again 15:01:15
			15:00:45 operations email sent
			15:01:15 W1 sms later, again 15:01:45
			15:01:15 W2 sms later, again 15:01:45
			15:01:45 W1 sms later, again 15:02:15
			15:01:45 W2 sms later, again 15:02:15
			15:02:15 W1 sms later, again 15:02:45
			15:02:15 W2 sms later, again 15:02:45
			15:02:45 W1 sms later, again 15:03:15
			15:02:45 W2 sms later, again 15:03:15
			15:03:15 W1 sms sent
			15:03:15 W2 sms sent
			15:03:25 W1 sms delivered
			15:03:25 W2 sms delivered
			sms W1 delivered
			sms W2 delivered
			email operations sent
			address used, texts go, operations told 1×, 2 taken`,
		urgent: `
			15:00:00 W1 sms later, again 15:00:15
			15:00:00 W2 sms later, again 15:00:15
			15:00:15 W1 sms failed
			15:00:15 W2 sms failed
			15:00:15 W1 email sent
			15:00:15 W2 email sent
			sms W1 failed provider HTTP 500
			sms W2 failed provider HTTP 500
			email W1 sent
			email W2 sent
			address used, texts go, operations not told, 0 taken`},
}

// secondTry is the story of a text that goes a quarter of a minute later, once.
const secondTry = `
	15:00:00 W1 sms later, again 15:00:15
	15:00:00 W2 sms sent
	15:00:10 W2 sms delivered
	15:00:15 W1 sms sent
	15:00:25 W1 sms delivered
	sms W1 delivered
	sms W2 delivered
	address used, texts go, operations not told, 2 taken`
