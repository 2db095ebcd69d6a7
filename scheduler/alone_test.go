package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store/storetest"
)

// A hundred things of which one cannot be done: the others are.

// texted sends so many texts at ten o'clock to W1, which a provider takes.
func (w *world) texted(texts int) *network {
	w.t.Helper()
	w.textsOnly()
	for i := range texts {
		w.opens(duty{ref: fmt.Sprintf("KN-%03d", i), id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
		w.scans("2026-09-02 10:00") // each by itself, so that each has its text
	}
	n := w.network()
	taken := 0
	n.sms.answer = func(notify.Message) notify.Outcome {
		taken++
		return notify.Outcome{State: notify.Sent, ProviderID: fmt.Sprintf("p-%03d", taken), Tracked: true}
	}
	n.delivers("2026-09-02 10:00")
	return n
}

// unreadable is a provider that cannot say what became of one text.
type unreadable struct {
	post
	text string
	asks int // texts that it was asked about
}

func (u *unreadable) Receipts(_ context.Context, ids []string) (out []notify.Receipt, err error) {
	for _, id := range ids {
		u.asks++
		r := notify.Receipt{ProviderID: id, Progress: notify.ProgressDelivered}
		if id == u.text {
			r.Progress, err = "", errors.New("the answer cannot be read")
		}
		out = append(out, r)
	}
	return out, err
}

func TestTextWhoseReceiptCannotBeReadStarvesNoOther(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		n := w.texted(100)
		provider := &unreadable{text: "p-001"}
		n.channels[notify.BySMS] = provider
		for minute := range 10 {
			n.delivers(fmt.Sprintf("2026-09-02 10:%02d", minute+1))
		}
		w.wants("the texts", w.lines(`SELECT state, COUNT(*) FROM messages WHERE channel = 'sms' GROUP BY state ORDER BY state`), "delivered 99", "sent 1")
		if most := 99 + 10; provider.asks > most {
			t.Errorf("the provider was asked about %d texts, want %d at most: about the one less and less", provider.asks, most)
		}
	})
}

// busyProvider answers nothing.
type busyProvider struct{ post }

func (*busyProvider) Receipts(context.Context, []string) ([]notify.Receipt, error) {
	return nil, errors.New("fewer requests, please")
}

// TestTextThatWasNotAskedAboutLosesNoQuestion, where the provider is away for long.
func TestTextThatWasNotAskedAboutLosesNoQuestion(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	n := w.texted(1)
	n.channels[notify.BySMS] = &busyProvider{}
	for minute := range 50 {
		n.delivers(fmt.Sprintf("2026-09-02 10:%02d", minute+1))
	}
	w.wants("questions asked", w.lines(`SELECT polls FROM messages WHERE channel = 'sms'`), "0")
	n.channels[notify.BySMS] = &unreadable{}
	n.delivers("2026-09-02 10:52")
	w.wants("the text", w.lines(`SELECT state FROM messages WHERE channel = 'sms'`), "delivered")
}

// TestReceiptThatCannotBeTakenInHoldsUpNoOther, asked for or told.
func TestReceiptThatCannotBeTakenInHoldsUpNoOther(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	n := w.texted(3)
	w.do(`CREATE TRIGGER refuses BEFORE UPDATE ON messages WHEN NEW.provider_id = 'p-001' BEGIN SELECT RAISE(ABORT, 'no'); END`)
	receipt := func(id string, p notify.Progress) notify.Receipt {
		return notify.Receipt{ProviderID: id, Progress: p, Fault: notify.FaultUnclear, Reason: "it did not arrive"}
	}
	now := at(t, "2026-09-02 10:01")
	err := n.d.takeReceipts(t.Context(), now, notify.BySMS, []notify.Receipt{receipt("p-001", notify.ProgressFailed), receipt("p-002", notify.ProgressDelivered)})
	if err == nil {
		t.Error("no error, want that the first is told again")
	}
	failed, err := n.d.takeCallbacks(t.Context(), []callback{
		{notify.BySMS, []notify.Receipt{receipt("p-001", notify.ProgressFailed)}}, {notify.BySMS, []notify.Receipt{receipt("p-003", notify.ProgressDelivered)}}})
	if err != nil || failed[0] == nil || failed[1] != nil {
		t.Errorf("told at the same moment: %v, %v; want an error for the first only", failed, err)
	}
	w.wants("the texts", w.lines(`SELECT provider_id, state FROM messages WHERE channel = 'sms' ORDER BY provider_id`), "p-001 sent", "p-002 delivered", "p-003 delivered")
}

// TestTextThatCannotBeTakenInHoldsUpNoOther: the ones behind it are answered.
func TestTextThatCannotBeTakenInHoldsUpNoOther(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	n := w.network()
	w.do(`CREATE TRIGGER refuses BEFORE INSERT ON replies WHEN NEW.id = 'SM1' BEGIN SELECT RAISE(ABORT, 'no'); END`)
	now := at(t, "2026-09-02 10:00")
	text := func(id string) notify.Received {
		return notify.Received{ID: id, From: "+447700900101", Text: "HELP", At: now}
	}
	if err := n.d.takeReplies(t.Context(), now, notify.BySMS, []notify.Received{text("SM1"), text("SM2"), text("SM3")}); err == nil {
		t.Error("no error, want that the first is told again")
	}
	w.wants("texts taken in", w.lines(`SELECT id FROM replies ORDER BY id`), "SM2", "SM3")
}

// TestMessageThatCannotBeReadHoldsUpNoOther.
func TestMessageThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	for i := range 3 {
		w.opens(duty{ref: fmt.Sprint("KN-", i), id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
		w.scans("2026-09-02 10:00") // each by itself, so that each has its message
	}
	w.do(`UPDATE reminders SET stands_for = 'many' WHERE duty_id = 1`)
	var p post
	w.posts("2026-09-02 10:00", &p)
	w.wants("letters", p.letters(), "w1@example.org: KN-1 discuss start", "w1@example.org: KN-2 discuss start")
	w.wants("the ledger", w.lines(`SELECT state, COUNT(*) FROM messages WHERE channel = 'email' GROUP BY state ORDER BY state`), "queued 1", "sent 2")
}

// TestDutyThatCannotBeDecidedHoldsUpNoOther: the scan says so, and looks at it again
// later.
func TestDutyThatCannotBeDecidedHoldsUpNoOther(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
	w.opens(duty{ref: "KN-2", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00", recorder: "G1"})
	delete(w.rules.Ladders, "routine")
	now := at(t, "2026-09-02 10:00")
	w.clock.jump(now)
	counts, err := w.scanner().Scan(context.Background(), nil, now)
	if err == nil || !strings.Contains(err.Error(), "KN-2") || !strings.Contains(err.Error(), `no ladder "routine"`) {
		t.Errorf("got %v, want an error that names case KN-2", err)
	}
	if counts[CountDue] != 1 {
		t.Errorf("%d duties were decided, want the other one", counts[CountDue])
	}
	w.wants("who is told", w.lines(`SELECT DISTINCT d.case_ref FROM reminders r JOIN duties d ON d.id = r.duty_id`), "KN-1")
	w.rules.Ladders["routine"] = &pathway.Ladder{ID: "routine", Severity: 2, Rungs: []pathway.RungRule{{Moment: pathway.AtStart, To: []pathway.Role{pathway.Owner}}}}
	later := now.Add(decideAgain)
	if _, err := w.scanner().Scan(context.Background(), nil, later); err != nil {
		t.Fatal(err)
	}
	w.wants("once it can be", w.lines(`SELECT DISTINCT d.case_ref FROM reminders r JOIN duties d ON d.id = r.duty_id ORDER BY 1`), "KN-1", "KN-2")
}
