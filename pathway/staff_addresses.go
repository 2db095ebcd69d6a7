package pathway

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// StaffAddresses says which addresses members of staff may have. Nil: any.
type StaffAddresses struct {
	EmailDomains []string // in small letters: council.example, which *.council.example does not include
	Countries    []string // ISO 3166: GB. A number counts for the country that it belongs to
}

// IsStaffAddress reports whether a field of a person is where they are written to.
func IsStaffAddress(field string) bool { return field == "email" || field == "mobile" }

// IsCountry reports whether code is a country that has telephone numbers, as GB is.
func IsCountry(code string) bool { return phonenumbers.GetSupportedRegions()[code] }

// refuseEmail says why an address that is one may be nobody's; empty: it may.
func (s *StaffAddresses) refuseEmail(address string) string {
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	if s.EmailDomains == nil || slices.Contains(s.EmailDomains, domain) {
		return ""
	}
	return "this address is not one of " + OneOf(s.EmailDomains) + ": correct it, or add its domain to people.email_domains"
}

// refuseMobile does the same for a number as ParseMobile gives it.
func (s *StaffAddresses) refuseMobile(number string) string {
	if s.Countries == nil {
		return ""
	}
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return "" // it was refused for that
	}
	country := phonenumbers.GetRegionCodeForNumber(n)
	if keptForDrama(n) {
		country = "GB"
	}
	if slices.Contains(s.Countries, country) {
		return ""
	}
	return "this number does not belong to " + OneOf(s.Countries) + ": correct it, or add its country to people.countries"
}

// staffAddresses checks that addresses that a row gives are such as staff may have.
func (c *Checker) staffAddresses(f *faults, p *Person, given Given) {
	for _, a := range []struct {
		column, address string
		refuse          func(string) string
	}{{"email", p.Email, c.rules.staff.refuseEmail}, {"mobile", p.Mobile, c.rules.staff.refuseMobile}} {
		if given&GivenBy(OfPeople, []string{a.column}) == 0 || a.address == "" || slices.ContainsFunc(f.list, func(f Fault) bool { return f.Column == a.column }) {
			continue
		}
		if why := a.refuse(a.address); why != "" {
			f.fault(a.column, "%s", why)
		}
	}
}
