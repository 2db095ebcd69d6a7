package intake

import (
	"errors"
	"net/mail"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Email returns an email address as it is written to, without the spaces around
// it. A display name is not part of one. The error does not hold the address.
func Email(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s || strings.ContainsFunc(s, isControl) || !strings.Contains(s[strings.LastIndexByte(s, '@')+1:], ".") {
		return "", errors.New("this is not an email address: write it like name@council.example, without anything around it")
	}
	return s, nil
}

// Mobile returns a mobile number in E.164 (+447700900101). It takes any British
// or international form. The error does not hold the number.
func Mobile(s string) (string, error) {
	const how = ": write a mobile number like 07700 900101, or with its country like +44 7700 900101"
	n, err := phonenumbers.Parse(s, "GB")
	if err != nil || n.GetExtension() != "" || !phonenumbers.IsValidNumber(n) && !invented(n) {
		return "", errors.New("this is not a telephone number that exists" + how)
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
	default:
		if !invented(n) {
			return "", errors.New("this number is no mobile and cannot get texts" + how)
		}
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// invented reports whether a number is one of those that Ofcom keeps free for
// drama, 07700 900000 to 900999: examples and tests use them, and nobody has one.
func invented(n *phonenumbers.PhoneNumber) bool {
	return n.GetCountryCode() == 44 && n.GetNationalNumber()/1000 == 7700900
}

// isControl reports whether r could break a line or a header.
func isControl(r rune) bool {
	return r < 0x20 || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029'
}
