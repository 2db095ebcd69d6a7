package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAReasonIsNotLostWhenTheSessionEnds: why a case cannot wait, why an address is needed.
// In an emergency a reference counts as it does in Find.
func TestAReasonIsNotLostWhenTheSessionEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	for _, tt := range []struct{ who, path, why string }{
		{"W3", "/emergency", "a neighbour phoned about noise"},
		{"S1", "/cases/KN-1/contact", "the practitioner is ill"},
	} {
		why, typed := tt.why, url.Values{"ref": {"kn-1"}, "reason": {tt.why}}
		b := s.signedIn(tt.who)
		s.endSessions()
		ended := b.post(tt.path, typed)
		ended.says(t, tt.path+" once the session has ended", http.StatusUnauthorized, "What you sent is not saved yet")
		signed := b.post("/signin", url.Values{"person": {tt.who}, "password": {password}, "next": {tt.path + "?held=" + heldIn(ended)}})
		b.get(signed.to).says(t, tt.path+" after signing in", http.StatusOK, "This is not saved yet", why)
		if n := count(t, s.database, "SELECT count(*) FROM audit WHERE reason = '"+why+"'"); n != 0 {
			t.Errorf("%s: %d entries with the reason before it is sent again, want none", tt.path, n)
		}
		got := b.post(tt.path, typed)
		if opened := got.status == http.StatusSeeOther && got.to == "/cases/KN-1" || strings.Contains(got.text(), "1 Test Avenue"); !opened {
			t.Errorf("sent again, %s gives %d to %q, want the case opened: %s", tt.path, got.status, got.to, got.text())
		}
	}
}

// TestAPageAsksWhatHasBeenAgreed: on its own as under the row of the board.
func TestAPageAsksWhatHasBeenAgreed(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("M1")
	page := b.get("/cases/KN-1/decide")
	page.says(t, "the form of decisions", http.StatusOK, "What has been agreed?")
	form := b.get("/cases/KN-1/do/agree-action")
	form.says(t, "the page of the duty", http.StatusOK, "What has been agreed?")
	saved := b.post("/cases/KN-1/do/agree-action", with(form.hidden(), "reason", "a strategy meeting on Monday"))
	b.get(saved.to).says(t, "the case", http.StatusOK, "An action was agreed. You, on the page. a strategy meeting on Monday")
}
