package main

import (
	"testing"

	"example.org/doorstep/notify/smtptest"
)

// TestSlowLimitSendsEverything: where a provider takes little, messages wait for
// their turn, and each that has had it goes.
func TestSlowLimitSendsEverything(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Microsoft365("doorstep@council.example"))
	d := newCouncil(t, mail, mailbox(mail, 30), keys{"pathways": "[]", "delivery": "{lease: 10s}"})
	d.caseload(5)
	p := d.start()
	d.await("ten emails, two seconds apart", func() bool { return mail.Count() == 10 })
	d.end(p)
}
