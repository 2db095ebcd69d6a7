package main

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// outsider gives somebody who is not on the people list an account with rights, and
// returns their browser, signed in.
func (s *site) outsider(id, name string, rights ...string) *browser {
	s.t.Helper()
	s.addAccount(append([]string{id, "--name", name}, rights...)...)
	b := s.browser()
	if got := b.signIn(id, password); got.status != http.StatusSeeOther {
		s.t.Fatalf("signing in as %s gives %d to %q: %s", id, got.status, got.to, got.text())
	}
	return b
}

// addAccount runs account add, and gives the password where it is asked for.
func (s *site) addAccount(args ...string) {
	s.t.Helper()
	c := exec.CommandContext(s.t.Context(), s.binary, append([]string{"account", "add", "--config", "doorstep.yaml"}, args...)...)
	c.Dir, c.Stdin = s.folder, strings.NewReader(password+"\n")
	if out, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("account add %q: %v: %s", args, err, out)
	}
}

// TestWhoRunsTheServiceOpensNoCase: they are on no people list, have a name, and every
// page about cases is to them as one that there is not.
func TestWhoRunsTheServiceOpensNoCase(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		for what, args := range map[string][]string{
			"without a name": {"IT1", "--operates"}, "without a right": {"IT1", "--name", "Ira Best"}, "a name for somebody who has one": {"M1", "--name", "Another", "--audits"},
		} {
			if _, errs, code := s.try(append([]string{"account", "add", "--no-password"}, args...)...); code != exitUsage {
				t.Errorf("account add %s exits %d (%s), want %d", what, code, errs, exitUsage)
			}
		}
		it := s.outsider("IT1", "Ira Best", "--operates")
		auditor := s.outsider("IG1", "Gwen Lyle", "--audits")
		for _, b := range []*browser{it, auditor} {
			for _, path := range []string{"/cases/KN-1", "/cases/KN-1/contact", "/cases/KN-1/record", "/cases/KN-1/void/e3", "/overdue", "/undelivered"} {
				b.get(path).says(t, path, http.StatusNotFound, "it is not yours to open")
			}
		}
		it.get("/account").says(t, "the account of IT", http.StatusOK, "Ira Best", "IT1, runs the service")
		auditor.get("/account").says(t, "the account of the auditor", http.StatusOK, "Gwen Lyle", "IG1, looks at who did what")
		if list := s.command("account", "list"); !strings.Contains(list, "IT1 (Ira Best)  runs the service") {
			t.Errorf("the list of accounts reads\n%s\nwant the rights of IT1", list)
		}
		s.command("account", "remove", "IT1")
		if got := it.get("/account"); got.status != http.StatusSeeOther {
			t.Errorf("after the account was taken away its session gets %d, want to sign in", got.status)
		}
		if audit := s.command("audit"); !strings.Contains(audit, "gave-rights: IT1  runs the service") || !strings.Contains(audit, "gave-rights: IT1  has no right over the service") {
			t.Errorf("the audit trail reads\n%s\nwant who was given rights, and had them taken away", audit)
		}
	})
}

// TestGroupsAtTheProviderGiveRights: to those on the people list and to others, until they
// sign in without the group.
func TestGroupsAtTheProviderGiveRights(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	p := s.withProvider(t, "  rights: {claim: groups, operates: [doorstep-it], audits: [doorstep-audit]}")
	account := func(claims map[string]any) *answer {
		p.Says(claims)
		b := s.browser()
		if got := b.get(b.comesBack(p, "/account")); got.status != http.StatusSeeOther {
			return got
		}
		return b.get("/account")
	}
	account(map[string]any{"sub": "s-7", "name": "Ira Best", "groups": []string{"staff", "doorstep-it"}}).says(t, "IT", http.StatusOK, "Ira Best", "signin s-7, runs the service")
	account(map[string]any{"sub": "s-1", "staff_id": "M1", "groups": "doorstep-audit"}).says(t, "a manager who audits", http.StatusOK, "M1, manager, North, looks at who did what")
	account(map[string]any{"sub": "s-7", "name": "Ira Best", "groups": []string{"staff"}}).says(t, "IT that is in no group any more", http.StatusForbidden, "You are not on the people list")
	out := account(map[string]any{"sub": "s-1", "staff_id": "M1"})
	out.says(t, "the manager who audits no more", http.StatusOK, "M1, manager, North")
	out.saysNot(t, "the manager who audits no more", "looks at who did what")
	account(map[string]any{"sub": "s-8", "groups": []any{"doorstep", 7}}).says(t, "another group", http.StatusForbidden, "You are not on the people list")
}
