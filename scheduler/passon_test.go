package scheduler

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// network is the two channels of a story: what they answer, and what they took.
type network struct {
	w          *world
	d          *delivery
	email, sms post
	channels   map[string]notify.Channel // those two, unless a story has others
	observed   observed
}

// network returns channels that take everything until answers are set.
func (w *world) network() *network {
	n := &network{w: w}
	n.channels = map[string]notify.Channel{notify.ByEmail: &n.email, notify.BySMS: &n.sms}
	s := w.settings()
	s.Observer = &n.observed
	n.d = newDelivery(s, "a")
	return n
}

// delivers sends everything that is due at a time and asks for the receipts that
// are, until nothing more follows.
func (n *network) delivers(when string) {
	n.w.t.Helper()
	n.deliversAt(at(n.w.t, when))
}

func (n *network) deliversAt(now time.Time) {
	n.w.t.Helper()
	n.w.clock.jump(now)
	for idle := 0; idle < 2; idle++ { // what moves from one channel to the other comes in the second round
		happened := 0
		for _, name := range []string{notify.ByEmail, notify.BySMS} {
			sent, err := n.d.drain(context.Background(), name, n.channels[name])
			if err != nil {
				n.w.t.Fatalf("sending at %s: %v", now, err)
			}
			happened += sent
			if tracker, ok := n.channels[name].(notify.Tracker); ok {
				asked, err := n.d.poll(context.Background(), now, name, tracker)
				if err != nil {
					n.w.t.Logf("asking for receipts at %s: %v", now, err)
				}
				happened += asked
			}
		}
		if happened > 0 {
			idle = 0
		}
	}
}

// went says what arrived since it was last asked: "sms W1 KN-1 see due".
func (n *network) went() []string {
	var out []string
	for _, p := range []*post{&n.email, &n.sms} {
		out = append(out, p.letters()...)
		p.Lock()
		p.got = nil
		p.Unlock()
	}
	slices.Sort(out)
	return out
}

// refuses makes a channel refuse the messages to some addresses, but for what tells of
// those that are not used any more.
func refuses(fault notify.Fault, reason string, addresses ...string) func(notify.Message) notify.Outcome {
	return func(m notify.Message) notify.Outcome {
		if !slices.Contains(addresses, m.To.Email+m.To.Mobile) || m.Alert != nil && m.Alert.Says == notify.AlertAddressOff {
			return notify.Outcome{State: notify.Sent}
		}
		state := notify.FailedTemporarily
		if fault == notify.FaultAddress || fault == notify.FaultOptedOut || fault == notify.FaultContent {
			state = notify.Failed
		}
		return notify.Outcome{State: state, Fault: fault, Reason: reason}
	}
}

// ledgers says how every message stands: "sms W1 failed no such number".
func (w *world) everything() []string {
	return w.lines(`SELECT channel, person, state, reason FROM messages WHERE payload NOT LIKE '%address-off%' ORDER BY created_at, id`)
}

// TestDeadNumberIsAnsweredByTheNextInLine: a text to a number that does not exist
// becomes an email; where that fails too the manager is told, and then whoever is
// above; the dead addresses are not used again until somebody edits them.
func TestDeadNumberIsAnsweredByTheNextInLine(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.do(`UPDATE people SET channel = 'sms' WHERE id = 'W1'`)
		w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
		w.scans("2026-09-02 10:00")
		n := w.network()
		n.sms.answer = refuses(notify.FaultAddress, "no such number", "+447700900101")
		n.email.answer = refuses(notify.FaultAddress, "no such mailbox", "w1@example.org", "g1@example.org")
		n.delivers("2026-09-02 10:00")
		w.wants("what was tried", n.went(),
			"+447700900101: KN-1 see start", "+447700900111: KN-1 see start",
			"g1@example.org: KN-1 see start", "w1@example.org: KN-1 see start")
		w.wants("ledger", w.everything(),
			"sms W1 failed no such number", "email W1 failed no such mailbox", "email G1 failed no such mailbox", "sms G1 sent ")
		w.wants("who stands in for whom", w.lines(`SELECT person, channel, role, instead FROM reminders ORDER BY created_at, person, channel`),
			"G1 email manager W1", "G1 sms manager W1", "W1 email practitioner ", "W1 sms practitioner ")

		// Its next rung knows of the dead addresses: it goes to the manager at once.
		w.scans("2026-09-04 08:30")
		n.delivers("2026-09-04 08:30")
		w.wants("the next rung", n.went(), "+447700900111: KN-1 see before-3wd")

		// Somebody corrects the mailbox in the people list.
		w.do(`UPDATE people SET email = 'w1.new@example.org' WHERE id = 'W1'`)
		w.scans("2026-09-08 08:30")
		n.delivers("2026-09-08 08:30")
		w.wants("after the correction", n.went(), "w1.new@example.org: KN-1 see before-1wd")
	})
}

// TestCoverIsToldBeforeTheNextRole: somebody who cannot be reached and has named
// cover.
func TestCoverIsToldBeforeTheNextRole(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.do(`UPDATE people SET cover = 'W2', mobile = '' WHERE id = 'W1'`)
	w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
	w.scans("2026-09-02 10:00")
	n := w.network()
	n.email.answer = refuses(notify.FaultAddress, "no such mailbox", "w1@example.org")
	n.delivers("2026-09-02 10:00")
	w.wants("who was told", n.went(), "w1@example.org: KN-1 see start", "w2@example.org: KN-1 see start")
}

// TestWhoHasTheCaseAndManagesItIsAnsweredByHerOwnManager: for a discussion that is the
// manager, and for nothing else.
func TestWhoHasTheCaseAndManagesItIsAnsweredByHerOwnManager(t *testing.T) {
	for of, want := range map[string]string{"talk": "V1 email manager G1", "see": "duty-desk-East email manager G1"} {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		w.do(`UPDATE people SET mobile = '', cover = '' WHERE id = 'G1'`)
		w.opens(duty{ref: "KN-1", id: of, ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
		w.do(`UPDATE cases SET now_practitioner = 'G1', now_manager = 'G1' WHERE ref = 'KN-1'`)
		w.scans("2026-09-02 10:00")
		n := w.network()
		n.email.answer = refuses(notify.FaultAddress, "no such mailbox", "g1@example.org")
		n.delivers("2026-09-02 10:00")
		w.wants("who is told of "+of, w.lines(`SELECT person, channel, role, instead FROM reminders ORDER BY created_at, person`),
			"G1 email practitioner ", want)
	}
}

// TestWhatTheOtherChannelHasSaidIsNotSaidTwice: on an urgent ladder text and email
// go at once; one that fails is answered by the other.
func TestWhatTheOtherChannelHasSaidIsNotSaidTwice(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 15:00", due: "2026-09-03 15:00", recorder: "W1"})
		w.scans("2026-09-02 15:00")
		n := w.network()
		n.sms.answer = refuses(notify.FaultAddress, "no such number", "+447700900111")
		n.delivers("2026-09-02 15:00")
		w.wants("what was tried", n.went(), "+447700900111: KN-1 discuss start", "g1@example.org: KN-1 discuss start")

		// Once both have failed, the next role up hears of it.
		w.scans("2026-09-03 15:00") // due: W1 and G1
		n.email.answer = refuses(notify.FaultAddress, "no such mailbox", "g1@example.org")
		n.delivers("2026-09-03 15:00")
		w.wants("when both have failed", n.went(), "+447700900101: KN-1 discuss due", "+447700900112: KN-1 discuss due",
			"g1@example.org: KN-1 discuss due", "g2@example.org: KN-1 discuss due", "w1@example.org: KN-1 discuss due")
	})
}

// TestUrgentTextMovesToEmailAtTheSecondFailure is the story of an afternoon: at
// 15:00 nobody answered; at 15:00 the manager's phone gets a text, which fails; a
// quarter of a minute later it fails again, and the email goes.
func TestUrgentTextMovesToEmailAtTheSecondFailure(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	for _, l := range w.rules.Ladders {
		l.EveryChannel = false
	}
	w.do(`UPDATE people SET channel = 'sms' WHERE id = 'G1'`)
	w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 15:00", due: "2026-09-03 15:00", recorder: "W1"})
	w.scans("2026-09-02 15:00")
	n := w.network()
	n.sms.answer = refuses(notify.FaultProvider, "the provider does not answer", "+447700900111")
	n.delivers("2026-09-02 15:00")
	w.wants("at 15:00", n.went(), "+447700900111: KN-1 discuss start")
	n.delivers("2026-09-02 15:01")
	w.wants("at 15:01", n.went(), "+447700900111: KN-1 discuss start", "g1@example.org: KN-1 discuss start")
	n.sms.answer = nil
	n.delivers("2026-09-02 16:00")
	w.wants("when texts go again", n.went())
}

// TestAcknowledgementQuietensOneRung: who has answered ACK by another
// way is not chased for that rung; the next rung comes all the same.
func TestAcknowledgementQuietensOneRung(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.do(`UPDATE people SET email = '' WHERE id IN ('W1', 'W2')`)
		for i, ref := range []string{"KN-1", "KN-2"} {
			w.opens(duty{ref: ref, id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1",
				practitioner: []string{"W1", "W2"}[i]})
		}
		w.scans("2026-09-02 10:00")
		n := w.network()
		n.delivers("2026-09-02 10:00")
		n.went()

		w.scans("2026-09-03 06:00") // four hours before
		n.sms.answer = refuses(notify.FaultUnreachable, "the handset is off", "+447700900101", "+447700900102")
		n.delivers("2026-09-03 06:00")
		n.went()
		w.behind.Insert("events", map[string]any{"case_ref": "KN-1", "id": "a1", "kind": "acknowledged", "value": "discuss", "by_person": "W1",
			"at": at(t, "2026-09-03 06:05").UnixMilli(), "recorded_at": at(t, "2026-09-03 06:05").UnixMilli()})
		n.sms.answer = refuses(notify.FaultAddress, "no such number", "+447700900101", "+447700900102")
		n.delivers("2026-09-03 06:10")
		w.wants("only W2's, who has not acknowledged, is passed on", n.went(), "+447700900102: KN-2 discuss before-4h",
			"+447700900111: KN-2 discuss before-4h", "g1@example.org: KN-2 discuss before-4h")

		w.do(`DELETE FROM disabled_addresses`)
		n.sms.answer = nil
		w.scans("2026-09-03 10:00")
		n.delivers("2026-09-03 10:00")
		w.wants("the next rung", n.went(), "+447700900101: KN-1 discuss due", "+447700900102: KN-2 discuss due",
			"+447700900111: KN-1 discuss due, KN-2 discuss due", "g1@example.org: KN-1 discuss due, KN-2 discuss due")
	})
}

// TestAcknowledgementWearsOff: after its time a rung that still fails is passed on.
func TestAcknowledgementWearsOff(t *testing.T) {
	told := at(t, "2026-09-03 06:00")
	all := []store.Acknowledgement{{By: "W1", At: told.Add(5 * time.Minute)}, {By: "W2", At: told.Add(-time.Minute)}}
	for _, c := range []struct {
		person string
		now    time.Duration
		want   bool
	}{
		{"W1", 10 * time.Minute, true}, {"W1", 4*time.Hour + 4*time.Minute, true}, {"W1", 4*time.Hour + 5*time.Minute, false},
		{"W2", 10 * time.Minute, false}, // that was another rung
		{"G1", 10 * time.Minute, false},
	} {
		if got := acknowledged(all, c.person, told, told.Add(c.now), 4*time.Hour); got != c.want {
			t.Errorf("%s, %s after the rung: acknowledged %v, want %v", c.person, c.now, got, c.want)
		}
	}
}

// observed counts what a daemon tells its observer.
type observed struct {
	unobserved
	seen []string
}

func (o *observed) MessageEnded(channel string, state store.MessageState) {
	o.seen = append(o.seen, channel+" "+string(state))
}
func (o *observed) ReceiptSeen(channel, progress string) {
	o.seen = append(o.seen, channel+" "+progress)
}
func (o *observed) ReplySeen(outcome string) { o.seen = append(o.seen, "reply "+outcome) }

// TestPassingOnNeverNamesAnybodyOutside checks that what goes instead goes to
// staff only, and says no more than the message did.
func TestPassedOnMessageSaysWhoCouldNotBeReached(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.do(`UPDATE people SET mobile = '' WHERE id = 'W1'`)
	w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
	w.scans("2026-09-02 10:00")
	n := w.network()
	n.email.answer = refuses(notify.FaultAddress, "no such mailbox", "w1@example.org")
	n.delivers("2026-09-02 10:00")
	reminders := slices.DeleteFunc(n.email.got, func(m notify.Message) bool { return m.Kind != notify.KindReminder })
	last := reminders[len(reminders)-1]
	r := last.Reminders[0]
	if last.To.Email != "g1@example.org" || r.Role != string(pathway.Manager) || r.CoverFor != "" || r.Unreached != "W1" {
		t.Errorf("told %+v as %q, covering for %q, because of %q; want the manager, because W1 could not be reached", last.To, r.Role, r.CoverFor, r.Unreached)
	}
	if !strings.Contains(w.everything()[0], "no such mailbox") {
		t.Errorf("ledger %q, want the reason of the first", w.everything())
	}
}

// TestWhoCoversIsToldSoByTheOtherChannelToo: a text that fails says the same by
// email; nobody is called unreachable who is on leave.
func TestWhoCoversIsToldSoByTheOtherChannelToo(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.do(`UPDATE people SET away_from = $1, cover = 'W2' WHERE id = 'W1'`, at(t, "2026-09-01 00:00").UnixMilli())
	w.do(`UPDATE people SET channel = 'sms' WHERE id = 'W2'`)
	w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
	w.scans("2026-09-02 10:00")
	n := w.network()
	n.sms.answer = refuses(notify.FaultAddress, "no such number", "+447700900102")
	n.delivers("2026-09-02 10:00")
	reminders := slices.DeleteFunc(n.email.got, func(m notify.Message) bool { return m.Kind != notify.KindReminder })
	if len(reminders) != 1 {
		t.Fatalf("%d reminders went by email, want one to W2", len(reminders))
	}
	if r := reminders[0].Reminders[0]; r.CoverFor != "W1" || r.Unreached != "" {
		t.Errorf("W2 is told to cover for %q, and that %q cannot be reached; want W1 and nobody", r.CoverFor, r.Unreached)
	}
}
