package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// daemon returns a daemon on the machine's clock, which sends to p.
func (w *world) daemon(p *post, change func(*Settings)) *Daemon {
	w.t.Helper()
	s := Settings{
		Store: w.store, Rules: w.rules, DutyDesk: dutyDesk,
		Schedules: Schedules{Scan: "@every 1m", Digest: "0 8 * * MON-FRI"},
		Senders:   map[string]Sender{notify.ByEmail: {Channel: p, Connections: 2}, notify.BySMS: {Channel: p}},
	}
	if change != nil {
		change(&s)
	}
	d, err := New(s)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// runs runs a daemon until a time of the bubble's clock.
func (w *world) runs(d *Daemon, until string) {
	w.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		d.Run(ctx)
	}()
	time.Sleep(time.Until(at(w.t, until)))
	stop()
	<-stopped
}

// The clock of a test bubble begins with the year 2000; its 4 January is a
// working Tuesday.
func TestDaemonTellsWithinAMinuteAndSendsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2000-01-04 10:00", due: "2000-01-05 10:00", recorder: "W1"})
		time.Sleep(time.Until(at(t, "2000-01-04 07:30")))
		var p post
		d := w.daemon(&p, nil)
		w.runs(d, "2000-01-04 07:59")
		w.wants("before eight", p.letters())
		w.runs(d, "2000-01-04 08:01")
		w.wants("the digests of eight", w.lines(`SELECT key, state FROM messages ORDER BY key`),
			"digest/G1/2000-01-04 sent", "digest/G2/2000-01-04 sent", "digest/V1/2000-01-04 sent")
		p.got = nil
		w.runs(d, "2000-01-04 10:01")
		if got := p.letters(); len(got) != 2 {
			t.Fatalf("at ten: got %q, want an email and a text", got)
		}
		for _, m := range w.lines(`SELECT sent_at - created_at FROM messages WHERE kind = 'reminder'`) {
			if m != "0" {
				t.Errorf("a reminder went %s ms after it was decided, want at once", m)
			}
		}
	})
}

func TestDaemonThatWasDownAtEightSendsTheDigestLateAndOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		time.Sleep(time.Until(at(t, "2000-01-04 07:50")))
		var p post
		w.runs(w.daemon(&p, nil), "2000-01-04 07:55")
		time.Sleep(time.Until(at(t, "2000-01-04 09:30"))) // down

		w.runs(w.daemon(&p, nil), "2000-01-04 09:31")
		w.runs(w.daemon(&p, nil), "2000-01-04 09:32")

		if len(p.got) != 3 {
			t.Fatalf("got %d digests, want 3", len(p.got))
		}
		for _, m := range p.got {
			if !m.Digest.Late || !m.Digest.DueAt.Equal(at(t, "2000-01-04 08:00")) {
				t.Errorf("%s: late %v, due %s, want late, due at eight", m.Key, m.Digest.Late, m.Digest.DueAt)
			}
		}
	})
}

func TestTwoDaemonsShareTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		for _, ref := range []string{"KN-1", "KN-2", "KN-3"} {
			w.opens(duty{ref: ref, id: "discuss", ladder: "urgent", opened: "2000-01-04 10:00", due: "2000-01-05 10:00"})
		}
		time.Sleep(time.Until(at(t, "2000-01-04 07:59")))
		var p post
		both := make(chan struct{})
		go func() {
			defer close(both)
			w.runs(w.daemon(&p, nil), "2000-01-04 10:05")
		}()
		w.runs(w.daemon(&p, nil), "2000-01-04 10:05")
		<-both

		if n := len(p.letters()); n != 7 { // 3 digests; 2 people, 2 channels, each with 3 cases
			t.Errorf("got %d messages, want 7", n)
		}
		w.wants("runs of the digest", w.lines(`SELECT COUNT(*) FROM runs WHERE schedule = 'digest'`), "1")
		w.wants("runs at one time", w.lines(`SELECT COUNT(*) - COUNT(DISTINCT due_at) FROM runs WHERE schedule = 'scan'`), "0")
	})
}

// stuck is a mail server that takes a message and does not answer.
type stuck struct{ post }

func (s *stuck) Send(ctx context.Context, now time.Time, m notify.Message) notify.Outcome {
	s.post.Send(ctx, now, m)
	<-ctx.Done()
	return notify.Outcome{State: notify.FailedTemporarily, Reason: "no answer", Ambiguous: true}
}

func TestStoppingWaitsALittleForAMailServerThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		w.opens(duty{ref: "KN-1", id: "discuss", ladder: "urgent", opened: "2000-01-04 10:00", due: "2000-01-05 10:00", recorder: "G1"})
		time.Sleep(time.Until(at(t, "2000-01-04 10:00")))
		var p stuck
		d := w.daemon(nil, func(s *Settings) {
			s.Senders = map[string]Sender{notify.ByEmail: {Channel: &p}}
			s.Schedules.Digest = ""
		})
		ctx, stop := context.WithCancel(context.Background())
		var stopping time.Time
		time.AfterFunc(10*time.Second, func() { stopping = time.Now(); stop() })
		d.Run(ctx)
		if took := time.Since(stopping); took != grace {
			t.Errorf("it took %s to stop, want %s", took, grace)
		}
		w.wants("the message", w.ledger(), "W1 failed-temporarily no answer")
	})
}

func TestAJobOfOthersRunsOnItsScheduleAndIsTriedAgainAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		var ran []string
		d := w.daemon(&post{}, func(s *Settings) {
			s.Schedules = Schedules{}
			s.Jobs = []Job{
				{Name: "inbox", Schedule: "*/15 * * * *", AtFirst: true, Run: func(_ context.Context, now time.Time) (map[string]int, error) {
					ran = append(ran, now.UTC().Format("15:04"))
					if len(ran) == 2 {
						return nil, errors.New("the folder is gone")
					}
					return map[string]int{"files": 1}, nil
				}},
				{Name: "print", Run: func(context.Context, time.Time) (map[string]int, error) {
					t.Error("a job without a schedule ran")
					return nil, nil
				}},
			}
		})
		w.runs(d, "2000-01-01 00:59")
		w.wants("times it ran at", ran, "00:00", "00:15", "00:16", "00:30", "00:45")
		w.wants("runs", w.lines(`SELECT counts, error FROM runs ORDER BY started_at`),
			`{"files":1} `, `{} the folder is gone`, `{"files":1} `, `{"files":1} `, `{"files":1} `)
	})
}

func TestAJobTellsOperationsOnceForEachKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, storetest.MigratedSQLiteURL(t))
		operations := &pathway.Person{ID: "operations", Email: "ops@example.org"}
		var p post
		d := w.daemon(&p, func(s *Settings) {
			alerts := NewAlerts(s.Store, s.Rules, operations, s.Senders, slog.New(slog.DiscardHandler))
			s.Schedules, s.Operations = Schedules{}, operations
			s.Jobs = []Job{{Name: "letters", Schedule: "*/15 * * * *", AtFirst: true, Run: func(ctx context.Context, now time.Time) (map[string]int, error) {
				alerts.Tell(ctx, now, "wait/"+now.UTC().Format("15"), notify.Alert{Says: notify.AlertLettersWait, Waiting: 2})
				return nil, nil
			}}}
		})
		w.runs(d, "2000-01-01 01:20")
		w.wants("what operations got in six runs of two hours", w.lines(`SELECT person, state FROM messages ORDER BY id`), "operations sent", "operations sent")
	})
}

func TestMistypedSchedulesAreAllReported(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	_, err := New(Settings{Store: w.store, Rules: w.rules, Schedules: Schedules{Scan: "@evry 1m", Digest: "0 25 * * *"}})
	if err == nil || !strings.Contains(err.Error(), "schedules.scan") || !strings.Contains(err.Error(), "schedules.digest") {
		t.Errorf("got %v, want an error about both schedules", err)
	}
}

func TestHeartbeatAfterAGoodScanOnly(t *testing.T) {
	w := newWorld(t, storetest.MigratedSQLiteURL(t))
	var beats atomic.Int64
	status := http.StatusOK
	monitor := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		beats.Add(1)
		out.WriteHeader(status)
	}))
	defer monitor.Close()
	var log strings.Builder
	d := w.daemon(&post{}, func(s *Settings) {
		s.Clock = w.clock
		s.Heartbeat = monitor.URL + "/secret-token"
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	scan := d.jobs[0]
	step := func(when string) {
		w.clock.jump(at(t, when))
		d.runner.step(t.Context(), scan, func() { d.after(t.Context(), scan) })
	}
	step("2026-09-02 10:00")
	if n := beats.Load(); n != 1 {
		t.Errorf("after a good scan: %d beats, want 1", n)
	}
	good := scan.work
	scan.work = func(context.Context, *store.Run, time.Time) (map[string]int, error) { return nil, errors.New("broken") }
	step("2026-09-02 10:01")
	if n := beats.Load(); n != 1 {
		t.Errorf("after a bad scan: %d beats, want still 1", n)
	}
	scan.work, status = good, http.StatusNotFound
	step("2026-09-02 10:02")
	monitor.Close()
	step("2026-09-02 10:03")
	if text := log.String(); strings.Count(text, "heartbeat") < 2 || strings.Contains(text, "secret-token") {
		t.Errorf("the log says %q, want both failures and not the address", text)
	}
}
