package govuk

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"example.org/doorstep/notify"
)

// Settings say how to reach a service at Notify.
type Settings struct {
	APIKey        string
	TemplateID    string           // unused by letters
	BaseURL       string           // empty: the public one
	Channel       string           // notify.ByEmail or notify.BySMS; unused by letters
	CallbackToken string           // what Notify is told to put into its callbacks; empty: every callback is refused
	Timeout       time.Duration    // for one request; 0: 30 s
	Connections   int              // requests at once; 0: 8
	Now           func() time.Time // the clock that signs requests; nil: time.Now
}

const publicURL = "https://api.notifications.service.gov.uk"

// newService checks what texts, emails and letters have in common. It does not
// connect yet.
func newService(settings Settings) (*service, error) {
	key, err := parseKey(settings.APIKey)
	if err != nil {
		return nil, err
	}
	base, err := parseBase(settings.BaseURL)
	if err != nil {
		return nil, err
	}
	if settings.Timeout < 0 || settings.Connections < 0 {
		return nil, errors.New("GOV.UK Notify: connections and timeout cannot be negative")
	}
	if settings.Timeout == 0 {
		settings.Timeout = 30 * time.Second
	}
	if settings.Connections == 0 {
		settings.Connections = 8
	}
	if settings.Now == nil {
		settings.Now = time.Now
	}
	return &service{key: key, base: base, timeout: settings.Timeout, now: settings.Now,
		http: client(settings.Connections), turn: make(chan struct{}, settings.Connections), closing: make(chan struct{})}, nil
}

// parseBase returns the address without a slash at its end. Requests carry
// numbers and words, so they go in the clear to this machine only.
func parseBase(address string) (string, error) {
	if address == "" {
		return publicURL, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("GOV.UK Notify: the base address is not a web address: write it as %s", publicURL)
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", errors.New("GOV.UK Notify: with http:// anybody on the way could read the messages: use https://")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// check looks at what only texts and emails need.
func (s Settings) check() error {
	if s.Channel != notify.ByEmail && s.Channel != notify.BySMS {
		return errors.New("GOV.UK Notify: the channel must be email or sms")
	}
	if !isUUID(s.TemplateID) {
		return errors.New("GOV.UK Notify: the template id is not one, such as f33517ff-2a88-4f6e-b855-c550268ce08a: " +
			"copy it from the template's page at Notify")
	}
	return nil
}
