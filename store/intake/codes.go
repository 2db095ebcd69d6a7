package intake

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// How codes are written in a mapping's values, besides as they stand in the file.
const (
	codeEmpty    = "(empty)"     // the column is empty
	codeLeaveOut = "(leave out)" // what a code means whose rows are left out
	codeJoint    = " + "         // between the codes of columns that are read together
)

// codes turn a file's codes for one column into Doorstep's words. Where the column
// is joined from several of the file's, a code has a part for each, and each is
// matched by itself: what one of them says never passes for another.
type codes struct {
	column   string
	list     []code // the closest first
	leavesIt bool   // a code leaves out its rows
}

// code is one line of a mapping's values.
type code struct {
	written string
	parts   []codePart
	word    string
}

// codePart is what a code says of one column of the file: all of its value, or
// how it begins.
type codePart struct {
	text string // in small letters
	open bool   // followed by anything
}

func newCodes(column string, values map[string]string, columns int) *codes {
	c := &codes{column: column}
	for written, word := range values {
		c.list = append(c.list, code{written, splitCode(written, columns), word})
		c.leavesIt = c.leavesIt || word == codeLeaveOut
	}
	slices.SortFunc(c.list, func(a, b code) int {
		for i := range a.parts {
			if closer := a.parts[i].compare(b.parts[i]); closer != 0 {
				return closer
			}
		}
		return strings.Compare(a.written, b.written)
	})
	return c
}

// splitCode reads a code for a column that is joined from so many. Without " + "
// its first words are the first columns' and the rest is the last one's, as in
// "N No reply"; a column of which it says nothing has to be empty.
func splitCode(written string, columns int) []codePart {
	texts := []string{strings.TrimSpace(written)}
	if columns > 1 {
		if padded := " " + strings.TrimSpace(written) + " "; strings.Contains(padded, codeJoint) {
			texts = strings.Split(padded, codeJoint)
		} else {
			texts = strings.SplitN(strings.Join(strings.Fields(written), " "), " ", columns)
		}
	}
	parts := make([]codePart, max(columns, len(texts)))
	for i, text := range texts {
		text = strings.ToLower(strings.TrimSpace(text))
		if text == codeEmpty {
			text = ""
		}
		parts[i].text, parts[i].open = strings.CutSuffix(text, "*")
	}
	return parts
}

// comparedAs is the same for two ways to write one code.
func comparedAs(written string, columns int) string {
	var parts []string
	for _, p := range splitCode(written, columns) {
		if !p.open {
			p.text = withoutZeros(p.text)
		}
		parts = append(parts, fmt.Sprintf("%q %t", p.text, p.open))
	}
	return strings.Join(parts, codeJoint)
}

// compare puts the closer of two parts first: a whole value, then a longer
// beginning.
func (p codePart) compare(q codePart) int {
	if p.open != q.open {
		if q.open {
			return -1
		}
		return 1
	}
	return cmp.Compare(len(q.text), len(p.text))
}

func (p codePart) matches(value string) bool {
	if p.open {
		return strings.HasPrefix(value, p.text)
	}
	return value == p.text || withoutZeros(value) == withoutZeros(p.text)
}

// withoutZeros writes a code of digits alone without those that say nothing: many
// systems write 05 where others write 5.
func withoutZeros(code string) string {
	if code == "" || code[0] != '0' || strings.Trim(code, "0123456789") != "" {
		return code
	}
	if short := strings.TrimLeft(code, "0"); short != "" {
		return short
	}
	return "0"
}

// meaning returns what the values of the joined columns mean together.
func (c *codes) meaning(values []string) (word string, listed bool) {
	small := make([]string, len(values))
	for i, value := range values {
		small[i] = strings.ToLower(value)
	}
	for i := range c.list {
		if c.list[i].matches(small) {
			return c.list[i].word, true
		}
	}
	return "", false
}

func (c *code) matches(values []string) bool {
	for i, part := range c.parts {
		if i >= len(values) || !part.matches(values[i]) {
			return false
		}
	}
	return true
}

// mostCodesShown is how many of a mapping's codes are named to who used another.
const mostCodesShown = 12

// choices says what may stand instead of a code that is not listed.
func (c *codes) choices() string {
	var shown []string
	for i := range c.list {
		shown = append(shown, strconv.Quote(c.list[i].written))
	}
	slices.Sort(shown)
	more := ""
	if len(shown) > mostCodesShown {
		shown, more = shown[:mostCodesShown], " and others"
	}
	return "is not among the mapping's values of " + c.column + ": correct it, or say there what it means, beside " + strings.Join(shown, ", ") + more
}

// showCode writes the values of joined columns as a mapping would.
func showCode(values []string) string {
	shown := make([]string, len(values))
	for i, value := range values {
		if shown[i] = value; value == "" && len(values) > 1 {
			shown[i] = codeEmpty
		}
	}
	return strings.Join(shown, codeJoint)
}
