package scheduler

import (
	"testing"
	"time"

	"example.org/doorstep/notify"
)

// TestEveryFailureHasANextStep is the table of what follows from each way in which
// a message can fail.
func TestEveryFailureHasANextStep(t *testing.T) {
	now := at(t, "2026-09-02 15:00")
	in := func(d time.Duration) time.Time { return now.Add(d) }
	for _, c := range []struct {
		name    string
		setback setback
		want    verdict
	}{
		{"number that does not exist", setback{Fault: notify.FaultAddress, Permanent: true}, verdict{next: passOnDisable}},
		{"recipient opted out", setback{Fault: notify.FaultOptedOut, Permanent: true}, verdict{next: passOnDisable}},
		{"waited too long at the provider", setback{Fault: notify.FaultExpired, Permanent: true}, verdict{next: passOn}},
		{"filtered", setback{Fault: notify.FaultContent, Permanent: true}, verdict{next: passOn, tell: true}},
		{"refused, nobody knows why", setback{Permanent: true}, verdict{next: passOn, tell: true}},
		{"account refused", setback{Fault: notify.FaultAccount}, verdict{next: stopChannel}},
		{"account refused for this message only", setback{Fault: notify.FaultAccount, Again: true}, verdict{next: passOn, tell: true}},
		{"too many a second", setback{Fault: notify.FaultBusy}, verdict{next: pauseChannel, at: in(time.Second)}},
		{"too many, wait 20 s", setback{Fault: notify.FaultBusy, RetryAfter: 20 * time.Second}, verdict{next: pauseChannel, at: in(20 * time.Second)}},
		{"too many today", setback{Fault: notify.FaultBusy, RetryAfter: 9 * time.Hour}, verdict{next: stopChannel, at: in(9 * time.Hour)}},
		{"provider down", setback{Fault: notify.FaultProvider}, verdict{next: tryLater, at: in(15 * time.Second)}},
		{"provider down again", setback{Fault: notify.FaultProvider, Tries: 3}, verdict{next: tryLater, at: in(2 * time.Minute)}},
		{"provider down, urgent, first time", setback{Fault: notify.FaultProvider, Urgent: true}, verdict{next: tryLater, at: in(15 * time.Second)}},
		{"provider down, urgent, again", setback{Fault: notify.FaultProvider, Urgent: true, Tries: 1}, verdict{next: tryLater, at: in(30 * time.Second), move: true}},
		{"provider down, says when it is back", setback{Fault: notify.FaultProvider, RetryAfter: 5 * time.Minute}, verdict{next: tryLater, at: in(5 * time.Minute)}},
		{"handset off", setback{Fault: notify.FaultUnreachable}, verdict{next: tryLater, at: in(10 * time.Minute)}},
		{"handset off, urgent", setback{Fault: notify.FaultUnreachable, Urgent: true}, verdict{next: tryLater, at: in(10 * time.Minute), asWell: true}},
		{"handset still off", setback{Fault: notify.FaultUnreachable, Tries: 2}, verdict{next: tryLater, at: in(time.Hour)}},
		{"handset off all the time", setback{Fault: notify.FaultUnreachable, Tries: 3}, verdict{next: passOn}},
		{"greylisted", setback{Fault: notify.FaultGreylisted}, verdict{next: tryLater, at: in(time.Minute)}},
		{"greylisted, urgent", setback{Fault: notify.FaultGreylisted, Urgent: true}, verdict{next: tryLater, at: in(time.Minute)}},
		{"greylisted again", setback{Fault: notify.FaultGreylisted, Tries: 1}, verdict{next: tryLater, at: in(5 * time.Minute)}},
		{"greylisted again, urgent", setback{Fault: notify.FaultGreylisted, Tries: 1, Urgent: true}, verdict{next: tryLater, at: in(5 * time.Minute), asWell: true}},
		{"greylisted, asks for ten minutes", setback{Fault: notify.FaultGreylisted, RetryAfter: 10 * time.Minute}, verdict{next: tryLater, at: in(10 * time.Minute)}},
		{"greylisted for ever", setback{Fault: notify.FaultGreylisted, Tries: 5}, verdict{next: passOn}},
		{"refused for an unknown reason", setback{Fault: notify.FaultRefused}, verdict{next: tryLater, at: in(time.Minute)}},
		{"refused for an unknown reason, urgent", setback{Fault: notify.FaultRefused, Urgent: true}, verdict{next: tryLater, at: in(time.Minute), asWell: true}},
		{"refused for an unknown reason again", setback{Fault: notify.FaultRefused, Tries: 1}, verdict{next: passOn, tell: true}},
		{"perhaps taken", setback{Fault: notify.FaultProvider, Ambiguous: true}, verdict{next: tryLater, at: in(5 * time.Minute)}},
		{"perhaps taken, urgent", setback{Fault: notify.FaultProvider, Ambiguous: true, Urgent: true}, verdict{next: tryLater, at: in(5 * time.Minute), asWell: true}},
		{"perhaps taken, for the fourth time", setback{Fault: notify.FaultProvider, Ambiguous: true, Tries: 3}, verdict{next: tryLater, at: in(6 * time.Hour)}},
		{"nobody says why", setback{Fault: notify.FaultUnclear, Tries: 1}, verdict{next: tryLater, at: in(30 * time.Second)}},
		{"nobody says why, for the third time", setback{Fault: notify.FaultUnclear, Tries: 2}, verdict{next: passOn}},
		{"a mail server says neither why nor that it is for good", setback{Fault: notify.FaultUnclear, Tries: 2, Email: true}, verdict{next: tryLater, at: in(time.Minute)}},
		{"a mail server does so, urgent", setback{Fault: notify.FaultUnclear, Tries: 2, Email: true, Urgent: true}, verdict{next: tryLater, at: in(time.Minute), move: true}},
		{"an email is lost, nobody says why", setback{Fault: notify.FaultUnclear, Tries: 2, Email: true, Permanent: true}, verdict{next: passOn}},
		{"handset off, warning of use for 5 minutes more", setback{Fault: notify.FaultUnreachable, UsefulUntil: in(5 * time.Minute)}, verdict{next: passOn}},
		{"provider down, warning of use for 5 minutes more", setback{Fault: notify.FaultProvider, UsefulUntil: in(5 * time.Minute)}, verdict{next: tryLater, at: in(15 * time.Second)}},
		{"warning of no use any more", setback{Fault: notify.FaultAddress, Permanent: true, UsefulUntil: now}, verdict{next: nothingMore}},
		{"three days of tries", setback{Fault: notify.FaultProvider, Tries: 150, Created: in(-72 * time.Hour)}, verdict{next: passOn}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.setback.Created.IsZero() {
				c.setback.Created = now
			}
			if got := judge(c.setback, now, 0); got != c.want {
				t.Errorf("%+v:\ngot  %+v\nwant %+v", c.setback, got, c.want)
			}
		})
	}
}
