package intake

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/doorstep/pathway"
)

// Sheet writes CSV that people open in a spreadsheet: no value of it is a formula
// there.
type Sheet struct{ csv *csv.Writer }

// NewSheet returns a sheet that begins with a header.
func NewSheet(to io.Writer, header ...string) *Sheet {
	s := &Sheet{csv.NewWriter(to)}
	s.Row(header...)
	return s
}

// Row writes a row. What goes wrong End returns.
func (s *Sheet) Row(values ...string) {
	safe := make([]string, len(values))
	for i, value := range values {
		safe[i] = harmless(value)
	}
	s.csv.Write(safe)
}

// End writes what is left.
func (s *Sheet) End() error {
	s.csv.Flush()
	return s.csv.Error()
}

// formulas begin what a spreadsheet takes for one, also in the forms of East Asia.
const formulas = "=+-@\t\r\n＝＋－＠"

// harmless marks as text what a spreadsheet would take for a formula.
func harmless(value string) string {
	if isFormula(value) {
		return "'" + value
	}
	return value
}

// unmarked is what harmless was given.
func unmarked(value string) string {
	if rest, marked := strings.CutPrefix(value, "'"); marked && isFormula(rest) {
		return rest
	}
	return value
}

// isFormula looks behind spaces too, which some programs leave out.
func isFormula(value string) bool {
	if value == "" || value[0] > '@' && value[0] < utf8.RuneSelf { // nearly always
		return false
	}
	r, size := utf8.DecodeRuneInString(strings.TrimLeftFunc(value, func(r rune) bool {
		return !strings.ContainsRune(formulas, r) && (unicode.IsSpace(r) || pathway.IsMark(r))
	}))
	return size > 0 && strings.ContainsRune(formulas, r)
}
