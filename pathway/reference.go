package pathway

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// References of cases and ids of people stand in the subjects of emails and in texts,
// which are read over shoulders: they must not say who somebody is (FORMATS). What is
// refused:
//
//   - a valid NHS number, also with spaces, hyphens or the like in it;
//   - a date, in figures or with the month's name: 20261120, 20-11-2026, 1/2/19, 3 May 2019;
//   - an address: a postcode, or a number with the kind of street, as in 12 Broadway;
//   - two words of letters with nothing but signs or spaces between, as in jane-doe,
//     Smith John or JaneDoe. A word has two letters or more and a vowel, or is written
//     like a name; so KN-CIN-12 and SW-HV-A are codes and pass. Two capitals are a code
//     too, where there are figures in the reference.
//
// A reference as databases make them (8-4-4-4-12 hexadecimal figures) says nothing.

// mostTokens bounds how much of a reference is looked at: no reference that anybody
// has to type has more parts.
const mostTokens = 64

// revealing says what a reference tells about somebody; empty: nothing.
func revealing(ref string) string {
	if isPlainCode(ref) { // nearly always
		return ""
	}
	var space [mostTokens]token
	tokens := tokensOf(ref, space[:0])
	words, figures, groups := 0, 0, 0
	for i := range tokens {
		switch t := &tokens[i]; {
		case t.letters && len(t.text) > 1:
			words++
		case t.digits:
			figures += len(t.text)
			groups++
		}
	}
	switch {
	case isUUID(ref):
	case figures >= 10 && holdsNHSNumber(tokens):
		return "holds an NHS number"
	case (figures >= 8 || groups > 1) && holdsDate(tokens):
		return "holds a date"
	case words > 0 && figures > 0 && holdsAddress(ref, tokens):
		return "holds an address"
	case words > 0 && holdsTwoWords(tokens, figures > 0):
		return "holds two words, like a name"
	}
	return ""
}

// isPlainCode reports whether a reference is up to three letters and up to seven digits
// behind them, as in KN-1234: none of it can be said with those.
func isPlainCode(ref string) bool {
	letters, digits, ended := 0, 0, false
	for i := range len(ref) {
		switch classAt(ref, i) {
		case 'a':
			if letters++; digits > 0 || letters > 3 || ended {
				return false
			}
		case '0':
			if digits++; digits > 7 || digits > 1 && classAt(ref, i-1) != '0' {
				return false
			}
		default:
			ended = letters > 0
			if ref[i] >= utf8.RuneSelf {
				return false
			}
		}
	}
	return true
}

// token is a part of a reference: letters, digits, or what stands between.
type token struct {
	text            string // digits as 0 to 9
	letters, digits bool
}

// tokensOf divides a reference into its parts. An apostrophe between letters belongs to
// the word.
func tokensOf(ref string, tokens []token) []token {
	ref = plainDigits(ref)
	for start := 0; start < len(ref); {
		class := classAt(ref, start)
		end := start
		for end < len(ref) && classAt(ref, end) == class {
			_, size := utf8.DecodeRuneInString(ref[end:])
			end += size
		}
		if len(tokens) == mostTokens {
			break
		}
		tokens = append(tokens, token{ref[start:end], class == 'a', class == '0'})
		start = end
	}
	return tokens
}

// classAt is 'a' for a letter, '0' for a digit, else '-'.
func classAt(s string, at int) byte {
	switch c := s[at]; {
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		return 'a'
	case c >= '0' && c <= '9':
		return '0'
	case c < utf8.RuneSelf && c != '\'':
		return '-'
	}
	r, _ := utf8.DecodeRuneInString(s[at:])
	if unicode.IsLetter(r) || unicode.IsMark(r) || r == '\'' || r == '’' {
		return 'a'
	}
	return '-'
}

// plainDigits writes the digits of other scripts as ours.
func plainDigits(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf || !unicode.IsDigit(r) {
			return r
		}
		zero := r // digits come in tens, in order
		for unicode.IsDigit(zero-1) && r-zero < 9 {
			zero--
		}
		return '0' + (r - zero)
	}, s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isUUID reports whether a reference is one of those that databases make.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch c := s[i] | 0x20; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if s[i] != '-' {
				return false
			}
		case (s[i] < '0' || s[i] > '9') && (c < 'a' || c > 'f'):
			return false
		}
	}
	return true
}

// holdsNHSNumber looks for ten digits, in one piece or in several, of which the last
// checks the others.
func holdsNHSNumber(tokens []token) bool {
	for i := range tokens {
		var number [10]byte
		n := 0
		for _, t := range tokens[i:] {
			if t.letters || !t.digits && n == 0 || t.digits && n+len(t.text) > len(number) {
				break
			}
			if t.digits {
				n += copy(number[n:], t.text)
			}
			if n == len(number) {
				if isNHSNumber(number) {
					return true
				}
				break
			}
		}
	}
	return false
}

// isNHSNumber reports whether the last digit is the one that follows from the others
// (NHS Data Dictionary, "NHS NUMBER": modulus 11).
func isNHSNumber(number [10]byte) bool {
	sum := 0
	for i, c := range number[:9] {
		sum += int(c-'0') * (10 - i)
	}
	check := (11 - sum%11) % 11
	return check == int(number[9]-'0')
}

// holdsDate looks for a date.
func holdsDate(tokens []token) bool {
	for i := range tokens {
		if isDateInOne(tokens[i]) || i+4 < len(tokens) && (isDateOfThree(tokens[i:i+5]) || isDateWithMonth(tokens[i:i+5])) {
			return true
		}
		if i+2 < len(tokens) && isDateWithMonthClose(tokens[i:i+3]) {
			return true
		}
	}
	return false
}

// isDateInOne reports whether digits in one piece are a day, alone or with a time.
func isDateInOne(t token) bool {
	if !t.digits || len(t.text) != 8 && len(t.text) != 12 && len(t.text) != 14 {
		return false
	}
	s := t.text[:8]
	if isDay(s[:4], s[4:6], s[6:]) {
		return len(t.text) == 8 || numberOf(t.text[8:10]) < 24 && numberOf(t.text[10:12]) < 60
	}
	return len(t.text) == 8 && (isDay(s[4:], s[2:4], s[:2]) || isDay(s[4:], s[:2], s[2:4]))
}

// isDateOfThree reports whether three numbers with signs between are a day.
func isDateOfThree(t []token) bool {
	if !t[0].digits || !t[2].digits || !t[4].digits || t[1].letters || t[3].letters {
		return false
	}
	a, b, c := t[0].text, t[2].text, t[4].text
	if len(a) == 4 {
		return len(b) <= 2 && len(c) <= 2 && isDay(a, b, c)
	}
	return len(a) <= 2 && len(b) <= 2 && (len(c) == 4 || len(c) == 2) && (isDay(c, b, a) || isDay(c, a, b))
}

// isDateWithMonth reports whether it is a day such as 3 May 2019, 3-MAY-19 or May 3, 2019.
func isDateWithMonth(t []token) bool {
	if t[1].letters || t[1].digits || t[3].letters || t[3].digits {
		return false
	}
	return isDateOfParts(t[0], t[2], t[4])
}

// isDateWithMonthClose is isDateWithMonth without anything between, as in 3May2019.
func isDateWithMonthClose(t []token) bool { return isDateOfParts(t[0], t[1], t[2]) }

func isDateOfParts(a, b, c token) bool {
	if !c.digits || len(c.text) != 2 && len(c.text) != 4 {
		return false
	}
	day, month := a, b
	if a.letters {
		day, month = b, a
	}
	if !day.digits || len(day.text) > 2 || !month.letters {
		return false
	}
	for i, name := range monthNames {
		small := strings.ToLower(month.text)
		if small == name || len(small) >= 3 && strings.HasPrefix(name, small) || small == "sept" && i == 8 {
			return isDay(c.text, twoDigits(i+1), day.text)
		}
	}
	return false
}

var monthNames = [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september",
	"october", "november", "december"}

func twoDigits(n int) string { return string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) }

// isDay reports whether there is such a day in the years in which anybody alive was
// born or is seen. A year of two digits may be any.
func isDay(year, month, day string) bool {
	y, m, d := numberOf(year), numberOf(month), numberOf(day)
	if len(year) == 4 && (y < 1900 || y > LastYear) {
		return false
	}
	if len(year) == 2 {
		y += 2000
	}
	return m >= 1 && m <= 12 && d >= 1 && time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Day() == d
}

// numberOf reads digits, of which there are few.
func numberOf(digits string) (n int) {
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// withinPostcode finds what is written like a postcode within a reference.
var withinPostcode = regexp.MustCompile(`(?i)(?:^|[^a-z])([a-z]{1,2})[0-9][a-z0-9]?[ -]?[0-9][abd-hjlnp-uw-z]{2}(?:$|[^a-z])`)

// holdsAddress looks for a postcode, or a number with a kind of street.
func holdsAddress(ref string, tokens []token) bool {
	for i := 1; i < len(tokens); i++ { // the end of a postcode
		if tokens[i-1].digits && tokens[i].letters && len(tokens[i].text) == 2 && holdsPostcode(ref) {
			return true
		}
	}
	for i := range tokens {
		if !tokens[i].letters {
			continue
		}
		word := strings.ToLower(tokens[i].text)
		before := i > 0 && tokens[i-1].digits || i > 1 && tokens[i-2].digits && !tokens[i-1].letters
		after := i+1 < len(tokens) && tokens[i+1].digits || i+2 < len(tokens) && tokens[i+2].digits && !tokens[i+1].letters
		for _, street := range streetWords {
			if before && strings.HasSuffix(word, street) {
				return true
			}
		}
		if after && (word == "flat" || word == "apartment") {
			return true
		}
	}
	return false
}

// holdsPostcode looks for a postcode of an area that there is.
func holdsPostcode(ref string) bool {
	for {
		found := withinPostcode.FindStringSubmatchIndex(ref)
		if found == nil {
			return false
		}
		if IsPostcodeArea(ref[found[2]:found[3]]) {
			return true
		}
		ref = ref[found[3]:]
	}
}

// streetWords end the names of streets.
var streetWords = []string{"street", "road", "avenue", "lane", "close", "drive", "court", "crescent", "place", "gardens",
	"terrace", "grove", "square", "walk", "way", "mews", "parade", "cottage", "cottages", "villas"}

// holdsTwoWords looks for two words with nothing but signs between, or in one piece with
// a capital in the middle.
func holdsTwoWords(tokens []token, figures bool) bool {
	last := false // the letters before are a word, with only signs since
	for i := range tokens {
		switch t := &tokens[i]; {
		case t.digits:
			last = false
		case t.letters:
			is := isWord(t.text, figures)
			if is && (last || isTwoInOne(t.text)) {
				return true
			}
			last = is
		}
	}
	return false
}

// isWord reports whether letters are a word rather than a code.
func isWord(s string, figures bool) bool {
	if len(s) < 2 {
		return false
	}
	if !isASCII(s) {
		return utf8.RuneCountInString(s) > 1
	}
	capitals := strings.ToUpper(s) == s
	switch {
	case capitals && len(s) == 2 && figures:
		return false
	case len(s) > 4, strings.ContainsAny(s, "aeiouyAEIOUY"):
		return true
	}
	return !capitals && s[0] >= 'A' && s[0] <= 'Z' // as in Ng
}

// isTwoInOne reports whether a word such as JaneDoe is two; McDonald and MacDonald are
// one.
func isTwoInOne(s string) bool {
	for i := 2; i+1 < len(s); i++ {
		small := func(c byte) bool { return c >= 'a' && c <= 'z' }
		if s[i] >= 'A' && s[i] <= 'Z' && small(s[i-1]) && small(s[i+1]) {
			return s[:i] != "Mc" && s[:i] != "Mac"
		}
	}
	return false
}
