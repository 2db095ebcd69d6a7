package main

import (
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/notify/govuktest"
	"example.org/doorstep/store/storetest"
)

func TestPostingGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	goes := govuktest.Fault{At: postLetter, Hold: func() {}}
	for _, tt := range []struct {
		story string
		fault govuktest.Fault
		says  string
	}{
		{"Notify fails", govuktest.Fault{At: postLetter, Always: true, Status: 503, Body: " "}, "GOV.UK Notify has trouble of its own"},
		{"Notify is not there", govuktest.Fault{At: postLetter, Always: true, Drop: true}, "the connection to GOV.UK Notify was lost"},
		{"the day's limit", govuktest.Fault{At: postLetter, Always: true, Status: 429, Error: "TooManyRequestsError", Message: "Exceeded send limits (letter: 20000) for today"},
			"the day's limit at GOV.UK Notify is reached and begins again at midnight UTC"},
		{"the key is revoked", govuktest.Fault{At: postLetter, Always: true, Status: 403, Error: "AuthError", Message: "Invalid token: API key revoked"}, "GOV.UK Notify does not accept the API key"},
		{"too many a minute", govuktest.Fault{At: postLetter, Status: 429, Error: "RateLimitError", Message: "Exceeded rate limit", RetryAfter: 1}, ""},
	} {
		t.Run(tt.story, func(t *testing.T) {
			o := newPostOffice(t, binary, onSQLite(t), 15)
			o.prints("letters", "--pending", "--out", "letters.pdf")
			o.notify.Plan(goes, goes, goes, tt.fault)
			p := o.posts("--batch", "1")
			if tt.says == "" {
				p.wants(t, "at once", exitDone, "sent 15, accepted 15")
				o.eachOnce(15)
				return
			}
			p.wants(t, "at first", exitFailed, "sent 3, waiting 12, accepted 3")
			says(t, "standard error", p.errs, []string{"doorstep: letters of batch 1: 3 sent, the rest waits: " + tt.says, "doorstep post --batch 1 goes on with it"}, "Parent", "Street")
			o.notify.Forget()
			o.aMinutePasses()
			o.posts("--batch", "1").wants(t, "when it is back", exitDone, "sent 12, accepted 15")
			o.eachOnce(15)
		})
	}
}

func TestNotifyThatGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, buildBinary(t), onSQLite(t), 12)
	o.prints("letters", "--pending", "--out", "letters.pdf")
	goes := govuktest.Fault{At: postLetter, Hold: func() {}}
	o.notify.Plan(goes, goes, goes, govuktest.Fault{At: postLetter, Hold: o.notify.Stop})
	if p := o.posts("--batch", "1"); p.code != exitFailed || p.Waiting == 0 || p.Waiting+p.Accepted != 12 {
		t.Errorf("while it is away: %+v, want some that wait, and an error", p)
	}
	o.notify.Restart(t)
	o.aMinutePasses()
	if p := o.posts("--batch", "1"); p.code != exitDone || p.Accepted != 12 {
		t.Errorf("when it is back: %+v, want all accepted", p)
	}
	o.eachOnce(12)
}

// TestLetterInDoubtIsAskedFor: an answer that was lost, and a process that was
// killed before it could record one.
func TestLetterInDoubtIsAskedFor(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	t.Run("no answer", func(t *testing.T) {
		o := newPostOffice(t, binary, onSQLite(t), 3)
		o.prints("letters", "--pending", "--out", "letters.pdf")
		o.notify.Plan(govuktest.Fault{At: postLetter, Taken: true, Drop: true})
		done := make(chan posting)
		go func() { done <- o.posts("--batch", "1") }()
		o.await("the letter in doubt to wait", func() bool {
			return count(t, o.database, "SELECT count(*) FROM postings WHERE state = 'queued' AND maybe_sent_at IS NOT NULL") == 1
		})
		o.aMinutePasses()
		p := <-done
		p.wants(t, "post --batch 1", exitDone, "sent 3, accepted 3")
		o.eachOnce(3)
	})
	for _, database := range []struct{ name, url string }{{"SQLite", onSQLite(t)}, {"PostgreSQL", storetest.PostgresURL(t)}} {
		t.Run("killed, "+database.name, func(t *testing.T) {
			o := newPostOffice(t, binary, database.url, 6)
			o.prints("letters", "--pending", "--out", "letters.pdf")
			stalled := govuktest.Fault{At: postLetter, Taken: true, Stall: true}
			o.notify.Plan(stalled, stalled, stalled, stalled)
			c := exec.CommandContext(t.Context(), o.binary, "post", "--batch", "1", "--config", "doorstep.yaml")
			c.Dir = o.folder
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			o.await("letters to be taken", func() bool { return o.notify.Count() == 4 })
			c.Process.Kill()
			c.Wait()
			if n := count(t, o.database, "SELECT count(*) FROM postings WHERE state = 'sending'"); n != 4 {
				t.Fatalf("%d letters are on record as being sent, want 4", n)
			}
			o.aMinutePasses()
			o.posts("--batch", "1").wants(t, "after the kill", exitDone, "sent 6, accepted 6")
			o.eachOnce(6)
		})
	}
	t.Run("too long ago", func(t *testing.T) {
		o := newPostOffice(t, binary, onSQLite(t), 1)
		o.prints("letters", "--pending", "--out", "letters.pdf")
		o.notify.Plan(govuktest.Fault{At: postLetter, Status: 403, Error: "AuthError", Message: "Invalid token: API key revoked"})
		o.posts("--batch", "1").wants(t, "at first", exitFailed, "waiting 1")
		o.changes(fmt.Sprintf("UPDATE postings SET maybe_sent_at = %d", now().Add(-4*24*time.Hour).UnixMilli()))
		p := o.posts("--batch", "1")
		p.wants(t, "four days later", exitDone, "refused 1")
		says(t, "standard error", p.errs, []string{"case SW-1: letter appointment", "nobody knows any more, and it is not sent again: look for doorstep-1-"})
		o.eachOnce(0)
	})
}

func TestTwoPostTheSameBatchAtOnce(t *testing.T) {
	t.Parallel()
	binary := buildBinary(t)
	for _, database := range []struct{ name, url string }{{"SQLite", onSQLite(t)}, {"PostgreSQL", storetest.PostgresURL(t)}} {
		t.Run(database.name, func(t *testing.T) {
			const letters = 30
			o := newPostOffice(t, binary, database.url, letters)
			o.prints("letters", "--pending", "--out", "letters.pdf")
			var both [2]posting
			var wait sync.WaitGroup
			for i := range both {
				wait.Go(func() { both[i] = o.posts("--batch", "1") })
			}
			wait.Wait()
			for i, p := range both {
				if p.code != exitDone || p.Accepted != letters || p.Waiting != 0 {
					t.Errorf("machine %d: %+v, want all letters accepted at its end", i, p)
				}
			}
			if sent := both[0].Sent + both[1].Sent; sent != letters {
				t.Errorf("together they sent %d letters, want %d", sent, letters)
			}
			o.eachOnce(letters)
		})
	}
}

// TestOvertakenLetterIsKeptBack: what waits, because Notify was away, is looked at
// again before it goes.
func TestOvertakenLetterIsKeptBack(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, buildBinary(t), onSQLite(t), 4)
	o.notify.Plan(govuktest.Fault{At: postLetter, Always: true, Status: 403, Error: "AuthError", Message: "Invalid token: API key revoked"})
	o.posts("--pending").wants(t, "while the key is revoked", exitFailed, "waiting 4")
	o.happens(event("s1", "SW-1", "seen", time.Hour), event("l3", "SW-3", "letter-sent", 0))
	o.command("import", "cases", o.write("cases.csv", caseHeader+family(2, "yes", "no")))
	o.notify.Forget()
	p := o.posts("--batch", "1")
	p.wants(t, "when it works again", exitDone, "sent 1, accepted 1, refused 1, withdrawn 2")
	says(t, "standard error", p.errs, []string{"case SW-1: letter appointment", "is not posted: the child has been seen since", "is not posted: the case is marked unsafe to write to",
		"is not posted: since it was printed, a letter was recorded as sent"})
	says(t, "the case", o.command("case", "SW-1"), []string{"GOV.UK Notify: not posted: the child has been seen since"})
	again := o.prints("--batch", "1", "--out", "again")
	says(t, "the cover sheet", o.text(again.Cover), []string{"letter appointment, by Notify", "letter appointment, NOT POSTED by Notify", "letter appointment, not to go out"})
	o.eachOnce(1)
}
