package notify

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A message may be read on a locked screen, by whoever holds the telephone. So it
// names a case by its reference only, and says neither who the family is nor why
// they are known: no name, address or date of birth, no type of plan or reason
// for involvement.

// tellingPhrases say why a family is known, or when a child was or will be born.
// A word that ends in * stands for all that begin so; one that begins with = is
// meant in just these letters, since in small ones it would be another word.
var tellingPhrases = phrasesByLetter(`
child* protection, children's protection, child* in need, child* in care, care for, cared for, cares for, looked after,
care order*, care proceedings, care plan*, care leaver*, case conference*, strategy meeting*, strategy discussion*,
section 17, section 20, section 31, section 47, s17, s 17, s47, s 47, legal proceedings, significant harm,
safeguard*, vulnerab*, domestic*, abuse*, abusive*, abusing*, neglect*, violen*, mental health,
substance use, substance misuse, drug use, drug misuse, alcohol use, alcohol misuse,
unborn*, pregnan*, antenatal*, ante natal*, prebirth*, pre birth*, midwi*, before birth, before the birth,
expected date of delivery, expected date of confinement, of age, parenting assessment*,
date of birth, dob, d o b, born, birthday*,
=CP, =CIN, =CiN, =CFC, =CfC, =LAC, =CLA, =PLO, =MARAC, =EDD`)

// phrase is one of them, word by word; small letters but for a word with =.
type phrase []string

func phrasesByLetter(list string) (phrases [256][]phrase) {
	for text := range strings.SplitSeq(list, ",") {
		words := strings.Fields(text)
		first := strings.TrimPrefix(words[0], "=")[0] | 0x20 // a small letter
		phrases[first] = append(phrases[first], words)
	}
	return phrases
}

// telling finds the first phrase in s, at or after from, that tells why a family
// is known; end is 0 where there is none. It is asked for every reminder, and
// much faster so than by a regular expression.
func telling(s string, from int) (start, end int) {
	for {
		wordStart, wordEnd := nextWord(s, from)
		if wordStart == wordEnd {
			return 0, 0
		}
		for _, p := range tellingPhrases[s[wordStart]|0x20] {
			if end := p.match(s, wordStart); end > 0 {
				return wordStart, end
			}
		}
		from = wordEnd
	}
}

// match returns where the phrase ends that begins at from; 0: none does.
func (p phrase) match(s string, from int) (end int) {
	for _, want := range p {
		wordStart, wordEnd := nextWord(s, from)
		word := s[wordStart:wordEnd]
		exact, isExact := strings.CutPrefix(want, "=")
		start, isStart := strings.CutSuffix(want, "*")
		switch {
		case isExact && word == exact:
		case isStart && len(word) >= len(start) && strings.EqualFold(word[:len(start)], start):
		case strings.EqualFold(word, want):
		default:
			return 0
		}
		from = wordEnd
	}
	return from
}

// nextWord finds the next letters, digits and inner apostrophes of ASCII; none
// where both are the same.
func nextWord(s string, from int) (start, end int) {
	for start = from; start < len(s) && (!inWord[s[start]] || s[start] == '\''); start++ {
	}
	for end = start; end < len(s) && inWord[s[end]]; end++ {
	}
	for end > start && s[end-1] == '\'' {
		end--
	}
	return start, end
}

var inWord = func() (in [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'") {
		in[c] = true
	}
	return in
}()

// tells reports whether s tells why a family is known.
func tells(s string) bool {
	_, end := telling(s, 0)
	return end > 0
}

// shape is how something looks that belongs to one family; its first group, if it
// has one, is not part of it.
type shape struct {
	pattern *regexp.Regexp
	found   string
}

const months = `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?`

var shapes = []shape{
	// Not the colours of HTML, #AB12CD.
	{regexp.MustCompile(`(^|[^#&\w])[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}\b`), "looks like a postcode: take it out"},
	{regexp.MustCompile(`(?i)(^|[^#&\w])[A-Z]{1,2}[0-9][A-Z0-9]? {1,3}[0-9][A-Z]{2}\b`), "looks like a postcode: take it out"},
	{regexp.MustCompile(`(?i)\b[0-9]{1,4}[a-z]?,? +[a-z]+(?: [a-z]+)? (?:street|road|lane|avenue|close|crescent|terrace|gardens|grove)\b`), "looks like an address: take it out"},
	{regexp.MustCompile(`\b[0-9]{1,2}([./-])[0-9]{1,2}[./-](?:[0-9]{4}|[0-9]{2})\b`), "looks like a date of birth: take it out"},
	{regexp.MustCompile(`\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b`), "looks like a date of birth: take it out"},
	{regexp.MustCompile(`(?i)\b[0-9]{1,2}(?:st|nd|rd|th)? ` + months + `,? [0-9]{4}\b`), "looks like a date of birth: take it out"},
	{regexp.MustCompile(`(?i)\b` + months + ` [0-9]{1,2}(?:st|nd|rd|th)?,? [0-9]{4}\b`), "looks like a date of birth: take it out"},
	{regexp.MustCompile(`\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\.?\s+[A-Z][a-z]+`), "looks like somebody's name: take it out"},
}

// asking asks the reader for what must not be in an answer either. The first
// group is there where the reader is told not to.
var asking = regexp.MustCompile(`(?i)\b((?:do|must|should)\s+not\s+|don't\s+|never\s+|without\s+)?` +
	`(?:reply|answer|send|text|write|email|tell|give|enter|include|state|put)\b[^.!?:;]{0,50}?` +
	`\b(?:names?|addresse?s?|postcodes?|initials|(?:phone|telephone|NHS)\s+numbers?)\b`)

// disclosure is something in a text that no message may say.
type disclosure struct {
	at      int // byte
	message string
}

// disclosures finds what no message may say. What looks like something of one
// family is not repeated.
func disclosures(s string) (found []disclosure) {
	for start, end := telling(s, 0); end > 0; start, end = telling(s, end) {
		phrase := strings.Join(strings.Fields(s[start:end]), " ")
		found = append(found, disclosure{start, fmt.Sprintf("%q tells why a family is known: say it without; the case reference leads to the rest", phrase)})
	}
	for _, shape := range shapes {
		for _, at := range shape.pattern.FindAllStringSubmatchIndex(s, -1) {
			start := at[0]
			if len(at) > 2 && at[2] == at[0] {
				start = at[3]
			}
			found = append(found, disclosure{start, shape.found + "; a case is named by its reference only"})
		}
	}
	for _, at := range asking.FindAllStringSubmatchIndex(s, -1) {
		if at[2] < 0 {
			found = append(found, disclosure{at[0], "asks for personal details in an answer: ask the reader to open the case instead"})
		}
	}
	return found
}

// LintTitle refuses the title of a duty that tells why a family is known, or
// holds a name, an address or a date of birth: titles go into texts and emails.
func LintTitle(title string) error {
	if found := disclosures(title); len(found) > 0 {
		return errors.New(found[0].message)
	}
	return nil
}

// shortClause is what messages say of where a duty comes from: the reference up
// to the quotation, "Knowsley 1", and of that no part that tells why a family is
// known. The words of the guidance stand on the case's page.
func shortClause(clause string) string {
	if at := strings.IndexAny(clause, ":;\"“"); at >= 0 {
		clause = clause[:at]
	}
	if !tells(clause) { // nearly always
		return strings.TrimSpace(clause)
	}
	var kept []string
	for part := range strings.SplitSeq(clause, ",") {
		if tells(part) {
			break
		}
		kept = append(kept, part)
	}
	return strings.TrimSpace(strings.Join(kept, ","))
}
