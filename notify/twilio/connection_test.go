package twilio

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twiliotest"
)

// TestConnectionIsKeptWhateverTheAnswer: one that is not read to its end is never used
// again. On a busy machine another is not either, now and then (net/http waits 50 ms for
// the end of writing), so each answer has a few tries.
func TestConnectionIsKeptWhateverTheAnswer(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, func(s *Settings) { s.Connections = 1 })
	sid := mustSend(t, c, reminder("first"))
	texts := 0
	text := func() notify.Message { texts++; return reminder(fmt.Sprint(texts)) }
	kept := func(ask func()) bool {
		for range 10 {
			before := server.Connections()
			ask()
			mustSend(t, c, text())
			if server.Connections() == before {
				return true
			}
		}
		return false
	}
	for _, fault := range []twiliotest.Fault{{}, {Code: 21211}, {Code: 21999}, {Code: 20003}, twiliotest.TooMany("1"), {Code: 20500},
		twiliotest.HTML(502), {Status: 500}, {Status: 400, Body: `{"code": `}, {Status: 201, Body: `{`}, {Status: 302, Location: "/"}} {
		if !kept(func() { server.Plan(fault); send(c, text()) }) {
			t.Errorf("after the answer %+v the connection is not used again", fault)
		}
	}
	if !kept(func() {
		if _, err := c.Receipts(context.Background(), []string{sid, "SMffffffffffffffffffffffffffffffff"}); err != nil {
			t.Fatal(err)
		}
	}) {
		t.Error("after receipts, one of them of no text, the connection is not used again")
	}
}

func TestConnectionsAreNoMoreThanSet(t *testing.T) {
	const connections = 3
	server := start(t, twiliotest.Options{Latency: time.Millisecond})
	c := newChannel(t, server, func(s *Settings) { s.Connections = connections })
	var senders sync.WaitGroup
	for i := range 60 {
		senders.Go(func() {
			if o := send(c, reminder(fmt.Sprint(i))); o.State != notify.Sent {
				t.Errorf("%+v, want it sent", o)
			}
		})
	}
	senders.Wait()
	// As above, one that is not used again is replaced.
	if server.Count() != 60 || server.Connections() > 10*connections {
		t.Errorf("%d texts over %d connections, want 60 over about %d", server.Count(), server.Connections(), connections)
	}
}

func TestConnectionThatTheServerHasClosedIsReplaced(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, nil)
	mustSend(t, c, reminder("a"))
	server.Stop()
	server.Restart(t)
	c.transport.CloseIdleConnections()
	mustSend(t, c, reminder("b"))
	if server.Count() != 2 {
		t.Errorf("the server took %d texts, want 2", server.Count())
	}
}

func TestBaseAddressMayHaveAPath(t *testing.T) {
	for _, end := range []string{"", "/"} {
		var asked string
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.Host + r.URL.Path
			w.WriteHeader(http.StatusBadGateway)
		}))
		defer proxy.Close()
		c, err := New(newComposer(t), Settings{AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken, From: twiliotest.Number, BaseURL: proxy.URL + "/texts" + end})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background())
		send(c, reminder("a"))
		if want := strings.TrimPrefix(proxy.URL, "http://") + "/texts/2010-04-01/Accounts/" + twiliotest.AccountSID + "/Messages.json"; asked != want {
			t.Errorf("asked %s, want %s", asked, want)
		}
	}
}

func TestNothingIsLeftRunningOnceClosed(t *testing.T) {
	server := start(t, twiliotest.Options{})
	before := runtime.NumGoroutine()
	c, err := New(newComposer(t), Settings{AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken, From: twiliotest.Number,
		BaseURL: server.URL, Timeout: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	for i, fault := range []twiliotest.Fault{{}, {Drop: true}, {Stall: true}, {Code: 20500}, {Status: 201, Body: "{"}} {
		server.Plan(fault)
		m := reminder(fmt.Sprint(i))
		m.MaybeSent = morning
		m.Reminders[0].CaseRef = fmt.Sprint("KN-", i)
		send(c, m)
	}
	if _, err := c.Receipts(context.Background(), []string{"SM00000000000000000000000000000001"}); err != nil {
		t.Error(err)
	}
	if _, err := c.Received(context.Background(), morning); err != nil {
		t.Error(err)
	}
	if err := c.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	server.Stop() // waits until it has seen every connection end
	if open := server.Open(); open != 0 {
		t.Errorf("%d connections are open, want none", open)
	}
	// The client's own goroutines end with their connections, a moment later.
	for range 5_000_000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	stacks := make([]byte, 64<<10)
	t.Errorf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
}

func TestNothingOfOursGoesToTwilioButNumberAndWords(t *testing.T) {
	server := start(t, twiliotest.Options{})
	c := newChannel(t, server, withCallbacks)
	m := reminder("reminder:W1:see-child-again:KN-1")
	m.UsefulUntil = morning.Add(time.Hour)
	mustSend(t, c, m)
	got, err := url.ParseQuery(server.Messages()[0].Form)
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"Body", "From", "StatusCallback", "To", "ValidityPeriod"}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, allowed) {
		t.Errorf("sent %v, want %v", names, allowed)
	}
	if got.Get("StatusCallback") != statusAddress {
		t.Errorf("the callback's address is %s, want %s and nothing more", got.Get("StatusCallback"), statusAddress)
	}
}
