package govuk

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// foldedAt is how wide the text part of an email is folded.
const foldedAt = 72

// plain makes the text part of an email mean in Notify's Markdown just what it
// says. Notify turns every line break into one that stays, so folded lines are
// put together again.
//
// What Notify would make of it otherwise: # or a line of = or - below another
// makes a heading; -, *, • or a number with a dot a list, in which every "2."
// counts from 1 again; ^ a quotation; four spaces and ``` a block without line
// breaks; | a table; three of -, * or _ a rule; [words](address) a link. It takes a
// backslash before most of them for "as it stands" (its own documentation advises
// that).
func plain(text string) string {
	lines := strings.Split(unfold(text), "\n")
	for i, line := range lines {
		lines[i] = plainLine(line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

var (
	webAddress = regexp.MustCompile(`https?://[^\s<]+`)
	anywhere   = strings.NewReplacer(`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `|`, `\|`, `~`, `\~`)
	underline  = regexp.MustCompile(`^=+$`)
	numbered   = regexp.MustCompile(`^([0-9]+)\.`)
)

func plainLine(line string) string {
	line = strings.TrimSpace(strings.ReplaceAll(line, "\t", " "))
	if underline.MatchString(line) {
		return "" // = knows no backslash
	}
	// A backslash inside a web address would become a part of it.
	var b strings.Builder
	from := 0
	for _, at := range webAddress.FindAllStringIndex(line, -1) {
		b.WriteString(anywhere.Replace(line[from:at[0]]))
		b.WriteString(line[at[0]:at[1]])
		from = at[1]
	}
	b.WriteString(anywhere.Replace(line[from:]))
	line = b.String()

	switch first, size := utf8.DecodeRuneInString(line); first {
	case '#', '-', '+':
		return `\` + line
	case '^': // these two know no backslash either
		return "ˆ" + line[size:]
	case '•':
		return "·" + line[size:]
	}
	return numbered.ReplaceAllString(line, `$1\.`)
}

// unfold puts a line after the one before it where only the width can have parted
// them: they begin at the same column, and the second one's first word had no room.
func unfold(text string) string {
	var b strings.Builder
	before := ""
	for i, line := range strings.Split(text, "\n") {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case i == 0:
		case word != "" && strings.TrimSpace(before) != "" && indent(line) == indent(before) &&
			utf8.RuneCountInString(before)+1+utf8.RuneCountInString(word) > foldedAt:
			b.WriteByte(' ')
			b.WriteString(strings.TrimSpace(line))
			before = line
			continue
		default:
			b.WriteByte('\n')
		}
		b.WriteString(line)
		before = line
	}
	return b.String()
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
