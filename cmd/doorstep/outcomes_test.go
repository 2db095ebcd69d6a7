package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
)

// TestWhatTheDatabaseDoesNotTakeIsSentOnce: for longer than a claim lasts the database
// takes no outcome, as on a full disk. Sending pauses, and nothing goes twice.
func TestWhatTheDatabaseDoesNotTakeIsSentOnce(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, url string) {
		const messages = 200
		server := smtptest.Start(t, smtptest.Options{Pace: 20 * time.Millisecond})
		d := newDaemon(t, buildBinary(t), url, server)
		d.caseload(messages / 2)
		off := refusesOutcomes(t, url)
		p := d.start()
		d.await("emails", func() bool { return server.Count() > 0 })
		const underWay = 4 * (8 + 3) // on four connections, before the first outcome is known not to be taken
		d.await("the claims of what is not under way to run out", func() bool {
			return count(t, url, fmt.Sprintf("SELECT count(*) FROM messages WHERE channel = 'email' AND state = 'sending' AND next_try_at > %d", now().UnixMilli())) <= underWay
		})
		if n := server.Count(); n > underWay {
			t.Errorf("%d emails went while none could be recorded, want sending to pause at once", n)
		}
		off()
		d.await("all emails to be sent", func() bool {
			return count(t, url, "SELECT count(*) FROM messages WHERE channel = 'email' AND state <> 'sent'") == 0
		})
		if code, log := p.stop(); code != exitDone {
			t.Errorf("serve stopped with exit %d: %s", code, log)
		}
		if ids := server.TakenByID(); server.Count() != messages || len(ids) != messages {
			t.Errorf("%d emails by %d names came, want each of the %d once", server.Count(), len(ids), messages)
		}
	})
}

// TestKilledDaemonKnewWhatItHadSent: the database takes no outcome until the daemon is
// killed. The next one sends only what is left.
func TestKilledDaemonKnewWhatItHadSent(t *testing.T) {
	t.Parallel()
	onEachDatabase(t, func(t *testing.T, url string) {
		const messages = 200
		server := smtptest.Start(t, smtptest.Options{Pace: 20 * time.Millisecond})
		d := newDaemon(t, buildBinary(t), url, server)
		d.caseload(messages / 2)
		folder := filepath.Join(d.folder, "doorstep.sent")
		if file, isFile := strings.CutPrefix(url, "sqlite:"); isFile {
			folder = file + ".sent"
		}
		noted := func() (lines int) {
			files, err := filepath.Glob(filepath.Join(folder, "*.sent"))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range files {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				lines += strings.Count(string(text), "\n") - 1 // the first says whose they are
			}
			return lines
		}
		off := refusesOutcomes(t, url)
		p := d.start()
		before, quiet := 0, 0 // looks in a row at which nothing new had gone
		d.await("all that went to be noted, and nothing more to go", func() bool {
			now := server.Count()
			if quiet++; now == 0 || now != before || noted() != now {
				before, quiet = now, 0
			}
			return quiet == 10
		})
		p.kill()
		went := server.Count()
		off()
		p = d.start()
		d.await("all emails to be sent", func() bool {
			return count(t, url, "SELECT count(*) FROM messages WHERE channel = 'email' AND state <> 'sent'") == 0
		})
		if code, log := p.stop(); code != exitDone {
			t.Errorf("serve stopped with exit %d: %s", code, log)
		}
		if ids := server.TakenByID(); server.Count() != messages || len(ids) != messages {
			t.Errorf("%d emails by %d names came, %d of them before the kill, want each of the %d once", server.Count(), len(ids), went, messages)
		}
		if n := noted(); n != 0 {
			t.Errorf("%d notes are left, want none: the database knows everything", n)
		}
	})
}

// TestTextWhoseReceiptCannotBeReadStarvesNoOther: Twilio's answer about one text is
// broken for ever; the others are known to have arrived.
func TestTextWhoseReceiptCannotBeReadStarvesNoOther(t *testing.T) {
	t.Parallel()
	texts := twiliotest.Start(t, twiliotest.Options{SentAfter: time.Second, DeliveredAfter: 2 * time.Second})
	texts.Plan(twiliotest.Fault{On: twiliotest.Fetch, To: mobileW1, Status: 200, Body: `{"sid": "SM`, Always: true})
	d := newCouncil(t, smtptest.Start(t, smtptest.Options{}), byTwilio(texts, ""))
	p := d.start()
	d.refer("KN-1", "W1")
	d.await("the first texts", func() bool { return len(textsTo(texts, mobileW1)) == 1 && len(textsTo(texts, mobileG1)) == 1 })
	for i := range 4 {
		d.referApart(fmt.Sprintf("KN-%d", i+2), "W3")
	}
	d.await("the receipts of all others", func() bool { return d.rows("messages WHERE channel = 'sms' AND state = 'delivered'") == 9 })
	d.end(p)
	if left := d.rows("messages WHERE channel = 'sms' AND state = 'sent' AND person = 'W1'"); left != 1 {
		t.Errorf("%d texts to W1 stand as sent, want the one of which nothing is known", left)
	}
}
