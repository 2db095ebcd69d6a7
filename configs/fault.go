package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"example.org/doorstep/pathway"
)

// Fault is one mistake in a file.
type Fault struct {
	File    string
	Line    int // from 1; 0 when the mistake is in no one place
	Column  int // from 1, in characters
	Key     string
	Message string // what is wrong and what to do; never a secret
}

// Error writes the fault as
//
//	doorstep.yaml:12:5: email.smtp.tls: "sometimes" is not known: use required, opportunistic or none
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Column)
	}
	b.WriteString(": ")
	if f.Key != "" {
		b.WriteString(f.Key + ": ")
	}
	b.WriteString(f.Message)
	return pathway.Escaped(b.String())
}

// Faults are all the mistakes of one reading, one a line, in the order of files
// and lines.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].Error()
	}
	return strings.Join(lines, "\n")
}

// orNil returns the faults in order, each once, or a nil error when there are
// none.
func (f Faults) orNil() error {
	if len(f) == 0 {
		return nil
	}
	f.sort()
	return slices.Compact(f)
}

func (f Faults) sort() {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
