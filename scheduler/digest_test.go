package scheduler

import (
	"context"
	"fmt"
	"testing"
)

// queues runs the digest's schedule: now, for a time of the schedule.
func (w *world) queues(now, due string) map[string]int {
	w.t.Helper()
	counts, err := (&digests{store: w.store, rules: w.rules}).queue(context.Background(), nil, at(w.t, now), at(w.t, due))
	if err != nil {
		w.t.Fatal(err)
	}
	return counts
}

func TestDigestIsSentOnceADayAndSaysWhenItIsLate(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		if counts := w.queues("2026-09-02 08:00", "2026-09-02 08:00"); counts[CountMessages] != 3 {
			t.Errorf("at eight: counted %v, want 3 messages", counts)
		}
		if counts := w.queues("2026-09-02 09:00", "2026-09-02 08:00"); counts[CountMessages] != 0 {
			t.Errorf("again at nine: counted %v, want no message", counts)
		}
		w.queues("2026-09-03 11:30", "2026-09-03 08:00") // after an outage
		var p post
		w.posts("2026-09-03 11:30", &p)

		var got []string
		for _, m := range p.got {
			got = append(got, fmt.Sprintf("%s %s late=%v due %s", m.Kind, m.To.Email, m.Digest.Late, m.Digest.DueAt.In(london(t)).Format("2 January 15:04")))
		}
		w.wants("those of the day before are of no use any more; today's say that they are late", got,
			"digest g1@example.org late=true due 3 September 08:00",
			"digest g2@example.org late=true due 3 September 08:00",
			"team-digest v1@example.org late=true due 3 September 08:00")
	})
}

// TestDigestWithNothingToSayIsSentOnceAWeek: by the first run of the week, whichever
// day that is.
func TestDigestWithNothingToSayIsSentOnceAWeek(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		d, err := New(Settings{Store: w.store, Rules: w.rules, DutyDesk: dutyDesk, Clock: w.clock, Schedules: Schedules{Digest: "0 8 * * MON-FRI"}})
		if err != nil {
			t.Fatal(err)
		}
		w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-26 10:00", due: "2026-09-03 17:00"})
		next := w.steps(d.runner, d.jobs[0], "2026-08-27 07:00") // a Thursday
		for range 4 {
			next = w.steps(d.runner, d.jobs[0], next)
		}
		w.steps(d.runner, d.jobs[0], "2026-09-08 10:00") // down on Monday
		w.wants("digests of the manager who has nothing", w.lines(`SELECT key FROM messages WHERE person = 'G2' ORDER BY key`),
			"digest/G2/2026-08-27", "digest/G2/2026-09-01", "digest/G2/2026-09-08") // 31 August is a bank holiday
		w.wants("digests of the manager whose duty is due on Thursday", w.lines(`SELECT key FROM messages WHERE person = 'G1' ORDER BY key`),
			"digest/G1/2026-08-27", "digest/G1/2026-08-28", "digest/G1/2026-09-01", "digest/G1/2026-09-08")
	})
}

func TestDigestScheduleLeavesOutDaysOff(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00"})
		d, err := New(Settings{Store: w.store, Rules: w.rules, DutyDesk: dutyDesk, Clock: w.clock, Schedules: Schedules{Digest: "0 8 * * *"}})
		if err != nil {
			t.Fatal(err)
		}
		next := w.steps(d.runner, d.jobs[0], "2026-08-28 07:00")
		for range 3 {
			next = w.steps(d.runner, d.jobs[0], next)
		}
		w.wants("digests of the manager", w.lines(`SELECT key FROM messages WHERE person = 'G1' ORDER BY key`),
			"digest/G1/2026-08-28", "digest/G1/2026-09-01", "digest/G1/2026-09-02") // Monday was a bank holiday
	})
}

// TestChairsHaveADigestOnceAWeek: on Monday, or on the next working day, where one of the
// cases that they track has something to tell.
func TestChairsHaveADigestOnceAWeek(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		d, err := New(Settings{Store: w.store, Rules: w.rules, DutyDesk: dutyDesk, Clock: w.clock, Schedules: Schedules{Digest: "0 8 * * MON-FRI"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"C1", "C2"} {
			w.behind.Insert("people", map[string]any{"id": id, "name": "Somebody", "role": "chair", "channel": "email", "email": id + "@example.org"})
		}
		w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00"})
		w.do(`UPDATE cases SET chair = 'C1', pathway = 'csc'`)
		next := w.steps(d.runner, d.jobs[0], "2026-08-28 07:00") // a Friday, and the first of the week
		for range 8 {
			next = w.steps(d.runner, d.jobs[0], next)
		}
		w.wants("digests of chairs", w.lines(`SELECT key FROM messages WHERE kind = 'chair-digest' ORDER BY key`),
			"chair-digest/C1/2026-08-28", "chair-digest/C1/2026-09-01", "chair-digest/C1/2026-09-07") // 31 August is a bank holiday
	})
}
