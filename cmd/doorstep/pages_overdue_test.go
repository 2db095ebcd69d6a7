package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAManagerSeesWhatIsOverdue: on the cases of the team, by a filter that stands in the
// address, and nothing of other teams or of families.
func TestAManagerSeesWhatIsOverdue(t *testing.T) {
	onBoth(t, func(t *testing.T, s *site) {
		s.account("M1")
		b := s.browser()
		if got := b.post("/signin", url.Values{"person": {"M1"}, "password": {password}, "next": {"/"}}); got.to != "/overdue" {
			t.Errorf("a manager who signs in comes to %q, want what is overdue", got.to)
		}
		all := b.get("/overdue")
		all.says(t, "the board", http.StatusOK, "KN-1", "KN-2", "KN-3", "on 3 cases", "Sam Okafor", "Phone Sam Okafor")
		all.saysNot(t, "the board", "SO-1", "Test Avenue", "01632 960901", "SN2")
		mine := b.get("/overdue?owner=M1")
		mine.says(t, "what is the manager's own", http.StatusOK, "KN-1", "You")
		if text := mine.text(); strings.Contains(text, "on 3 cases") {
			t.Errorf("what is the manager's own says %q, want fewer cases", text)
		}
		b.get("/overdue?owner=NOBODY").says(t, "a filter that holds nothing", http.StatusOK, "Nothing is overdue with this filter")
		s.command("restrict", "KN-2")
		b.get("/overdue").says(t, "the board of its manager", http.StatusOK, "KN-2")
		for _, who := range []string{"W1", "C1", "A1"} {
			if got := s.signedIn(who).get("/overdue"); got.status != http.StatusNotFound {
				t.Errorf("%s opening the board gets %d, want 404", who, got.status)
			}
		}
		s.account("S1")
		above := s.browser()
		above.signIn("S1", password)
		above.get("/overdue").says(t, "the board of whoever is above", http.StatusOK, "KN-1", "SO-1")
		b.get("/undelivered").says(t, "what was not delivered", http.StatusOK, "Not delivered")
	})
}

// TestAManagerAnswersTheirDuties: on their own page, with a date that a person sets and
// two questions at once.
func TestAManagerAnswersTheirDuties(t *testing.T) {
	s := newSite(t, onSQLite(t))
	s.account("M1")
	b := s.browser()
	b.signIn("M1", password)
	b.get("/").says(t, "what is theirs", http.StatusOK, "KN-1", "Set the visiting frequency")
	form := b.get("/cases/KN-1/do/set-timeframe")
	form.says(t, "the form of a date", http.StatusOK, "By which day")
	values := form.hidden()
	values.Set("due_day", "soon")
	b.post("/cases/KN-1/do/set-timeframe", values).says(t, "no day", http.StatusUnprocessableEntity, "Write the day like 8 December")
	values.Set("due_day", "tomorrow")
	if got := b.post("/cases/KN-1/do/set-timeframe", values); got.status != http.StatusSeeOther {
		t.Errorf("setting a date gives %d: %s", got.status, got.text())
	}
	values = b.get("/cases/KN-1/do/consider-review").hidden()
	values.Set("review", "yes")
	b.post("/cases/KN-1/do/consider-review", values).says(t, "one question of two", http.StatusUnprocessableEntity, "Answer yes or no")
	values.Set("legal", "no")
	if got := b.post("/cases/KN-1/do/consider-review", values); got.status != http.StatusSeeOther {
		t.Errorf("answering both gives %d: %s", got.status, got.text())
	}
	values = b.get("/cases/KN-1/do/set-frequency").hidden()
	values.Set("value", "every now and then")
	wrong := b.post("/cases/KN-1/do/set-frequency", values)
	wrong.says(t, "no frequency", http.StatusUnprocessableEntity, "There is a problem")
	values.Set("value", "10 working days")
	if got := b.post("/cases/KN-1/do/set-frequency", values); got.status != http.StatusSeeOther {
		t.Errorf("setting the frequency gives %d: %s", got.status, got.text())
	}
}
