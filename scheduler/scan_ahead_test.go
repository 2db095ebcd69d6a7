package scheduler

import (
	"fmt"
	"slices"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// TestAnUrgentMessageAtNightNamesWhatElseTheVisitHasOpened: paperwork and what waits for
// the office wake nobody, and when their time comes nobody is told again of what she has
// read. Each line stands at its own time all the same. So it is with a visit that is
// recorded when the office has closed.
func TestAnUrgentMessageAtNightNamesWhatElseTheVisitHasOpened(t *testing.T) {
	for _, tt := range []struct{ name, visit, timeframe, scanned, morning, office string }{
		{"at night", "2026-09-02 22:00", "2026-09-03 07:00", "2026-09-02 22:00", "2026-09-03 07:00", "2026-09-03 08:00"},
		{"recorded in the evening", "2026-09-02 17:50", "2026-09-02 17:50", "2026-09-02 18:30", "2026-09-03 07:00", "2026-09-03 08:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			onEveryDatabase(t, func(t *testing.T, w *world) {
				w.rules.Ladders["urgent"].Rest = pathway.Rest{From: 21 * 60, Until: 7 * 60}
				w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: tt.visit, due: "2026-09-04 12:00", recorder: "W1"})
				paperwork := w.opens(duty{ref: "KN-1", id: "timeframe", ladder: "urgent", owner: pathway.Manager, opened: tt.visit, due: "2026-09-04 12:00", recorder: "W1"})
				w.do(`UPDATE duties SET paperwork = TRUE, next_rung_at = $1 WHERE id = $2`, at(t, tt.timeframe).UnixMilli(), paperwork)
				w.opens(duty{ref: "KN-1", id: "record", ladder: "routine", owner: pathway.Manager, opened: tt.visit, due: "2026-09-04 17:00", recorder: "W1"})
				w.opens(duty{ref: "KN-1", id: "mine", ladder: "routine", opened: tt.visit, due: "2026-09-04 17:00", recorder: "W1"})
				said := map[string][]string{}
				for _, when := range []string{tt.scanned, tt.morning, tt.office} {
					s := w.scanner()
					s.wrote = func(due []store.DueDuty, reminders []store.Reminder) {
						for _, r := range reminders {
							d := slices.IndexFunc(due, func(d store.DueDuty) bool { return d.ID == r.Duty })
							if r.Reason == pathway.Sent {
								said[due[d].Duty.ID] = append(said[due[d].Duty.ID], when+" "+r.Person+" "+r.Channel)
							}
						}
					}
					w.clock.jump(at(t, when))
					if _, err := s.Scan(t.Context(), nil, at(t, when)); err != nil {
						t.Fatal(err)
					}
				}
				w.wants("what the messages name", w.lines(`SELECT m.channel, d.duty FROM messages m JOIN reminders r ON r.message_id = m.id JOIN duties d ON d.id = r.duty_id ORDER BY 1, 2`),
					"email discuss", "email record", "email timeframe", "sms discuss", "sms timeframe")
				w.wants("messages in all", w.lines(`SELECT channel FROM messages ORDER BY 1`), "email", "sms")
				start := tt.morning
				if tt.timeframe == tt.visit {
					start = tt.scanned
				}
				w.wants("lines of what is urgent", said["discuss"], tt.scanned+" G1 email", tt.scanned+" G1 sms")
				w.wants("lines of paperwork", said["timeframe"], start+" G1 email", start+" G1 sms")
				w.wants("lines of what waits for the office", said["record"], tt.office+" G1 email")
				w.wants("what it climbs to next", w.lines(`SELECT next_rung_at FROM duties WHERE duty = 'record'`), fmt.Sprint(at(t, "2026-09-03 08:30").UnixMilli()))
			})
		})
	}
}

// TestWhatWasToBeNamedWaitsWhereTheRestIsMet: a message that has nothing left to say but
// what waits goes with it in the morning, and so does what it says where another channel
// takes its place.
func TestWhatWasToBeNamedWaitsWhereTheRestIsMet(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		discuss := w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 22:00", due: "2026-09-03 22:00", recorder: "W1"})
		w.opens(duty{ref: "KN-1", id: "record", ladder: "routine", owner: pathway.Manager, opened: "2026-09-02 22:00", due: "2026-09-04 17:00", recorder: "W1"})
		w.scans("2026-09-02 22:00")
		w.meets(discuss, "2026-09-02 22:01")
		var p post
		w.posts("2026-09-02 22:01", &p)
		w.wants("at night", p.letters())
		w.scans("2026-09-03 08:00")
		w.posts("2026-09-03 08:00", &p)
		w.wants("in the morning", p.letters(), "g1@example.org: KN-1 record start")
	})
}
