package scheduler

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twilio"
	"example.org/doorstep/notify/twiliotest"
	"example.org/doorstep/store/storetest"
)

const (
	benchTexts       = 10_000
	benchTextLimit   = 500 // a second
	benchTextsAtOnce = 16
)

// BenchmarkTexts measures 10,000 texts from the ledger to taken, through a server
// that behaves as Twilio does: with the provider's limit of 500 a second
// ("of-limit" is how much of it is made use of, and "refused" how many texts the
// server had to refuse because they came too fast), and without one, beside bare
// HTTP requests with the same forms to the same server. "heap-MB" is the most
// memory in use meanwhile beyond what was before.
func BenchmarkTexts(b *testing.B) {
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", storetest.MigratedSQLiteURL}, {"Postgres", storetest.MigratedPostgresURL}} {
		for _, limit := range []int{benchTextLimit, 0} {
			b.Run(fmt.Sprintf("%s/limit=%d", database.name, limit), func(b *testing.B) {
				w := newWorld(b, database.url(b))
				w.queueTexts(benchTexts)
				b.ReportAllocs()
				var took, bare time.Duration
				refused, heap := 0, uint64(0)
				for b.Loop() {
					b.StopTimer()
					w.do(`UPDATE messages SET state = 'queued', tries = 0, provider_id = '', poll_at = NULL, next_try_at = created_at`)
					b.StartTimer()
					one, server, peak := w.sendTexts(b, limit)
					took += one
					heap = max(heap, peak)
					b.StopTimer()
					if n := server.Count(); n != benchTexts {
						b.Errorf("the server took %d texts, want %d", n, benchTexts)
					}
					refused += server.Requests(twiliotest.Create) - server.Count()
					if limit == 0 {
						bare += bareTexts(b)
					}
					b.StartTimer()
				}
				speed := benchTexts * float64(b.N) / took.Seconds()
				b.ReportMetric(speed, "texts/s")
				b.ReportMetric(float64(heap)/1e6, "heap-MB")
				if limit > 0 {
					b.ReportMetric(speed/float64(limit), "of-limit")
					b.ReportMetric(float64(refused)/float64(b.N), "refused")
				} else {
					b.ReportMetric(benchTexts*float64(b.N)/bare.Seconds(), "bare-texts/s")
				}
			})
		}
	}
}

// queueTexts leaves so many urgent texts in the ledger, each with its reminder.
func (w *world) queueTexts(texts int) {
	w.t.Helper()
	now := at(w.t, benchNow)
	w.fill(texts)
	numbers := `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ` + strconv.Itoa(texts) + `) `
	w.do(`INSERT INTO messages (key, kind, person, channel, address, severity, created_at, next_try_at, state) `+numbers+
		`SELECT 'bench-' || i, 'reminder', 'W1', 'sms', '`+w1Mobile+`', 100, $1, $1, 'queued' FROM n`, now.UnixMilli())
	w.do(`INSERT INTO reminders (duty_id, due_at, rung, person, channel, role, reason, message_id, created_at)
		SELECT d.id, 0, 'start', 'W1', 'sms', 'practitioner', 'sent', m.id, $1
		FROM messages m JOIN duties d ON d.case_ref = 'KN-' || substr(m.key, 7)`, now.UnixMilli())
	if !w.onSQLite() {
		w.do(`VACUUM ANALYZE`)
	}
}

// sendTexts sends what is queued, and returns how long it took and the most memory
// in use meanwhile.
func (w *world) sendTexts(b *testing.B, limit int) (took time.Duration, server *twiliotest.Server, heap uint64) {
	server = twiliotest.Start(b, twiliotest.Options{Forgetful: true, Rate: limit})
	channel, err := twilio.New(newComposer(b), twilio.Settings{
		AccountSID: twiliotest.AccountSID, AuthToken: twiliotest.AuthToken, From: twiliotest.Number, BaseURL: server.URL, Connections: benchTextsAtOnce,
	})
	if err != nil {
		b.Fatal(err)
	}
	sender := Sender{Channel: channel, Connections: benchTextsAtOnce, PerSecond: float64(limit)}
	settings := w.settings()
	settings.Clock, settings.Notes = fixedDay{at(b, benchNow), time.Now()}, b.TempDir()
	settings.Senders = map[string]Sender{notify.BySMS: sender}
	done := &untilSent{left: benchTexts, done: make(chan struct{})}
	settings.Observer = done
	d := newDelivery(settings, "bench")
	ctx, stop := context.WithCancel(b.Context())
	peak := heapPeak(ctx)
	ended := make(chan struct{})
	start := time.Now()
	go func() {
		defer close(ended)
		d.keep(ctx, notify.BySMS, sender)
	}()
	<-done.done
	took = time.Since(start)
	stop()
	<-ended
	d.closeNotes()
	if err := channel.Close(context.Background()); err != nil {
		b.Error(err)
	}
	return took, server, <-peak
}

// heapPeak watches until ctx ends and then tells the most memory in use beyond
// what was in the beginning.
func heapPeak(ctx context.Context) <-chan uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, uint64(0)
	out := make(chan uint64, 1)
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				out <- peak
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				if m.HeapAlloc > before {
					peak = max(peak, m.HeapAlloc-before)
				}
			}
		}
	}()
	return out
}

// bareTexts posts as many forms to such a server with nothing around it.
func bareTexts(b *testing.B) time.Duration {
	server := twiliotest.Start(b, twiliotest.Options{Forgetful: true})
	form := url.Values{"To": {w1Mobile}, "From": {twiliotest.Number}, "Body": {"Urgent, due tomorrow 10:00: discuss, KN-1."}}.Encode()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchTextsAtOnce, MaxConnsPerHost: benchTextsAtOnce}}
	var number atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range benchTextsAtOnce {
		all.Go(func() {
			for number.Add(1) <= benchTexts {
				request, err := http.NewRequestWithContext(b.Context(), http.MethodPost,
					server.URL+"/2010-04-01/Accounts/"+twiliotest.AccountSID+"/Messages.json", strings.NewReader(form))
				if err != nil {
					b.Error(err)
					return
				}
				request.SetBasicAuth(twiliotest.AccountSID, twiliotest.AuthToken)
				request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				response, err := client.Do(request)
				if err != nil {
					b.Error(err)
					return
				}
				response.Body.Close()
			}
		})
	}
	all.Wait()
	return time.Since(start)
}
