package configs

import (
	"maps"
	"net/mail"
	"slices"
	"strings"
)

// emailGoesOut reports whether emails are really sent, and whether only to a
// server on this machine.
func (c *Config) emailGoesOut() (out, local bool) {
	switch c.Email.Via {
	case ViaSMTP:
		return true, loopback(c.Email.SMTP.Host)
	case ViaNotify:
		return true, localBase(c.Email.Notify.BaseURL)
	}
	return false, false
}

// textsGoOut reports the same of texts.
func (c *Config) textsGoOut() (out, local bool) {
	switch c.SMS.Via {
	case ViaTwilio:
		return true, localBase(c.SMS.Twilio.BaseURL)
	case ViaNotify:
		return true, localBase(c.SMS.Notify.BaseURL)
	}
	return false, false
}

// sampleContactNumber is the contact number of the built-in configuration, which leads
// to nobody who uses Doorstep.
const sampleContactNumber = "01793 000000"

// ContactNumber is the number that families are to call; empty where the configuration
// has none, or still the sample's: it is never printed.
func (c *Config) ContactNumber() string {
	plain := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	if number := strings.TrimSpace(c.Organisation.ContactNumber); plain(number) != plain(sampleContactNumber) {
		return number
	}
	return ""
}

// contactNumber finds that cards and letters would give families no number to call. It
// keeps nobody from working: there is a dotted line in its place.
func (c *checker) contactNumber() {
	if c.Config.ContactNumber() != "" {
		return
	}
	at := len(*c.d.faults)
	if strings.TrimSpace(c.Organisation.ContactNumber) == "" {
		c.d.fault("organisation.contact_number", "is empty: cards and letters have a dotted line in its place; write the number that families are to call")
	} else {
		c.fault("organisation.contact_number", c.Organisation.ContactNumber,
			"%v is the sample's: cards and letters have a dotted line in its place; write the number that families are to call")
	}
	c.paperFaults = append(c.paperFaults, (*c.d.faults)[at:]...)
	*c.d.faults = (*c.d.faults)[:at]
}

// samples finds what was left as the examples have it although messages really
// go out.
func (c *checker) samples() {
	email, local := c.emailGoesOut()
	if email {
		c.sampleAddresses(c.severity(local))
	}
	texts, local := c.textsGoOut()
	if texts {
		c.sampleNumbers(c.severity(local))
	}
	if !email && !texts {
		return
	}
	if !c.given("public_url") {
		c.warn("public_url", "is the sample's: messages have no link to a case's page; write the address by which people reach Doorstep")
	}
	if !c.given("organisation.name") {
		c.warn("organisation.name", "is the sample's: messages name another organisation; write your own")
	}
}

func (c *checker) sampleAddresses(note func(key, message string)) {
	const own = "is a sample address, whose domain exists nowhere: write your own"
	if from, err := mail.ParseAddress(c.Email.From); err == nil && c.Email.Via == ViaSMTP && sampleDomain(from.Address) {
		note("email.from", "is the sample's address, whose domain exists nowhere: write your own")
	}
	if sampleDomain(c.DutyAddress.Email) {
		note("duty_address.email", "is the sample's address, whose domain exists nowhere: write your own, or reminders that nobody else gets are lost")
	}
	if sampleDomain(c.OperationsAddress.Email) {
		note("operations.email", own)
	}
	if sampleDomain(c.GovernanceAddress.Email) {
		note("information_governance.email", own)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Teams)) {
		if sampleDomain(c.Teams[name].DutyEmail) {
			note("teams."+name+".duty_email", own)
		}
	}
}

func (c *checker) sampleNumbers(note func(key, message string)) {
	numbers := map[string]string{"duty_address.mobile": c.DutyAddress.Mobile, "operations.mobile": c.OperationsAddress.Mobile,
		"information_governance.mobile": c.GovernanceAddress.Mobile}
	for name, team := range c.Teams {
		numbers["teams."+name+".duty_mobile"] = team.DutyMobile
	}
	if c.SMS.Via == ViaTwilio {
		numbers["sms.twilio.from"] = c.SMS.Twilio.From
	}
	for _, key := range slices.Sorted(maps.Keys(numbers)) {
		if sampleNumber(numbers[key]) {
			note(key, "is a number kept free for drama (07700 900000 to 900999), which nobody has: write your own")
		}
	}
}

// sampleDomain may be written in examples but receives no mail (RFC 2606).
func sampleDomain(address string) bool {
	_, domain, _ := strings.Cut(strings.ToLower(address), "@")
	return domain == "example.org" || domain == "example.com" || domain == "example.net" ||
		strings.HasSuffix(domain, ".example") || strings.HasSuffix(domain, ".example.org")
}

// sampleNumber may be written in examples, but nobody has it: Ofcom keeps 07700
// 900000 to 900999 free for drama. The number is in E.164.
func sampleNumber(number string) bool {
	const prefix = "+447700900"
	return strings.HasPrefix(number, prefix) && len(number) == len(prefix)+3
}
