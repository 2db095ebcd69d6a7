package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axe finds what keeps people with disabilities from using a page (axe-core, MPL-2.0).
//
//go:embed testdata/axe/axe.min.js
var axe string

// chromium is a window of a browser that nobody sees, with which pages are looked at. It
// shares its cookies with no other.
type chromium struct {
	*site
	ctx context.Context
}

// sharedChromium is the browser, started once for all tests.
var sharedChromium struct {
	sync.Once
	ctx context.Context
	end context.CancelFunc // nil: nobody has asked for it
	err error
}

func (s *site) chromium() *chromium {
	s.t.Helper()
	sharedChromium.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("headless", "new"), chromedp.Flag("hide-scrollbars", true))
		if os.Getuid() == 0 {
			options = append(options, chromedp.NoSandbox)
		}
		allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
		sharedChromium.end = end
		sharedChromium.ctx, _ = chromedp.NewContext(allocator)
		sharedChromium.err = chromedp.Do(sharedChromium.ctx)
	})
	if sharedChromium.err != nil {
		s.t.Fatalf("start Chromium (Debian: apt-get install chromium): %v", sharedChromium.err)
	}
	ctx, cancel := chromedp.NewContext(sharedChromium.ctx, chromedp.WithNewBrowserContext())
	s.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		s.t.Fatalf("open a window: %v", err)
	}
	c := &chromium{s, ctx}
	c.do("give it the focus", tell(emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}))
	return c
}

// endChromium ends the browser where it was started.
func endChromium() {
	if sharedChromium.end != nil {
		sharedChromium.end()
	}
}

// do does one thing after another in the browser, within two minutes.
func (c *chromium) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
}

// gives is what one action gives.
func gives[T any](c *chromium, what string, action chromedp.Action[T]) T {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Minute)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	return value
}

// tell gives the browser a command of its own.
func tell[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	})
}

func (c *chromium) open(path string) {
	c.t.Helper()
	c.do("open "+path, chromedp.Navigate("http://"+c.listen+path))
}

// signIn signs somebody in by keyboard alone.
func (c *chromium) signIn(id string) {
	c.t.Helper()
	c.account(id)
	c.enter(id)
}

// enter signs somebody in who has an account.
func (c *chromium) enter(id string) {
	c.t.Helper()
	c.open("/signin")
	c.do("sign in", chromedp.SendKeys(chromedp.CSS("#person"), id), chromedp.SendKeys(chromedp.CSS("#password"), password+"\r"), chromedp.WaitVisible(chromedp.CSS("nav[aria-label=Menu]")))
}

// as shows pages on a screen so wide, in light or dark colours.
func (c *chromium) as(width int64, scheme string) {
	c.t.Helper()
	c.do("set the screen", chromedp.EmulateViewport(width, 800),
		tell(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
}

// check fails the test for whatever axe finds on the page, and where it scrolls sideways.
func (c *chromium) check(what string) {
	c.t.Helper()
	if !gives(c, "look for axe in "+what, chromedp.Evaluate[bool](`"axe" in window`)) {
		c.do("load axe into "+what, chromedp.Evaluate[chromedp.Void](axe))
	}
	found := gives(c, "look with axe at "+what, chromedp.Evaluate[string](`axe.run(document).then(r => JSON.stringify({
		violations: r.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ") + " " + n.failureSummary).join("; ")),
		broken: [...document.images].filter(i => !i.naturalWidth).map(i => i.src),
		wide: document.documentElement.scrollWidth - document.documentElement.clientWidth}))`, chromedp.EvalAwaitPromise))
	var result struct {
		Violations []string
		Broken     []string
		Wide       int
	}
	if err := json.Unmarshal([]byte(found), &result); err != nil {
		c.t.Fatalf("axe on %s: %v: %s", what, err, found)
	}
	for _, v := range result.Violations {
		c.t.Errorf("%s: axe finds %s", what, v)
	}
	for _, image := range result.Broken {
		c.t.Errorf("%s does not show the picture %s", what, image)
	}
	if result.Wide > 0 {
		c.t.Errorf("%s scrolls sideways by %d pixels", what, result.Wide)
	}
}

// picture keeps what a page looks like, where DOORSTEP_PICTURES names a folder.
func (c *chromium) picture(name string) {
	c.t.Helper()
	folder := os.Getenv("DOORSTEP_PICTURES")
	if folder == "" {
		return
	}
	png := gives(c, "take a picture of "+name, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// lookAt checks a page on a phone and on a wide screen, light and dark, with all details
// shut and open. It opens the page once: without scripts it is the same page on each
// screen.
func (c *chromium) lookAt(name, path string) {
	c.t.Helper()
	everywhere := func(details string) {
		for _, width := range []int64{320, 1280} {
			for _, scheme := range []string{"light", "dark"} {
				c.as(width, scheme)
				what := fmt.Sprintf("%s-%d-%s", name, width, scheme)
				c.check(what + details)
				if details == "" {
					c.picture(what)
				}
			}
		}
	}
	c.open(path)
	everywhere("")
	c.do("open the details", chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
	everywhere(" with all details open")
}

// TestEveryPageIsForEverybody: on a phone and on a wide screen, light and dark, with all
// details shut and open, axe finds nothing and nothing scrolls sideways.
func TestEveryPageIsForEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	c := s.chromium()
	c.lookAt("no-account", "/signin")
	c.signIn("W1")
	for name, path := range map[string]string{
		"mine": "/", "case": "/cases/KN-1", "case-undone": "/cases/KN-3", "contact": "/cases/KN-1/contact", "record": "/cases/KN-1/record",
		"no-access": "/cases/KN-1/record?outcome=no-access", "seen": "/cases/KN-1/record?outcome=seen", "declined": "/cases/KN-1/record?outcome=declined",
		"liaise": "/cases/HV-1/do/liaise", "vulnerability": "/cases/HV-1/do/answer-vulnerability", "discuss": "/cases/KN-1/do/discuss-with-manager",
		"done-already": "/cases/KN-1/do/nothing", "undo": "/cases/KN-1/void/e3", "account": "/account", "not-found": "/cases/NONE", "signed-in": "/signin",
	} {
		c.lookAt(name, path)
	}
	manager := s.chromium()
	manager.signIn("M1")
	for name, path := range map[string]string{"overdue": "/overdue", "overdue-nothing": "/overdue?owner=W3", "undelivered": "/undelivered", "frequency": "/cases/KN-1/do/set-frequency",
		"timeframe": "/cases/KN-1/do/set-timeframe", "duties": "/duties", "duties-wrong": "/duties?due_before=soon", "people": "/people", "person": "/people/W1", "person-away": "/people/W2", "cases-of": "/people/W1/cases", "emergency": "/emergency", "overdue-open": "/overdue?open=KN-1#KN-1", "decide": "/cases/KN-1/decide", "decide-nothing": "/cases/KN-3/decide", "review": "/cases/KN-1/do/consider-review"} {
		manager.lookAt(name, path)
	}
	c.as(320, "light")
	c.open("/cases/HV-1/record?outcome=declined")
	c.do("save an empty form", chromedp.Click(chromedp.CSS("main button.govuk-button")), chromedp.WaitVisible(chromedp.CSS(".govuk-error-summary")))
	c.check("the form with errors")
	c.picture("errors-320-light")
	focused := gives(c, "look where the focus is", chromedp.Evaluate[string](`document.activeElement.getAttribute("href") || document.activeElement.className`))
	if !strings.Contains(focused, "#what") {
		t.Errorf("the focus is on %q, want it on the first error", focused)
	}
}

// TestAVisitIsRecordedByKeyboardWithoutScripts: from the list to the saved visit, with
// the answers that a form needs and no more.
func TestAVisitIsRecordedByKeyboardWithoutScripts(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	c := s.chromium()
	c.signIn("W1")
	c.as(320, "light")
	c.do("switch scripts off", tell(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	press := func(what, selector string) {
		t.Helper()
		c.do(what, chromedp.Focus(chromedp.CSS(selector)), chromedp.SendKeys(chromedp.CSS(selector), "\r"))
	}
	c.open("/")
	press("the first tap", `a[href="/cases/KN-1/record"]`)
	c.do("what happened", chromedp.WaitVisible(chromedp.CSS(`button[value="no-access"]`)))
	press("the second tap", `button[value="no-access"]`)
	c.do("the third tap", chromedp.WaitVisible(chromedp.CSS("#card")), chromedp.SendKeys(chromedp.CSS("#card"), " "))
	press("the fourth tap", "form[method=post] button.govuk-button")
	c.do("the case", chromedp.WaitVisible(chromedp.CSS(".govuk-notification-banner")))
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND way = 'page'"); n != 2 {
		t.Errorf("%d events came by the page, want the visit and the card", n)
	}
	// Back leads to what was saved, not to a form for another visit.
	c.do("back", chromedp.NavigateBack(), chromedp.WaitVisible(chromedp.CSS(".govuk-notification-banner")))
	if n := count(t, s.database, "SELECT count(*) FROM events WHERE case_ref = 'KN-1' AND way = 'page'"); n != 2 {
		t.Errorf("after going back %d events came by the page, want 2", n)
	}
}

// TestWhatIsPrintedIsTheCase: without menus and buttons, and with the reasons open; of the
// board numbers to phone in place of links.
func TestWhatIsPrintedIsTheCase(t *testing.T) {
	t.Parallel()
	s := newSite(t, onSQLite(t))
	c := s.chromium()
	c.signIn("W1")
	c.prints("/cases/KN-1", []string{"Case KN-1", "From the guidance", "Printed by Sam Okafor"}, "Record a visit", "Skip to main content", "My cases", "Undo")
	manager := s.chromium()
	manager.signIn("M1")
	manager.prints("/overdue", []string{"Overdue", "KN-3", "Sam Okafor", "+447700900001", "Printed by Helen Marsh"}, "Decide", "Filter", "Phone", "Not delivered")
}

// prints fails the test unless a page on paper says all of this, and nothing of that.
func (c *chromium) prints(path string, says []string, not ...string) {
	c.t.Helper()
	c.open(path)
	pdf := gives(c, "print", chromedp.PrintToPDF())
	file := filepath.Join(c.t.TempDir(), "page.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		c.t.Fatal(err)
	}
	text := run0(c.t, "pdftotext", "-layout", file, "-")
	for _, want := range says {
		if !strings.Contains(text, want) {
			c.t.Errorf("the print of %s says %q, want it to say %q", path, text, want)
		}
	}
	for _, not := range not {
		if strings.Contains(text, not) {
			c.t.Errorf("the print of %s says %q", path, not)
		}
	}
}
