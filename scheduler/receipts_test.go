package scheduler

import (
	"context"
	"slices"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store/storetest"
)

// tracked is a provider that takes every text and gives receipts.
func tracked(id string) func(notify.Message) notify.Outcome {
	return func(m notify.Message) notify.Outcome {
		return notify.Outcome{State: notify.Sent, ProviderID: id + m.To.Mobile, Tracked: true}
	}
}

func (n *network) receipts(when string, receipts ...notify.Receipt) {
	n.w.t.Helper()
	n.w.clock.jump(at(n.w.t, when))
	if err := n.d.takeReceipts(context.Background(), n.w.clock.Now(), notify.BySMS, receipts); err != nil {
		n.w.t.Fatal(err)
	}
}

func (w *world) texts() []string {
	return w.lines(`SELECT person, state, progress, reason FROM messages WHERE channel = 'sms' ORDER BY created_at, id`)
}

// TestReceiptsMoveAMessageForwardsOnly, in whatever order and as often as they come.
func TestReceiptsMoveAMessageForwardsOnly(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.textsOnly()
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
		w.scans("2026-09-02 10:00")
		n := w.network()
		n.sms.answer = tracked("a")
		n.delivers("2026-09-02 10:00")
		id := "a+447700900101"
		receipt := func(p notify.Progress) notify.Receipt {
			return notify.Receipt{ProviderID: id, Progress: p, Fault: notify.FaultAddress, Reason: "no such number"}
		}
		n.receipts("2026-09-02 10:01", receipt(notify.ProgressSent), receipt(notify.ProgressQueued))
		w.wants("sent, then queued", w.texts(), "W1 sent sent ")
		n.receipts("2026-09-02 10:02", receipt(notify.ProgressDelivered))
		n.receipts("2026-09-02 10:03", receipt(notify.ProgressSent), receipt(notify.ProgressUndelivered), receipt(notify.ProgressDelivered),
			notify.Receipt{ProviderID: "nobody's", Progress: notify.ProgressFailed})
		w.wants("delivered, then anything", w.texts(), "W1 delivered delivered ")
		n.delivers("2026-09-02 10:03")
		w.wants("nobody is told instead", n.went(), "+447700900101: KN-1 discuss start")
		if want := []string{"sms sent", "sms sent", "sms queued", "sms delivered", "sms late", "sms late", "sms late", "sms unknown"}; !slices.Equal(n.observed.seen, want) {
			t.Errorf("observed %q, want %q", n.observed.seen, want)
		}
	})
}

// TestTextThatDidNotArrive takes the step that its receipt calls for.
func TestTextThatDidNotArrive(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault notify.Fault
		after []string // at 10:01, then at 10:11 once more
		texts []string
	}{
		{"no such number", notify.FaultAddress, []string{"w1@example.org: KN-1 discuss start"}, []string{"W1 failed sent it did not arrive"}},
		{"handset off", notify.FaultUnreachable, []string{"+447700900101: KN-1 discuss start", "w1@example.org: KN-1 discuss start"}, []string{"W1 sent sent "}},
		{"filtered", notify.FaultContent, []string{"ops@example.org: ", "w1@example.org: KN-1 discuss start"}, []string{"W1 failed sent it did not arrive"}},
		{"too late", notify.FaultExpired, []string{"w1@example.org: KN-1 discuss start"}, []string{"W1 failed sent it did not arrive"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, storetest.MigratedSQLiteURL(t))
			w.textsOnly()
			w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
			w.scans("2026-09-02 10:00")
			n := w.network()
			n.sms.answer = tracked("a")
			n.delivers("2026-09-02 10:00")
			n.went()
			n.receipts("2026-09-02 10:00", notify.Receipt{ProviderID: "a+447700900101", Progress: notify.ProgressSent})
			n.receipts("2026-09-02 10:01", notify.Receipt{ProviderID: "a+447700900101", Progress: notify.ProgressUndelivered, Fault: c.fault, Reason: "it did not arrive"})
			n.sms.answer = tracked("b")
			n.delivers("2026-09-02 10:01")
			n.delivers("2026-09-02 10:11")
			w.wants("what followed", n.went(), c.after...)
			if c.fault == notify.FaultUnreachable {
				c.texts = []string{"W1 sent  "} // a new try: nothing is known of it yet
			}
			w.wants("the text", w.texts(), c.texts...)
			// A receipt of the try before counts no more.
			n.receipts("2026-09-02 10:12", notify.Receipt{ProviderID: "a+447700900101", Progress: notify.ProgressDelivered})
			w.wants("after a late receipt of the first try", w.texts(), c.texts...)
		})
	}
}

// asks is a provider that answers questions about messages.
type asks struct {
	post
	asked   [][]string
	answers []notify.Receipt
}

func (a *asks) Receipts(_ context.Context, ids []string) ([]notify.Receipt, error) {
	a.asked = append(a.asked, ids)
	return a.answers, nil
}

// TestReceiptsAreAskedForLessAndLess, until one is final.
func TestReceiptsAreAskedForLessAndLess(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
	w.scans("2026-09-02 10:00")
	n := w.network()
	n.sms.answer = tracked("a")
	n.delivers("2026-09-02 10:00")
	provider := &asks{}
	start := at(t, "2026-09-02 10:00")
	var when []time.Duration
	for second := range 3600 {
		now := start.Add(time.Duration(second) * time.Second)
		w.clock.jump(now)
		if second == 60 { // until then the provider knows nothing of it
			provider.answers = []notify.Receipt{{ProviderID: "a+447700900101", Progress: notify.ProgressSent}}
		}
		if second == 600 {
			provider.answers = []notify.Receipt{{ProviderID: "a+447700900101", Progress: notify.ProgressDelivered}}
		}
		asked, err := n.d.poll(context.Background(), now, notify.BySMS, provider)
		if err != nil {
			t.Fatal(err)
		}
		if asked > 0 {
			when = append(when, now.Sub(start))
		}
	}
	want := []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 9 * time.Minute, 19 * time.Minute}
	if !slices.Equal(when, want) {
		t.Errorf("asked after %v, want %v", when, want)
	}
	w.wants("the text", w.texts(), "W1 delivered delivered ")
}

// TestProviderThatCallsBackIsAskedSeldom: callbacks get lost, but not often.
func TestProviderThatCallsBackIsAskedSeldom(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	n := w.network()
	now := at(t, "2026-09-02 10:00")
	n.d.callsBack[notify.BySMS] = true
	for polls, want := range map[int]time.Duration{0: callbackGrace, 3: callbackGrace, 8: time.Hour} {
		if got := n.d.nextPoll(now, notify.BySMS, polls).Sub(now); got != want {
			t.Errorf("after %d questions the next comes in %s, want %s", polls, got, want)
		}
	}
	if got := n.d.nextPoll(now, notify.BySMS, len(pollAfter)); !got.IsZero() {
		t.Errorf("after the last question another comes at %s, want none", got)
	}
}
