package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// saidByText has what was recorded last be something that was said by text.
func (s *site) saidByText(kind, ref, by string, at time.Time) {
	s.t.Helper()
	s.command("record", ref, kind, "--by", by, "--at", at.UTC().Format(time.RFC3339))
	s.execute("UPDATE events SET way = 'text' WHERE case_ref = $1 AND kind = $2 AND by_person = $3 AND at = $4", ref, kind, by, at.UnixMilli())
	s.command("record", ref, "supervision", "--by", "M1") // it is worked out anew
}

// TestWhatWasSaidByTextIsConfirmedCorrectedOrTakenBack: in the form in which it would be
// recorded, with the time at which it was said, and in no more taps than anything else.
func TestWhatWasSaidByTextIsConfirmedCorrectedOrTakenBack(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	at := time.Now().Add(-50 * time.Minute).Truncate(time.Minute)
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	clock := at.In(zone).Format("15:04")
	s.saidByText("discussed-with-manager", "KN-1", "W1", at)
	s.saidByText("seen", "KN-3", "W1", at)
	b := s.signedIn("W1")
	mine := b.get("/")
	mine.says(t, "the list", http.StatusOK, "Said by text, to be confirmed", "You said by text", "Yes, it is done", "No: look at KN-1")
	for ref, want := range map[string]struct{ path, kind string }{
		"KN-1": {"/cases/KN-1/do/discuss-with-manager", "discussed-with-manager"},
		"KN-3": {"/cases/KN-3/record", "seen"},
	} {
		address := hrefWith(mine, want.path+"?said=")
		if address == "" || !strings.Contains(b.get("/cases/"+ref).body, address) {
			t.Fatalf("%s: its list and its page have no way to confirm what was said: %s", ref, mine.text())
		}
		form := b.get(address)
		form.says(t, "confirming "+ref, http.StatusOK, "If you save", "Done:")
		if !strings.Contains(form.body, `name="time" value="`+clock+`"`) {
			t.Errorf("%s: the form has not the time at which it was said, %s: %s", ref, clock, form.body)
		}
		// The time is corrected: it was ten minutes later.
		later := at.Add(10 * time.Minute)
		values := with(form.hidden(), "day", "today", "time", later.In(zone).Format("15:04"))
		if at.In(zone).Day() != time.Now().In(zone).Day() {
			values.Set("day", "other")
			values.Set("other_day", later.In(zone).Format("2/1/2006"))
		}
		got := b.post(want.path, values)
		if got.status == http.StatusConflict { // another time than was shown: look at what follows, and save
			got = b.post(want.path, with(got.hidden(), "day", values.Get("day"), "other_day", values.Get("other_day"), "time", values.Get("time")))
		}
		if got.status != http.StatusSeeOther {
			t.Fatalf("confirming %s gives %d: %s", ref, got.status, got.text())
		}
		if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = '"+ref+"' AND kind = '"+want.kind+"' AND way = 'page'"); n != 1 {
			t.Errorf("%s: %d events confirm it, want one", ref, n)
		}
		if text := b.get("/cases/" + ref).text(); strings.Contains(text, "Until it is confirmed") {
			t.Errorf("%s: what was confirmed is still to be confirmed: %s", ref, text)
		}
	}
}

// TestWhatWasSaidByTextIsTakenBack: where it is not so, by whoever said it.
func TestWhatWasSaidByTextIsTakenBack(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.saidByText("discussed-with-manager", "KN-1", "W1", time.Now().Add(-30*time.Minute).Truncate(time.Minute))
	b := s.signedIn("W1")
	page := b.get("/cases/KN-1")
	page.says(t, "the case", http.StatusOK, "Until it is confirmed, the clock runs", "No, take back what was said")
	address := hrefWith(page, "/cases/KN-1/void/")
	form := b.get(address)
	form.says(t, "taking it back", http.StatusOK, "Undo this entry")
	if got := b.post(address, with(form.hidden(), "reason", "it was another case")); got.status != http.StatusSeeOther {
		t.Fatalf("taking it back gives %d: %s", got.status, got.text())
	}
	b.get("/cases/KN-1").saysNot(t, "the case after it", "Until it is confirmed", "No, take back")
}

// hrefWith is the first address of a page that begins like this; empty: it has none.
func hrefWith(page *answer, begins string) string {
	_, after, found := strings.Cut(page.body, `href="`+begins)
	if !found {
		return ""
	}
	rest, _, _ := strings.Cut(after, `"`)
	return begins + rest
}

// TestWhoSaidItByTextIsNamed: a manager who is told of a practitioner's duty can say that it
// is done.
func TestWhoSaidItByTextIsNamed(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.saidByText("discussed-with-manager", "KN-1", "M1", time.Now().Add(-50*time.Minute).Truncate(time.Minute))
	mine := s.signedIn("W1").get("/")
	mine.says(t, "the practitioner's list", http.StatusOK, "Said by text, to be confirmed", "Helen Marsh said by text")
	mine.saysNot(t, "the practitioner's list", "You said by text")
}
