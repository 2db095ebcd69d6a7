package postcards

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// template is the text of one card or letter, as a wording file has it:
// paragraphs with an empty line between them, values in braces. A line that
// begins with // is a note to whoever edits the file.
type template struct {
	file       string
	paragraphs []paragraph
}

// paragraph is what stands between empty lines. Lines of a plain paragraph flow
// together; a line that begins with a mark stands alone.
type paragraph struct {
	style style
	parts []part
	close bool // belongs to the paragraph above: no space between
}

// style is how a paragraph looks, by the mark its line begins with.
type style byte

const (
	plain   style = 0
	heading style = '#' // large and bold
	action  style = '>' // set off: what to do, or when
	hard    style = '|' // a line of its own
	closing style = '=' // on a card: at its foot
)

// part is a piece of a paragraph: text as it stands, or a value.
type part struct {
	text  string
	value int // place in valueNames; noValue for text
}

// valueNames are the values that wording files can ask for, in braces.
var valueNames = [...]string{"date", "time", "contact", "next_date", "next_time", "contact_number", "service",
	"organisation", "addressee", "appointment", "named_contact", "where", "directions"}

// The places of the values in valueNames.
const (
	valueDate = iota
	valueTime
	valueContact
	valueNextDate
	valueNextTime
	valueContactNumber
	valueService
	valueOrganisation
	valueAddressee
	valueAppointment
	valueNamedContact
	valueWhere
	valueDirections
	noValue = -1
)

// uses reports whether a text asks for a value.
func (t *template) uses(value int) bool {
	return slices.ContainsFunc(t.paragraphs, func(p paragraph) bool {
		return slices.ContainsFunc(p.parts, func(part part) bool { return part.value == value })
	})
}

// saysNothing reports whether a paragraph is a value alone that there is none of.
func (p *paragraph) saysNothing(v *values) bool {
	return len(p.parts) == 1 && p.parts[0].value != noValue && v[p.parts[0].value] == value{}
}

// parseTemplate reads a wording file. known are the values there are; required,
// those without which the paper would lack what it is for.
func parseTemplate(file, text string, known, required []string, found *faults) *template {
	t := &template{file: file}
	used := map[int]bool{}
	open := false // the last paragraph goes on with the next line
	gap := true
	for n, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "//") {
			continue
		}
		if trimmed == "" {
			open, gap = false, true
			continue
		}
		s := plain
		body := trimmed
		if mark := style(trimmed[0]); strings.ContainsRune("#>|=", rune(mark)) && (len(trimmed) == 1 || trimmed[1] == ' ') {
			s, body = mark, strings.TrimSpace(trimmed[1:])
		}
		column := strings.Index(line, body)
		parts := parseLine(file, n+1, utf8.RuneCountInString(line[:column])+1, body, known, found)
		for _, p := range parts {
			used[p.value] = true
		}
		if s == plain && open {
			last := &t.paragraphs[len(t.paragraphs)-1]
			last.parts = append(append(last.parts, part{text: " ", value: noValue}), parts...)
			continue
		}
		t.paragraphs = append(t.paragraphs, paragraph{style: s, parts: parts, close: !gap})
		open, gap = s == plain, false
	}
	for _, name := range required {
		if !used[slices.Index(valueNames[:], name)] {
			found.add(file, 1, 1, "{%s} is missing: without it the paper would not say what it is for", name)
		}
	}
	return t
}

// parseLine splits a line into text and values.
func parseLine(file string, line, column int, s string, known []string, found *faults) []part {
	var parts []part
	at := func(i int) int { return column + utf8.RuneCountInString(s[:i]) }
	rest := 0
	for i := 0; i < len(s); {
		switch s[i] {
		case '}':
			found.add(file, line, at(i), "a } without a { before it: write values as {contact_number}")
		case '{':
			end := strings.IndexAny(s[i+1:], "{}")
			if end < 0 || s[i+1+end] == '{' {
				found.add(file, line, at(i), "a { without a } after it: write values as {contact_number}")
				i++
				continue
			}
			name := s[i+1 : i+1+end]
			if !slices.Contains(known, name) {
				found.add(file, line, at(i), "{%s} is not a value there is: use {%s}", name, strings.Join(known, "}, {"))
			}
			if i > rest {
				parts = append(parts, part{text: s[rest:i], value: noValue})
			}
			parts = append(parts, part{value: slices.Index(valueNames[:], name)})
			i += end + 2
			rest = i
			continue
		}
		i++
	}
	if rest < len(s) {
		parts = append(parts, part{text: s[rest:], value: noValue})
	}
	return parts
}
