package pathway

import (
	"regexp"
	"strings"
	"time"
)

// Case is one child, unborn child or parent/carer assessment followed on one
// pathway, as a record system describes it. What has happened since is in its
// events; Derive works out where the case stands now.
type Case struct {
	Ref     string
	Pathway string    // the pathway it was opened on; events may move it to another
	Opened  time.Time // the instant of opening or referral
	// Recorded is when Doorstep learned of the case. It chooses the version of
	// the pathway file that the opening duties follow.
	Recorded time.Time
	Closed   time.Time // zero while open; a closed event does the same

	Practitioner string // person ids; empty means nobody
	Manager      string
	Chair        string
	Team         string

	Contact    string // antenatal, new-birth, six-week, one-year, two-year, other, or empty
	Plan       string // cin, cp, cfc, or empty
	EDD        Date   // expected date of delivery; zero when not known
	VisitEvery Offset // the case's own visiting frequency; zero when not set
	OpenTo     []string

	Household   string
	Addressee   string
	Address     []string // as printed, without the postcode
	Postcode    string
	Phone       string
	Language    string // that the family reads, as the wording's folders are named; empty: the service's
	SafeToWrite bool   // as its rows say; safe-to-write events may say otherwise since
	LargePrint  bool   // what the family gets is printed large

	// AddressSince is when a row brought another address than there was; zero: none has.
	AddressSince time.Time
	// UnsafeHousehold is another case of the household that is unsafe to write to, which
	// holds for this one too; empty: none is, or nobody has looked.
	UnsafeHousehold string
}

// OpenToService reports whether the family is open to the named service.
func (c *Case) OpenToService(service string) bool {
	for _, s := range c.OpenTo {
		if s == service {
			return true
		}
	}
	return false
}

// HasFullAddress reports whether a letter can reach the family: there is an
// address, with a postcode or a BFPO number as its last line.
func (c *Case) HasFullAddress() bool {
	if len(c.Address) == 0 || strings.TrimSpace(c.Postcode) != "" {
		return len(c.Address) > 0
	}
	_, is := BFPONumber(strings.TrimSpace(c.Address[len(c.Address)-1]))
	return is
}

var bfpo = regexp.MustCompile(`(?i)^BFPO ?([0-9]{1,4})$`)

// BFPONumber returns the number in a line of an address that holds nothing else,
// such as 58 of "BFPO 58". It stands in the place of a postcode.
func BFPONumber(line string) (number string, is bool) {
	found := bfpo.FindStringSubmatch(line)
	if found == nil {
		return "", false
	}
	return found[1], true
}
