package pathway

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Unit is what a clock counts in.
type Unit string

const (
	Hours       Unit = "hours"        // elapsed, through nights, weekends, holidays and clock changes
	Days        Unit = "days"         // calendar days
	WorkingDays Unit = "working days" // without weekends, bank holidays and closure days
	Weeks       Unit = "weeks"
	Months      Unit = "months"
)

// Offset is a length of time in the unit the guidance gives it in. The zero
// Offset means none.
type Offset struct {
	N    int
	Unit Unit
}

// maxOffset bounds a figure in a pathway file: beyond it lies a typing error.
const maxOffset = 10000

// ParseOffset reads "24 hours", "1 working day", "6 weeks" and the like.
func ParseOffset(s string) (Offset, error) {
	number, unit, _ := strings.Cut(strings.TrimSpace(s), " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n > maxOffset {
		return Offset{}, fmt.Errorf("%q is not a length of time: write a number and hours, days, working days, weeks or months", s)
	}
	unit = strings.TrimSpace(unit)
	if unit != "" && !strings.HasSuffix(unit, "s") {
		unit += "s"
	}
	switch u := Unit(unit); u {
	case Hours, Days, WorkingDays, Weeks, Months:
		return Offset{n, u}, nil
	}
	return Offset{}, fmt.Errorf("%q has no unit Doorstep knows: use hours, days, working days, weeks or months", s)
}

const noFrequency = "is not how often to visit: write it like 10 working days or 6 weeks"

// ParseFrequency reads how often a visit is due. The error follows what was written.
func ParseFrequency(s string) (Offset, error) {
	o, err := ParseOffset(strings.ToLower(s))
	if err != nil || !o.isFrequency() {
		return Offset{}, errors.New(noFrequency)
	}
	return o, nil
}

// isFrequency reports whether something can be due every so often.
func (o Offset) isFrequency() bool { return o.N > 0 && o.Unit != Hours }

// IsZero reports whether o is no length of time.
func (o Offset) IsZero() bool { return o == Offset{} }

// String writes o as it is read: "1 working day", "6 weeks".
func (o Offset) String() string {
	if o.IsZero() {
		return ""
	}
	unit := string(o.Unit)
	if o.N == 1 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return strconv.Itoa(o.N) + " " + unit
}
