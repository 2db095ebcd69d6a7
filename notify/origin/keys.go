// Package origin proves that something that comes back is about something that this
// installation sent. What can be computed from ids and dates proves nothing, so the
// names of emails, the codes by which texts are answered and the names of files in
// the outbox are made with a key that only the installation has (HMAC-SHA256).
//
// It promises that what was made under an older key is still recognised for as long
// as that key is kept, that two proofs are compared in constant time, and that no
// error, log or formatted value shows a key.
package origin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Keys are an installation's keys, the one in use first. The zero value is none.
type Keys struct{ all []key }

type key [keyBytes]byte

const keyBytes = 32

// Purpose keeps proofs of one kind from passing for those of another.
type Purpose string

const (
	MessageID Purpose = "message-id"
	ReplyCode Purpose = "reply-code"
	FileName  Purpose = "file-name"
	Calendar  Purpose = "calendar"
)

// NewKeys returns one key that nobody can guess.
func NewKeys() Keys {
	var k key
	rand.Read(k[:]) // never fails
	return Keys{[]key{k}}
}

// FixedKeys returns a key that everybody knows, for what sends nothing: a simulation,
// the demo, tests. With it the same input gives the same bytes.
func FixedKeys() Keys { return Keys{[]key{sha256.Sum256([]byte("doorstep: nothing is sent"))}} }

// ParseKeys reads keys as Text writes them: 64 hexadecimal digits each, the one in use
// first, with spaces or line breaks between; what follows a # up to the end of the
// line is left out. An error names the line and nothing of what stands in it.
func ParseKeys(text string) (Keys, error) {
	var keys Keys
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		for _, word := range strings.Fields(line) {
			var k key
			if n, err := hex.Decode(k[:], []byte(cutTo(word, 2*keyBytes))); err != nil || n != keyBytes || len(word) != 2*keyBytes {
				return Keys{}, fmt.Errorf("line %d is no key: a key is %d hexadecimal digits, as \"openssl rand -hex %d\" makes them", number, 2*keyBytes, keyBytes)
			}
			if k == (key{}) {
				return Keys{}, fmt.Errorf("line %d is no key: it is all zeros", number)
			}
			keys.all = append(keys.all, k)
		}
	}
	if len(keys.all) == 0 {
		return Keys{}, errors.New("there is no key in it")
	}
	return keys, nil
}

func cutTo(s string, most int) string { return s[:min(len(s), most)] }

// Text is what ParseKeys reads. It holds secrets.
func (k Keys) Text() string {
	var b strings.Builder
	for i := range k.all {
		b.WriteString(hex.EncodeToString(k.all[i][:]) + "\n")
	}
	return b.String()
}

// IsSet reports whether there is a key.
func (k Keys) IsSet() bool { return len(k.all) > 0 }

// With returns the keys with others behind them that are not among them yet.
func (k Keys) With(older Keys) Keys {
	out := Keys{append([]key(nil), k.all...)}
	for _, o := range older.all {
		if !out.has(o) {
			out.all = append(out.all, o)
		}
	}
	return out
}

func (k Keys) has(one key) bool {
	for i := range k.all {
		if k.all[i] == one {
			return true
		}
	}
	return false
}

// Fingerprints name the keys without giving them away, the one in use first.
func (k Keys) Fingerprints() []string {
	names := make([]string, len(k.all))
	for i := range k.all {
		names[i] = hex.EncodeToString(k.all[i].sign("fingerprint", nil)[:8])
	}
	return names
}

// Sign returns 32 bytes that nobody without the key in use can make of the values. It
// panics where there is no key.
func (k Keys) Sign(of Purpose, values ...string) []byte {
	if !k.IsSet() {
		panic("origin: there is no key")
	}
	return k.all[0].sign(of, values)
}

// Signatures returns what Sign would have returned under each of the keys.
func (k Keys) Signatures(of Purpose, values ...string) [][]byte {
	out := make([][]byte, len(k.all))
	for i := range k.all {
		out[i] = k.all[i].sign(of, values)
	}
	return out
}

// sign keeps apart values that would read alike if they were put together.
func (k *key) sign(of Purpose, values []string) []byte {
	mac := hmac.New(sha256.New, k[:])
	text := binary.AppendUvarint(nil, uint64(len(of)))
	text = append(text, of...)
	for _, v := range values {
		text = append(binary.AppendUvarint(text, uint64(len(v))), v...)
	}
	mac.Write(text)
	return mac.Sum(nil)
}

// Same compares two proofs as written, in constant time.
func Same(given, right string) bool { return hmac.Equal([]byte(given), []byte(right)) }

// However keys are printed, they do not show.
func (k Keys) String() string             { return fmt.Sprintf("(%d keys)", len(k.all)) }
func (k Keys) GoString() string           { return k.String() }
func (k Keys) Format(f fmt.State, _ rune) { fmt.Fprint(f, k.String()) }
