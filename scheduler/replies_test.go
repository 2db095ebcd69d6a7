package scheduler

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/configs"
	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// answering is a team whose case KN-1 follows the shipped pathway of a section 47
// enquiry, with texts that can be answered.
type answering struct {
	*network
	number int
}

func newAnswering(t *testing.T, w *world) *answering {
	t.Helper()
	config, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	pathways, err := config.Pathways()
	if err != nil {
		t.Fatal(err)
	}
	w.rules = pathway.NewRules(w.rules.Calendar, pathways.Ladders)
	for _, p := range pathways.List() {
		w.rules.AddPathway(p, time.Time{})
	}
	return &answering{network: w.network()}
}

// takes takes rows in as an import does.
func (a *answering) takes(when string, c *pathway.Case, events ...pathway.Event) {
	t := a.w.t
	t.Helper()
	in, err := a.w.store.NewIntake(t.Context(), a.w.rules, store.IntakeOptions{Now: at(t, when)})
	if err != nil {
		t.Fatal(err)
	}
	if c != nil {
		err = in.AddCase(1, *c, pathway.GivenAll)
	}
	for i, e := range events {
		e.At = at(t, when)
		if err == nil {
			err = in.AddEvent(i+2, e, pathway.GivenAll)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if result, err := in.Commit(t.Context()); err != nil || result.FaultCount > 0 {
		t.Fatalf("taking in: %v, %+v", err, result.Faults)
	}
}

// texts takes a text in and returns what is answered to it: "sms +44… done KN-1".
func (a *answering) texts(when, from, text string) []string {
	t := a.w.t
	t.Helper()
	a.number++
	a.w.clock.jump(at(t, when))
	in := notify.Received{ID: fmt.Sprint("SM", a.number), From: from, Text: text, At: at(t, when)}
	for range 2 { // told twice, taken once
		again := in
		if err := a.d.takeReply(t.Context(), at(t, when), notify.BySMS, &again); err != nil {
			t.Fatal(err)
		}
	}
	a.delivers(when)
	var out []string
	for _, p := range []*post{&a.sms, &a.email} {
		for _, m := range p.got {
			if m.Answer != nil {
				out = append(out, strings.TrimSpace(m.Channel+" "+m.To.Mobile+m.To.Email+" "+m.Answer.Says+" "+m.Answer.CaseRef))
			}
		}
		p.got = nil
	}
	return out
}

// code is the reply code of the last text to a number about a duty.
func (a *answering) code(mobile, duty string) string {
	a.w.t.Helper()
	keys := a.w.lines(`SELECT m.person, m.key FROM messages m JOIN reminders r ON r.message_id = m.id JOIN duties d ON d.id = r.duty_id
		WHERE m.channel = 'sms' AND m.address = $1 AND d.duty = $2 ORDER BY m.id DESC`, mobile, duty)
	if len(keys) == 0 {
		a.w.t.Fatalf("no text to %s about %s", mobile, duty)
	}
	person, key, _ := strings.Cut(keys[0], " ")
	return notify.ReplyCode(a.d.origin, person, key)
}

const w1Mobile, g1Mobile = "+447700900101", "+447700900111"

// TestAnswersByText is an afternoon of texts: the practitioner says that they have
// discussed the visit and seen the child; the manager can do neither for them.
func TestAnswersByText(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		a := newAnswering(t, w)
		a.takes("2026-09-02 09:00", &pathway.Case{Ref: "KN-1", Pathway: "csc-child-and-family", Opened: at(t, "2026-09-01 09:00"),
			Practitioner: "W1", Manager: "G1", Team: "East"})
		w.scans("2026-09-02 09:00") // the first visit has a text of its own
		a.takes("2026-09-02 15:00", nil, pathway.Event{Case: "KN-1", Kind: "no-access", By: "W2"})
		w.scans("2026-09-02 15:00")
		a.delivers("2026-09-02 15:00")
		discuss, frame := a.code(w1Mobile, "discuss-with-manager"), a.code(g1Mobile, "set-timeframe")
		state := func(duty string) string {
			return strings.Join(w.lines(`SELECT state FROM duties WHERE duty = $1`, duty), ",")
		}
		var text *notify.Message
		for i := range a.sms.got {
			if m := &a.sms.got[i]; m.To.Mobile == w1Mobile && m.Reminders[0].Duty == "discuss-with-manager" {
				text = m
			}
		}
		if text == nil || text.ReplyCode != discuss || !text.Reminders[0].CanDone {
			t.Errorf("the text carries %+v, want the code %s and that DONE can be answered", text, discuss)
		}
		a.sms.got, a.email.got = nil, nil

		for _, c := range []struct {
			name, when, from, text string
			want                   []string
			duty, state            string
		}{
			{"a number that nobody has", "15:01", "+447700900555", "DONE " + discuss, nil, "discuss-with-manager", "open"},
			{"not a command", "15:02", w1Mobile, "I will call you back", []string{"sms " + w1Mobile + " not-understood"}, "discuss-with-manager", "open"},
			{"a code of nobody's", "15:03", w1Mobile, "DONE 2ZZ", []string{"sms " + w1Mobile + " not-understood"}, "discuss-with-manager", "open"},
			{"no code", "15:04", w1Mobile, "done", []string{"sms " + w1Mobile + " no-code"}, "discuss-with-manager", "open"},
			{"somebody else's code", "15:05", g1Mobile, "DONE " + discuss, []string{"sms " + g1Mobile + " unknown-code"}, "discuss-with-manager", "open"},
			{"acknowledged", "15:06", w1Mobile, "ACK " + discuss, []string{"sms " + w1Mobile + " acknowledged KN-1"}, "discuss-with-manager", "open"},
			{"done: it stands as said", "15:07", w1Mobile, "Done " + strings.ToLower(discuss) + ".", []string{"sms " + w1Mobile + " said KN-1"}, "discuss-with-manager", "open"},
			{"done, once more", "15:08", w1Mobile, "DONE " + discuss, []string{"sms " + w1Mobile + " said-already KN-1"}, "discuss-with-manager", "open"},
			{"the manager's text is about two things", "15:09", g1Mobile, "DONE " + frame, []string{"sms " + g1Mobile + " several KN-1"}, "set-timeframe", "open"},
		} {
			t.Run(c.name, func(t *testing.T) {
				if got := a.texts("2026-09-02 "+c.when, c.from, c.text); !slices.Equal(got, c.want) {
					t.Errorf("answered %q, want %q", got, c.want)
				}
				if got := state(c.duty); got != c.state {
					t.Errorf("%s is %s, want %s", c.duty, got, c.state)
				}
			})
		}
		w.scans("2026-09-03 11:00") // four hours before, about the one thing that is the manager's
		a.delivers("2026-09-03 11:00")
		a.sms.got, a.email.got = nil, nil
		w.wants("a date cannot be given by text", a.texts("2026-09-03 11:01", g1Mobile, "DONE "+a.code(g1Mobile, "set-timeframe")), "sms "+g1Mobile+" not-by-text KN-1")
		w.wants("what is on record", w.lines(`SELECT kind, by_person, value FROM events WHERE kind IN ('acknowledged', 'discussed-with-manager') ORDER BY at`),
			"acknowledged W1 discuss-with-manager", "discussed-with-manager W1 ")
		for _, row := range w.lines(`SELECT * FROM replies`) {
			if strings.Contains(row, "call you back") || strings.Contains(row, "900555") {
				t.Errorf("a reply keeps what it should not: %s", row)
			}
		}
	})
}

// TestSeenByTextStandsAsSaidUntilItIsConfirmed: a number can be forged, so the clock of
// every duty that being seen meets runs on, reminders say so, and the record system's
// own event ends it.
func TestSeenByTextStandsAsSaidUntilItIsConfirmed(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.do(`UPDATE people SET channel = 'sms' WHERE id = 'W1'`)
		a := newAnswering(t, w)
		a.takes("2026-09-02 09:00", &pathway.Case{Ref: "KN-1", Pathway: "csc-child-and-family", Opened: at(t, "2026-09-01 09:00"),
			Practitioner: "W1", Manager: "G1", Team: "East"})
		a.takes("2026-09-02 15:00", nil, pathway.Event{Case: "KN-1", Kind: "no-access", By: "W2"})
		w.scans("2026-09-02 15:00")
		a.delivers("2026-09-02 15:00")
		code := a.code(w1Mobile, "see-child-again")
		attempt := func() string { return fmt.Sprint(w.lines(`SELECT MAX(attempt) FROM duties WHERE case_ref = 'KN-1'`)) }
		before := attempt()
		w.wants("answer", a.texts("2026-09-03 11:00", w1Mobile, "SEEN "+code), "sms "+w1Mobile+" said KN-1")
		again := w.lines(`SELECT state, CASE WHEN said_at IS NULL THEN 'not said' ELSE 'said' END FROM duties WHERE duty = 'see-child-again'`)
		w.wants("duty", again, "open said")
		w.wants("and once more", a.texts("2026-09-03 11:05", w1Mobile, "SEEN "+code), "sms "+w1Mobile+" said-already KN-1")
		w.wants("by which way", w.lines(`SELECT kind, way FROM events WHERE kind IN ('seen', 'no-access') ORDER BY at`), "no-access file", "seen text")
		file, err := w.store.Case(t.Context(), "KN-1")
		if err != nil || file.Standing.Attempt != 1 || attempt() != before {
			t.Errorf("the case stands at attempt %d (%v), want 1: being seen is only said", file.Standing.Attempt, err)
		}

		w.scans("2026-09-09 13:00") // before-4h, or whatever the ladder has: the clock runs
		a.delivers("2026-09-09 13:00")
		said := 0
		for _, p := range []*post{&a.sms, &a.email} {
			for _, m := range p.got {
				for _, r := range m.Reminders {
					if r.Duty == "see-child-again" && r.Said.Equal(at(t, "2026-09-03 11:00")) && !r.CanDone {
						said++
					}
				}
			}
		}
		if said == 0 {
			t.Error("no reminder of the duty goes on saying that it was said by text")
		}
		a.takes("2026-09-09 14:00", nil, pathway.Event{Case: "KN-1", Kind: "seen", By: "W1"})
		w.wants("confirmed by the record system", w.lines(`SELECT state FROM duties WHERE duty = 'see-child-again'`), "met")
	})
}

// TestARecordIsDoneByText: what hangs on nothing towards a child counts at once.
func TestARecordIsDoneByText(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	a := newAnswering(t, w)
	a.takes("2026-09-02 09:00", &pathway.Case{Ref: "KN-1", Pathway: "csc-child-and-family", Opened: at(t, "2026-09-01 09:00"),
		Practitioner: "W1", Manager: "G1", Team: "East"})
	a.takes("2026-09-02 15:00", nil, pathway.Event{Case: "KN-1", Kind: "no-access", By: "W2"})
	w.scans("2026-09-02 15:00")
	a.delivers("2026-09-02 15:00")
	for _, when := range []string{"2026-09-03 15:00", "2026-09-03 17:00"} { // by then this duty alone is news
		w.scans(when)
		a.delivers(when)
	}
	a.sms.got = nil
	code := a.code(w1Mobile, "record-practitioner")
	w.wants("answer", a.texts("2026-09-03 17:05", w1Mobile, "DONE "+code), "sms "+w1Mobile+" done KN-1")
	w.wants("duty", w.lines(`SELECT state FROM duties WHERE duty = 'record-practitioner'`), "met")
}

// TestGuessedCodesRecordNothing: all codes that there were before are tried from a
// number, and then as many of today's, while texts that ask for help use up its answers.
func TestGuessedCodesRecordNothing(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.do(`UPDATE people SET channel = 'sms' WHERE id = 'W1'`)
	a := newAnswering(t, w)
	a.takes("2026-09-02 09:00", &pathway.Case{Ref: "KN-1", Pathway: "csc-section-47", Opened: at(t, "2026-09-02 09:00"),
		Practitioner: "W1", Manager: "G1", Team: "East"})
	w.scans("2026-09-02 09:00")
	a.delivers("2026-09-02 09:00")
	code := a.code(w1Mobile, "see-child")
	w.clock.jump(at(t, "2026-09-02 10:00"))
	send := func(id, text, when string) {
		t.Helper()
		if err := a.d.takeReply(t.Context(), at(t, when), notify.BySMS, &notify.Received{ID: id, From: w1Mobile, Text: text, At: at(t, when)}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 6 {
		send(fmt.Sprint("help ", i), "HELP", "2026-09-02 10:00")
	}
	const all = 3072
	for i := range all {
		guess := []byte("20000C")[:5]
		for place, n := 4, i; place > 0; place, n = place-1, n/22 {
			guess[place] = "0123456789CFJKNPRTVWXY"[n%22]
		}
		guess[4] = "CFJKNPRTVWXY"[i%12]
		if string(guess) != code {
			send(fmt.Sprint("guess ", i), "SEEN "+string(guess), "2026-09-02 10:01")
		}
	}
	w.wants("seen", w.lines(`SELECT id FROM events WHERE kind = 'seen'`))
	w.wants("wrong codes, and then locked", w.lines(`SELECT outcome, COUNT(*) > 100 FROM replies WHERE verb = 'SEEN' GROUP BY outcome ORDER BY outcome`),
		"locked "+truth(w, true), "unknown-code "+truth(w, false))
	w.wants("operations", w.lines(`SELECT COUNT(*) FROM messages WHERE person = 'operations' AND payload LIKE '%codes-guessed%'`), "1")
	w.wants("the right code, once locked", a.texts("2026-09-02 10:30", w1Mobile, "SEEN "+code)[:0])
	w.wants("seen, once locked", w.lines(`SELECT id FROM events WHERE kind = 'seen'`))
	w.wants("the right code, the day after", a.texts("2026-09-03 00:05", w1Mobile, "SEEN "+code), "sms "+w1Mobile+" said KN-1")
}

// TestALockEndsWithTheDay, whatever day a clock that was wrong had taken it for.
func TestALockEndsWithTheDay(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.textsOnly()
		a := newAnswering(t, w)
		a.takes("2026-09-02 09:00", &pathway.Case{Ref: "KN-1", Pathway: "csc-section-47", Opened: at(t, "2026-09-02 09:00"),
			Practitioner: "W1", Manager: "G1", Team: "East"})
		w.scans("2026-09-02 09:00")
		a.delivers("2026-09-02 09:00")
		code := a.code(w1Mobile, "see-child")
		for i := range wrongCodesADay {
			when := at(t, "2027-09-02 10:00")
			err := a.d.takeReply(t.Context(), when, notify.BySMS, &notify.Received{ID: fmt.Sprint("guess ", i), From: w1Mobile, Text: "SEEN 2000C", At: when})
			if err != nil {
				t.Fatal(err)
			}
		}
		w.wants("the right code, by the right clock", a.texts("2026-09-02 10:30", w1Mobile, "SEEN "+code), "sms "+w1Mobile+" said KN-1")
	})
}

// truth is how a database prints a truth.
func truth(w *world, is bool) string { return w.lines(`SELECT $1 = 1`, map[bool]int{true: 1}[is])[0] }

// TestAChangeIsConfirmedHoweverManyAnswersWent: six texts that ask for help do not
// silence what a seventh changes.
func TestAChangeIsConfirmedHoweverManyAnswersWent(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	a := newAnswering(t, w)
	a.takes("2026-09-02 09:00", &pathway.Case{Ref: "KN-1", Pathway: "csc-child-and-family", Opened: at(t, "2026-09-01 09:00"),
		Practitioner: "W1", Manager: "G1", Team: "East"})
	w.scans("2026-09-02 09:00") // the first visit has a text of its own
	a.takes("2026-09-02 15:00", nil, pathway.Event{Case: "KN-1", Kind: "no-access", By: "W2"})
	w.scans("2026-09-02 15:00")
	a.delivers("2026-09-02 15:00")
	code := a.code(w1Mobile, "discuss-with-manager")
	a.sms.got = nil
	for range answersAnHour {
		w.wants("help", a.texts("2026-09-02 15:01", w1Mobile, "HELP"), "sms "+w1Mobile+" help")
	}
	w.wants("help, once more", a.texts("2026-09-02 15:02", w1Mobile, "HELP"))
	w.wants("done", a.texts("2026-09-02 15:03", w1Mobile, "DONE "+code), "sms "+w1Mobile+" said KN-1")
	w.wants("acknowledged", a.texts("2026-09-02 15:04", w1Mobile, "ACK "+code), "sms "+w1Mobile+" acknowledged KN-1")
}

// TestStopIsKeptAndUndone: STOP ends texts, urgent ones go by email, START begins
// them again; HELP explains.
func TestStopIsKeptAndUndone(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	w.textsOnly()
	a := newAnswering(t, w)
	w.wants("stop", a.texts("2026-09-02 10:00", w1Mobile, "Stop"), "email w1@example.org stopped")
	w.wants("stop, again", a.texts("2026-09-02 10:00", w1Mobile, "STOP"))
	w.rules.Ladders["urgent"].EveryChannel = false
	w.opens(duty{ref: "KN-2", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
	w.scans("2026-09-02 10:00")
	a.delivers("2026-09-02 10:00")
	w.wants("by email", a.went(), "w1@example.org: KN-2 discuss start")
	w.wants("start", a.texts("2026-09-02 10:05", w1Mobile, "START"), "sms "+w1Mobile+" started")
	w.wants("help", a.texts("2026-09-02 10:06", w1Mobile, "help"), "sms "+w1Mobile+" help")
	w.scans("2026-09-03 06:00")
	a.delivers("2026-09-03 06:00")
	w.wants("by text again", a.went(), "+447700900101: KN-2 discuss before-4h")
}

// TestTwoMachinesThatAnswerEachOtherFallSilent.
func TestTwoMachinesThatAnswerEachOtherFallSilent(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	a := newAnswering(t, w)
	answered := 0
	for i := range 30 {
		answered += len(a.texts(fmt.Sprintf("2026-09-02 10:%02d", i), w1Mobile, "I am on leave"))
	}
	if answered != answersAnHour {
		t.Errorf("%d answers in half an hour, want %d", answered, answersAnHour)
	}
}

// TestTextsAreAskedForAsOftenAsTheyMust: callbacks of receipts say nothing about
// texts that come in.
func TestTextsAreAskedForAsOftenAsTheyMust(t *testing.T) {
	for _, c := range []struct {
		name   string
		sender Sender
		want   time.Duration
	}{
		{"asked for both", Sender{}, listenEvery},
		{"told of receipts only", Sender{ReceiptsComeIn: true}, listenEvery},
		{"told of texts", Sender{TextsComeIn: true}, callbackGrace},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newWorld(t, storetest.MigratedSQLiteURL(t)).network().d
			clock := &steppingClock{now: at(t, "2026-09-02 10:00")}
			d.clock = clock
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			ears := &hears{clock: clock, enough: stop}
			c.sender.Channel = ears
			d.listen(ctx, notify.BySMS, c.sender)
			if got := ears.asked[1].Sub(ears.asked[0]); got != c.want {
				t.Errorf("asked again after %s, want %s", got, c.want)
			}
		})
	}
}

// hears is a provider whom nobody texts. It has had enough when it is asked twice.
type hears struct {
	post
	clock  Clock
	asked  []time.Time
	enough func()
}

func (h *hears) Received(context.Context, time.Time) ([]notify.Received, error) {
	if h.asked = append(h.asked, h.clock.Now()); len(h.asked) == 2 {
		h.enough()
	}
	return nil, nil
}
