package postcards

import (
	"errors"
	"fmt"
	"strconv"

	"example.org/doorstep/pathway"
)

// fieldError is what is wrong with one field of an item.
type fieldError struct {
	field string
	err   error
}

func (e fieldError) Error() string { return e.field + ": " + e.err.Error() }
func (e fieldError) Unwrap() error { return e.err }

func wrong(field, format string, args ...any) error {
	return fieldError{field, fmt.Errorf(format, args...)}
}

// addressLine is a line of a printed address, and the field it comes from.
type addressLine struct{ text, field string }

// printedAddress returns the address as it is printed: as it is posted
// (pathway.PostalAddress), in characters that can be printed. someone stands for an
// addressee that is not named.
func (f *fonts) printedAddress(l *Letter, someone string) ([]addressLine, error) {
	addressee, err := f.clean(l.Addressee)
	if err != nil {
		return nil, fieldError{"addressee", err}
	}
	if addressee == "" {
		addressee = someone
	}
	lines := make([]string, len(l.Address))
	for i, line := range l.Address {
		if lines[i], err = f.clean(line); err != nil {
			return nil, fieldError{"address_" + strconv.Itoa(i+1), err}
		}
	}
	posted, fault := pathway.PostalAddress(addressee, lines, l.Postcode)
	if fault != nil {
		return nil, fieldError{fault.Column, errors.New(fault.Message)}
	}
	out := make([]addressLine, len(posted))
	for i, line := range posted {
		out[i] = addressLine{line.Text, line.Column}
	}
	return out, nil
}
