package notify

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
)

// newSMTP returns a channel to server that gives up quickly.

func newSMTP(t testing.TB, server *smtptest.Server, change func(*SMTPSettings)) *SMTP {
	t.Helper()
	settings := SMTPSettings{Host: server.Host, Port: server.Port, TLS: TLSNone, Connections: 2, Timeout: 5 * time.Second}
	if change != nil {
		change(&settings)
	}
	s, err := NewSMTP(newComposer(t), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(context.Background()) })
	return s
}

func send(s Channel, key string) Outcome {
	m := reminderEmail(key, seeAgain())
	return s.Send(context.Background(), m.Created, m)
}

func mustSend(t *testing.T, s Channel, key string) {
	t.Helper()
	if o := send(s, key); o.State != Sent {
		t.Fatalf("sending %s: %+v, want it sent", key, o)
	}
}

func TestEmailArrivesAsWritten(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, nil)
	dot := seeAgain()
	dot.Title = "."
	for i, m := range []Message{reminderEmail("a", seeAgain()), reminderEmail("b", dot), digestEmail(KindDigest, fullDigest())} {
		if o := s.Send(context.Background(), m.Created, m); o.State != Sent || o.Reason != "" {
			t.Fatalf("%+v, want it sent", o)
		}
		taken := server.Taken()[i]
		if got, want := fixBoundaries(string(taken.Content)), strings.ReplaceAll(strings.ReplaceAll(
			fixBoundaries(renderEmail(t, m.Created.Format("2006-01-02 15:04"), m)), "\r\n", "\n"), "\n", "\r\n"); got != want {
			t.Errorf("the server has\n%s\nwant\n%s", got, want)
		}
		if taken.From != "doorstep@example.org" || len(taken.To) != 1 || taken.To[0] != m.To.Email {
			t.Errorf("from %s to %v, want from doorstep@example.org to %s", taken.From, taken.To, m.To.Email)
		}
	}
}

func TestEmailIsMadeReadyForTheWire(t *testing.T) {
	for email, want := range map[string]string{
		"a\r\nb\r\n":         "a\r\nb\r\n.\r\n",
		"a\r\n.\r\nb\r\n":    "a\r\n..\r\nb\r\n.\r\n",
		".a\r\n":             "..a\r\n.\r\n",
		"a\r\nb":             "a\r\nb\r\n.\r\n",
		"a\n.\nMAIL FROM:<>": "a\r\n..\r\nMAIL FROM:<>\r\n.\r\n",
		"":                   "\r\n.\r\n",
	} {
		var wire bytes.Buffer
		if forWire(&wire, []byte(email)); wire.String() != want {
			t.Errorf("%q becomes %q, want %q", email, wire.String(), want)
		}
	}
}

func TestConnectionIsKeptBetweenMessages(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, nil)
	for i := range 5 {
		mustSend(t, s, fmt.Sprint(i))
	}
	if server.Connections() != 1 || server.Count() != 5 {
		t.Errorf("%d messages over %d connections, want 5 over 1", server.Count(), server.Connections())
	}
}

func TestNoMoreConnectionsThanAllowed(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, func(s *SMTPSettings) { s.Connections = 3 })
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			if o := send(s, fmt.Sprint(i)); o.State != Sent {
				t.Errorf("%+v, want it sent", o)
			}
		})
	}
	wg.Wait()
	if server.Count() != 30 || server.Connections() > 3 || len(server.TakenByID()) != 30 {
		t.Errorf("%d messages with %d ids over %d connections, want 30 over at most 3", server.Count(), len(server.TakenByID()), server.Connections())
	}
}

// TestFaultsOfTheServer: one fault, what it means, and that the next attempt gets

// through, on whatever connection.

// A server that asks for the content although it refused the recipient must not

// get any: it would be nobody's, or somebody else's.

func TestAcceptedMessageStaysSentWhateverFollows(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, nil)
	mustSend(t, s, "a")
	server.Stop() // so nobody answers the goodbye
	if err := s.Close(context.Background()); err != nil {
		t.Errorf("closing: %v, want no error", err)
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, func(s *SMTPSettings) { s.IdleTimeout = time.Millisecond })
	mustSend(t, s, "a")
	<-server.Ended()
	mustSend(t, s, "b")
	if server.Connections() != 2 {
		t.Errorf("%d connections, want 2", server.Connections())
	}
}

func TestCloseWaitsForWhatIsBeingSentAndTakesNothingNew(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, nil)
	reached, release := make(chan struct{}), make(chan struct{})
	server.Plan(smtptest.Fault{At: smtptest.AtEnd, Hold: func() { close(reached); <-release }})
	outcome := make(chan Outcome)
	go func() { outcome <- send(s, "a") }()
	<-reached

	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Close(ended); err == nil {
		t.Error("Close does not say that a message is still being sent")
	}
	if o := send(s, "b"); o.State != FailedTemporarily || o.Fault != FaultBusy || !strings.Contains(o.Reason, "stopping") {
		t.Errorf("a message after Close: %+v, want it to wait, and nothing held against it", o)
	}
	close(release)
	if o := <-outcome; o.State != Sent {
		t.Errorf("the message that was under way: %+v, want it sent", o)
	}
	if err := s.Close(context.Background()); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if server.Count() != 1 {
		t.Errorf("the server took %d messages, want 1", server.Count())
	}
}

func TestMessageThatCannotBeRenderedNeverReachesTheServer(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, nil)
	bad := reminderEmail("a", seeAgain())
	bad.To.Email = "w1@example.org\r\nRCPT TO:<x@example.org>"
	for story, m := range map[string]Message{"bad recipient": bad, "nothing in it": reminderEmail("b"), "a text": asSMS(reminderEmail("c", seeAgain()))} {
		if o := s.Send(context.Background(), m.Created, m); o.State != Failed || strings.Contains(o.Reason, "x@") {
			t.Errorf("%s: %+v, want it refused for good", story, o)
		}
	}
	if server.Connections() != 0 {
		t.Errorf("%d connections, want none", server.Connections())
	}
}
