package configs

import (
	"net/url"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store/intake"
)

// Config is what an organisation has decided. It has been checked: whoever is
// handed one need not check again.
type Config struct {
	Organisation  Organisation    `yaml:"organisation"`
	DutyAddress   Address         `yaml:"duty_address"`
	Teams         map[string]Team `yaml:"teams"`
	Database      Secret          `yaml:"database"` // a URL, which may hold a password
	Listen        string          `yaml:"listen"`
	PublicURL     string          `yaml:"public_url"` // without a slash at the end
	Schedules     Schedules       `yaml:"schedules"`
	HeartbeatURL  Secret          `yaml:"heartbeat_url"` // whoever knows it can fake a heartbeat
	Inbox         string          `yaml:"inbox"`
	Outbox        string          `yaml:"outbox"`
	PrintFolder   string          `yaml:"print_folder"`
	PrintLayout   string          `yaml:"print_layout" choices:"notify dl"`
	PrintSheet    string          `yaml:"print_sheet" choices:"a4-4up a6"`
	Import        Import          `yaml:"import"`
	WordingFolder string          `yaml:"wording"`  // as written; see Config.Texts
	PathwayFiles  []string        `yaml:"pathways"` // as written; see Config.Pathways
	Email         Email           `yaml:"email"`
	SMS           SMS             `yaml:"sms"`
	Delivery      Delivery        `yaml:"delivery"`
	Log           Log             `yaml:"log"`

	source   *document // the organisation's file: where mistakes are noted
	folder   string    // of that file
	location *time.Location
	warnings Faults
}

// Organisation is who uses Doorstep, and its time.
type Organisation struct {
	Name               string         `yaml:"name"`
	Service            string         `yaml:"service"`
	ContactNumber      string         `yaml:"contact_number"`
	LogoFile           string         `yaml:"logo"` // as written; see Config.Logo
	TimeZone           string         `yaml:"time_zone"`
	Region             string         `yaml:"region" choices:"england-and-wales scotland northern-ireland"`
	ClosureDays        []pathway.Date `yaml:"closure_days"`
	ExtraBankHolidays  []BankHoliday  `yaml:"extra_bank_holidays"`
	HolidaysKnownUntil pathway.Date   `yaml:"holidays_known_until"`
	DayEnds            clockTime      `yaml:"day_ends"`
	OfficeHours        officeHours    `yaml:"office_hours"`
	RemindAt           clockTime      `yaml:"remind_at"`
}

// BankHoliday is a bank holiday that this release does not know.
type BankHoliday struct {
	Date pathway.Date `yaml:"date"`
	Name string       `yaml:"name"`
}

// Address is where somebody can be reached; either may be empty.
type Address struct {
	Email  string `yaml:"email"`
	Mobile string `yaml:"mobile"` // E.164
}

// Team is what a team has of its own.
type Team struct {
	DutyEmail  string `yaml:"duty_email"`
	DutyMobile string `yaml:"duty_mobile"` // E.164
}

// Schedules are cron expressions in the organisation's time zone; empty: never.
type Schedules struct {
	Scan   string `yaml:"scan"`
	Digest string `yaml:"digest"`
	Inbox  string `yaml:"inbox"`
	Print  string `yaml:"print"`
}

// Import is how files are read that do not use Doorstep's own column names.
type Import struct {
	Mappings map[string]intake.Mapping `yaml:"mappings"`
}

// The ways messages can go.
const (
	ViaFile   = "file"
	ViaSMTP   = "smtp"
	ViaNotify = "notify"
	ViaTwilio = "twilio"
)

// Email is how emails go.
type Email struct {
	Via    string `yaml:"via" choices:"file smtp notify"`
	From   string `yaml:"from"`
	SMTP   SMTP   `yaml:"smtp"`
	Notify Notify `yaml:"notify"`
}

// SMTP is the mail server.
type SMTP struct {
	Host        string        `yaml:"host"`
	Port        int           `yaml:"port"`
	TLS         string        `yaml:"tls" choices:"required opportunistic none"` // never empty once loaded
	CAFile      string        `yaml:"ca_file"`
	Username    string        `yaml:"username"`
	Password    Secret        `yaml:"password"`
	Connections int           `yaml:"connections"`
	Timeout     time.Duration `yaml:"timeout"`
}

// SMS is how texts go.
type SMS struct {
	Via    string `yaml:"via" choices:"file twilio notify"`
	Twilio Twilio `yaml:"twilio"`
	Notify Notify `yaml:"notify"`
}

// Twilio is an account there.
type Twilio struct {
	AccountSID          string `yaml:"account_sid"`
	AuthToken           Secret `yaml:"auth_token"`
	From                string `yaml:"from"`
	MessagingServiceSID string `yaml:"messaging_service_sid"`
	BaseURL             string `yaml:"base_url"`
}

// Notify is a service of GOV.UK Notify.
type Notify struct {
	APIKey     Secret `yaml:"api_key"`
	TemplateID string `yaml:"template_id"`
	BaseURL    string `yaml:"base_url"`
}

// Delivery is how messages are taken from the queue.
type Delivery struct {
	Lease   time.Duration `yaml:"lease"`
	Batch   int           `yaml:"batch"`
	Workers int           `yaml:"workers"`
}

// Log is what the daemon writes about itself.
type Log struct {
	Format string `yaml:"format" choices:"text json"`
	Level  string `yaml:"level" choices:"debug info warn error"`
}

// Location is the organisation's time zone.
func (c *Config) Location() *time.Location { return c.location }

// CalendarSettings are what the configuration says of the organisation's time.
func (c *Config) CalendarSettings() pathway.CalendarSettings {
	o := &c.Organisation
	s := pathway.CalendarSettings{
		Location:     c.location,
		Region:       o.Region,
		ClosureDays:  o.ClosureDays,
		DayEnds:      pathway.ClockTime(o.DayEnds),
		OfficeOpens:  o.OfficeHours.Opens,
		OfficeCloses: o.OfficeHours.Closes,
		RemindAt:     pathway.ClockTime(o.RemindAt),
		KnownUntil:   o.HolidaysKnownUntil,
	}
	for _, h := range o.ExtraBankHolidays {
		s.ExtraHolidays = append(s.ExtraHolidays, pathway.Holiday{Date: h.Date, Name: h.Name})
	}
	return s
}

// DatabaseName is the database's URL as it may be shown: without a password.
func (c *Config) DatabaseName() string {
	text := c.Database.Reveal()
	scheme, rest, _ := strings.Cut(text, ":")
	if scheme == "sqlite" {
		return "sqlite:" + rest
	}
	u, err := url.Parse(text)
	if err != nil {
		return scheme
	}
	return u.Scheme + "://" + u.Host + u.Path // the query may hold secrets too
}

// DutyDesk returns the duty address of a team, or the general one: who is told
// when nobody else is left. It is nil only where the configuration has neither.
func (c *Config) DutyDesk(team string) *pathway.Person {
	p := &pathway.Person{ID: "duty", Name: "Duty desk", Email: c.DutyAddress.Email, Mobile: c.DutyAddress.Mobile}
	if t, ok := c.Teams[team]; ok && (t.DutyEmail != "" || t.DutyMobile != "") {
		p = &pathway.Person{ID: "duty:" + team, Name: "Duty desk, " + team, Team: team, Email: t.DutyEmail, Mobile: t.DutyMobile}
	}
	if !p.Reachable() {
		return nil
	}
	return p
}

// Warnings are what is no mistake but worth knowing: what this version cannot do
// yet, a sample value left in place.
func (c *Config) Warnings() Faults { return c.warnings }
