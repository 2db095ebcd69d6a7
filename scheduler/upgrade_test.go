package scheduler

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// TestAnEarlierDoorstepWithWorkInItGoesOn: what was due stays due when it was, nobody is
// told twice, what waited goes, and what nobody heard of any more is asked about from the
// day of the new pathway files on.
func TestAnEarlierDoorstepWithWorkInItGoesOn(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storetest.MigratedSQLiteURL, "Postgres": storetest.MigratedPostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{t: t, url: url(t), clock: &jumpingClock{}}
			w.store, w.behind = storetest.Open(t, w.url), storetest.LookBehind(t, w.url)
			w.db = w.behind.DB
			storetest.RestoreOfBefore(t, w.store)
			upgrade(t, w)
		})
	}
}

func upgrade(t *testing.T, w *world) {
	const upgraded = "2026-11-30 09:00"
	duties := func(where string) []string {
		return w.lines("SELECT case_ref, duty, opening, due_at, state FROM duties WHERE " + where + " ORDER BY case_ref, duty, opening")
	}
	before, sent := duties("TRUE"), w.lines("SELECT key FROM messages WHERE state = 'sent' ORDER BY key")
	waiting := w.lines("SELECT key FROM messages WHERE state IN ('queued', 'failed-temporarily') ORDER BY key")
	if open := duties("state = 'open' AND due_at < " + fmt.Sprint(at(t, upgraded).UnixMilli())); len(before) < 40 || len(open) < 10 || len(sent) < 30 || len(waiting) < 5 {
		t.Fatalf("restored are %d duties, %d of them overdue, %d messages sent and %d that wait; want the work of a service", len(before), len(open), len(sent), len(waiting))
	}

	w.rules = storetest.Adopted(t, w.store, at(t, upgraded))
	var mail, texts post
	goesOn := func(when string) {
		t.Helper()
		w.clock.jump(at(t, when))
		if _, err := w.scanner().scanAndTell(t.Context(), nil, at(t, when)); err != nil {
			t.Fatalf("scan at %s: %v", when, err)
		}
		w.posts(when, &mail)
		if _, err := w.sender("a").drain(context.Background(), notify.BySMS, &texts); err != nil {
			t.Fatalf("sending texts at %s: %v", when, err)
		}
	}
	for _, when := range []string{upgraded, "2026-11-30 09:01", "2026-11-30 09:02"} {
		goesOn(when)
	}

	now := duties("TRUE")
	for _, d := range before {
		if !slices.Contains(now, d) {
			t.Errorf("duty %s is lost, moved or settled by the upgrade: %s", d, strings.Join(now, "; "))
		}
	}
	for _, d := range w.lines("SELECT case_ref, duty FROM duties WHERE opened_at BETWEEN $1 AND $2 ORDER BY case_ref, duty", at(t, upgraded).UnixMilli(), at(t, "2026-11-30 09:02").UnixMilli()) {
		if d != "KN-20 decide-next-step" {
			t.Errorf("the upgrade opens %s, want only the question what is next on the silent case", d)
		}
	}
	w.wants("what is asked of the silent case", w.lines("SELECT duty, state, opened_at FROM duties WHERE case_ref = 'KN-20' AND duty = 'decide-next-step'"),
		fmt.Sprintf("decide-next-step open %d", at(t, upgraded).UnixMilli()))

	times := map[string]int{}
	for _, m := range append(mail.got, texts.got...) {
		times[m.Key]++
	}
	for _, key := range sent {
		if times[key] > 0 {
			t.Errorf("message %s was sent by the earlier Doorstep, and is sent again", key)
		}
	}
	for _, key := range waiting {
		if times[key] != 1 {
			t.Errorf("message %s, which waited, is sent %d times, want once", key, times[key])
		}
	}

	// The same events as before, and one more, say the same of what was due before.
	_, err := w.store.Record(t.Context(), at(t, "2026-11-30 10:00"), "W1", []pathway.Event{
		{Case: "KN-3", Kind: pathway.KindAddressConfirmed, At: at(t, "2026-11-30 09:30"), By: "W1"},
		{Case: "KN-5", Kind: pathway.KindDiscussedWithManager, At: at(t, "2026-11-30 09:30"), By: "W1"},
	}, store.RecordOptions{Rules: w.rules, Way: pathway.WayCommand})
	if err != nil {
		t.Fatal(err)
	}
	due := func(line string) string { return line[:strings.LastIndex(line, " ")] } // without its state
	dues := map[string]bool{}
	for _, d := range duties("TRUE") {
		dues[due(d)] = true
	}
	for _, d := range before {
		if !dues[due(d)] {
			t.Errorf("an event after the upgrade moved or lost the duty %s", d)
		}
	}
	w.wants("the duty to discuss, after the discussion", w.lines("SELECT DISTINCT state FROM duties WHERE case_ref = 'KN-5' AND duty = 'discuss-with-manager'"), "met")

	for _, when := range []string{"2026-11-30 10:01", "2026-11-30 17:01", "2026-12-01 08:31", "2026-12-02 08:31"} {
		goesOn(when)
	}
	for _, m := range append(mail.got[:len(mail.got):len(mail.got)], texts.got...) {
		if slices.Contains(sent, m.Key) {
			t.Errorf("message %s of the earlier Doorstep is sent again", m.Key)
		}
	}
	if twice := w.lines("SELECT duty_id, due_at, rung, person, channel FROM reminders WHERE reason = 'sent' GROUP BY duty_id, due_at, rung, person, channel HAVING count(*) > 1 AND rung NOT IN ('set', 'again')"); len(twice) > 0 {
		t.Errorf("told twice of one thing: %v", twice)
	}
	if late := w.lines("SELECT DISTINCT case_ref FROM duties d JOIN reminders r ON r.duty_id = d.id WHERE r.created_at >= $1 ORDER BY case_ref", at(t, "2026-12-01 08:31").UnixMilli()); len(late) < 5 {
		t.Errorf("on the days after the upgrade something is said of %v, want of the cases with duties that are overdue", late)
	}
}
