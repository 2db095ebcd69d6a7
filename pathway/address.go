package pathway

import (
	"errors"
	"net/mail"
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// longestEmail is how long an address can be and still be taken by mail servers
// (RFC 5321).
const longestEmail = 254

// ParseEmail returns an email address as it is written to, without the spaces around
// it: one that goes everywhere. A display name is not part of one. Addresses beyond
// ASCII (RFC 6531) are refused by many servers on the way, silently by some. The
// error does not hold the address.
func ParseEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	switch a, err := mail.ParseAddress(s); {
	case len(s) > longestEmail:
		return "", errors.New("this is longer than any email address can be: write it like name@council.example, without anything around it")
	case strings.ContainsFunc(s, func(r rune) bool { return r >= 0x7f && !isControl(r) }):
		return "", errors.New("this email address holds a character that mail does not reach, such as ’ or ü, or one that does not show: type it anew with plain letters, digits and signs")
	case err != nil, a.Name != "", a.Address != s, strings.ContainsFunc(s, isControl), !strings.Contains(s[strings.LastIndexByte(s, '@')+1:], "."):
		return "", errors.New("this is not an email address: write it like name@council.example, without anything around it")
	}
	return s, nil
}

// ParseMobile returns a mobile number in E.164 (+447700900101). It takes any British
// or international form. The error does not hold the number.
func ParseMobile(s string) (string, error) {
	const how = ": write a mobile number like 07700 900101, or with its country like +44 7700 900101"
	n, err := phonenumbers.Parse(s, "GB")
	if err != nil || n.GetExtension() != "" || !phonenumbers.IsValidNumber(n) && !keptForDrama(n) {
		return "", errors.New("this is not a telephone number that exists" + how)
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
	default:
		if !keptForDrama(n) {
			return "", errors.New("this number is no mobile and cannot get texts" + how)
		}
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// keptForDrama reports whether a number is one of those that Ofcom keeps free for
// drama, 07700 900000 to 900999: examples and tests use them, and nobody has one.
func keptForDrama(n *phonenumbers.PhoneNumber) bool {
	return n.GetCountryCode() == 44 && n.GetNationalNumber()/1000 == 7700900
}

// IsE164 reports whether a number has the form that ParseMobile gives.
func IsE164(number string) bool { return e164.MatchString(number) }

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// isControl reports whether r could break a line or a header.
func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
}
