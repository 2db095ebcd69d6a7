package twilio

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twiliotest"
)

func TestReceiptsFollowATextToItsEnd(t *testing.T) {
	const unreachable = "the phone was off or out of reach"
	arrives, fails := twiliotest.Fault{}, twiliotest.Fault{Fails: 30003}
	start0 := morning
	tests := []struct {
		story string
		fault twiliotest.Fault
		after time.Duration
		want  notify.Receipt
	}{
		{"queued", arrives, 0, notify.Receipt{Progress: notify.ProgressQueued, At: start0}},
		{"sent", arrives, 2 * time.Second, notify.Receipt{Progress: notify.ProgressSent, At: start0.Add(2 * time.Second)}},
		{"delivered", arrives, time.Minute, notify.Receipt{Progress: notify.ProgressDelivered, At: start0.Add(5 * time.Second)}},
		{"undelivered", fails, time.Minute, notify.Receipt{Progress: notify.ProgressUndelivered, Fault: notify.FaultUnreachable, Code: "30003", Reason: unreachable, At: start0.Add(5 * time.Second)}},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			now := clock{now: morning}
			server := start(t, twiliotest.Options{Now: now.read, SentAfter: 2 * time.Second, DeliveredAfter: 5 * time.Second})
			c := newChannel(t, server, nil)
			server.Plan(test.fault)
			test.want.ProviderID = mustSend(t, c, reminder("a"))
			now.set(now.read().Add(test.after))
			got, err := c.Receipts(context.Background(), []string{test.want.ProviderID})
			if err != nil || len(got) != 1 || got[0] != test.want {
				t.Errorf("%+v, %v, want one\n%+v", got, err, test.want)
			}
			tellsNothing(t, got)
		})
	}
}

func TestTextThatWaitedTooLongIsExpired(t *testing.T) {
	now := clock{now: morning}
	server := start(t, twiliotest.Options{Now: now.read})
	c := newChannel(t, server, nil)
	m := reminder("a")
	m.UsefulUntil = morning.Add(time.Hour)
	sid := mustSend(t, c, m)
	now.set(morning.Add(2 * time.Hour))
	got, err := c.Receipts(context.Background(), []string{sid})
	if err != nil || len(got) != 1 || got[0].Progress != notify.ProgressFailed || got[0].Fault != notify.FaultExpired || got[0].Code != "30036" {
		t.Errorf("%+v, %v, want it failed as expired", got, err)
	}
}

func TestEveryStateOfTwiliosIsUnderstood(t *testing.T) {
	tests := []struct {
		status string
		code   int
		want   notify.Progress
		fault  notify.Fault
	}{
		{"accepted", 0, notify.ProgressQueued, ""},
		{"scheduled", 0, notify.ProgressQueued, ""},
		{"queued", 0, notify.ProgressQueued, ""},
		{"sending", 0, notify.ProgressQueued, ""},
		{"sent", 0, notify.ProgressSent, ""},
		{"delivered", 0, notify.ProgressDelivered, ""},
		{"delivered", 30008, notify.ProgressDelivered, ""}, // what counts is that it came
		{"read", 0, notify.ProgressDelivered, ""},
		{"partially_delivered", 30008, notify.ProgressUndelivered, notify.FaultUnclear},
		{"undelivered", 30001, notify.ProgressUndelivered, notify.FaultUnclear},
		{"undelivered", 30003, notify.ProgressUndelivered, notify.FaultUnreachable},
		{"undelivered", 30004, notify.ProgressUndelivered, notify.FaultAddress},
		{"undelivered", 30005, notify.ProgressUndelivered, notify.FaultAddress},
		{"undelivered", 30006, notify.ProgressUndelivered, notify.FaultAddress},
		{"undelivered", 30007, notify.ProgressUndelivered, notify.FaultContent},
		{"undelivered", 30008, notify.ProgressUndelivered, notify.FaultUnclear},
		{"undelivered", 0, notify.ProgressUndelivered, notify.FaultUnclear},
		{"failed", 30036, notify.ProgressFailed, notify.FaultExpired},
		{"failed", 21610, notify.ProgressFailed, notify.FaultOptedOut},
		{"canceled", 0, notify.ProgressFailed, notify.FaultUnclear},
		{"received", 0, "", ""},
		{"something new", 0, "", ""},
		{"", 0, "", ""},
	}
	for _, test := range tests {
		got, ok := receiptFor("SM1", test.status, test.code)
		if got.Progress != test.want || got.Fault != test.fault || ok != (test.want != "") {
			t.Errorf("%q with %d: %+v, %t, want %q, fault %q", test.status, test.code, got, ok, test.want, test.fault)
		}
		if (got.Fault != "") != (got.Reason != "") {
			t.Errorf("%q with %d: fault %q and reason %q, want both or neither", test.status, test.code, got.Fault, got.Reason)
		}
	}
}

func TestTextsThatTwilioDoesNotKnowAreLeftOut(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, nil)
	first, second := mustSend(t, c, reminder("a")), mustSend(t, c, reminder("b"))
	got, err := c.Receipts(context.Background(), []string{second, "SMffffffffffffffffffffffffffffffff", "../Messages", "", first})
	var names []string
	for _, r := range got {
		names = append(names, r.ProviderID)
	}
	if want := []string{second, first}; err != nil || !reflect.DeepEqual(names, want) {
		t.Errorf("%v, %v, want %v", names, err, want)
	}
	if got, err := c.Receipts(context.Background(), nil); err != nil || len(got) != 0 {
		t.Errorf("asked for none: %v, %v", got, err)
	}
}

// asksAbout sends so many texts by a channel with one connection, and returns their
// SIDs.
func asksAbout(t *testing.T, server *twiliotest.Server, texts int) (c *Channel, sids []string) {
	t.Helper()
	c = newChannel(t, server, func(s *Settings) { s.Connections = 1 })
	for i := range texts {
		sids = append(sids, mustSend(t, c, reminder(fmt.Sprint(i))))
	}
	return c, sids
}

// TestTextThatCannotBeAskedAboutHoldsUpNoOther: its own receipt says nothing.
func TestTextThatCannotBeAskedAboutHoldsUpNoOther(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c, sids := asksAbout(t, server, 10)
	tests := []struct {
		story string
		fault twiliotest.Fault
		want  Error // Reason: a part of it
	}{
		{"broken", twiliotest.Fault{Code: 20500}, Error{Fault: notify.FaultProvider, Reason: "HTTP 500"}},
		{"half an answer", twiliotest.Fault{Status: 200, Body: `{"sid": "SM`}, Error{Fault: notify.FaultProvider, Reason: "cannot be read"}},
		{"another text", twiliotest.Fault{Status: 200, Body: `{"sid": "SMffffffffffffffffffffffffffffffff", "status": "delivered"}`}, Error{Fault: notify.FaultProvider, Reason: "cannot be read"}},
		{"not found at a proxy", twiliotest.HTML(404), Error{Fault: notify.FaultAccount, Reason: "base_url"}},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			test.fault.On, test.fault.To = twiliotest.Fetch, practitioner
			test.fault.Number = server.Requests(twiliotest.Fetch) + 3
			server.Plan(test.fault)
			got, err := c.Receipts(context.Background(), sids)
			server.Forget()
			var problem *Error
			if !errors.As(err, &problem) || problem.Fault != test.want.Fault || !strings.Contains(problem.Reason, test.want.Reason) {
				t.Fatalf("%+v, want %+v", err, test.want)
			}
			tellsNothing(t, err)
			for i, r := range got {
				if r.ProviderID != sids[i] || (r.Progress == "") != (i == 2) {
					t.Errorf("receipt %d is %+v, want that of %s, saying nothing only where it was asked for in vain", i, r, sids[i])
				}
			}
			if len(got) != len(sids) {
				t.Errorf("%d receipts, want one for each of the %d texts", len(got), len(sids))
			}
		})
	}
}

// TestReceiptsStopWhereItIsTwilioAndNotTheTexts.
func TestReceiptsStopWhereItIsTwilioAndNotTheTexts(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c, sids := asksAbout(t, server, 20)
	tooMany := twiliotest.TooMany("7")
	for _, test := range []struct {
		story      string
		fault      twiliotest.Fault
		want       Error
		asked, got int
	}{
		{"too many", tooMany, Error{Fault: notify.FaultBusy, Reason: "fewer", RetryAfter: 7 * time.Second}, 1, 0},
		{"broken for all", twiliotest.Fault{Code: 20500, Always: true}, Error{Fault: notify.FaultProvider, Reason: "HTTP 500"}, inVain, inVain},
	} {
		t.Run(test.story, func(t *testing.T) {
			test.fault.On, test.fault.To = twiliotest.Fetch, practitioner
			asked := server.Requests(twiliotest.Fetch)
			server.Plan(test.fault)
			got, err := c.Receipts(context.Background(), sids)
			server.Forget()
			var problem *Error
			if !errors.As(err, &problem) || problem.Fault != test.want.Fault || problem.RetryAfter != test.want.RetryAfter || !strings.Contains(problem.Reason, test.want.Reason) {
				t.Fatalf("%+v, want %+v", err, test.want)
			}
			if n := server.Requests(twiliotest.Fetch) - asked; n != test.asked || len(got) != test.got {
				t.Errorf("%d requests and %d receipts, want %d and %d", n, len(got), test.asked, test.got)
			}
		})
	}
}

func TestTenThousandReceipts(t *testing.T) {
	server := start(t, twiliotest.Options{Forgetful: true})
	c := newChannel(t, server, nil)
	last := mustSend(t, c, reminder("a"))
	sids := make([]string, 10_000)
	for i := range sids {
		sids[i] = last
	}
	got, err := c.Receipts(context.Background(), sids)
	if err != nil || len(got) != len(sids) {
		t.Fatalf("%d receipts, %v, want %d", len(got), err, len(sids))
	}
	// On a busy machine now and then one is not used again: net/http waits 50 ms for the
	// end of writing.
	if n := server.Connections(); n > 10*defaultConnections {
		t.Errorf("they took %d connections, want about %d, each used again and again", n, defaultConnections)
	}
}

func TestReceiptsEndWithTheirContext(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, nil)
	sid := mustSend(t, c, reminder("a"))
	ctx, cancel := context.WithCancel(context.Background())
	server.Plan(twiliotest.Fault{On: twiliotest.Fetch, Hold: cancel, Stall: true})
	got, err := c.Receipts(ctx, []string{sid, sid})
	if err == nil || len(got) != 0 {
		t.Errorf("%v, %v, want an error and nothing", got, err)
	}
}
