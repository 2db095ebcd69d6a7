package configs

import (
	"fmt"
	"maps"
	"net"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

func (c *checker) email() {
	e := &c.Email
	from, err := mail.ParseAddress(e.From)
	if err != nil || strings.ContainsFunc(e.From, isControl) {
		c.fault("email.from", e.From, `%v is not a sender: write it like "Doorstep <doorstep@council.example>"`)
	}
	local := loopback(e.SMTP.Host)
	if e.SMTP.TLS == "" {
		e.SMTP.TLS = "required"
		if local && e.SMTP.Username == "" {
			e.SMTP.TLS = "none"
		}
	}
	switch e.Via {
	case ViaSMTP:
		c.smtp(local)
		sample := c.d.fault
		if local { // a sink for trying things out, or a relay
			sample = func(key, format string, args ...any) { c.warn(key, fmt.Sprintf(format, args...)) }
		}
		if from != nil && sampleDomain(from.Address) {
			sample("email.from", "is the sample's address, whose domain exists nowhere: write your own")
		}
		if sampleDomain(c.DutyAddress.Email) {
			sample("duty_address.email", "is the sample's address, whose domain exists nowhere: write your own, or reminders that nobody else gets are lost")
		}
		for _, name := range slices.Sorted(maps.Keys(c.Teams)) {
			if sampleDomain(c.Teams[name].DutyEmail) {
				sample("teams."+name+".duty_email", "is a sample address, whose domain exists nowhere: write your own")
			}
		}
		if !c.given("public_url") {
			c.warn("public_url", "is the sample's: links in messages lead nowhere; write the address by which people reach Doorstep")
		}
		if !c.given("organisation.name") {
			c.warn("organisation.name", "is the sample's: messages name another organisation; write your own")
		}
	case ViaNotify:
		c.notify("email.notify", &e.Notify)
		c.warn("email.via", "this version does not send by GOV.UK Notify yet: use smtp, or file to write messages into the outbox")
	}
}

func (c *checker) smtp(local bool) {
	s := &c.Email.SMTP
	if s.Host == "" || strings.ContainsFunc(s.Host, func(r rune) bool { return r == '/' || r == ' ' || isControl(r) }) {
		c.fault("email.smtp.host", s.Host, "%v is not a mail server: write its name, as in smtp.council.example")
	}
	c.number("email.smtp.port", s.Port, 1, 65535)
	c.number("email.smtp.connections", s.Connections, 1, 100)
	if s.Timeout < time.Second || s.Timeout > 10*time.Minute {
		c.fault("email.smtp.timeout", s.Timeout, "%v: a timeout is from 1s to 10m")
	}
	switch {
	case s.Username == "" && s.Password.IsSet() && !c.given("email.smtp.username"):
		c.d.fault("email.smtp.username", "is empty though there is a password: write the user name, or take the password out")
	case s.Username != "" && !s.Password.IsSet() && !c.missing("email.smtp.password"):
		c.d.fault("email.smtp.password", "is empty though there is a user name: write ${SMTP_PASSWORD} or ${file:PATH}, or take the user name out")
	}
	switch {
	case s.Username != "" && s.TLS != "required":
		c.d.fault("email.smtp.tls", "%q would send the password where others can read it: use required", s.TLS)
	case s.TLS == "none" && !local:
		c.warn("email.smtp.tls", "none sends messages about families where others can read them: use required")
	}
	if s.CAFile != "" {
		s.CAFile = c.beside(s.CAFile)
		if _, err := os.Stat(s.CAFile); err != nil {
			c.fault("email.smtp.ca_file", s.CAFile, "%v cannot be read: check the path")
		}
	}
}

func (c *checker) sms() {
	s := &c.SMS
	switch s.Via {
	case ViaTwilio:
		t := &s.Twilio
		c.needed("sms.twilio.account_sid", t.AccountSID != "")
		c.needed("sms.twilio.auth_token", t.AuthToken.IsSet())
		if t.From == "" && t.MessagingServiceSID == "" {
			c.d.fault("sms.twilio.from", "is empty: write the number texts come from, or a messaging_service_sid")
		}
		c.base("sms.twilio.base_url", t.BaseURL)
	case ViaNotify:
		c.notify("sms.notify", &s.Notify)
	}
	if s.Via != ViaFile {
		c.warn("sms.via", fmt.Sprintf("this version does not send texts by %s yet: it writes them into the outbox", s.Via))
	}
}

func (c *checker) notify(key string, n *Notify) {
	c.needed(key+".api_key", n.APIKey.IsSet())
	c.needed(key+".template_id", n.TemplateID != "")
	c.base(key+".base_url", n.BaseURL)
}

func (c *checker) needed(key string, is bool) {
	if !is && !c.missing(key) {
		c.d.fault(key, "is empty: it is needed to send this way")
	}
}

func (c *checker) base(key, value string) {
	if value == "" {
		return
	}
	if u, err := url.Parse(value); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		c.fault(key, value, "%v is not a web address: write it in full, or leave it empty for the provider's own")
	}
}

// sampleDomain may be written in examples but receives no mail (RFC 2606).
func sampleDomain(address string) bool {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	return domain == "example.org" || domain == "example.com" || domain == "example.net" ||
		strings.HasSuffix(domain, ".example") || strings.HasSuffix(domain, ".example.org")
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
