package postcards

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// maxField is how many characters a field may have. Anything longer is something
// else, pasted into the wrong place.
const maxField = 200

// clean returns s as it is printed: composed (NFC), on one line, with single
// spaces. It refuses what cannot be printed as it was meant, naming the
// characters: never an empty box on paper.
func (f *fonts) clean(s string) (string, error) {
	if isPlain(s) { // nearly always
		return s, nil
	}
	if !utf8.ValidString(s) {
		return "", errors.New("is not valid UTF-8: export it again as UTF-8")
	}
	s = norm.NFC.String(s)
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }), " ")
	if n := utf8.RuneCountInString(s); n > maxField {
		return "", fmt.Errorf("has %d characters: shorten it to %d", n, maxField)
	}
	s = strings.ReplaceAll(s, "\u2011", "-") // a hyphen that the fonts lack; nothing breaks at one here
	var bad []string
	var last rune
	turned := false
	for _, r := range s {
		if !f.prints(last, r) {
			turned = turned || rightToLeft(r)
			name := fmt.Sprintf("U+%04X", r)
			if unicode.IsGraphic(r) && !unicode.IsMark(r) {
				name = fmt.Sprintf("%q, U+%04X", string(r), r)
			}
			if len(bad) == 0 || bad[len(bad)-1] != name {
				bad = append(bad, name)
			}
		}
		last = r
	}
	switch {
	case turned:
		return "", fmt.Errorf("is written from right to left (%s), which cannot be printed: write it in Latin letters", firstNames(bad))
	case len(bad) > 0:
		return "", fmt.Errorf("has characters that cannot be printed (%s): write it without them", firstNames(bad))
	}
	return s, nil
}

// prints reports whether r, after the character last, comes out as it was meant.
func (f *fonts) prints(last, r rune) bool {
	switch {
	case !f.regular.draws(r) || !f.bold.draws(r) || rightToLeft(r):
		return false
	case unicode.IsMark(r):
		return standsOn(last, r)
	}
	return !unicode.IsControl(r) && !unicode.Is(unicode.Cf, r)
}

// rightToLeft reports whether r belongs to Hebrew, Arabic and their like, some of
// which the fonts have, but nothing here sets.
func rightToLeft(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL
}

func firstNames(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], "; ") + fmt.Sprintf("; and %d more", len(names)-most)
	}
	return strings.Join(names, "; ")
}

// isPlain reports whether s is short ASCII with single spaces between words.
func isPlain(s string) bool {
	space := true
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f || s[i] == ' ' && space {
			return false
		}
		space = s[i] == ' '
	}
	return len(s) <= maxField && (!space || s == "")
}

// The marks that NFC leaves apart and that can be drawn well: the tones of
// Yoruba, over letters that have a dot below already, and over m and n. The fonts
// draw them for small letters.
const (
	toneMarks  = "\u0300\u0301\u0304"
	smallBases = "ẹọmn"
	tallBases  = "ẸỌMN"
	tallerBy   = 0.17 // how much capitals are taller, in font sizes
)

// standsOn reports whether a mark is printed over the letter before it.
func standsOn(letter, mark rune) bool {
	return isToneMark(mark) && strings.ContainsRune(smallBases+tallBases, letter)
}

func isToneMark(r rune) bool { return r >= 0x300 && r <= 0x304 && strings.ContainsRune(toneMarks, r) }
