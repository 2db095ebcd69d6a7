package notify

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// scripted is a mail server that answers as scripted: one answer a command, the last to the
// closing dot; each byte, and each answer, after a while.
type scripted struct {
	pipelining    bool
	answers       [4]string // to MAIL, RCPT, DATA and the dot
	eachAnswer    time.Duration
	eachByte      time.Duration
	contentsTaken int
}

func (s *scripted) serve(conn net.Conn, left <-chan struct{}) {
	defer conn.Close()
	lines := bufio.NewReader(conn)
	wait := func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-left:
		}
	}
	answer := func(text string) {
		wait(s.eachAnswer)
		for _, b := range []byte(text + "\r\n") {
			wait(s.eachByte)
			if _, err := conn.Write([]byte{b}); err != nil {
				return
			}
		}
	}
	fmt.Fprint(conn, "220 ready\r\n")
	if s.pipelining {
		for range 3 {
			lines.ReadString('\n')
		}
	}
	for _, text := range s.answers[:3] {
		if !s.pipelining {
			if _, err := lines.ReadString('\n'); err != nil {
				return
			}
		}
		answer(text)
	}
	for line := ""; line != ".\r\n"; {
		var err error
		if line, err = lines.ReadString('\n'); err != nil {
			return
		}
	}
	s.contentsTaken++
	answer(s.answers[3])
}

// hear takes one email to the server, with half a minute for each answer.
func (s *scripted) hear(t *testing.T) (o Outcome) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		left := make(chan struct{})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.serve(theirs, left)
		}()
		patient := &patientConn{Conn: ours, pause: 30 * time.Second}
		client, err := smtp.NewClient(patient, "mail.example.org")
		if err != nil {
			t.Fatal(err)
		}
		conn := &connection{doubts: newDoubts(), raw: patient, client: client, timeout: 30 * time.Second, answer: answerTimeout, pipeline: s.pipelining}
		o = conn.deliver(t.Context(), "doorstep@example.org", "w1@example.org", []byte("Subject: x\r\n\r\nx\r\n.\r\n")).outcome(nil)
		conn.drop()
		close(left)
		<-ended
	})
	return o
}

var plainly = [4]string{"250 sender", "250 recipient", "354 go on", "250 taken"}

// TestServerThatIsSlowAtEveryStepIsNotDown: it has half a minute for each answer and
// not for all of them, and one that says something all the while has more.
func TestServerThatIsSlowAtEveryStepIsNotDown(t *testing.T) {
	slowly := plainly
	slowly[1] = "250-" + strings.Repeat("x", 40) + "\r\n250 recipient" // takes a minute
	for _, test := range []struct {
		story  string
		server scripted
		taken  bool
	}{
		{"20 s over each answer", scripted{answers: plainly, eachAnswer: 20 * time.Second}, true},
		{"20 s over each of three commands that came together", scripted{answers: plainly, eachAnswer: 20 * time.Second, pipelining: true}, true},
		{"a byte a second", scripted{answers: slowly, eachByte: time.Second}, true},
		{"40 s without a word", scripted{answers: plainly, eachAnswer: 40 * time.Second}, false},
		{"a byte every ten seconds, without end", scripted{answers: [4]string{strings.Repeat("250-x\r\n", 100)}, eachByte: 10 * time.Second}, false},
	} {
		t.Run(test.story, func(t *testing.T) {
			if o := test.server.hear(t); (o.State == Sent) != test.taken || o.Ambiguous {
				t.Errorf("%+v, want it taken: %t, and no doubt", o, test.taken)
			}
		})
	}
}

// TestAnyYesIsAYes: RFC 5321, 4.3.2 leaves the last digits of a reply to the server's
// taste; what it has taken must not be told to have failed.
func TestAnyYesIsAYes(t *testing.T) {
	for _, answers := range [][4]string{
		{"250 sender", "250 recipient", "354 go on", "200 ok"},
		{"250 sender", "250 recipient", "354 go on", "251 taken"},
		{"250-2.1.0 sender\r\n250 2.1.0 ok", "252 recipient", "354-go\r\n354 on", "250-2.0.0 taken\r\n250 2.0.0 queued"},
		{"200 sender", "200 recipient", "350 go on", "250 taken"},
		{"250", "250", "354", "250"}, // words are not needed (4.2)
		{"250-\r\n250", "250 ", "354-\r\n354", "250-2.0.0 taken\r\n250"},
	} {
		if o := (&scripted{answers: answers}).hear(t); o.State != Sent {
			t.Errorf("a server that says %q: %+v, want it sent", answers, o)
		}
	}
}

// TestRefusalNeedsNoWords: its code says enough.
func TestRefusalNeedsNoWords(t *testing.T) {
	for _, answers := range [][4]string{
		{"250", "450", "354", "250"},
		{"250", "250", "354", "451-\r\n451"},
	} {
		want := answers[1][:3]
		if answers[1] == "250" {
			want = answers[3][:3]
		}
		if o := (&scripted{answers: answers}).hear(t); o.State != FailedTemporarily || o.Code != want || o.Ambiguous {
			t.Errorf("a server that says %q: %+v, want it refused for now with %s, and no doubt", answers, o, want)
		}
	}
}

// TestAnswerThatIsNoneIsNoRefusal: what a server says out of turn tells nothing of the
// message, and before the content it has not taken it.
func TestAnswerThatIsNoneIsNoRefusal(t *testing.T) {
	for _, test := range []struct {
		answers   [4]string
		ambiguous bool
		contents  int
	}{
		{[4]string{"250 sender", "354 recipient", "354 go on", "250 taken"}, false, 0},
		{[4]string{"250 sender", "250 recipient", "250 go on", "250 taken"}, false, 0},
		{[4]string{"250 sender", "250 recipient", "354 go on", "354 go on"}, true, 1},
		{[4]string{"250 sender", "250 recipient", "354 go on", "what?"}, true, 1},
		{[4]string{"250 sender", "250 recipient", "354 go on", "2501 taken"}, true, 1},
		{[4]string{"250 sender", "25", "354 go on", "250 taken"}, false, 0},
	} {
		server := &scripted{answers: test.answers}
		o := server.hear(t)
		if o.State != FailedTemporarily || o.Fault != FaultProvider || o.Ambiguous != test.ambiguous || server.contentsTaken != test.contents {
			t.Errorf("a server that says %q: %+v and took %d contents, want a temporary fault of its own, in doubt: %t, and %d",
				test.answers, o, server.contentsTaken, test.ambiguous, test.contents)
		}
	}
}
