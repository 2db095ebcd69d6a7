package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// toldForm is the form of a page that says that somebody was told by phone.
var toldForm = regexp.MustCompile(`(?s)action="(/cases/KN-1/told/[^"]+)".*?name="event_id" value="([^"]+)".*?name="message" value="([^"]+)"`)

// TestWhatDidNotArriveCanBeToldByPhone: by whoever manages the case, once; it stands on the
// case, where it can be undone, and the list says so.
func TestWhatDidNotArriveCanBeToldByPhone(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.await("reminders of KN-1 to go out", func() bool {
		return count(t, s.database, "SELECT count(*) FROM messages m JOIN reminders r ON r.message_id = m.id JOIN duties d ON d.id = r.duty_id WHERE d.case_ref = 'KN-1' AND d.state = 'open' AND m.state = 'sent'") > 0
	})
	s.execute("UPDATE messages SET state = 'failed', reason = 'the mailbox does not exist', next_try_at = $1 WHERE id IN (SELECT r.message_id FROM reminders r JOIN duties d ON d.id = r.duty_id WHERE d.case_ref = 'KN-1' AND d.state = 'open')",
		s.now.UnixMilli())
	above := s.signedIn("S1").get("/undelivered")
	above.says(t, "the list of whoever is above", http.StatusOK, "KN-1", "Nobody has had it")
	above.saysNot(t, "the list of whoever is above", "Told by phone")
	b := s.signedIn("M1")
	list := b.get("/undelivered")
	list.says(t, "the list", http.StatusOK, "KN-1 Nobody has had it", "the mailbox does not exist", "Told by phone")
	form := toldForm.FindStringSubmatch(list.body)
	if form == nil {
		t.Fatalf("the list has no form: %s", list.body)
	}
	values := url.Values{"event_id": {form[2]}, "message": {form[3]}}
	for range 2 {
		if got := b.post(form[1], values); got.status != http.StatusSeeOther || got.to != "/undelivered" {
			t.Fatalf("saying so gives %d to %q, want the list: %s", got.status, got.to, got.text())
		}
	}
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND kind = 'acknowledged' AND by_person = 'M1'"); n != 1 {
		t.Errorf("%d events say so, want one", n)
	}
	b.get("/undelivered").says(t, "the list after it", http.StatusOK, "Saved KN-1: told by phone", "Undo it", "Known", "You have said today at", "that it is known: told by phone in place of the")
	b.get("/cases/KN-1").says(t, "the case", http.StatusOK, "A reminder was read", "told by phone in place of the")
	if got := b.post(form[1], url.Values{"event_id": {"another"}, "message": {"0"}}); got.status != http.StatusConflict || !strings.Contains(got.text(), "Nothing was saved") {
		t.Errorf("saying it of no message gives %d: %s", got.status, got.text())
	}
}
