package notify

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"example.org/doorstep/notify/smtptest"
)

func TestServerThatIsDownIsTriedAgainLater(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, nil)
	server.Stop()
	o := send(s, "a")
	if o.State != FailedTemporarily || o.Fault != FaultProvider || o.Ambiguous || !strings.Contains(o.Reason, "nobody listens there") {
		t.Errorf("%+v, want a temporary failure that says so", o)
	}
	server.Restart(t)
	mustSend(t, s, "a")
	if server.Count() != 1 {
		t.Errorf("the server took %d messages, want 1", server.Count())
	}
}

func TestFaultsOfTheServer(t *testing.T) {
	refused := func(at smtptest.Stage, code int, enhanced string) smtptest.Fault {
		return smtptest.Fault{At: at, Code: code, Enhanced: enhanced, Text: "no, w1@example.org"}
	}
	tests := []struct {
		story       string
		fault       smtptest.Fault
		want        Outcome // Reason: a part of it
		connections int     // after the next attempt
	}{
		{"stalls at the greeting", smtptest.Fault{At: smtptest.AtGreeting, Stall: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "no answer in time"}, 2},
		{"stalls at the sender", smtptest.Fault{At: smtptest.AtSender, Stall: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "no answer in time"}, 2},
		{"stalls at the recipient", smtptest.Fault{At: smtptest.AtRecipient, Stall: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "no answer in time"}, 2},
		{"stalls before the content", smtptest.Fault{At: smtptest.AtData, Stall: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "no answer in time"}, 2},
		{"stalls in the content", smtptest.Fault{At: smtptest.InContent, Stall: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "did not say whether it took", Ambiguous: true}, 2},
		{"stalls at the end", smtptest.Fault{At: smtptest.AtEnd, Stall: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "did not say whether it took", Ambiguous: true}, 2},
		{"hangs up at the greeting", smtptest.Fault{At: smtptest.AtGreeting, Drop: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "connecting"}, 2},
		{"hangs up at the sender", smtptest.Fault{At: smtptest.AtSender, Drop: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "was lost"}, 2},
		{"hangs up at the recipient", smtptest.Fault{At: smtptest.AtRecipient, Drop: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "was lost"}, 2},
		{"hangs up before the content", smtptest.Fault{At: smtptest.AtData, Drop: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "was lost"}, 2},
		{"hangs up in the content", smtptest.Fault{At: smtptest.InContent, Drop: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "did not say whether it took", Ambiguous: true}, 2},
		{"hangs up at the end", smtptest.Fault{At: smtptest.AtEnd, Drop: true}, Outcome{State: FailedTemporarily, Fault: FaultProvider, Reason: "did not say whether it took", Ambiguous: true}, 2},
		{"too busy to greet", refused(smtptest.AtGreeting, 421, "4.3.2"), Outcome{State: FailedTemporarily, Fault: FaultProvider, Code: "421 4.3.2", Reason: "turns connections away"}, 2},
		{"does not want this machine", refused(smtptest.AtGreeting, 554, "5.7.1"), Outcome{State: FailedTemporarily, Fault: FaultAccount, Code: "554 5.7.1", Reason: "turns connections away"}, 2},
		{"too many connections", refused(smtptest.AtSender, 432, "4.3.2"), Outcome{State: FailedTemporarily, Fault: FaultBusy, Code: "432 4.3.2", Reason: "try again later"}, 1},
		{"closes down between messages", refused(smtptest.AtSender, 421, "4.3.2"), Outcome{State: FailedTemporarily, Fault: FaultProvider, Code: "421 4.3.2", Reason: "try again later"}, 2},
		{"greylists", smtptest.Greylisting, Outcome{State: FailedTemporarily, Fault: FaultGreylisted, Code: "451 4.7.1", Reason: "try again later (451 4.7.1 Greylisted, try again later)"}, 1},
		{"mailbox full", refused(smtptest.AtRecipient, 452, "4.2.2"), Outcome{State: FailedTemporarily, Fault: FaultUnreachable, Code: "452 4.2.2", Reason: "try again later"}, 1},
		{"no room before the content", refused(smtptest.AtData, 452, "4.3.1"), Outcome{State: FailedTemporarily, Fault: FaultProvider, Code: "452 4.3.1", Reason: "try again later"}, 2},
		{"trouble at the end", refused(smtptest.AtEnd, 451, "4.3.0"), Outcome{State: FailedTemporarily, Fault: FaultProvider, Code: "451 4.3.0", Reason: "try again later"}, 1},
		{"the day's limit", refused(smtptest.AtEnd, 554, "5.2.0"), Outcome{State: FailedTemporarily, Fault: FaultBusy, Code: "554 5.2.0", Reason: "limit for today", RetryAfter: 24 * time.Hour}, 1},
		{"signing in expected", refused(smtptest.AtSender, 530, "5.7.0"), Outcome{State: FailedTemporarily, Fault: FaultAccount, Code: "530 5.7.0", Reason: "does not let Doorstep sign in"}, 1},
		{"refuses the sender", refused(smtptest.AtSender, 550, "5.7.60"), Outcome{State: FailedTemporarily, Fault: FaultAccount, Code: "550 5.7.60", Reason: "correct email.from"}, 1},
		{"refuses the recipient", refused(smtptest.AtRecipient, 550, "5.1.1"), Outcome{State: Failed, Fault: FaultAddress, Code: "550 5.1.1", Reason: "refuses the recipient: correct the address"}, 1},
		{"refuses the content", refused(smtptest.AtEnd, 554, "5.6.0"), Outcome{State: Failed, Fault: FaultContent, Code: "554 5.6.0", Reason: "refuses the message"}, 1},
	}
	for _, test := range tests {
		for _, oneByOne := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, one by one %t", test.story, oneByOne), func(t *testing.T) {
				t.Parallel()
				server := smtptest.Start(t, smtptest.Options{OneByOne: oneByOne})
				s := newSMTP(t, server, func(s *SMTPSettings) {
					if test.fault.Stall {
						s.Timeout = 200 * time.Millisecond
					}
				})
				if test.fault.Stall {
					s.answerTimeout = 200 * time.Millisecond
				}
				server.Plan(test.fault)
				got := send(s, "a")
				if !strings.Contains(got.Reason, test.want.Reason) || strings.Contains(got.Reason, "w1") {
					t.Errorf("the reason is %q, want it to say %q and no address", got.Reason, test.want.Reason)
				}
				got.Reason = test.want.Reason
				if got != test.want {
					t.Errorf("the outcome is\n%+v, want\n%+v", got, test.want)
				}
				if server.Count() != 0 {
					t.Errorf("the server took %d messages, want none", server.Count())
				}
				s.settings.Timeout = 5 * time.Second
				mustSend(t, s, "a")
				if server.Count() != 1 || server.Connections() != test.connections {
					t.Errorf("then %d messages over %d connections, want 1 over %d", server.Count(), server.Connections(), test.connections)
				}
			})
		}
	}
}

func TestContentIsNotSentAfterARefusal(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	heard := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			heard <- err.Error()
			return
		}
		defer conn.Close()
		lines := bufio.NewReader(conn)
		fmt.Fprint(conn, "220 ready\r\n")
		lines.ReadString('\n') // EHLO
		fmt.Fprint(conn, "250-mail.example.org\r\n250 PIPELINING\r\n")
		for range 3 {
			lines.ReadString('\n')
		}
		fmt.Fprint(conn, "250 ok\r\n550 no\r\n354 go on\r\n")
		rest, _ := io.ReadAll(lines)
		heard <- string(rest)
	}()
	s, err := NewSMTP(newComposer(t), SMTPSettings{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port})
	if err != nil {
		t.Fatal(err)
	}
	if o := send(s, "a"); o.Fault != FaultRefused || o.Code != "550" {
		t.Errorf("%+v, want it refused", o)
	}
	if rest := <-heard; rest != "" {
		t.Errorf("the server got %q, want nothing", rest)
	}
}

func TestLostAnswerIsAmbiguousAndTheRepeatHasTheSameID(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, nil)
	server.Plan(smtptest.Fault{At: smtptest.AtEnd, Drop: true, Taken: true})
	if o := send(s, "a"); o.State != FailedTemporarily || o.Fault != FaultProvider || !o.Ambiguous {
		t.Errorf("%+v, want a temporary, ambiguous failure", o)
	}
	if server.Count() != 1 {
		t.Errorf("the server has %d messages, want 1: one Send must not hand over twice", server.Count())
	}
	mustSend(t, s, "a")
	if ids := server.TakenByID(); len(ids) != 1 || server.Count() != 2 {
		t.Errorf("the server has %v, want one Message-ID twice", ids)
	}
}

func TestRefusedRecipientStopsNobodyElsesMessage(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	server.Plan(smtptest.Refuse("w1@example.org"))
	s := newSMTP(t, server, nil)
	for i, address := range []string{"w2@example.org", "w1@example.org", "w3@example.org"} {
		m := reminderEmail(fmt.Sprint(i), seeAgain())
		m.To.Email = address
		o := s.Send(context.Background(), m.Created, m)
		want := Sent
		if address == "w1@example.org" {
			want = Failed
			if strings.Contains(o.Reason, "w1") || strings.Contains(o.Reason, "example.org") {
				t.Errorf("the reason names the recipient: %s", o.Reason)
			}
		}
		if o.State != want {
			t.Errorf("%s: %+v, want %s", address, o, want)
		}
	}
	if server.Count() != 2 || server.Connections() != 1 {
		t.Errorf("%d messages over %d connections, want 2 over 1", server.Count(), server.Connections())
	}
}

func TestGreylistingTurnsEachRecipientAwayOnce(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	server.Plan(smtptest.Greylisting)
	s := newSMTP(t, server, nil)
	var states []State
	for _, address := range []string{"w1@example.org", "w2@example.org", "w1@example.org", "w2@example.org"} {
		m := reminderEmail(address, seeAgain())
		m.To.Email = address
		states = append(states, s.Send(context.Background(), m.Created, m).State)
	}
	if got, want := fmt.Sprint(states), "[failed-temporarily failed-temporarily sent sent]"; got != want {
		t.Errorf("the outcomes are %s, want %s", got, want)
	}
}

func TestConnectionThatTheServerDroppedIsReplacedAtOnce(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s := newSMTP(t, server, nil)
	mustSend(t, s, "a")
	server.Hangup(t)
	mustSend(t, s, "b")
	server.Plan(smtptest.Fault{At: smtptest.AtSender, Code: 421, Enhanced: "4.4.2", Text: "Idle too long"})
	mustSend(t, s, "c")
	if server.Count() != 3 || server.Connections() != 3 {
		t.Errorf("%d messages over %d connections, want 3 over 3", server.Count(), server.Connections())
	}
}

func TestEndedContextEndsAStalledSend(t *testing.T) {
	for _, stage := range []smtptest.Stage{smtptest.AtGreeting, smtptest.AtRecipient, smtptest.AtEnd} {
		t.Run(string(stage), func(t *testing.T) {
			server := smtptest.Start(t, smtptest.Options{})
			s := newSMTP(t, server, func(s *SMTPSettings) { s.Timeout = time.Hour })
			ctx, cancel := context.WithCancel(context.Background())
			release := make(chan struct{})
			defer close(release)
			server.Plan(smtptest.Fault{At: stage, Hold: func() { cancel(); <-release }})
			m := reminderEmail("a", seeAgain())
			o := s.Send(ctx, m.Created, m)
			fault := FaultBusy // nothing is held against the message or the server
			if stage == smtptest.AtEnd {
				fault = FaultProvider
			}
			if o.State != FailedTemporarily || o.Fault != fault || o.Ambiguous != (stage == smtptest.AtEnd) || !strings.Contains(o.Reason, "stopped before it answered") {
				t.Errorf("%+v, want a temporary failure by %s, ambiguous only at the end", o, fault)
			}
		})
	}
}

func TestServersWordsAreScrubbed(t *testing.T) {
	hide := []string{"w1.one@example.org", "Due tomorrow 17:00: see the child again, KN-1"}
	for said, want := range map[string]string{
		"5.1.1 <w1.one@example.org>: Recipient address rejected: User unknown": "5.1.1 <...>: Recipient address rejected: User unknown",
		"5.1.1 User W1.ONE does not exist":                                     "5.1.1 User ... does not exist",
		"5.7.1 moved to someone.else@example.org":                              "5.7.1 moved to ...",
		"5.6.0 Subject \"Due tomorrow 17:00: see the child again, KN-1\" bad":  "5.6.0 Subject \"...\" bad",
		"5.6.0 two\nlines\x1b[2J":                                              "5.6.0 two lines[2J",
		strings.Repeat("x", 300):                                               strings.Repeat("x", 200) + "...",
	} {
		if got := scrub(said, hide); got != want {
			t.Errorf("%q reads %q, want %q", said, got, want)
		}
	}
}

// TestServerMayTakeTenMinutesOverAMessage: one that looks at each message for long has
// it once, and not again with every timeout.
func TestServerMayTakeTenMinutesOverAMessage(t *testing.T) {
	for _, test := range []struct {
		takes time.Duration
		taken bool
	}{{40 * time.Second, true}, {9*time.Minute + 50*time.Second, true}, {11 * time.Minute, false}} {
		synctest.Test(t, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer ours.Close()
			left := make(chan struct{})
			defer close(left)
			go func() {
				defer theirs.Close()
				lines := bufio.NewReader(theirs)
				fmt.Fprint(theirs, "220 ready\r\n")
				for _, answer := range []string{"250 sender", "250 recipient", "354 go on"} {
					lines.ReadString('\n')
					fmt.Fprint(theirs, answer+"\r\n")
				}
				for line := ""; line != ".\r\n"; {
					line, _ = lines.ReadString('\n')
				}
				select {
				case <-time.After(test.takes):
				case <-left:
				}
				fmt.Fprint(theirs, "250 taken\r\n")
			}()
			client, err := smtp.NewClient(ours, "mail.example.org")
			if err != nil {
				t.Fatal(err)
			}
			conn := &connection{doubts: newDoubts(), raw: ours, client: client, timeout: 30 * time.Second, answer: answerTimeout}
			fail := conn.deliver(t.Context(), "doorstep@example.org", "w1@example.org", []byte("Subject: x\r\n\r\nx\r\n.\r\n"))
			if o := fail.outcome(nil); (o.State == Sent) != test.taken || o.Ambiguous == test.taken {
				t.Errorf("answered after %v: %+v, want it taken: %t, and doubt where it is not", test.takes, o, test.taken)
			}
		})
	}
}
