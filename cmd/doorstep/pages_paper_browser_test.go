package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"
)

// onPaper lists what of a page would be printed and should not be, or the other way round.
const onPaper = `(() => {
	const shown = e => e.checkVisibility && e.checkVisibility() && e.getBoundingClientRect().height > 0;
	const name = e => e.tagName.toLowerCase() + " " + (e.getAttribute("aria-label") || e.textContent.trim().slice(0, 30));
	const wrong = [...document.querySelectorAll("nav, button, .govuk-button, .govuk-skip-link, .ds-noprint")].filter(shown).map(e => "it prints " + name(e));
	document.querySelectorAll("details.govuk-details:not(.ds-noprint)").forEach(d => {
		if (d.closest(".ds-noprint") || d.querySelector("input, textarea")) return; // questions, not reasons
		const text = d.querySelector(".govuk-details__text");
		if (!text || !shown(text)) wrong.push("it hides " + name(d));
	});
	const by = document.querySelector(".ds-printed");
	if (!by || !shown(by)) wrong.push("it does not say who printed it");
	return wrong.join("\n");
})()`

// TestPagesPrintWithoutWhatOnlyAScreenHas: no menu and no button, reasons open, and who
// printed it, on the pages of every role.
func TestPagesPrintWithoutWhatOnlyAScreenHas(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.command("print", "letters", "--pending", "--out", "letters.pdf")
	pages := map[string][]string{
		"W1": {"/", "/cases/KN-1", "/cases/KN-1/contact", "/duties", "/cases/KN-1/record?outcome=no-access", "/cases/HV-1/do/liaise", "/cases/KN-1/void/e3", "/account", "/help", "/privacy"},
		"M1": {"/overdue", "/overdue?open=KN-1", "/undelivered", "/people", "/people/W1", "/people/W1/cases", "/reports", "/readiness", "/cases/KN-1/decide", "/emergency"},
		"S1": {"/cases/KN-1/contact"},
		"A1": {"/print", "/print/batches/1", "/print/items/1", "/lookup", "/import", "/people/W1"},
	}
	for id, paths := range pages {
		c := s.chromium()
		c.signIn(id)
		c.do("print", tell(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
		for _, path := range paths {
			c.open(path)
			if wrong := gives(c, "look at "+path, chromedp.Evaluate[string](onPaper)); wrong != "" {
				t.Errorf("%s, printed by %s: %s", path, id, wrong)
			}
		}
	}
	c := s.chromium()
	c.signInOutsider("IG1", "Gwen Lyle", "--audits")
	c.do("print", tell(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
	c.open("/audit")
	if wrong := gives(c, "look at the audit", chromedp.Evaluate[string](onPaper)); wrong != "" {
		t.Errorf("/audit, printed by IG1: %s", wrong)
	}
}

// TestFormsAboutContactsAreForEverybody: those of admin staff for colleagues, and of a
// service manager who says why they need a family's address, also with errors.
func TestFormsAboutContactsAreForEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	admin := s.chromium()
	admin.signIn("A1")
	admin.lookAt("contacts-of-staff", "/people/W1")
	admin.as(320, "dark")
	admin.open("/people/W1")
	admin.do("an address that is none", chromedp.SetValue(chromedp.CSS("#email"), "nobody"), chromedp.Click(chromedp.CSS("form[action$=contacts] button")), chromedp.WaitVisible(chromedp.CSS("#email-error")))
	admin.check("the form of admin staff with an error")
	above := s.chromium()
	above.signIn("S1")
	above.lookAt("reason-for-address", "/cases/KN-1/contact")
	above.as(320, "dark")
	above.open("/cases/KN-1/contact")
	above.do("no reason", chromedp.Click(chromedp.CSS("main form button")), chromedp.WaitVisible(chromedp.CSS("#reason-error")))
	above.check("the question for a reason with an error")
}

// TestTheDayOfWhoRunsTheServiceByKeyboard: from signing in to how it does, to a file that is
// looked through in numbers alone, and out again.
func TestTheDayOfWhoRunsTheServiceByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	c := s.chromium()
	c.signInOutsider("IT1", "Ira Best", "--operates")
	c.as(320, "light")
	c.withoutScripts()
	c.open("/")
	if text := gives(c, "read how it does", chromedp.Text(chromedp.CSS("main"))); !strings.Contains(text, "Schedules") || strings.Contains(text, "KN-1") {
		t.Errorf("the first page reads %q, want how the service does, and no case", text)
	}
	c.press("the menu", `nav a[href="/import"]`)
	c.chooses("visits.csv", s.threeEvents())
	if text := gives(c, "read what would change", chromedp.Text(chromedp.CSS("main"))); !strings.Contains(text, "Added") || strings.Contains(text, "is not a date") {
		t.Errorf("what would change reads %q, want numbers and no row", text)
	}
	c.press("import them", "main form button")
	c.do("what was imported", chromedp.WaitVisible(chromedp.CSS(".govuk-notification-banner")))
	if n := s.uploaded(); n != 2 {
		t.Errorf("%d events came in, want the two good ones", n)
	}
	c.open("/account")
	c.keys("sign out", `form[action="/signout"] button`, "\r", "#person")
}

// TestAWorkbookIsImportedByThePage: an Excel file as it is, with its dates.
func TestAWorkbookIsImportedByThePage(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s *site) {
		book := excelize.NewFile()
		at := s.now.Add(-30 * time.Minute).UTC().Format(time.RFC3339)
		for i, row := range [][]any{{"event_id", "case_ref", "kind", "at", "by"}, {"u1", "KN-1", "seen", at, "W1"}, {"u2", "KN-2", "seen", "yesterday", "W2"}} {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			if err == nil {
				err = book.SetSheetRow("Sheet1", cell, &row)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		var content bytes.Buffer
		if err := book.Write(&content); err != nil {
			t.Fatal(err)
		}
		admin := s.signedIn("A1")
		got := admin.send("events", "visits.xlsx", &content)
		page := admin.get(got.to)
		page.says(t, "what would change", http.StatusOK, "visits.xlsx, events", "Added 1", "Left out, with an error 1", "Import this row")
		if done := admin.post(got.to, page.hidden()); done.status != http.StatusSeeOther {
			t.Fatalf("importing it gives %d: %s", done.status, done.text())
		}
		if n := s.uploaded(); n != 1 {
			t.Errorf("%d events came in, want the good one", n)
		}
		broken := admin.send("events", "visits.xlsx", strings.NewReader("PK\x03\x04 and nothing more"))
		if broken.status == http.StatusSeeOther {
			broken = admin.get(broken.to)
		}
		broken.says(t, "a workbook that is none", broken.status, "visits.xlsx")
		if broken.status >= http.StatusInternalServerError {
			t.Errorf("a workbook that is none gives %d: %s", broken.status, broken.text())
		}
	})
}
