package main

import (
	"testing"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
)

// TestAddressIsUsedAgainAtOnce: undelivered --use-again holds from that moment on,
// whatever the daemon remembers.
func TestAddressIsUsedAgainAtOnce(t *testing.T) {
	t.Parallel()
	mail, texts := smtptest.Start(t, smtptest.Options{}), twiliotest.Start(t, twiliotest.Options{})
	texts.Plan(twiliotest.Refuse(mobileW1, 21211))
	d := newCouncil(t, mail, byTwilio(texts, ""))
	p := d.start()
	d.refer("KN-1", "W1")
	d.await("the email in place of the text", func() bool { return len(emailsTo(mail, "w1@council.example")) == 1 })
	d.refer("KN-2", "W3")
	d.await("another text", func() bool { return len(textsTo(texts, mobileW3)) == 1 })
	texts.Forget()
	d.says([]string{"W1: text is used again"}, "undelivered", "--use-again", "W1")
	d.refer("KN-3", "W1")
	d.await("the practitioner to be told of KN-3", func() bool { return len(emailsTo(mail, "w1@council.example"))+len(textsTo(texts, mobileW1)) == 2 })
	d.end(p)
	if n := d.rows("disabled_addresses"); n != 0 || len(textsTo(texts, mobileW1)) != 1 {
		t.Errorf("%d addresses are out of use and %d texts came, want 0 and 1", n, len(textsTo(texts, mobileW1)))
	}
}
