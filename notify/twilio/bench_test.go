package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/twiliotest"
)

// One operation of these benchmarks is 10,000 texts through eight connections to
// a server on this machine, which takes its part of the same processors.
const (
	benchmarkTexts       = 10_000
	benchmarkConnections = 8
)

// BenchmarkTexts gives each way by itself; the figure that counts, how one does
// beside the other, is BenchmarkTextsBesideBareHTTP's.
func BenchmarkTexts(b *testing.B) {
	for _, way := range []struct {
		name   string
		sender func(testing.TB) func(key string) error
	}{{"bare net-http", bareSender}, {"Doorstep", doorstepSender}} {
		b.Run(way.name, func(b *testing.B) {
			send := way.sender(b)
			b.ReportAllocs()
			var took time.Duration
			for b.Loop() {
				took += sendMany(b, benchmarkTexts, send)
			}
			b.ReportMetric(float64(benchmarkTexts*b.N)/took.Seconds(), "texts/s")
		})
	}
}

// BenchmarkTextsBesideBareHTTP sends by turns, so that whatever else the machine
// does meets both alike.
func BenchmarkTextsBesideBareHTTP(b *testing.B) {
	const turns = 10
	bare, doorstep := bareSender(b), doorstepSender(b)
	sendMany(b, benchmarkTexts/turns, bare) // what is made once is made before
	sendMany(b, benchmarkTexts/turns, doorstep)
	var tookBare, tookDoorstep time.Duration
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		for range turns {
			tookBare += sendMany(b, benchmarkTexts/turns, bare)
			tookDoorstep += sendMany(b, benchmarkTexts/turns, doorstep)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	texts := float64(benchmarkTexts * b.N)
	b.ReportMetric(texts/tookBare.Seconds(), "bare-texts/s")
	b.ReportMetric(texts/tookDoorstep.Seconds(), "doorstep-texts/s")
	b.ReportMetric(tookBare.Seconds()/tookDoorstep.Seconds(), "of-bare")
	b.ReportMetric((float64(after.HeapInuse)-float64(before.HeapInuse))/1024, "KB-grown")
}

// sendMany sends n texts, eight at a time.
func sendMany(b *testing.B, n int, send func(key string) error) time.Duration {
	var number atomic.Int64
	var senders sync.WaitGroup
	start := time.Now()
	for range benchmarkConnections {
		senders.Go(func() {
			for {
				i := number.Add(1)
				if i > int64(n) {
					return
				}
				if err := send(fmt.Sprint("benchmark", i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	senders.Wait()
	return time.Since(start)
}

// bareSender posts the finished words as a form and reads the SID: net/http alone,
// with nothing around it.
func bareSender(t testing.TB) func(key string) error {
	server := twiliotest.Start(t, twiliotest.Options{Forgetful: true})
	words, err := newComposer(t).Compose(morning, reminder("benchmark"))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxConnsPerHost: benchmarkConnections, MaxIdleConnsPerHost: benchmarkConnections}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	address := server.URL + "/2010-04-01/Accounts/" + twiliotest.AccountSID + "/Messages.json"
	return func(string) error {
		form := url.Values{"To": {practitioner}, "From": {twiliotest.Number}, "Body": {words.SMS}}
		r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		r.SetBasicAuth(twiliotest.AccountSID, twiliotest.AuthToken)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := client.Do(r)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		var answer struct{ SID string }
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.SID == "" {
			return fmt.Errorf("HTTP %d, %w", response.StatusCode, err)
		}
		return nil
	}
}

// doorstepSender is everything from Message to Outcome.
func doorstepSender(t testing.TB) func(key string) error {
	server := twiliotest.Start(t, twiliotest.Options{Forgetful: true})
	c := newChannel(t, server, func(s *Settings) { s.Connections = benchmarkConnections })
	return func(key string) error {
		if o := c.Send(context.Background(), morning, reminder(key)); o.State != notify.Sent {
			return errors.New(o.Reason)
		}
		return nil
	}
}
