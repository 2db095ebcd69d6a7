package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestNothingUnknownIsTakenForWhatIsUsual: what an address or a form says that the page has
// not, a field or a value, is answered as such, and nothing is saved or shown in its place.
func TestNothingUnknownIsTakenForWhatIsUsual(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.command("account", "add", "IG1", "--name", "Kit Moss", "--audits", "--no-password")
	s.command("print", "letters", "--pending", "--out", "letters.pdf")
	people := map[string]*browser{}
	for _, id := range []string{"W1", "M1", "A1", "IG1"} {
		people[id] = s.signedIn(id)
	}
	const unknown = "The page does not know what that means"
	for _, c := range []struct{ who, address string }{
		{"W1", "/cases/KN-1/void/e3?utm_source=newsletter"},
		{"W1", "/cases/KN-1/record?outcome=seeen"},
		{"W1", "/cases/KN-1/record?outcome=seen&at=noon"},
		{"W1", "/cases/KN-1/do/discuss-immediately?as=referral-made"},
		{"W1", "/duties?satte=overdue"},
		{"W1", "/duties?after=zzz"},
		{"M1", "/overdue?owner=X9"},
		{"M1", "/overdue?team=South"},
		{"M1", "/overdue?duty=sea-child"},
		{"M1", "/overdue?from=-50"},
		{"M1", "/overdue?from=one"},
		{"M1", "/reports?months=7"},
		{"M1", "/reports.csv?months=all"},
		{"M1", "/reports?team=South"},
		{"M1", "/reports?pathway=csc-plans"},
		{"M1", "/people/W1/cases?to=X9"},
		{"A1", "/print/items/1?layout=A4"},
		{"A1", "/print/items/1?large=yes"},
		{"A1", "/print/items/1/picture?layout=A4"},
		{"IG1", "/audit?before=last"},
		{"IG1", "/audit.csv?before=1"},
		{"IG1", "/audit?check=no"},
	} {
		people[c.who].get(c.address).says(t, c.who+" asking for "+c.address, http.StatusNotFound, unknown)
	}
	events := func() int { return count(t, s.database, "SELECT count(*) FROM events") }
	before := events()
	for _, c := range []struct {
		who, path string
		form      url.Values
	}{
		{"W1", "/cases/KN-1/record", url.Values{"outcome": {"seeen"}}},
		{"W1", "/cases/KN-1/record", url.Values{"outcome": {"seen"}, "day": {"someday"}}},
		{"W1", "/cases/KN-1/do/discuss-immediately", url.Values{"as": {"seen"}}},
		{"W1", "/cases/KN-1/do/discuss-immediately", url.Values{"day": {"someday"}}},
		{"M1", "/cases/KN-1/decide", url.Values{"discussed": {"maybe"}}},
		{"M1", "/cases/KN-1/decide", url.Values{"back": {"https://elsewhere.example/overdue"}}},
		{"M1", "/cases/KN-1/decide", url.Values{"made": {"then"}}},
		{"A1", "/people/W1/contacts", url.Values{"channel": {"pigeon"}}},
		{"A1", "/print", url.Values{"item": {"1", "one"}}},
		{"A1", "/print", url.Values{"all": {"1"}, "upto": {""}}},
		{"A1", "/print", url.Values{"item": {"1"}, "sheet": {"A3"}}},
		{"A1", "/print/packs", url.Values{"day": {"2026-12-01"}, "sheet": {"A3"}}},
		{"A1", "/print/items/1/again", url.Values{"layout": {"A4"}}},
		{"A1", "/print/items/1/returned", url.Values{"day": {"someday"}}},
	} {
		people[c.who].post(c.path, c.form).says(t, c.who+" sending "+c.form.Encode()+" to "+c.path, http.StatusNotFound, unknown, "Nothing was saved")
	}
	if after := events(); after != before {
		t.Errorf("%d events were saved by forms that nobody knows, want none", after-before)
	}
}

// TestALinkOfAMessageOpensWhateverIsPutBehindIt: mail gateways and phones add fields of
// their own, which are nothing that whoever follows the link has mistyped.
func TestALinkOfAMessageOpensWhateverIsPutBehindIt(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	const added = "utm_source=mail&fbclid=x1&_hsmi=7"
	for address, says := range map[string]string{
		"/?" + added:                  "My cases",
		"/cases/KN-1?" + added:        "Record a visit",
		"/cases/KN-1?all=1&" + added:  "Record a visit",
		"/cases/KN-1/record?" + added: "What happened?",
		"/help?" + added:              "Help",
		"/account?" + added:           "Where you are signed in",
		"/cases/KN-1/do/discuss-immediately?" + added + "&event_id=e9": "Discuss with the team manager immediately",
	} {
		b.get(address).says(t, address, http.StatusOK, says)
	}
	if to := s.browser().get("/cases/KN-1?" + added).to; to != "/signin?next="+url.QueryEscape("/cases/KN-1?"+added) {
		t.Errorf("before signing in it leads to %q, want to signing in and then to the case", to)
	}
	s.signedIn("M1").get("/overdue?"+added).says(t, "a list, whose filter could be mistyped", http.StatusNotFound, "The page does not know what that means")
}

// TestAFilterThatIsNoneSaysSoAtItsField: all of it is kept, and nothing is said to be done.
func TestAFilterThatIsNoneSaysSoAtItsField(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("M1")
	got := b.get("/duties?state=late&owner=X9&team=Wset&due_before=soon")
	got.says(t, "four that are none", http.StatusUnprocessableEntity, "There is a problem", "Choose one of the list", "Write the day like 8 December")
	got.saysNot(t, "four that are none", "to be done", "KN-1")
	for _, field := range []string{"state", "owner", "team", "due_before"} {
		if !strings.Contains(got.body, `href="#`+field+`"`) || !strings.Contains(got.body, `id="`+field+`-error"`) {
			t.Errorf("nothing is said at the field %s:\n%s", field, got.text())
		}
	}
	if !strings.Contains(got.body, `value="soon"`) {
		t.Errorf("what was typed is not kept:\n%s", got.body)
	}
	b.get("/overdue?open=SO-1#SO-1").says(t, "a case that is not on the board", http.StatusOK, "SO-1 is not on this board", "KN-1")
	b.get("/overdue?from=50").says(t, "behind the last page", http.StatusOK, "KN-1")
}

// TestAFormThatIsKeptNoMoreSaysSo: and what is filled in anew is saved once.
func TestAFormThatIsKeptNoMoreSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	for _, page := range []string{"/cases/KN-1/record", "/cases/KN-1/do/discuss-immediately", "/cases/KN-1/void/e3"} {
		got := b.get(page + "?held=nothing")
		got.says(t, page, http.StatusOK, "What you had filled in was kept for half an hour")
		if page != "/cases/KN-1/record" && got.hidden().Get("event_id") == "" {
			t.Errorf("%s has no id for what is to be saved:\n%s", page, got.body)
		}
	}
}
