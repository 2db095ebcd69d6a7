package main

import (
	"database/sql"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/govuktest"
	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twiliotest"
)

// wrongKey is one that GOV.UK Notify does not know.
const wrongKey = "doorstep-live-" + govuktest.ServiceID + "-00000000-0000-4000-8000-000000000000"

// textsByNotify and emailsByNotify are what sends through GOV.UK Notify.
func textsByNotify(notify *govuktest.Server, key string) keys {
	return keys{"sms": byNotify(notify, key, govuktest.TextTemplateID)}
}

func emailsByNotify(notify *govuktest.Server, key string) keys {
	return keys{"email": byNotify(notify, key, govuktest.EmailTemplateID)}
}

func byNotify(notify *govuktest.Server, key, template string) string {
	return fmt.Sprintf("{via: notify, notify: {api_key: %q, template_id: %q, base_url: %q}}", key, template, notify.URL)
}

// notified returns what GOV.UK Notify took for a number or address.
func notified(notify *govuktest.Server, to string) (out []govuktest.Notification) {
	for _, n := range notify.Taken() {
		if n.To == to {
			out = append(out, n)
		}
	}
	return out
}

// wordsOf is what the reader of an email sees, in one line.
func wordsOf(t *testing.T, m smtptest.Mail) string {
	t.Helper()
	parsed, err := mail.ReadMessage(strings.NewReader(string(m.Content)))
	if err != nil {
		t.Fatal(err)
	}
	_, parameters, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	part, err := multipart.NewReader(parsed.Body, parameters["boundary"]).NextPart()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// TestNotifyCarriesTextsAndEmails: both go by GOV.UK Notify, which is told nothing
// but what their readers see, and is asked what became of them.
func TestNotifyCarriesTextsAndEmails(t *testing.T) {
	t.Parallel()
	notify := govuktest.Start(t, govuktest.Options{DeliverAfter: 2 * time.Second})
	notify.Fate(mobileG1, "permanent-failure")
	d := newCouncil(t, smtptest.Start(t, smtptest.Options{}), textsByNotify(notify, govuktest.APIKey), emailsByNotify(notify, govuktest.APIKey), keys{"pathways": "[]"})
	p := d.start()
	d.refer("KN-1", "W1")
	d.await("both texts and both emails", func() bool { return notify.Count() == 4 })
	d.await("what became of them", func() bool { return d.rows("messages WHERE state = 'sent'") == 0 })
	d.says([]string{"(W1) by sms: delivered", "(W1) by email: delivered", "(G1) by email: delivered",
		"(G1) by sms: failed, GOV.UK Notify says that the number or address does not exist"}, "case", "KN-1")
	d.says([]string{"Barnaby Featherstonehaugh (G1), text since"}, "undelivered")
	d.refer("KN-2", "W1")
	d.await("the manager's email only", func() bool { return notify.Count() == 7 && len(notified(notify, "g1@council.example")) == 2 })
	d.end(p)
	digest := regexp.MustCompile(`^[0-9a-f]{32}$`)
	for _, n := range notify.Taken() {
		if !digest.MatchString(n.Reference) {
			t.Errorf("a message goes by the reference %q at GOV.UK Notify, want a digest", n.Reference)
		}
	}
	if n := len(notify.TakenByReference()); n != notify.Count() {
		t.Errorf("%d messages with %d references: something went twice", notify.Count(), n)
	}
	if text := notified(notify, mobileW1)[0].Body; !strings.HasPrefix(text, "Urgent, due ") || !strings.Contains(text, ": see the child, KN-1.") {
		t.Errorf("the text says %q, want what to do by when", text)
	}
}

// TestChannelThatStops: where a provider takes no more, or will not have us, its
// channel stops. Operations are told once, by a channel that works, with what to do;
// what is urgent goes by the other.
func TestChannelThatStops(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		options govuktest.Options
		key     string
		texts   int // that go all the same
		says    []string
	}{
		{"the day's limit", govuktest.Options{TextsPerDay: 1}, govuktest.APIKey, 1,
			[]string{"the day's limit at GOV.UK Notify is reached and begins again at midnight UTC"}},
		{"a wrong key", govuktest.Options{}, wrongKey, 0,
			[]string{"GOV.UK Notify does not accept the API key", "API key not found"}},
		{"a clock that is wrong", govuktest.Options{Now: func() time.Time { return time.Now().Add(5 * time.Minute) }}, govuktest.APIKey, 0,
			[]string{"this machine's clock is wrong, about ", " behind", "set the clock, best by a time service"}},
		{"a service on trial", govuktest.Options{Trial: true}, govuktest.APIKey, 0,
			[]string{"sends to the team only", "ask there to go live"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			mail, notify := smtptest.Start(t, smtptest.Options{}), govuktest.Start(t, tt.options)
			d := newCouncil(t, mail, textsByNotify(notify, tt.key))
			p := d.start()
			d.referApart("KN-1", "W1")
			d.referApart("KN-2", "W1")
			d.await("the emails in place of texts", func() bool {
				return len(emailsTo(mail, "w1@council.example"))+len(emailsTo(mail, "g1@council.example"))+notify.Count() == 4
			})
			d.await("the alert", func() bool { return len(emailsTo(mail, "operations@council.example")) > 0 })
			if n := d.figure(`doorstep_channel_open{channel="sms"}`); n != 1 || notify.Count() != tt.texts {
				t.Errorf("the figure of the open circuit is %v, and %d texts went; want 1 and %d", n, notify.Count(), tt.texts)
			}
			d.end(p)
			alerts := emailsTo(mail, "operations@council.example")
			if len(alerts) != 1 {
				t.Errorf("operations were told %d times, want once", len(alerts))
			}
			for _, words := range append(tt.says, "No texts can be sent since today") {
				if text := wordsOf(t, alerts[0]); !strings.Contains(text, words) {
					t.Errorf("operations are told %q, want it to say %q", text, words)
				}
			}
		})
	}
}

// TestEmailThatStops: what goes wrong with email is told by text.
func TestEmailThatStops(t *testing.T) {
	t.Parallel()
	microsoft := smtptest.Start(t, smtptest.Microsoft365("doorstep@council.example"))
	wrongSecret := mailbox(microsoft, 30)
	wrongSecret["email"] = strings.Replace(wrongSecret["email"], "hunter2", "hunter3", 1)
	for _, tt := range []struct {
		name  string
		email keys
	}{
		{"a wrong key of GOV.UK Notify's", emailsByNotify(govuktest.Start(t, govuktest.Options{}), wrongKey)},
		{"a wrong secret of Microsoft's", wrongSecret},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			texts := twiliotest.Start(t, twiliotest.Options{})
			d := newCouncil(t, microsoft, byTwilio(texts, ""), tt.email, keys{"pathways": "[]", "operations": fmt.Sprintf("{email: operations@council.example, mobile: %q}", mobileOperations)})
			p := d.start()
			d.refer("KN-1", "W1")
			d.await("both texts and the alert", func() bool { return texts.Count() == 3 })
			if n := d.figure(`doorstep_channel_open{channel="email"}`); n != 1 {
				t.Errorf("the figure of the open circuit is %v, want 1", n)
			}
			d.end(p)
			if told := textsTo(texts, mobileOperations); len(told) != 1 || !strings.HasPrefix(told[0], "Doorstep needs attention: no emails can be sent since today") {
				t.Errorf("operations are told %q, want once that no emails can be sent", told)
			}
		})
	}
}

// TestProbesArrive: the end-to-end test of each channel goes to operations by the
// schedule, and its arrival is a figure.
func TestProbesArrive(t *testing.T) {
	t.Parallel()
	mail, notify := smtptest.Start(t, smtptest.Options{}), govuktest.Start(t, govuktest.Options{DeliverAfter: time.Second})
	d := newCouncil(t, mail, textsByNotify(notify, govuktest.APIKey), keys{
		"operations": fmt.Sprintf("{email: operations@council.example, mobile: %q}", mobileOperations),
		"schedules":  `{scan: "@every 1s", inbox: "", digest: "", contact_test: "", bounces: "", probe: "@every 3s"}`,
	})
	began := now()
	p := d.start()
	for channel := range map[string]bool{"email": true, "sms": true} {
		d.await("a probe to arrive by "+channel, func() bool {
			return d.figure(fmt.Sprintf(`doorstep_probe_last_arrival_timestamp_seconds{channel="%s"}`, channel)) >= float64(began.Unix())
		})
	}
	d.end(p)
	for _, m := range emailsTo(mail, "operations@council.example") {
		if subject := m.Header("Subject"); subject != "Doorstep's test message: nothing to do" {
			t.Errorf("operations got an email about %q, want probes only", subject)
		}
	}
	for _, n := range notified(notify, mobileOperations) {
		if n.Body != "Doorstep's test message. It shows that texts arrive. Nothing to do." {
			t.Errorf("operations got the text %q, want probes only", n.Body)
		}
	}
}

// TestContactTestFindsDeadNumbers: whoever has not been reached lately is sent a test,
// and a number that nobody has is known before it matters.
func TestContactTestFindsDeadNumbers(t *testing.T) {
	t.Parallel()
	mail, texts := smtptest.Start(t, smtptest.Options{}), twiliotest.Start(t, twiliotest.Options{})
	texts.Plan(twiliotest.Refuse(mobileW3, 21614))
	d := newCouncil(t, mail, byTwilio(texts, ""), keys{"pathways": "[]"})
	p := d.start()
	d.refer("KN-1", "W1")
	d.await("texts and emails to W1 and G1", func() bool { return d.rows("messages WHERE state = 'sent'") == 4 })
	d.end(p)
	d.write("doorstep.yaml", strings.Replace(d.configuration(), `contact_test: ""`, `contact_test: "@every 1s"`, 1))
	p = d.start()
	d.await("tests", func() bool { return d.rows("messages WHERE kind = 'test'") == 7 })
	d.opens("test") // the office, for which they may have to wait until Monday
	d.await("tests to be sent", func() bool { return d.rows("messages WHERE kind = 'test' AND state IN ('sent', 'failed')") == 7 })
	// Their emails have arrived as far as is known; of their texts no receipt has come yet.
	wantTests := map[string]int{"w1@council.example": 0, "g1@council.example": 0, "w3@council.example": 1, "v1@council.example": 1,
		mobileW1: 1, mobileG1: 1, mobileW2: 1, mobileV1: 1, mobileW3: 0}
	for to, want := range wantTests {
		got := len(emailsTo(mail, to)) + len(textsTo(texts, to))
		if reminder := map[string]int{"w1@council.example": 1, "g1@council.example": 1, mobileW1: 1, mobileG1: 1}[to]; got-reminder != want {
			t.Errorf("%d tests went to …%s, want %d", got-reminder, to[len(to)-3:], want)
		}
	}
	d.says([]string{"(no case)  a test", "text to Peregrine Oakapple (W3) failed", "Peregrine Oakapple (W3), text since"}, "undelivered")
	d.says([]string{"Peregrine Oakapple (W3)'s text failed: the number cannot get texts"}, "digest", "--manager", "G1")
	d.end(p)
}

// opens lets messages of a kind go that wait for the office to open.
func (d *daemon) opens(kind string) {
	d.t.Helper()
	db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(d.database(), "sqlite:")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		d.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(d.t.Context(), "UPDATE messages SET next_try_at = created_at WHERE state = 'queued' AND kind = $1", kind); err != nil {
		d.t.Fatal(err)
	}
}
