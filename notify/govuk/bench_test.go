package govuk

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/govuktest"
)

// BenchmarkSend hands texts to the server for tests over eight connections. The
// baseline posts the same to it with nothing but net/http, so it is refused at once.
func BenchmarkSend(b *testing.B) {
	server := govuktest.Start(b, govuktest.Options{Now: at(noon), Forgetful: true})
	c := newChannel(b, server, notify.BySMS, nil)
	spread := func(b *testing.B, send func(i int)) {
		var wg sync.WaitGroup
		next := make(chan int)
		for range 8 {
			wg.Go(func() {
				for i := range next {
					send(i)
				}
			})
		}
		for i := range b.N {
			next <- i
		}
		close(next)
		wg.Wait()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
	}
	b.Run("baseline", func(b *testing.B) {
		b.ReportAllocs()
		client := client(8)
		spread(b, func(int) {
			response, err := client.Post(server.URL+"/v2/notifications/sms", "application/json", strings.NewReader(`{}`))
			if err != nil {
				b.Error(err)
				return
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode != http.StatusUnauthorized {
				b.Errorf("status %d, want 401", response.StatusCode)
			}
		})
	})
	b.Run("channel", func(b *testing.B) {
		b.ReportAllocs()
		spread(b, func(i int) {
			if o := send(c, reminder(notify.BySMS, fmt.Sprint(i))); o.State != notify.Sent {
				b.Errorf("%+v, want it sent", o)
			}
		})
	})
}

// BenchmarkReceipts asks for ten thousand receipts at once.
func BenchmarkReceipts(b *testing.B) {
	server := govuktest.Start(b, govuktest.Options{Now: at(noon)})
	c := newChannel(b, server, notify.BySMS, nil)
	ids := server.AddMessages(10_000, "sms", "+447700900101")
	b.ReportAllocs()
	for b.Loop() {
		if receipts, err := c.Receipts(context.Background(), ids); err != nil || len(receipts) != len(ids) {
			b.Fatalf("%d receipts, %v, want %d", len(receipts), err, len(ids))
		}
	}
	b.ReportMetric(float64(b.N*len(ids))/b.Elapsed().Seconds(), "receipts/s")
}
