package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// signInOutsider signs in somebody who is not on the people list.
func (c *chromium) signInOutsider(id, name string, rights ...string) {
	c.t.Helper()
	c.addAccount(append([]string{id, "--name", name}, rights...)...)
	c.open("/signin")
	c.do("sign in", chromedp.SendKeys(chromedp.CSS("#person"), id), chromedp.SendKeys(chromedp.CSS("#password"), password+"\r"), chromedp.WaitVisible(chromedp.CSS("nav[aria-label=Menu]")))
}

// chooses sends a file by keyboard, and waits for what it would change.
func (c *chromium) chooses(name, content string) {
	c.t.Helper()
	c.write(name, content)
	c.open("/import")
	c.do("choose the file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{filepath.Join(c.folder, name)}))
	c.press("see what would change", "main form button")
	c.do("what would change", chromedp.WaitVisible(chromedp.CSS("#decide")))
}

// withoutScripts switches scripts off.
func (c *chromium) withoutScripts() {
	c.t.Helper()
	c.do("switch scripts off", tell(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
}

// TestAdminImportsAFileByKeyboard: from the menu to what was imported, on a phone; and the
// pages on the way are for everybody.
func TestAdminImportsAFileByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	c := s.chromium()
	c.signIn("A1")
	c.chooses("visits.csv", s.threeEvents())
	here := gives(c, "look where it is", chromedp.Evaluate[string](`location.pathname`))
	c.lookAt("import-preview", here)
	c.as(320, "light")
	c.withoutScripts()
	c.open("/")
	c.press("the menu", `nav a[href="/import"]`)
	c.chooses("visits.csv", s.threeEvents())
	c.press("import them", "main form button")
	c.do("what was imported", chromedp.WaitVisible(chromedp.CSS(".govuk-notification-banner")))
	if n := s.uploaded(); n != 2 {
		t.Errorf("%d events came in, want the two good ones", n)
	}
}

// TestTheAuditorsDayByKeyboard: from signing in to what was done on a case.
func TestTheAuditorsDayByKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	s.signedIn("W1").get("/cases/KN-1")
	c := s.chromium()
	c.signInOutsider("IG1", "Gwen Lyle", "--audits")
	c.as(320, "light")
	c.withoutScripts()
	c.open("/")
	c.do("who did what", chromedp.WaitVisible(chromedp.CSS("#case")), chromedp.SendKeys(chromedp.CSS("#case"), "KN-1\r"), chromedp.WaitVisible(chromedp.CSS(`#case[value="KN-1"]`)))
	text := gives(c, "read it", chromedp.Text(chromedp.CSS("main")))
	if !strings.Contains(text, "Sam Okafor") || !strings.Contains(text, "Opened the case") {
		t.Errorf("the auditor reads %q, want who opened the case", text)
	}
}

// TestPagesOfTheServiceAreForEverybody: those of managers, of whoever runs the service and
// of whoever audits it.
func TestPagesOfTheServiceAreForEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	it := s.chromium()
	it.signInOutsider("IT1", "Ira Best", "--operates")
	it.lookAt("readiness-it", "/readiness")
	it.lookAt("account-it", "/account")
	it.lookAt("help", "/help")
	it.lookAt("privacy", "/privacy")
	admin := s.chromium()
	admin.signIn("A1")
	admin.lookAt("import", "/import")
	manager := s.chromium()
	manager.signIn("M1")
	manager.lookAt("readiness", "/readiness")
	manager.lookAt("reports", "/reports")
	auditor := s.chromium()
	auditor.signInOutsider("IG1", "Gwen Lyle", "--audits")
	auditor.lookAt("audit", "/audit")
	auditor.lookAt("audit-case", "/audit?case=KN-1&check=yes")
	auditor.lookAt("audit-nothing", "/audit?case=NONE")
}
