package notify

import (
	"strings"
	"unicode/utf8"
)

// textWidth is the longest line of a plain text part, in characters. RFC 5322,
// 2.1.1, asks for at most 78; 72 leaves room for quoting.
const textWidth = 72

// layOut tidies what a text template gives: no more than one empty line in a
// row, nothing at a line's end, long lines folded under their own beginning. A
// word that is too long by itself, such as a link, stays whole.
func layOut(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/textWidth)
	empty := true // nothing is kept before the first line
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "" {
			empty = true
			continue
		}
		if empty && b.Len() > 0 {
			b.WriteByte('\n')
		}
		empty = false
		fold(&b, line)
	}
	return b.String()
}

func fold(b *strings.Builder, line string) {
	rest := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(rest)]
	b.WriteString(indent)
	column := len(indent)
	for first := true; rest != ""; first = false {
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		width := utf8.RuneCountInString(word)
		switch {
		case first:
		case column+1+width > textWidth:
			b.WriteByte('\n')
			b.WriteString(indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += width
	}
	b.WriteByte('\n')
}
