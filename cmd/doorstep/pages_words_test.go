package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestPagesSayWhoIsToldAndWhatWaitsOnPaper: before a visit is saved, in what is said once
// it is, and on the case, which does not say that nothing is to be done while somebody is
// to be phoned.
func TestPagesSayWhoIsToldAndWhatWaitsOnPaper(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	form := b.get("/cases/KN-2/record?outcome=no-access")
	form.says(t, "before a visit is saved", http.StatusOK, "Helen Marsh is told now, by email and by text")
	saved := b.post("/cases/KN-2/record", with(form.hidden(), "card", "no"))
	b.get(saved.to).says(t, "once it is saved", http.StatusOK, "Saved", "Helen Marsh is told now, by email and by text", "Undo it")
	b.get("/cases/KN-2").saysNot(t, "the case on another day", "is told now")

	form = b.get("/cases/HV-1/record?outcome=no-access")
	form.says(t, "a visit with a card or without", http.StatusOK, "If you left no card: The print room prints a card",
		"If you left a card: Phone the family, nothing is printed: the practitioner left a card at the door")
	saved = b.post("/cases/HV-1/record", with(form.hidden(), "card", "yes"))
	page := b.get(saved.to)
	page.says(t, "the case with a call to make", http.StatusOK, "Nobody else is told of it now", "To do Phone the family In place of a card or letter", "the practitioner left a card at the door")
	undo := saved.to[strings.Index(saved.to, "saved=")+len("saved="):]
	void := b.get("/cases/HV-1/void/" + undo)
	if got := b.post("/cases/HV-1/void/"+undo, with(void.hidden(), "reason", "wrong case")); got.status != http.StatusSeeOther {
		t.Fatalf("undoing it gives %d: %s", got.status, got.text())
	}
	b.get("/cases/HV-1").saysNot(t, "the case once it is undone", "Phone the family")

	form = b.get("/cases/HV-1/record?outcome=no-access")
	saved = b.post("/cases/HV-1/record", with(form.hidden(), "card", "no"))
	b.get(saved.to).says(t, "the case with a card to print", http.StatusOK, "Cards and letters Card: please call to rearrange. Waits to be printed since today")
}

// TestAMovedDateDoesNotHideSinceWhenSomethingIsOverdue: wherever it is shown. A day that
// was set has no time of day that nobody gave.
func TestAMovedDateDoesNotHideSinceWhenSomethingIsOverdue(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.command("record", "KN-3", "timeframe-set", "--by", "M1", "--due", s.now.AddDate(0, 0, 3).Format("2006-01-02"))
	since, moved := s.now.Add(-50*time.Hour), s.now.Add(72*time.Hour)
	s.execute("UPDATE duties SET late_since = $1, due_at = $2 WHERE case_ref = 'KN-3' AND duty = 'see-child' AND state = 'open'", since.UnixMilli(), moved.UnixMilli())
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	was, by := since.In(zone).Format("Mon 2 January, 15:04"), moved.In(zone).Format("Mon 2 January, 15:04")
	b := s.signedIn("W1")
	for _, path := range []string{"/", "/cases/KN-3"} {
		b.get(path).says(t, path, http.StatusOK, "Overdue by 2 days", "Was due "+was+", now by "+by)
	}
	b.get("/duties").says(t, "the list of duties", http.StatusOK, "Overdue "+since.In(zone).Format("Mon 2 Jan, 15:04")+" now by "+by)
	b.get("/cases/KN-3").says(t, "the date that was set", http.StatusOK, "A date was set, by "+s.now.In(zone).AddDate(0, 0, 3).Format("Mon 2 January")+". Helen Marsh")
	b.get("/cases/KN-1").says(t, "a case of its household", http.StatusOK, "KN-2, Priya Nair, overdue since")
}

// TestPagesSayWhatIsAskedInWords: the question, the items of a checklist, what pathways are
// called.
func TestPagesSayWhatIsAskedInWords(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	b := s.signedIn("W1")
	b.get("/cases/HV-1/do/answer-vulnerability").says(t, "a question", http.StatusOK, "Are vulnerabilities identified? Yes No")
	form := b.get("/cases/HV-1/do/liaise")
	form.says(t, "a checklist", http.StatusOK, "GP Child health information service (CHIS) Housing Early years Record check Siblings")
	saved := b.post("/cases/HV-1/do/liaise", with(form.hidden(), "item", "gp", "item", "early-years"))
	b.get(saved.to).says(t, "what was done of it", http.StatusOK, "Others were asked: GP, early years. You", "Still to be done: child health information service (CHIS), housing, record check, siblings")
	reports := s.signedIn("M1").get("/reports")
	reports.says(t, "the reports", http.StatusOK, "Visits under a plan", "Child, no known vulnerabilities")
	if text := reports.text(); strings.Contains(text, "csc-") || strings.Contains(text, "hv-") {
		t.Errorf("the reports name pathways by their ids: %s", text)
	}
}
