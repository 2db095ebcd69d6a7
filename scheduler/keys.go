package scheduler

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"example.org/doorstep/store"
)

// The keys of the ledger's messages: the same for the same message, so that nothing
// is queued twice, and telling nobody who reads a mail header who works here.

// messageKey is the key of the message that begins with a reminder, which the
// ledger holds once.
func messageKey(kind string, k store.ReminderKey) string {
	return hashed(kind, fmt.Appendf(nil, "%d/%d/%s/%s/%s", k.Duty, k.Due, k.Rung, k.Person, k.Channel))
}

// keyOf is the key of any other message.
func keyOf(kind string, parts ...string) string {
	return hashed(kind, fmt.Appendf(nil, "%q", parts))
}

func hashed(kind string, text []byte) string {
	sum := sha256.Sum256(text)
	return kind + "-" + hex.EncodeToString(sum[:12])
}
