package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestFormsSayWhatFollowsBeforeTheyAreSaved: also what a household is told.
func TestFormsSayWhatFollowsBeforeTheyAreSaved(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("W1")
		b.get("/cases/KN-1/do/discuss-immediately").says(t, "a form", http.StatusOK, "If you save", "Done: Discuss with the team manager immediately")
		b.get("/cases/HV-1/do/liaise").says(t, "a checklist", http.StatusOK, "Once all is ticked")
		b.get("/cases/KN-1/record?outcome=no-access").says(t, "a visit without access", http.StatusOK, "Told too: whoever works on KN-2 of the household")
		m := s.signedIn("M1")
		m.get("/cases/KN-1/do/set-timeframe").says(t, "a date", http.StatusOK, "No later than", "A later date needs a reason", "If you save", "for example:", "See the child again: due", "17:00 instead of", "With the latest date,")
		values := m.get("/cases/KN-1/do/set-timeframe").hidden()
		values.Set("due_day", "soon")
		unread := m.post("/cases/KN-1/do/set-timeframe", values)
		unread.says(t, "a day that is none", http.StatusUnprocessableEntity, "Write the day like 8 December", "With the latest date,")
		unread.saysNot(t, "a date, which holds to the end of its day", "By which time")
		m.get("/cases/KN-1/do/set-frequency").says(t, "how often", http.StatusOK, "If you save", "With every 10 working days, for example:", "Done: Set the visiting frequency")
		m.get("/cases/KN-1/do/consider-review").says(t, "two questions", http.StatusOK, "With a review of the plan", "Hold a review of the plan", "With legal advice", "Seek legal advice")
	})
}

// TestADiscussionAsksTheSameOfBoth: whoever says that it was, practitioner or manager, is
// asked how concerned they are and whether others have seen the child.
func TestADiscussionAsksTheSameOfBoth(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	const path = "/cases/KN-1/do/discuss-immediately"
	form := b.get(path)
	form.says(t, "the practitioner's form", http.StatusOK, "How concerned are you?", "Have other professionals seen the child?")
	values := form.hidden()
	values.Set("concern", "enormous")
	b.post(path, values).says(t, "an answer that there is not", http.StatusNotFound, "Nothing was saved")
	values.Set("concern", "high")
	values.Set("seen-by-others", "no")
	if got := b.post(path, values); got.status != http.StatusSeeOther {
		t.Fatalf("saving it gives %d: %s", got.status, got.text())
	}
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND kind = 'discussed-with-manager' AND value = 'seen-by-others=no;concern=high'"); n != 1 {
		t.Errorf("%d discussions are kept with both answers, want one", n)
	}
}

// TestAServiceManagerSaysWhyTheyNeedAnAddress: before it is shown, and it is kept.
func TestAServiceManagerSaysWhyTheyNeedAnAddress(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("S1")
		asked := b.get("/cases/KN-1/contact")
		asked.says(t, "the question", http.StatusOK, "Why do you need it?")
		asked.saysNot(t, "the question", "Test Avenue", "01632 960901")
		b.post("/cases/KN-1/contact", url.Values{"reason": {" "}}).says(t, "no reason", http.StatusUnprocessableEntity, "Say why, in a few words")
		b.post("/cases/KN-1/contact", url.Values{"reason": {"a complaint that names a visit"}}).says(t, "with a reason", http.StatusOK, "1 Test Avenue", "01632 960901")
		if n := strings.Count(s.command("audit", "--case", "KN-1"), "  S1  contact (a complaint that names a visit)  KN-1\n"); n != 1 {
			t.Errorf("%d lines of the audit trail have the reason, want one", n)
		}
		for _, who := range []string{"C1", "W3"} {
			if got := s.signedIn(who).post("/cases/KN-1/contact", url.Values{"reason": {"curious"}}); got.status != http.StatusNotFound {
				t.Errorf("%s giving a reason gets %d, want 404", who, got.status)
			}
		}
		s.signedIn("W1").get("/cases/KN-1/contact").says(t, "a practitioner", http.StatusOK, "1 Test Avenue")
	})
}
