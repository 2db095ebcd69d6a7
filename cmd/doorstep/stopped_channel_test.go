package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
	"example.org/doorstep/store/storetest"
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
		d.referApart(fmt.Sprintf("KN-%d", i+1), "W1")
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

// TestNobodyIsToldThatAllIsWellWhileEverythingWaits: neither channel works, and nothing
// has failed for good. The call sheet and the digest name what waits, since when and
// why, and "delivered" is said once it is.
func TestNobodyIsToldThatAllIsWellWhileEverythingWaits(t *testing.T) {
	t.Parallel()
	const allIsWell = "Everything of the last 14 days about open duties has been delivered."
	mail, texts := smtptest.Start(t, smtptest.Options{}), twiliotest.Start(t, twiliotest.Options{})
	d := newCouncil(t, mail, byTwilio(texts, ""), keys{"pathways": "[]"}) // everybody is told by every channel
	undisturbed(mail.Stop)
	back := takeDown(t, texts)
	p := d.start()
	d.refer("KN-1", "W1")
	d.await("both channels to be tried", func() bool {
		return d.rows("messages WHERE tries > 0 AND channel = 'email'") > 0 && d.rows("messages WHERE tries > 0 AND channel = 'sms'") > 0
	})
	if sheet := d.command("undelivered"); strings.Contains(sheet, allIsWell) || !strings.Contains(sheet, "On the way") {
		t.Errorf("while the first messages are tried the call sheet says\n%s\nwant that they are on the way", sheet)
	}
	behind := storetest.LookBehind(t, d.database())
	behind.Do("UPDATE messages SET created_at = created_at - $1", (18 * time.Minute).Milliseconds())
	if sheet := d.command("undelivered"); strings.Contains(sheet, allIsWell) || !strings.Contains(sheet, "KN-1") || !strings.Contains(sheet, "waits since") ||
		!strings.Contains(sheet, "NOBODY HAS HAD IT") {
		t.Errorf("after 18 minutes the call sheet says\n%s\nwant that what is about KN-1 waits, and that nobody has had it", sheet)
	}
	if digest := d.command("digest", "--manager", "G1"); strings.Count(strings.Join(strings.Fields(digest), " "), "has waited since") != 4 {
		t.Errorf("the digest says\n%s\nwant the messages that wait", digest)
	}
	undisturbed(func() { mail.Restart(t) })
	back()
	d.await("everything to go", func() bool { return d.rows("messages WHERE state NOT IN ('sent', 'delivered', 'cancelled')") == 0 })
	if sheet := d.command("undelivered"); strings.Contains(sheet, "waits since") || !strings.Contains(sheet, "Nothing has failed") && !strings.Contains(sheet, allIsWell) {
		t.Errorf("once everything has gone the call sheet says\n%s\nwant nothing that waits, but for what is not known yet to have arrived", sheet)
	}
	d.end(p)
}
