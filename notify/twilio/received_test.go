package twilio

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twiliotest"
)

func TestTextsThatCameInAreReadTheOldestFirst(t *testing.T) {
	now := clock{now: morning}
	server := start(t, twiliotest.Options{Now: now.read})
	c := newChannel(t, server, nil)
	server.Receive(t, practitioner, "DONE 1AA") // long before
	now.set(morning.Add(time.Hour))
	mustSend(t, c, reminder("a"))
	first := server.Receive(t, practitioner, "DONE 4F7")
	now.set(now.read().Add(time.Minute))
	second := server.Receive(t, "+447700900102", "STOP")
	server.Receive(t, "60777", "You have won") // nobody's phone

	got, err := c.Received(context.Background(), morning.Add(time.Hour))
	want := []notify.Received{
		{ID: first.SID, From: practitioner, Text: "DONE 4F7", At: morning.Add(time.Hour)},
		{ID: second.SID, From: "+447700900102", Text: "STOP", At: morning.Add(time.Hour + time.Minute)},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want\n%+v", got, err, want)
	}
}

func TestManyTextsThatCameInAreReadPageByPage(t *testing.T) {
	now := clock{now: morning}
	server := start(t, twiliotest.Options{Now: now.read})
	c := newChannel(t, server, nil)
	n := 2*pageOfReceived + 1
	for i := range n {
		now.set(morning.Add(time.Duration(i) * time.Second))
		server.Receive(t, practitioner, fmt.Sprint("SEEN ", i))
	}
	got, err := c.Received(context.Background(), morning)
	if err != nil || len(got) != n || got[0].Text != "SEEN 0" || got[n-1].Text != fmt.Sprint("SEEN ", n-1) {
		t.Errorf("%d texts, %v, want %d from the first to the last", len(got), err, n)
	}
	if asked := server.Requests(twiliotest.List); asked != 3 {
		t.Errorf("asked for %d pages, want 3", asked)
	}
}

func TestNameGetsNoTexts(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, func(s *Settings) { s.From = "Doorstep" })
	got, err := c.Received(context.Background(), morning)
	if err != nil || len(got) != 0 || server.Requests(twiliotest.List) != 0 {
		t.Errorf("%v, %v after %d requests, want nothing after none", got, err, server.Requests(twiliotest.List))
	}
}

func TestMessagingServiceReadsItsOwnTexts(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, func(s *Settings) { s.MessagingServiceSID = twiliotest.MessagingServiceSID })
	text := server.Receive(t, practitioner, "HELP")
	if got, err := c.Received(context.Background(), morning); err != nil || len(got) != 1 || got[0].ID != text.SID {
		t.Errorf("%+v, %v, want %s", got, err, text.SID)
	}
	inbound := func(sid, service string) string {
		return `{"sid": "` + sid + `", "direction": "inbound", "from": "` + practitioner + `", "to": "` + twiliotest.Number + `", "body": "HELP",
			"messaging_service_sid": "` + service + `", "date_created": "Mon, 07 Sep 2026 08:30:00 +0000"}`
	}
	const ours, theirs = "SM00000000000000000000000000000001", "SM00000000000000000000000000000002"
	server.Plan(twiliotest.Fault{On: twiliotest.List, Status: 200,
		Body: `{"messages": [` + inbound(ours, twiliotest.MessagingServiceSID) + `,` + inbound(theirs, "MG2") + `, {}]}`})
	got, err := c.Received(context.Background(), morning)
	if err != nil || len(got) != 1 || got[0].ID != ours {
		t.Errorf("%+v, %v, want %s alone", got, err, ours)
	}
}

func TestTextsThatCameInCannotBeAskedFor(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, nil)
	server.Plan(twiliotest.Fault{On: twiliotest.List, Code: 20429, RetryAfter: "4"})
	got, err := c.Received(context.Background(), morning)
	var problem *Error
	if !errors.As(err, &problem) || problem.Fault != notify.FaultBusy || problem.RetryAfter != 4*time.Second || got != nil {
		t.Errorf("%+v, %v, want nothing and to wait", got, err)
	}
	tellsNothing(t, err)
}

func TestNumbersThatComeInAreNormalised(t *testing.T) {
	for written, want := range map[string]string{
		"+447700900101": practitioner, "07700 900101": practitioner, " +44 (0)7700 900101": practitioner,
		"+353871234567": "+353871234567", "60777": "", "Doorstep": "", "": "", "+": "", "+44": "", "+4477009001011111": "",
	} {
		if got := normalised(written); got != want {
			t.Errorf("%q becomes %q, want %q", written, got, want)
		}
	}
}
