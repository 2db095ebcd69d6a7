package notify

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
)

// The mailbox is that of testSettings.From, as Microsoft 365 wants it.
const mailbox = "doorstep@example.org"

// stillClock keeps every message within one minute.
func stillClock() time.Time { return at("2026-09-07 08:30") }

func newMicrosoft365(t *testing.T, change func(*smtptest.Options)) *smtptest.Server {
	t.Helper()
	options := smtptest.Microsoft365(mailbox)
	if change != nil {
		change(&options)
	}
	return smtptest.Start(t, options)
}

func withToken(t *testing.T, server *smtptest.Server, change func(*SMTPSettings)) *SMTP {
	t.Helper()
	return newSMTP(t, server, func(s *SMTPSettings) {
		s.TLS, s.CAFile, s.Username, s.Connections = TLSRequired, server.CAFile(), mailbox, 3
		s.OAuth2 = &OAuth2{TokenURL: server.TokenURL(), ClientID: "doorstep", ClientSecret: "hunter2", Scope: "https://outlook.office365.com/.default"}
		if change != nil {
			change(s)
		}
	})
}

func TestOneTokenSignsInOnEveryConnection(t *testing.T) {
	server := newMicrosoft365(t, func(o *smtptest.Options) { o.Now = stillClock })
	s := withToken(t, server, nil)
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			if o := send(s, fmt.Sprint(i)); o.State != Sent {
				t.Errorf("%+v, want it sent", o)
			}
		})
	}
	wg.Wait()
	if server.Count() != 30 || server.TokensAsked() != 1 || server.Connections() > 3 {
		t.Errorf("%d messages, %d tokens, %d connections, want 30, 1 and at most 3", server.Count(), server.TokensAsked(), server.Connections())
	}
	if err := s.Check(context.Background()); err != nil || server.TokensAsked() != 1 {
		t.Errorf("check: %v after %d tokens, want no fault and no other token", err, server.TokensAsked())
	}
}

func TestTokenIsRenewedBeforeItEnds(t *testing.T) {
	for life, want := range map[time.Duration]int{time.Hour: 1, 50 * time.Second: 2} {
		server := newMicrosoft365(t, func(o *smtptest.Options) { o.OAuth2.Life = life })
		s := withToken(t, server, nil)
		mustSend(t, s, "a")
		server.Hangup(t)
		mustSend(t, s, "b")
		if server.TokensAsked() != want {
			t.Errorf("a life of %v: %d tokens for two connections, want %d", life, server.TokensAsked(), want)
		}
	}
}

func TestTokenThatIsNoLongerGoodIsReplacedAtOnce(t *testing.T) {
	server := newMicrosoft365(t, nil)
	s := withToken(t, server, nil)
	mustSend(t, s, "a")
	server.RevokeTokens()
	server.Hangup(t)
	mustSend(t, s, "b")
	if server.TokensAsked() != 2 {
		t.Errorf("%d tokens, want 2", server.TokensAsked())
	}
}

func TestRefusalOfAFreshTokenIsReported(t *testing.T) {
	var clock sync.Mutex
	now, useless := at("2026-09-07 08:30"), false
	server := newMicrosoft365(t, func(o *smtptest.Options) {
		o.Now = func() time.Time {
			clock.Lock()
			defer clock.Unlock()
			if useless { // each token has ended by the time it is used
				now = now.Add(2 * time.Hour)
			}
			return now
		}
	})
	s := withToken(t, server, nil)
	mustSend(t, s, "a")
	clock.Lock()
	useless = true
	clock.Unlock()
	server.Hangup(t)
	for i, want := range []int{2, 3} { // the good one is replaced first; then it is one each time
		o := send(s, "b")
		if o.State != FailedTemporarily || o.Fault != FaultAccount || o.Code != "535 5.7.3" || !strings.Contains(o.Reason, "sign in by its token") || strings.Contains(o.Reason, "eyJ0") {
			t.Errorf("attempt %d: %+v, want a fault of the account that speaks of the token and does not show it", i+1, o)
		}
		if server.TokensAsked() != want {
			t.Errorf("attempt %d: %d tokens so far, want %d", i+1, server.TokensAsked(), want)
		}
	}
}

func TestSignInThatEndsOnAKeptConnectionIsRenewed(t *testing.T) {
	server := newMicrosoft365(t, nil)
	s := withToken(t, server, nil)
	mustSend(t, s, "a")
	server.Plan(smtptest.Fault{At: smtptest.AtSender, Code: 530, Enhanced: "5.7.57", Text: "Client not authenticated to send mail."})
	mustSend(t, s, "b")
	if server.Connections() != 2 {
		t.Errorf("%d connections, want 2", server.Connections())
	}
}

func TestTokenThatIsNotGivenSaysWhatToCorrect(t *testing.T) {
	tests := []struct {
		story  string
		change func(*SMTPSettings)
		fault  *smtptest.TokenFault
		want   Outcome // Reason: a part of it
	}{
		{"wrong secret", func(s *SMTPSettings) { s.OAuth2.ClientSecret = "hunter3" }, nil,
			Outcome{Fault: FaultAccount, Code: "invalid_client AADSTS7000215", Reason: "correct email.smtp.oauth2 client_id and client_secret"}},
		{"unknown client", func(s *SMTPSettings) { s.OAuth2.ClientID = "upstep" }, nil,
			Outcome{Fault: FaultAccount, Code: "unauthorized_client AADSTS700016", Reason: "correct email.smtp.oauth2 client_id and the tenant in token_url"}},
		{"unknown scope", func(s *SMTPSettings) { s.OAuth2.Scope = "" }, nil,
			Outcome{Fault: FaultAccount, Code: "invalid_scope AADSTS70011", Reason: "correct email.smtp.oauth2 scope"}},
		{"unknown tenant", nil, &smtptest.TokenFault{Status: 400, Error: "invalid_request", Description: "AADSTS90002: Tenant 'x' not found."},
			Outcome{Fault: FaultAccount, Code: "invalid_request AADSTS90002", Reason: "correct the tenant in email.smtp.oauth2 token_url"}},
		{"an error nobody knows", nil, &smtptest.TokenFault{Status: 400, Error: "hunter2", Description: "hunter2"},
			Outcome{Fault: FaultAccount, Code: "400", Reason: "it answers 400: correct email.smtp.oauth2 token_url"}},
		{"another page", nil, &smtptest.TokenFault{Status: 404, Body: "<html>hunter2"},
			Outcome{Fault: FaultAccount, Code: "404", Reason: "it answers 404: correct email.smtp.oauth2 token_url"}},
		{"elsewhere", nil, &smtptest.TokenFault{Status: 307, Location: "/elsewhere"},
			Outcome{Fault: FaultAccount, Code: "307", Reason: "it answers 307: correct email.smtp.oauth2 token_url"}},
		{"out of order", nil, &smtptest.TokenFault{Status: 503, Body: "<html>", RetryAfter: "30"},
			Outcome{Fault: FaultProvider, Code: "503", RetryAfter: 30 * time.Second, Reason: "out of order (503)"}},
		{"out of order, in JSON", nil, &smtptest.TokenFault{Status: 400, Error: "temporarily_unavailable"},
			Outcome{Fault: FaultProvider, Code: "400", Reason: "out of order"}},
		{"asked too often", nil, &smtptest.TokenFault{Status: 429, Body: "{}", RetryAfter: "120"},
			Outcome{Fault: FaultBusy, Code: "429", RetryAfter: 2 * time.Minute, Reason: "too often"}},
		{"no JSON", nil, &smtptest.TokenFault{Status: 200, Body: `{"access_token": "hunter2`},
			Outcome{Fault: FaultProvider, Reason: "holds no token: check email.smtp.oauth2 token_url"}},
		{"no token", nil, &smtptest.TokenFault{Status: 200, Body: `{"token_type": "Bearer"}`},
			Outcome{Fault: FaultProvider, Reason: "holds no token"}},
		{"hangs up", nil, &smtptest.TokenFault{Drop: true}, Outcome{Fault: FaultProvider, Reason: "the token server: EOF"}},
		{"nobody there", func(s *SMTPSettings) { s.OAuth2.TokenURL = "https://127.0.0.1:1/hunter2" }, nil,
			Outcome{Fault: FaultProvider, Reason: "nobody listens there: check email.smtp.oauth2 token_url"}},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			server := newMicrosoft365(t, nil)
			if test.fault != nil {
				server.PlanToken(*test.fault)
			}
			s := withToken(t, server, test.change)
			got := send(s, "a")
			if !strings.Contains(got.Reason, test.want.Reason) || strings.Contains(got.Reason, "hunter") || strings.Contains(got.Reason, "127.0.0.1") {
				t.Errorf("the reason is %q, want it to say %q and neither secret nor address", got.Reason, test.want.Reason)
			}
			test.want.State, got.Reason = FailedTemporarily, test.want.Reason
			if got != test.want {
				t.Errorf("the outcome is\n%+v, want\n%+v", got, test.want)
			}
			if server.Connections() != 0 || server.TokensAsked() > 1 {
				t.Errorf("%d connections to the mail server and %d to the token server, want none and one", server.Connections(), server.TokensAsked())
			}
			if test.change == nil {
				mustSend(t, s, "a")
			}
		})
	}
}

func TestWaitingForATokenEndsWithTheContextOrInTime(t *testing.T) {
	server := newMicrosoft365(t, nil)
	release := make(chan struct{})
	defer close(release)
	ctx, cancel := context.WithCancel(context.Background())
	server.PlanToken(smtptest.TokenFault{Hold: func() { cancel(); <-release }}, smtptest.TokenFault{Hold: func() { <-release }})
	s := withToken(t, server, nil)
	m := reminderEmail("a", seeAgain())
	if o := s.Send(ctx, m.Created, m); o.State != FailedTemporarily || o.Fault != FaultBusy || !strings.Contains(o.Reason, "stopped before it answered") {
		t.Errorf("%+v, want it to wait because Doorstep stops", o)
	}
	s = withToken(t, server, func(s *SMTPSettings) { s.Timeout = 200 * time.Millisecond })
	if o := send(s, "a"); o.State != FailedTemporarily || o.Fault != FaultProvider || !strings.Contains(o.Reason, "no answer in time") {
		t.Errorf("%+v, want a fault of the provider", o)
	}
}

func TestTokenNeverTravelsInTheClear(t *testing.T) {
	good := SMTPSettings{Host: "127.0.0.1", Port: 25, Username: mailbox,
		OAuth2: &OAuth2{TokenURL: "https://login.example.org/token", ClientID: "doorstep", ClientSecret: "hunter2"}}
	if _, err := NewSMTP(newComposer(t), good); err != nil {
		t.Fatalf("settings that are good: %v", err)
	}
	for want, change := range map[string]func(s *SMTPSettings, o *OAuth2){
		"email.smtp.tls: none":            func(s *SMTPSettings, _ *OAuth2) { s.TLS = TLSNone },
		"email.smtp.tls: opportunistic":   func(s *SMTPSettings, _ *OAuth2) { s.TLS = TLSOpportunistic },
		"anything but https":              func(_ *SMTPSettings, o *OAuth2) { o.TokenURL = "http://login.example.org/token" },
		"token_url: write a web address":  func(_ *SMTPSettings, o *OAuth2) { o.TokenURL = "login.example.org/hunter2" },
		"write both client_id and client": func(_ *SMTPSettings, o *OAuth2) { o.ClientSecret = "" },
		"email.smtp.username: write":      func(s *SMTPSettings, _ *OAuth2) { s.Username = "" },
		"email.smtp.password: take it":    func(s *SMTPSettings, _ *OAuth2) { s.Password = "hunter2" },
	} {
		settings, oauth := good, *good.OAuth2
		settings.OAuth2 = &oauth
		change(&settings, &oauth)
		if _, err := NewSMTP(newComposer(t), settings); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, want an error that says %q and no secret", err, want)
		}
	}
}

func TestServerThatTakesNoTokensGetsNone(t *testing.T) {
	server := newMicrosoft365(t, nil)
	old := smtptest.Start(t, smtptest.Options{STARTTLS: true, Username: mailbox, Password: "hunter2"})
	both := filepath.Join(t.TempDir(), "ca.pem")
	var authorities []byte
	for _, file := range []string{server.CAFile(), old.CAFile()} {
		pem, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		authorities = append(authorities, pem...)
	}
	if err := os.WriteFile(both, authorities, 0o600); err != nil {
		t.Fatal(err)
	}
	s := withToken(t, server, func(s *SMTPSettings) { s.Port, s.CAFile = old.Port, both })
	if o := send(s, "a"); o.State != FailedTemporarily || o.Fault != FaultAccount || !strings.Contains(o.Reason, "it takes no tokens") {
		t.Errorf("%+v, want a fault of the account that says so", o)
	}
}

func TestFourthConnectionIsOneTooMany(t *testing.T) {
	server := newMicrosoft365(t, nil)
	s := withToken(t, server, func(s *SMTPSettings) { s.Connections = 4 })
	reached, release := make(chan struct{}), make(chan struct{})
	hold := smtptest.Fault{At: smtptest.AtEnd, Hold: func() { reached <- struct{}{}; <-release }}
	server.Plan(hold, hold, hold)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { mustSend(t, s, fmt.Sprint(i)) })
		<-reached
	}
	if o := send(s, "d"); o.State != FailedTemporarily || o.Fault != FaultBusy || o.Code != "432 4.3.2" || o.RetryAfter != 0 {
		t.Errorf("the fourth: %+v, want it to wait for a moment", o)
	}
	close(release)
	wg.Wait()
	mustSend(t, s, "d")
}

func TestThirtyFirstMessageOfAMinuteWaits(t *testing.T) {
	var clock sync.Mutex
	now := at("2026-09-07 08:30")
	server := newMicrosoft365(t, func(o *smtptest.Options) {
		o.Now = func() time.Time { clock.Lock(); defer clock.Unlock(); return now }
	})
	s := withToken(t, server, nil)
	for i := range 30 {
		mustSend(t, s, fmt.Sprint(i))
	}
	if o := send(s, "a"); o.State != FailedTemporarily || o.Fault != FaultBusy || o.Code != "432 4.3.2" {
		t.Errorf("the next: %+v, want it to wait", o)
	}
	clock.Lock()
	now = now.Add(time.Minute)
	clock.Unlock()
	mustSend(t, s, "a")
}

func TestSenderOtherThanTheMailboxIsAFaultOfTheAccount(t *testing.T) {
	server := newMicrosoft365(t, func(o *smtptest.Options) { o.Username = "team@example.org" })
	s := withToken(t, server, func(s *SMTPSettings) { s.Username = "team@example.org" })
	o := send(s, "a")
	if o.State != FailedTemporarily || o.Fault != FaultAccount || o.Code != "554 5.2.252" || !strings.Contains(o.Reason, "correct email.from") || strings.Contains(o.Reason, "team") {
		t.Errorf("%+v, want a fault of the account without an address", o)
	}
}
