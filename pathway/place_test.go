package pathway

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestAnEventStandsAtAPlaceThatIsKnown: at home, or at one of the organisation's own.
func TestAnEventStandsAtAPlaceThatIsKnown(t *testing.T) {
	rules := NewRules(organisation(t), nil)
	now := time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)
	rules.SetPlaces(map[string]Place{"clinic-east": {Name: "East Clinic"}, "childrens-centre": {Name: "Children's Centre"}})
	for _, tt := range []struct{ place, want, fault string }{
		{"", "", ""},
		{"Home", "home", ""},
		{"clinic-east", "clinic-east", ""},
		{"clinic-eas", "", `[{place "clinic-eas" is not known: use home, childrens-centre or clinic-east (did you mean clinic-east?)}]`},
	} {
		e := Event{Case: "KN-7", Kind: KindNotBrought, At: now, Place: tt.place}
		faults := NewChecker(rules, now).Event(&e)
		if tt.fault != "" {
			if got := fmt.Sprint(faults); got != tt.fault {
				t.Errorf("place %q: %s, want %s", tt.place, got, tt.fault)
			}
			continue
		}
		if len(faults) > 0 || e.Place != tt.want {
			t.Errorf("place %q: %q, faults %v; want %q", tt.place, e.Place, faults, tt.want)
		}
	}
	bare := NewRules(organisation(t), nil)
	e := Event{Case: "KN-7", Kind: KindSeen, At: now, Place: "clinic-east"}
	if got, want := fmt.Sprint(NewChecker(bare, now).Event(&e)), `[{place "clinic-east" is not known: use home}]`; got != want {
		t.Errorf("without places of its own: %s, want %s", got, want)
	}
}

// TestAReasonCodeSaysWhyAVisitFailedAndIsNotRepeated: it stands with an unsuccessful
// visit and with what a family declined only, and there is reason enough.
func TestAReasonCodeSaysWhyAVisitFailedAndIsNotRepeated(t *testing.T) {
	rules := NewRules(organisation(t), nil)
	now := time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)
	declines := map[string]string{KindDeclined: "visit"}
	for _, tt := range []struct{ kind, code, want, fault string }{
		{KindNoAccess, "Fear-of-Authority", "fear-of-authority", ""},
		{KindNotBrought, "omission", "omission", ""},
		{KindNotSeen, "", "", ""},
		{KindSeen, "", "", ""},
		{KindNoAccess, "afraid of dad", "", "the value is not known: use opt-out, past-experience, unaware-of-need"},
		{KindSeen, "hiding", "", `"seen" takes no reason_code: it stands with declined, no-access, not-brought or not-seen only`},
		{KindDeclined, "opt-out", "opt-out", ""},
		{KindRiskAssessed, "opt-out", "", `"risk-assessed" takes no reason_code`},
		{KindCancelledByFamily, "opt-out", "", `"cancelled-by-family" takes no reason_code`},
	} {
		e := Event{Case: "KN-7", Kind: tt.kind, At: now, Value: declines[tt.kind], ReasonCode: tt.code}
		faults := NewChecker(rules, now).Event(&e)
		if tt.fault == "" {
			if len(faults) > 0 || e.ReasonCode != tt.want {
				t.Errorf("%s %q: %q, faults %v; want %q", tt.kind, tt.code, e.ReasonCode, faults, tt.want)
			}
			continue
		}
		if len(faults) != 1 || faults[0].Column != "reason_code" || !strings.HasPrefix(faults[0].Message, tt.fault) || strings.Contains(faults[0].Message, "afraid") {
			t.Errorf("%s %q: faults %v, want one of reason_code that begins %q", tt.kind, tt.code, faults, tt.fault)
		}
	}
}

// TestWhatWasDeclinedNeedsAReasonOrItsCode, and so does an assessment of it a reason.
func TestWhatWasDeclinedNeedsAReasonOrItsCode(t *testing.T) {
	now := time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ kind, value, reason, code, want string }{
		{KindDeclined, "service", "they see a nanny", "", "[]"},
		{KindDeclined, "service", "", "privacy", "[]"},
		{KindDeclined, "service", " ", "", "[{reason is empty: declined needs one, or a reason_code: say why, as far as it is known}]"},
		{KindDeclined, "", "they see a nanny", "", "[{value is empty: declined needs what the family declines: visit, service or treatment}]"},
		{KindDeclined, "all", "they see a nanny", "", `[{value "all" is not known: use visit, service or treatment}]`},
		{KindRiskAssessed, "", "low: the GP sees the child", "", "[]"},
		{KindRiskAssessed, "", "", "", "[{reason is empty: risk-assessed needs one: say what the risk is, and what it rests on}]"},
	} {
		e := Event{Case: "KN-7", Kind: tt.kind, At: now, Value: tt.value, Reason: tt.reason, ReasonCode: tt.code}
		if got := fmt.Sprint(NewChecker(NewRules(organisation(t), nil), now).Event(&e)); got != tt.want {
			t.Errorf("%s %q with reason %q and code %q: %s, want %s", tt.kind, tt.value, tt.reason, tt.code, got, tt.want)
		}
	}
}

// TestStaffHaveAddressesOfTheOrganisationOnly: where it says which there are.
func TestStaffHaveAddressesOfTheOrganisationOnly(t *testing.T) {
	now := time.Date(2026, 9, 3, 9, 0, 0, 0, time.UTC)
	council := StaffAddresses{EmailDomains: []string{"council.example", "nhs.example"}, Countries: []string{"GB", "IE"}}
	const (
		email  = "{email this address is not one of council.example or nhs.example: correct it, or add its domain to people.email_domains}"
		mobile = "{mobile this number does not belong to GB or IE: correct it, or add its country to people.countries}"
	)
	for _, tt := range []struct {
		name          string
		allowed       StaffAddresses
		email, mobile string
		want          string
	}{
		{"nothing is said", StaffAddresses{}, "w1@gmail.example", "+33612345678", "[]"},
		{"both of the organisation", council, "w1@Council.Example", "07700 900101", "[]"},
		{"the other country", council, "w1@nhs.example", "+353 85 012 3456", "[]"},
		{"a mailbox elsewhere", council, "w1@gmail.example", "07700 900101", "[" + email + "]"},
		{"a part of the domain", council, "w1@mail.council.example", "07700 900101", "[" + email + "]"},
		{"an end of the domain", council, "w1@evilcouncil.example", "07700 900101", "[" + email + "]"},
		{"a French number", council, "w1@nhs.example", "+33612345678", "[" + mobile + "]"},
		{"a number of Jersey", council, "w1@nhs.example", "+44 7797 712345", "[" + mobile + "]"},
		{"none", council, "", "07700 900101", "[]"},
		{"what is no address", council, "gmail", "07700 900101", "[{email this is not an email address: write it like name@council.example, without anything around it}]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rules := NewRules(organisation(t), nil)
			rules.SetStaffAddresses(tt.allowed)
			p := Person{ID: "W1", Role: Practitioner, Email: tt.email, Mobile: tt.mobile}
			if got := fmt.Sprint(NewChecker(rules, now).PersonRow(&p, GivenAll)); got != tt.want {
				t.Errorf("faults %s, want %s", got, tt.want)
			}
			p = Person{ID: "W1", Role: Practitioner, Email: "w1@gmail.example"}
			if faults := NewChecker(rules, now).Person(&p, GivenBy(OfPeople, []string{"team"})); len(faults) > 0 {
				t.Errorf("an address that is known and not given again: %v, want it left as it is", faults)
			}
		})
	}
}
