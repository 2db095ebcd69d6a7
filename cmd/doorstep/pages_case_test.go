package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/store/storetest"
)

// TestAPractitionerSeesWhatIsTheirs: by what is due next, their own and those that they
// cover, and no word of a family.
func TestAPractitionerSeesWhatIsTheirs(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("W1")
		mine := b.get("/")
		mine.says(t, "the first page", http.StatusOK, "KN-1", "KN-2", "You stand in for Priya Nair", "Local default")
		mine.saysNot(t, "the first page", "SO-1", "Test Avenue", "01632", "SN2")
		page := b.get("/cases/KN-1")
		page.says(t, "the case", http.StatusOK, "2 visits in a row without success. See the child", "Helen Marsh", "2 tries since", "KN-3, yours", "KN-2, Priya Nair", "No access")
		page.saysNot(t, "the case", "Test Avenue", "01632", "SN2")
		b.get("/cases/KN-3").says(t, "the case with an entry undone", http.StatusOK, "Undone by you", "wrong case", "It is not safe to write to this family")
		b.get("/cases/KN-1/contact").says(t, "the contact page", http.StatusOK, "1 Test Avenue", "SN2 2ZZ", "01632 960901")
		if got := b.post("/lookup", url.Values{"q": {" kn-2 "}}); got.to != "/cases/KN-2" {
			t.Errorf("looking for kn-2 leads to %q, want the case", got.to)
		}
		b.post("/lookup", url.Values{"q": {"SO-1"}}).says(t, "looking for a case of others", http.StatusNotFound, "There is no case or serial SO-1, or it is not yours to open")
	})
}

// TestWhoMayOpenWhat is role by page: who may not is told what there is not.
func TestWhoMayOpenWhat(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		pages := []string{"/cases/%s", "/cases/%s/contact", "/cases/%s/record", "/cases/%s/void/e3"}
		// What each may open of KN-1, and, last, of SO-1 the case itself.
		for who, may := range map[string]string{"W1": "yyyy n", "W2": "nnnn n", "W3": "nnnn y", "M1": "yyyy n", "M2": "nnnn y", "S1": "yynn y", "C1": "ynnn n", "A1": "nnnn n"} {
			b := s.signedIn(who)
			missing := b.get("/cases/NONE").text()
			for i, page := range append(pages, "", "/cases/%s") {
				if page == "" {
					continue
				}
				ref := "KN-1"
				if i > len(pages) {
					ref = "SO-1"
				}
				got := b.get(fmt.Sprintf(page, ref))
				if want := map[byte]int{'y': http.StatusOK, 'n': http.StatusNotFound}[may[i]]; got.status != want {
					t.Errorf("%s opening "+page+" gets %d, want %d: %s", who, ref, got.status, want, got.text())
				}
				if got.status == http.StatusNotFound && got.text() != missing {
					t.Errorf("%s is told %q of "+page+", want what there is not: %q", who, got.text(), ref, missing)
				}
			}
		}
		s.command("case", "KN-1")
		trail := s.command("audit", "--case", "KN-1")
		for _, want := range []string{"W1  look", "W1  contact", "A1  refused: look (not-in-role)", "W3  refused: look (not-theirs)", "user:", "look, by command"} {
			if !strings.Contains(trail, want) {
				t.Errorf("the audit trail of KN-1 is\n%s\nwant it to say %q", trail, want)
			}
		}
	})
}

// TestARestrictedCaseIsForThoseNamedOnIt: not for the rest of the team, which is told
// that there is one.
func TestARestrictedCaseIsForThoseNamedOnIt(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.command("restrict", "KN-2")
	b := s.signedIn("W1")
	b.get("/cases/KN-2").says(t, "a case that they cover", http.StatusOK, "Case KN-2")
	s.command("import", "people", s.write("people.csv", "id,role,away_from,cover\nW2,practitioner,,\n"))
	b.get("/cases/KN-2").says(t, "a restricted case of a colleague", http.StatusNotFound, "There is no such page")
	page := b.get("/cases/KN-1")
	page.says(t, "the case of its household", http.StatusOK, "1 case of the household is restricted")
	if text := page.text(); strings.Contains(text, "KN-2") {
		t.Errorf("the case of its household says %q, want nothing of KN-2", text)
	}
	s.signedIn("M1").get("/cases/KN-2").says(t, "its manager", http.StatusOK, "Case KN-2")
	s.command("restrict", "KN-2", "--lift")
}

// TestWhoIsAboveARestrictedCaseIsToldThatThereIsOne: its manager's manager gets the count
// and where it says who can open it, on every list, and opens it only where it names them.
func TestWhoIsAboveARestrictedCaseIsToldThatThereIsOne(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("S1")
		b.get("/cases/KN-2").says(t, "a case of a team below", http.StatusOK, "Case KN-2")
		s.command("restrict", "KN-2")
		b.get("/cases/KN-2").says(t, "a restricted case of a team below", http.StatusNotFound, "There is no such page")
		for page, says := range map[string]string{
			"/overdue":         "1 restricted case has something overdue: who can open it",
			"/duties":          "1 restricted case has such duties too: who can open it",
			"/reports":         "1 of those with something to be done now is not open to you: who can open it",
			"/people/W2/cases": "1 of their cases is restricted: who can open it",
		} {
			got := b.get(page)
			got.says(t, page, http.StatusOK, says)
			got.saysNot(t, page, "KN-2")
		}
		for page, says := range map[string]string{"/overdue?team=South": "SO-1", "/duties?team=South": "SO-1", "/duties?owner=W3": "SO-1"} {
			got := b.get(page)
			got.says(t, page, http.StatusOK, says)
			got.saysNot(t, "another filter: "+page, "restricted case")
		}
		b.get("/help").says(t, "help", http.StatusOK, "A restricted case", "its practitioner, its manager and its chair")
		if out := s.command("restrict", "KN-2", "--also", "S1,A1"); !strings.Contains(out, "KN-2 is restricted: only those named on it can open it, and S1, A1") {
			t.Errorf("restrict says %q, want whom it names", out)
		}
		b.get("/cases/KN-2").says(t, "a restricted case that names them", http.StatusOK, "Case KN-2")
		got := b.get("/duties?team=North")
		got.says(t, "with it", http.StatusOK, "KN-2")
		got.saysNot(t, "with it", "restricted case")
		s.command("restrict", "KN-2", "--also", "A1")
		b.get("/cases/KN-2").says(t, "once it names others", http.StatusNotFound, "There is no such page")
		s.command("restrict", "KN-2", "--lift")
		b.get("/cases/KN-2").says(t, "once it is lifted", http.StatusOK, "Case KN-2")
		if out, errs, code := s.try("restrict", "KN-2", "--also", "X9"); code != exitUsage || !strings.Contains(errs, "X9") {
			t.Errorf("naming somebody who is not there gives %d: %s%s", code, out, errs)
		}
	})
}

// TestWhoStandsInSeesWhatTheOtherSees: as long as they are away, and no longer: a manager's
// board, people and team, and what a colleague of the practitioner alone has.
func TestWhoStandsInSeesWhatTheOtherSees(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	worker, manager := s.signedIn("W3"), s.signedIn("M2")
	away := func(from string) {
		s.command("import", "people", s.write("away.csv", "id,role,away_from,cover\nM1,manager,"+from+",M2\nA1,admin,"+from+",W3\n"))
	}
	for _, page := range []string{"/print", "/print?case=KN-1", "/lookup"} {
		if got := worker.get(page); page != "/lookup" && got.status != http.StatusNotFound {
			t.Errorf("%s of a colleague who is there: %d, want 404", page, got.status)
		}
	}
	manager.get("/overdue").saysNot(t, "the board of a colleague who is there", "KN-2")
	manager.get("/people").saysNot(t, "the people of a colleague who is there", "Sam Okafor")
	away("2026-01-01")
	manager.get("/overdue").says(t, "the board, with that of whoever is away", http.StatusOK, "KN-2", "SO-1")
	manager.get("/people").says(t, "the people, with theirs", http.StatusOK, "Sam Okafor", "Joan Webb")
	manager.get("/people/W1/cases").says(t, "the cases of one of them", http.StatusOK, "KN-3")
	manager.get("/reports").says(t, "the reports, with their team", http.StatusOK, "North", "South")
	worker.get("/print").says(t, "the print room of whoever is away", http.StatusOK, "Print room")
	worker.get("/").says(t, "their own cases", http.StatusOK, "My cases", "SO-1")
	worker.get("/overdue").says(t, "a board, for whoever stands in for admin staff", http.StatusNotFound)
	away("")
	worker.get("/print").says(t, "the print room of somebody who is back", http.StatusNotFound)
	manager.get("/overdue").saysNot(t, "the board of somebody who is back", "KN-2")
}

// TestAVisitIsRecordedInFourTaps: what follows is said before it is saved, sending it
// twice saves it once, and saying something else afterwards saves nothing.
func TestAVisitIsRecordedInFourTaps(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("W1")
		events := func() int { return count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1'") }
		before := events()
		b.get("/cases/KN-1/record").says(t, "what happened", http.StatusOK, "The child was seen", "Nothing is saved yet")
		form := b.get("/cases/KN-1/record?outcome=no-access")
		form.says(t, "the form", http.StatusOK, "Did you leave a card?", "If you save", "third visit in a row without success", "Helen Marsh is told now")
		if n := events(); n != before {
			t.Fatalf("looking at the form made %d events of %d", n, before)
		}
		values := form.hidden()
		b.post("/cases/KN-1/record", values).says(t, "saving without an answer", http.StatusUnprocessableEntity, "There is a problem", "Say whether you left a card")
		values.Set("card", "yes")
		saved := b.post("/cases/KN-1/record", values)
		if saved.status != http.StatusSeeOther || events() != before+2 {
			t.Fatalf("saving gives %d with %d events of %d, want 303 with two more: %s", saved.status, events(), before, saved.text())
		}
		again := b.post("/cases/KN-1/record", values)
		if again.status != http.StatusSeeOther || again.to != saved.to || events() != before+2 {
			t.Errorf("saving again gives %d to %q with %d events, want the same page and no more events", again.status, again.to, events())
		}
		b.get(saved.to).says(t, "the case then", http.StatusOK, "Saved", "No access", "3 visits in a row without success", "Undo it")
		values.Set("outcome", "seen")
		b.post("/cases/KN-1/record", values).says(t, "something else under the same name", http.StatusConflict, "This was saved before")
		if n := events(); n != before+2 {
			t.Errorf("there are %d events, want %d", n, before+2)
		}
	})
}

// TestAVisitAtAnotherTime: what follows then is shown before it is saved; a time that
// cannot be is said at its field, with everything kept.
func TestAVisitAtAnotherTime(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	values := b.get("/cases/HV-1/record?outcome=no-access").hidden()
	values.Set("card", "no")
	values.Set("day", "other")
	values.Set("other_day", "31/2")
	values.Set("time", "25 o'clock")
	values.Set("next_day", "<b>")
	values.Set("next_time", "9:30")
	wrong := b.post("/cases/HV-1/record", values)
	wrong.says(t, "a day that there is not", http.StatusUnprocessableEntity, "Write the day like 4 December", "Write the time like 14:10", "Write the day like 8 December")
	if !strings.Contains(wrong.body, `value="31/2"`) || !strings.Contains(wrong.body, `value="&lt;b&gt;"`) || !strings.Contains(wrong.body, "<title>Error: ") {
		t.Errorf("the form has not kept what was typed: %s", wrong.body)
	}
	at := time.Now().In(london(t)).Add(-26 * time.Hour)
	values.Set("other_day", at.Format("2/1"))
	values.Set("time", at.Format("3.04pm"))
	values.Set("next_day", "tomorrow")
	values.Set("next_time", "9:30")
	changed := b.post("/cases/HV-1/record", values)
	changed.says(t, "another time", http.StatusConflict, "Nothing is saved yet", "hours have gone already")
	values.Set("shown", changed.hidden().Get("shown"))
	saved := b.post("/cases/HV-1/record", values)
	if saved.status != http.StatusSeeOther {
		t.Fatalf("saving it gives %d: %s", saved.status, saved.text())
	}
	b.get(saved.to).says(t, "the case", http.StatusOK, "A visit was booked, for tomorrow at 09:30")
}

// TestTwoRecordOneVisit: who comes second is shown what has changed, and nothing of
// theirs is saved until they have seen it.
func TestTwoRecordOneVisit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		first, second := s.signedIn("W1"), s.signedIn("M1")
		one := first.get("/cases/KN-1/record?outcome=seen").hidden()
		two := second.get("/cases/KN-1/record?outcome=not-seen").hidden()
		if got := first.post("/cases/KN-1/record", one); got.status != http.StatusSeeOther {
			t.Fatalf("the first gets %d: %s", got.status, got.text())
		}
		second.post("/cases/KN-1/record", two).says(t, "the second", http.StatusConflict, "somebody has recorded something on this case meanwhile")
		if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND kind = 'not-seen'"); n != 0 {
			t.Errorf("%d events of the second are kept, want none", n)
		}
	})
}

// TestAnEntryIsUndoneWithAReason: it stays on record, and what it had opened ends.
func TestAnEntryIsUndoneWithAReason(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("W1")
		page := b.get("/cases/KN-1/void/e3")
		page.says(t, "the page", http.StatusOK, "Undo this entry", "No access", "No longer to be done")
		values := page.hidden()
		b.post("/cases/KN-1/void/e3", values).says(t, "without a reason", http.StatusUnprocessableEntity, "Say why it is undone")
		values.Set("reason", "it was the wrong <house>")
		undone := b.post("/cases/KN-1/void/e3", values)
		if undone.status != http.StatusSeeOther {
			t.Fatalf("undoing gives %d: %s", undone.status, undone.text())
		}
		b.get(undone.to).says(t, "the case then", http.StatusOK, "Undone: No access", "it was the wrong <house>")
		values.Set("event_id", "another")
		b.post("/cases/KN-1/void/e3", values).says(t, "undoing it again", http.StatusConflict, "This has been undone already")
	})
}

// TestADutyIsAnsweredOnItsPage: a checklist by what is ticked, one form for each kind of
// answer, and by whose duty it is alone.
func TestADutyIsAnsweredOnItsPage(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b, manager := s.signedIn("W1"), s.signedIn("M1")
		page := b.get("/cases/HV-1/do/liaise")
		page.says(t, "the checklist", http.StatusOK, "What has been done?", "GP", "Child health information service")
		values := page.hidden()
		b.post("/cases/HV-1/do/liaise", values).says(t, "nothing ticked", http.StatusUnprocessableEntity, "Tick what has been done")
		values["item"] = []string{"gp", "housing"}
		if got := b.post("/cases/HV-1/do/liaise", values); got.status != http.StatusSeeOther {
			t.Fatalf("saving gives %d: %s", got.status, got.text())
		}
		rest := b.get("/cases/HV-1/do/liaise")
		rest.says(t, "the rest", http.StatusOK, "early years")
		rest.saysNot(t, "the rest", `value="gp"`)
		if got := manager.get("/cases/HV-1/do/liaise"); got.status != http.StatusNotFound {
			t.Errorf("the manager gets %d for the practitioner's duty, want 404", got.status)
		}
		values = b.get("/cases/KN-1/do/discuss-with-manager").hidden()
		if got := b.post("/cases/KN-1/do/discuss-with-manager", values); got.status != http.StatusSeeOther {
			t.Fatalf("saying that it was discussed gives %d: %s", got.status, got.text())
		}
		b.get("/cases/KN-1/do/discuss-with-manager").says(t, "the duty that is met", http.StatusOK, "This is not to be done any more")
	})
}

// TestNothingTypedIsLostWhenTheSessionEnds: the form is there again after signing in, and
// not saved before.
func TestNothingTypedIsLostWhenTheSessionEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	values := b.get("/cases/HV-1/record?outcome=declined").hidden()
	values.Set("what", "service")
	values.Set("reason", "a long talk on the phone")
	s.endSessions()
	ended := b.post("/cases/HV-1/record", values)
	ended.says(t, "saving", http.StatusUnauthorized, "What you sent is not saved yet")
	_, next, found := strings.Cut(ended.body, `href="/signin?next=`)
	next, _, _ = strings.Cut(next, `"`)
	next, err := url.QueryUnescape(next)
	if !found || err != nil {
		t.Fatalf("there is no way on: %s", ended.body)
	}
	signed := b.post("/signin", url.Values{"person": {"W1"}, "password": {password}, "next": {next}})
	form := b.get(signed.to)
	form.says(t, "the form after signing in", http.StatusOK, "This is not saved yet", "a long talk on the phone")
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'HV-1' AND kind = 'declined'"); n != 0 {
		t.Errorf("%d events are saved, want none yet", n)
	}
	other := s.signedIn("W2")
	other.get(signed.to).saysNot(t, "the same page for somebody else", "a long talk on the phone")
	again := form.hidden()
	again.Set("what", "service")
	again.Set("reason", "a long talk on the phone")
	if got := b.post("/cases/HV-1/record", again); got.status != http.StatusSeeOther {
		t.Errorf("saving then gives %d: %s", got.status, got.text())
	}
}

// TestADatabaseThatIsAwayIsSaid: a plain page, and the pages come back with it.
func TestADatabaseThatIsAwayIsSaid(t *testing.T) {
	t.Parallel()
	between := storetest.NewBetween(t, storetest.PostgresURL(t))
	s := newSite(t, between.URL)
	b := s.signedIn("W1")
	between.GoSilent()
	b.get("/").says(t, "the first page", http.StatusServiceUnavailable, "Doorstep cannot be reached at the moment", "Nothing was saved")
	b.post("/cases/KN-1/record", url.Values{"outcome": {"no-access"}, "event_id": {"x1"}}).says(t, "a form that is sent", http.StatusServiceUnavailable, "Nothing was saved")
	between.Resume()
	s.await("the pages to come back", func() bool { return b.get("/").status == http.StatusOK })
}

// TestADatabaseThatGoesAwayWhileItIsSavedToLeavesADoubt: whether a form was saved is not
// known then, and nobody is told that it was not. Sent again it counts once.
func TestADatabaseThatGoesAwayWhileItIsSavedToLeavesADoubt(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	const record = "/cases/HV-1/record"
	form := b.get(record + "?outcome=declined").hidden()
	form.Set("what", "visit")
	form.Set("reason", "with friends")
	release := s.lock()
	sent := b.post(record, form)
	sent.says(t, "a form that is sent", http.StatusServiceUnavailable, "it is not certain whether what you sent was saved", "Send it again in a minute", "It counts once")
	sent.saysNot(t, "a form that is sent", "Nothing was saved")
	release()
	for range 2 {
		if got := b.post(record, form); got.status != http.StatusSeeOther && got.status != http.StatusOK {
			t.Errorf("sent again it gives %d: %s", got.status, got.text())
		}
	}
	if n := count(t, s.database, "SELECT COUNT(*) FROM events WHERE case_ref = 'HV-1' AND kind = 'declined'"); n != 1 {
		t.Errorf("%d events came of one form that was sent three times, want one", n)
	}
}
