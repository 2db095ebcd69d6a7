package scheduler

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func TestUrgentDutyClimbsToTheServiceManager(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "W1"})

		w.scans("2026-09-02 10:00")
		w.told("at the start, all but who recorded the event", "2026-09-02 10:00",
			"discuss start W1 email recorder", "discuss start W1 sms recorder",
			"discuss start G1 email sent", "discuss start G1 sms sent")
		w.scans("2026-09-03 05:59")
		w.told("a minute early, nobody", "2026-09-03 05:59")
		w.scans("2026-09-03 06:00")
		w.told("4 hours before, whose duty it is", "2026-09-03 06:00",
			"discuss before-4h W1 email sent", "discuss before-4h W1 sms sent")
		w.scans("2026-09-03 10:00")
		w.told("when it is due, the manager too", "2026-09-03 10:00",
			"discuss due W1 email sent", "discuss due W1 sms sent", "discuss due G1 email sent", "discuss due G1 sms sent")
		w.scans("2026-09-03 14:00")
		w.told("after 4 hours, the service manager", "2026-09-03 14:00",
			"discuss after-4h G1 email sent", "discuss after-4h G1 sms sent", "discuss after-4h V1 email sent", "discuss after-4h V1 sms sent")
		if next, err := w.store.NextRung(t.Context()); err != nil || !next.IsZero() {
			t.Errorf("at the top of the ladder: next rung at %s (error %v), want none", next, err)
		}
	})
}

func TestMissedRungsMergeIntoTheMostSerious(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})

		counts := w.scans("2026-09-03 11:00")

		w.told("after an outage", "2026-09-03 11:00",
			"discuss due W1 email sent", "discuss due W1 sms sent", "discuss due G1 email sent", "discuss due G1 sms sent",
			"discuss before-4h W1 email merged-into", "discuss before-4h W1 sms merged-into",
			"discuss start W1 email merged-into", "discuss start W1 sms merged-into",
			"discuss start G1 email recorder", "discuss start G1 sms recorder")
		w.wants("into what", w.lines(`SELECT DISTINCT rung, merged_into FROM reminders WHERE reason = 'merged-into' ORDER BY 1`),
			"before-4h due", "start due")
		w.wants("standing for", w.lines(`SELECT DISTINCT stands_for FROM reminders WHERE reason = 'sent'`), "2")
		if counts[CountMerged] != 2 || counts[CountMessages] != 4 {
			t.Errorf("counted %v, want 2 merged rungs and 4 messages", counts)
		}
	})
}

// TestMissedRungsAreSaidToEverybodyOneOfThemWouldHaveTold: the owner is not left out
// because her rung has passed, nor the manager because only a warning to the owner is
// still ahead of the due time. Whoever recorded the visit is left out of the start only.
func TestMissedRungsAreSaidToEverybodyOneOfThemWouldHaveTold(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "W1"})
		w.opens(duty{ref: "KN-2", id: "discuss", ladder: "urgent", opened: "2026-09-01 10:00", due: "2026-09-02 10:00", recorder: "W2", practitioner: "W2"})

		w.scans("2026-09-03 07:00") // the first with 3 hours left, the second 21 hours overdue

		w.told("with one message each", "2026-09-03 07:00",
			"discuss before-4h W1 email sent", "discuss before-4h W1 sms sent", "discuss before-4h G1 email sent", "discuss before-4h G1 sms sent",
			"discuss start W1 email recorder", "discuss start W1 sms recorder", "discuss start G1 email merged-into", "discuss start G1 sms merged-into",

			"discuss after-4h W2 email sent", "discuss after-4h W2 sms sent", "discuss after-4h G1 email sent", "discuss after-4h G1 sms sent",
			"discuss after-4h V1 email sent", "discuss after-4h V1 sms sent",
			"discuss due W2 email merged-into", "discuss due W2 sms merged-into", "discuss due G1 email merged-into", "discuss due G1 sms merged-into",
			"discuss before-4h W2 email merged-into", "discuss before-4h W2 sms merged-into",
			"discuss start W2 email recorder", "discuss start W2 sms recorder", "discuss start G1 email merged-into", "discuss start G1 sms merged-into")
		w.wants("the owner as herself", w.lines(`SELECT DISTINCT person, role FROM reminders WHERE reason = 'sent' AND rung = 'after-4h' ORDER BY 1`),
			"G1 manager", "V1 service-manager", "W2 practitioner")
	})
}

func TestSecondScanWritesNothing(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00"})
		w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})

		first := w.scans("2026-09-02 10:00")
		again := w.scans("2026-09-02 10:00")
		late := w.scans("2026-09-02 10:30")

		if first[CountDue] != 2 || again[CountDue] != 0 || late[CountDue] != 0 {
			t.Errorf("due at the first scan, the same again, and a late one: got %d, %d, %d, want 2, 0, 0",
				first[CountDue], again[CountDue], late[CountDue])
		}
		w.wants("messages", w.lines(`SELECT COUNT(*) FROM messages`), "4") // the start of see is part of an urgent email
	})
}

func TestParallelScansWriteOnce(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		const cases = 40
		for i := range cases {
			w.opens(duty{ref: "KN-" + string(rune('A'+i%26)) + string(rune('A'+i/26)), id: "discuss", ladder: "urgent",
				opened: "2026-09-02 10:00", due: "2026-09-03 10:00"})
		}
		now := at(t, "2026-09-02 10:00")
		w.clock.jump(now)
		var scans sync.WaitGroup
		failed := make(chan error, 4)
		for range cap(failed) {
			scans.Go(func() {
				s := w.scanner()
				s.batchSize = 7
				_, err := s.Scan(context.Background(), nil, now)
				failed <- err
			})
		}
		scans.Wait()
		for range cap(failed) {
			if err := <-failed; err != nil {
				t.Errorf("a scan beside others failed: %v", err)
			}
		}
		w.wants("reminders", w.lines(`SELECT COUNT(*) FROM reminders`), "160") // 40 cases, 2 people, 2 channels
		w.wants("what messages say", w.lines(`SELECT COUNT(*) FROM reminders r JOIN messages m ON m.id = r.message_id AND m.person = r.person AND m.channel = r.channel`), "160")
		w.wants("duties left", w.lines(`SELECT COUNT(*) FROM duties WHERE next_rung_at <= $1`, now.UnixMilli()), "0")
	})
}

func TestRoutineRemindersOfOnePersonAreOneMessage(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		for _, ref := range []string{"KN-1", "KN-2", "KN-3", "KN-4", "KN-5"} {
			w.opens(duty{ref: ref, id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
		}
		w.opens(duty{ref: "KN-6", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00", practitioner: "W2"})
		now := at(t, "2026-09-02 10:00")
		w.clock.jump(now)
		s := w.scanner()
		s.batchSize = 2 // so that the five come in three batches

		counts, err := s.Scan(t.Context(), nil, now)
		if err != nil {
			t.Fatal(err)
		}
		w.wants("reminders by message", w.lines(`SELECT m.person, COUNT(*) FROM reminders r JOIN messages m ON m.id = r.message_id GROUP BY m.id, m.person ORDER BY 1`),
			"W1 5", "W2 1")
		w.wants("messages that may go now", w.lines(`SELECT COUNT(*) FROM messages WHERE next_try_at <= $1`, now.UnixMilli()), "2")
		if counts[CountMessages] != 2 || counts[CountReminders] != 6 {
			t.Errorf("counted %v, want 2 messages with 6 reminders", counts)
		}
	})
}

// TestUrgentRemindersOfOnePersonAreOneMessage: a visit to siblings says at once what
// is to be done for each, by each channel in one message, and with it what else the visit
// has opened; what is not urgent and of another event keeps its own.
func TestUrgentRemindersOfOnePersonAreOneMessage(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		for _, ref := range []string{"KN-1", "KN-2", "KN-3"} {
			w.opens(duty{ref: ref, id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "W1"})
			w.opens(duty{ref: ref, id: "set-timeframe", ladder: "urgent", owner: pathway.Manager, opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "W1"})
		}
		w.opens(duty{ref: "KN-3", id: "record", ladder: "routine", owner: pathway.Manager, opened: "2026-09-02 10:00", due: "2026-09-03 17:00", recorder: "W1"})
		w.opens(duty{ref: "KN-4", id: "record", ladder: "routine", owner: pathway.Manager, opened: "2026-09-02 10:00", due: "2026-09-03 17:00", recorder: "W1"})
		now := at(t, "2026-09-02 10:00")
		w.clock.jump(now)
		s := w.scanner()
		s.batchSize = 2 // so that the eight come in four batches

		counts, err := s.Scan(t.Context(), nil, now)
		if err != nil {
			t.Fatal(err)
		}
		w.wants("reminders by message", w.lines(`SELECT m.person, m.channel, COUNT(*) FROM reminders r JOIN messages m ON m.id = r.message_id GROUP BY m.id, m.person, m.channel ORDER BY 1, 2, 3`),
			"G1 email 1", "G1 email 7", "G1 sms 6")
		w.wants("messages that may go now", w.lines(`SELECT COUNT(*) FROM messages WHERE next_try_at <= $1`, now.UnixMilli()), "3")
		if counts[CountMessages] != 3 || counts[CountReminders] != 14 {
			t.Errorf("counted %v, want 3 messages with 14 reminders", counts)
		}
	})
}

func TestGroupIsHeldBackUntilItsScanIsOver(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		for _, ref := range []string{"KN-1", "KN-2", "KN-3"} {
			w.opens(duty{ref: ref, id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
		}
		now := at(t, "2026-09-02 10:00")
		w.clock.jump(now)
		s := w.scanner()
		s.batchSize = 2
		var early int
		s.wrote = func([]store.DueDuty, []store.Reminder) {
			claimed, err := w.store.ClaimMessages(t.Context(), now, "email", "somebody", 10, now.Add(time.Minute))
			if err != nil {
				t.Error(err)
			}
			early += len(claimed)
		}
		if _, err := s.Scan(t.Context(), nil, now); err != nil {
			t.Fatal(err)
		}
		if early != 0 {
			t.Errorf("%d messages could be sent between the batches of their scan, want 0", early)
		}
		claimed, err := w.store.ClaimMessages(t.Context(), now, "email", "somebody", 10, now.Add(time.Minute))
		if err != nil || len(claimed) != 1 {
			t.Errorf("after the scan %d messages can be sent (error %v), want 1", len(claimed), err)
		}
	})
}

// TestAMessageHasAnEnd: a county's first scan, or the end of a long outage, makes several
// messages of what is more than anybody reads.
func TestAMessageHasAnEnd(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		for n := range mostLines + 1 {
			w.opens(duty{ref: fmt.Sprintf("KN-%d", n+1), id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00"})
		}
		now := at(t, "2026-09-02 10:00")
		w.clock.jump(now)
		s := w.scanner()
		s.batchSize = 60
		counts, err := s.Scan(t.Context(), nil, now)
		if err != nil {
			t.Fatal(err)
		}
		w.wants("reminders in each message", w.lines(`SELECT COUNT(*) FROM reminders WHERE message_id IS NOT NULL GROUP BY message_id ORDER BY 1`), "1", strconv.Itoa(mostLines))
		if counts[CountMessages] != 2 {
			t.Errorf("counted %d messages, want 2", counts[CountMessages])
		}
		claimed, err := w.store.ClaimMessages(t.Context(), now, "email", "somebody", 10, now.Add(time.Minute))
		if err != nil || len(claimed) != 2 {
			t.Errorf("after the scan %d messages can be sent (error %v), want 2", len(claimed), err)
		}
	})
}

func TestRoutineReminderOfALateScanWaitsForTheOffice(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-04 10:00", due: "2026-09-11 17:00"})
		w.opens(duty{ref: "KN-2", id: "discuss", ladder: "urgent", opened: "2026-09-04 10:00", due: "2026-09-05 10:00"})

		w.scans("2026-09-04 21:00") // a Friday
		w.told("on Friday night only what is urgent", "2026-09-04 21:00",
			"discuss start W1 email sent", "discuss start W1 sms sent", "discuss start G1 email sent", "discuss start G1 sms sent")
		w.scans("2026-09-07 08:00")
		w.told("on Monday morning the routine one", "2026-09-07 08:00",
			"discuss after-4h G1 email sent", "discuss after-4h G1 sms sent", "discuss after-4h V1 email sent", "discuss after-4h V1 sms sent",
			"discuss after-4h W1 email sent", "discuss after-4h W1 sms sent",
			"discuss due W1 email merged-into", "discuss due W1 sms merged-into", "discuss due G1 email merged-into", "discuss due G1 sms merged-into",
			"discuss before-4h W1 email merged-into", "discuss before-4h W1 sms merged-into",
			"see start W1 email sent")
	})
}

func TestMovedDutyClimbsAnewButStartsOnce(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		id := w.opens(duty{ref: "KN-1", id: "see", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00"})
		w.scans("2026-09-02 10:00")
		w.scans("2026-09-03 06:00")
		w.moves(id, "2026-09-03 07:00", "2026-09-04 10:00")

		w.scans("2026-09-03 10:00")
		w.told("at the old due time, nobody", "2026-09-03 10:00")
		w.scans("2026-09-04 06:00")
		w.told("before the new one, a warning", "2026-09-04 06:00", "see before-4h W1 email sent", "see before-4h W1 sms sent")

		w.moves(id, "2026-09-04 07:00", "2026-09-03 10:00")
		w.scans("2026-09-04 07:00")
		w.scans("2026-09-04 08:00")
		w.wants("back at the first one, what was not said of it", w.lines(`SELECT DISTINCT rung, reason FROM reminders WHERE created_at >= $1 ORDER BY 1, 2`,
			at(t, "2026-09-04 07:00").UnixMilli()), "after-4h sent", "due merged-into")
	})
}

func TestCoverAndDutyDeskStandIn(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.do(`UPDATE people SET away_from = $1 WHERE id = 'G1'`, at(t, "2026-09-01 00:00").UnixMilli())
		w.do(`UPDATE people SET active_until = $1 WHERE id = 'W2'`, at(t, "2026-09-01 00:00").UnixMilli())
		w.opens(duty{ref: "KN-1", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00", owner: "manager"})
		w.opens(duty{ref: "KN-2", id: "see", ladder: "routine", opened: "2026-09-02 10:00", due: "2026-09-09 17:00", practitioner: "W2", manager: "-"})

		w.scans("2026-09-02 10:00")

		w.wants("told", w.lines(`SELECT d.case_ref, r.person, r.instead, m.address FROM reminders r JOIN duties d ON d.id = r.duty_id
			JOIN messages m ON m.id = r.message_id ORDER BY 1`),
			"KN-1 G2 G1 g2@example.org", "KN-2 duty-desk-East W2 duty@example.org")
	})
}

func TestTwoRolesAreOneMessage(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "immediate", opened: "2026-09-02 10:00", due: "2026-09-02 11:00", practitioner: "G1"})
		w.scans("2026-09-02 10:00")
		w.told("told", "2026-09-02 10:00", "discuss start G1 email sent", "discuss start G1 sms sent")
		w.wants("messages", w.lines(`SELECT COUNT(*) FROM messages`), "2")
	})
}

func TestScanThatLostItsLeaseWritesNothing(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00"})
		now := at(t, "2026-09-02 10:00")
		w.clock.jump(now)
		if err := w.store.BeginSchedule(t.Context(), "scan", time.Time{}); err != nil {
			t.Fatal(err)
		}
		slow, err := w.store.BeginRun(t.Context(), now, "scan", now, "slow", now.Add(leaseFor))
		if err != nil {
			t.Fatal(err)
		}
		later := now.Add(leaseFor)
		if _, err := w.store.BeginRun(t.Context(), later, "scan", later, "other", later.Add(leaseFor)); err != nil {
			t.Fatalf("once its lease has run out another may begin: %v", err)
		}
		if _, err := w.scanner().Scan(t.Context(), slow, later); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("the slow one goes on: got %v, want %v", err, store.ErrLeaseLost)
		}
		w.wants("reminders", w.lines(`SELECT COUNT(*) FROM reminders`), "0")
	})
}

// TestAnAcknowledgementQuietensWhatIsSaidAgain: for whoever made it and as long as it
// lasts; it meets nothing, and others are told.
func TestAnAcknowledgementQuietensWhatIsSaidAgain(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.rules.Ladders["urgent"].Again = pathway.AgainRule{After: []pathway.Offset{{N: 12, Unit: pathway.Hours}, {N: 24, Unit: pathway.Hours}},
			Every: pathway.Offset{N: 1, Unit: pathway.WorkingDays}, To: []pathway.Role{pathway.Manager, pathway.ServiceManager}}
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00"})
		for _, when := range []string{"2026-09-02 10:00", "2026-09-03 06:00", "2026-09-03 10:00", "2026-09-03 14:00"} {
			w.scans(when)
		}
		w.behind.Insert("events", map[string]any{"case_ref": "KN-1", "id": "ack", "kind": pathway.KindAcknowledged, "by_person": "G1", "value": "discuss",
			"at": at(t, "2026-09-03 23:00").UnixMilli(), "recorded_at": at(t, "2026-09-03 23:00").UnixMilli()})
		scan := func(when string) {
			s := w.scanner()
			s.acknowledgementLasts = 4 * time.Hour
			w.clock.jump(at(t, when))
			if _, err := s.Scan(t.Context(), nil, at(t, when)); err != nil {
				t.Fatal(err)
			}
		}
		scan("2026-09-04 02:00")
		w.told("3 hours after it", "2026-09-04 02:00",
			"discuss again G1 email acknowledged", "discuss again G1 sms acknowledged", "discuss again V1 email sent", "discuss again V1 sms sent")
		scan("2026-09-04 14:00")
		w.told("once it has worn off", "2026-09-04 14:00",
			"discuss again G1 email sent", "discuss again G1 sms sent", "discuss again V1 email sent", "discuss again V1 sms sent")
		scan("2026-09-07 08:30")
		scan("2026-09-07 08:31")
		w.told("from the fourth day on by the chosen channel", "2026-09-07 08:30", "discuss again G1 email sent", "discuss again V1 email sent")
		w.told("each time once", "2026-09-07 08:31")
	})
}
