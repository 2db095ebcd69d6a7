package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestAFormSentAgainLeadsToWhatItSaved: the same once more is the same visit, the same
// answer; with anything else in it, what was saved is shown, and what was changed is not
// taken for it.
func TestAFormSentAgainLeadsToWhatItSaved(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	visit := b.get("/cases/HV-1/record?outcome=no-access").hidden()
	visit = with(visit, "card", "yes", "next_day", "tomorrow", "next_time", "09:30")
	answer := with(b.get("/cases/HV-1/do/liaise").hidden(), "item", "gp")
	for _, form := range []struct {
		what, path string
		values     url.Values
		changed    [][]string // field and value, each of which says something else
		events     int
	}{
		{"a visit", "/cases/HV-1/record", visit, [][]string{{"card", "no"}, {"next_time", "10:30"}, {"next_day", ""}, {"time", "00:00"}}, 3},
		{"what was asked", "/cases/HV-1/do/liaise", answer, [][]string{{"item", "housing"}, {"item", ""}}, 1},
	} {
		for _, what := range []string{"saving " + form.what, "saving it again"} {
			if got := b.post(form.path, form.values); got.status != http.StatusSeeOther || !strings.HasPrefix(got.to, "/cases/HV-1?saved=") {
				t.Fatalf("%s gives %d to %q, want the case: %s", what, got.status, got.to, got.text())
			}
		}
		for _, change := range form.changed {
			changed := with(form.values)
			changed.Set(change[0], change[1])
			if change[1] == "" {
				changed.Del(change[0])
				if change[0] == "next_day" {
					changed.Del("next_time")
				}
			}
			b.post(form.path, changed).says(t, "sending "+form.what+" again with another "+change[0], http.StatusConflict, "This was saved before", "What you changed afterwards is not saved", "Undo it")
		}
		id := form.values.Get("event_id")
		if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'HV-1' AND id LIKE '"+id+"%'"); n != form.events {
			t.Errorf("%s: %d events after sending it again, want %d", form.what, n, form.events)
		}
	}
}

// TestWhatIsWrongWithATimeIsSaidOnce: at the field that it is about.
func TestWhatIsWrongWithATimeIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	form := with(b.get("/cases/HV-1/record?outcome=seen").hidden(), "day", "other")
	for _, tt := range []struct{ day, time, field, says string }{
		{"tomorrow", "10:00", "other_day", "That time has not come yet"},
		{"31/02", "10:00", "other_day", "Write the day like"},
		{"yesterday", "25:99", "time", "Write the time like"},
	} {
		got := b.post("/cases/HV-1/record", with(form, "other_day", tt.day, "time", tt.time))
		got.says(t, tt.day+" "+tt.time, http.StatusUnprocessableEntity, "There is a problem")
		if n := strings.Count(got.body, `<li><a href="#`); n != 1 || !strings.Contains(got.body, `<a href="#`+tt.field+`" autofocus>`+tt.says) {
			t.Errorf("%s %s: %d errors, want one, that leads to %s and says %q: %s", tt.day, tt.time, n, tt.field, tt.says, got.text())
		}
	}
}

// TestTwoRecordsOfOneVisitAreOne: whoever records what a colleague has recorded for the
// same time is told so before they save.
func TestTwoRecordsOfOneVisitAreOne(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	at := s.now.Add(-3 * time.Hour).Truncate(time.Minute).UTC().Format(time.RFC3339)
	s.command("record", "HV-1", "no-access", "--by", "M1", "--at", at)
	s.command("record", "HV-1", "not-seen", "--by", "W1", "--at", at)
	b := s.signedIn("W1")
	b.get("/cases/HV-1").says(t, "the case", http.StatusOK, "2 visits in a row without success", "2 tries since")
	path := "/cases/HV-1/record?outcome=not-seen&at=" + url.QueryEscape(at)
	b.get(path).says(t, "the form for the same time", http.StatusOK, "It counts as the same visit as what")
	other := b.get("/cases/HV-1/record?outcome=not-seen")
	other.says(t, "the form for another time", http.StatusOK, "visit in a row without success")
	other.saysNot(t, "the form for another time", "the same visit")
}
