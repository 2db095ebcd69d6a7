package main

import (
	"fmt"
	"testing"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
)

// TestStoppedChannelGoesOnByUrgentTexts: also where every text that comes is urgent and
// could go by email, one of them shows that the provider is back.
func TestStoppedChannelGoesOnByUrgentTexts(t *testing.T) {
	t.Parallel()
	mail, texts := smtptest.Start(t, smtptest.Options{}), twiliotest.Start(t, twiliotest.Options{})
	d := newCouncil(t, mail, byTwilio(texts, "")) // one channel each
	back := takeDown(t, texts)
	p := d.start()
	for i := range 4 {
		d.refer(fmt.Sprintf("KN-%d", i+1), "W1")
	}
	d.await("emails in place of texts, and the alert", func() bool { return mail.Count() == 9 })
	back()
	next := 5
	d.await("a text", func() bool {
		d.refer(fmt.Sprintf("KN-%d", next), "W1")
		next++
		return texts.Count() > 0
	})
	d.end(p)
}
