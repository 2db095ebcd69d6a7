package govuk

import (
	"context"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuktest"
)

func TestKeyIsReadFromTheRight(t *testing.T) {
	const service, secret = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
	for name, good := range map[string]bool{
		"my_test_key-" + service + "-" + secret:                            true,
		"a-name with-hyphens-" + service + "-" + secret:                    true,
		secret + "-" + service + "-" + secret:                              true, // a name that looks like an id
		"  live-" + service + "-" + secret + "\n":                          true,
		"live-" + strings.ToUpper(service) + "-" + strings.ToUpper(secret): true,
		service + "-" + secret:                                             false,
		"-" + service + "-" + secret:                                       false,
		"live-" + service:                                                  false,
		"live-" + service + "-" + secret[:35]:                              false,
		"live-" + service + "-" + secret + "0":                             false,
		"live-" + service + secret:                                         false,
		"live-" + service + "-" + "not-the-secret-at-all":                  false,
		"": false,
	} {
		k, err := parseKey(name)
		if good && (err != nil || !strings.EqualFold(k.service, service) || !strings.EqualFold(string(k.secret), secret)) {
			t.Errorf("%q gives %s, %v, want the service's id and its secret", name, k.service, err)
		}
		if !good && (err == nil || !strings.Contains(err.Error(), "{key name}-{service id}-{secret}") || strings.Contains(err.Error(), secret[:20])) {
			t.Errorf("%q gives %v, want an error that says the form and no key", name, err)
		}
	}
}

func TestWrongSettingsAreNamed(t *testing.T) {
	good := Settings{APIKey: govuktest.APIKey, TemplateID: govuktest.TextTemplateID, Channel: notify.BySMS}
	tests := []struct {
		change func(*Settings)
		want   string // empty: no error
	}{
		{func(s *Settings) {}, ""},
		{func(s *Settings) { s.BaseURL = "https://notify.example.org/proxy/" }, ""},
		{func(s *Settings) { s.BaseURL = "http://127.0.0.1:8080" }, ""},
		{func(s *Settings) { s.BaseURL = "http://localhost:8080" }, ""},
		{func(s *Settings) { s.BaseURL = "http://notify.example.org" }, "use https://"},
		{func(s *Settings) { s.BaseURL = "notify.example.org" }, "not a web address"},
		{func(s *Settings) { s.BaseURL = "https://user:word@notify.example.org" }, "not a web address"},
		{func(s *Settings) { s.BaseURL = "https://notify.example.org?a=b" }, "not a web address"},
		{func(s *Settings) { s.APIKey = "live" }, "not in its form"},
		{func(s *Settings) { s.TemplateID = "reminder" }, "template id"},
		{func(s *Settings) { s.Channel = "letter" }, "must be email or sms"},
		{func(s *Settings) { s.Timeout = -time.Second }, "cannot be negative"},
		{func(s *Settings) { s.Connections = -1 }, "cannot be negative"},
	}
	composer := newComposer(t)
	for _, test := range tests {
		settings := good
		test.change(&settings)
		_, err := New(composer, settings)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%+v gives %v, want %q", settings, err, test.want)
		}
	}
}

func TestRequestsAreSignedByTheService(t *testing.T) {
	const other = "11111111-2222-4333-8444-555555555555"
	_, secret, _ := strings.Cut(govuktest.APIKey, govuktest.ServiceID+"-")
	for key, want := range map[string]string{
		govuktest.APIKey:                                           "",
		"live-" + other + "-" + secret:                             "service not found",
		"live-" + govuktest.ServiceID + "-" + other:                "API key not found",
		"another-name-" + govuktest.APIKey[len("doorstep-live-"):]: "",
	} {
		c := newChannel(t, start(t), notify.BySMS, func(s *Settings) { s.APIKey = key })
		o := send(c, reminder(notify.BySMS, "a"))
		if (o.State == notify.Sent) != (want == "") || !strings.Contains(o.Reason, want) {
			t.Errorf("%+v, want %q", o, want)
		}
	}
}

func TestCheckLooksAtTheTemplate(t *testing.T) {
	tests := []struct {
		story    string
		kind     string
		template govuktest.Template
		want     string // empty: it fits
	}{
		{"a text", notify.BySMS, govuktest.Template{Type: "sms", Body: "((message))"}, ""},
		{"in capitals", notify.BySMS, govuktest.Template{Type: "sms", Body: " ((Message))\n"}, ""},
		{"an email", notify.ByEmail, govuktest.Template{Type: "email", Subject: "((subject))", Body: "((message))"}, ""},
		{"an email with a footer", notify.ByEmail, govuktest.Template{Type: "email", Subject: "((subject))", Body: "((message))\n\n---\nSwindon"}, ""},
		{"the other kind", notify.BySMS, govuktest.Template{Type: "email", Subject: "((subject))", Body: "((message))"}, "must be a text template"},
		{"the other kind", notify.ByEmail, govuktest.Template{Type: "sms", Body: "((message))"}, "must be an email template"},
		{"words around a text", notify.BySMS, govuktest.Template{Type: "sms", Body: "Doorstep: ((message))"}, "whole content is ((message))"},
		{"another placeholder", notify.BySMS, govuktest.Template{Type: "sms", Body: "((message))((name))"}, "it has ((name))"},
		{"another placeholder", notify.ByEmail, govuktest.Template{Type: "email", Subject: "((subject))", Body: "Dear ((name)), ((message))"}, "it has ((name))"},
		{"a subject of its own", notify.ByEmail, govuktest.Template{Type: "email", Subject: "Reminder", Body: "((message))"}, "with the subject ((subject))"},
		{"no placeholder", notify.BySMS, govuktest.Template{Type: "sms", Body: "Hello"}, "whole content is ((message))"},
	}
	for _, test := range tests {
		t.Run(test.story+" by "+test.kind, func(t *testing.T) {
			server := start(t)
			c := newChannel(t, server, test.kind, nil)
			server.SetTemplate(c.template, test.template)
			err := c.Check(context.Background())
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("the check says %v, want %q", err, test.want)
			}
		})
	}
	server := start(t)
	unknown := newChannel(t, server, notify.BySMS, func(s *Settings) { s.TemplateID = "11111111-2222-4333-8444-555555555555" })
	if err := unknown.Check(context.Background()); err == nil || !strings.Contains(err.Error(), "knows no template") {
		t.Errorf("for an unknown template the check says %v", err)
	}
	late := newChannel(t, server, notify.BySMS, func(s *Settings) { s.Now = at(noon.Add(time.Hour)) })
	if err := late.Check(context.Background()); err == nil || !strings.Contains(err.Error(), "set the clock") {
		t.Errorf("with a wrong clock the check says %v", err)
	}
	if server.Count() != 0 {
		t.Errorf("Notify has %d messages, want none", server.Count())
	}
}

func TestTemplateThatDoesNotFitStopsTheChannel(t *testing.T) {
	for story, template := range map[string]govuktest.Template{
		"deleted":            {Type: "sms", Body: "((message))", Deleted: true},
		"of another kind":    {Type: "email", Subject: "((subject))", Body: "((message))"},
		"with another place": {Type: "sms", Body: "((message)) ((name))"},
		"with its own place": {Type: "sms", Body: "((words))"},
	} {
		server := start(t)
		server.SetTemplate(govuktest.TextTemplateID, template)
		o := send(newChannel(t, server, notify.BySMS, nil), reminder(notify.BySMS, "a"))
		if o.State != notify.FailedTemporarily || o.Fault != notify.FaultAccount || !strings.Contains(o.Reason, "a text template whose whole content is ((message))") {
			t.Errorf("a template %s: %+v, want the account's fault and words about the template", story, o)
		}
	}
}
