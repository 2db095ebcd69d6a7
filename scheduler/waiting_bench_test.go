package scheduler

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/notify/twilio"
	"example.org/doorstep/notify/twiliotest"
	"example.org/doorstep/store/storetest"
)

// BenchmarkUrgentAmongRoutine measures how long an urgent rung that comes due takes
// to the mail server while 50,000 routine emails wait, with a scan every second:
// from the instant it is due to handed over, the median and the 99th percentile.
// The server takes an email every 20 ms on each of four connections.
func BenchmarkUrgentAmongRoutine(b *testing.B) {
	const routine, urgent, apart = 50_000, 200, 100 * time.Millisecond
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", storetest.MigratedSQLiteURL}, {"Postgres", storetest.MigratedPostgresURL}} {
		b.Run(database.name, func(b *testing.B) {
			w := newWorld(b, database.url(b))
			w.queueTexts(routine)
			w.do(`UPDATE messages SET channel = 'email', address = 'w1@example.org', severity = 200`)
			w.do(`UPDATE reminders SET channel = 'email'`)
			w.do(`UPDATE duties SET ladder = 'routine', next_rung_at = NULL`)
			server := smtptest.Start(b, smtptest.Options{Forgetful: true, Pace: 20 * time.Millisecond})
			channel, err := notify.NewSMTP(newComposer(b), notify.SMTPSettings{Host: server.Host, Port: server.Port, Connections: 4})
			if err != nil {
				b.Fatal(err)
			}
			timed := &timedChannel{Channel: channel, taken: map[string]time.Time{}, want: urgent, done: make(chan struct{})}
			start := time.Now()
			clock := fixedDay{at(b, benchNow), start}
			due := map[string]time.Time{}
			for i := range urgent {
				ref := fmt.Sprint("URGENT-", i)
				w.opens(duty{ref: ref, id: "discuss", ladder: "urgent", opened: "2026-09-02 10:00", due: "2026-09-03 10:00", recorder: "G1"})
				due[ref] = clock.Now().Add(time.Second + time.Duration(i)*apart)
				w.do(`UPDATE duties SET opened_at = $1, next_rung_at = $1 WHERE case_ref = $2`, due[ref].UnixMilli(), ref)
			}
			if !w.onSQLite() {
				w.do(`VACUUM ANALYZE`)
			}
			settings := w.settings()
			settings.Clock, settings.Schedules, settings.Notes = clock, Schedules{Scan: "@every 1s"}, b.TempDir()
			settings.Senders = map[string]Sender{notify.ByEmail: {Channel: timed, Connections: 4}}
			daemon, err := New(*settings)
			if err != nil {
				b.Fatal(err)
			}
			ctx, stop := context.WithCancel(b.Context())
			ended := make(chan struct{})
			b.ResetTimer()
			go func() {
				defer close(ended)
				daemon.Run(ctx)
			}()
			select {
			case <-timed.done:
			case <-time.After(10 * time.Minute):
				b.Errorf("%d of %d urgent rungs went in ten minutes", len(timed.taken), urgent)
			}
			b.StopTimer()
			stop()
			<-ended
			if left := w.lines(`SELECT COUNT(*) FROM messages WHERE state = 'queued'`)[0]; left == "0" {
				b.Error("nothing routine was left waiting: the measurement says nothing")
			}
			var waits []time.Duration
			for ref, taken := range timed.taken {
				waits = append(waits, clock.day.Add(taken.Sub(start)).Sub(due[ref]))
			}
			slices.Sort(waits)
			b.ReportMetric(float64(waits[len(waits)/2].Milliseconds()), "p50-ms")
			b.ReportMetric(float64(waits[len(waits)*99/100].Milliseconds()), "p99-ms")
			channel.Close(context.Background())
		})
	}
}

// timedChannel notes when urgent messages were taken.
type timedChannel struct {
	notify.Channel
	mu    sync.Mutex
	taken map[string]time.Time
	want  int
	done  chan struct{}
}

func (c *timedChannel) Send(ctx context.Context, now time.Time, m notify.Message) notify.Outcome {
	o := c.Channel.Send(ctx, now, m)
	if o.State != notify.Sent {
		return o
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	before := len(c.taken)
	for i := range m.Reminders { // what comes due at one scan goes in one email
		if ref := m.Reminders[i].CaseRef; strings.HasPrefix(ref, "URGENT-") && c.taken[ref].IsZero() {
			c.taken[ref] = time.Now()
		}
	}
	if len(c.taken) == c.want && before < c.want {
		close(c.done)
	}
	return o
}

// BenchmarkAfterAnOutage measures how long 5,000 texts take that have waited for an
// hour while the provider was down, from its return to the last one taken. Nothing
// may go twice, nothing that is of no use any more, and the urgent before the
// routine.
func BenchmarkAfterAnOutage(b *testing.B) {
	const texts, useless = 5000, 500
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", storetest.MigratedSQLiteURL}, {"Postgres", storetest.MigratedPostgresURL}} {
		b.Run(database.name, func(b *testing.B) {
			w := newWorld(b, database.url(b))
			w.queueTexts(texts)
			now := at(b, benchNow)
			// One in ten is routine; one in ten warns of what comes true meanwhile.
			w.do(`UPDATE duties SET ladder = 'urgent'`)
			w.do(`UPDATE messages SET severity = 200 WHERE id % 10 = 1`)
			w.do(`UPDATE duties SET ladder = 'routine' WHERE id IN (SELECT duty_id FROM reminders WHERE message_id % 10 = 1)`)
			w.do(`UPDATE reminders SET rung = 'before-4h' WHERE message_id % 10 = 2`)
			w.do(`UPDATE duties SET due_at = $1 WHERE id IN (SELECT duty_id FROM reminders WHERE rung = 'before-4h')`, now.Add(30*time.Minute).UnixMilli())
			w.do(`UPDATE reminders SET due_at = $1 WHERE rung = 'before-4h'`, now.Add(30*time.Minute).UnixMilli())
			server := twiliotest.Start(b, twiliotest.Options{Forgetful: true})
			channel, err := twilio.New(newComposer(b), twilio.Settings{AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken,
				From: twiliotest.Number, BaseURL: server.URL, Connections: benchTextsAtOnce})
			if err != nil {
				b.Fatal(err)
			}
			server.Stop()
			clock := &shiftedClock{day: now, began: time.Now()}
			sender := Sender{Channel: channel, Connections: benchTextsAtOnce}
			settings := w.settings()
			settings.Clock, settings.Operations = clock, nil
			settings.Senders = map[string]Sender{notify.BySMS: sender}
			order := &inOrder{Channel: channel, want: texts - useless, done: make(chan struct{})}
			sender.Channel = order
			d := newDelivery(settings, "bench")
			ctx, stop := context.WithCancel(b.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				d.keep(ctx, notify.BySMS, sender)
			}()
			for !d.gate(notify.BySMS).isOpen() { // the provider is found to be down
				runtime.Gosched()
			}
			for w.lines(`SELECT COUNT(*) FROM messages WHERE state = 'sending'`)[0] != "0" { // what is under way breaks off
				runtime.Gosched()
			}
			b.ResetTimer()
			clock.shift(time.Hour)
			server.Restart(b)
			back := time.Now()
			<-order.done
			took := time.Since(back)
			b.StopTimer()
			stop()
			<-ended
			b.ReportMetric(took.Seconds(), "s-to-the-last")
			b.ReportMetric(float64(server.Requests(twiliotest.List)), "questions")
			if n := server.Count(); n != texts-useless {
				b.Errorf("the server took %d texts, want %d: none twice, none of no use", n, texts-useless)
			}
			if n := w.lines(`SELECT COUNT(*) FROM messages WHERE state = 'sent'`)[0]; n != strconv.Itoa(texts-useless) {
				b.Errorf("%s are recorded as sent, want %d", n, texts-useless)
			}
			if order.urgentAfterRoutine > 2*benchTextsAtOnce { // what was under way together
				b.Errorf("%d urgent texts went after a routine one", order.urgentAfterRoutine)
			}
			channel.Close(context.Background())
		})
	}
}

// inOrder notes whether urgent texts went before routine ones.
type inOrder struct {
	notify.Channel
	mu                 sync.Mutex
	sent, want         int
	routine            bool
	urgentAfterRoutine int
	done               chan struct{}
}

func (c *inOrder) Send(ctx context.Context, now time.Time, m notify.Message) notify.Outcome {
	o := c.Channel.Send(ctx, now, m)
	if o.State != notify.Sent {
		return o
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	urgent := m.Urgent()
	if c.routine && urgent {
		c.urgentAfterRoutine++
	}
	c.routine = c.routine || !urgent
	if c.sent++; c.sent == c.want {
		close(c.done)
	}
	return o
}

// shiftedClock goes as fast as the machine's, from another day on, and can be put
// forward.
type shiftedClock struct {
	day, began time.Time
	by         atomic.Int64
}

func (c *shiftedClock) shift(by time.Duration) { c.by.Add(int64(by)) }

func (c *shiftedClock) Now() time.Time {
	return c.day.Add(time.Since(c.began) + time.Duration(c.by.Load()))
}

func (c *shiftedClock) Timer(until time.Time) (<-chan time.Time, func() bool) {
	t := time.NewTimer(min(until.Sub(c.Now()), 50*time.Millisecond)) // it may have been put forward
	return t.C, t.Stop
}
