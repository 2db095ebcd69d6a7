package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestFormsThatNoPageSent: cut off, without the name that its page gave it, or with more
// than a field takes. Nobody is told of a mistake of Doorstep's, and nothing is lost.
func TestFormsThatNoPageSent(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	w1 := s.signedIn("W1")
	const record = "/cases/HV-1/record"
	page := w1.get(record + "?outcome=declined&event_id=")
	form := page.hidden()
	if form.Get("event_id") == "" {
		t.Error("the form of an address without a name has none")
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.listen+record, strings.NewReader("outcome=%zz"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w1.do(request).says(t, "a form that cannot be read", http.StatusBadRequest, "What was sent cannot be read", "Nothing was saved")

	form.Set("what", "visit")
	form.Set("reason", strings.Repeat("x", 10_001))
	w1.post(record, form).says(t, "a reason that is too long", http.StatusUnprocessableEntity, "There is a problem", "This is longer than 10000 characters: shorten it")
	form.Set("reason", "with friends")
	form.Set("day", "other")
	form.Set("other_day", "1/1/1066")
	again := w1.post(record, form)
	form.Set("shown", again.hidden().Get("shown"))
	w1.post(record, form).says(t, "a year long ago", http.StatusUnprocessableEntity, "This lies before 1990: check the year")

	for _, place := range []string{record, record} {
		form = url.Values{"outcome": {"no-access"}, "card": {"no"}, "at": {form.Get("at")}}
		form.Set("shown", w1.post(place, form).hidden().Get("shown"))
		if saved := w1.post(place, form); saved.status != http.StatusSeeOther || strings.HasSuffix(saved.to, "saved=") {
			t.Errorf("a visit from a form without a name gives %d to %q, want it saved: %s", saved.status, saved.to, saved.text())
		}
	}
}

// TestMarksInAFieldChangeNothingAroundIt: what turns the writing direction, or has no
// width, is neither shown again nor kept, whether it comes by a form or by an address that
// somebody else has made.
func TestMarksInAFieldChangeNothingAroundIt(t *testing.T) {
	t.Parallel()
	const marks = "\u202e\u200b\u2066"
	s := newSite(t, onSQLite(t))
	w1 := s.signedIn("W1")
	for _, place := range []string{"/duties?due_before=" + url.QueryEscape(marks), "/cases/HV-1/record?outcome=declined&reason=" + url.QueryEscape(marks)} {
		if got := w1.get(place); strings.ContainsAny(got.body, marks) {
			t.Errorf("%s shows marks of its address", place)
		}
	}
	const record = "/cases/HV-1/record"
	form := w1.get(record + "?outcome=declined").hidden()
	form.Set("reason", marks+"with"+marks+" friends")
	if shown := w1.post(record, form); shown.status != http.StatusUnprocessableEntity || strings.ContainsAny(shown.body, marks) {
		t.Errorf("a form with something missing gives %d, want 422 and no marks of what was typed", shown.status)
	}
	form.Set("what", "visit")
	if saved := w1.post(record, form); saved.status != http.StatusSeeOther {
		t.Fatalf("saving gives %d: %s", saved.status, saved.text())
	}
	if n := count(t, s.database, "SELECT COUNT(*) FROM events WHERE case_ref = 'HV-1' AND kind = 'declined' AND reason = 'with friends'"); n != 1 {
		t.Errorf("%d events hold the reason without marks, want one", n)
	}
}
