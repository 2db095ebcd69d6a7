package configs

import (
	"io"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/intake"
)

// Config is what an organisation has decided. It has been checked: whoever is
// handed one need not check again.
type Config struct {
	Organisation         Organisation             `yaml:"organisation"`
	People               People                   `yaml:"people"`
	Places               map[string]Place         `yaml:"places"` // where families are seen besides at home
	DutyAddress          Address                  `yaml:"duty_address"`
	Teams                map[string]Team          `yaml:"teams"`
	OperationsAddress    Address                  `yaml:"operations"`                                 // as written; see Config.Operations
	GovernanceAddress    Address                  `yaml:"information_governance"`                     // as written; see Config.InformationGovernance
	Database             Secret                   `yaml:"database"`                                   // a URL, which may hold a password
	DatabaseTLS          string                   `yaml:"database_tls" choices:"verified unverified"` // to PostgreSQL on another machine
	OriginKey            Secret                   `yaml:"origin_key"`                                 // the installation's keys, the one in use first; empty: they lie in OriginKeyFile
	OriginKeyFile        string                   `yaml:"origin_key_file"`
	Listen               string                   `yaml:"listen"`
	OperationsListen     string                   `yaml:"operations_listen"` // of health checks and metrics; empty: Listen
	CallbacksListen      string                   `yaml:"callbacks_listen"`  // of what providers call; empty: Listen
	PublicURL            string                   `yaml:"public_url"`        // without a slash at the end
	RecordSystem         RecordSystem             `yaml:"record_system"`
	SignIn               SignIn                   `yaml:"signin"`
	Webhooks             []Webhook                `yaml:"webhooks"` // other systems that are told of events
	Schedules            Schedules                `yaml:"schedules"`
	HeartbeatURL         Secret                   `yaml:"heartbeat_url"` // whoever knows it can fake a heartbeat
	Inbox                string                   `yaml:"inbox"`
	InboxMode            string                   `yaml:"inbox_mode" choices:"rows whole"`
	InboxExpect          map[string]time.Duration `yaml:"inbox_expect"` // how often files of people, cases and events come at least
	Outbox               string                   `yaml:"outbox"`
	Bounces              string                   `yaml:"bounces"`             // folder of bounced email (*.eml); empty: none
	BouncesAuthServer    string                   `yaml:"bounces_auth_server"` // what our own mail server calls itself in Authentication-Results; empty: not known
	PrintFolder          string                   `yaml:"print_folder"`
	PrintLayout          string                   `yaml:"print_layout" choices:"notify dl"`
	PrintSheet           string                   `yaml:"print_sheet" choices:"a4-4up a6"`
	Import               Import                   `yaml:"import"`
	WordingFolder        string                   `yaml:"wording"`  // as written; see Config.Texts
	PathwayFiles         []string                 `yaml:"pathways"` // as written; see Config.Pathways
	Email                Email                    `yaml:"email"`
	SMS                  SMS                      `yaml:"sms"`
	Letters              Letters                  `yaml:"letters"`
	Delivery             Delivery                 `yaml:"delivery"`
	AcknowledgementLasts time.Duration            `yaml:"acknowledgement_lasts"` // how long an ACK quietens a rung
	Retention            Retention                `yaml:"retention"`
	Log                  Log                      `yaml:"log"`

	source         *document // the organisation's file: where mistakes are noted
	folder         string    // of that file
	location       *time.Location
	publicURLGiven bool // by GivePublicURL
	warnings       Faults
	paperFaults    Faults
	noDatabase     error             // why its address is not known
	mappingFiles   map[string]string // where each mapping stands
	references     *regexp.Regexp
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
	ReferencePattern   string         `yaml:"reference_pattern"` // as written; see Config.References
}

// BankHoliday is a bank holiday that this release does not know.
type BankHoliday struct {
	Date pathway.Date `yaml:"date"`
	Name string       `yaml:"name"`
}

// People says which addresses members of staff may have; nil: any.
type People struct {
	EmailDomains []string `yaml:"email_domains"` // in small letters
	Countries    []string `yaml:"countries"`     // ISO 3166, in capitals
}

// Place is where a family is seen that is not seen at home.
type Place struct {
	Name       string   `yaml:"name"`
	Address    []string `yaml:"address"`
	Directions string   `yaml:"directions"`
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

// RecordSystem is where staff record visits; both may be empty.
type RecordSystem struct {
	Name     string `yaml:"name"`
	CaseLink string `yaml:"case_link"` // opens a case there; has {ref} once
}

// PagesURL is the address by which people reach the pages; empty where none is
// configured: that of the built-in configuration leads nowhere.
func (c *Config) PagesURL() string {
	if c.source.places["public_url"] == nil && !c.publicURLGiven {
		return ""
	}
	return c.PublicURL
}

// GivePublicURL says where the pages are reached, whatever the file says.
func (c *Config) GivePublicURL(address string) { c.PublicURL, c.publicURLGiven = address, true }

// Schedules are cron expressions in the organisation's time zone; empty: never.
type Schedules struct {
	Scan        string `yaml:"scan"`
	Digest      string `yaml:"digest"`
	Inbox       string `yaml:"inbox"`
	Print       string `yaml:"print"`
	ContactTest string `yaml:"contact_test"` // a test message to addresses where nothing has arrived lately
	Probe       string `yaml:"probe"`        // a test message to operations
	Bounces     string `yaml:"bounces"`      // reads the folder of bounced email
	Retention   string `yaml:"retention"`    // deletes what is kept no longer
	Letters     string `yaml:"letters"`      // follows the letters that GOV.UK Notify posts
}

// Import is how files are read that do not use Doorstep's own column names.
type Import struct {
	Mappings map[string]intake.Mapping `yaml:"mappings"`
}

// Delivery is how messages are taken from the queue.
type Delivery struct {
	Lease   time.Duration `yaml:"lease"`
	Batch   int           `yaml:"batch"`   // messages at a time at most
	Workers int           `yaml:"workers"` // requests at once at Twilio and GOV.UK Notify
	Notes   string        `yaml:"notes"`   // the folder for what was sent; empty: see NotesFolder
}

// SignIn is how people sign in on the pages.
type SignIn struct {
	Idle time.Duration `yaml:"idle"` // who does nothing for so long is signed out

	Issuer       string `yaml:"issuer"` // of the OpenID Connect provider; empty: none
	ClientID     string `yaml:"client_id"`
	ClientSecret Secret `yaml:"client_secret"` // empty: it asks for none
	PersonClaim  string `yaml:"person_claim"`  // that holds a person's id; empty: none does

	Rights SignInRights `yaml:"rights"`
}

// SignInRights says which groups at the provider have rights over the service.
type SignInRights struct {
	Claim    string   `yaml:"claim"` // that holds somebody's groups; empty: none does
	Operates []string `yaml:"operates"`
	Audits   []string `yaml:"audits"`
}

// IsSet reports whether anything of it is configured.
func (r *SignInRights) IsSet() bool { return r.Claim != "" || len(r.Operates)+len(r.Audits) > 0 }

// PagesOnLoopback reports whether the pages are reached on this machine alone, without
// TLS.
func (c *Config) PagesOnLoopback() bool {
	u, err := url.Parse(c.PublicURL)
	if err == nil && c.PagesURL() != "" {
		return u.Scheme == "http" && loopback(u.Hostname())
	}
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && loopback(host)
}

// Log is what the daemon writes about itself.
type Log struct {
	Format string `yaml:"format" choices:"text json"`
	Level  string `yaml:"level" choices:"debug info warn error"`
}

// Logger writes what the daemon says about itself. Nothing it is given is about a
// family.
func (l *Log) Logger(to io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // the configuration has been checked: it names one
	o := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, o))
	}
	return slog.New(slog.NewTextHandler(to, o))
}

// Location is the organisation's time zone.
func (c *Config) Location() *time.Location { return c.location }

// References are those of cases and people that are allowed though they look as if they
// said who somebody is; nil: none.
func (c *Config) References() *regexp.Regexp { return c.references }

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
func (c *Config) DatabaseName() string { return store.ShownAddress(c.Database.Reveal()) }

// NoDatabase says why the database's address is not known: what it refers to cannot be
// read. Nil: it is known.
func (c *Config) NoDatabase() error { return c.noDatabase }

// NamesDatabase reports whether the configuration says which database is meant, and does
// not leave that to the built-in one.
func (c *Config) NamesDatabase() bool {
	if c.source == nil {
		return false
	}
	_, named := c.source.places["database"]
	return named
}

// DatabaseFile is the file that SQLite keeps everything in; empty for a database that
// is no file of ours.
func (c *Config) DatabaseFile() string {
	file, isSQLite := strings.CutPrefix(c.Database.Reveal(), "sqlite:")
	if !isSQLite || strings.HasPrefix(file, ":memory:") {
		return ""
	}
	file, _, _ = strings.Cut(file, "?")
	return file
}

// KeepsOriginKey reports whether the installation's keys stand in the configuration,
// whether or not they have been read from there.
func (c *Config) KeepsOriginKey() bool {
	return c.source != nil && c.source.written["origin_key"] != ""
}

// OriginKeyPath is the file in which the installation's keys lie where they do not
// stand in the configuration: beside a database that is a file. Empty for a database
// in memory, which has nothing to recognise later.
func (c *Config) OriginKeyPath() string {
	switch file := c.DatabaseFile(); {
	case c.OriginKeyFile != "":
		return c.OriginKeyFile
	case file != "":
		return file + ".key"
	case strings.HasPrefix(c.Database.Reveal(), "sqlite:"):
		return ""
	}
	return "doorstep.key"
}

// NotesFolder is where a daemon notes what was sent until the database knows it: beside
// a database that is a file. Empty for a database in memory, which knows nothing later.
func (c *Config) NotesFolder() string {
	switch file := c.DatabaseFile(); {
	case c.Delivery.Notes != "":
		return c.Delivery.Notes
	case file != "":
		return file + ".sent"
	case strings.HasPrefix(c.Database.Reveal(), "sqlite:"):
		return ""
	}
	return "doorstep.sent"
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

// Operations returns who runs Doorstep: the alerts and the probe go there. Where
// the configuration names nobody it is the general duty address, and nil only
// where there is neither.
func (c *Config) Operations() *pathway.Person {
	address := c.OperationsAddress
	if address == (Address{}) {
		address = c.DutyAddress
	}
	if address == (Address{}) {
		return nil
	}
	return &pathway.Person{ID: "operations", Name: "Operations", Email: address.Email, Mobile: address.Mobile}
}

// InformationGovernance returns who is told, beside the auditors on the people list, when
// somebody signs in past the organisation's sign-in service; nil: nobody is.
func (c *Config) InformationGovernance() *pathway.Person {
	address := c.GovernanceAddress
	if address == (Address{}) {
		return nil
	}
	return &pathway.Person{ID: "information-governance", Name: "Information governance", Email: address.Email, Mobile: address.Mobile}
}

// PaperFaults are what is wrong with what cards and letters say. They are mistakes, but
// reminders go all the same.
func (c *Config) PaperFaults() Faults { return c.paperFaults }

// Warnings are what is no mistake but worth knowing: a sample value left in
// place, a limit of the provider's that will be met.
func (c *Config) Warnings() Faults { return c.warnings }
