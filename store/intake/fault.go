package intake

import (
	"fmt"
	"strings"

	"example.org/doorstep/pathway"
)

// Fault is what is wrong with one value, one row or a whole file.
type Fault struct {
	Row     int    // the line on which the row begins, from 1; 0 for the whole file
	Column  string // as the file's header names it; empty for the whole row
	Message string // what is wrong and what to do
	Others  []int  // further rows of which the same is to be said, in order
}

// In writes the fault as it is shown for the named file:
//
//	events.csv:17: column at: "31/02/2026" is not a date
func (f Fault) In(file string) string {
	if f.Row > 0 {
		file = fmt.Sprintf("%s:%d", file, f.Row)
	}
	said := pathway.Escaped(file + ": " + f.said())
	if n := len(f.Others); n > 0 {
		said += fmt.Sprintf(" (and %s to line %d)", pathway.Counted(n, "more row"), f.Others[n-1])
	}
	return said
}

// said is the fault without its place: in one line, whatever the file's header holds.
func (f Fault) said() string {
	if f.Column == "" {
		return pathway.Escaped(f.Message)
	}
	return pathway.Escaped("column " + f.Column + ": " + f.Message)
}

// Faults are what is wrong with a file, one a line.
type Faults struct {
	File string
	List []Fault // the first of them
	More int     // how many further bad rows there are
}

func (f *Faults) Error() string {
	lines := make([]string, 0, len(f.List)+1)
	for _, one := range f.List {
		lines = append(lines, one.In(f.File))
	}
	if f.More > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %s", f.File, pathway.Counted(f.More, "more bad row")))
	}
	return strings.Join(lines, "\n")
}
