package pathway

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Counted writes a number of things as people do: "1 row", "2 rows".
func Counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// Capitalised begins with a capital letter, as a sentence does.
func Capitalised(words string) string {
	first, size := utf8.DecodeRuneInString(words)
	if size == 0 {
		return words
	}
	return string(unicode.ToUpper(first)) + words[size:]
}
