package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
)

// mailbox is a daemon's email by a mailbox at Microsoft 365.
func mailbox(mail *smtptest.Server, perMinute int) keys {
	return keys{"email": fmt.Sprintf(`{via: smtp, from: "Doorstep <doorstep@council.example>", per_minute: %d, smtp: {host: %s, port: %d, tls: required, ca_file: %q, connections: 3, username: doorstep@council.example, oauth2: {token_url: %q, client_id: doorstep, client_secret: hunter2}}}`,
		perMinute, mail.Host, mail.Port, mail.CAFile(), mail.TokenURL())}
}

// TestThirtyEmailsAMinuteAreKeptTo: a mailbox that takes so many a minute gets every
// email in the end, and a new connection gets a new token where the old one runs out.
// The server's clock goes twice as fast as the daemon's, which is set to as many. That
// the daemon keeps to its turns is shown on virtual time, in the scheduler's tests: on
// a busy machine emails that left in their turn may arrive nearer to each other, and
// be told to come again.
func TestThirtyEmailsAMinuteAreKeptTo(t *testing.T) {
	t.Parallel()
	began := time.Now()
	options := smtptest.Microsoft365("doorstep@council.example")
	options.OAuth2.Life = 62 * time.Second // the daemon replaces a token a minute before its end
	options.Now = func() time.Time { return began.Add(2 * time.Since(began)) }
	mail := smtptest.Start(t, options)
	const emails = 32 // the last two would be too many for the first minute
	d := newCouncil(t, mail, mailbox(mail, 2*options.PerMinute), keys{"pathways": "[]", "delivery": "{lease: 1m}"})
	d.caseload(emails / 2)
	p := d.start()
	d.await("a few emails", func() bool { return mail.Count() >= 4 })
	undisturbed(func() { mail.Hangup(t) })
	d.await("all emails", func() bool { return len(mail.TakenByID()) == emails })
	d.await("the last answer to be noted", func() bool {
		return d.rows("messages WHERE channel = 'email' AND state = 'sent'") == emails
	})
	d.end(p)
	if tokens, connections := mail.TokensAsked(), mail.Connections(); tokens < 2 || connections < 2 || tokens > connections {
		t.Errorf("%d tokens were asked for and %d connections made, want a second connection with a token of its own, and no token without a connection", tokens, connections)
	}
	// What was under way when the server hung up, on three connections at most, may come again.
	if twice := mail.Count() - emails; twice > 3 {
		t.Errorf("%d emails came twice, want three at most", twice)
	}
	for _, m := range mail.Taken() {
		if !m.Encrypted {
			t.Error("an email came unencrypted")
		}
	}
}

// TestThreeConnectionsToAMailbox: all that it takes are used, and no more.
func TestThreeConnectionsToAMailbox(t *testing.T) {
	t.Parallel()
	options := smtptest.Microsoft365("doorstep@council.example")
	options.PerMinute, options.Pace = 0, 100*time.Millisecond
	mail := smtptest.Start(t, options)
	const emails = 24
	d := newCouncil(t, mail, mailbox(mail, 0), keys{"pathways": "[]"})
	d.caseload(emails / 2)
	p := d.start()
	d.await("all emails", func() bool { return d.rows("messages WHERE channel = 'email' AND state = 'sent'") == emails })
	later := d.figure(`doorstep_messages_total{channel="email",state="failed-temporarily"}`)
	d.end(p)
	if connections, tokens := mail.Connections(), mail.TokensAsked(); connections != 3 || tokens != 1 || later != 0 {
		t.Errorf("%d connections were made by %d tokens, and %v emails had to wait; want 3 connections, 1 token, and none", connections, tokens, later)
	}
}

// bounced is what a mail server sends back about an email to an address that it does
// not know (RFC 3464).
const bounced = `From: MAILER-DAEMON@relay.council.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: doorstep@council.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you that your message could not be delivered.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.council.example

Final-Recipient: rfc822; %[1]s
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <%[1]s>: Recipient address rejected: User unknown

--part
Content-Type: text/rfc822-headers

Message-ID: %[2]s
To: <%[1]s>

--part--
`

// TestBouncedEmailIsPassedOn: an email that comes back, days later perhaps, is as one
// that was never taken.
func TestBouncedEmailIsPassedOn(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	d := newCouncil(t, mail, keys{"bounces": "./bounces", "schedules": `{scan: "@every 1s", inbox: "", digest: "", contact_test: "", bounces: "@every 1s"}`})
	d.command("import", "people", d.write("people-2.csv", strings.NewReplacer(
		",sms,", ",email,", "w1@council.example,07700 900101", "w1@council.example,", "G1,\nW2", "G1,W3\nW2").Replace(colleagues)))
	p := d.start()
	d.refer("KN-1", "W1") // who has no mobile, and is covered by W3
	d.await("the practitioner's and the manager's email", func() bool {
		return d.rows("messages WHERE state = 'sent'") >= 2 && len(emailsTo(mail, "w1@council.example")) == 1
	})
	id := emailsTo(mail, "w1@council.example")[0].MessageID()
	d.drop("bounces", "1.eml", fmt.Sprintf(bounced, "w1@council.example", id))
	d.drop("bounces", "2.eml", fmt.Sprintf(bounced, "w1@council.example", "<0123456789abcdef@council.example>"))
	d.await("the email to whoever covers", func() bool { return len(emailsTo(mail, "w3@council.example")) == 1 })
	d.says([]string{"email to Ottoline Quillfeather (W1) failed", "the mail server refuses the recipient", "instead: email to Peregrine Oakapple (W3), sent"}, "undelivered")
	if n := d.rows("disabled_addresses"); n != 0 {
		t.Errorf("%d addresses are switched off by one bounce, want none", n)
	}
	d.says([]string{"(W1) by email: failed", "(W3) by email: sent"}, "case", "KN-1")
	d.await("both notices to be put away", func() bool {
		done, _ := filepath.Glob(filepath.Join(d.folder, "bounces", "done", "*-1.eml"))
		unread, _ := filepath.Glob(filepath.Join(d.folder, "bounces", "unread", "*-2.eml"))
		return len(done) == 1 && len(unread) == 1
	})
	d.end(p)
	if words := string(emailsTo(mail, "w3@council.example")[0].Content); !strings.Contains(words, "messages to Ottoline\r\nQuillfeather (W1) do not") {
		t.Errorf("W3 is told\n%s\nwant why: messages to W1 do not arrive", words)
	}
}
