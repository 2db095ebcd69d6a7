package notify

import (
	"context"
	"os"
	"strings"
	"testing"

	"example.org/doorstep/notify/smtptest"
)

func TestPasswordNeverTravelsInTheClear(t *testing.T) {
	for _, policy := range []string{TLSNone, TLSOpportunistic} {
		_, err := NewSMTP(newComposer(t), SMTPSettings{Host: "127.0.0.1", Port: 25, TLS: policy, Username: "doorstep", Password: "hunter2"})
		if err == nil || !strings.Contains(err.Error(), "use required") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("tls %s: %v, want it refused", policy, err)
		}
	}
	// A server that offers signing in but no encryption gets no password.
	server := smtptest.Start(t, smtptest.Options{Username: "doorstep", Password: "hunter2", OpenSignIn: true})
	s := newSMTP(t, server, func(s *SMTPSettings) { s.TLS, s.Username, s.Password = "", "doorstep", "hunter2" })
	if o := send(s, "a"); o.State != FailedTemporarily || o.Fault != FaultAccount || !strings.Contains(o.Reason, "it offers no encryption") {
		t.Errorf("%+v, want a temporary failure that says so", o)
	}
}

func TestSigningInOverTLS(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{STARTTLS: true, Username: "doorstep", Password: "hunter2"})
	with := func(password, caFile string) *SMTP {
		return newSMTP(t, server, func(s *SMTPSettings) {
			s.TLS, s.CAFile, s.Username, s.Password = TLSRequired, caFile, "doorstep", password
		})
	}
	mustSend(t, with("hunter2", server.CAFile()), "a")
	if err := with("hunter2", server.CAFile()).Check(context.Background()); err != nil {
		t.Errorf("check: %v", err)
	}
	// Neither is the message's fault, so it waits.
	for _, test := range []struct{ story, password, caFile, want string }{
		{"wrong password", "wrong", server.CAFile(), "correct email.smtp username and password"},
		{"unknown authority", "hunter2", "", "set email.smtp ca_file"},
	} {
		s := with(test.password, test.caFile)
		o := send(s, "b")
		if o.State != FailedTemporarily || o.Fault != FaultAccount || !strings.Contains(o.Reason, test.want) || strings.Contains(o.Reason, test.password) {
			t.Errorf("%s: %+v, want a temporary failure that says %q", test.story, o, test.want)
		}
		if err := s.Check(context.Background()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: check says %v, want %q", test.story, err, test.want)
		}
	}
	if server.Count() != 1 {
		t.Errorf("the server took %d messages, want 1", server.Count())
	}
}

func TestTLSFromTheFirstByteOn(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{ImplicitTLS: true, Username: "doorstep", Password: "hunter2"})
	s := newSMTP(t, server, func(s *SMTPSettings) {
		s.TLS, s.CAFile, s.Username, s.Password = TLSRequired, server.CAFile(), "doorstep", "hunter2"
	})
	s.implicitTLS = true // as for port 465
	mustSend(t, s, "a")
	if !server.Taken()[0].Encrypted {
		t.Error("the message came in the clear")
	}
	s, err := NewSMTP(newComposer(t), SMTPSettings{Host: "mail.example.org", Port: 465})
	if err != nil || !s.implicitTLS {
		t.Errorf("port 465 does not start with TLS (%v)", err)
	}
}

func TestOpportunisticTLSIsUsedWhereOffered(t *testing.T) {
	for _, offered := range []bool{true, false} {
		server := smtptest.Start(t, smtptest.Options{STARTTLS: offered})
		s := newSMTP(t, server, func(s *SMTPSettings) { s.TLS, s.CAFile = TLSOpportunistic, server.CAFile() })
		mustSend(t, s, "a")
		if got := server.Taken()[0].Encrypted; got != offered {
			t.Errorf("STARTTLS offered: %t, message encrypted: %t", offered, got)
		}
	}
}

func TestSMTPSettingsThatCannotWorkAreRefused(t *testing.T) {
	noCertificate := t.TempDir() + "/ca.pem"
	if err := os.WriteFile(noCertificate, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, settings := range map[string]SMTPSettings{
		"email.smtp.host":             {Port: 25},
		"email.smtp.port":             {Host: "127.0.0.1"},
		`"mandatory" is not known`:    {Host: "127.0.0.1", Port: 25, TLS: "mandatory"},
		"ca_file":                     {Host: "127.0.0.1", Port: 25, CAFile: "/nowhere/ca.pem"},
		"no certificate":              {Host: "127.0.0.1", Port: 25, CAFile: noCertificate},
		"timeouts cannot be negative": {Host: "127.0.0.1", Port: 25, Timeout: -1},
	} {
		if _, err := NewSMTP(newComposer(t), settings); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want an error about %s", settings, err, want)
		}
	}
	for host, want := range map[string]string{"127.0.0.1": TLSNone, "localhost": TLSNone, "::1": TLSNone, "mail.example.org": TLSRequired} {
		s, err := NewSMTP(newComposer(t), SMTPSettings{Host: host, Port: 25})
		if err != nil || s.settings.TLS != want {
			t.Errorf("%s: tls is %v (%v), want %s", host, s, err, want)
		}
	}
}
