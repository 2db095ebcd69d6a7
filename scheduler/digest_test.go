package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// reads counts somebody's digest and returns it as text, a section a line.
func (w *world) reads(person, when string) []string {
	w.t.Helper()
	d, err := NewDigests(w.store, w.rules).BuildDigest(context.Background(), person, at(w.t, when))
	if err != nil {
		w.t.Fatalf("the digest of %s at %s: %v", person, when, err)
	}
	return w.asText(d)
}

func (w *world) asText(d *notify.Digest) []string {
	var out []string
	for _, s := range d.Sections {
		var lines []string
		for _, l := range s.Lines {
			text := strings.TrimSpace(l.CaseRef + " " + l.Note + noted(&l))
			if l.Urgent {
				text += "!"
			}
			lines = append(lines, text)
		}
		out = append(out, string(s.ID)+": "+strings.Join(lines, ", "))
	}
	for _, team := range d.Teams {
		text := fmt.Sprintf("%s: %d overdue, %d today, %d coming", team.Team, team.Overdue, team.DueToday, team.Coming)
		if !team.Oldest.IsZero() {
			text += ", longest " + team.OldestOf + " since " + team.Oldest.In(london(w.t)).Format("2 January 15:04")
		}
		out = append(out, text)
	}
	return out
}

func TestDigestListsWhatIsOverdueAndWhatComes(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		// A Friday; Monday 31 August 2026 is a bank holiday.
		for ref, due := range map[string]string{
			"LATE-1":  "2026-08-25 17:00",
			"LATE-2":  "2026-08-27 17:00",
			"TODAY-1": "2026-08-28 17:00",
			"OPEN-1":  "2026-08-30 17:00", // Sunday
			"SOON-1":  "2026-09-01 17:00", // first working day ahead
			"SOON-3":  "2026-09-03 17:00", // third
			"FAR":     "2026-09-04 17:00",
		} {
			w.opens(duty{ref: ref, id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: due})
		}
		w.opens(duty{ref: "LATE-3", id: "discuss", ladder: "urgent", opened: "2026-08-26 10:00", due: "2026-08-27 18:00"})
		w.opens(duty{ref: "OPEN-2", id: "discuss", ladder: "urgent", opened: "2026-08-31 07:00", due: "2026-09-01 07:00"})
		w.opens(duty{ref: "OTHER", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00", manager: "G2"})
		met := w.opens(duty{ref: "MET", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00"})
		w.meets(met, "2026-08-25 10:00")

		w.wants("the manager's", w.reads("G1", "2026-08-28 08:00"),
			"overdue: LATE-1, LATE-3!, LATE-2", // of those since the 27th the urgent one first
			"due-today: TODAY-1",
			"before-open: OPEN-1, OPEN-2!",
			"coming: SOON-1, SOON-3")
		w.wants("the service manager's", w.reads("V1", "2026-08-28 08:00"),
			"East: 4 overdue, 1 today, 4 coming, longest LATE-1 since 25 August 17:00")
	})
}

// noted says what a line has besides its duty.
func noted(l *notify.DigestLine) string {
	switch {
	case l.Absence != nil:
		return fmt.Sprintf("until %s, %d duties, %s covers", l.Absence.Until.UTC().Format("2 Jan 15:04"), l.Absence.Duties, l.Absence.Cover)
	case l.Undelivered != nil:
		return fmt.Sprintf("%s to %s: %s, instead %v", l.Undelivered.Channel, l.Undelivered.Person, l.Undelivered.Reason, l.Undelivered.Instead)
	}
	return strings.Join(l.StillToRecord, "+")
}

func TestEmptyDigestIsEmpty(t *testing.T) {
	w := newWorld(t, sqliteURL(t))
	w.wants("sections", w.reads("G1", "2026-08-28 08:00"))
	w.wants("the service manager's", w.reads("V1", "2026-08-28 08:00"), "East: 0 overdue, 0 today, 0 coming")
	_, err := NewDigests(w.store, w.rules).BuildDigest(t.Context(), "X9", at(t, "2026-08-28 08:00"))
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of somebody unknown: got %v, want %v", err, store.ErrNotFound)
	}
}

func TestDigestShowsWhatStandsOut(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.do(`UPDATE people SET away_from = $1, away_until = $2, cover = 'W1' WHERE id = 'W2'`,
			at(t, "2026-09-01 00:00").UnixMilli(), at(t, "2026-09-14 00:00").UnixMilli())
		w.opens(duty{ref: "AWAY-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-10-01 17:00", practitioner: "W2"})
		w.opens(duty{ref: "AWAY-2", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-10-01 17:00", practitioner: "W2"})
		w.opens(duty{ref: "CAP-1", id: "see", ladder: "routine", opened: "2026-09-01 10:00", due: "2026-09-18 17:00", laterOn: true})
		w.do(`INSERT INTO flags (case_ref, id, event, duty, text, raised_at) VALUES
			('CAP-1', 'later-than-cap', 'e1', 'see', 'asked for Wed 30 September', $1),
			('CAP-1', 'cancelled', 'e2', '', 'three visits in a row cancelled', $1),
			('CAP-1', 'cancelled', 'e3', '', 'long ago', 0)`, at(t, "2026-09-01 10:00").UnixMilli())
		for _, owner := range []string{"practitioner", "manager"} {
			w.opens(duty{ref: "BOTH-1", id: "record-" + owner, ladder: "routine", owner: pathway.Role(owner), opened: "2026-09-01 10:00", due: "2026-09-02 17:00", bothRecord: true})
		}
		once := w.opens(duty{ref: "BOTH-2", id: "record-p", ladder: "routine", opened: "2026-09-01 10:00", due: "2026-09-02 17:00", bothRecord: true})
		w.meets(once, "2026-09-01 11:00")
		w.opens(duty{ref: "BOTH-2", id: "record-m", ladder: "routine", owner: "manager", opened: "2026-09-01 10:00", due: "2026-09-02 17:00", bothRecord: true})

		w.wants("the manager's", w.reads("G1", "2026-09-02 08:00"),
			"due-today: BOTH-1, BOTH-1, BOTH-2",
			"beyond-cap: CAP-1 asked for Wed 30 September",
			"both-record: BOTH-1 manager+practitioner, BOTH-2 manager",
			"away: until 13 Sep 23:00, 2 duties, W1 covers",
			"flags: CAP-1 three visits in a row cancelled")
	})
}

func TestUndeliveredReminderStandsInTheDigestUntilItsDutyIsMet(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		id := w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-09 10:00", recorder: "G1"})
		w.scans("2026-09-02 10:00")
		w.posts("2026-09-02 10:00", &post{answer: answers(notify.Failed, "the mailbox does not exist")})

		w.wants("while it is open", w.reads("G1", "2026-09-03 08:00"), "undelivered: KN-1 email to W1: the mailbox does not exist, instead []")
		w.meets(id, "2026-09-03 09:00")
		w.wants("once it is met", w.reads("G1", "2026-09-04 08:00"))
	})
}

func TestAwayManagersDigestGoesToCover(t *testing.T) {
	w := newWorld(t, sqliteURL(t))
	w.do(`UPDATE people SET away_from = $1 WHERE id = 'G1'`, at(t, "2026-09-01 00:00").UnixMilli())
	w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00"})
	w.wants("cover's", w.reads("G2", "2026-09-02 08:00"), "overdue: KN-1")
	w.queues("2026-09-02 08:00", "2026-09-02 08:00")
	w.wants("who gets one", w.lines(`SELECT key FROM messages ORDER BY key`), "digest/G2/2026-09-02", "digest/V1/2026-09-02")
}

func TestGoneManagersDutiesAreReadByTheManagerAbove(t *testing.T) {
	w := newWorld(t, sqliteURL(t))
	w.do(`UPDATE people SET active_until = $1 WHERE id = 'G1'`, at(t, "2026-09-01 00:00").UnixMilli())
	w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-08-25 17:00"})
	w.wants("the service manager's", w.reads("V1", "2026-09-02 08:00"),
		"overdue: KN-1", "East: 1 overdue, 0 today, 0 coming, longest KN-1 since 25 August 17:00")
}

// queues runs the digest's schedule: now, for a time of the schedule.
func (w *world) queues(now, due string) map[string]int {
	w.t.Helper()
	counts, err := NewDigests(w.store, w.rules).Queue(context.Background(), nil, at(w.t, now), at(w.t, due))
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

func TestDigestScheduleLeavesOutDaysOff(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
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

func TestDigestOfTheWeekendIsNotCountedOnMonday(t *testing.T) {
	w := newWorld(t, sqliteURL(t))
	w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-08-20 10:00", due: "2026-09-07 08:00"})
	w.wants("on Friday", w.reads("G1", "2026-09-04 08:00"), "before-open: KN-1")
	w.wants("on Monday at eight", w.reads("G1", "2026-09-07 08:00"), "due-today: KN-1")
	w.wants("a moment later", w.asText(must(NewDigests(w.store, w.rules).BuildDigest(t.Context(), "G1", at(t, "2026-09-07 08:00").Add(time.Millisecond)))), "overdue: KN-1")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
