package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
)

// TestRelayThatRefusesToRelayStopsEmail: operations hear of it by text, every email
// waits, and nobody's address is given up.
func TestRelayThatRefusesToRelayStopsEmail(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	mail.Plan(smtptest.Fault{At: smtptest.AtRecipient, Always: true, Code: 554, Enhanced: "5.7.1", Text: "Relay access denied"})
	texts := twiliotest.Start(t, twiliotest.Options{})
	d := newCouncil(t, mail, byTwilio(texts, ""), keys{"pathways": "[]",
		"operations": fmt.Sprintf(`{email: operations@council.example, mobile: %q}`, mobileOperations)})
	d.caseload(3)
	p := d.start()
	d.await("the text to operations", func() bool { return len(textsTo(texts, mobileOperations)) > 0 })
	if said := textsTo(texts, mobileOperations)[0]; !strings.Contains(said, "no emails can be sent") {
		t.Errorf("operations are texted %q, want that no emails can be sent", said)
	}
	if out := d.command("undelivered"); strings.Contains(out, "Not used any more") {
		t.Errorf("an address is not used any more:\n%s", out)
	}
	if failed := d.figure(`doorstep_messages_total{channel="email",state="failed"}`); failed > 0 {
		t.Errorf("%v emails failed, want all to wait", failed)
	}
	d.end(p)
	if mail.Count() != 0 {
		t.Errorf("the server took %d emails, want none", mail.Count())
	}
}

// TestMailServerThatTakesItsTimeHasAnEmailOnce: it answers after the timeout and after
// the claim's first end, and a second daemon leaves the email alone meanwhile.
func TestMailServerThatTakesItsTimeHasAnEmailOnce(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	mail.Plan(smtptest.Fault{At: smtptest.AtEnd, Hold: func() { <-time.After(12 * time.Second) }})
	d := newCouncil(t, mail, keys{"pathways": "[]", "delivery": "{lease: 10s}", "email": strings.Replace(bySMTP(mail), "smtp: {", "smtp: {timeout: 1s, ", 1)})
	d.caseload(1)
	first, second := d.start(), d.start()
	d.await("the slow email, and the manager's", func() bool { return mail.Count() >= 2 })
	for _, p := range []*process{first, second} {
		if code, log := p.stop(); code != exitDone {
			t.Errorf("serve stopped with exit %d and logged %s", code, log)
		}
	}
	if ids := mail.TakenByID(); mail.Count() != 2 || len(ids) != 2 {
		t.Errorf("the server has %d emails by %d names, want each of the two once", mail.Count(), len(ids))
	}
	if out := d.command("undelivered"); strings.Contains(out, "KN-1") {
		t.Errorf("what arrived counts as undelivered:\n%s", out)
	}
}
