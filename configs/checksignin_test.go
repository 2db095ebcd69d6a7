package configs

import (
	"strings"
	"testing"
)

// TestRightsByGroupsNeedAClaimAndGroups: half of it gives nobody anything, and is named.
func TestRightsByGroupsNeedAClaimAndGroups(t *testing.T) {
	const provider = "listen: 127.0.0.1:0\nsignin:\n  issuer: https://login.example.org\n  client_id: doorstep\n"
	for text, want := range map[string]string{
		provider + "  rights: {claim: groups, operates: [it]}\n":                   "",
		provider + "  rights: {operates: [it]}\n":                                  "signin.rights.claim: is empty",
		provider + "  rights: {claim: groups}\n":                                   `signin.rights.claim: "groups" gives nobody a right`,
		"signin: {rights: {claim: groups, audits: [ig]}}\n":                        "signin.issuer: is empty",
		provider + "  rights: {claim: groups, operates: [it], manages: [heads]}\n": "manages",
	} {
		if got := faultsOf(t, text, nil); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q has the faults %q, want %q", text, got, want)
		}
	}
}
