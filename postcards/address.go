package postcards

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

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

// Printed addresses have 3 to 7 lines (GOV.UK Notify, "Addresses").
const (
	fewestLines = 3
	mostLines   = 7
)

var postcodeAsPrinted = regexp.MustCompile(`^(GIR 0AA|[A-PR-UWYZ][A-HK-Y]?[0-9][0-9ABCDEFGHJKMNPRSTUVWXY]? [0-9][ABD-HJLNP-UW-Z]{2})$`)

// nowhere is what people write where there is no address.
var nowhere = []string{"nfa", "n.f.a.", "n.f.a", "no fixed abode", "of no fixed abode", "no fixed address", "homeless",
	"address unknown", "address not known", "unknown", "not known", "none"}

func isNowhere(line string) bool {
	return slices.ContainsFunc(nowhere, func(s string) bool { return strings.EqualFold(s, line) })
}

// longestCode is how many characters the longest postcode or BFPO number has: a
// longer line is none.
const longestCode = 9

// addressLine is a line of a printed address, and the field it comes from.
type addressLine struct{ text, field string }

// printedAddress returns the address as it is printed: the addressee, the lines,
// and the postcode or BFPO number last, in capitals with one space. someone
// stands for an addressee that is not named.
func (f *fonts) printedAddress(l *Letter, someone string) ([]addressLine, error) {
	last, err := lastLine(l.Postcode)
	if err != nil {
		return nil, err
	}
	out := make([]addressLine, 0, mostLines+1)
	addressee, err := f.clean(l.Addressee)
	if err != nil {
		return nil, fieldError{"addressee", err}
	}
	if addressee == "" {
		addressee = someone
	}
	out = append(out, addressLine{addressee, "addressee"})
	for i, line := range l.Address {
		field := "address_" + strconv.Itoa(i+1)
		line, err := f.clean(line)
		if err != nil {
			return nil, fieldError{field, err}
		}
		line = strings.TrimRight(line, " ,")
		switch {
		case line == "":
			continue
		case isNowhere(line):
			return nil, wrong(field, "says that there is no address to post to: give the letter by hand, or phone")
		case strings.ContainsRune(`@()=[]"\/,<>~`, rune(line[0])):
			return nil, wrong(field, "begins with %q, which no line of a posted address may: take it out", line[:1])
		}
		if len(line) > longestCode {
			out = append(out, addressLine{line, field})
			continue
		}
		if number, is := pathway.BFPONumber(line); is {
			line = "BFPO " + number
			if last == "" && i == len(l.Address)-1 {
				last = line
			}
		}
		if code, err := lastLine(line); err == nil && code == last {
			continue // it stands at the end
		}
		out = append(out, addressLine{line, field})
	}
	if strings.ContainsRune(`@()=[]"\/,<>~`, rune(addressee[0])) {
		return nil, wrong("addressee", "begins with %q, which no line of a posted address may: take it out", addressee[:1])
	}
	if last == "" {
		return nil, wrong("postcode", "is missing: a letter cannot be posted without it")
	}
	out = append(out, addressLine{last, "postcode"})
	switch {
	case len(out) < fewestLines:
		return nil, wrong("address_1", "the address has %d lines with addressee and postcode: it needs %d at least", len(out), fewestLines)
	case len(out) > mostLines:
		return nil, wrong(fmt.Sprintf("address_%d", len(l.Address)), "the address has %d lines with addressee and postcode: a letter has room for %d; put two of them on one line", len(out), mostLines)
	}
	return out, nil
}

// lastLine returns a postcode or BFPO number as it is printed; "" for none.
func lastLine(s string) (string, error) {
	if postcodeAsPrinted.MatchString(s) { // nearly always
		return s, nil
	}
	s = strings.ToUpper(strings.Join(strings.Fields(s), " "))
	if s == "" {
		return "", nil
	}
	if number, is := pathway.BFPONumber(s); is {
		return "BFPO " + number, nil
	}
	if isNowhere(s) {
		return "", wrong("postcode", "says that there is no address to post to: give the letter by hand, or phone")
	}
	s = strings.ReplaceAll(s, " ", "")
	if len(s) > 3 {
		s = s[:len(s)-3] + " " + s[len(s)-3:]
	}
	if !postcodeAsPrinted.MatchString(s) {
		return "", fieldError{"postcode", errors.New("is not a UK postcode: write it like SN1 1AA, or a BFPO number like BFPO 58")}
	}
	return s, nil
}
