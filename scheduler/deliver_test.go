package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/origin"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// post is a mail server that answers as a test tells it to.
type post struct {
	sync.Mutex
	got    []notify.Message
	answer func(m notify.Message) notify.Outcome // nil: takes everything
}

func (p *post) Send(_ context.Context, _ time.Time, m notify.Message) notify.Outcome {
	p.Lock()
	p.got = append(p.got, m)
	answer := p.answer
	p.Unlock()
	if answer != nil {
		return answer(m)
	}
	return notify.Outcome{State: notify.Sent, ProviderID: "p-1"}
}

func (p *post) Close(context.Context) error { return nil }

// letters says what the post got: who, and which duties on which rung.
func (p *post) letters() []string {
	p.Lock()
	defer p.Unlock()
	var out []string
	for _, m := range p.got {
		if m.Alert != nil && m.Alert.Says == notify.AlertAddressOff {
			continue // stories of their own tell who hears of that
		}
		var duties []string
		for _, r := range m.Reminders {
			duties = append(duties, r.CaseRef+" "+r.Duty+" "+r.Rung)
		}
		out = append(out, m.To.Email+m.To.Mobile+": "+strings.Join(duties, ", "))
	}
	return out
}

func answers(state notify.State, reason string) func(notify.Message) notify.Outcome {
	return func(notify.Message) notify.Outcome { return notify.Outcome{State: state, Reason: reason} }
}

func (w *world) sender(holder string) *delivery {
	return newDelivery(w.settings(), holder)
}

func (w *world) settings() *Settings {
	return &Settings{Store: w.store, Rules: w.rules, DutyDesk: dutyDesk, Clock: w.clock, Lease: claimFor,
		Jitter: func() float64 { return 0 }, Log: slog.New(slog.DiscardHandler), Observer: unobserved{},
		Senders: map[string]Sender{notify.ByEmail: {}, notify.BySMS: {}}, AcknowledgementLasts: 4 * time.Hour, Replies: true, Origin: origin.FixedKeys(),
		Operations: &pathway.Person{ID: "operations", Email: "ops@example.org", Mobile: "+447700900999"}}
}

// posts sends what is due by email at a time.
func (w *world) posts(when string, p *post) {
	w.t.Helper()
	w.clock.jump(at(w.t, when))
	if _, err := w.sender("a").drain(context.Background(), notify.ByEmail, p); err != nil {
		w.t.Fatalf("sending at %s: %v", when, err)
	}
}

// ledger says where the emails stand: "W1 sent" and why.
func (w *world) ledger() []string {
	return w.lines(`SELECT person, state, reason FROM messages WHERE channel = 'email' ORDER BY person, id`)
}

func TestMostSeriousGoesFirst(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "record", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-03 17:00", recorder: "G1"})
		w.opens(duty{ref: "KN-2", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
		w.opens(duty{ref: "KN-3", id: "discuss", ladder: "immediate", opened: "2026-09-02 10:00", due: "2026-09-02 11:00"})
		w.scans("2026-09-02 10:00")

		var p post
		w.posts("2026-09-02 10:00", &p)

		w.wants("letters in order", p.letters(),
			"w1@example.org: KN-3 discuss start, KN-2 discuss start", "g1@example.org: KN-3 discuss start",
			"w1@example.org: KN-1 record start")
	})
}

func TestLetterSaysWhatTheDutyIs(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.opens(duty{ref: "KN-2", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "W1"})
	w.scans("2026-09-02 10:00")
	var p post
	w.posts("2026-09-02 10:00", &p)

	if len(p.got) != 1 {
		t.Fatalf("got %d letters, want 1", len(p.got))
	}
	m, r := p.got[0], p.got[0].Reminders[0]
	want := notify.Reminder{CaseRef: "KN-2", Duty: "discuss", Title: "Discuss with the team manager", Attempt: 1,
		Urgent: true, Rung: "start", Role: "manager", OwnerRole: "practitioner", OwnerID: "W1",
		Opened: at(t, "2026-09-02 10:00").UTC(), Due: at(t, "2026-09-03 10:00").UTC(), Why: "because", Basis: "guidance", Clause: "2.1"}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
	if !m.Urgent() || m.Kind != notify.KindReminder || m.Key == "" || !m.Created.Equal(at(t, "2026-09-02 10:00")) {
		t.Errorf("got %+v, want an urgent reminder with a key, of 10:00", m)
	}
}

// TestUrgencyIsTheLaddersOwn: what a message is marked with, what it says, and how
// long it may wait all follow from what its ladder says, whatever it is called.
func TestUrgencyIsTheLaddersOwn(t *testing.T) {
	start := []pathway.RungRule{{Moment: pathway.AtStart, To: []pathway.Role{pathway.Owner}}, {Moment: pathway.AtDue, To: []pathway.Role{pathway.Owner}}}
	for _, c := range []struct {
		story                     string
		ladder                    pathway.Ladder
		marked, urgent, immediate bool
	}{
		{"an own ladder that does not wait", pathway.Ladder{ID: "prompt", Severity: 1}, true, true, false},
		{"an own ladder than which nothing is more serious", pathway.Ladder{ID: "prompt", Severity: 0}, true, true, true},
		{"an own ladder that waits", pathway.Ladder{ID: "prompt", OfficeHours: true, Severity: 4}, false, false, false},
		{"an urgent ladder that an organisation lets wait", pathway.Ladder{ID: "urgent", OfficeHours: true, Severity: 4}, false, false, false},
	} {
		t.Run(c.story, func(t *testing.T) {
			w := newWorld(t, storetest.MigratedSQLiteURL(t))
			c.ladder.Rungs = start
			w.rules.Ladders[c.ladder.ID] = &c.ladder
			w.opens(duty{ref: "KN-2", id: "discuss", ladder: c.ladder.ID, opened: "2026-09-02 10:00", due: "2026-09-03 10:00"})
			w.scans("2026-09-02 10:00")
			w.scans("2026-09-02 10:01")
			var p post
			w.posts("2026-09-02 10:02", &p)
			if len(p.got) != 1 {
				t.Fatalf("got %d letters, want 1", len(p.got))
			}
			m, r := p.got[0], p.got[0].Reminders[0]
			if m.Urgent() != c.marked || r.Urgent != c.urgent || r.Immediate != c.immediate {
				t.Errorf("the email is marked as important: %t, says urgent: %t, act now: %t; want %t, %t, %t",
					m.Urgent(), r.Urgent, r.Immediate, c.marked, c.urgent, c.immediate)
			}
		})
	}
}

func TestMetDutyIsNotSpokenOf(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		first := w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
		w.opens(duty{ref: "KN-2", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
		urgent := w.opens(duty{ref: "KN-3", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "W1"})
		w.scans("2026-09-02 10:00")
		w.meets(first, "2026-09-02 10:00")
		w.meets(urgent, "2026-09-02 10:00")

		var p post
		w.posts("2026-09-02 10:00", &p)

		w.wants("letters", p.letters(), "w1@example.org: KN-2 see start")
		w.wants("ledger", w.ledger(), "G1 cancelled nothing was left to say: met", "W1 sent ")
		w.wants("the reminders' reasons", w.lines(`SELECT c.case_ref, r.reason FROM reminders r JOIN duties c ON c.id = r.duty_id WHERE r.channel = 'email' AND r.reason <> 'recorder' ORDER BY 1`),
			"KN-1 met", "KN-2 sent", "KN-3 met")
	})
}

func TestTemporaryFailureComesBackLater(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
		w.scans("2026-09-02 10:00")
		p := post{answer: answers(notify.FailedTemporarily, "the mail server is busy")}

		for _, when := range []string{"2026-09-02 10:00", "2026-09-02 10:01", "2026-09-02 10:02", "2026-09-02 10:03", "2026-09-02 10:04"} {
			w.posts(when, &p)
		}
		// 15 seconds after the first try, 30 after the second, 60, and then 120.
		if n := len(p.letters()); n != 4 {
			t.Errorf("tried %d times in four minutes, want 4", n)
		}
		w.wants("ledger", w.ledger(), "W1 failed-temporarily the mail server is busy")
		first := p.got[0].Key
		p.answer = nil
		w.posts("2026-09-02 10:30", &p)
		w.wants("ledger", w.ledger(), "W1 sent ")
		if last := p.got[len(p.got)-1].Key; last != first {
			t.Errorf("the last try has key %s, want that of the first, %s", last, first)
		}
	})
}

func TestServersOwnPauseIsKept(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
	w.scans("2026-09-02 10:00")
	p := post{answer: func(notify.Message) notify.Outcome {
		return notify.Outcome{State: notify.FailedTemporarily, RetryAfter: 5 * time.Minute}
	}}
	w.posts("2026-09-02 10:00", &p)
	w.posts("2026-09-02 10:04", &p)
	if n := len(p.letters()); n != 1 {
		t.Errorf("tried %d times before the pause was over, want once", n)
	}
	w.posts("2026-09-02 10:05", &p)
	if n := len(p.letters()); n != 2 {
		t.Errorf("tried %d times after the pause, want twice", n)
	}
}

func TestWarningIsNotSentOnceItHasComeTrue(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "W1"})
		w.scans("2026-09-02 10:00")
		var p post
		w.posts("2026-09-02 10:00", &p)
		w.scans("2026-09-03 06:00")

		p = post{answer: answers(notify.FailedTemporarily, "the mail server is busy")}
		for _, when := range []string{"2026-09-03 06:00", "2026-09-03 07:00", "2026-09-03 08:00", "2026-09-03 09:00", "2026-09-03 09:50"} {
			w.posts(when, &p)
		}
		p.answer = nil
		w.posts("2026-09-03 10:00", &p)
		if n := len(p.letters()); n != 5 {
			t.Errorf("tried %d times, want 5, none at or after the due time", n)
		}
		w.wants("it counts as undelivered", w.ledger(), "G1 sent ", "W1 failed the mail server is busy")
	})
}

func TestWarningThatWaitedTooLongIsCancelled(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
	w.scans("2026-09-02 10:00")
	w.posts("2026-09-02 10:00", &post{})
	w.scans("2026-09-03 06:00")
	var p post
	w.posts("2026-09-03 10:00", &p)
	w.wants("letters", p.letters())
	w.wants("ledger", w.ledger(), "W1 sent ", "W1 cancelled nothing was left to say: too-late")
}

func TestMovedDutyIsSpokenOfAsItIsNow(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	start := w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
	w.scans("2026-09-02 10:00") // each by itself, so that each has its message
	warned := w.opens(duty{ref: "KN-2", id: "discuss", ladder: "urgent", opened: "2026-09-01 14:00", due: "2026-09-02 14:00", recorder: "G1"})
	w.scans("2026-09-02 10:00")
	w.moves(start, "2026-09-02 10:00", "2026-09-04 10:00")
	w.moves(warned, "2026-09-02 10:00", "2026-09-04 14:00")

	var p post
	w.posts("2026-09-02 10:00", &p)

	w.wants("letters", p.letters(), "w1@example.org: KN-1 discuss start")
	if got, want := p.got[0].Reminders[0].Due, at(t, "2026-09-04 10:00"); !got.Equal(want) {
		t.Errorf("it says due %s, want the new due time %s", got, want)
	}
	w.wants("ledger", w.ledger(), "W1 sent ", "W1 cancelled nothing was left to say: moved")
}

func TestPermanentFailureIsKeptWithItsReason(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
		w.scans("2026-09-02 10:00")
		p := post{answer: answers(notify.Failed, "the mailbox does not exist")}
		w.posts("2026-09-02 10:00", &p)
		w.posts("2026-09-05 10:00", &p)
		w.wants("ledger", w.ledger(), "W1 failed the mailbox does not exist")
		if n := len(p.letters()); n != 1 {
			t.Errorf("tried %d times, want once", n)
		}
	})
}

func TestMessageOfADeadProcessGoesWhenItsClaimRunsOut(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
		w.scans("2026-09-02 10:00")
		now := at(t, "2026-09-02 10:00")
		dead, err := w.store.ClaimMessages(t.Context(), now, "email", "dead", 100, now.Add(claimFor))
		if err != nil || len(dead) != 1 {
			t.Fatalf("claimed %d messages (error %v), want 1", len(dead), err)
		}
		var p post
		w.posts("2026-09-02 10:00", &p)
		w.wants("while it is claimed", p.letters())
		w.posts("2026-09-02 10:01", &p)
		w.wants("after a minute", p.letters(), "w1@example.org: KN-1 discuss start")
		if maybe := p.got[0].MaybeSent; !maybe.Equal(now) {
			t.Errorf("the channel is told that it may have been sent at %s, want when the dead one claimed it, %s", maybe, now)
		}
		if p.got[0].Key != dead[0].Key {
			t.Errorf("it goes with key %s, want the one it had, %s", p.got[0].Key, dead[0].Key)
		}

		// The dead one was only slow: what it says of a failure counts no more, what
		// it says of a success does.
		late := store.Outcome{Message: dead[0].ID, State: store.MessageFailed, Reason: "late"}
		if err := w.store.RecordOutcome(t.Context(), now, "dead", late); err != nil {
			t.Fatal(err)
		}
		w.wants("ledger", w.ledger(), "W1 sent ")
	})
}

func TestPanicOverOneMessageDoesNotStopTheOthers(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.opens(duty{ref: "KN-1", id: "discuss", ladder: "immediate", opened: "2026-09-02 10:00", due: "2026-09-02 11:00"})
	w.scans("2026-09-02 10:00")
	p := post{answer: func(m notify.Message) notify.Outcome {
		if m.To.Email == "g1@example.org" {
			panic("Somebody of 3 Test Street")
		}
		return notify.Outcome{State: notify.Sent}
	}}
	w.posts("2026-09-02 10:00", &p)
	got := w.ledger()
	if len(got) != 2 || !strings.HasPrefix(got[0], "G1 failed sending it broke off (panic") || got[1] != "W1 sent " {
		t.Errorf("got %q, want G1's failed with a panic and W1's sent", got)
	}
}

func TestRoutineLetterThatWaitedPastOfficeHoursGoesInTheMorning(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-04 17:50", due: "2026-09-11 17:00"})
	w.scans("2026-09-04 17:50") // a Friday
	var p post
	w.posts("2026-09-04 20:00", &p)
	w.posts("2026-09-06 12:00", &p)
	w.wants("at the weekend", p.letters())
	w.posts("2026-09-07 08:00", &p)
	w.wants("on Monday", p.letters(), "w1@example.org: KN-1 see start")
}

func TestStoppingFinishesWhatIsBeingSentAndGivesBackTheRest(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		for i := range 9 {
			w.opens(duty{ref: fmt.Sprint("KN-", i), id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
			w.scans("2026-09-02 10:00") // each by itself, so that each has its message
		}
		begun, finish := make(chan struct{}, 9), make(chan struct{})
		p := post{answer: func(notify.Message) notify.Outcome {
			begun <- struct{}{}
			<-finish
			return notify.Outcome{State: notify.Sent}
		}}
		ctx, stop := context.WithCancel(t.Context())
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			w.sender("a").keep(ctx, notify.ByEmail, Sender{Channel: &p, Connections: 2})
		}()
		<-begun
		<-begun
		stop()
		close(finish)
		<-stopped

		w.wants("ledger", w.lines(`SELECT state, COUNT(*) FROM messages WHERE channel = 'email' GROUP BY state ORDER BY state`),
			"queued 7", "sent 2")
		claimed, err := w.store.ClaimMessages(t.Context(), w.clock.Now(), "email", "b", 100, w.clock.Now().Add(claimFor))
		if err != nil || len(claimed) != 7 {
			t.Errorf("another can claim %d at once (error %v), want 7", len(claimed), err)
		}
	})
}

func TestBackoffDoublesUpToHalfAnHour(t *testing.T) {
	for _, c := range []struct {
		tries  int
		jitter float64
		want   time.Duration
	}{
		{0, 0, 15 * time.Second}, {0, 1, 30 * time.Second}, {1, 0, 30 * time.Second}, {3, 0.5, 3 * time.Minute},
		{6, 1, 30 * time.Minute}, {60, 0, 15 * time.Minute}, {1000, 1, 30 * time.Minute},
	} {
		if got := backoff(c.tries, c.jitter); got != c.want {
			t.Errorf("after %d tries with jitter %v: got %s, want %s", c.tries, c.jitter, got, c.want)
		}
	}
}
