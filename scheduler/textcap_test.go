package scheduler

import (
	"fmt"
	"testing"
)

// TestEleventhRoutineTextOfADayIsAnEmail; urgent texts are neither counted nor held
// back, and the next day counts anew.
func TestEleventhRoutineTextOfADayIsAnEmail(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.do(`UPDATE people SET channel = 'sms' WHERE id = 'W1'`)
		scanner := w.scanner()
		scanner.textsADay = 10
		scan := func(when string) {
			w.clock.jump(at(t, when))
			if _, err := scanner.Scan(t.Context(), nil, w.clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		w.opens(duty{ref: "KN-U", id: "discuss", ladder: "urgent", opened: "2026-09-02 09:00", due: "2026-09-03 09:00", recorder: "G1"})
		scan("2026-09-02 09:00")
		for i := range 12 {
			when := fmt.Sprintf("2026-09-02 10:%02d", i)
			w.opens(duty{ref: fmt.Sprint("KN-", i), id: "see", ladder: "routine", opened: when, due: "2026-09-16 17:00", recorder: "G1"})
			scan(when)
		}
		count := func(day, ladder string) []string {
			return w.lines(`SELECT r.channel, COUNT(*) FROM reminders r JOIN duties d ON d.id = r.duty_id
				WHERE r.person = 'W1' AND r.created_at >= $1 AND d.ladder = $2 GROUP BY r.channel ORDER BY r.channel`, at(t, day+" 00:00").UnixMilli(), ladder)
		}
		w.wants("routine", count("2026-09-02", "routine"), "email 2", "sms 10")
		w.wants("urgent", count("2026-09-02", "urgent"), "email 1", "sms 1")

		w.opens(duty{ref: "KN-T", id: "see", ladder: "routine", opened: "2026-09-03 10:00", due: "2026-09-17 17:00", recorder: "G1"})
		scan("2026-09-03 10:00")
		w.wants("the next day", count("2026-09-03", "routine"), "sms 1")
	})
}
