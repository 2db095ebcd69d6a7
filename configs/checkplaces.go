package configs

import (
	"errors"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/doorstep/notify/origin"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// places checks where things lie and where they are reached.
func (c *checker) places() {
	c.database()
	if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		c.fault("public_url", c.PublicURL, "%v is not an address of a web site: write it in full, as in https://doorstep.council.example")
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	c.recordSystem()
	if text := c.HeartbeatURL.Reveal(); text != "" {
		if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			c.d.fault("heartbeat_url", "is not a web address: write it in full, with https:// in front")
		}
	}
	for _, folder := range []struct{ key, value string }{{"inbox", c.Inbox}, {"outbox", c.Outbox}, {"print_folder", c.PrintFolder}} {
		if strings.TrimSpace(folder.value) == "" {
			c.d.fault(folder.key, "is empty: name a folder, as in ./%s", strings.TrimSuffix(folder.key, "_folder"))
		} else if info, err := os.Stat(folder.value); err == nil && !info.IsDir() {
			c.fault(folder.key, folder.value, "%v is a file: name a folder")
		}
	}
	if info, err := os.Stat(c.Delivery.Notes); c.Delivery.Notes != "" && err == nil && !info.IsDir() {
		c.fault("delivery.notes", c.Delivery.Notes, "%v is a file: name a folder")
	}
	c.inboxExpect()
	c.bounces()
	c.originKey()
}

func (c *checker) originKey() {
	if c.OriginKey.IsSet() {
		if _, err := origin.ParseKeys(c.OriginKey.Reveal()); err != nil {
			c.d.fault("origin_key", "cannot be used: %v", err)
		}
	}
	if info, err := os.Stat(c.OriginKeyFile); c.OriginKeyFile != "" && err == nil && info.IsDir() {
		c.fault("origin_key_file", c.OriginKeyFile, "%v is a folder: name a file")
	}
}

// database checks the address, and that nobody can listen on the way there.
func (c *checker) database() {
	if c.noDatabase != nil {
		return
	}
	address := c.Database.Reveal()
	if err := store.CheckAddress(address); err != nil {
		c.d.fault("database", "%v", err)
		return
	}
	verified, err := store.VerifiesServer(address)
	unread := (*fs.PathError)(nil)
	switch {
	case errors.As(err, &unread):
		c.d.fault("database", "names a file that cannot be read: %v", unread)
	case err != nil:
		c.d.fault("database", "%v", err)
	case verified:
	case c.DatabaseTLS == "verified":
		c.d.fault("database", "is on another machine and is not spoken to by TLS with a verified certificate: whoever is on the way could read what is known of families, and the password; "+
			"add sslmode=verify-full to the address (with sslrootcert=FILE where the authority is your own), or write database_tls: unverified if the way is safe by other means, such as a VPN")
	default:
		c.warn("database_tls", "what is known of families goes to another machine without verified TLS: see that the way there is safe by other means")
	}
}

// listeners checks where the daemon answers. One that has an address of its own
// shares it with no other.
func (c *checker) listeners() {
	seen := map[string]string{}
	for _, at := range []struct{ key, address string }{
		{"listen", c.Listen}, {"operations_listen", c.OperationsListen}, {"callbacks_listen", c.CallbacksListen},
	} {
		if at.address == "" && at.key != "listen" {
			continue
		}
		_, port, err := net.SplitHostPort(at.address)
		n, e := strconv.Atoi(port)
		switch other := seen[at.address]; {
		case err != nil || e != nil || n < 0 || n > 65535:
			c.fault(at.key, at.address, "%v is not an address to listen at: write host:port, as in 127.0.0.1:8080, or :8080 for every address of this machine")
		case other != "" && n != 0:
			c.fault(at.key, at.address, "%v is the address of "+other+" too: give it one of its own, or take it out")
		}
		seen[at.address] = at.key
	}
	if c.CallbacksListen != "" && c.Email.Receipts != Callback && c.SMS.Receipts != Callback && c.SMS.Replies != Callback {
		c.warn("callbacks_listen", "answers nobody: no provider is to call; write receipts: callback or replies: callback under sms or email, or take it out")
	}
}

// inboxExpect checks what is expected to come, and how often.
func (c *checker) inboxExpect() {
	kinds := []string{pathway.OfPeople, pathway.OfCases, pathway.OfEvents}
	for _, of := range slices.Sorted(maps.Keys(c.InboxExpect)) {
		key := "inbox_expect." + of
		switch within := c.InboxExpect[of]; {
		case !slices.Contains(kinds, of):
			c.d.fault(key, "is not what a file can hold%s: use people, cases or events", pathway.DidYouMean(of, kinds))
		case within < time.Minute || within > 366*24*time.Hour:
			c.fault(key, within, "%v: write how often a file comes at least, from 1m to 8784h, as in 26h")
		case c.Schedules.Inbox == "":
			c.warn(key, `is never looked at, because schedules.inbox is empty: write "*/15 * * * *" there`)
		}
	}
}

func (c *checker) bounces() {
	if c.Bounces == "" {
		return
	}
	if info, err := os.Stat(c.Bounces); err == nil && !info.IsDir() {
		c.fault("bounces", c.Bounces, "%v is a file: name a folder")
	}
	if folder := filepath.Clean(c.Bounces); folder == filepath.Clean(c.Inbox) || folder == filepath.Clean(c.Outbox) {
		c.fault("bounces", c.Bounces, "%v is the inbox or the outbox too: name a folder for bounced email alone")
	}
	if c.Schedules.Bounces == "" {
		c.warn("bounces", `is never read, because schedules.bounces is empty: write "*/5 * * * *" there`)
	}
}
