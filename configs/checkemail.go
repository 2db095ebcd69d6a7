package configs

import (
	"net/mail"
	"os"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

func (c *checker) email() {
	e := &c.Email
	if _, err := mail.ParseAddress(e.From); err != nil || strings.ContainsFunc(e.From, pathway.IsMark) {
		c.fault("email.from", e.From, `%v is not a sender: write it like "Doorstep <doorstep@council.example>"`)
	}
	local := loopback(e.SMTP.Host)
	if e.SMTP.TLS == "" {
		e.SMTP.TLS = "required"
		if local && e.SMTP.Username == "" {
			e.SMTP.TLS = "none"
		}
	}
	c.number("email.per_minute", e.PerMinute, 0, 100_000)
	switch e.Via {
	case ViaSMTP:
		c.smtp(local)
		if microsoft365(e.SMTP.Host) {
			c.microsoft365()
		}
	case ViaNotify:
		c.notify("email.notify", &e.Notify)
		c.provided("email.per_minute", &e.PerMinute, notifyPerMinute, "GOV.UK Notify takes 3,000 a minute and refuses more until the minute is over")
	}
	c.callback("email.receipts", &e.Receipts, via{e.Via, e.Notify.BaseURL, "email.notify.callback_token", e.Notify.CallbackToken})
}

func (c *checker) smtp(local bool) {
	s := &c.Email.SMTP
	if s.Host == "" || strings.ContainsFunc(s.Host, func(r rune) bool { return r == '/' || r == ' ' || pathway.IsMark(r) }) {
		c.fault("email.smtp.host", s.Host, "%v is not a mail server: write its name, as in smtp.council.example")
	}
	c.number("email.smtp.port", s.Port, 1, 65535)
	c.number("email.smtp.connections", s.Connections, 1, 100)
	if s.Timeout < time.Second || s.Timeout > 10*time.Minute {
		c.fault("email.smtp.timeout", s.Timeout, "%v: a timeout is from 1s to 10m")
	}
	c.signIn()
	if s.TLS == "none" && s.Username == "" && !local {
		c.warn("email.smtp.tls", "none sends messages about families where others can read them: use required")
	}
	if s.CAFile != "" {
		s.CAFile = c.beside(s.CAFile)
		if _, err := os.Stat(s.CAFile); err != nil {
			c.fault("email.smtp.ca_file", s.CAFile, "%v cannot be read: check the path")
		}
	}
}

// signIn checks how Doorstep shows the mail server who it is: not at all, by a
// password, or by a token.
func (c *checker) signIn() {
	s := &c.Email.SMTP
	password := s.Password.IsSet() || c.missing("email.smtp.password")
	oauth2 := c.usesOAuth2() || s.OAuth2.ClientSecret.IsSet() && !c.given("email.smtp.oauth2.token_url") && !c.given("email.smtp.oauth2.client_id")
	switch {
	case oauth2:
		c.oauth2(password)
	case s.Username == "" && s.Password.IsSet() && !c.given("email.smtp.username"):
		c.d.fault("email.smtp.username", "is empty though there is a password: write the user name, or take the password out")
	case s.Username != "" && !password:
		c.d.fault("email.smtp.password", "is empty though there is a user name: write ${SMTP_PASSWORD} or ${file:PATH}, or take the user name out")
	}
	if s.Username != "" && s.TLS != "required" {
		secret := "password"
		if oauth2 {
			secret = "access token"
		}
		c.d.fault("email.smtp.tls", "%q would send the %s where others can read it: use required", s.TLS, secret)
	}
}

func (c *checker) oauth2(password bool) {
	s, o := &c.Email.SMTP, &c.Email.SMTP.OAuth2
	c.needed("email.smtp.oauth2.token_url", o.TokenURL != "")
	c.needed("email.smtp.oauth2.client_id", o.ClientID != "")
	c.needed("email.smtp.oauth2.client_secret", o.ClientSecret.IsSet())
	if s.Username == "" && !c.missing("email.smtp.username") {
		c.d.fault("email.smtp.username", "is empty though there is oauth2: write the mailbox that messages are sent from")
	}
	if password {
		c.d.fault("email.smtp.password", "stands beside oauth2, and only one of them can be used: take the password out")
	}
	if o.TokenURL == "" {
		return
	}
	switch u, ok := webAddress(o.TokenURL); {
	case !ok:
		c.fault("email.smtp.oauth2.token_url", o.TokenURL, "%v is not a web address: write it in full, as in https://login.microsoftonline.com/TENANT/oauth2/v2.0/token")
	case u.Scheme != "https" && !loopback(u.Hostname()):
		c.fault("email.smtp.oauth2.token_url", o.TokenURL, "%v would send the client secret where others can read it: use https")
	}
}

// usesOAuth2 reports whether the configuration means to sign in by a token. A
// secret alone, which may be a line left over from an example, does not say so.
func (c *checker) usesOAuth2() bool {
	o := &c.Email.SMTP.OAuth2
	return o.TokenURL != "" || o.ClientID != "" || c.missing("email.smtp.oauth2.token_url") || c.missing("email.smtp.oauth2.client_id")
}

// What Microsoft 365 takes from one mailbox (SMTP client submission).
const (
	microsoft365Connections = 3
	microsoft365PerMinute   = 30
)

// microsoft365 reports whether a mail server is Microsoft's for mailboxes. What a
// tenant's own connector (tenant.mail.protection.outlook.com) takes is not limited
// in this way.
func microsoft365(host string) bool {
	host = strings.ToLower(host)
	return strings.HasSuffix(host, ".office365.com") || host == "outlook.com" ||
		strings.HasSuffix(host, ".outlook.com") && !strings.HasSuffix(host, ".mail.protection.outlook.com")
}

func (c *checker) microsoft365() {
	e := &c.Email
	c.provided("email.smtp.connections", &e.SMTP.Connections, microsoft365Connections, "Microsoft 365 takes 3 connections to a mailbox and refuses the others")
	c.provided("email.per_minute", &e.PerMinute, microsoft365PerMinute, "Microsoft 365 takes 30 messages a minute from a mailbox and refuses the others")
	if from, err := mail.ParseAddress(e.From); err == nil && strings.Contains(e.SMTP.Username, "@") && !strings.EqualFold(from.Address, e.SMTP.Username) {
		c.warn("email.from", "is not the mailbox that email.smtp.username names: Microsoft 365 refuses it unless that mailbox may send as this one")
	}
	if e.SMTP.Password.IsSet() && !e.SMTP.OAuth2.IsSet() {
		c.warn("email.smtp.password", "Microsoft 365 no longer takes passwords by default from the end of December 2026: use oauth2 instead")
	}
}

// provided lets a limit that nobody has chosen be the provider's, and warns of
// one that is higher.
func (c *checker) provided(key string, limit *int, most int, why string) {
	switch {
	case !c.chosen(key):
		*limit = most
	case *limit == 0 || *limit > most:
		c.warn(key, why)
	}
}
