package main

import (
	"slices"
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
	d.says([]string{"See the child: OPEN", "acknowledged by Barnaby Featherstonehaugh (G1): see-child"}, "case", "KN-1")
	d.says([]string{"Ottoline Quillfeather (W1), text since ", "the recipient asked for no more texts (STOP)"}, "undelivered")

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

// TestSeenByTextIsConfirmedByAnotherWay: until then the duty is open, and the case says
// by which way each event came.
func TestSeenByTextIsConfirmedByAnotherWay(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	texts := twiliotest.Start(t, twiliotest.Options{})
	d := newCouncil(t, mail, byTwilio(texts, ", replies: poll"))
	p := d.start()
	d.refer("KN-1", "W1")
	d.await("both texts", func() bool { return d.rows("messages WHERE state = 'sent'") == 2 })
	d.end(p)
	code := replyCode(t, textOf(t, texts, mobileW1).Body)
	for range 6 {
		texts.Receive(t, mobileW1, "HELP")
	}
	texts.Receive(t, mobileW1, "SEEN "+code)
	p = d.start()
	d.await("the answer to SEEN", func() bool {
		return slices.ContainsFunc(textsTo(texts, mobileW1), func(text string) bool { // answers pass each other
			return strings.HasPrefix(text, "Noted as said by text: see the child, KN-1. The clock runs")
		})
	})
	d.end(p)
	d.says([]string{"See the child: OPEN, said by text ", "that it is done: to be confirmed", "seen by Ottoline Quillfeather (W1), said by text, to be confirmed"}, "case", "KN-1")
	d.command("export", "chronology", "KN-1", "--out", "chronology.pdf")
	if words := strings.Join(strings.Fields(d.text("chronology.pdf")), " "); !strings.Contains(words, "to be confirmed") {
		t.Errorf("the chronology says\n%s\nwant that being seen is to be confirmed", words)
	}
	d.command("record", "KN-1", "seen", "--by", "W1")
	d.says([]string{"See the child: MET", "seen by Ottoline Quillfeather (W1), said by text\n", "seen by Ottoline Quillfeather (W1), by command"}, "case", "KN-1")
	d.command("import", "events", d.write("more.csv", "event_id,case_ref,kind,at,by\nx1,KN-1,no-access,2026-01-05T10:00:00Z,W1\n"))
	d.says([]string{"no-access by Ottoline Quillfeather (W1), from a file"}, "case", "KN-1")
}
