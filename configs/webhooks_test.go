package configs

import (
	"slices"
	"strings"
	"testing"

	"example.org/doorstep/store"
)

const (
	webhookURL    = "url: https://hub.council.example/doorstep"
	webhookSecret = "secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
)

// TestWebhooksAreCheckedBeforeAnythingGoes: each fault at its place, none with a secret.
func TestWebhooksAreCheckedBeforeAnythingGoes(t *testing.T) {
	for name, c := range map[string]struct{ text, fault string }{
		"all there is":       {"[{name: hub, " + webhookURL + ", events: [duty.overdue], " + webhookSecret + "}]", ""},
		"no more than needs": {"[{" + webhookURL + ", " + webhookSecret + "}]", ""},
		"one without a list": {"{" + webhookURL + ", " + webhookSecret + "}", ""},
		"this machine":       {`[{url: "http://127.0.0.1:9099/in", ` + webhookSecret + "}]", ""},
		"no url":             {"[{" + webhookSecret + "}]", "webhooks[0]: has no url"},
		"no TLS":             {`[{url: "http://hub.council.example/?t=hush", ` + webhookSecret + "}]", "webhooks[0].url: would send case references where others can read them: use https"},
		"no secret":          {"[{" + webhookURL + "}]", "webhooks[0]: its secret is empty: make one with"},
		"another secret":     {"[{" + webhookURL + ", secret: hush}]", "webhooks[0].secret: its secret does not begin with whsec_"},
		"a secret not there": {"[{" + webhookURL + ", secret: \"${HUB}\"}]", "webhooks[0].secret: the environment variable HUB is not set"},
		"an event unknown":   {"[{" + webhookURL + ", events: [duty.overdu], " + webhookSecret + "}]", `webhooks[0].events[0]: "duty.overdu" is not known (did you mean duty.overdue?)`},
		"no event":           {"[{" + webhookURL + ", events: [], " + webhookSecret + "}]", "webhooks[0].events: is empty"},
		"an event twice":     {"[{" + webhookURL + ", events: [duty.met, duty.met], " + webhookSecret + "}]", `webhooks[0].events[1]: "duty.met" stands there twice`},
		"two of one machine": {"[{" + webhookURL + ", " + webhookSecret + "}, {" + webhookURL + "/2, " + webhookSecret + "}]", "webhooks[1]: there are two webhooks called hub.council.example: give each a name"},
		"a name of words":    {"[{name: the hub, " + webhookURL + ", " + webhookSecret + "}]", "webhooks[0].name: its name is to be of letters, digits, dots and hyphens"},
		"a key unknown":      {"[{" + webhookURL + ", event: [duty.met], " + webhookSecret + "}]", "webhooks[0].event: is not a key Doorstep knows (did you mean events?)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load("doorstep.yaml", []byte("webhooks: "+c.text), environment{}.lookup, toSend)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if c.fault == "" && got != "" || !strings.Contains(got, c.fault) || strings.Contains(got, "hush") || strings.Contains(got, "MDEy") {
				t.Errorf("faults %q, want %q and no secret", got, c.fault)
			}
			if c.fault != "" && !strings.HasPrefix(got, "doorstep.yaml:1:") {
				t.Errorf("the fault %q has no file, line and column", got)
			}
		})
	}
}

func TestAWebhookIsToldEverythingWhereNothingIsSaid(t *testing.T) {
	c := mustLoad(t, "webhooks: [{"+webhookURL+", "+webhookSecret+"}]", environment{})
	if w := c.Webhooks[0]; w.Name != "hub.council.example" || !slices.Equal(w.Events, store.WebhookEvents) {
		t.Errorf("it is called %q and is told of %v; want its machine's name, and all", w.Name, w.Events)
	}
}
