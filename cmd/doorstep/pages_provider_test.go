package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/web/signin/oidctest"
)

// withProvider starts a site anew, where people sign in at an OpenID Connect provider.
// also is what else stands in signin, a line each.
func (s *site) withProvider(t *testing.T, also ...string) *oidctest.Provider {
	t.Helper()
	p := oidctest.Start(t, time.Now)
	s.signsInAt(p.Issuer, also...)
	return p
}

// signsInAt starts a site anew with a provider.
func (s *site) signsInAt(issuer string, also ...string) {
	s.t.Helper()
	s.processes[0].stop()
	s.write("doorstep.yaml", s.configuration()+strings.Join(append([]string{"signin:", "  issuer: " + issuer, "  client_id: " + oidctest.ClientID, "  client_secret: " + oidctest.Secret, "  person_claim: staff_id"}, also...), "\n")+"\n")
	s.start()
}

// comesBack goes to the provider and returns where it sends the browser back to.
func (b *browser) comesBack(p *oidctest.Provider, next string) string {
	b.t.Helper()
	went := b.get("/signin/start?next=" + url.QueryEscape(next))
	if went.status != http.StatusSeeOther || !strings.HasPrefix(went.to, p.Issuer+"/authorize?") {
		b.t.Fatalf("/signin/start gives %d to %q, want the provider: %s", went.status, went.to, went.text())
	}
	return p.Visit(b.t, went.to).RequestURI()
}

// is makes sure who is signed in.
func (b *browser) is(t *testing.T, name string) {
	t.Helper()
	if got := b.get("/"); got.status != http.StatusOK || !strings.Contains(got.body, name) {
		t.Errorf("/ gives %d, want the pages of %s: %s", got.status, name, got.text())
	}
}

// TestPeopleSignInAtTheirOrganisation: in one tap from an email's link to the case, and
// from then on by what never changes at the provider.
func TestPeopleSignInAtTheirOrganisation(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		p := s.withProvider(t)
		b := s.browser()
		b.get("/signin?next=/cases/KN-1").says(t, "the sign-in page", http.StatusOK, "Sign in with your work account")
		p.Says(map[string]any{"sub": "s-1", "staff_id": "W1", "email": "m1@example.org"})
		back := b.comesBack(p, "/cases/KN-1")
		if got := b.get(back); got.status != http.StatusSeeOther || got.to != "/cases/KN-1" {
			t.Fatalf("coming back gives %d to %q, want 303 to the case: %s", got.status, got.to, got.text())
		}
		b.get("/cases/KN-1").says(t, "the case", http.StatusOK, "Case KN-1")
		b.get(back).says(t, "the same address once more", http.StatusForbidden, "You are signed in already", "Sam Okafor", "It has changed nothing")

		// Another subject that calls itself W1 is not W1 any more.
		p.Says(map[string]any{"sub": "s-2", "staff_id": "W1"})
		other := s.browser()
		other.get(other.comesBack(p, "/")).says(t, "a second W1", http.StatusForbidden, "You are not on the people list", "s-2")
		if got := other.get("/"); got.status != http.StatusSeeOther {
			t.Errorf("a second W1 is shown %d, want to be sent to sign in", got.status)
		}
		// The same subject is W1 still, whatever else is said of it.
		p.Says(map[string]any{"sub": "s-1", "staff_id": "M1"})
		again := s.browser()
		again.get(again.comesBack(p, "/"))
		again.is(t, "Sam Okafor")

		// By an email address nobody is known; by hand they are linked.
		p.Says(map[string]any{"sub": "s-9", "email": "m1@example.org"})
		stranger := s.browser()
		stranger.get(stranger.comesBack(p, "/")).says(t, "somebody by email only", http.StatusForbidden, "You are not on the people list")
		s.command("account", "link", "M1", "s-9")
		linked := s.browser()
		if got := linked.get(linked.comesBack(p, "/")); got.to != "/overdue" {
			t.Errorf("a manager comes back to %q, want what is overdue, as with a password", got.to)
		}
		if got := linked.get(linked.comesBack(p, "/cases/KN-1")); got.to != "/cases/KN-1" {
			t.Errorf("a manager who followed a link comes back to %q, want the case", got.to)
		}
		linked.is(t, "Helen Marsh")
		if list := s.command("account", "list"); !strings.Contains(list, "M1  is s-9 at "+p.Issuer) || !strings.Contains(list, "W1  is s-1 at ") {
			t.Errorf("the list reads\n%s\nwant both links", list)
		}
		s.command("account", "unlink", "M1")
		if got := linked.get("/"); got.status != http.StatusSeeOther {
			t.Errorf("after the link has ended M1 is shown %d, want to be sent to sign in", got.status)
		}
	})
}

// TestAProviderThatOthersHaveWrittenSignsPeopleIn: from start to end, by a form of its own.
func TestAProviderThatOthersHaveWrittenSignsPeopleIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	p := oidctest.StartForeign(t, "https://doorstep.example/signin/callback")
	s.signsInAt(p.Issuer)
	s.command("account", "link", "W1", oidctest.ForeignSubject)
	b := s.browser()
	back := p.Visit(t, b.get("/signin/start?next=/cases/KN-1").to).RequestURI()
	if got := b.get(back); got.status != http.StatusSeeOther || got.to != "/cases/KN-1" {
		t.Fatalf("coming back gives %d to %q, want 303 to the case: %s", got.status, got.to, got.text())
	}
	b.is(t, "Sam Okafor")
	other := s.browser()
	other.get("/signin/start")
	other.get(back).says(t, "the same answer in another browser", http.StatusForbidden, "You are not signed in")
}

// TestWhatDoesNotComeFromThisBrowserSignsNobodyIn: another browser's answer, none, and a
// provider that is down, which ends nobody's session.
func TestWhatDoesNotComeFromThisBrowserSignsNobodyIn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		p := s.withProvider(t)
		p.Says(map[string]any{"sub": "s-1", "staff_id": "W1"})
		back := s.browser().comesBack(p, "/")
		for what, path := range map[string]string{"another browser's answer": back, "an answer to nothing": "/signin/callback?code=a&state=b", "an empty one": "/signin/callback"} {
			b := s.browser()
			b.get(path).says(t, what, http.StatusForbidden, "You are not signed in")
			if got := b.get("/"); got.status != http.StatusSeeOther {
				t.Errorf("%s: / gives %d, want to be sent to sign in", what, got.status)
			}
		}
		in := s.browser()
		in.get(in.comesBack(p, "/"))
		p.GoesDown("/")
		in.is(t, "Sam Okafor")
		b := s.browser()
		for _, next := range []string{"https://elsewhere.example/", "//elsewhere.example/"} { // the provider is known by now
			b.get("/signin/start?next=" + url.QueryEscape(next))
		}
		p.GoesDown("")
		if got := b.get(b.comesBack(p, "https://elsewhere.example/")); got.to != "/" {
			t.Errorf("coming back leads to %q, want the first page", got.to)
		}
	})
}

// TestAPasswordIsForEmergenciesThen: it takes a reason, operations and those who look at who
// did what are told, and it is on record.
func TestAPasswordIsForEmergenciesThen(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		s.account("W1")
		s.command("account", "add", "M2", "--audits", "--no-password")
		s.withProvider(t, "information_governance: {email: governance@example.org}")
		b := s.browser()
		b.signIn("W1", password).says(t, "no reason", http.StatusUnprocessableEntity, "Say why it cannot wait")
		got := b.post("/signin", url.Values{"person": {"W1"}, "password": {password}, "next": {"/"}, "reason": {"provider down, visit due"}})
		if got.status != http.StatusSeeOther || got.to != "/" {
			t.Fatalf("with a reason: %d to %q: %s", got.status, got.to, got.text())
		}
		b.is(t, "Sam Okafor")
		s.await("those who look at who did what to be told", func() bool {
			return s.told("m2@example.org", "Sam Okafor (W1) has signed in with a password", "Those who look at who did what are told")
		})
		s.await("whoever leads on information governance to be told", func() bool {
			return s.told("governance@example.org", "Sam Okafor (W1) has signed in with a password")
		})
		s.await("operations to be told", func() bool {
			files, err := filepath.Glob(filepath.Join(s.folder, "outbox", "*alert*.eml"))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				text, err := os.ReadFile(file)
				said := strings.Join(strings.Fields(string(text)), " ")
				if err == nil && strings.Contains(said, "Sam Okafor (W1) has signed in with a password") {
					if strings.Contains(string(text), "visit due") {
						t.Errorf("the message gives the reason away:\n%s", text)
					}
					return true
				}
			}
			return false
		})
	})
}
