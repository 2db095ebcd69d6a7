package configs

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// checker compares the values of a configuration with each other, and fills in
// what follows from others.
type checker struct {
	*Config
	d *document // the organisation's file: where mistakes are noted
}

func (c *checker) all() {
	c.organisation()
	c.addresses()
	c.people()
	c.meetingPlaces()
	c.places()
	c.schedules()
	c.delivery()
	c.email()
	c.sms()
	c.letters()
	c.webhooks()
	c.retention()
	c.listeners()
	c.samples()
	c.contactNumber()
}

// fault notes a mistake; %v stands for the value as it was written.
func (c *checker) fault(key string, value any, message string) {
	c.d.fault(key, "%s", strings.ReplaceAll(message, "%v", c.d.quote(key, value)))
}

func (c *checker) warn(key, message string) {
	at := len(*c.d.faults)
	c.d.fault(key, "%s", message)
	c.warnings = append(c.warnings, (*c.d.faults)[at])
	*c.d.faults = (*c.d.faults)[:at]
}

func (c *checker) organisation() {
	o := &c.Organisation
	for _, text := range []struct{ key, value string }{
		{"organisation.name", o.Name}, {"organisation.service", o.Service}, {"organisation.contact_number", o.ContactNumber},
	} {
		if strings.ContainsFunc(text.value, pathway.IsMark) {
			c.d.fault(text.key, "holds a line break or another character that does not show: type it anew, in one line")
		}
	}
	if strings.TrimSpace(o.Name) == "" {
		c.d.fault("organisation.name", "is empty: messages and cards need it")
	}
	location, err := time.LoadLocation(o.TimeZone)
	if err != nil || o.TimeZone == "" || o.TimeZone == "Local" {
		c.fault("organisation.time_zone", o.TimeZone, "%v is not a time zone: write it like Europe/London")
		location = time.UTC
	}
	c.location = location
	if o.ReferencePattern != "" {
		if _, err := regexp.Compile(o.ReferencePattern); err != nil {
			c.fault("organisation.reference_pattern", o.ReferencePattern, "%v is not a regular expression: write it like CIN-[0-9]+, in single quotation marks")
		} else {
			c.references = regexp.MustCompile(`^(?:` + o.ReferencePattern + `)$`)
		}
	}
	for i, h := range o.ExtraBankHolidays {
		key := fmt.Sprintf("organisation.extra_bank_holidays[%d]", i)
		if h.Date.IsZero() {
			c.d.fault(key, "has no date: write it like {date: 2027-06-01, name: Special bank holiday}")
		}
		if strings.TrimSpace(h.Name) == "" {
			c.d.fault(key, "has no name: due times explain themselves by it")
		}
	}
	if len(*c.d.faults) == 0 {
		if _, err := pathway.NewCalendar(c.CalendarSettings()); err != nil {
			c.d.fault("organisation", "%v", err)
		}
	}
}

// addresses checks who is told when nobody else is left.
func (c *checker) addresses() {
	c.DutyAddress.Email = c.address("duty_address.email", c.DutyAddress.Email)
	c.DutyAddress.Mobile = c.mobile("duty_address.mobile", c.DutyAddress.Mobile)
	c.OperationsAddress.Email = c.address("operations.email", c.OperationsAddress.Email)
	c.OperationsAddress.Mobile = c.mobile("operations.mobile", c.OperationsAddress.Mobile)
	c.GovernanceAddress.Email = c.address("information_governance.email", c.GovernanceAddress.Email)
	c.GovernanceAddress.Mobile = c.mobile("information_governance.mobile", c.GovernanceAddress.Mobile)
	for _, name := range slices.Sorted(maps.Keys(c.Teams)) {
		t := c.Teams[name]
		if t.DutyEmail == "" && t.DutyMobile == "" {
			c.d.fault("teams."+name, "has no duty address: give it duty_email or duty_mobile, or take it out")
		}
		t.DutyEmail = c.address("teams."+name+".duty_email", t.DutyEmail)
		t.DutyMobile = c.mobile("teams."+name+".duty_mobile", t.DutyMobile)
		c.Teams[name] = t
	}
}

func (c *checker) address(key, value string) string {
	if value == "" {
		return ""
	}
	address, err := pathway.ParseEmail(value)
	if err != nil {
		c.fault(key, value, "%v is not an email address: write it like duty@council.example")
		return ""
	}
	return address
}

func (c *checker) mobile(key, value string) string {
	if value == "" {
		return ""
	}
	number, err := pathway.ParseMobile(value)
	if err != nil {
		c.d.fault(key, "%v", err)
		return ""
	}
	return number
}

func (c *checker) schedules() {
	for _, s := range []struct{ key, value string }{
		{"schedules.scan", c.Schedules.Scan}, {"schedules.digest", c.Schedules.Digest}, {"schedules.inbox", c.Schedules.Inbox}, {"schedules.print", c.Schedules.Print},
		{"schedules.contact_test", c.Schedules.ContactTest}, {"schedules.probe", c.Schedules.Probe}, {"schedules.bounces", c.Schedules.Bounces},
		{"schedules.letters", c.Schedules.Letters}, {"schedules.retention", c.Schedules.Retention},
	} {
		if s.value == "" {
			if s.key == "schedules.scan" {
				c.d.fault(s.key, `is empty: without it nobody is reminded of anything; write "@every 1m"`)
			}
			continue
		}
		if err := checkCron(s.value); err != nil {
			message := err.Error()
			if written, ok := c.d.written[s.key]; ok && written != s.value {
				message = "what " + written + " stands for is not a schedule; " + cronExamples
			}
			c.d.fault(s.key, "%s", message)
		}
	}
}

func (c *checker) delivery() {
	if c.Delivery.Lease < 10*time.Second || c.Delivery.Lease > time.Hour {
		c.fault("delivery.lease", c.Delivery.Lease, "%v: a lease is from 10s to 1h")
	}
	c.number("delivery.batch", c.Delivery.Batch, 1, 1000)
	c.number("delivery.workers", c.Delivery.Workers, 1, 64)
	c.pagesSignIn()
	// Longer than a long weekend, and a forgotten duty would never climb again.
	if c.AcknowledgementLasts < 5*time.Minute || c.AcknowledgementLasts > 72*time.Hour {
		c.fault("acknowledgement_lasts", c.AcknowledgementLasts, "%v: an acknowledgement lasts from 5m to 72h")
	}
}

func (c *checker) number(key string, n, from, to int) {
	if n < from || n > to {
		c.fault(key, n, fmt.Sprintf("%%v is out of range: write a number from %d to %d", from, to))
	}
}

// given reports whether the organisation's own file mentions the key.
func (c *checker) given(key string) bool { return c.d.places[key] != nil }

// chosen reports whether the organisation's own file gives the key a value.
func (c *checker) chosen(key string) bool { return c.d.written[key] != "" }

// missing reports whether the key's value is a reference that leads nowhere,
// which is a mistake of its own.
func (c *checker) missing(key string) bool {
	return strings.Contains(c.d.written[key], "${")
}

// uses reports whether the configuration makes use of a key: a secret that is
// missing there is a mistake.
func (c *checker) uses(key string) bool {
	switch {
	case key == "email.smtp.password" && (c.usesOAuth2() || c.Email.SMTP.Username == "" && !c.missing("email.smtp.username")):
		return false
	case strings.HasPrefix(key, "email.smtp.oauth2."):
		return c.Email.Via == ViaSMTP && c.usesOAuth2()
	case strings.HasPrefix(key, "email.smtp."):
		return c.Email.Via == ViaSMTP
	case key == "email.notify.callback_token":
		return c.Email.Via == ViaNotify && c.Email.Receipts == Callback
	case strings.HasPrefix(key, "email.notify."):
		return c.Email.Via == ViaNotify
	case strings.HasPrefix(key, "sms.twilio."):
		return c.SMS.Via == ViaTwilio
	case key == "sms.notify.callback_token":
		return c.SMS.Via == ViaNotify && (c.SMS.Receipts == Callback || c.SMS.Replies == Callback)
	case strings.HasPrefix(key, "sms.notify."):
		return c.SMS.Via == ViaNotify
	case strings.HasPrefix(key, "letters.notify."):
		return c.Letters.Via == ViaNotify
	}
	return true
}

// beside returns a path that the configuration names, as seen from here.
func (c *Config) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(c.folder, path)
}
