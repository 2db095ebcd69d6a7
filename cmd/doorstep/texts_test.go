package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
)

// TestTextsArriveOrSomebodyElseIsTold: a referral is told by text, and receipts say
// that it arrived. A number that nobody has goes to the person's other channel, or
// to whoever covers, and everybody who should know of it sees that.
func TestTextsArriveOrSomebodyElseIsTold(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, url string) {
		mail := smtptest.Start(t, smtptest.Options{})
		texts := twiliotest.Start(t, twiliotest.Options{SentAfter: time.Second, DeliveredAfter: 2 * time.Second})
		texts.Plan(twiliotest.Refuse(mobileW2, 21211), twiliotest.Refuse(mobileW3, 21211))
		d := newCouncil(t, mail, byTwilio(texts, ""), keys{"database": fmt.Sprintf("%q", url)})
		p := d.start()
		d.refer("KN-1", "W1")
		d.await("the practitioner's and the manager's text", func() bool {
			return len(textsTo(texts, mobileW1)) == 1 && len(textsTo(texts, mobileG1)) == 1
		})
		d.refer("KN-2", "W2")
		d.await("the email to Peregrine Oakapple (W3), who covers for W2", func() bool { return len(emailsTo(mail, "w3@council.example")) == 1 })
		d.says([]string{
			"KN-2  See the child, due ",
			"text to Cordelia Winterbottom (W2) failed", "Twilio says that there is no such number: correct the mobile number in the people list",
			"instead: email to Peregrine Oakapple (W3), sent",
			"Not used any more", "Cordelia Winterbottom (W2), text since", "Peregrine Oakapple (W3), text since",
		}, "undelivered")
		d.says([]string{"KN-2, Cordelia Winterbottom (W2)", "Cordelia Winterbottom (W2)'s text failed", "Peregrine Oakapple (W3) instead."}, "digest", "--manager", "G1")

		d.await("the receipts", func() bool { return d.figure(`doorstep_receipts_total{channel="sms",progress="delivered"}`) == 3 })
		d.says([]string{"(W1) by sms: delivered", "(G1) by sms: delivered"}, "case", "KN-1")
		d.says([]string{"(W2) by sms: failed, Twilio says", "(W3) by sms: failed, Twilio says", "(W3) by email: sent"}, "case", "KN-2")

		// The numbers are good after all: W2's is corrected, W3's was right.
		texts.Forget()
		const corrected = "+447700900142"
		d.command("import", "people", d.write("people-2.csv", strings.Replace(colleagues, "07700 900102", "07700 900142", 1)))
		d.refer("KN-3", "W2")
		d.await("the text to the corrected number", func() bool { return len(textsTo(texts, corrected)) == 1 })
		d.says([]string{"W3: text is used again"}, "undelivered", "--use-again", "W3")
		if _, errs, code := d.try("undelivered", "--use-again", "W3"); code != exitUsage || !strings.Contains(errs, "every address of W3 is in use") {
			t.Errorf("a second --use-again exits %d and says %q, want that the address is in use", code, errs)
		}
		d.end(p)
		if n := len(textsTo(texts, mobileW2)) + len(textsTo(texts, mobileW3)); n != 0 {
			t.Errorf("%d texts went to numbers that are not used", n)
		}
	})
}

// TestCallSheetSaysWhoHasHadIt: where everybody is told by every channel, one that
// fails leaves nobody in the dark. Where all fail, somebody has to phone.
func TestCallSheetSaysWhoHasHadIt(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	texts := twiliotest.Start(t, twiliotest.Options{})
	texts.Plan(twiliotest.Refuse(mobileW1, 21211), twiliotest.Refuse(mobileG1, 21211), twiliotest.Refuse(mobileV1, 21617))
	d := newCouncil(t, mail, byTwilio(texts, ""), keys{"pathways": "[]"})
	p := d.start()
	d.refer("KN-1", "W1")
	d.await("two emails, and two texts that fail", func() bool { return mail.Count() == 2 && d.rows("messages WHERE state = 'failed'") == 2 })
	d.says([]string{"text to Ottoline Quillfeather (W1) failed", "told as well: email to Ottoline Quillfeather (W1), sent", "told as well: email to Barnaby Featherstonehaugh (G1), sent"}, "undelivered")
	if out := d.command("undelivered"); strings.Contains(out, "NOBODY") {
		t.Errorf("the call sheet says\n%s\nwant that emails about it went", out)
	}
	d.says([]string{",yes,"}, "undelivered", "--format", "csv")

	mail.Plan(smtptest.Fault{At: smtptest.AtRecipient, Always: true, Code: 550, Enhanced: "5.1.1", Text: "User unknown"})
	d.refer("KN-2", "W1")
	d.await("emails that fail, to the duty desk in the end", func() bool {
		return d.rows("messages WHERE state = 'failed' AND person = 'duty' AND kind = 'reminder'") == 1
	})
	d.says([]string{"email to Ottoline Quillfeather (W1) failed", "email to duty failed", "NOBODY HAS HAD IT. Phone Marigold Threlfall (V1) on +447700900121", "(no case)  an alert"}, "undelivered")
	d.end(p)
	if lines := slices.Collect(strings.Lines(d.command("undelivered"))); len(lines) < 3 || !strings.HasPrefix(lines[2], "KN-2") {
		t.Errorf("the call sheet begins %q, want what nobody has had first", lines[:min(3, len(lines))])
	}
}

// TestFiguresAreSearchedForWordsOnly: a number is what it is by chance; a label that
// holds somebody's number is not.
func TestFiguresAreSearchedForWordsOnly(t *testing.T) {
	t.Parallel()
	const chance = "# HELP go_memstats_alloc_bytes Bytes.\ngo_memstats_alloc_bytes 1.7935557700900e+07\n"
	tellsNobody(t, "a figure", wordsOfFigures(chance))
	const told = "doorstep_replies_total{outcome=\"done\",to=\"+447700900101\"} 1\n"
	if got, want := wordsOfFigures(chance+told), "# HELP go_memstats_alloc_bytes Bytes.\ngo_memstats_alloc_bytes \ndoorstep_replies_total{outcome=\"done\",to=\"+447700900101\"} \n"; got != want {
		t.Errorf("the words are\n%s\nwant\n%s", got, want)
	}
}
