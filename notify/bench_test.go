package notify

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"github.com/wneessen/go-mail"
)

// The benchmarks send one email of two reminders (about 5 KB) over eight kept
// connections to a sink on this machine.
const benchmarkConnections = 8

// BenchmarkEmails gives each way by itself; the figure that counts, how one does
// beside the other, is BenchmarkEmailsBesideBareGoMail's.
func BenchmarkEmails(b *testing.B) {
	for name, sender := range map[string]func(testing.TB) func(string) error{"bare go-mail": bareSender, "Doorstep": doorstepSender} {
		b.Run(name, func(b *testing.B) {
			send := sender(b)
			b.ReportAllocs()
			b.ResetTimer()
			took := sendMany(b, b.N, send)
			b.ReportMetric(float64(b.N)/took.Seconds(), "emails/s")
		})
	}
}

// BenchmarkEmailsBesideBareGoMail lets both take turns of 500 emails, so that
// whatever else the machine does meets both alike. One operation is a turn each.
func BenchmarkEmailsBesideBareGoMail(b *testing.B) {
	const turn = 500
	bare, doorstep := bareSender(b), doorstepSender(b)
	var tookBare, tookDoorstep time.Duration
	for b.Loop() {
		tookBare += sendMany(b, turn, bare)
		tookDoorstep += sendMany(b, turn, doorstep)
	}
	b.ReportMetric(float64(turn*b.N)/tookBare.Seconds(), "bare-emails/s")
	b.ReportMetric(float64(turn*b.N)/tookDoorstep.Seconds(), "doorstep-emails/s")
	b.ReportMetric(tookBare.Seconds()/tookDoorstep.Seconds(), "of-bare")
}

// sendMany sends n emails, eight at a time.
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
				if err := send(strconv.FormatInt(i, 10)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	senders.Wait()
	return time.Since(start)
}

func benchmarkMessage(key string) Message {
	return reminderEmail("benchmark"+key, seeAgain(), secondContact())
}

// bareSender is go-mail alone: the finished words of the same email, the fewest
// round trips it can do, and nothing around it.
func bareSender(t testing.TB) func(key string) error {
	server := smtptest.Start(t, smtptest.Options{Forgetful: true})
	m := benchmarkMessage("")
	words, err := newComposer(t).Compose(m.Created, m)
	if err != nil {
		t.Fatal(err)
	}
	clients := make(chan *mail.Client, benchmarkConnections)
	for range benchmarkConnections {
		client, err := mail.NewClient(server.Host, mail.WithPort(server.Port), mail.WithTLSPolicy(mail.NoTLS),
			mail.WithHELO("example.org"), mail.WithoutNoop(), mail.WithoutRset())
		if err != nil {
			t.Fatal(err)
		}
		if err := client.DialWithContext(context.Background()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		clients <- client
	}
	return func(key string) error {
		msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
		if err := errors.Join(msg.From("doorstep@example.org"), msg.To("w1@example.org")); err != nil {
			return err
		}
		msg.Subject(words.Subject)
		msg.SetDateWithValue(m.Created)
		msg.SetMessageIDWithValue(key + "@example.org")
		msg.SetBodyString(mail.TypeTextPlain, words.Text)
		msg.AddAlternativeString(mail.TypeTextHTML, words.HTML)
		msg.AttachReadSeeker("due.ics", strings.NewReader(words.ICS))
		client := <-clients
		defer func() { clients <- client }()
		return client.Send(msg)
	}
}

// doorstepSender is everything from Message to Outcome.
func doorstepSender(t testing.TB) func(key string) error {
	server := smtptest.Start(t, smtptest.Options{Forgetful: true})
	s := newSMTP(t, server, func(s *SMTPSettings) { s.Connections = benchmarkConnections })
	return func(key string) error {
		m := benchmarkMessage(key)
		if o := s.Send(context.Background(), m.Created, m); o.State != Sent {
			return errors.New(o.Reason)
		}
		return nil
	}
}

func BenchmarkCompose(b *testing.B) {
	c := newComposer(b)
	for _, s := range samples() {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Compose(s.now, s.message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
