package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// process is one daemon's share in running schedules.
func (w *world) process(holder string) *jobs {
	return &jobs{store: w.store, clock: w.clock, holder: holder, log: slog.New(slog.DiscardHandler), observer: unobserved{}}
}

// steps takes a job's step at a time and says when it wants to be looked at again.
func (w *world) steps(r *jobs, j *job, when string) string {
	w.t.Helper()
	w.clock.jump(at(w.t, when))
	return r.step(context.Background(), j, nil).In(london(w.t)).Format("2006-01-02 15:04")
}

// counting is a job that notes the times it saw to.
func counting(t *testing.T, name, expression string, sawTo *[]string) *job {
	return &job{name: name, schedule: mustSchedule(t, expression), work: func(_ context.Context, run *store.Run, _ time.Time) (map[string]int, error) {
		*sawTo = append(*sawTo, run.Due.In(london(t)).Format("2006-01-02 15:04"))
		return map[string]int{"things": len(*sawTo)}, nil
	}}
}

func TestMissedRunIsMadeUpForOnce(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		var sawTo []string
		j := counting(t, "digest", "0 8 * * *", &sawTo)
		if next := w.steps(w.process("a"), j, "2026-09-01 10:00"); next != "2026-09-02 08:00" {
			t.Errorf("first known after eight, it wants to run at %s, want the next morning", next)
		}
		w.steps(w.process("a"), j, "2026-09-02 08:00")
		// Then nobody runs for two days.
		restarted := counting(t, "digest", "0 8 * * *", &sawTo)
		next := w.steps(w.process("b"), restarted, "2026-09-04 11:30")
		w.steps(w.process("b"), restarted, "2026-09-04 11:31")
		w.steps(w.process("c"), restarted, "2026-09-04 11:32")

		w.wants("seen to", sawTo, "2026-09-02 08:00", "2026-09-04 08:00")
		if next != "2026-09-05 08:00" {
			t.Errorf("after making up it wants to run at %s, want 2026-09-05 08:00", next)
		}
	})
}

func TestRunIsOnRecord(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		var sawTo []string
		j := counting(t, "scan", "@every 1m", &sawTo)
		j.atFirst = true
		w.steps(w.process("a"), j, "2026-09-01 10:00")

		runs, err := w.store.Runs(t.Context(), "scan", 10)
		if err != nil || len(runs) != 1 {
			t.Fatalf("got %d runs (error %v), want 1", len(runs), err)
		}
		if r := runs[0]; !r.Started.Equal(at(t, "2026-09-01 10:00")) || !r.Ended.Equal(at(t, "2026-09-01 10:00")) || r.Counts["things"] != 1 || r.Error != "" {
			t.Errorf("got %+v, want started and ended at 10:00, one thing, no error", r)
		}
		state, err := w.store.Schedule(t.Context(), "scan")
		if err != nil || !state.LastSuccess.Equal(at(t, "2026-09-01 10:00")) {
			t.Errorf("last success %s (error %v), want 10:00", state.LastSuccess, err)
		}
	})
}

func TestPanicIsOnRecordAndTheJobRunsAgain(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		j := &job{name: "digest", schedule: mustSchedule(t, "0 8 * * *"), atFirst: true}
		var tries int
		j.work = func(context.Context, *store.Run, time.Time) (map[string]int, error) {
			if tries++; tries < 3 {
				panic("Somebody of 3 Test Street") // a panic may quote anything
			}
			return nil, nil
		}
		r := w.process("a")
		if next := w.steps(r, j, "2026-09-01 08:00"); next != "2026-09-01 08:01" {
			t.Errorf("after the first panic it runs again at %s, want a minute later", next)
		}
		if next := w.steps(r, j, "2026-09-01 08:01"); next != "2026-09-01 08:03" {
			t.Errorf("after the second panic it runs again at %s, want two minutes later", next)
		}
		if next := w.steps(r, j, "2026-09-01 08:03"); next != "2026-09-02 08:00" {
			t.Errorf("after it went well it runs again at %s, want the next morning", next)
		}
		runs, err := w.store.Runs(t.Context(), "digest", 10)
		if err != nil || len(runs) != 3 {
			t.Fatalf("got %d runs (error %v), want 3", len(runs), err)
		}
		if e := runs[2].Error; !strings.Contains(e, "panic") || strings.Contains(e, "Test Street") {
			t.Errorf("the first run's error is %q, want one that says panic and quotes nothing", e)
		}
		if runs[0].Error != "" {
			t.Errorf("the last run's error is %q, want none", runs[0].Error)
		}
	})
}

func TestOneOfTwoProcessesRuns(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		w.clock.jump(at(t, "2026-09-01 08:00"))
		working, finish := make(chan struct{}), make(chan struct{})
		slow := &job{name: "digest", schedule: mustSchedule(t, "0 8 * * *"), atFirst: true,
			work: func(context.Context, *store.Run, time.Time) (map[string]int, error) {
				close(working)
				<-finish
				return nil, nil
			}}
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.process("a").step(t.Context(), slow, nil)
		}()
		<-working
		var sawTo []string
		other := counting(t, "digest", "0 8 * * *", &sawTo)
		next := w.steps(w.process("b"), other, "2026-09-01 08:00")
		w.wants("while the first is at it, the second saw to", sawTo)
		if next != "2026-09-01 08:00" { // 30 seconds on, when the lease would have run out
			t.Errorf("the second looks again at %s, want within the minute", next)
		}
		close(finish)
		<-done
		w.steps(w.process("b"), other, "2026-09-01 08:01")
		w.wants("once the first is done, the second saw to", sawTo)
	})
}

func TestRunOfADeadProcessIsTakenOver(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		var sawTo []string
		j := counting(t, "digest", "0 8 * * *", &sawTo)
		died := at(t, "2026-09-01 08:00")
		if err := w.store.BeginSchedule(t.Context(), "digest", time.Time{}); err != nil {
			t.Fatal(err)
		}
		lost, err := w.store.BeginRun(t.Context(), died, "digest", died, "dead", died.Add(leaseFor))
		if err != nil {
			t.Fatal(err)
		}
		w.steps(w.process("b"), j, "2026-09-01 08:00")
		w.wants("at once", sawTo)
		w.steps(w.process("b"), j, "2026-09-01 08:01")
		w.wants("a minute later", sawTo, "2026-09-01 08:01")

		w.wants("on record", w.lines(`SELECT error FROM runs ORDER BY error`), "", "its process ended before it did")
		if err := w.store.EndRun(t.Context(), died.Add(time.Hour), lost, nil, ""); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("the dead one ends after all: got %v, want %v", err, store.ErrLeaseLost)
		}
	})
}

func TestDatabaseThatGoesAwayDuringAScanFindsEverythingDoneOnce(t *testing.T) {
	w := newWorld(t, storetest.MigratedPostgresURL(t))
	for _, ref := range []string{"KN-1", "KN-2", "KN-3", "KN-4"} {
		d := duty{ref: ref, id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00"}
		if ref == "KN-3" { // the second batch asks for the duty desk, in the middle of its transaction
			d.practitioner, d.manager = "nobody", "-"
		}
		w.opens(d)
	}
	there := true
	s := NewScanner(w.store, w.rules, func(team string) *pathway.Person {
		if there { // the server drops everybody
			there = false
			w.do(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		}
		return dutyDesk(team)
	}, w.clock)
	s.batchSize = 2
	j := &job{name: "scan", schedule: mustSchedule(t, "@every 1m"), atFirst: true, work: s.Scan}
	r := w.process("a")

	if next := w.steps(r, j, "2026-09-02 10:00"); next != "2026-09-02 10:01" {
		t.Errorf("the next run is at %s, want a minute later", next)
	}
	w.wants("told before the database went away", w.lines(`SELECT COUNT(*) FROM reminders`), "8")
	w.steps(r, j, "2026-09-02 10:01")

	w.wants("told in all", w.lines(`SELECT COUNT(*) FROM reminders WHERE reason = 'sent'`), "13")
	w.wants("messages", w.lines(`SELECT COUNT(*) FROM messages`), "9") // of a scan one for each person and channel
	runs, err := w.store.Runs(t.Context(), "scan", 10)
	if err != nil || len(runs) != 2 || runs[1].Error == "" || runs[0].Error != "" {
		t.Errorf("got runs %+v (error %v), want one that failed and one that went well", runs, err)
	}
}
