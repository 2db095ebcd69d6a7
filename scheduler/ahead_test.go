package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/store"
)

// amends looks once, as before a scan, and returns what operations are told.
func (w *world) amends(when string) (told []string) {
	w.t.Helper()
	a := &amender{store: w.store, rules: w.rules, claimFor: claimFor, log: slog.New(slog.DiscardHandler), after: func() {},
		tell: func(_ context.Context, _ time.Time, key string, alert notify.Alert) { told = append(told, alert.Says) }}
	if err := a.amend(w.t.Context(), at(w.t, when), true); err != nil {
		w.t.Fatal(err)
	}
	return told
}

const year = 365 * 24 * time.Hour

// TestWhatLiesTooFarAheadIsTakenAsNow: every stored instant that is compared with now, as a
// clock leaves it that was two hours ahead, or a year.
func TestWhatLiesTooFarAheadIsTakenAsNow(t *testing.T) {
	const when = "2026-09-02 10:00" // in office hours
	const now, stays = time.Duration(0), -time.Second
	message := func(more map[string]any) map[string]any {
		row := map[string]any{"key": "k", "kind": "reminder", "person": "W1", "channel": "email", "state": "queued"}
		for column, value := range more {
			row[column] = value
		}
		return row
	}
	failed := func(fault notify.Fault) map[string]any {
		return message(map[string]any{"state": "failed-temporarily", "fault": string(fault), "tries": 1})
	}
	hook := func(tries int) map[string]any {
		return map[string]any{"key": "k", "endpoint": "hub", "event": "duty.opened", "at": 0, "queued_at": 0, "tries": tries}
	}
	all := []struct {
		table, column string
		row           map[string]any
		hours, years  time.Duration // what becomes of it, from now
	}{
		{"schedules", "last_due_at", map[string]any{"name": "scan"}, now, now},
		{"schedules", "last_started_at", map[string]any{"name": "digest"}, now, now},
		{"schedules", "last_ended_at", map[string]any{"name": "scan"}, now, now},
		{"schedules", "last_success_at", map[string]any{"name": "scan"}, now, now},
		{"schedules", "lease_until", map[string]any{"name": "scan", "holder": "somebody"}, leaseFor, leaseFor},
		{"channel_states", "since", map[string]any{"channel": "email", "state": "open"}, now, now},
		{"channel_states", "next_probe_at", map[string]any{"channel": "email", "state": "open", "fault": "account"}, now, now},
		{"channel_states", "next_probe_at", map[string]any{"channel": "sms", "state": "open", "fault": "busy"}, stays, now},
		{"arrivals", "expected_since", map[string]any{"kind": "events"}, now, now},
		{"arrivals", "arrived_at", map[string]any{"kind": "events"}, now, now},
		{"arrivals", "data_of", map[string]any{"kind": "events"}, now, now},
		{"messages", "next_try_at", message(nil), now, now},
		{"messages", "next_try_at", failed(notify.FaultProvider), now, now},
		{"messages", "next_try_at", failed(notify.FaultAccount), now, now},
		{"messages", "next_try_at", failed(notify.FaultGreylisted), now, now},
		{"messages", "next_try_at", failed(notify.FaultUnreachable), now, now},
		{"messages", "next_try_at", failed(notify.FaultUnclear), stays, now},
		{"messages", "next_try_at", failed(notify.FaultBusy), stays, now},
		{"messages", "next_try_at", message(map[string]any{"state": "sending", "lease_holder": "somebody"}), claimFor, claimFor},
		{"messages", "poll_at", message(map[string]any{"state": "sent", "provider_id": "p"}), now, now},
		{"messages", "poll_at", message(map[string]any{"state": "sent", "provider_id": "p", "polls": 12}), stays, now},
		{"visit_notices", "tell_at", map[string]any{"kind": "household", "case_ref": "KN-1", "event": "x1", "visited_at": 0}, now, now},
		{"postings", "next_try_at", map[string]any{"item": 1, "state": "sending"}, now, now},
		{"webhooks", "next_try_at", hook(0), now, now},
		{"webhooks", "next_try_at", hook(3), stays, now},
	}
	onEveryDatabase(t, func(t *testing.T, w *world) {
		for _, tt := range all {
			for _, ahead := range []struct{ by, becomes time.Duration }{{2 * time.Hour, tt.hours}, {year, tt.years}} {
				name := fmt.Sprintf("%s.%s of %v, %v ahead", tt.table, tt.column, tt.row, ahead.by)
				stored, want := at(t, when).Add(ahead.by), at(t, when).Add(ahead.becomes)
				if ahead.becomes == stays {
					want = stored
				}
				row := maps.Clone(tt.row)
				row[tt.column] = stored.UnixMilli()
				w.behind.Insert(tt.table, row)
				told := w.amends(when)
				w.wants(name, w.lines("SELECT "+tt.column+" FROM "+tt.table), fmt.Sprint(want.UnixMilli()))
				if once := ahead.becomes != stays; once != (len(told) == 1) {
					t.Errorf("%s: operations are told %q", name, told)
				}
				if again := w.amends(when); len(again) != 0 {
					t.Errorf("%s: operations are told %q once more", name, again)
				}
				w.do("DELETE FROM " + tt.table)
			}
		}
	})
}

// TestWhatMayLieAheadStaysAsItIs: what waits for the office to open after Christmas, and a
// schedule that another daemon saw to whose clock is half a minute ahead.
func TestWhatMayLieAheadStaysAsItIs(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		opens := w.rules.Calendar.NextOffice(at(t, "2026-12-24 19:00")).UnixMilli()
		seen := at(t, "2026-12-24 19:00").Add(30 * time.Second).UnixMilli()
		w.behind.Insert("messages", map[string]any{"key": "k", "kind": "reminder", "person": "W1", "channel": "email", "state": "queued",
			"severity": int(w.rules.UrgentBelow()), "next_try_at": opens})
		w.behind.Insert("schedules", map[string]any{"name": "scan", "last_due_at": seen, "last_success_at": seen})
		w.behind.Insert("visit_notices", map[string]any{"kind": "household", "case_ref": "KN-1", "event": "x1", "visited_at": 0, "tell_at": opens})
		told := w.amends("2026-12-24 19:00")
		w.wants("the message", w.lines("SELECT next_try_at FROM messages"), fmt.Sprint(opens))
		w.wants("the visit that the household is told of", w.lines("SELECT tell_at FROM visit_notices"), fmt.Sprint(opens))
		w.wants("the schedule", w.lines("SELECT last_due_at, last_success_at FROM schedules"), fmt.Sprint(seen, " ", seen))
		w.wants("operations are told", told)
	})
}

// TestWhatWasSaidAheadOfItsTimeIsSaidAgain: a scan by a clock that is a year ahead says
// that a duty is overdue. By the right clock its rungs are said when they come; what was
// said before the clock went wrong is not said again.
func TestWhatWasSaidAheadOfItsTimeIsSaidAgain(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00"})
		r := w.process("a")
		scan := &job{name: ScheduleScan, schedule: mustSchedule(t, "@every 1m"), atFirst: true, work: w.scanner().scanAndTell}
		w.steps(r, scan, "2026-09-02 10:00")
		start := w.lines("SELECT rung, person, channel FROM reminders WHERE reason = 'sent' ORDER BY person, channel")
		w.steps(r, scan, "2027-09-02 10:00")
		if said := w.lines("SELECT 1 FROM reminders WHERE reason = 'sent'"); len(said) <= len(start) {
			t.Fatalf("the wrong clock says nothing: %q", said)
		}
		told := w.amends("2026-09-02 10:05")
		w.wants("operations are told", told, notify.AlertClockWasWrong)
		w.wants("messages that wait from then", w.lines("SELECT state FROM messages WHERE created_at > $1 AND state <> 'cancelled'", at(t, "2026-09-02 10:05").UnixMilli()))

		w.steps(r, scan, "2026-09-02 10:06")
		w.told("at the right clock nothing is said twice", "2026-09-02 10:06")
		w.steps(r, scan, "2026-09-03 10:00")
		due := w.lines("SELECT DISTINCT rung FROM reminders WHERE reason = 'sent' AND due_at > 0 ORDER BY rung")
		if !strings.Contains(strings.Join(due, " "), "due") {
			t.Errorf("when the duty is due the rungs %q have been said, want the rung due among them", due)
		}
		if w.amends("2026-09-03 10:01") != nil {
			t.Error("operations are told a second time")
		}
	})
}

// TestAnAcknowledgementThatIsYetToComeQuietensNothing: by a clock that was wrong.
func TestAnAcknowledgementThatIsYetToComeQuietensNothing(t *testing.T) {
	now := at(t, "2026-09-02 10:00")
	for ahead, want := range map[time.Duration]bool{-time.Minute: true, 30 * time.Second: true, 2 * time.Hour: false, year: false} {
		if got := acknowledged([]store.Acknowledgement{{By: "W1", At: now.Add(ahead)}}, "W1", now.Add(-time.Hour), now, 4*time.Hour); got != want {
			t.Errorf("an acknowledgement %v ahead of now quietens: %v, want %v", ahead, got, want)
		}
	}
}
