package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// How a password is hashed: OWASP's second choice for argon2id, 19 MiB and two passes.
const (
	memory  = 19 << 10 // KiB
	passes  = 2
	threads = 1
	keySize = 32
	saltLen = 16
)

// Shortest and longest of a password, in letters. Length is asked for and nothing
// else: that is what makes one hard to guess.
const (
	Shortest = 12
	Longest  = 200
)

// turn lets passwords be hashed one at a time. What one takes is given back before the
// next: with many who sign in at once, that is most of what a daemon needs of memory.
var turn = make(chan struct{}, 1)

// places are for those whose password is looked at, or waits for its turn.
var places = make(chan struct{}, mostAtOnce)

// mostAtOnce is for how many passwords are looked at, or wait, at once: whoever comes
// last waits some seconds.
const mostAtOnce = 30

// TakePlace takes a place among those whose password is looked at, one after the other,
// to be left when that is done. False: there is none, as where somebody tries passwords
// by the thousand; and it is better to say so than to let everybody wait for minutes.
func TakePlace() (leave func(), has bool) {
	select {
	case places <- struct{}{}:
		return func() { <-places }, true
	default:
		return nil, false
	}
}

// Hash returns what is kept of a password. The error says why it cannot be one.
func Hash(password string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password):
		return "", errors.New("the password is not text: type it anew")
	case n < Shortest:
		return "", fmt.Errorf("the password has %d characters: use at least %d, such as four words that do not belong together", n, Shortest)
	case n > Longest:
		return "", fmt.Errorf("the password has %d characters: use at most %d", n, Longest)
	}
	salt := make([]byte, saltLen)
	rand.Read(salt)
	turn <- struct{}{}
	defer func() { <-turn }()
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads,
		encode(salt), encode(derive(password, salt, passes, memory, threads))), nil
}

// nobodys is a hash that no password has, for accounts that there are not.
const nobodys = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// Is reports whether a password is the one of a hash; an empty hash is nobody's, and
// takes as long. It waits for its turn until ctx ends: nobody waits for who has gone.
func Is(ctx context.Context, password, hash string) (bool, error) {
	none := hash == ""
	if none {
		hash = nobodys
	}
	var version int
	var m, t uint32
	var p uint8
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, nil
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &m, &t, &p); err != nil || version != argon2.Version {
		return false, nil
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, nil
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return false, fmt.Errorf("wait for a password's turn: %w", ctx.Err())
	}
	return subtle.ConstantTimeCompare([]byte(encode(derive(password, salt, t, m, p))), []byte(parts[5])) == 1 && !none, nil
}

func derive(password string, salt []byte, t, m uint32, p uint8) []byte {
	defer debug.FreeOSMemory()
	return argon2.IDKey([]byte(password), salt, t, m, p, keySize)
}

func encode(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }
