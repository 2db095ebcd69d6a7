package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// decideOn opens a case's form on the board, or on its own page.
func (b *browser) decideOn(t *testing.T, path string) url.Values {
	t.Helper()
	form := b.get(path)
	if form.status != http.StatusOK {
		t.Fatalf("%s gives %d: %s", path, form.status, form.text())
	}
	values := form.hidden()
	if values.Get("event_id") == "" || values.Get("shown") == "" {
		t.Fatalf("%s has no form: %s", path, form.text())
	}
	return values
}

// with is a form filled in.
func with(form url.Values, fields ...string) url.Values {
	filled := url.Values{}
	for name, values := range form {
		filled[name] = values
	}
	for i := 0; i < len(fields); i += 2 {
		filled.Add(fields[i], fields[i+1])
	}
	return filled
}

// TestAManagerDecidesUnderTheRowOfTheBoard: what is open is asked, all answers are saved
// together, and the next row of the same filter opens; the same form sent again saves
// nothing more.
func TestAManagerDecidesUnderTheRowOfTheBoard(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		s.command("record", "KN-2", "no-access", "--by", "W2", "--at", s.now.Add(-30*time.Hour).UTC().Format(time.RFC3339))
		b := s.signedIn("M1")
		board := b.get("/overdue?team=North")
		board.says(t, "the board", http.StatusOK, "Decide on KN-1", "KN-3", "Decide on KN-2")
		if strings.Contains(board.text(), "Decide on KN-3") {
			t.Errorf("the board offers to decide on KN-3, on which the practitioner is to see the child and nothing is for the manager: %s", board.text())
		}
		form := b.get("/overdue?open=KN-1&team=North")
		form.says(t, "the form", http.StatusOK, "Have you discussed it with Sam Okafor ?", "How concerned are you?", "Have other professionals seen the child?",
			"By which day is the child to be seen?", "No later than", "5 working days, guidance", "A later date needs a reason", "Review the plan?", "Take legal advice?", "written on the record", "Save and go to the next")
		values := form.hidden()

		b.post("/cases/KN-1/decide", values).says(t, "nothing answered", http.StatusUnprocessableEntity, "There is a problem", "Nothing is answered yet", "Overdue")
		b.post("/cases/KN-1/decide", with(values, "concern", "high", "review", "yes")).says(t, "half answers", http.StatusUnprocessableEntity,
			"Say that you have discussed it", "Answer both")
		late := b.post("/cases/KN-1/decide", with(values, "discussed", "yes", "due_day", "1/"+s.now.AddDate(0, 3, 0).Format("1/2006")))
		late.says(t, "a date beyond the cap", http.StatusUnprocessableEntity, "give the reason for it")
		if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND way = 'page'"); n != 0 {
			t.Fatalf("%d events were saved with a form that was refused, want none", n)
		}

		filled := with(values, "discussed", "yes", "concern", "medium", "seen-by-others", "no", "due_day", "tomorrow", "review", "yes", "legal", "no", "done", "recorded")
		got := b.post("/cases/KN-1/decide", filled)
		if got.status != http.StatusSeeOther || got.to != "/overdue?open=KN-2&team=North#KN-2" {
			t.Fatalf("saving gives %d to %q, want KN-2, the next row of the same filter with something to decide: %s", got.status, got.to, got.text())
		}
		for kind, value := range map[string]string{"discussed-with-manager": "seen-by-others=no;concern=medium", "timeframe-set": "", "review-considered": "review=yes;legal=no", "recorded": ""} {
			if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND by_person = 'M1' AND kind = '"+kind+"' AND value = '"+value+"'"); n != 1 {
				t.Errorf("%d events %s with %q are recorded, want one", n, kind, value)
			}
		}
		b.get(got.to).says(t, "the board after it", http.StatusOK, "KN-1: Discussed with the manager; A date was set; A review and legal advice were considered; It was written on the record", "undo it there")
		b.get("/overdue").saysNot(t, "the board once more", "undo it there")
		again := b.post("/cases/KN-1/decide", filled)
		if again.status != http.StatusSeeOther || !strings.HasPrefix(again.to, "/overdue?") {
			t.Errorf("the same form once more gives %d to %q, want the board: %s", again.status, again.to, again.text())
		}
		if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND way = 'page'"); n != 4 {
			t.Errorf("%d events after sending it twice, want 4", n)
		}
		// Back leads to a form under a new name, which asks what is still open.
		back := b.get("/overdue?open=KN-1&team=North&event_id=" + values.Get("event_id"))
		if id := back.hidden().Get("event_id"); id == values.Get("event_id") {
			t.Errorf("going back leads to a form under the name that was saved")
		}
		back.saysNot(t, "going back", "Have you discussed it")
	})
}

// TestADecisionOnWhatHasChangedComesBackFilledIn: with what somebody else has recorded on
// top, and nothing saved.
func TestADecisionOnWhatHasChangedComesBackFilledIn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("M1")
		values := b.decideOn(t, "/overdue?open=KN-1")
		own := b.decideOn(t, "/cases/KN-1/decide")
		s.command("record", "KN-1", "discussed-with-manager", "--by", "W1")
		filled := []string{"due_day", "tomorrow", "discussed", "yes", "done", "recorded"}
		for what, form := range map[string]url.Values{"on the board": values, "on its own page": own} {
			got := b.post("/cases/KN-1/decide", with(form, filled...))
			got.says(t, what, http.StatusConflict, "Nothing is saved yet", "Sam Okafor recorded", "Discussed with the manager")
			got.saysNot(t, what, "Have you discussed it")
			if !strings.Contains(got.body, `value="tomorrow"`) || !strings.Contains(got.body, `value="recorded" checked`) {
				t.Errorf("%s the form comes back without what was filled in: %s", what, got.body)
			}
			if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND way = 'page'"); n != 0 {
				t.Errorf("%s %d events were saved, want none", what, n)
			}
			own = with(got.hidden(), filled...)
		}
		if got := b.post("/cases/KN-1/decide", own); got.status != http.StatusSeeOther {
			t.Errorf("saving what was looked at gives %d: %s", got.status, got.text())
		}
	})
}

// TestOnlyWhoeverManagesACaseDecides: on its own page it leads back to the case; nobody
// else has the form, whatever they send.
func TestOnlyWhoeverManagesACaseDecides(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	m := s.signedIn("M1")
	m.get("/cases/KN-1").says(t, "the case of its manager", http.StatusOK, "Decide")
	values := m.decideOn(t, "/cases/KN-1/decide")
	for _, who := range []string{"W1", "W3", "M2", "S1", "C1", "A1"} {
		b := s.signedIn(who)
		for what, got := range map[string]*answer{"opening": b.get("/cases/KN-1/decide"), "saving": b.post("/cases/KN-1/decide", with(values, "discussed", "yes"))} {
			if got.status != http.StatusNotFound {
				t.Errorf("%s %s the form gets %d, want 404", who, what, got.status)
			}
		}
	}
	above := s.signedIn("S1").get("/overdue")
	above.says(t, "the board of whoever is above", http.StatusOK, "KN-1", "Team")
	above.saysNot(t, "the board of whoever is above", "Decide")
	s.endSessions()
	ended := m.post("/cases/KN-1/decide", with(values, "discussed", "yes", "concern", "high"))
	ended.says(t, "a session that has ended", http.StatusUnauthorized, "not saved yet")
	got := m.post("/signin", url.Values{"person": {"M1"}, "password": {password}, "next": {"/cases/KN-1/decide?held=" + heldIn(ended)}})
	held := m.get(got.to)
	held.says(t, "the form after signing in", http.StatusOK, "This is not saved yet", "Have you discussed it")
	if !strings.Contains(held.body, `value="high" checked`) {
		t.Errorf("the form after signing in has not what was filled in: %s", held.body)
	}
	if got := m.post("/cases/KN-1/decide", with(held.hidden(), "discussed", "yes", "concern", "high")); got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/cases/KN-1?saved=") {
		t.Errorf("saving it gives %d to %q, want the case: %s", got.status, got.to, got.text())
	}
}

// TestADecisionOnTheBoardOutlivesTheSession: signed in again, the form stands under its row,
// filled in, and leads on to the next one.
func TestADecisionOnTheBoardOutlivesTheSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.command("record", "KN-2", "no-access", "--by", "W2", "--at", s.now.Add(-30*time.Hour).UTC().Format(time.RFC3339))
	m := s.signedIn("M1")
	values := m.decideOn(t, "/overdue?open=KN-1&team=North")
	s.endSessions()
	ended := m.post("/cases/KN-1/decide", with(values, "discussed", "yes", "concern", "high"))
	ended.says(t, "a session that has ended", http.StatusUnauthorized, "not saved yet")
	again := m.post("/signin", url.Values{"person": {"M1"}, "password": {password}, "next": {"/cases/KN-1/decide?held=" + heldIn(ended)}})
	form := m.get(again.to)
	form.says(t, "the form after signing in", http.StatusOK, "Longest overdue first", "This is not saved yet", "Save and go to the next")
	if got := m.post("/cases/KN-1/decide", with(form.hidden(), "discussed", "yes", "concern", "high")); got.status != http.StatusSeeOther || got.to != "/overdue?open=KN-2&team=North#KN-2" {
		t.Errorf("saving it gives %d to %q, want the next row: %s", got.status, got.to, got.text())
	}
}

// heldIn is the name under which a page says that a form is kept.
func heldIn(page *answer) string {
	_, after, _ := strings.Cut(page.body, "held%3D")
	id, _, _ := strings.Cut(after, `"`)
	return id
}

// TestADecisionSaysWhatFollowsBeforeItIsSaved: on the board as on the case's own page, of each
// answer from which something follows; and of all of them together once they are filled in.
func TestADecisionSaysWhatFollowsBeforeItIsSaved(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("M1")
		for path, meanwhile := range map[string]string{"/overdue?open=KN-1": "address-confirmed", "/cases/KN-1/decide": "supervision"} {
			form := b.get(path)
			form.says(t, path, http.StatusOK, "If you save", "for example: Done: Set a timeframe for a further visit", "See the child again: due", "With every 10 working days, for example:",
				"With a review of the plan:", "Hold a review of the plan, by", "With legal advice:", "Seek legal advice, by")
			form.saysNot(t, path+", of what is done and no more", "Done: Discuss", "Done: Record")
			half := b.post("/cases/KN-1/decide", with(form.hidden(), "discussed", "yes", "due_day", "soon"))
			half.says(t, "a day that is none", http.StatusUnprocessableEntity, "With a review of the plan:")
			s.command("record", "KN-1", meanwhile, "--by", "W1")
			changed := b.post("/cases/KN-1/decide", with(half.hidden(), "discussed", "yes", "review", "yes", "legal", "no"))
			changed.says(t, "a case that has changed", http.StatusConflict, "With what you have filled in:", "Done: Discuss with the team manager immediately", "Hold a review of the plan, by")
			changed.saysNot(t, "what is filled in", "With legal advice:")
		}
		last := b.get("/overdue?open=KN-1")
		values := with(last.hidden(), "review", "yes", "legal", "no")
		saved := b.post("/cases/KN-1/decide", values)
		if saved.status != http.StatusSeeOther {
			t.Fatalf("saving it gives %d: %s", saved.status, saved.text())
		}
		b.get(saved.to).says(t, "the board after it", http.StatusOK, "is told", "Look at it on KN-1")
	})
}

// TestADecisionComesBackWhenSomethingElseFollows: nobody has recorded anything, and yet what
// the form said is not so any more, because the office closes on days on which it did not.
func TestADecisionComesBackWhenSomethingElseFollows(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("M1")
	forms := map[string]url.Values{}
	for _, path := range []string{"/cases/KN-1/decide", "/cases/KN-1/do/consider-review"} {
		forms[path] = with(b.get(path).hidden(), "review", "yes", "legal", "no")
	}
	s.processes[len(s.processes)-1].stop()
	closed := make([]string, 20)
	for i := range closed {
		closed[i] = s.now.AddDate(0, 0, i+1).Format(time.DateOnly)
	}
	s.write("doorstep.yaml", strings.Replace(s.configuration(), "Northtown Council}", "Northtown Council, closure_days: ["+strings.Join(closed, ", ")+"]}", 1))
	s.start()
	for path, values := range forms {
		got := b.post(path, values)
		got.says(t, path, http.StatusConflict, "Nothing is saved yet", "If you save")
		if !strings.Contains(got.body, `id="review" name="review" type="radio" value="yes" checked`) {
			t.Errorf("%s comes back without what was filled in: %s", path, got.body)
		}
		if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND way = 'page'"); n != 0 {
			t.Errorf("%s: %d events were saved, want none", path, n)
		}
	}
}
