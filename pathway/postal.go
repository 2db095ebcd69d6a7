package pathway

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// AddressLine is a line of a posted address, and the column that it comes from.
type AddressLine struct{ Text, Column string }

// Posted addresses have 3 to 7 lines (GOV.UK Notify, "Addresses").
const (
	fewestPosted = 3
	mostPosted   = 7
)

// notFirst are the signs with which no line of a posted address begins (GOV.UK Notify).
const notFirst = `@()=[]"\/,<>~`

// PostalAddress returns an address as it is posted: the addressee, the lines, and the
// postcode or BFPO number last, in capitals with one space. It goes by what GOV.UK
// Notify's validator refuses and Royal Mail cannot deliver. The fault says why there is
// none; it holds nothing of the address.
func PostalAddress(addressee string, lines []string, postcode string) ([]AddressLine, *Fault) {
	return postalAddress(make([]AddressLine, 0, mostPosted+1), addressee, lines, postcode)
}

// PostalFault is the fault that PostalAddress finds, for whoever needs no more.
func PostalFault(addressee string, lines []string, postcode string) *Fault {
	var room [mostPosted + 1]AddressLine
	_, fault := postalAddress(room[:0], addressee, lines, postcode)
	return fault
}

// addressColumns are the columns of an address's lines.
var addressColumns = [...]string{"address_1", "address_2", "address_3", "address_4", "address_5", "address_6"}

func addressColumn(i int) string {
	if i < len(addressColumns) {
		return addressColumns[i]
	}
	return "address_" + strconv.Itoa(i+1)
}

func postalAddress(out []AddressLine, addressee string, lines []string, postcode string) ([]AddressLine, *Fault) {
	wrong := func(column, format string, args ...any) ([]AddressLine, *Fault) {
		return nil, &Fault{column, fmt.Sprintf(format, args...)}
	}
	last, problem := lastLine(postcode)
	if problem != "" {
		return wrong("postcode", "%s", problem)
	}
	out = append(out, AddressLine{postalLine(addressee), "addressee"})
	bfpo := strings.HasPrefix(last, "BFPO")
	for i, line := range lines {
		column := addressColumn(i)
		switch line = postalLine(line); {
		case line == "":
			continue
		case isNowhere(line):
			return wrong(column, "%s", nowhereToPost)
		case len(line) > longestCode || !strings.ContainsAny(line, "0123456789"): // no postcode, and no BFPO number
			out = append(out, AddressLine{line, column})
			continue
		}
		if number, is := BFPONumber(line); is {
			bfpo = true
			if line = "BFPO " + number; last == "" && i == len(lines)-1 {
				last = line
			}
		}
		if code, problem := lastLine(line); problem == "" && code == last {
			continue // it stands at the end
		}
		out = append(out, AddressLine{line, column})
	}
	if last == "" {
		return wrong("postcode", "is missing: a letter cannot be posted without it")
	}
	if end := out[len(out)-1]; bfpo && isCountry(end.Text) {
		return wrong(end.Column, "is a country, which no address with a BFPO number may have: take it out")
	}
	out = append(out, AddressLine{last, "postcode"})
	for i, line := range out {
		switch {
		case line.Text != "" && strings.Contains(notFirst, line.Text[:1]):
			return wrong(line.Column, "begins with %q, which no line of a posted address may: take it out", line.Text[:1])
		case i < 2 && !hasLetterOrDigit(line.Text):
			return wrong(line.Column, "has no letter or digit, which the first two lines of a posted address need: write who lives there, and where")
		}
	}
	switch {
	case len(out) < fewestPosted:
		return wrong("address_1", "the address has %d lines with addressee and postcode: it needs %d at least", len(out), fewestPosted)
	case len(out) > mostPosted:
		return wrong(addressColumn(len(lines)-1), "the address has %d lines with addressee and postcode: a letter has room for %d; put two of them on one line", len(out), mostPosted)
	}
	return out, nil
}

// postalLine is a line as it is posted: with single spaces, and nothing at its end that
// a list would have there.
func postalLine(s string) string {
	if strings.Contains(s, "  ") || strings.ContainsAny(s, "\t\n\r") {
		s = strings.Join(strings.Fields(s), " ")
	}
	return strings.TrimRight(strings.TrimSpace(s), " ,")
}

func hasLetterOrDigit(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// nowhere is what people write where there is no address.
var nowhere = []string{"nfa", "n.f.a.", "n.f.a", "homeless", "address unknown", "address not known", "unknown", "not known", "none"}

var noFixed = regexp.MustCompile(`(?i)no fixed (abode|address)`)

const nowhereToPost = "says that there is no address to post to: give the letter by hand, or phone"

func isNowhere(line string) bool {
	return slices.ContainsFunc(nowhere, func(s string) bool { return strings.EqualFold(s, line) }) ||
		strings.ContainsAny(line, "xX") && noFixed.MatchString(line) // few lines have that letter
}

// longestCode is how many characters the longest postcode or BFPO number has: a longer
// line is none.
const longestCode = 9

var postcodeForm = regexp.MustCompile(`^[A-Z]{1,2}[0-9][0-9ABCDEFGHJKMNPRSTUVWXY]? [0-9][ABD-HJLNP-UW-Z]{2}$`)

// lastLine returns a postcode or BFPO number as it is posted, "" for none, or what is
// wrong with it.
func lastLine(s string) (code, problem string) {
	if !isPostcode(s) { // seldom
		s = strings.ToUpper(strings.Join(strings.Fields(s), " "))
		if number, is := BFPONumber(s); is {
			return "BFPO " + number, ""
		}
		if s == "" {
			return "", ""
		}
		if isNowhere(s) {
			return "", nowhereToPost
		}
		s = strings.ReplaceAll(s, " ", "")
		if len(s) > 3 {
			s = s[:len(s)-3] + " " + s[len(s)-3:]
		}
		if !isPostcode(s) {
			return "", "is not a UK postcode: write it like SN1 1AA, or a BFPO number like BFPO 58"
		}
	}
	if !IsPostcodeArea(s[:strings.IndexAny(s, "0123456789")]) {
		return "", "begins with letters that no UK postcode begins with: correct it"
	}
	return s, ""
}

func isPostcode(s string) bool { return postcodeForm.MatchString(s) }

// isCountry reports whether a line is a country in English, other than the United
// Kingdom and its parts.
func isCountry(line string) bool {
	line = strings.TrimPrefix(strings.ToLower(line), "the ")
	return countries()[line]
}

var countries = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	regions := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			region, err := language.ParseRegion(string(a) + string(b))
			if err == nil && region.IsCountry() && region.String() != "GB" {
				names[strings.ToLower(regions.Name(region))] = true
			}
		}
	}
	return names
})
