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
		s.signedIn("M1").get("/cases/KN-1/do/consider-review").says(t, "two questions", http.StatusOK, "With a review of the plan", "Hold a review of the plan", "With legal advice", "Seek legal advice")
	})
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
