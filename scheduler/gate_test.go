package scheduler

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store/storetest"
)

func down(notify.Message) notify.Outcome {
	return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultProvider, Reason: "the provider does not answer"}
}

// alerts are the messages to operations.
func (w *world) alerts() []string {
	return w.lines(`SELECT channel, state FROM messages WHERE person = 'operations' ORDER BY id`)
}

// textsOnly makes everybody choose texts, one channel a person.
func (w *world) textsOnly() {
	for _, l := range w.rules.Ladders {
		l.EveryChannel = false
	}
	w.do(`UPDATE people SET channel = 'sms'`)
}

// TestProviderThatIsDown stops its channel after five failures: operations hear of
// it once, urgent texts go by email, routine ones wait; when it is back everything
// that is still of use goes, the most serious first, and nothing twice.
func TestProviderThatIsDown(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.textsOnly()
		for i := range 9 {
			w.opens(duty{ref: fmt.Sprint("KN-", i), id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00",
				practitioner: []string{"W1", "W2"}[i%2], recorder: "G1"})
			w.scans(fmt.Sprintf("2026-09-02 10:%02d", i)) // a text each
		}
		n := w.network()
		n.sms.answer = down
		n.delivers("2026-09-02 10:10")
		if got := n.went(); len(got) != opensAfter+1 || got[opensAfter] != "ops@example.org: " {
			t.Errorf("tried %q, want %d messages, and then an email to operations", got, opensAfter)
		}

		w.opens(duty{ref: "KN-U", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:10", due: "2026-09-03 10:10", recorder: "G1"})
		w.scans("2026-09-02 10:10")
		n.delivers("2026-09-02 10:10")
		w.wants("what is urgent goes by email", n.went(), "w1@example.org: KN-U discuss start")

		for minute := 11; minute < 60; minute++ { // the most serious, and one other
			n.delivers(fmt.Sprintf("2026-09-02 10:%02d", minute))
			if got := len(n.went()); got > 2 {
				t.Errorf("at 10:%02d tried %d messages, want two at most", minute, got)
			}
		}
		w.wants("operations were told once", w.alerts(), "email sent")

		w.opens(duty{ref: "KN-V", id: "record", ladder: "routine", opened: "2026-09-01 10:00", due: "2026-09-02 17:00", recorder: "G1"})
		w.scans("2026-09-02 11:00")
		n.sms.answer = nil
		n.delivers("2026-09-02 11:00")
		got := n.went()
		if len(got) != 11 || got[10] != "ops@example.org: " {
			t.Errorf("back again: %q went, want the ten texts that waited, and that texts go again", got)
		}
		if twice := len(slices.Compact(slices.Clone(got))); twice != len(got) {
			t.Errorf("something went twice: %q", got)
		}
		w.wants("nothing waits any more", w.lines(`SELECT state, COUNT(*) FROM messages WHERE kind = 'reminder' GROUP BY state ORDER BY state`),
			"cancelled 1", "sent 11")
	})
}

// TestRefusedAccountStopsTheChannelAtOnce and is tried again only now and then.
func TestRefusedAccountStopsTheChannelAtOnce(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	for i := range 3 {
		w.opens(duty{ref: fmt.Sprint("KN-", i), id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00", recorder: "G1"})
		w.scans(fmt.Sprintf("2026-09-02 10:%02d", i))
	}
	n := w.network()
	n.sms.answer = func(notify.Message) notify.Outcome {
		return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultAccount, Reason: "the account is suspended"}
	}
	n.delivers("2026-09-02 10:03")
	n.delivers("2026-09-02 10:05")
	w.wants("tried once", n.went(), "+447700900101: KN-0 see start", "ops@example.org: ")
	n.sms.answer = nil
	n.delivers("2026-09-02 10:08")
	w.wants("five minutes later", n.went(), "+447700900101: KN-0 see start", "+447700900101: KN-1 see start", "+447700900101: KN-2 see start")
}

// TestOneMessageThatTheAccountMayNotSendHoldsNobodyUp: a text abroad is refused as
// the account's fault each time, while the others go.
func TestOneMessageThatTheAccountMayNotSendHoldsNobodyUp(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	w.do(`UPDATE people SET mobile = '+33600000000' WHERE id = 'W2'`)
	w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00", practitioner: "W2"})
	w.scans("2026-09-02 10:00")
	w.opens(duty{ref: "KN-2", id: "see", ladder: "routine", opened: "2026-09-02 10:01", due: "2026-09-09 17:00"})
	w.scans("2026-09-02 10:01")
	n := w.network()
	n.sms.answer = refuses(notify.FaultAccount, "texts to that country are not allowed", "+33600000000")
	for minute := range 30 {
		n.delivers(fmt.Sprintf("2026-09-02 10:%02d", minute+1))
	}
	var got []string
	for _, line := range n.went() {
		if !strings.HasPrefix(line, "ops@") {
			got = append(got, line)
		}
	}
	w.wants("tried", got, "+336"+"00000000: KN-1 see start", "+336"+"00000000: KN-1 see start", "+336"+"00000000: KN-1 see start",
		"+447700900101: KN-2 see start", "w2@example.org: KN-1 see start")
}

// TestTooManyAtOnceIsAPauseAndNobodysFault: nothing is counted against messages
// that the provider asked to hold back.
func TestTooManyAtOnceIsAPauseAndNobodysFault(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	for i := range 4 {
		w.opens(duty{ref: fmt.Sprint("KN-", i), id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00", recorder: "G1"})
		w.scans(fmt.Sprintf("2026-09-02 10:%02d", i))
	}
	n := w.network()
	n.sms.answer = func(notify.Message) notify.Outcome {
		return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultBusy, RetryAfter: 20 * time.Second, Reason: "too many"}
	}
	n.delivers("2026-09-02 10:05")
	if got := len(n.went()); got != 1 {
		t.Errorf("tried %d, want one and then a pause", got)
	}
	w.wants("ledger", w.lines(`SELECT state, tries, COUNT(*) FROM messages GROUP BY state, tries`), "queued 0 4")
	n.sms.answer = nil
	n.delivers("2026-09-02 10:06")
	if got := len(n.went()); got != 4 {
		t.Errorf("after the pause %d went, want 4", got)
	}
}

// TestProviderThatTakesNothingForLongIsNotWaitedFor: it asks for less again and again,
// a second each time. After two minutes in which nothing went the channel stops, as one
// that is down: operations hear of it, and what is urgent goes by email.
func TestProviderThatTakesNothingForLongIsNotWaitedFor(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.textsOnly()
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
		w.opens(duty{ref: "KN-2", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00", practitioner: "W2", recorder: "G1"})
		w.scans("2026-09-02 10:00")
		n := w.network()
		n.sms.answer = func(notify.Message) notify.Outcome {
			return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultBusy, Reason: "too many"}
		}
		for minute := range 2 {
			n.delivers(fmt.Sprintf("2026-09-02 10:%02d", minute))
		}
		w.wants("for a while it is only a pause", w.alerts())
		n.went()
		for minute := 2; minute < 5; minute++ {
			n.delivers(fmt.Sprintf("2026-09-02 10:%02d", minute))
		}
		w.wants("operations are told once", w.alerts(), "email sent")
		var emails []string
		for _, m := range n.went() {
			if strings.HasPrefix(m, "w1@") {
				emails = append(emails, m)
			}
		}
		w.wants("what is urgent goes by email", emails, "w1@example.org: KN-1 discuss start")
		n.sms.answer = nil
		n.delivers("2026-09-02 10:10")
		w.wants("nothing waits once it takes texts again", w.lines(`SELECT state, channel FROM messages WHERE kind = 'reminder' AND state <> 'cancelled' AND state <> 'failed' ORDER BY channel`),
			"sent email", "sent sms")
	})
}

// TestADaemonThatGetsNoTurnStopsNobody: where another one's messages go, the provider
// only asks for less.
func TestADaemonThatGetsNoTurnStopsNobody(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.textsOnly()
		w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00", recorder: "G1"})
		w.scans("2026-09-02 10:00")
		n := w.network()
		n.sms.answer = func(notify.Message) notify.Outcome {
			return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultBusy, Reason: "too many"}
		}
		for minute := range 6 {
			when := fmt.Sprintf("2026-09-02 10:%02d", minute)
			w.behind.Insert("messages", map[string]any{"key": when, "kind": "reminder", "person": "W9", "channel": "sms", "state": "sent", "sent_at": at(t, when).UnixMilli()})
			n.delivers(when)
		}
		w.wants("operations are not told", w.alerts())
		w.wants("the text waits", w.lines(`SELECT state FROM messages WHERE person = 'W1'`), "queued")
	})
}

// TestRateIsKept: a limiter lets through what it may, and no bursts.
func TestRateIsKept(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	now := at(t, "2026-09-02 10:00")
	clock := &steppingClock{now: now}
	g := newGate("sms", w.store, clock, 50, claimByDefault)
	for range 500 {
		if !g.waitTurn(context.Background()) {
			t.Fatal("the wait broke off")
		}
	}
	if took := clock.Now().Sub(now); took < 9900*time.Millisecond || took > 10*time.Second {
		t.Errorf("500 at 50 a second took %s, want just under 10 s", took)
	}
}

// steppingClock jumps to whatever is waited for.
type steppingClock struct{ now time.Time }

func (c *steppingClock) Now() time.Time { return c.now }
func (c *steppingClock) Timer(until time.Time) (<-chan time.Time, func() bool) {
	if until.After(c.now) {
		c.now = until
	}
	wake := make(chan time.Time, 1)
	wake <- c.now
	return wake, func() bool { return true }
}

// account refuses messages as if something were wrong with the account.
func account(addresses ...string) func(notify.Message) notify.Outcome {
	return refuses(notify.FaultAccount, "not to this country", addresses...)
}

// TestUrgentTextThatIsAlwaysRefusedHoldsNobodyUp: it is the most serious one and can
// go by no other channel, but what shows whether texts go again is another.
func TestUrgentTextThatIsAlwaysRefusedHoldsNobodyUp(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	w.do(`UPDATE people SET mobile = '+33600000000', email = '' WHERE id = 'W2'`)
	w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", practitioner: "W2", recorder: "G1"})
	w.opens(duty{ref: "KN-2", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
	w.scans("2026-09-02 10:00")
	n := w.network()
	n.sms.answer = account("+33600000000")
	n.delivers("2026-09-02 10:00")
	w.wants("the urgent one first", n.went(), "+336"+"00000000: KN-1 discuss start",
		"g1@example.org: KN-1 discuss start", "ops@example.org: ") // W2 has no other channel: their manager hears of it
	n.delivers("2026-09-02 10:05")
	w.wants("five minutes later", w.lines(`SELECT person, state FROM messages WHERE channel = 'sms' AND person = 'W1'`), "W1 sent")
}

// TestStoppedChannelIsNoWayRoundItself: where nobody in line has another channel an
// urgent text waits, rather than become a text to somebody else.
func TestStoppedChannelIsNoWayRoundItself(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	w.do(`UPDATE people SET email = ''`)
	w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
	w.scans("2026-09-02 10:00")
	n := w.network()
	n.d.dutyDesk = func(string) *pathway.Person { return &pathway.Person{ID: "duty", Mobile: "+447700900130"} }
	n.sms.answer = account(w1Mobile)
	n.delivers("2026-09-02 10:00")
	n.delivers("2026-09-02 10:04")
	w.wants("waiting", w.lines(`SELECT person, state FROM messages WHERE kind = 'reminder'`), "W1 failed-temporarily")
}

// TestTextThatBreaksTheProviderHoldsNobodyUpForLong: at night it is the only one, and
// stops the channel by itself.
func TestTextThatBreaksTheProviderHoldsNobodyUpForLong(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	w.do(`UPDATE people SET email = '' WHERE id = 'W2'`)
	w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 02:00", due: "2026-09-03 02:00", practitioner: "W2", recorder: "G1"})
	w.scans("2026-09-02 02:00")
	n := w.network()
	n.sms.answer = refuses(notify.FaultProvider, "500", "+447700900102")
	for minute := range 30 {
		n.delivers(fmt.Sprintf("2026-09-02 02:%02d", minute))
	}
	w.wants("the channel", w.lines(`SELECT state FROM channel_states`), "open")
	n.went()
	w.opens(duty{ref: "KN-2", id: "see", ladder: "routine", opened: "2026-09-02 08:00", due: "2026-09-09 17:00"})
	w.scans("2026-09-02 08:00")
	n.delivers("2026-09-02 08:00")
	w.wants("at eight", n.went(), "+447700900101: KN-2 see start",
		"+447700900102: KN-1 discuss start", "+447700900102: KN-1 discuss start", "ops@example.org: ") // as the first, and once texts go again
	w.wants("the channel", w.lines(`SELECT state FROM channel_states`), "closed")
}

// TestRefusedAccountIsNotTheMessagesFault, although others went before it.
func TestRefusedAccountIsNotTheMessagesFault(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
	w.opens(duty{ref: "KN-2", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00", practitioner: "W2"})
	w.scans("2026-09-02 10:00")
	n := w.network()
	left := 1 // texts that the account pays for
	n.sms.answer = func(notify.Message) notify.Outcome {
		if left--; left >= 0 {
			return notify.Outcome{State: notify.Sent}
		}
		return notify.Outcome{State: notify.FailedTemporarily, Fault: notify.FaultAccount, Reason: "the account is suspended"}
	}
	for minute := range 30 {
		n.delivers(fmt.Sprintf("2026-09-02 10:%02d", minute+1))
	}
	w.wants("the text waits", w.lines(`SELECT person, state, fault FROM messages WHERE channel = 'sms' ORDER BY id`),
		"W1 sent ", "W2 failed-temporarily account")
}

// TestAnyAnswerShowsThatTheProviderIsBack, also one that refuses the message.
func TestAnyAnswerShowsThatTheProviderIsBack(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	for i := range 6 {
		w.opens(duty{ref: fmt.Sprint("KN-", i), id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00",
			practitioner: []string{"W1", "W2"}[i/5]})
		w.scans(fmt.Sprintf("2026-09-02 10:%02d", i))
	}
	n := w.network()
	n.sms.answer = down
	n.delivers("2026-09-02 10:10")
	n.went()
	n.sms.answer = func(m notify.Message) notify.Outcome {
		if m.To.Mobile == "+447700900102" {
			return notify.Outcome{State: notify.Failed, Fault: notify.FaultAddress, Code: "21211", Reason: "no such number"}
		}
		return notify.Outcome{State: notify.Sent}
	}
	n.delivers("2026-09-02 10:11")
	w.wants("once it is back", w.lines(`SELECT state, COUNT(*) FROM messages WHERE channel = 'sms' GROUP BY state ORDER BY state`), "failed 1", "sent 5")
	w.wants("the channel", w.lines(`SELECT state FROM channel_states`), "closed")
}

// TestStoppedChannelTriesAMessageThatHasSomethingToSay: those that have nothing left
// to say, or go to a number that is not used any more, show nothing of the provider.
func TestStoppedChannelTriesAMessageThatHasSomethingToSay(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	var met []int64
	for i := range 9 {
		id := w.opens(duty{ref: fmt.Sprint("KN-", i), id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00",
			practitioner: []string{"W1", "W1", "W1", "W1", "W1", "W1", "W1", "W2", "W1"}[i]})
		if i < 7 {
			met = append(met, id)
		}
		w.scans(fmt.Sprintf("2026-09-02 10:%02d", i))
	}
	n := w.network()
	n.sms.answer = down
	n.delivers("2026-09-02 10:10")
	n.went()
	for _, id := range met {
		w.meets(id, "2026-09-02 10:30")
	}
	w.behind.Insert("disabled_addresses", map[string]any{"channel": "sms", "address": "+447700900102", "code": "21211", "fault": "address"})
	n.sms.answer = nil
	n.delivers("2026-09-02 10:40")
	w.wants("who was texted", w.lines(`SELECT person, state FROM messages WHERE channel = 'sms' AND state = 'sent'`), "W1 sent")
	w.wants("the channel", w.lines(`SELECT state FROM channel_states`), "closed")
}

// TestLimitedChannelNeverClaimsAheadOfItsTurns: a slow moment makes it claim fewer,
// and never more than its limit lets go soon; afterwards it claims as before.
func TestLimitedChannelNeverClaimsAheadOfItsTurns(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	for _, c := range []struct {
		perSecond           float64
		before, slow, after int
	}{{0.5, 1, 1, 1}, {45, 4, 4, 4}, {500, 50, 25, 50}, {0, 100, 50, 100}} {
		g := newGate("sms", w.store, w.clock, c.perSecond, claimByDefault)
		before := g.claimSize()
		g.handedOut(before, 16, time.Second)
		slow := g.claimSize()
		g.handedOut(slow, 16, time.Millisecond)
		if after := g.claimSize(); before != c.before || slow != c.slow || after != c.after {
			t.Errorf("at %v a second it claims %d, after a slow claim %d, after a quick one %d; want %d, %d, %d", c.perSecond, before, slow, after, c.before, c.slow, c.after)
		}
	}
}
