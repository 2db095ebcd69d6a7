package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
)

// takeDown stops a server until back is called.
func takeDown(t *testing.T, texts *twiliotest.Server) (back func()) {
	t.Helper()
	undisturbed(texts.Stop)
	return func() { undisturbed(func() { texts.Restart(t) }) }
}

// TestProviderThatIsDown: what is urgent goes by email, to somebody else as well where its
// reader has none, and the texts wait. Operations are told once. When the provider is
// back, the texts that are still of use go, each once.
func TestProviderThatIsDown(t *testing.T) {
	t.Parallel()
	mail, texts := smtptest.Start(t, smtptest.Options{}), twiliotest.Start(t, twiliotest.Options{})
	d := newCouncil(t, mail, byTwilio(texts, ""), keys{"pathways": "[]"}) // everybody is told by every channel
	back := takeDown(t, texts)
	p := d.start()
	for i := range 6 {
		d.referApart(fmt.Sprintf("KN-%d", i+1), []string{"W1", "W2"}[i%2]) // W2 has no email, and is covered by W3
	}
	emails := func(w1, w3, g1 int) func() bool {
		return func() bool {
			return len(emailsTo(mail, "w1@council.example")) == w1 && len(emailsTo(mail, "w3@council.example")) == w3 && len(emailsTo(mail, "g1@council.example")) == g1
		}
	}
	d.await("the emails", emails(3, 3, 6))
	d.await("the alert", func() bool { return len(emailsTo(mail, "operations@council.example")) == 1 })
	if alert := wordsOf(t, emailsTo(mail, "operations@council.example")[0]); !strings.Contains(alert, "No texts can be sent since today") ||
		!strings.Contains(alert, "nobody listens at Twilio's address") {
		t.Errorf("operations are told %q, want that no texts can be sent, and why", alert)
	}
	if open := d.figure(`doorstep_channel_open{channel="sms"}`); open != 1 {
		t.Errorf("the figure of the open circuit is %v, want 1", open)
	}
	if age := d.figure("doorstep_oldest_undelivered_urgent_seconds"); age <= 0 {
		t.Errorf("the oldest urgent message is undelivered for %v seconds, want more than 0", age)
	}
	d.refer("KN-7", "W2")
	d.await("the emails about a new case", emails(3, 4, 7))
	d.command("import", "events", d.write("events.csv", "event_id,case_ref,kind,at,by\nx1,KN-3,seen,"+ago(0)+",W1\nx2,KN-4,seen,"+ago(0)+",W2\n"))

	back()
	d.await("the circuit to close", func() bool { return d.figure(`doorstep_channel_open{channel="sms"}`) == 0 })
	d.await("the texts that waited", func() bool {
		return d.rows("messages WHERE channel = 'sms' AND state IN ('queued', 'sending', 'failed-temporarily')") == 0
	})
	d.end(p)
	for mobile, want := range map[string][]string{
		mobileW1: {"KN-1", "KN-5"}, mobileW2: {"KN-2", "KN-6", "KN-7"}, mobileW3: nil, mobileG1: {"KN-1", "KN-2", "KN-5", "KN-6", "KN-7"},
	} {
		var about []string
		for _, words := range textsTo(texts, mobile) {
			_, ref, _ := strings.Cut(words, "see the child, ")
			about = append(about, ref[:len("KN-1")])
		}
		if slices.Sort(about); !slices.Equal(about, want) {
			t.Errorf("the texts to …%s are about %q, want %q: each once, and none about a child who was seen meanwhile", mobile[len(mobile)-3:], about, want)
		}
	}
	stopped := 0
	for _, m := range emailsTo(mail, "operations@council.example") {
		if strings.Contains(wordsOf(t, m), "No texts can be sent") {
			stopped++
		}
	}
	if twice := mail.Count() - len(mail.TakenByID()); stopped != 1 || twice != 0 {
		t.Errorf("operations were told %d times that no texts can be sent, and %d emails came twice; want once and none", stopped, twice)
	}
}

// TestKilledWhileATextIsHandedOver: whoever dies with Twilio's answer on its way
// does not know whether the text was taken. The next process asks, and nobody is
// texted twice.
func TestKilledWhileATextIsHandedOver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		story string
		taken bool
	}{{"Twilio has taken it", true}, {"Twilio has not taken it", false}} {
		t.Run(tt.story, func(t *testing.T) {
			t.Parallel()
			texts := twiliotest.Start(t, twiliotest.Options{})
			d := newCouncil(t, smtptest.Start(t, smtptest.Options{}), byTwilio(texts, ""))
			p := d.start()
			killed := make(chan struct{})
			texts.Plan(twiliotest.Fault{To: mobileW1, Drop: !tt.taken, Hold: func() {
				p.kill()
				close(killed)
			}})
			d.refer("KN-1", "W1")
			<-killed
			p = d.start()
			d.await("both texts to be recorded", func() bool { return d.rows("messages WHERE channel = 'sms' AND state = 'sent'") == 2 })
			d.end(p)
			if w1, g1 := len(textsTo(texts, mobileW1)), len(textsTo(texts, mobileG1)); w1 != 1 || g1 != 1 {
				t.Errorf("the practitioner was texted %d times and the manager %d times, want once each", w1, g1)
			}
			if w1 := textOf(t, texts, mobileW1); d.rows("messages WHERE provider_id = '"+w1.SID+"'") != 1 {
				t.Errorf("text %s is not the one in the ledger", w1.SID)
			}
		})
	}
}
