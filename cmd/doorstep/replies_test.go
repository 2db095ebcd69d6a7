package main

import (
	"strings"
	"testing"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
)

// TestRepliesAreAskedFor: where nobody can call the daemon, it asks which texts came
// in: at its start, so that none is lost while it is down, and every now and then.
func TestRepliesAreAskedFor(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	texts := twiliotest.Start(t, twiliotest.Options{})
	d := newCouncil(t, mail, byTwilio(texts, ", replies: poll"))
	p := d.start()
	d.refer("KN-1", "W1")
	d.await("both texts", func() bool { return d.rows("messages WHERE state = 'sent'") == 2 })
	d.end(p)
	toW1, toG1 := textOf(t, texts, mobileW1).Body, textOf(t, texts, mobileG1).Body
	if !strings.HasSuffix(toW1, "Reply DONE "+replyCode(t, toW1)) || !strings.HasSuffix(toG1, "Reply ACK "+replyCode(t, toG1)) {
		t.Errorf("the texts are %q and %q, want DONE offered to the practitioner and ACK to the manager", toW1, toG1)
	}

	texts.Receive(t, mobileStranger, "HELP")
	texts.Receive(t, mobileG1, "Ok, ack "+replyCode(t, toG1))
	texts.Receive(t, mobileG1, "DONE "+replyCode(t, toW1)) // the practitioner's code
	texts.Receive(t, mobileW1, "Stop")
	const asks = 8 // a machine that answers machines
	for range asks {
		texts.Receive(t, mobileW3, "HELP")
	}
	p = d.start()
	d.await("every text to be read", func() bool { return d.rows("replies") == 4+asks })
	d.await("every answer", func() bool {
		return len(textsTo(texts, mobileG1)) == 3 && len(textsTo(texts, mobileW3)) == 6 && len(emailsTo(mail, "w1@council.example")) == 1
	})
	wantTexts(t, texts, mobileG1, toG1, "Noted that you know: see the child, KN-1. It is still to be done.",
		"Nothing recorded: no text to you has the code "+replyCode(t, toW1)+". Look at it again, or record it in Doorstep.")
	if help := textOf(t, texts, mobileW3).Body; !strings.HasPrefix(help, "Doorstep reminders: answer DONE, SEEN or ACK") {
		t.Errorf("HELP is answered %q, want how to answer", help)
	}
	if answer := string(emailsTo(mail, "w1@council.example")[0].Content); !strings.Contains(answer, "Doorstep sends no more texts to this number") {
		t.Errorf("STOP is answered\n%s\nwant by email that texts have stopped", answer)
	}
	d.says([]string{"See the child: OPEN", "acknowledged by G1: see-child"}, "case", "KN-1")
	d.says([]string{"W1, text since ", "the recipient asked for no more texts (STOP)"}, "undelivered")

	d.refer("KN-2", "W1")
	d.await("the email about KN-2", func() bool { return len(emailsTo(mail, "w1@council.example")) == 2 })
	texts.Receive(t, mobileW1, "start")
	d.await("the answer to START", func() bool { return len(textsTo(texts, mobileW1)) == 2 })
	d.refer("KN-3", "W1")
	d.await("the text about KN-3", func() bool { return len(textsTo(texts, mobileW1)) == 3 })
	d.end(p)
	if got := textsTo(texts, mobileW1); got[1] != "Doorstep sends texts to this number again. Text STOP to end them." || !strings.Contains(got[2], "KN-3") {
		t.Errorf("after START came %q, want an answer and a text about KN-3", got[1:])
	}
	wantTexts(t, texts, mobileStranger)
	if n := len(textsTo(texts, mobileW3)); n != 6 {
		t.Errorf("%d of %d texts from one number were answered, want 6 in an hour", n, asks)
	}
}
