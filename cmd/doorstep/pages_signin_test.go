package main

import (
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
)

// TestWithoutAccountsThePagesSayHowToMakeTheFirst: nothing else is to be seen.
func TestWithoutAccountsThePagesSayHowToMakeTheFirst(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.browser()
		for _, path := range []string{"/", "/cases/KN-1", "/cases/KN-1/contact", "/account"} {
			if got := b.get(path); got.status != http.StatusSeeOther || got.to != "/signin?next="+url.QueryEscape(path) {
				t.Errorf("%s gives %d to %q, want 303 to the sign-in page", path, got.status, got.to)
			}
		}
		b.get("/signin?next=/").says(t, "the sign-in page", http.StatusOK, "Nobody can sign in yet", "doorstep account add ID")
		b.signIn("W1", password).says(t, "signing in", http.StatusUnprocessableEntity, "Id and password do not belong together")
	})
}

// TestWhoHasAnAccountSignsInAndOut: with a cookie that scripts cannot read, under a new
// number, and no longer than they work here in the same role.
func TestWhoHasAnAccountSignsInAndOut(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		s.account("W1")
		b := s.browser()
		b.signIn("W1", "wrong").says(t, "a wrong password", http.StatusUnprocessableEntity, "Id and password do not belong together")
		b.signIn("NOBODY", password).says(t, "an id that there is not", http.StatusUnprocessableEntity, "Id and password do not belong together")
		got := b.post("/signin", url.Values{"person": {"W1"}, "password": {password}, "next": {"/cases/KN-1"}})
		if cookie := got.header.Get("Set-Cookie"); got.status != http.StatusSeeOther || got.to != "/cases/KN-1" ||
			!strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") {
			t.Errorf("signing in gives %d to %q with the cookie %q, want 303 to the case and a cookie that is HttpOnly and SameSite=Lax", got.status, got.to, cookie)
		}
		b.get("/cases/KN-1").says(t, "the case", http.StatusOK, "Case KN-1")
		for _, next := range []string{"https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", "/signout"} {
			other := s.browser()
			if got := other.post("/signin", url.Values{"person": {"W1"}, "password": {password}, "next": {next}}); got.to != "/" {
				t.Errorf("signing in for %q leads to %q, want the first page", next, got.to)
			}
		}
		if got := b.post("/signout", nil); got.to != "/signin?out" {
			t.Errorf("signing out leads to %q, want the sign-in page", got.to)
		}
		if got := b.get("/"); got.status != http.StatusSeeOther {
			t.Errorf("after signing out / gives %d, want 303", got.status)
		}
		for what, people := range map[string]string{
			"who has left":             "id,role,active_until\nW1,practitioner,2026-01-02\n",
			"who has another role now": "id,role\nW1,manager\n",
		} {
			b := s.browser()
			b.signIn("W1", password)
			b.get("/").says(t, "the first page", http.StatusOK, "My cases")
			s.write("people.csv", people)
			s.command("import", "people", "people.csv")
			if got := b.get("/"); got.status != http.StatusSeeOther {
				t.Errorf("%s is shown %d, want to be sent to sign in: %s", what, got.status, got.text())
			}
			s.write("people.csv", "id,active_until,role\nW1,,practitioner\n")
			s.command("import", "people", "people.csv")
		}
	})
}

// TestTryingPasswordsIsSlowedThenStopped: by account, from wherever they are tried; the
// right one does not help then, until somebody gives a new one.
func TestTryingPasswordsIsSlowedThenStopped(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		s.account("W1")
		stopped := 0
		for range 12 {
			if got := s.browser().signIn("W1", "wrong"); got.status == http.StatusTooManyRequests {
				stopped++
			}
		}
		if stopped < 8 {
			t.Errorf("of 12 wrong passwords at once %d were put off, want all but the first three", stopped)
		}
		s.browser().signIn("W1", password).says(t, "the right password then", http.StatusTooManyRequests, "wrong too often")
		s.account("W1")
		if got := s.browser().signIn("W1", password); got.status != http.StatusSeeOther {
			t.Errorf("after a new password was given, signing in gives %d: %s", got.status, got.text())
		}
	})
}

// TestAccountsAreMadeOnTheCommandLine: for people who work here, with passwords that are
// hard to guess.
func TestAccountsAreMadeOnTheCommandLine(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	for _, tt := range []struct{ id, typed, want string }{
		{"W1", "short\n", "use at least 12"},
		{"W9", password + "\n", `there is nobody with the id "W9"`},
	} {
		c := exec.CommandContext(t.Context(), s.binary, "account", "add", tt.id, "--config", "doorstep.yaml")
		c.Dir, c.Stdin = s.folder, strings.NewReader(tt.typed)
		out, _ := c.CombinedOutput()
		if c.ProcessState.ExitCode() != exitUsage || !strings.Contains(string(out), tt.want) {
			t.Errorf("account add %s exits with %d and says %q, want 2 and %q", tt.id, c.ProcessState.ExitCode(), out, tt.want)
		}
	}
	if out := s.command("account", "list"); !strings.Contains(out, "nobody has an account") {
		t.Errorf("account list says %q, want that nobody has one", out)
	}
	b := s.signedIn("W1")
	if out := s.command("account", "list"); out != "W1\n" {
		t.Errorf("account list says %q, want W1", out)
	}
	s.command("account", "remove", "W1")
	if got := b.get("/"); got.status != http.StatusSeeOther {
		t.Errorf("without their account / gives %d, want them to be sent to sign in", got.status)
	}
}

// TestAnotherSiteCannotSendAForm: and what is sent where no page is, changes nothing.
func TestAnotherSiteCannotSendAForm(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.listen+"/signout", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := b.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site gives %d, want 403", response.StatusCode)
	}
	b.get("/").says(t, "the first page after it", http.StatusOK, "My cases")
	b.post("/cases/KN-1", nil).says(t, "a form where none is", http.StatusMethodNotAllowed, "Nothing was saved")
	b.get("/nowhere").says(t, "no page", http.StatusNotFound, "There is no such page")
	b.post("/lookup", url.Values{"q": {strings.Repeat("x", 70<<10)}}).says(t, "a form that is too large", http.StatusRequestEntityTooLarge, "That is too large")
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'; style-src 'self'", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store"} {
		if got := b.get("/").header.Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// TestOwnSessionsCanBeEnded: those in other browsers too.
func TestOwnSessionsCanBeEnded(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	here, there := s.signedIn("W1"), s.browser()
	there.signIn("W1", password)
	page := here.get("/account")
	page.says(t, "the account", http.StatusOK, "Sam Okafor", "in this browser")
	_, action, found := strings.Cut(page.body, `action="/account/sessions/`)
	if !found {
		t.Fatalf("the account has no session to end: %s", page.text())
	}
	id, _, _ := strings.Cut(action, `"`)
	here.post("/account/sessions/"+id, nil)
	if got := there.get("/"); got.status != http.StatusSeeOther {
		t.Errorf("the other session gives %d, want it ended", got.status)
	}
	here.get("/").says(t, "the own one", http.StatusOK, "My cases")
}
