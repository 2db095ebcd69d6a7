package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/store/storetest"
)

// told reports whether an email in the outbox to an address says all of this.
func (s *site) told(address string, says ...string) bool {
	files, err := filepath.Glob(filepath.Join(s.folder, "outbox", "*.eml"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it is being written
		}
		text := strings.Join(strings.Fields(strings.NewReplacer("=\r\n", "", "=\n", "").Replace(string(data))), " ")
		all := strings.Contains(text, "To: <"+address+">")
		for _, want := range says {
			all = all && strings.Contains(text, want)
		}
		if all {
			return true
		}
	}
	return false
}

// TestAManagerSaysWhoIsAwayAndWhoStandsIn: it is checked as a file would be, says who is
// reached meanwhile, and can be undone.
func TestAManagerSaysWhoIsAwayAndWhoStandsIn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("M1")
		list := b.get("/people")
		list.says(t, "the team", http.StatusOK, "Sam Okafor", "Priya Nair", "Since Thu 1 January")
		list.saysNot(t, "the team", "Joan Webb", "w1@example.org", "07700 900001")
		form := b.get("/people/W1")
		form.says(t, "one of them", http.StatusOK, "Leave and cover", "Now reminders go to them.")
		form.saysNot(t, "one of them", "w1@example.org", "Contact details")
		values := form.hidden()
		b.post("/people/W1/absence", with(values, "away_from", "whenever", "cover", "W2")).says(t, "no day", http.StatusUnprocessableEntity, "Write the day like 8 December")
		b.post("/people/W1/absence", with(values, "away_from", "tomorrow", "away_until", "today", "cover", "W2")).says(t, "back before", http.StatusUnprocessableEntity, "The first day back lies before the first day away")
		b.post("/people/W1/absence", with(values, "away_from", "today", "cover", "NOBODY")).says(t, "cover by nobody", http.StatusUnprocessableEntity, "obody is known as")
		if got := b.post("/people/W1/absence", with(values, "away_from", "today", "cover", "M1")); got.status != http.StatusSeeOther || got.to != "/people/W1" {
			t.Fatalf("saving gives %d to %q: %s", got.status, got.to, got.text())
		}
		b.get("/people/W1").says(t, "after saving", http.StatusOK, "Now reminders for them go to Helen Marsh", "Undo it")
		b.post("/people/W1/absence", with(values, "away_from", "today")).says(t, "a form of before", http.StatusConflict, "Somebody has changed something")
		back := b.get("/people/W1?back")
		back.says(t, "undoing", http.StatusOK, "It is not saved yet")
		if got := b.post("/people/W1/absence", with(back.hidden(), "away_from", "", "cover", "")); got.status != http.StatusSeeOther {
			t.Errorf("undoing gives %d: %s", got.status, got.text())
		}
		b.get("/people/W1").says(t, "after undoing", http.StatusOK, "Now reminders go to them.")
		for what, got := range map[string]*answer{"another team's": b.get("/people/W3"), "nobody": b.get("/people/NOBODY"), "contact details by a manager": b.post("/people/W1/contacts", with(values, "email", "w1@example.org")),
			"the list for a practitioner": s.signedIn("W1").get("/people"), "leave by admin staff": s.signedIn("A1").post("/people/W1/absence", with(values, "away_from", "today"))} {
			if got.status != http.StatusNotFound {
				t.Errorf("%s gives %d, want 404: %s", what, got.status, got.text())
			}
		}
	})
}

// TestAdminStaffChangeAnAddress: which is told to the address before it, as when a file
// changes it.
func TestAdminStaffChangeAnAddress(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("A1")
		form := b.get("/people/W1")
		form.says(t, "one of the team", http.StatusOK, "Contact details")
		form.saysNot(t, "one of the team", "Leave and cover")
		wrong := b.post("/people/W1/contacts", with(form.hidden(), "email", "w1", "mobile", "07700 900001", "channel", "email"))
		wrong.says(t, "no address", http.StatusUnprocessableEntity, "There is a problem")
		if got := b.post("/people/W1/contacts", with(form.hidden(), "email", "sam@example.org", "mobile", "07700 900001", "channel", "email")); got.status != http.StatusSeeOther {
			t.Fatalf("saving gives %d: %s", got.status, got.text())
		}
		b.get("/people/W1").says(t, "after saving", http.StatusOK, "Where Sam Okafor is written to stands below", "Last changed", "by you: email address. Told of it: the address before, and Helen Marsh, their manager.")
		s.await("the address before to be told", func() bool { return s.told("w1@example.org", "your email was changed") })
		if n := strings.Count(s.command("audit", "--person", "A1"), "  A1  record: contact details of W1\n"); n != 2 {
			t.Errorf("%d lines of the audit trail have it, want one for each time that it was sent", n)
		}
	})
}

// TestAManagerGivesCasesToAnotherPractitioner: all that are ticked or none, once; both
// are told, and it can be undone.
func TestAManagerGivesCasesToAnotherPractitioner(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("M1")
		form := b.get("/people/W1/cases")
		form.says(t, "the cases", http.StatusOK, "KN-1", "KN-3", "HV-1")
		b.post("/people/W1/cases", form.hidden()).says(t, "nothing chosen", http.StatusUnprocessableEntity, "Choose who takes the cases on", "Tick the cases that go")
		b.post("/people/W1/cases", with(form.hidden(), "ref", "KN-1", "ref", "SO-1", "to", "W2")).says(t, "one that is not theirs", http.StatusConflict, "Nothing is saved")
		moving := with(form.hidden(), "ref", "KN-1", "ref", "KN-3", "to", "W2")
		for range 2 {
			if got := b.post("/people/W1/cases", moving); got.status != http.StatusSeeOther || got.to != "/people/W1/cases" {
				t.Fatalf("giving them away gives %d to %q: %s", got.status, got.to, got.text())
			}
		}
		if n := count(t, s.database, "SELECT count(*) FROM events WHERE kind = 'reallocated' AND value = 'W2' AND by_person = 'M1'"); n != 2 {
			t.Errorf("%d cases were given away, want 2", n)
		}
		after := b.get("/people/W1/cases")
		after.says(t, "after it", http.StatusOK, "KN-1, KN-3: Priya Nair takes them on", "Undo it")
		s.await("the former practitioner to be told", func() bool { return s.told("w1@example.org", "KN-1", "KN-3", "takes on") })
		if n := count(t, s.database, "SELECT count(*) FROM messages WHERE kind = 'notice' AND payload LIKE '%case-moved%'"); n < 1 {
			t.Errorf("%d messages tell of it, want those to both", n)
		}
		if got := b.post("/people/W2/cases", with(b.get("/people/W2/cases").hidden(), "ref", "KN-1", "ref", "KN-3", "to", "W1")); got.status != http.StatusSeeOther {
			t.Errorf("giving them back gives %d: %s", got.status, got.text())
		}
		if n := count(t, s.database, "SELECT count(*) FROM cases WHERE ref IN ('KN-1', 'KN-3') AND now_practitioner = 'W1'"); n != 2 {
			t.Errorf("%d of them are W1's again, want 2", n)
		}
		whole := b.get("/people/W1/cases")
		whole.says(t, "the cases of W1", http.StatusOK, "All 3")
		if got := b.post("/people/W1/cases", with(whole.hidden(), "all", "1", "listed", "KN-1", "listed", "KN-3", "listed", "HV-1", "to", "W2")); got.status != http.StatusSeeOther {
			t.Errorf("giving all away gives %d: %s", got.status, got.text())
		}
		if n := count(t, s.database, "SELECT count(*) FROM cases WHERE now_practitioner = 'W2'"); n != 4 {
			t.Errorf("W2 has %d cases once they have taken all three on, want 4", n)
		}
		b.get("/cases/KN-3").says(t, "a case that was given away", http.StatusOK, "Another practitioner took the case on: Priya Nair. You, on the page")
		if got := s.signedIn("W1").get("/people/W1/cases"); got.status != http.StatusNotFound {
			t.Errorf("a practitioner gets %d, want 404", got.status)
		}
	})
}

// TestACaseIsOpenedInAnEmergency: for an hour, with a reason, and its manager is told; no
// restricted one, and none by those who open no cases.
func TestACaseIsOpenedInAnEmergency(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("W3")
		if got := b.get("/cases/KN-1"); got.status != http.StatusNotFound || !strings.Contains(got.body, "/emergency") {
			t.Fatalf("somebody else's case gives %d, want 404 and the way to open it in an emergency", got.status)
		}
		for _, who := range []string{"A1", "C1"} { // who is then refused is not sent there
			s.signedIn(who).get("/cases/NONE-1").saysNot(t, "a case that there is not, to "+who, "emergency")
		}
		b.post("/emergency", url.Values{"ref": {"KN-1"}}).says(t, "no reason", http.StatusUnprocessableEntity, "Say why, in a few words")
		asked := url.Values{"ref": {"KN-1"}, "reason": {"seen alone on the street"}}
		for range 2 {
			if got := b.post("/emergency", asked); got.status != http.StatusSeeOther || got.to != "/cases/KN-1" {
				t.Fatalf("opening it gives %d to %q: %s", got.status, got.to, got.text())
			}
		}
		b.get("/cases/KN-1").says(t, "the case", http.StatusOK, "This case is not yours", "Show address and phone")
		b.get("/cases/KN-1/contact").says(t, "where the family is", http.StatusOK, "1 Test Avenue")
		for _, path := range []string{"/cases/KN-1/decide", "/cases/KN-1/chronology.pdf", "/cases/KN-2"} {
			if got := b.get(path); got.status != http.StatusNotFound {
				t.Errorf("%s gives %d, want 404", path, got.status)
			}
		}
		if n := count(t, s.database, "SELECT count(*) FROM audit WHERE who = 'W3' AND case_ref = 'KN-1' AND deed = 'break-glass' AND reason = 'seen alone on the street'"); n != 1 {
			t.Errorf("%d lines of the audit trail have the reason, want one", n)
		}
		s.await("its manager to be told", func() bool { return s.told("m1@example.org", "Case KN-1 was opened in an emergency") })
		if s.told("m1@example.org", "seen alone") {
			t.Errorf("a message has the reason")
		}
		s.signedIn("M1").get("/cases/KN-1").says(t, "the case for its manager", http.StatusOK, "opened this case in an emergency", "seen alone on the street")
		s.command("restrict", "KN-2")
		unknown := b.post("/emergency", url.Values{"ref": {"NONE-1"}, "reason": {"at risk"}})
		restricted := b.post("/emergency", url.Values{"ref": {"KN-2"}, "reason": {"at risk"}})
		if restricted.status != http.StatusNotFound || strings.ReplaceAll(restricted.text(), "KN-2", "NONE-1") != unknown.text() {
			t.Errorf("a restricted case gives %d and %q, want what an unknown one gives: %q", restricted.status, restricted.text(), unknown.text())
		}
		for _, who := range []string{"C1", "A1"} {
			if got := s.signedIn(who).post("/emergency", asked); got.status != http.StatusNotFound {
				t.Errorf("%s opening a case in an emergency gets %d, want 404", who, got.status)
			}
		}
	})
}

// TestAnEmergencyByAClockThatWasAheadOpensNothing: nor for a year, once the clock is right;
// it is opened anew then, with a reason.
func TestAnEmergencyByAClockThatWasAheadOpensNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("W3")
		asked := url.Values{"ref": {"KN-1"}, "reason": {"seen alone on the street"}}
		b.post("/emergency", asked)
		b.get("/cases/KN-1").says(t, "the case", http.StatusOK, "This case is not yours")
		behind := storetest.LookBehind(t, s.database)
		behind.Do("UPDATE audit SET at = at + $1 WHERE deed = 'break-glass'", (365 * 24 * time.Hour).Milliseconds())
		b.get("/cases/KN-1").says(t, "opened a year ahead", http.StatusNotFound, "There is no such page")
		if got := b.post("/emergency", asked); got.status != http.StatusSeeOther {
			t.Errorf("opening it anew gives %d: %s", got.status, got.text())
		}
		b.get("/cases/KN-1").says(t, "opened anew", http.StatusOK, "This case is not yours")
		if n := count(t, s.database, "SELECT count(*) FROM audit WHERE who = 'W3' AND deed = 'break-glass'"); n != 2 {
			t.Errorf("%d lines say that it was opened, want two", n)
		}
		behind.Do("UPDATE audit SET at = at - $1 WHERE deed = 'break-glass' AND at < $2", time.Hour.Milliseconds()+1, time.Now().Add(time.Hour).UnixMilli())
		b.get("/cases/KN-1").says(t, "after the hour", http.StatusNotFound, "There is no such page")
	})
}

// TestWhatWasTypedAboutLeaveOutlivesTheSession: the form comes back on the page that it
// stands on.
func TestWhatWasTypedAboutLeaveOutlivesTheSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.account("M1")
	b := s.browser()
	b.signIn("M1", password)
	values := b.get("/people/W1").hidden()
	values.Set("away_from", "24/12")
	values.Set("cover", "W2")
	s.endSessions()
	ended := b.post("/people/W1/absence", values)
	_, next, found := strings.Cut(ended.body, `href="/signin?next=`)
	next, _, _ = strings.Cut(next, `"`)
	next, err := url.QueryUnescape(next)
	if ended.status != http.StatusUnauthorized || !found || err != nil {
		t.Fatalf("there is no way on: %d %s", ended.status, ended.body)
	}
	signed := b.post("/signin", url.Values{"person": {"M1"}, "password": {password}, "next": {next}})
	if form := b.get(signed.to); form.status != http.StatusOK || !strings.Contains(form.body, `value="24/12"`) {
		t.Errorf("after signing in %s gives %d, want the form as it was filled in: %s", signed.to, form.status, form.text())
	}
}
