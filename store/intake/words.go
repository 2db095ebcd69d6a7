package intake

import (
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// The words that columns may hold (FORMATS, "CSV").
var (
	Contacts = []string{"antenatal", "new-birth", "six-week", "one-year", "two-year", "other"}
	Plans    = []string{"cin", "cp", "cfc"}

	roles    = []string{string(pathway.Practitioner), string(pathway.Manager), string(pathway.ServiceManager), string(pathway.Chair), string(pathway.Admin)}
	channels = []string{pathway.ChannelEmail, pathway.ChannelSMS}
	variants = []string{"rearrange", "final", "revisit"} // of a card left at the door
	yesNo    = []string{"yes", "no"}
)

// Vocabulary are the words that pathway files add. An empty list of pathways or
// items leaves that word unchecked.
type Vocabulary struct {
	Pathways []string // ids of pathways
	Kinds    []string // event kinds, besides Doorstep's own
	Items    []string // items of checklists
}

// words turn what a file says into one of several known words, small letters and
// capitals alike. The known words are shared, so that a million rows hold one.
type words struct {
	list  []string
	known map[string]string
}

func newWords(list ...string) *words {
	w := &words{list, make(map[string]string, 2*len(list))}
	for _, word := range list {
		w.known[word] = word
	}
	return w
}

func (w *words) find(s string) (string, bool) {
	if word, ok := w.known[s]; ok {
		return word, true
	}
	word, ok := w.known[strings.ToLower(s)]
	return word, ok
}

// choices says what may be written instead of a word that is not known.
func (w *words) choices(s string) string {
	return "use " + oneOf(w.list) + DidYouMean(s, w.list)
}

// oneOf writes "a, b or c".
func oneOf(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// isKebab reports whether s is a short name such as baby-steps.
func isKebab(s string) bool {
	if s == "" || s[0] < 'a' || s[0] > 'z' || s[len(s)-1] == '-' || strings.Contains(s, "--") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
}

// splitList splits a list with ";" between; spaces and empty items do not count.
func splitList(s string) []string {
	var out []string
	for item := range strings.SplitSeq(s, ";") {
		if item = strings.TrimSpace(item); item != "" && !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}
