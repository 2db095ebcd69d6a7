package configs

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
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
	c.samples()
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
		if strings.ContainsFunc(text.value, isControl) {
			c.d.fault(text.key, "holds a line break or a control character: write it in one line")
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

// places checks where things lie and where they are reached.
func (c *checker) places() {
	if c.noDatabase == nil {
		if err := store.CheckAddress(c.Database.Reveal()); err != nil {
			c.d.fault("database", "%v", err)
		}
	}
	_, port, err := net.SplitHostPort(c.Listen)
	if n, e := strconv.Atoi(port); err != nil || e != nil || n < 0 || n > 65535 {
		c.fault("listen", c.Listen, "%v is not an address to listen at: write host:port, as in 127.0.0.1:8080, or :8080 for every address of this machine")
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		c.fault("public_url", c.PublicURL, "%v is not an address of a web site: write it in full, as in https://doorstep.council.example")
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if text := c.HeartbeatURL.Reveal(); text != "" {
		if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			c.d.fault("heartbeat_url", "is not a web address: write it in full, with https:// in front")
		}
	}
	for _, folder := range []struct{ key, value string }{{"inbox", c.Inbox}, {"outbox", c.Outbox}, {"print_folder", c.PrintFolder}} {
		if strings.TrimSpace(folder.value) == "" {
			c.d.fault(folder.key, "is empty: name a folder, as in ./%s", strings.TrimSuffix(folder.key, "_folder"))
		} else if info, err := os.Stat(folder.value); err == nil && !info.IsDir() {
			c.fault(folder.key, folder.value, "%v is a file: name a folder")
		}
	}
	c.inboxExpect()
	c.bounces()
}

// inboxExpect checks what is expected to come, and how often.
func (c *checker) inboxExpect() {
	kinds := []string{pathway.OfPeople, pathway.OfCases, pathway.OfEvents}
	for _, of := range slices.Sorted(maps.Keys(c.InboxExpect)) {
		key := "inbox_expect." + of
		switch within := c.InboxExpect[of]; {
		case !slices.Contains(kinds, of):
			c.d.fault(key, "is not what a file can hold%s: use people, cases or events", pathway.DidYouMean(of, kinds))
		case within < time.Minute || within > 366*24*time.Hour:
			c.fault(key, within, "%v: write how often a file comes at least, from 1m to 8784h, as in 26h")
		case c.Schedules.Inbox == "":
			c.warn(key, `is never looked at, because schedules.inbox is empty: write "*/15 * * * *" there`)
		}
	}
}

func (c *checker) bounces() {
	if c.Bounces == "" {
		return
	}
	if info, err := os.Stat(c.Bounces); err == nil && !info.IsDir() {
		c.fault("bounces", c.Bounces, "%v is a file: name a folder")
	}
	if folder := filepath.Clean(c.Bounces); folder == filepath.Clean(c.Inbox) || folder == filepath.Clean(c.Outbox) {
		c.fault("bounces", c.Bounces, "%v is the inbox or the outbox too: name a folder for bounced email alone")
	}
	if c.Schedules.Bounces == "" {
		c.warn("bounces", `is never read, because schedules.bounces is empty: write "*/5 * * * *" there`)
	}
}

func (c *checker) schedules() {
	for _, s := range []struct{ key, value string }{
		{"schedules.scan", c.Schedules.Scan}, {"schedules.digest", c.Schedules.Digest}, {"schedules.inbox", c.Schedules.Inbox}, {"schedules.print", c.Schedules.Print},
		{"schedules.contact_test", c.Schedules.ContactTest}, {"schedules.probe", c.Schedules.Probe}, {"schedules.bounces", c.Schedules.Bounces},
		{"schedules.letters", c.Schedules.Letters},
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

func isControl(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }
