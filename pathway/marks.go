package pathway

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsMark reports whether r does not show and can change how what is around it is read:
// a control character (C0, DEL, C1), a line or paragraph separator, what turns the
// writing direction, what has no width (a byte-order mark inside a text among them), a
// tag, or a filler. None of them belongs into a value, a header or a name; whoever
// shows what others wrote does so without them.
func IsMark(r rune) bool {
	return r < 0x20 || r >= 0x7f && (r < 0xa0 || r == '\u2028' || r == '\u2029' || isHidden(r))
}

// isHidden reports whether r takes no room at all. The selectors behind a sign that
// choose how it is drawn are none of them, other than those that can carry a message.
func isHidden(r rune) bool {
	return r >= 0xad && (unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) ||
		r >= 0xe0000 && r <= 0xe0fff)
}

// hasMark looks at every value of every row: a plain loop over bytes first.
func hasMark(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return strings.ContainsFunc(s[i:], IsMark)
		}
	}
	return false
}

// Cleaned is a value of a file as people see it: without what takes no room, and with a
// plain space for any other. Control characters and line breaks stay, to be refused.
func Cleaned(s string) string {
	if isASCII(s) || !strings.ContainsFunc(s, func(r rune) bool { return isHidden(r) || r > ' ' && unicode.Is(unicode.Zs, r) }) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case isHidden(r):
			return -1
		case unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, s)
}

// CleanedText is what people wrote, in several lines perhaps, without marks.
func CleanedText(s string) string {
	if !hasMark(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if IsMark(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

// Escaped is a foreign text, such as the name of a file, as it may be shown in a
// sentence: in one line, with \u202e and the like for its marks.
func Escaped(s string) string {
	if !hasMark(s) && utf8.ValidString(s) {
		return s
	}
	return string(AppendEscaped(nil, s, ""))
}

// AppendEscaped appends a text with its marks written out, but for those in except. How
// they are written is JSON too.
func AppendEscaped(to []byte, s, except string) []byte {
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size <= 1:
			to = append(to, "\uFFFD"...)
		case !IsMark(r) || strings.ContainsRune(except, r):
			to = append(to, s[:size]...)
		case r == '\n':
			to = append(to, `\n`...)
		case r == '\r':
			to = append(to, `\r`...)
		case r == '\t':
			to = append(to, `\t`...)
		case r < 0x10000:
			to = appendUnit(to, r)
		default:
			r -= 0x10000 // as two, as in UTF-16
			to = appendUnit(appendUnit(to, 0xd800+r>>10), 0xdc00+r&0x3ff)
		}
		s = s[size:]
	}
	return to
}

func appendUnit(to []byte, unit rune) []byte {
	figures := strconv.FormatInt(int64(unit), 16)
	return append(to, `\u`+strings.Repeat("0", 4-len(figures))+figures...)
}
