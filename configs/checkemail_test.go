package configs

import (
	"fmt"
	"strings"
	"testing"
)

const production = `
organisation: {name: Council}
public_url: https://doorstep.council.example
duty_address: {email: duty@council.example.gov.uk}
email:
  via: smtp
  from: Doorstep <doorstep@council.example.gov.uk>
  smtp: {host: mail.council.example.gov.uk, username: doorstep, password: "${SMTP_PASSWORD}"%s}
`

func TestMailServerRules(t *testing.T) {
	const password = "SMTP_PASSWORD"
	for _, tt := range []struct{ name, text, want string }{
		{"TLS is required away from this machine", fmt.Sprintf(production, ""), ""},
		{"a password needs TLS", fmt.Sprintf(production, ", tls: opportunistic"), `doorstep.yaml:8:95: email.smtp.tls: "opportunistic" would send the password where others can read it: use required`},
		{"a user name needs a password", "email: {via: smtp, smtp: {username: u, tls: required}}", "doorstep.yaml:1:20: email.smtp.password: is empty though there is a user name: write ${SMTP_PASSWORD} or ${file:PATH}, or take the user name out"},
		{"ranges", "email: {via: smtp, smtp: {host: 'a b', port: 70000, connections: 0, timeout: 1h}}", "doorstep.yaml:1:27: email.smtp.host: \"a b\" is not a mail server: write its name, as in smtp.council.example\n" +
			"doorstep.yaml:1:40: email.smtp.port: \"70000\" is out of range: write a number from 1 to 65535\n" +
			"doorstep.yaml:1:53: email.smtp.connections: \"0\" is out of range: write a number from 1 to 100\n" +
			"doorstep.yaml:1:69: email.smtp.timeout: \"1h\": a timeout is from 1s to 10m"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := faultsOf(t, tt.text, environment{password: "hunter2"})
			if tt.name == "ranges" { // the sample's addresses are noted too: the host is not this machine
				got = strings.Join(strings.Split(got, "\n")[2:], "\n")
			}
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
	c := mustLoad(t, fmt.Sprintf(production, ""), environment{password: "hunter2"})
	if c.Email.SMTP.TLS != "required" || c.Email.SMTP.Password.Reveal() != "hunter2" || len(c.Warnings()) > 0 {
		t.Errorf("TLS %q, password read %t, warnings %v; want required, true, none", c.Email.SMTP.TLS, c.Email.SMTP.Password.IsSet(), c.Warnings())
	}
}

func TestSampleAddressesAreNotSentTo(t *testing.T) {
	got := faultsOf(t, "email: {via: smtp, smtp: {host: mail.council.gov.uk}}\nteams: {East: {duty_email: east@example.org}}\n", nil)
	want := "doorstep.yaml: duty_address.email: is the sample's address, whose domain exists nowhere: write your own, or reminders that nobody else gets are lost\n" +
		"doorstep.yaml:1:1: email.from: is the sample's address, whose domain exists nowhere: write your own\n" +
		"doorstep.yaml:2:16: teams.East.duty_email: is a sample address, whose domain exists nowhere: write your own"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// A mail server on this machine is how people try Doorstep out.
	c := mustLoad(t, "email: {via: smtp, smtp: {host: localhost, port: 2525}}", nil)
	if n := len(c.Warnings()); n != 4 || c.Email.SMTP.TLS != "none" {
		t.Errorf("%d warnings, TLS %s; want 4 and none:\n%v", n, c.Email.SMTP.TLS, c.Warnings())
	}
}

const microsoft = `
organisation: {name: Council}
public_url: https://doorstep.council.example
duty_address: {email: duty@council.example.gov.uk}
email:
  via: smtp
  from: Doorstep <doorstep@council.example.gov.uk>
  %s
  smtp: {host: smtp.office365.com, port: 587, username: doorstep@council.example.gov.uk, %s}
`

const byToken = `oauth2: {token_url: https://login.example/token, client_id: app, client_secret: "${CLIENT_SECRET}"}`

// TestMicrosoft365Limits: Microsoft's own are kept to unless somebody insists.
func TestMicrosoft365Limits(t *testing.T) {
	environment := environment{"SMTP_PASSWORD": "hunter2", "CLIENT_SECRET": "hunter3"}
	for _, tt := range []struct {
		name, email, smtp  string
		connections, limit int
		warnings           string
	}{
		{"nothing chosen", "", byToken, 3, 30, ""},
		{"lower ones", "per_minute: 10", byToken + ", connections: 1", 1, 10, ""},
		{"empty ones", `per_minute: ""`, byToken + `, connections: ""`, 3, 30, ""},
		{"higher ones", "per_minute: 31", byToken + ", connections: 4", 4, 31,
			"doorstep.yaml:8:3: email.per_minute: Microsoft 365 takes 30 messages a minute from a mailbox and refuses the others\n" +
				"doorstep.yaml:9:191: email.smtp.connections: Microsoft 365 takes 3 connections to a mailbox and refuses the others"},
		{"no limit", "per_minute: 0", byToken, 3, 0,
			"doorstep.yaml:8:3: email.per_minute: Microsoft 365 takes 30 messages a minute from a mailbox and refuses the others"},
		{"a password", "", `password: "${SMTP_PASSWORD}"`, 3, 30,
			"doorstep.yaml:9:90: email.smtp.password: Microsoft 365 no longer takes passwords by default from the end of December 2026: use oauth2 instead"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := mustLoad(t, fmt.Sprintf(microsoft, tt.email, tt.smtp), environment)
			if s := c.Email.SMTP; s.Connections != tt.connections || c.Email.PerMinute != tt.limit || s.TLS != "required" {
				t.Errorf("%d connections, %d a minute, TLS %s; want %d, %d, required", s.Connections, c.Email.PerMinute, s.TLS, tt.connections, tt.limit)
			}
			if got := c.Warnings().Error(); got != tt.warnings {
				t.Errorf("warnings\n%s\nwant\n%s", got, tt.warnings)
			}
		})
	}
	other := strings.NewReplacer("from: Doorstep <doorstep@", "from: Doorstep <noreply@").Replace(fmt.Sprintf(microsoft, "", byToken))
	want := "doorstep.yaml:7:3: email.from: is not the mailbox that email.smtp.username names: Microsoft 365 refuses it unless that mailbox may send as this one"
	if got := mustLoad(t, other, environment).Warnings().Error(); got != want {
		t.Errorf("warnings\n%s\nwant\n%s", got, want)
	}
	for host, want := range map[string]bool{
		"smtp.office365.com": true, "SMTP.Office365.com": true, "smtp-mail.outlook.com": true, "outlook.com": true,
		"council-gov-uk.mail.protection.outlook.com": false, "mail.notoutlook.com": false, "smtp.council.example": false,
	} {
		if got := microsoft365(host); got != want {
			t.Errorf("%s takes what Microsoft 365 takes: %t, want %t", host, got, want)
		}
	}
}

func TestSignInByToken(t *testing.T) {
	known := environment{"CLIENT_SECRET": "hunter2", "SMTP_PASSWORD": "hunter2", "URL": "http://hunter2.example"}
	for _, tt := range []struct {
		name, smtp string
		env        environment
		want       string
	}{
		{"all there", "host: localhost, username: u, tls: required, " + byToken, known, ""},
		{"a secret left over from an example", `host: localhost, oauth2: {token_url: "", client_id: "", client_secret: "${CLIENT_SECRET}"}`, nil, ""},
		{"and one that is set", `host: localhost, oauth2: {token_url: "", client_id: "", client_secret: "${CLIENT_SECRET}"}`, known, ""},
		{"the secret is missing", "host: localhost, username: u, tls: required, " + byToken, nil,
			"doorstep.yaml:1:137: email.smtp.oauth2.client_secret: the environment variable CLIENT_SECRET is not set: set it, or write ${file:PATH} for a file that holds the value"},
		{"only a secret", "host: localhost, username: u, tls: required, oauth2: {client_secret: s}", known,
			"doorstep.yaml:1:72: email.smtp.oauth2.token_url: is empty: it is needed to send this way\n" +
				"doorstep.yaml:1:72: email.smtp.oauth2.client_id: is empty: it is needed to send this way"},
		{"no user name", "host: localhost, " + byToken, known,
			"doorstep.yaml:1:20: email.smtp.username: is empty though there is oauth2: write the mailbox that messages are sent from"},
		{"without TLS", "host: localhost, username: u, tls: none, " + byToken, known,
			`doorstep.yaml:1:57: email.smtp.tls: "none" would send the access token where others can read it: use required`},
		{"a password beside it", `host: localhost, username: u, password: "${SMTP_PASSWORD}", ` + byToken, known,
			"doorstep.yaml:1:57: email.smtp.password: stands beside oauth2, and only one of them can be used: take the password out"},
		{"a missing password beside it", `host: localhost, username: u, password: "${SMTP_PASSWORD}", ` + byToken, environment{"CLIENT_SECRET": "s"},
			"doorstep.yaml:1:57: email.smtp.password: stands beside oauth2, and only one of them can be used: take the password out"},
		{"a secret sent in the clear", "host: localhost, username: u, oauth2: {token_url: '${URL}', client_id: a, client_secret: s}", known,
			`doorstep.yaml:1:66: email.smtp.oauth2.token_url: "${URL}" would send the client secret where others can read it: use https`},
		{"no address", "host: localhost, username: u, oauth2: {token_url: login.example, client_id: a, client_secret: s}", known,
			`doorstep.yaml:1:66: email.smtp.oauth2.token_url: "login.example" is not a web address: write it in full, as in https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`},
		{"a token server on this machine", "host: localhost, username: u, oauth2: {token_url: 'http://127.0.0.1:1/', client_id: a, client_secret: s, scope: ''}", known, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := faultsOf(t, "email: {via: smtp, smtp: {"+tt.smtp+"}}", tt.env)
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
	c := mustLoad(t, "email: {via: smtp, smtp: {host: localhost, username: u, "+byToken+"}}", known)
	o := c.Email.SMTP.OAuth2
	if !o.IsSet() || o.ClientSecret.Reveal() != "hunter2" || o.Scope != "https://outlook.office365.com/.default" || c.Email.SMTP.TLS != "required" {
		t.Errorf("oauth2 %+v under TLS %s, want all of it, the scope of Microsoft 365 and TLS required", o, c.Email.SMTP.TLS)
	}
}

func TestBouncesAreReadFromAFolderOfTheirOwn(t *testing.T) {
	c := mustLoad(t, "bounces: ./bounces", nil)
	if c.Bounces != "./bounces" || c.Schedules.Bounces != "*/5 * * * *" || len(c.Warnings()) > 0 {
		t.Errorf("folder %q, schedule %q, warnings %v; want ./bounces, every five minutes, none", c.Bounces, c.Schedules.Bounces, c.Warnings())
	}
	got := mustLoad(t, "bounces: ./bounces\nschedules: {bounces: ''}", nil).Warnings().Error()
	if want := `doorstep.yaml:1:1: bounces: is never read, because schedules.bounces is empty: write "*/5 * * * *" there`; got != want {
		t.Errorf("warnings\n%s\nwant\n%s", got, want)
	}
	if got, want := faultsOf(t, "bounces: inbox/", nil), `doorstep.yaml:1:1: bounces: "inbox/" is the inbox or the outbox too: name a folder for bounced email alone`; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
