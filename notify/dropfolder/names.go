package dropfolder

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

var stampInFront = regexp.MustCompile(`^\d{8}T\d{6}Z-(\d+-)?`)

// longestInName is how many bytes of a name take a stamp and an ending as well.
const longestInName = 200

// stampLayout is how the time stands in front of a name.
const stampLayout = "20060102T150405Z"

// stamped is a file's name in a subfolder, with the time in front.
func stamped(at time.Time, n int, name string) string {
	stamp := at.UTC().Format(stampLayout)
	if n > 1 {
		stamp = fmt.Sprintf("%s-%d", stamp, n)
	}
	return stamp + "-" + shortened(WithoutStamp(name))
}

// shortened is a name that is not too long, with its endings.
func shortened(name string) string {
	if len(name) <= longestInName {
		return name
	}
	head := name[:60] // what it holds
	for !utf8.ValidString(head) {
		head = head[:len(head)-1]
	}
	ending := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ending)
	if i := strings.LastIndex(stem, "."); i >= 0 && len(stem)-i < 60 { // a mapping's name
		ending = stem[i:] + ending
	}
	return head + "-" + NumberOf(name) + ending
}

// WithoutStamp is a name without the time that stands in front of it.
func WithoutStamp(name string) string { return stampInFront.ReplaceAllString(name, "") }

// Unstamped is when a file was moved, and what it was called before.
func Unstamped(name string) (at time.Time, before string, ok bool) {
	stamp := stampInFront.FindString(name)
	if stamp == "" {
		return at, name, false
	}
	at, err := time.Parse(stampLayout, stamp[:len(stampLayout)])
	return at, name[len(stamp):], err == nil
}

// NumberOf stands for a file where its name must not be seen: it may be a
// person's.
func NumberOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:4])
}

// KeyOf is the key of whatever that text names.
func KeyOf(what string) string {
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:keyLength/2])
}
