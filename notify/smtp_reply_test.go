package notify

import (
	"net/textproto"
	"strings"
	"testing"
	"time"
)

// TestWhatAServersRefusalMeans: what servers say, at the step at which they say
// it, and what it lies in.
func TestWhatAServersRefusalMeans(t *testing.T) {
	for _, test := range []struct {
		at    stage
		code  int
		says  string
		fault Fault
		pause time.Duration
	}{
		// Ourselves: the channel stops.
		{connecting, 535, "5.7.8 Error: authentication failed", FaultAccount, 0},
		{connecting, 535, "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", FaultAccount, 0},
		{connecting, 550, "5.7.30 Basic authentication is not supported for Client Submission.", FaultAccount, 0},
		{connecting, 432, "4.7.12 A password transition is needed", FaultAccount, 0},
		{connecting, 554, "5.7.1 Service unavailable; client host blocked", FaultAccount, 0},
		{connecting, 554, "No SMTP service here", FaultAccount, 0},
		{sender, 530, "5.7.57 Client not authenticated to send mail.", FaultAccount, 0},
		{sender, 550, "5.1.1 Sender unknown", FaultAccount, 0},
		{sender, 501, "5.1.7 Invalid address", FaultAccount, 0},
		{sender, 553, "no", FaultAccount, 0},
		{recipient, 553, "5.7.1 <doorstep@example.org>: Sender address rejected: not owned by user team", FaultAccount, 0},
		{recipient, 554, "5.7.1 <unknown[192.0.2.1]>: Client host rejected: Access denied", FaultAccount, 0},
		{recipient, 550, "5.1.8 Access denied, bad outbound sender", FaultAccount, 0},
		{handingOver, 554, "5.2.252 SendAsDenied; doorstep@example.org not allowed to send as team@example.org", FaultAccount, 0},
		{handingOver, 554, "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message", FaultAccount, 0},
		{handingOver, 550, "5.7.60 SMTP; Client does not have permissions to send as this sender", FaultAccount, 0},
		{handingOver, 554, "5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionQuotaExceeded", FaultAccount, 0},
		{handingOver, 550, "5.2.251 Sender throttled due to continuous mailbox full errors.", FaultAccount, 0},
		{handingOver, 550, "5.7.705 Service unavailable. Access denied, tenant has exceeded threshold.", FaultAccount, 0},
		{recipient, 554, "5.7.1 <w1@example.org>: Relay access denied", FaultAccount, 0},
		{recipient, 454, "4.7.1 <w1@example.org>: Relay access denied", FaultAccount, 0},
		{recipient, 550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain", FaultAccount, 0},
		{recipient, 550, "relay not permitted", FaultAccount, 0},
		{recipient, 553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", FaultAccount, 0},
		{recipient, 550, "5.7.1 Unauthenticated email is not accepted from the sender's domain, no such address", FaultAccount, 0},
		{handingOver, 550, "5.7.26 This mail has been blocked because it is unauthenticated", FaultAccount, 0},
		{handingOver, 550, "5.7.23 The message was rejected because of Sender Policy Framework violation", FaultAccount, 0},
		{recipient, 550, "5.7.25 The remote server must have a reverse DNS record", FaultAccount, 0},
		{recipient, 550, "5.7.64 TenantAttribution; Relay Access Denied", FaultAccount, 0},
		{recipient, 550, "5.7.511 Access denied, banned sender", FaultAccount, 0},
		{recipient, 550, "5.7.606 Access denied, banned sending IP [192.0.2.1]", FaultAccount, 0},
		{recipient, 550, "5.7.1 Messages from this tenant are not taken", FaultAccount, 0},
		{recipient, 530, "5.7.0 no", FaultAccount, 0},
		{recipient, 550, "5.1.1 <w1@example.org> refused, 192.0.2.1 is on a blocklist", FaultAccount, 0},
		{recipient, 550, "5.1.1 The IP address 192.0.2.1 has been temporarily blocked", FaultAccount, 0},
		{recipient, 550, "5.1.1 Ihre IP steht auf einer schwarzen Liste", FaultAccount, 0},
		{recipient, 550, "5.1.1 Votre adresse IP est sur liste noire", FaultAccount, 0},
		{recipient, 450, "4.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org", FaultAccount, 0},
		{recipient, 550, "5.1.1 The domain example.org has exceeded the max emails per hour (125) allowed", FaultBusy, shortPause},
		{recipient, 554, "5.7.1 Your network has a poor reputation", FaultAccount, 0},
		{recipient, 550, "5.7.1 User [doorstep@example.org] not authorized to send on behalf of <team@example.org>", FaultAccount, 0},
		{recipient, 550, "5.7.1 You are not authorized to send as this address", FaultAccount, 0},
		{handingOver, 550, "5.7.515 Access denied, sending domain example.org doesn't meet the required authentication level.", FaultAccount, 0},
		{recipient, 503, "5.5.4 Error: send AUTH command first", FaultAccount, 0},
		{handingOver, 554, "Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-2: doorstep@example.org", FaultAccount, 0},
		{handingOver, 550, "The from address does not match a verified Sender Identity.", FaultAccount, 0},
		{handingOver, 554, "Sending paused for this account.", FaultAccount, 0},
		{recipient, 550, "5.7.1 Your account has been suspended", FaultAccount, 0},
		// Also where it says that it may pass: as Postfix does by default.
		{recipient, 450, "4.7.1 Client host rejected: cannot find your hostname, [192.0.2.1]", FaultAccount, 0},
		{recipient, 450, "4.7.1 <doorstep>: Helo command rejected: Host not found", FaultAccount, 0},
		{recipient, 450, "4.1.8 <doorstep@example.org>: Sender address rejected: Domain not found", FaultAccount, 0},
		{recipient, 450, "4.1.7 <doorstep@example.org>: Sender address rejected: unverified address: Address verification in progress", FaultGreylisted, 0},
		{recipient, 450, "4.1.1 <w1@example.org>: Recipient address rejected: unverified address: Address verification in progress", FaultGreylisted, 0},
		{bounced, 550, "5.7.1 Client host rejected", FaultAccount, 0},
		{bounced, 530, "5.7.57 Client was not authenticated to send anonymous mail", FaultAccount, 0},
		{bounced, 550, "5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.", FaultAccount, 0},

		// Tomorrow.
		{handingOver, 554, "5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message", FaultBusy, 24 * time.Hour},
		{recipient, 554, "5.2.0 no", FaultBusy, 24 * time.Hour},
		{recipient, 550, "5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", FaultBusy, 24 * time.Hour},
		{recipient, 550, "5.4.5 Daily user sending limit exceeded.", FaultBusy, 24 * time.Hour},

		// Too fast.
		{sender, 432, "4.3.2 Concurrent connections limit exceeded.", FaultBusy, 0},
		{handingOver, 432, "4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", FaultBusy, 0},
		{connecting, 421, "4.7.0 Too many connections", FaultBusy, time.Minute},
		{connecting, 421, "4.3.2 The maximum number of concurrent connections has exceeded a limit, closing", FaultBusy, time.Minute},
		{sender, 421, "4.4.2 Message submission rate for this client has exceeded the configured limit", FaultBusy, time.Minute},
		{sender, 451, "4.7.500 Server busy. Please try again later", FaultBusy, time.Minute},
		{recipient, 451, "4.7.500 Server busy. Please try again later", FaultBusy, time.Minute},
		{recipient, 450, "4.7.1 Error: too much mail, rate limit; try again in 10 minutes", FaultBusy, 10 * time.Minute},
		{recipient, 451, "4.7.550 Access denied, please try again later", FaultBusy, time.Minute},
		{recipient, 550, "5.7.1 Too many messages from this sender", FaultBusy, time.Minute},
		{recipient, 550, "5.1.1 Rate limit exceeded", FaultBusy, time.Minute},
		{recipient, 550, "5.7.1 You have exceeded the hourly sending quota", FaultBusy, time.Minute},
		{recipient, 552, "5.2.2 Quota for outbound messages reached", FaultBusy, time.Minute},
		{recipient, 421, "4.7.0 Try again later, closing connection", FaultBusy, time.Minute},
		{handingOver, 451, "4.7.650 The mail server has been temporarily rate limited", FaultBusy, time.Minute},
		{handingOver, 550, "5.2.254 Sender throttled due to continuous too many recipients errors.", FaultBusy, time.Minute},

		// The server.
		{connecting, 421, "4.3.2 Service not available", FaultProvider, 0},
		{connecting, 454, "4.7.0 Temporary authentication failure", FaultProvider, 0},
		{sender, 430, "4.2.0 STOREDRV; mailbox logon failure", FaultProvider, 0},
		{sender, 452, "4.3.1 Insufficient system storage", FaultProvider, 0},
		{recipient, 451, "4.3.0 Temporary lookup failure", FaultProvider, 0},
		{recipient, 451, "Requested action aborted: local error in processing", FaultProvider, 0},
		{handingOver, 451, "4.3.0 queue file write error", FaultProvider, 0},

		// Not just now, this recipient.
		{recipient, 451, "4.7.1 Greylisted, try again later", FaultGreylisted, 0},
		{recipient, 450, "4.2.0 <w1@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example.org; try again in 300 seconds", FaultGreylisted, 5 * time.Minute},
		{recipient, 450, "4.7.1 Please come back", FaultGreylisted, 0},
		{beforeData, 450, "4.7.1 Graylisting in action", FaultGreylisted, 0},
		{recipient, 452, "4.2.2 Mailbox full", FaultUnreachable, 0},
		{recipient, 450, "mailbox busy", FaultGreylisted, 0},
		{recipient, 552, "5.2.2 Over quota", FaultUnreachable, 0},
		{recipient, 552, "Requested mail action aborted: exceeded storage allocation", FaultUnreachable, 0},
		{recipient, 550, "5.1.1 <w1@example.org>: over quota", FaultUnreachable, 0},
		{recipient, 550, "5.2.1 The user you are trying to contact is receiving mail too quickly", FaultUnreachable, 0},
		{bounced, 452, "4.2.2 Over quota", FaultUnreachable, 0},
		{bounced, 552, "5.2.2 Over quota", FaultUnreachable, 0},

		// Nobody there, for good.
		{recipient, 550, "5.1.1 <w1@example.org>: Recipient address rejected: User unknown in local recipient table", FaultAddress, 0},
		{handingOver, 550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", FaultAddress, 0},
		{recipient, 550, "5.2.1 The email account that you tried to reach is disabled", FaultAddress, 0},
		{recipient, 550, "5.1.2 Bad destination system", FaultAddress, 0},
		{recipient, 550, "No such user here", FaultAddress, 0},
		{recipient, 550, "5.4.1 Recipient address rejected: Access denied. AS(201806281)", FaultAddress, 0},
		{recipient, 550, "5.1.0 RESOLVER.ADR.RecipientNotFound; not found", FaultAddress, 0},
		{recipient, 550, "5.5.0 Requested action not taken: mailbox unavailable", FaultAddress, 0},
		{recipient, 550, "5.7.1 <w1@example.org>: Recipient address rejected: User unknown", FaultAddress, 0},
		{recipient, 553, "sorry, this recipient is unknown", FaultAddress, 0},
		{bounced, 0, "Host or domain name not found. Name service error for name=exmaple.org type=A: Host not found", FaultAddress, 0},

		// This message; the address may be good.
		{recipient, 550, "no", FaultRefused, 0},
		{recipient, 550, "5.1.1 Refused due to recipient preferences", FaultContent, 0},
		{recipient, 550, "5.7.1 RESOLVER.RST.AuthRequired; authentication required", FaultContent, 0},
		{bounced, 550, "5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; not authorized to send to recipient because the sender isn't on the recipient's list of allowed senders", FaultContent, 0},
		{recipient, 550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", FaultContent, 0},
		{recipient, 550, "Requested action not taken: mailbox unavailable", FaultRefused, 0},
		{handingOver, 554, "5.7.1 Message rejected as spam", FaultContent, 0},
		{handingOver, 550, "5.7.1 This account is disabled", FaultContent, 0},
		{handingOver, 552, "5.3.4 Message size exceeds fixed limit", FaultContent, 0},
		{sender, 552, "5.3.4 Message size exceeds fixed limit", FaultContent, 0},
		{handingOver, 552, "5.7.0 This message was blocked because its content presents a potential security issue", FaultContent, 0},

		// Nobody says why.
		{recipient, 450, "4.1.1 Recipient address rejected: unverified address", FaultUnclear, 0},
		{handingOver, 450, "4.6.0 no", FaultUnclear, 0},
		{bounced, 0, "", FaultUnclear, 0},
		{bounced, 451, "4.4.1 Connection timed out", FaultExpired, 0},
	} {
		f := newFailure(test.at, &textproto.Error{Code: test.code, Msg: test.says})
		m := reply{test.at, test.code, enhancedCode.FindString(test.says), test.says}.meaning()
		if m.fault != test.fault || m.pause != test.pause || m.says == "" {
			t.Errorf("at step %d, %d %s\nmeans %s, pause %v (%s), want %s, %v", test.at, test.code, test.says, m.fault, m.pause, m.says, test.fault, test.pause)
		}
		if test.code == 0 {
			continue
		}
		want := FailedTemporarily
		switch test.fault {
		case FaultAddress, FaultContent, FaultExpired:
			want = Failed
		}
		if o := f.outcome([]string{"w1@example.org"}); o.State != want || o.Fault != test.fault || o.RetryAfter != test.pause || strings.Contains(o.Reason, "@") {
			t.Errorf("%d %s: %+v, want %s by %s without an address", test.code, test.says, o, want, test.fault)
		}
	}
}

func TestBadAddressIsAFaultOfTheAddress(t *testing.T) {
	m := reminderEmail("a", seeAgain())
	m.To.Email = "w1 at example.org"
	nothing := reminderEmail("b")
	s, err := NewSMTP(newComposer(t), SMTPSettings{Host: "127.0.0.1", Port: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, channel := range []Channel{s, NewOutbox(t.TempDir(), newComposer(t))} {
		if o := channel.Send(t.Context(), m.Created, m); o.State != Failed || o.Fault != FaultAddress {
			t.Errorf("%T: %+v, want a fault of the address", channel, o)
		}
		if o := channel.Send(t.Context(), m.Created, nothing); o.State != Failed || o.Fault != FaultContent {
			t.Errorf("%T: %+v, want a fault of the content", channel, o)
		}
	}
}
