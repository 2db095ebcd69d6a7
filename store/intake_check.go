package store

import "fmt"

// rowCheck finds what is wrong with one row beside the others and beside what is
// known; by itself it is good (pathway.Checker).
type rowCheck struct {
	of     string
	row    int
	faults []RowFault
}

func (c *rowCheck) fault(column, format string, args ...any) {
	c.faults = append(c.faults, RowFault{c.of, c.row, column, fmt.Sprintf(format, args...)})
}

func (c *rowCheck) good() bool { return len(c.faults) == 0 }
