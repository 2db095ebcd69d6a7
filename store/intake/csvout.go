package intake

import (
	"encoding/csv"
	"io"
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

// harmless marks as text what a spreadsheet would take for a formula.
func harmless(value string) string {
	if value == "" {
		return value
	}
	switch value[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n':
		return "'" + value
	}
	return value
}
