package pathway

import (
	"slices"
	"strings"
)

// The words that columns hold (FORMATS, "CSV").
var (
	Roles    = []string{string(Practitioner), string(Manager), string(ServiceManager), string(Chair), string(Admin)}
	Channels = []string{ChannelEmail, ChannelSMS}
	Contacts = []string{contactAntenatal, contactNewBirth, "six-week", "one-year", "two-year", "other"}
	Plans    = []string{"cin", "cp", "cfc"}
	YesOrNo  = []string{"yes", "no"}
	Declined = []string{"visit", "service", "treatment"}
)

// The contacts before and after a birth.
const (
	contactAntenatal = "antenatal"
	contactNewBirth  = "new-birth"
)

// Words are what a value may be, one of several, small letters and capitals alike.
// The words are shared, so that a million values hold one.
type Words struct {
	list  []string
	known map[string]string
}

// NewWords returns words in the order in which they are named to people.
func NewWords(list ...string) *Words {
	w := &Words{list, make(map[string]string, len(list))}
	for _, word := range list {
		w.known[word] = word
	}
	return w
}

// Find returns the word that somebody wrote.
func (w *Words) Find(s string) (string, bool) {
	if word, ok := w.known[s]; ok {
		return word, true
	}
	word, ok := w.known[strings.ToLower(s)]
	return word, ok
}

// Choices says what may be written instead of a word that is not known.
func (w *Words) Choices(s string) string { return "use " + OneOf(w.list) + DidYouMean(s, w.list) }

// OneOf writes "a, b or c".
func OneOf(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// IsShortName reports whether s is a short name such as baby-steps.
func IsShortName(s string) bool {
	if s == "" || s[0] < 'a' || s[0] > 'z' || s[len(s)-1] == '-' || strings.Contains(s, "--") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// SplitList splits a list with ";" between; spaces and empty items do not count.
func SplitList(s string) []string {
	var out []string
	for item := range strings.SplitSeq(s, ";") {
		if item = strings.TrimSpace(item); item != "" && !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}
