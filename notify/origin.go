package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"example.org/doorstep/notify/origin"
)

// named is how something is called that only this installation can call so: nothing
// can be read from it, and no value can break the syntax it stands in.
func (c *Composer) named(of origin.Purpose, values ...string) string {
	return asName(c.settings.Origin.Sign(of, values...))
}

func asName(proof []byte) string { return hex.EncodeToString(proof[:16]) }

// MessageIDOf is the Message-ID of the email with this key, without its angle
// brackets: the same for every try, on any machine, while the installation's key is.
func (c *Composer) MessageIDOf(key string) string {
	return c.named(origin.MessageID, key) + "@" + c.domain()
}

// MessageIDsOf are the Message-IDs that the email with this key can have gone by: under
// the installation's key and the older ones that it still has, and, where it may have
// gone before there was a key, what anybody could compute.
func (c *Composer) MessageIDsOf(key string, beforeKeys bool) []string {
	var all []string
	for _, proof := range c.settings.Origin.Signatures(origin.MessageID, key) {
		all = append(all, asName(proof)+"@"+c.domain())
	}
	if beforeKeys {
		all = append(all, digestOf(key)+"@"+c.domain())
	}
	return all
}

// digestOf names values by a hash, which proves nothing: anybody can compute it.
func digestOf(values ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(values, "\x00")))
	return hex.EncodeToString(sum[:16])
}
