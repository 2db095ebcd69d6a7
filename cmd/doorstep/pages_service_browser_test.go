package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// lookAt checks a page on a phone and on a wide screen, light and dark, with all details
// shut and open.
func (c *chromium) lookAt(name, path string) {
	c.t.Helper()
	for _, width := range []int64{320, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			c.as(width, scheme)
			c.open(path)
			what := fmt.Sprintf("%s-%d-%s", name, width, scheme)
			c.check(what)
			c.picture(what)
			c.do("open the details", chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
			c.check(what + " with all details open")
		}
	}
}

// signInOutsider signs in somebody who is not on the people list.
func (c *chromium) signInOutsider(id, name string, rights ...string) {
	c.t.Helper()
	c.addAccount(append([]string{id, "--name", name}, rights...)...)
	c.open("/signin")
	c.do("sign in", chromedp.SendKeys(chromedp.CSS("#person"), id), chromedp.SendKeys(chromedp.CSS("#password"), password+"\r"), chromedp.WaitVisible(chromedp.CSS("nav[aria-label=Menu]")))
}

// TestPagesOfTheServiceAreForEverybody: those of managers, of whoever runs the service and
// of whoever audits it.
func TestPagesOfTheServiceAreForEverybody(t *testing.T) {
	s := newSite(t, onSQLite(t))
	it := s.chromium()
	it.signInOutsider("IT1", "Ira Best", "--operates")
	it.lookAt("readiness-it", "/readiness")
	it.lookAt("account-it", "/account")
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
