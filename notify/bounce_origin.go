package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// What speaks for a bounce being real: that it names the address that was written to,
// and that our own mail server did not find its sender forged.

const (
	mostNamed  = 200
	nameDigits = 16
)

var (
	addressIn = regexp.MustCompile(`[^\s<>()\[\],;:"']+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*`)
	xtext     = regexp.MustCompile(`\+[0-9A-F]{2}`) // RFC 3461, 4
)

// named are the addresses that a notice names, as digests: of the recipient that it is
// about, of the email that it returns, and in its text.
func (n *notice) named() string {
	var b strings.Builder
	seen := map[string]bool{}
	add := func(text string) {
		for _, address := range addressIn.FindAllString(text, mostNamed) {
			for _, a := range []string{address, xtext.ReplaceAllStringFunc(address, fromHex)} {
				if d := addressDigest(strings.TrimRight(a, ".")); !seen[d] && len(seen) < mostNamed {
					seen[d] = true
					b.WriteString(d)
				}
			}
		}
	}
	for _, r := range n.recipients {
		for _, field := range []string{"Original-Recipient", "Final-Recipient", "X-Actual-Recipient"} {
			_, address, found := strings.Cut(r.Get(field), ";")
			if !found {
				address = r.Get(field)
			}
			add(address)
		}
	}
	add(n.header.Get("X-Failed-Recipients"))
	add(n.original.Get("To"))
	add(string(n.text))
	if len(n.recipients) == 0 && n.original == nil { // its parts are broken
		add(string(n.body[:min(len(n.body), mostText)]))
	}
	return b.String()
}

// fromHex is the character that xtext writes as +2B.
func fromHex(s string) string {
	code, err := strconv.ParseUint(s[1:], 16, 8)
	if err != nil {
		return s
	}
	return string(rune(code))
}

func addressDigest(address string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(address)))
	return hex.EncodeToString(sum[:nameDigits/2])
}

// Names reports whether the notice names an address.
func (b *Bounce) Names(address string) bool {
	wanted := addressDigest(address)
	for at := 0; at+nameDigits <= len(b.named); at += nameDigits {
		if b.named[at:at+nameDigits] == wanted {
			return true
		}
	}
	return false
}

// forged reports whether the mail server that took the notice in found that it fails
// DMARC (RFC 8601). Only what our own side has written can be believed: the topmost
// header that bears its name, authServer. Without a name any header counts that says so:
// who forges a notice does not add one.
func (n *notice) forged(authServer string) bool {
	for _, field := range n.header["Authentication-Results"] {
		field = strings.ToLower(comment.ReplaceAllString(field, " "))
		parts := strings.Split(field, ";")
		name, _, _ := strings.Cut(strings.TrimSpace(parts[0])+" ", " ")
		if authServer != "" && name != strings.ToLower(authServer) {
			continue
		}
		fails := false
		for _, part := range parts {
			fails = fails || dmarcFails.MatchString(part)
		}
		if fails || authServer != "" {
			return fails
		}
	}
	return false
}

var (
	comment    = regexp.MustCompile(`\([^()]*\)`)
	dmarcFails = regexp.MustCompile(`^\s*dmarc\s*=\s*fail\b`)
)
