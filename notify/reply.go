package notify

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"example.org/doorstep/notify/origin"
)

// Reply is a command in a text that came in.
type Reply struct {
	Verb string // VerbDone and so on
	Code string // the reply code, as ReplyCode gives it; empty: none was named
}

// The verbs of a Reply.
const (
	VerbDone  = "DONE"
	VerbSeen  = "SEEN"
	VerbAck   = "ACK"
	VerbStop  = "STOP" // also for the words by which Twilio stops texts itself
	VerbStart = "START"
	VerbHelp  = "HELP"
)

var verbs = map[string]string{
	"DONE": VerbDone, "SEEN": VerbSeen, "ACK": VerbAck,
	"STOP": VerbStop, "STOPALL": VerbStop, "UNSUBSCRIBE": VerbStop, "CANCEL": VerbStop, "END": VerbStop, "QUIT": VerbStop, "REVOKE": VerbStop, "OPTOUT": VerbStop,
	"START": VerbStart, "UNSTOP": VerbStart,
	"HELP": VerbHelp, "INFO": VerbHelp,
}

// A reply code begins with a digit from 2 to 9 and ends with a letter: neither a word,
// nor a count, nor a case reference such as KN7 is taken for one. Its letters have no
// vowels, nothing that looks like another letter or a digit, and no H or M. There are
// a million, so that the five that may be guessed of a day find none.
const (
	codeLength  = 5
	codeFirst   = "23456789"
	codeLetters = "CFJKNPRTVWXY"
	codeAny     = "0123456789" + codeLetters
)

// ReplyCode returns the code by which a person's answering text names the message with
// this ledger key: always the same one, and one that only who has the installation's
// key or the message can know.
func ReplyCode(keys origin.Keys, person, key string) string {
	return asReplyCode(keys.Sign(origin.ReplyCode, person, key))
}

// ReplyCodeIs reports whether a code names the message, under any of the keys.
func ReplyCodeIs(keys origin.Keys, code, person, key string) bool {
	is := false
	for _, proof := range keys.Signatures(origin.ReplyCode, person, key) {
		is = origin.Same(code, asReplyCode(proof)) || is
	}
	return is
}

func asReplyCode(proof []byte) string {
	n := binary.BigEndian.Uint64(proof)
	code := make([]byte, codeLength)
	for i := range code {
		from := codeAny
		switch i {
		case 0:
			from = codeFirst
		case codeLength - 1:
			from = codeLetters
		}
		code[i] = from[n%uint64(len(from))]
		n /= uint64(len(from))
	}
	return string(code)
}

func isCode(s string) bool {
	return len(s) == codeLength && strings.Contains(codeFirst, s[:1]) && strings.Contains(codeLetters, s[codeLength-1:]) &&
		strings.Trim(s, codeAny) == ""
}

// courtesies say nothing.
var courtesies = []string{"REPLY", "PLEASE", "PLS", "THANKS", "THANK", "YOU", "THX", "TA", "CHEERS", "OK", "OKAY", "YES", "HI", "HELLO"}

// ParseReply reads the command in a text that came in: one verb, and one code
// where it names one, in any case, with spaces, punctuation, emoji and courtesies
// around them. Our own text may be quoted above or below: as lines with >, or as a
// line that ends in the same code. False means that it is not understood: any
// other word, two verbs or two codes may mean something else, and nothing is
// guessed.
func ParseReply(text string) (Reply, bool) {
	var said []string
	var quoted []string
	for line := range strings.Lines(readable(text)) {
		if strings.HasPrefix(strings.TrimSpace(line), ">") {
			continue
		}
		words := wordsOf(line)
		if code := quotedCode(words); code != "" {
			quoted = append(quoted, code)
		} else {
			said = append(said, words...)
		}
	}
	r, ok := command(said)
	if !ok || r.Code != "" && slices.ContainsFunc(quoted, func(code string) bool { return code != r.Code }) {
		return Reply{}, false
	}
	return r, true
}

// readable returns a text in capitals, without what makes a digit a keycap and
// joins emoji, and with a line for each thing in quotation marks.
func readable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.M, unicode.Cf):
			return -1
		case strings.ContainsRune("\"“”„«»\r", r):
			return '\n'
		}
		return r
	}, norm.NFKC.String(strings.ToUpper(strings.ToValidUTF8(text, ""))))
}

// wordsOf splits a line into words. A question mark is a word of its own; other
// punctuation and emoji are none.
func wordsOf(line string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(line, "?", " ? "), func(r rune) bool {
		return r != '?' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// quotedCode is the code at the end of a line that is one of our own texts; empty
// where it is none.
func quotedCode(words []string) string {
	const least = 6 // Reply DONE 4F7KP, and before it a time, a duty and a case
	n := len(words)
	if n < least || words[n-3] != "REPLY" {
		return ""
	}
	if r, ok := command(words[n-2:]); ok {
		return r.Code
	}
	return ""
}

// command reads words that are one command and nothing else.
func command(words []string) (r Reply, ok bool) {
	for len(words) > 0 && words[0] == "?" { // an emoji that was lost on the way
		words = words[1:]
	}
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(courtesies, w) })
	if verb := verbs[strings.Join(words, "")]; verb != "" { // STOP ALL
		return Reply{Verb: verb}, true
	}
	var code []string
	for _, w := range words {
		verb, rest := cutVerb(w)
		if verb != "" && r.Verb != "" {
			return Reply{}, false
		}
		if verb != "" {
			r.Verb = verb
		}
		if rest != "" {
			code = append(code, rest)
		}
	}
	if n := len(code); n > 1 && strings.Trim(code[n-1], "X") == "" && isCode(asCode(code[:n-1])) {
		code = code[:n-1] // kisses
	}
	r.Code = asCode(code)
	return r, r.Verb != "" && (r.Code == "" || isCode(r.Code))
}

// cutVerb takes the verb out of a word: DONE4F7KP is DONE and 4F7KP.
func cutVerb(word string) (verb, rest string) {
	if verb := verbs[word]; verb != "" {
		return verb, ""
	}
	for _, verb := range []string{VerbDone, VerbSeen, VerbAck} {
		if rest, ok := strings.CutPrefix(word, verb); ok {
			return verb, rest
		}
		if rest, ok := strings.CutSuffix(word, verb); ok {
			return verb, rest
		}
	}
	return "", word
}

// asCode puts the parts of a code together, with the digits that were meant.
func asCode(parts []string) string {
	return strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.Join(parts, ""))
}
