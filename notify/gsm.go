package notify

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// One text has 160 places of the GSM 7-bit alphabet; when there are several, each
// spends seven on being put together again (3GPP TS 23.038 and 23.040). They are
// sent, and paid for, one by one.
const (
	onePlaces  = 160
	eachPlaces = 153
)

// The GSM 7-bit default alphabet, and its extension, where a character takes two
// places. A single character of neither makes the whole text UCS-2, which has 70
// places.
const (
	gsmBasic    = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "^{}\\[~]|€"
)

// gsmInstead has what stands for a character that the alphabet lacks and that
// does not come apart into one that it has.
var gsmInstead = map[rune]string{
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '―': "-", '−': "-", '⁃': "-", '•': "-", '·': ".", '⁄': "/", '×': "x", '÷': "/",
	'‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", '‹': "'", '›': "'", '`': "'", '´': "'", 'ʼ': "'",
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '″': `"`, '«': `"`, '»': `"`,
	'Ł': "L", 'ł': "l", 'Đ': "D", 'đ': "d", 'Ð': "D", 'ð': "d", 'Þ': "Th", 'þ': "th", 'ı': "i", 'Œ': "OE", 'œ': "oe", 'Ħ': "H", 'ħ': "h",
	'\u2028': " ", '\u2029': " ", '\t': " ",
}

// gsm replaces what the GSM alphabet does not have. é comes out as é, ê as e, 日
// as a question mark.
func gsm(s string) string {
	if isPlain(s) && !strings.Contains(s, "`") { // nearly always
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		if inGSM(r) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(gsmFor(r))
	}
	return b.String()
}

func gsmFor(r rune) string {
	if instead, ok := gsmInstead[r]; ok {
		return instead
	}
	if unicode.In(r, unicode.M, unicode.Cc, unicode.Cf) { // marks, control characters, joiners: nothing by themselves
		return ""
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		if instead, ok := gsmInstead[part]; ok {
			b.WriteString(instead)
		} else if inGSM(part) {
			b.WriteRune(part)
		}
	}
	if b.Len() == 0 {
		return "?"
	}
	return b.String()
}

func inGSM(r rune) bool {
	return strings.ContainsRune(gsmBasic, r) || strings.ContainsRune(gsmExtended, r)
}

// segments is the number of texts that s, which gsm has been through, is sent as.
func segments(s string) int {
	if gsmLen(s) <= onePlaces {
		return 1
	}
	n, left := 0, 0
	for _, r := range s {
		places := gsmLen(string(r))
		if places > left { // the two places of one character stay together
			n, left = n+1, eachPlaces
		}
		left -= places
	}
	return n
}

// gsmLen is the number of places that s, which gsm has been through, takes.
func gsmLen(s string) int {
	n := 0
	for _, r := range s {
		n++
		if strings.ContainsRune(gsmExtended, r) {
			n++
		}
	}
	return n
}
