package configs

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// notifyPerMinute is what GOV.UK Notify takes with one key.
const notifyPerMinute = 3000

const uuid = `[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`

var (
	notifyKey      = regexp.MustCompile(`^\S(?:.*\S)?-` + uuid + `-` + uuid + `$`)
	notifyTemplate = regexp.MustCompile(`^` + uuid + `$`)
)

// leastToken is how long a token GOV.UK Notify wants to be given at least.
const leastToken = 10

func (c *checker) notify(key string, n *Notify) {
	c.notifyKey(key, n.APIKey)
	c.needed(key+".template_id", n.TemplateID != "")
	if n.TemplateID != "" && !notifyTemplate.MatchString(n.TemplateID) {
		c.d.fault(key+".template_id", "is not a template's id: copy the whole of it from the template's page at GOV.UK Notify")
	}
	if n.CallbackToken.IsSet() && len(n.CallbackToken.Reveal()) < leastToken {
		c.d.fault(key+".callback_token", "is shorter than GOV.UK Notify takes: make it %d characters or more", leastToken)
	}
	c.base(key+".base_url", n.BaseURL)
}

func (c *checker) notifyKey(key string, secret Secret) {
	c.needed(key+".api_key", secret.IsSet())
	if secret.IsSet() && !notifyKey.MatchString(secret.Reveal()) {
		c.d.fault(key+".api_key", "is not a key of GOV.UK Notify: copy the whole of it, which is its name and two ids, joined by hyphens")
	}
}

func (c *checker) letters() {
	l := &c.Letters
	if l.Via != ViaNotify {
		return
	}
	c.notifyKey("letters.notify", l.Notify.APIKey)
	c.base("letters.notify.base_url", l.Notify.BaseURL)
	if c.Schedules.Letters == "" {
		c.warn("schedules.letters", `is empty: nobody hands over letters that are held up, or hears of one that is refused; write "@every 30m"`)
	}
	if c.PrintLayout != "notify" {
		c.d.fault("print_layout", "%q is not what GOV.UK Notify prints: write notify, or letters.via: print", c.PrintLayout)
	}
}

// via is a way messages go, and what it needs to call back.
type via struct {
	name, base string
	tokenKey   string // empty where the provider signs with what it has anyway
	token      Secret
}

// callback checks that a provider can call back where it is to. Where it cannot,
// Doorstep asks it instead.
func (c *checker) callback(key string, how *string, by via) {
	if *how != Callback {
		return
	}
	instead := "; until then Doorstep asks the provider instead"
	switch {
	case by.name == ViaFile || by.name == ViaSMTP:
		c.warn(key, fmt.Sprintf("callback changes nothing while messages go by %s: nobody calls back", by.name))
	case !c.canBeCalled(by.base):
		c.warn(key, "the provider cannot call back: write a public_url that is your own, begins with https:// and can be reached from the internet"+instead)
	case by.tokenKey != "" && !by.token.IsSet() && !c.missing(by.tokenKey):
		c.warn(key, "GOV.UK Notify cannot call back without a token: set one there and here, in "+by.tokenKey+instead)
	default:
		return
	}
	*how = Poll
}

// canBeCalled reports whether a provider can reach public_url. One on this
// machine, for trying things out, reaches what the internet does not.
func (c *checker) canBeCalled(base string) bool {
	u, ok := webAddress(c.PublicURL)
	if !ok || !c.chosen("public_url") {
		return false
	}
	return localBase(base) || u.Scheme == "https" && !loopback(u.Hostname()) && !sampleDomain("@"+u.Hostname())
}

func (c *checker) needed(key string, is bool) {
	if !is && !c.missing(key) {
		c.d.fault(key, "is empty: it is needed to send this way")
	}
}

func (c *checker) base(key, value string) {
	if value == "" {
		return
	}
	switch u, ok := webAddress(value); {
	case !ok || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		c.fault(key, value, "%v is not a web address: write it in full, or leave it empty for the provider's own")
	case u.Scheme != "https" && !loopback(u.Hostname()):
		c.fault(key, value, "%v would send keys and messages where others can read them: use https")
	}
}

// severity returns how a mistake is noted that matters only once messages leave
// this machine: a server on it is a sink for trying things out, or a relay.
func (c *checker) severity(local bool) func(key, message string) {
	if local {
		return c.warn
	}
	return func(key, message string) { c.d.fault(key, "%s", message) }
}

// webAddress reads an address of the web.
func webAddress(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	return u, err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// localBase reports whether a provider's base_url is on this machine.
func localBase(base string) bool {
	u, ok := webAddress(base)
	return ok && loopback(u.Hostname())
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
