package main

import (
	"testing"
	"time"

	"example.org/doorstep/notify/govuktest"
)

// TestVoidThatWasVoidedCountsForNothing: what was recorded in error, and then put
// back, is said and printed as if nothing had been voided.
func TestVoidThatWasVoidedCountsForNothing(t *testing.T) {
	t.Parallel()
	d := office(t, buildBinary(t), onSQLite(t), family(1), family(2), family(3))
	tomorrow := now().In(london(t)).AddDate(0, 0, 1)
	booked := time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 10, 40, 0, 0, london(t)).Format(time.RFC3339)
	d.happens(
		event("x1", "SW-1", "no-access", 20*time.Hour),
		event("v3", "SW-1", "voided", 19*time.Hour, "x1"),
		event("v4", "SW-1", "voided", 18*time.Hour, "v3"),
		event("b1", "SW-2", "visit-booked", 20*time.Hour, "", booked),
		event("v1", "SW-2", "voided", 19*time.Hour, "b1"),
		event("v2", "SW-2", "voided", 18*time.Hour, "v1"),
		event("b1", "SW-3", "visit-booked", 20*time.Hour, "", booked),
		event("v1", "SW-3", "voided", 19*time.Hour, "b1"),
		event("b2", "SW-3", "visit-booked", 18*time.Hour, "", booked),
	)
	says(t, "the case", d.command("case", "SW-1"), []string{"1 unsuccessful visit since last seen"})
	d.command("export", "chronology", "SW-1", "--out", "chronology.pdf")
	says(t, "the chronology", d.text("chronology.pdf"), []string{"no access", "x1; recorded in error,", "voided; from a file"}, "v3; recorded in error", "W1 recorded in error")
	if p := d.prints("cards", "--visits", "tomorrow", "--out", "pack.pdf"); p.code != exitDone || p.Items != 2 {
		t.Errorf("the pack has %d cards (exit %d), want one for the booking that was put back and one for what was booked anew: %s", p.Items, p.code, p.errs)
	}
}

// TestCardThatWasNotLeftIsPulled: that it was left was recorded in error, so that
// the card still lies in the office.
func TestCardThatWasNotLeftIsPulled(t *testing.T) {
	t.Parallel()
	d := office(t, buildBinary(t), onSQLite(t), family(1), family(2))
	d.happens(event("a1", "SW-1", "no-access", 20*time.Hour))
	if p := d.prints("--pending", "--out", "first"); p.Items != 1 {
		t.Fatalf("the first batch has %d items, want SW-1's card", p.Items)
	}
	d.happens(event("c1", "SW-1", "card-left", 0, "rearrange"))
	d.happens(event("v1", "SW-1", "voided", 0, "c1"))
	d.happens(event("s1", "SW-1", "seen", 0), event("a2", "SW-2", "no-access", time.Hour))
	next := d.prints("--pending", "--out", "next")
	says(t, "the next cover sheet", d.text(next.Cover), []string{"Take out before posting", "card rearrange the child has been seen since"})
}

// TestLetterThatWasNotSentIsPosted: that it was sent by hand was recorded in error;
// where that was an error itself, it is not posted again.
func TestLetterThatWasNotSentIsPosted(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, buildBinary(t), onSQLite(t), 2)
	o.notify.Plan(govuktest.Fault{At: postLetter, Always: true, Status: 403, Error: "AuthError", Message: "Invalid token: API key revoked"})
	o.posts("--pending").wants(t, "while the key is revoked", exitFailed, "waiting 2")
	o.happens(event("l1", "SW-1", "letter-sent", 0), event("l2", "SW-2", "letter-sent", 0))
	o.happens(event("v1", "SW-1", "voided", 0, "l1"), event("v1", "SW-2", "voided", 0, "l2"))
	o.happens(event("v2", "SW-2", "voided", 0, "v1"))
	o.notify.Forget()
	o.posts("--batch", "1").wants(t, "when it works again", exitDone, "sent 1, accepted 1, refused 1")
	o.eachOnce(1)
}
