package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/govuktest"
)

// TestDaemonFollowsLetters: those that are refused are told to operations once.
func TestDaemonFollowsLetters(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	onEachDatabase(t, func(t *testing.T, url string) {
		o := newPostOffice(t, binary, url, 4)
		o.posts("--pending").wants(t, "post --pending", exitDone, "sent 4, accepted 4")
		for i, status := range []string{"validation-failed", "technical-failure", "received", "validation-failed"} {
			o.notify.Set(o.notify.Taken()[i].ID, status)
		}
		o.every("letters")
		p := o.start()
		o.await("two emails to operations", func() bool { return o.alerts() == 2 })
		runs := func() int {
			return count(t, o.database, "SELECT count(*) FROM runs WHERE schedule = 'letters' AND ended_at IS NOT NULL AND error = ''")
		}
		seen := runs()
		o.await("two more looks", func() bool { return runs() >= seen+2 })
		code, log := p.stop()
		if code != exitDone {
			t.Errorf("serve stopped with exit %d: %s", code, log)
		}
		if n := o.alerts(); n != 2 {
			t.Errorf("%d emails to operations, want one for each way in which letters failed", n)
		}
		says(t, "the log", log, nil, "Parent", "Street", "SN1 1AA")
		var alerts []string
		for _, mail := range o.mail.Taken() {
			alerts = append(alerts, string(mail.Content))
		}
		says(t, "the alerts", strings.ReplaceAll(strings.Join(alerts, "\n"), "=\r\n", ""), []string{"2 letters are not being posted by GOV.UK Notify", "a letter is not being posted", "refuses its layout"}, "SW-1", "Parent")
		status := o.posts("--status", "--batch", "1")
		status.wants(t, "post --status", exitDone, "accepted 1, received 1, refused 2")
		says(t, "the status", status.out, []string{"NOT POSTED, validation failed: GOV.UK Notify refuses its layout", "correct it and send it again",
			"technical failure: trouble between GOV.UK Notify and the printers", "received: printed and posted"})
		for _, refused := range regexp.MustCompile(`case (SW-\d): .*: NOT POSTED`).FindAllStringSubmatch(status.out, -1) {
			says(t, "the case", o.command("case", refused[1]), []string{"GOV.UK Notify: NOT POSTED, validation failed: "})
		}
		o.posts("--batch", "1").wants(t, "post --batch 1 again", exitDone, "accepted 1, received 1, refused 2")
		if again := o.prints("--batch", "1", "--out", "again"); again.code != exitDone || again.Items != 4 {
			t.Errorf("print --batch 1: %+v, want the letters again", again)
		}
		o.eachOnce(4)
	})
}

// alerts is how many emails operations have.
func (o *postOffice) alerts() int {
	n := 0
	for _, mail := range o.mail.Taken() {
		if strings.Contains(mail.Header("To"), "operations@council.example") {
			n++
		}
	}
	return n
}

// TestNightlyLettersArePosted: cards are printed as before, letters go to Notify;
// what its maker did not live to queue goes too.
func TestNightlyLettersArePosted(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, buildBinary(t), onSQLite(t), 2)
	o.notify.Plan(govuktest.Fault{At: postLetter, Always: true, Status: 403, Error: "AuthError", Message: "Invalid token: API key revoked"})
	o.posts("--pending").wants(t, "while the key is revoked", exitFailed, "waiting 2")
	o.changes("DELETE FROM postings") // as if it had died after it made the batch
	o.notify.Forget()
	o.command("import", "cases", o.write("cases.csv", caseHeader+family(3)+family(4)))
	o.happens(offer(3), event("a4", "SW-4", "no-access", 20*time.Hour))
	o.every("print")
	o.every("letters")
	p := o.start()
	o.await("three letters", func() bool { return o.notify.Count() == 3 })
	o.await("the card", func() bool {
		files, err := filepath.Glob(filepath.Join(o.folder, "to-post", "batch-2-*.pdf"))
		return err == nil && len(files) == 2
	})
	o.await("the letters to be followed", func() bool {
		return count(t, o.database, "SELECT count(*) FROM postings WHERE status = 'pending-virus-check'") == 3
	})
	if code, log := p.stop(); code != exitDone || !strings.Contains(log, `msg="letters were handed over" batch=2 sent=1`) || strings.Contains(log, "Parent") {
		t.Errorf("serve stopped with exit %d and logged %s", code, log)
	}
	says(t, "the card", o.text("to-post/batch-2-cards.pdf"), []string{"Sorry we missed you"})
	says(t, "the cover sheet", o.text("to-post/batch-2-cover.pdf"), []string{"do not post them again", "SW-3", "letter appointment, by Notify", "SW-4", "card rearrange"}, "card rearrange, by")
	if out := o.command("case", "SW-3"); !strings.Contains(out, "GOV.UK Notify: pending virus check: being checked for viruses") {
		t.Errorf("case SW-3 says\n%s", out)
	}
	o.eachOnce(3)
}

// TestLettersThatWaitAreTold: once a day, when they have waited for an hour.
func TestLettersThatWaitAreTold(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, buildBinary(t), onSQLite(t), 2)
	o.notify.Plan(govuktest.Fault{At: postLetter, Always: true, Status: 429, Error: "TooManyRequestsError", Message: "Exceeded send limits (letter: 20000) for today"})
	o.posts("--pending").wants(t, "at the day's limit", exitFailed, "waiting 2")
	o.every("letters")
	p := o.start()
	looks := func() int {
		return count(t, o.database, "SELECT count(*) FROM runs WHERE schedule = 'letters' AND ended_at IS NOT NULL AND error = ''")
	}
	o.await("two looks", func() bool { return looks() >= 2 })
	if n := o.alerts(); n != 0 {
		t.Errorf("%d emails to operations in the first hour, want none", n)
	}
	o.changes(fmt.Sprintf("UPDATE postings SET queued_at = %d", now().Add(-time.Hour).UnixMilli()))
	o.await("an email to operations", func() bool { return o.alerts() == 1 })
	seen := looks()
	o.await("two more looks", func() bool { return looks() >= seen+2 })
	o.notify.Forget()
	o.await("both letters", func() bool { return o.notify.Count() == 2 })
	p.stop()
	if n := o.alerts(); n != 1 {
		t.Errorf("%d emails to operations, want one a day", n)
	}
	o.eachOnce(2)
}
