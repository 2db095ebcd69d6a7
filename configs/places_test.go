package configs

import (
	"strings"
	"testing"
)

// TestDatabaseElsewhereNeedsVerifiedTLS: and whoever knows the way to be safe can say
// so, and is reminded of it.
func TestDatabaseElsewhereNeedsVerifiedTLS(t *testing.T) {
	t.Setenv("PGSSLMODE", "")
	const unverified = "database: is on another machine and is not spoken to by TLS with a verified certificate"
	const reminder = "database_tls: what is known of families goes to another machine without verified TLS"
	for _, tt := range []struct{ name, text, fault, warning string }{
		{"on this machine", "database: postgres:///doorstep?host=/var/run/postgresql", "", ""},
		{"SQLite", "database: sqlite:doorstep.db", "", ""},
		{"elsewhere", "database: postgres://u:${P}@db.council.example/doorstep", unverified, ""},
		{"encrypted only", "database: postgres://u:${P}@db.council.example/doorstep?sslmode=require", unverified, ""},
		{"verified", "database: postgres://u:${P}@db.council.example/doorstep?sslmode=verify-full", "", ""},
		{"known to be safe", "database: postgres://u:${P}@db.council.example/doorstep\ndatabase_tls: unverified", "", reminder},
		{"verified, whatever is said", "database: postgres://u:${P}@db.council.example/doorstep?sslmode=verify-full\ndatabase_tls: unverified", "", ""},
		{"of several servers one", "database: postgres://u:${P}@localhost,db.council.example/doorstep", unverified, ""},
		{"an authority that is not there", "database: postgres://u:${P}@db.council.example/doorstep?sslmode=verify-full&sslrootcert=/no/such/ca.pem",
			"database: names a file that cannot be read: open /no/such/ca.pem: no such file or directory", ""},
		{"a mode that there is not", "database: postgres://u:${P}@db.council.example/doorstep?sslmode=verified", "database: cannot be used: correct what stands behind its question mark", ""},
		{"a word that there is not", "database_tls: none", `database_tls: "none" is not known: use verified or unverified`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load("doorstep.yaml", []byte(tt.text), environment{"P": "hunter2"}.lookup, toSend)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if tt.fault == "" && got != "" || !strings.Contains(got, tt.fault) {
				t.Errorf("faults %q, want %q", got, tt.fault)
			}
			warnings := ""
			if len(c.Warnings()) > 0 {
				warnings = c.Warnings().Error()
			}
			if tt.warning == "" && warnings != "" || !strings.Contains(warnings, tt.warning) {
				t.Errorf("warnings %q, want %q", warnings, tt.warning)
			}
			if strings.Contains(got+warnings, "hunter2") {
				t.Errorf("a secret is repeated: %s%s", got, warnings)
			}
		})
	}
}

func TestListenersHaveAddressesOfTheirOwn(t *testing.T) {
	const twilio = `sms: {via: twilio, receipts: callback, twilio: {account_sid: AC0123456789abcdef0123456789abcdef, auth_token: t, from: Council, base_url: "http://127.0.0.1:9"}}` + "\npublic_url: https://doorstep.council.example\norganisation: {name: Council, contact_number: 01793 555000}\nduty_address: {email: duty@council.example}\nemail: {from: doorstep@council.example}\n"
	for _, tt := range []struct{ text, fault, warning string }{
		{"operations_listen: 127.0.0.1:9090", "", ""},
		{"operations_listen: 9090", `operations_listen: "9090" is not an address to listen at`, ""},
		{twilio + "callbacks_listen: localhost", `callbacks_listen: "localhost" is not an address to listen at`, ""},
		{"operations_listen: 127.0.0.1:8080", `operations_listen: "127.0.0.1:8080" is the address of listen too: give it one of its own`, ""},
		{twilio + "operations_listen: :9090\ncallbacks_listen: :9090", `callbacks_listen: ":9090" is the address of operations_listen too`, ""},
		{twilio + "listen: 127.0.0.1:0\noperations_listen: 127.0.0.1:0\ncallbacks_listen: 127.0.0.1:0", "", ""},
		{"callbacks_listen: :8081", "", "callbacks_listen: answers nobody: no provider is to call"},
	} {
		c, err := load("doorstep.yaml", []byte(tt.text), environment{}.lookup, toSend)
		got, warnings := "", ""
		if err != nil {
			got = err.Error()
		}
		if len(c.Warnings()) > 0 {
			warnings = c.Warnings().Error()
		}
		if tt.fault == "" && got != "" || !strings.Contains(got, tt.fault) {
			t.Errorf("%s\nfaults %q, want %q", tt.text, got, tt.fault)
		}
		if tt.warning == "" && warnings != "" || !strings.Contains(warnings, tt.warning) {
			t.Errorf("%s\nwarnings %q, want %q", tt.text, warnings, tt.warning)
		}
	}
}
