package configs

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

// environment is a set of variables to load with.
type environment map[string]string

func (e environment) lookup(name string) (string, bool) {
	value, ok := e[name]
	return value, ok
}

// toSend loads a configuration for whoever sends by all of it.
func toSend(string) bool { return true }

// faultsOf loads a configuration and returns its faults, one a line.
func faultsOf(t *testing.T, text string, env environment) string {
	t.Helper()
	_, err := load("doorstep.yaml", []byte(text), env.lookup, toSend)
	if err == nil {
		return ""
	}
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error %v, want faults", err)
	}
	return err.Error()
}

func mustLoad(t *testing.T, text string, env environment) *Config {
	t.Helper()
	c, err := load("doorstep.yaml", []byte(text), env.lookup, toSend)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNoFileIsNeeded(t *testing.T) {
	c, err := Load("")
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(c.DatabaseName(), " ", c.Listen, " ", c.Email.Via, " ", c.SMS.Via, " ", c.Inbox, " ", c.Outbox, " ", c.Schedules, " ", c.Delivery, " ", c.Email.SMTP.TLS)
	want := "sqlite:doorstep.db 127.0.0.1:8080 file file ./inbox ./outbox {@every 1m 0 8 * * MON-FRI */15 * * * *  0 10 1 * *  */5 * * * * 30 3 * * * @every 30m} {1m0s 100 16 } none"
	if got != want {
		t.Errorf("defaults:\n%s, want\n%s", got, want)
	}
	if len(c.Warnings()) > 0 || c.DutyDesk("East") == nil {
		t.Errorf("warnings %v, duty desk %v; want none, and somebody", c.Warnings(), c.DutyDesk("East"))
	}
	s := c.CalendarSettings()
	if got := fmt.Sprintln(s.Location, s.Region, s.DayEnds, s.OfficeOpens, s.OfficeCloses, s.RemindAt); got != "Europe/London england-and-wales 17:00 08:00 18:00 08:30\n" {
		t.Errorf("calendar settings %s", got)
	}
}

// TestDefaultFileSaysWhatTheDefaultsAre: copied as it is, it changes nothing.
func TestDefaultFileSaysWhatTheDefaultsAre(t *testing.T) {
	built := mustLoad(t, "", nil)
	copied := mustLoad(t, string(DefaultYAML()), nil)
	if a, b := fmt.Sprintf("%+v", built.CalendarSettings()), fmt.Sprintf("%+v", copied.CalendarSettings()); a != b {
		t.Errorf("calendar settings\n%s\nbut copied\n%s", a, b)
	}
	a, err := json.Marshal(built)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(copied)
	if err != nil || string(a) != string(b) {
		t.Errorf("configuration\n%s\nbut copied\n%s (%v)", a, b, err)
	}
}

// published is the configuration that FORMATS shows.
const published = `
organisation:
  name: Swindon Borough Council
  service: Health Visiting Service
  contact_number: "01793 000000"
  time_zone: Europe/London
  region: england-and-wales        # bank holidays
  closure_days: [2026-12-24]
  day_ends: "17:00"
  office_hours: "08:00-18:00"
  remind_at: "08:30"
database: sqlite:doorstep.db       # or postgres://user@host/db
listen: 127.0.0.1:8080
public_url: https://doorstep.example
schedules:                         # robfig/cron
  scan: "@every 1m"
  digest: "0 8 * * MON-FRI"
  inbox: "*/15 * * * *"
inbox: ./inbox
outbox: ./outbox
pathways: []
email:
  via: file                        # file | smtp | notify
  from: "Doorstep <doorstep@example.org>"
  smtp: {host: 127.0.0.1, port: 25, tls: none, username: "", password: ${SMTP_PASSWORD}, connections: 4}
sms:
  via: file                        # file | twilio | notify
  twilio: {account_sid: AC1, auth_token: ${TWILIO_AUTH_TOKEN}, from: "+447700900000", messaging_service_sid: "", base_url: ""}
  notify: {api_key: ${NOTIFY_API_KEY}, template_id: T1, base_url: ""}
`

func TestPublishedConfigurationLoads(t *testing.T) {
	c := mustLoad(t, published, nil)
	if got := fmt.Sprint(c.CalendarSettings().ClosureDays); got != "[2026-12-24]" {
		t.Errorf("closure days %s, want [2026-12-24]", got)
	}
	// Only what is in use has to have its secrets.
	smtp := strings.Replace(published, "via: file                        # file | smtp | notify", "via: smtp", 1)
	if got := faultsOf(t, smtp, nil); got != "" {
		t.Errorf("a password that nothing uses is missed: %s", got)
	}
}

// TestEveryMistakeIsReportedAtOnce shows the faults as people read them.
func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	text := `organisation:
  nmae: Somewhere
  time_zone: Europe/Lundon
  closure_days: [2026-13-01, 2026-12-24, 2026-12-24]
  office_hours: "18:00-08:00"
  day_ends: 1700
  region: wales
  extra_bank_holidays:
    - {date: 2027-06-01}
  remind_at: [08:30]
database: mysql://user:hunter2@host/db
listen: 8080
public_url: doorstep.council.example
schedules: {scan: "", digest: "0 8 * * MON-FRY"}
delivery: {lease: 1, batch: 0, workers: many}
log: verbose
email:
  via: smtp
  from: Doorstep
  smtp:
    tls: sometimes
  smtp: {}
import:
  mappings:
    Visits: {for: visits, columns: {when: DATE}}
heartbeat_url: hc.example/ping/hunter2
`
	want := `doorstep.yaml:2:3: organisation.nmae: is not a key Doorstep knows (did you mean name?): correct it or take it out
doorstep.yaml:3:3: organisation.time_zone: "Europe/Lundon" is not a time zone: write it like Europe/London
doorstep.yaml:4:18: organisation.closure_days[0]: "2026-13-01" is not a date: write it as 2026-12-24
doorstep.yaml:5:3: organisation.office_hours: "18:00-08:00": the office closes before it opens: write the earlier time first, as in 08:00-18:00
doorstep.yaml:6:3: organisation.day_ends: "1700" is not a time of day: write it as 08:30, from 00:00 to 23:59
doorstep.yaml:7:3: organisation.region: "wales" is not known: use england-and-wales, scotland or northern-ireland
doorstep.yaml:9:7: organisation.extra_bank_holidays[0]: has no name: due times explain themselves by it
doorstep.yaml:10:3: organisation.remind_at: is a list where a single value belongs
doorstep.yaml:11:1: database: is not a database Doorstep knows: write sqlite:doorstep.db or postgres://user:${DB_PASSWORD}@host/doorstep?sslmode=verify-full
doorstep.yaml:12:1: listen: "8080" is not an address to listen at: write host:port, as in 127.0.0.1:8080, or :8080 for every address of this machine
doorstep.yaml:13:1: public_url: "doorstep.council.example" is not an address of a web site: write it in full, as in https://doorstep.council.example
doorstep.yaml:14:13: schedules.scan: is empty: without it nobody is reminded of anything; write "@every 1m"
doorstep.yaml:14:23: schedules.digest: "0 8 * * MON-FRY": the field for the day of the week is "MON-FRY", but it takes 0-6 or SUN-SAT, or * for any; write one like "0 8 * * MON-FRI" (08:00 on weekdays), "*/15 * * * *" (every quarter of an hour), "@every 1m" or "@daily"
doorstep.yaml:15:12: delivery.lease: "1" is not a length of time: write it like 30s, 5m or 1h
doorstep.yaml:15:22: delivery.batch: "0" is out of range: write a number from 1 to 1000
doorstep.yaml:15:32: delivery.workers: "many" is not a whole number
doorstep.yaml:16:1: log: is a single value where a group of keys belongs
doorstep.yaml:19:3: email.from: "Doorstep" is not a sender: write it like "Doorstep <doorstep@council.example>"
doorstep.yaml:21:5: email.smtp.tls: "sometimes" is not known: use required, opportunistic or none
doorstep.yaml:22:3: email.smtp: stands here twice, first in line 20: keep one
doorstep.yaml:25:5: import.mappings.Visits: "Visits" is not a name: use small letters, digits and hyphens, as in care-visits
doorstep.yaml:25:14: import.mappings.Visits.for: "visits" is not known: use people, cases or events
doorstep.yaml:26:1: heartbeat_url: is not a web address: write it in full, with https:// in front`
	got := faultsOf(t, text, nil)
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		var g, w string
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Errorf("fault %d:\n%s\nwant\n%s", i+1, g, w)
		}
	}
	if strings.Contains(got, "hunter2") {
		t.Error("a secret is repeated in a fault")
	}
}

// TestPathwaysAreCheckedBesideAFaultyConfiguration: "check" reports both.
func TestPathwaysAreCheckedBesideAFaultyConfiguration(t *testing.T) {
	c, err := load("doorstep.yaml", []byte("lsten: x\npathways: [none.yaml]\n"), environment{}.lookup, toSend)
	if err == nil || c == nil {
		t.Fatalf("configuration %v, error %v; want both", c, err)
	}
	if _, err := c.Pathways(); err == nil || !strings.Contains(err.Error(), `doorstep.yaml:2:12: pathways[0]: "none.yaml" cannot be read`) {
		t.Errorf("error %v, want one about none.yaml", err)
	}
}

func TestFilesThatAreNoConfiguration(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"no YAML", "email:\n  smtp: {password: hunter2\nlisten: x\n", "doorstep.yaml:3:1: is not YAML: ',' or '}' must be specified"},
		{"tab", "email:\n\tvia: file\n", "doorstep.yaml:2:1: is not YAML: found character '\\t' that cannot start any token"},
		{"binary", "a\x00b", "doorstep.yaml: holds binary data: save it as plain text in UTF-8"},
		{"encoding", "a: \xe9", "doorstep.yaml: is not in UTF-8: save it as plain text in UTF-8"},
		{"a list", "- a\n", "doorstep.yaml:1:1: is a list where a group of keys belongs"},
		{"a word", "hello\n", "doorstep.yaml:1:1: is a single value where a group of keys belongs"},
		{"two documents", "log: {level: info}\n---\nlog: {level: info}\n", "doorstep.yaml:3:4: there is a second document behind ---: a configuration is one"},
		{"anchor", "inbox: &a ./in\n", "doorstep.yaml:1:1: inbox: anchors, aliases and tags are not used here: write the value out"},
		{"huge", strings.Repeat("# x\n", 1<<20+1), "doorstep.yaml: is larger than 4 MB: this is no configuration file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := faultsOf(t, tt.text, nil); got != tt.want {
				t.Errorf("got\n%s, want\n%s", got, tt.want)
			}
		})
	}
	for name, text := range map[string]string{"empty": "", "comments": "# nothing yet\n", "Windows": "\ufeffinbox: ./in\r\noutbox: ./out\r\n", "empty groups": "email:\nsms:\n  twilio:\n"} {
		if got := faultsOf(t, text, nil); got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"))
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want one that says the file does not exist", err)
	}
}

func TestSecretsComeFromElsewhere(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "password"), []byte("from file\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "empty"), []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "doorstep.yaml")
	for _, tt := range []struct{ written, want, fault string }{
		{"${DB}", "from variable", ""},
		{"postgres://u:${DB}@h/d", "postgres://u:from variable@h/d", ""},
		{"${file:password}", "from file", ""},
		{"${file:" + filepath.Join(folder, "password") + "}", "from file", ""},
		{"cost$${DB}$5", "cost${DB}$5", ""},
		{"${NONE}", "", "the environment variable NONE is not set: set it, or write ${file:PATH} for a file that holds the value"},
		{"${EMPTY}", "", "the environment variable EMPTY is empty: give it its value"},
		{"${file:empty}", "", "the secret file " + filepath.Join(folder, "empty") + " is empty: put the secret into it"},
		{"${DB", "", "a reference that starts with ${ has no end: write ${NAME} or ${file:PATH}, or $${ for a plain ${"},
		{"${D B}", "", "a reference is written ${NAME} with letters, digits and _, or ${file:PATH}; $${ stands for a plain ${"},
	} {
		t.Run(tt.written, func(t *testing.T) {
			c, err := load(path, []byte("email: {via: smtp, smtp: {host: localhost, username: u, tls: required, password: '"+tt.written+"'}}"),
				environment{"DB": "from variable", "EMPTY": ""}.lookup, toSend)
			switch {
			case tt.fault != "":
				if want := path + ":1:72: email.smtp.password: " + tt.fault; err == nil || err.Error() != want {
					t.Errorf("got\n%v, want\n%s", err, want)
				}
			case err != nil:
				t.Error(err)
			case c.Email.SMTP.Password.Reveal() != tt.want:
				t.Errorf("read %q, want %q", c.Email.SMTP.Password.Reveal(), tt.want)
			}
		})
	}
}

// TestSecretsNeverShow prints one in every way there is.
func TestSecretsNeverShow(t *testing.T) {
	c := mustLoad(t, "database: postgres://u:${P}@db.council.example/doorstep?sslmode=verify-full&sslpassword=${P}\nemail: {smtp: {password: hunter2, oauth2: {client_secret: hunter2}}, notify: {api_key: hunter2, callback_token: hunter2}}\nletters: {notify: {api_key: hunter2}}\nheartbeat_url: https://hc.example/hunter2", environment{"P": "hunter2"})
	secret := c.Email.SMTP.Password
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("loaded", "password", secret, "config", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("loaded", "password", secret, "config", c)
	all := fmt.Sprintf("%s %v %+v %#v %q %x %X %d %v %#v", secret, secret, secret, secret, secret, secret, secret, secret, &secret, &secret) +
		fmt.Sprintf("%v %+v %#v %#v", c.Email, c.Email, c.Email.SMTP, c.Letters) + string(asJSON) + log.String() + c.DatabaseName() + fmt.Sprint(c.Warnings())
	if strings.Contains(all, "hunter2") || strings.Contains(all, "68756e74657232") {
		t.Errorf("a secret shows: %s", all)
	}
	if got, want := c.DatabaseName(), "postgres://db.council.example/doorstep"; got != want {
		t.Errorf("database is shown as %s, want %s", got, want)
	}
	if got := fmt.Sprintf("%s %s", secret, Secret{}); got != "(secret) (none)" {
		t.Errorf("a secret reads %s, want (secret) (none)", got)
	}
	for _, text := range []string{"email: {smtp: {port: '${P}', connections: '${P}'}}", "organisation: {region: '${P}', closure_days: ['${P}'], time_zone: '${P}'}", "listen: '${P}'\ninbox:\n  - ${P}", "email: {from: '${P}'}\nschedules: {digest: '${P}'}"} {
		if got := faultsOf(t, text, environment{"P": "hunter2"}); got == "" || strings.Contains(got, "hunter2") {
			t.Errorf("a fault is missing or repeats what a variable holds: %s", got)
		}
	}
}

func TestTeamsHaveDutyDesks(t *testing.T) {
	c := mustLoad(t, "duty_address: {mobile: 07700 900000}\nteams: {East: {duty_email: east@council.example}}", nil)
	for team, want := range map[string]string{"East": "duty:East east@council.example ", "West": "duty duty@example.org +447700900000", "": "duty duty@example.org +447700900000"} {
		p := c.DutyDesk(team)
		if got := p.ID + " " + p.Email + " " + p.Mobile; got != want {
			t.Errorf("duty desk of %q is %s, want %s", team, got, want)
		}
	}
	got := faultsOf(t, "duty_address: {email: nobody, mobile: 01793 496000}\nteams: {East: {}}", nil)
	want := `doorstep.yaml:1:16: duty_address.email: "nobody" is not an email address: write it like duty@council.example` + "\n" +
		"doorstep.yaml:1:31: duty_address.mobile: this number is no mobile and cannot get texts: write a mobile number like 07700 900101, or with its country like +44 7700 900101\n" +
		"doorstep.yaml:2:9: teams.East: has no duty address: give it duty_email or duty_mobile, or take it out"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOwnMappingsStandBesideTheShipped(t *testing.T) {
	c := mustLoad(t, "import:\n  mappings:\n    visits:\n      for: events\n      columns: {case_ref: Child, kind: Seen, at: [Day, Time]}\n      values: {kind: {Y: seen, N: not-seen}}\n", nil)
	for _, name := range []string{"visits", "ofsted-annex-a", "liquidlogic-visits", "nhs-community"} {
		if m, ok := c.Import.Mappings[name]; !ok || len(m.Columns) == 0 {
			t.Errorf("mapping %s is missing", name)
		}
	}
	if got := fmt.Sprint(c.Import.Mappings["visits"].Columns["at"]); got != "[Day Time]" {
		t.Errorf("at comes from %s, want [Day Time]", got)
	}
	got := faultsOf(t, "import:\n  mappings:\n    visits:\n      for: events\n      columns: {whne: Day}\n      values: {kind: {Y: sen}}\n", nil)
	if !strings.Contains(got, "doorstep.yaml:5:17: import.mappings.visits.columns.whne: is not a column of events") ||
		!strings.Contains(got, `doorstep.yaml:6:23: import.mappings.visits.values.kind.Y: "sen" is not a kind of event (did you mean seen?)`) {
		t.Errorf("got %s", got)
	}
}

func TestHolidaysAreHandedToTheCalendar(t *testing.T) {
	c := mustLoad(t, "organisation:\n  extra_bank_holidays: [{date: 2030-06-03, name: Jubilee}]\n  holidays_known_until: 2030-12-31\n", nil)
	s := c.CalendarSettings()
	jubilee := pathway.Date{Year: 2030, Month: time.June, Day: 3}
	if len(s.ExtraHolidays) != 1 || s.ExtraHolidays[0].Date != jubilee || s.ExtraHolidays[0].Name != "Jubilee" || s.KnownUntil.Year != 2030 {
		t.Errorf("calendar settings %+v", s)
	}
}

func TestAConfigurationThatIsNotThereIsNamedOnce(t *testing.T) {
	const want = "cannot read nowhere.yaml: no such file or directory: check the path after --config, or in DOORSTEP_CONFIG"
	if _, err := Load("nowhere.yaml"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestReferencePatternAddsToWhatIsAllowed(t *testing.T) {
	if c := mustLoad(t, "", nil); c.References() != nil {
		t.Errorf("without a pattern %v is allowed, want none", c.References())
	}
	c := mustLoad(t, "organisation: {reference_pattern: 'TEAM-[A-Z]+|x'}\n", nil)
	for ref, want := range map[string]bool{"TEAM-EAST": true, "x": true, "TEAM-EAST-1": false, "ax": false} {
		if got := c.References().MatchString(ref); got != want {
			t.Errorf("%s is allowed: %v, want %v: the pattern is for the whole reference", ref, got, want)
		}
	}
	got := faultsOf(t, "organisation: {reference_pattern: '[A-'}\n", nil)
	if want := "doorstep.yaml:1:"; !strings.HasPrefix(got, want) || !strings.Contains(got, "organisation.reference_pattern") || !strings.Contains(got, "regular expression") {
		t.Errorf("a pattern that is none: %q, want its line and that it is no regular expression", got)
	}
}

// TestAPasswordThatBreaksTheFileIsNotRepeated: in whichever way YAML stumbles over it.
func TestAPasswordThatBreaksTheFileIsNotRepeated(t *testing.T) {
	for _, written := range []string{"@hunter2", "`hunter2", "'hunter2", "\"hunter2", "\"a\\qhunter2\"", "hunter2: x", "{hunter2", "[hunter2", "{hunter2: x}", "[hunter2]", "&hunter2", "*hunter2",
		"!hunter2 x", "!!hunter2", "|hunter2", ">hunter2", "%hunter2", "- hunter2", "? hunter2", "a #hunter2", "hunter2\n  hunter2", "hunter2\n hunter2: x", "<<: hunter2", "${hunter2", "${hunter 2}", "${file:hunter2", "a\thunter2: \"", "'a'hunter2", "\"a\"hunter2", "a: 'hunter2'"} {
		for _, text := range []string{"email:\n  smtp:\n    password: " + written + "\n", "email: {smtp: {password: " + written + "}}\n", "database: " + written + "\nlisten: :80\n", "heartbeat_url: " + written + "\n"} {
			c, err := load("doorstep.yaml", []byte(text), environment{}.lookup, toSend)
			shown := ""
			if err != nil {
				shown = err.Error()
			}
			if c != nil && err == nil {
				shown = c.DatabaseName() + effective(t, c)
			}
			if strings.Contains(shown, "hunter") && !strings.Contains(written, "${") { // the name of a variable is no secret
				t.Errorf("%q shows the password: %s", text, shown)
			}
		}
	}
}
