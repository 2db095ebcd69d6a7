package twilio

import (
	"context"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twiliotest"
)

// lost sends a text that Twilio takes and whose answer never comes.
func lost(t *testing.T, server *twiliotest.Server, c *Channel, now time.Time, m notify.Message) {
	t.Helper()
	server.Plan(twiliotest.Fault{Drop: true, Taken: true})
	if o := c.Send(context.Background(), now, m); !o.Ambiguous || o.State != notify.FailedTemporarily {
		t.Fatalf("%+v, want it unclear whether it was taken", o)
	}
}

func TestTextThatWasTakenIsFoundAndNotSentAgain(t *testing.T) {
	tests := []struct {
		story   string
		options twiliotest.Options
		service bool
		repeat  time.Time
	}{
		{"still queued", twiliotest.Options{}, false, at("2026-09-07 08:31")},
		{"still queued at a Messaging Service", twiliotest.Options{}, true, at("2026-09-07 08:31")},
		{"sent", twiliotest.Options{SentAfter: time.Second}, false, at("2026-09-07 08:31")},
		{"delivered", twiliotest.Options{SentAfter: time.Second, DeliveredAfter: 2 * time.Second}, true, at("2026-09-07 08:31")},
		// "tomorrow" has become "today" by then.
		{"the words have changed since", twiliotest.Options{SentAfter: time.Second}, false, at("2026-09-08 00:10")},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			now := clock{now: morning}
			test.options.Now = now.read
			server := start(t, test.options)
			c := newChannel(t, server, func(s *Settings) {
				if test.service {
					s.MessagingServiceSID = twiliotest.MessagingServiceSID
				}
			})
			m := reminder("a")
			lost(t, server, c, morning, m)
			now.set(test.repeat)
			m.MaybeSent = morning
			o := c.Send(context.Background(), test.repeat, m)
			want := notify.Outcome{State: notify.Sent, ProviderID: server.Messages()[0].SID, Tracked: true}
			if o != want || server.Count() != 1 {
				t.Errorf("%+v and %d texts, want %+v and one", o, server.Count(), want)
			}
		})
	}
}

func TestTextThatWasNotTakenIsSentAfterAsking(t *testing.T) {
	now := clock{now: morning}
	server := start(t, twiliotest.Options{Now: now.read})
	c := newChannel(t, server, nil)
	// Near misses: the same words to somebody else, other words to the same
	// number, the same words from that number, and the same words long before.
	other := reminder("other")
	other.To.Mobile = "+447700900102"
	mustSend(t, c, other)
	unlike := reminder("unlike")
	unlike.Reminders[0].CaseRef = "KN-2"
	mustSend(t, c, unlike)
	words, err := c.composer.Compose(morning, reminder("a"))
	if err != nil {
		t.Fatal(err)
	}
	server.Receive(t, practitioner, words.SMS)
	mustSend(t, c, reminder("before"))
	now.set(morning.Add(10 * time.Minute))

	m := reminder("a")
	m.MaybeSent = now.read()
	sent := server.Count()
	o := c.Send(context.Background(), now.read().Add(time.Minute), m)
	if o.State != notify.Sent || server.Count() != sent+1 {
		t.Errorf("%+v and %d more texts, want it sent", o, server.Count()-sent)
	}
	if all := server.Messages(); all[len(all)-1].SID != o.ProviderID {
		t.Errorf("the outcome names %s, want the last of %+v", o.ProviderID, all)
	}
}

func TestTwilioIsNotAskedWithoutDoubt(t *testing.T) {
	server := start(t, twiliotest.Options{})
	mustSend(t, newChannel(t, server, nil), reminder("a"))
	if n := server.Requests(twiliotest.List); n != 0 {
		t.Errorf("asked %d times, want never", n)
	}
}

func TestTextThatWasTakenIsFoundAmongManyToTheSameNumber(t *testing.T) {
	now := clock{now: morning}
	server := start(t, twiliotest.Options{Now: now.read, SentAfter: time.Second})
	c := newChannel(t, server, nil)
	for range 150 {
		mustSend(t, c, reminder("before"))
	}
	now.set(morning.Add(20 * time.Minute))
	m := reminder("a")
	m.Reminders[0].CaseRef = "KN-7"
	lost(t, server, c, now.read(), m)
	m.MaybeSent = now.read()
	now.set(now.read().Add(time.Minute))
	sent := server.Count()
	if o := c.Send(context.Background(), now.read(), m); o.State != notify.Sent || server.Count() != sent {
		t.Errorf("%+v and %d more texts, want it found", o, server.Count()-sent)
	}
}

func TestTextIsNotSentTwiceWhileTwilioCannotBeAsked(t *testing.T) {
	tests := []struct {
		story string
		fault twiliotest.Fault
		want  notify.Fault
		after time.Duration
	}{
		{"broken", twiliotest.Fault{Code: 20500}, notify.FaultProvider, 0},
		{"hangs up", twiliotest.Fault{Drop: true}, notify.FaultProvider, 0},
		{"no answer", twiliotest.Fault{Stall: true}, notify.FaultProvider, 0},
		{"half an answer", twiliotest.Fault{Status: 200, Body: `{"messages": [`}, notify.FaultProvider, 0},
		{"another's page", twiliotest.HTML(200), notify.FaultProvider, 0},
		{"a bad question", twiliotest.Fault{Code: 20001}, notify.FaultProvider, 0},
		{"too many", twiliotest.TooMany("3"), notify.FaultBusy, 3 * time.Second},
		{"wrong token", twiliotest.Fault{Code: 20003}, notify.FaultAccount, 0},
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
			m := reminder("a")
			lost(t, server, c, morning, m)
			m.MaybeSent = morning
			test.fault.On = twiliotest.List
			server.Plan(test.fault)
			o := send(c, m)
			if o.State != notify.FailedTemporarily || o.Fault != test.want || !o.Ambiguous || o.RetryAfter != test.after || !strings.Contains(o.Reason, "could not be asked") {
				t.Errorf("%+v, want it failed for now as %s after %v, still ambiguous, saying so", o, test.want, test.after)
			}
			tellsNothing(t, o)
			if server.Count() != 1 {
				t.Errorf("the server has %d texts, want the first alone", server.Count())
			}
			c.settings.Timeout = 5 * time.Second
			mustSend(t, c, m)
			if server.Count() != 1 {
				t.Errorf("in the end the server has %d texts, want the first alone", server.Count())
			}
		})
	}
}

func TestTextThatWasTakenIsFoundEvenWhenItIsOfNoMoreUse(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, nil)
	m := reminder("a")
	m.UsefulUntil = morning.Add(time.Minute)
	lost(t, server, c, morning, m)
	m.MaybeSent = morning
	if o := c.Send(context.Background(), morning.Add(2*time.Minute), m); o.State != notify.Sent {
		t.Errorf("%+v, want it found", o)
	}
}

func TestTrialAccountsSentenceDoesNotHideAText(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, nil)
	words, err := c.composer.Compose(morning, reminder("a"))
	if err != nil {
		t.Fatal(err)
	}
	server.Plan(twiliotest.Fault{On: twiliotest.List, Status: 200, Body: `{"messages": [{"sid": "SM00112233445566778899aabbccddeeff", "direction": "outbound-api",
		"date_created": "Mon, 07 Sep 2026 08:30:02 +0000", "body": "Sent from your Twilio trial account - ` + words.SMS + `"}]}`})
	m := reminder("a")
	m.MaybeSent = morning
	if sid := mustSend(t, c, m); sid != "SM00112233445566778899aabbccddeeff" {
		t.Errorf("found %s, want the text that was there", sid)
	}
}
