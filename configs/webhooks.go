package configs

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"example.org/doorstep/notify/webhook"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Webhook is another system that is told of events.
type Webhook struct {
	Name   string   `yaml:"name"`   // in logs and figures, and what is kept for it is kept by it
	URL    string   `yaml:"url"`    // https, or this machine
	Events []string `yaml:"events"` // of store.WebhookEvents
	Secret Secret   `yaml:"secret"` // by which it is signed; several, the one in use first, with spaces between
}

var webhookName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,59}$`)

// webhooks checks who is told of events, and fills in what is left out.
func (c *checker) webhooks() {
	names := map[string]bool{}
	for i := range c.Webhooks {
		w := &c.Webhooks[i]
		key := fmt.Sprintf("webhooks[%d]", i)
		at := func(of string) string { return key + "." + of }
		switch fault := webhook.AddressFault(w.URL); {
		case w.URL == "" && c.missing(at("url")):
		case w.URL == "":
			c.d.fault(key, "has no url: write where its webhooks go, as in https://hub.council.example/doorstep")
		case fault != "":
			c.d.fault(at("url"), "%s", fault) // it may hold a secret, and is not quoted
		}
		if fault := webhook.SecretFault(w.Secret.Reveal()); fault != "" && (w.Secret.IsSet() || !c.missing(at("secret"))) {
			c.d.fault(c.placeOr(at("secret"), key), "its secret %s", fault)
		}
		if w.Name == "" {
			if u, err := url.Parse(w.URL); err == nil {
				w.Name = u.Hostname()
			}
		}
		switch {
		case w.Name != "" && !webhookName.MatchString(w.Name):
			c.fault(c.placeOr(at("name"), key), w.Name, "its name is to be of letters, digits, dots and hyphens, 60 at most: it stands in figures")
		case w.Name != "" && names[w.Name]:
			c.d.fault(c.placeOr(at("name"), key), "there are two webhooks called %s: give each a name of its own", w.Name)
		}
		names[w.Name] = true
		c.webhookEvents(w, at("events"))
	}
}

func (c *checker) webhookEvents(w *Webhook, key string) {
	if w.Events == nil {
		w.Events = slices.Clone(store.WebhookEvents)
	}
	if len(w.Events) == 0 {
		c.d.fault(key, "is empty: write of what it is told, or leave it out for all")
	}
	for i, event := range w.Events {
		at := fmt.Sprintf("%s[%d]", key, i)
		switch {
		case !slices.Contains(store.WebhookEvents, event):
			c.d.fault(at, "%q is not known%s: use %s", event, pathway.DidYouMean(event, store.WebhookEvents), pathway.OneOf(store.WebhookEvents))
		case slices.Contains(w.Events[:i], event):
			c.d.fault(at, "%q stands there twice: keep one", event)
		}
	}
}

// placeOr is a key where the file has it, else the one around it.
func (c *checker) placeOr(key, around string) string {
	if c.given(key) {
		return key
	}
	return around
}
