package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// press takes an element by the keyboard and presses Enter on it.
func (c *chromium) press(what, selector string) {
	c.t.Helper()
	c.do(what, chromedp.Focus(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), "\r"))
}

// TestAnAdminsDayByKeyboardWithoutScripts: from signing in to the batch, one of it printed
// again in large print, a letter that came back, and a serial that somebody reads out.
func TestAnAdminsDayByKeyboardWithoutScripts(t *testing.T) {
	t.Parallel()
	s := paperSite(t, onSQLite(t))
	c := s.chromium()
	c.do("switch scripts off", tell(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	c.as(320, "light")
	c.signIn("A1")
	c.do("the print room", chromedp.WaitVisible(chromedp.CSS("#all")))
	c.press("send it with nothing ticked", "#make button")
	c.do("what is wrong", chromedp.WaitVisible(chromedp.CSS(".govuk-error-summary")))
	c.do("tick all", chromedp.Focus(chromedp.CSS("#all")), chromedp.SendKeys(chromedp.CSS("#all"), " "))
	c.press("make the files", "#make button")
	c.do("the batch", chromedp.WaitVisible(chromedp.CSS("#files")))
	if n := count(t, s.database, "SELECT count(*) FROM print_items WHERE batch = 1 AND place IS NOT NULL"); n != 2 {
		t.Errorf("%d were printed, want the letter and the card", n)
	}
	letter := count(t, s.database, "SELECT id FROM print_items WHERE case_ref = 'HV-1'")
	c.press("open the letter", fmt.Sprintf(`td a[href="/print/items/%d"]`, letter))
	c.do("the letter", chromedp.WaitVisible(chromedp.CSS("img.ds-paper")))
	c.do("large print", chromedp.Focus(chromedp.CSS("#large")), chromedp.SendKeys(chromedp.CSS("#large"), " "))
	c.press("show it so", "form[method=get] button")
	c.do("the letter in large print", chromedp.WaitReady(chromedp.CSS("input[name=large][type=hidden]")))
	c.press("print it so", `form[action$="/again"] button`)
	c.do("the batch of one", chromedp.WaitVisible(chromedp.CSS("#files")))
	if n := count(t, s.database, "SELECT count(*) FROM print_batches WHERE options LIKE '%large_print%'"); n != 1 {
		t.Errorf("%d batches are in large print, want one", n)
	}
	c.do("back to the letter", chromedp.Navigate(fmt.Sprintf("http://%s/print/items/%d", c.listen, letter)), chromedp.WaitVisible(chromedp.CSS("img.ds-paper")))
	c.press("it came back", `form[action$="/returned"] button`)
	c.do("that it is saved", chromedp.WaitVisible(chromedp.CSS(".govuk-notification-banner")))
	serial := gives(c, "read the serial", chromedp.Text(chromedp.CSS("dd")))
	c.press("look up", `nav[aria-label=Menu] a[href="/lookup"]`)
	c.do("a serial", chromedp.WaitVisible(chromedp.CSS("#q")), chromedp.SendKeys(chromedp.CSS("#q"), strings.ToLower(serial)+"\r"), chromedp.WaitVisible(chromedp.CSS("img.ds-paper")))
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE kind = 'letter-returned' AND by_person = 'A1'"); n != 1 {
		t.Errorf("%d letters came back, want one", n)
	}
}

// TestThePrintRoomIsForEverybody: axe finds nothing on any of its pages, and nothing
// scrolls sideways.
func TestThePrintRoomIsForEverybody(t *testing.T) {
	t.Parallel()
	s := paperSite(t, onSQLite(t))
	c := s.chromium()
	c.signIn("A1")
	waits := count(t, s.database, "SELECT id FROM print_items WHERE case_ref = 'HV-1'")
	unprintable := count(t, s.database, "SELECT id FROM print_items WHERE case_ref = 'HV-4'")
	c.lookAt("print", "/print")
	c.lookAt("print-item-waits", fmt.Sprintf("/print/items/%d", waits))
	c.lookAt("print-item-not", fmt.Sprintf("/print/items/%d", unprintable))
	c.as(320, "light")
	c.open("/print")
	c.do("send it with nothing ticked", chromedp.Click(chromedp.CSS("#make button")), chromedp.WaitVisible(chromedp.CSS(".govuk-error-summary")))
	c.check("the print room with an error")
	c.picture("print-error-320")
	focused := gives(c, "look where the focus is", chromedp.Evaluate[string](`document.activeElement.getAttribute("href")`))
	if focused != "#item" {
		t.Errorf("the focus is on %q, want it on the error", focused)
	}
	s.try("print", "--pending", "--out", "first")
	s.command("import", "events", s.write("later.csv", "event_id,case_ref,kind,at,by\np8,HV-2,seen,"+s.now.UTC().Format("2006-01-02T15:04:05Z")+",W1\n"))
	for name, path := range map[string]string{"print-later": "/print", "print-batch-of-two": "/print/batches/1", "print-item": fmt.Sprintf("/print/items/%d", waits),
		"print-case": "/print?case=HV-1", "lookup": "/lookup"} {
		c.lookAt(name, path)
	}
	own := s.chromium()
	own.signIn("W1")
	own.lookAt("mine-with-visits", "/")
	c.as(320, "light")
	c.open("/lookup")
	c.do("look for nothing", chromedp.SendKeys(chromedp.CSS("#q"), "NONE-1\r"), chromedp.WaitVisible(chromedp.CSS("#q-error")))
	c.check("looking for what there is not")
	c.open("/print")
	pdf := gives(c, "print the page", chromedp.PrintToPDF())
	if err := os.WriteFile(filepath.Join(s.folder, "room.pdf"), pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, "the print room on paper", s.text("room.pdf"), []string{"Print room", "Take out of the post", "HV-4", "Printed by Alex Reid"}, "Skip to main content", "Make one PDF")
}
