package main

import (
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// byKeyboard is a browser of somebody who has no mouse, on a page without scripts.
func (s *site) byKeyboard(id string, width int64) *chromium {
	s.t.Helper()
	c := s.chromium()
	c.signIn(id)
	c.as(width, "light")
	c.do("switch scripts off", tell(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	return c
}

// keys goes to an element, presses keys there, and waits for another to be seen.
func (c *chromium) keys(what, selector, keys, then string) {
	c.t.Helper()
	c.do(what, chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Focus(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), keys), chromedp.WaitVisible(chromedp.CSS(then)))
}

// TestAManagersDayByKeyboard: from what is overdue to the decisions on one case and to the
// next, then leave and cover, and cases that go to somebody else.
func TestAManagersDayByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	c := s.byKeyboard("M1", 1280)
	c.open("/overdue")
	c.keys("open the form of KN-1", `a[href$="#KN-1"]`, "\r", "#discussed")
	c.keys("say that it was discussed", "#discussed", " ", "#concern")
	c.keys("say how concerned they are", "#concern-high", " ", "#due_day")
	c.keys("set a date", "#due_day", "tomorrow", "#review")
	c.keys("review the plan", "#review", " ", "#legal-no")
	c.keys("no legal advice", "#legal-no", " ", "#done")
	c.keys("written on the record", "#done", " ", "main form[method=post] button")
	c.keys("save and go to the next", "main form[method=post] button", "\r", ".govuk-notification-banner")
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND way = 'page' AND by_person = 'M1'"); n != 4 {
		t.Errorf("%d decisions are saved, want 4", n)
	}
	c.keys("look at what was saved", ".govuk-notification-banner__link", "\r", `a[href="/cases/KN-1/decide"]`)

	c.open("/people")
	c.keys("a colleague", `a[href="/people/W1"]`, "\r", "#away_from")
	c.keys("the first day away", "#away_from", "today", "#cover")
	c.keys("who stands in", "#cover", "Helen", "main form[method=post] button")
	c.keys("save leave and cover", "main form[method=post] button", "\r", ".govuk-notification-banner")
	if n := count(t, s.database, "SELECT count(*) FROM people WHERE id = 'W1' AND cover = 'M1' AND away_from IS NOT NULL"); n != 1 {
		t.Errorf("W1 is not away with M1 standing in")
	}
	c.open("/people/W1/cases")
	c.keys("a case", "#ref", " ", "#to")
	c.keys("who takes it on", "#to", "Priya", "main form[method=post] button")
	c.keys("give it away", "main form[method=post] button", "\r", ".govuk-notification-banner")
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE kind = 'reallocated' AND value = 'W2' AND by_person = 'M1'"); n != 1 {
		t.Errorf("%d cases were given to W2, want one", n)
	}
}

// TestAChairTracksTheirCases: those with unsuccessful visits, overdue duties or an action to
// agree stand on their first page, as in their digest; others do not.
func TestAChairTracksTheirCases(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		b := s.signedIn("C1")
		list := b.get("/")
		list.says(t, "the chair's first page", http.StatusOK, "The one case you chair has unsuccessful visits, overdue duties or an action to agree", "KN-1 Overdue by",
			"Sam Okafor, practitioner. 2 visits in a row without success", "No action is agreed yet", "See the child: practitioner, was due")
		list.saysNot(t, "the chair's first page", "KN-3", "SO-1", "Nothing overdue", "Test Avenue", "(manager): manager", "(practitioner): practitioner")
		s.command("record", "KN-1", "closed", "--by", "M1", "--reason", "moved away")
		b.get("/").says(t, "once the case is closed", http.StatusOK, "You chair no open case")
		s.signedIn("W1").get("/").saysNot(t, "a practitioner's first page", "you chair")
	})
}

// TestAPractitionersDayByKeyboard: on a phone's screen, from their cases to one of them;
// a duty is acknowledged, a checklist ticked, an entry undone.
func TestAPractitionersDayByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	c := s.byKeyboard("W1", 320)
	c.open("/")
	c.keys("a case", `a[href="/cases/KN-1"]`, "\r", `form[action="/cases/KN-1/acknowledge/discuss-immediately"] button`)
	c.keys("I know", `form[action="/cases/KN-1/acknowledge/discuss-immediately"] button`, "\r", ".govuk-notification-banner")
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND kind = 'acknowledged' AND by_person = 'W1'"); n != 1 {
		t.Errorf("%d acknowledgements are kept, want one", n)
	}
	c.open("/cases/HV-1/do/liaise")
	c.keys("tick the first", "#item", " ", "main form[method=post] button")
	c.keys("save", "main form[method=post] button", "\r", ".govuk-notification-banner")
	c.keys("undo it", ".govuk-notification-banner__link", "\r", "#reason")
	c.keys("why", "#reason", "ticked the wrong one", "button.govuk-button--warning")
	c.keys("undo this entry", "button.govuk-button--warning", "\r", ".govuk-notification-banner")
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'HV-1' AND kind = 'voided' AND by_person = 'W1' AND reason = 'ticked the wrong one'"); n != 1 {
		t.Errorf("%d entries are undone, want one", n)
	}
}
