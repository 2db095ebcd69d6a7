package scheduler

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"example.org/doorstep/notify"
	"example.org/doorstep/notify/origin"
	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

const (
	benchConnections = 8
	benchEmails      = 8000
)

// BenchmarkDelivery measures emails from the ledger to accepted on eight kept
// connections, beside bare go-mail that hands over the same finished texts on
// eight kept connections: as it comes ("delivery/bare" is the ratio of their
// speeds), and with the fewest round trips it can do ("delivery/leanest").
func BenchmarkDelivery(b *testing.B) {
	for _, database := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", storetest.MigratedSQLiteURL}, {"Postgres", storetest.MigratedPostgresURL}} {
		b.Run(database.name, func(b *testing.B) {
			w := newWorld(b, database.url(b))
			w.fill(benchEmails)
			w.do(`UPDATE duties SET ladder = 'urgent'`)
			w.staff(benchEmails)
			composer := newComposer(b)
			var bare, leanest, delivery time.Duration
			for b.Loop() {
				b.StopTimer()
				w.fillLedger()
				bare += bareEmails(b, composer)
				leanest += bareEmails(b, composer, mail.WithoutNoop(), mail.WithoutRset())
				b.StartTimer()
				delivery += w.deliverAll(b, composer)
			}
			b.ReportMetric(benchEmails*float64(b.N)/delivery.Seconds(), "emails/s")
			b.ReportMetric(benchEmails*float64(b.N)/bare.Seconds(), "bare-emails/s")
			b.ReportMetric(bare.Seconds()/delivery.Seconds(), "delivery/bare")
			b.ReportMetric(leanest.Seconds()/delivery.Seconds(), "delivery/leanest")
		})
	}
}

// composer is made once: it tries all its wording.
var composer = sync.OnceValues(func() (*notify.Composer, error) {
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		return nil, err
	}
	return notify.NewComposer(os.DirFS("../configs/wording/messages"), notify.Settings{
		From: "Doorstep <doorstep@example.org>", OrganisationName: "Knowsley Council", ServiceName: "Children's social care",
		PublicURL: "https://doorstep.example.org", Location: zone, Origin: origin.FixedKeys(),
	})
})

func newComposer(t testing.TB) *notify.Composer {
	t.Helper()
	c, err := composer()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// staff gives each case people of its own: what one of them is told at a scan is one
// email, however many cases it is about.
func (w *world) staff(cases int) {
	w.t.Helper()
	numbers := `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ` + strconv.Itoa(cases) + `) `
	for _, whose := range []string{"practitioner", "manager"} {
		w.do(copies("people", w.lines(columnsOf(w, "people"), "people"), map[string]string{"id": `'` + whose + `-KN-' || i`}, numbers))
		w.do(`UPDATE cases SET now_` + whose + ` = '` + whose + `-' || ref WHERE ref <> 'KN-0'`)
	}
}

// fillLedger leaves benchEmails emails in the ledger, as a scan writes them.
func (w *world) fillLedger() {
	w.t.Helper()
	now := at(w.t, benchNow)
	w.do(`DELETE FROM reminders`)
	w.do(`DELETE FROM messages`)
	w.do(`UPDATE duties SET opened_at = $1, due_at = $2, climbed_due_at = NULL, climbed_through = NULL, next_rung_at = $1
		WHERE id % 2 = 0`, now.UnixMilli(), now.Add(24*time.Hour).UnixMilli())
	w.clock.jump(now)
	if _, err := w.scanner().Scan(context.Background(), nil, now); err != nil {
		w.t.Fatal(err)
	}
	if !w.onSQLite() {
		w.do(`VACUUM ANALYZE duties, reminders, messages`)
	}
	if emails := w.lines(`SELECT COUNT(*) FROM messages WHERE channel = 'email'`)[0]; emails != strconv.Itoa(benchEmails) {
		w.t.Fatalf("a scan has written %s emails, want %d", emails, benchEmails)
	}
}

func (w *world) deliverAll(b *testing.B, composer *notify.Composer) time.Duration {
	server := smtptest.Start(b, smtptest.Options{Forgetful: true})
	channel, err := notify.NewSMTP(composer, notify.SMTPSettings{Host: server.Host, Port: server.Port, Connections: benchConnections})
	if err != nil {
		b.Fatal(err)
	}
	d := w.noting("bench", b.TempDir(), slog.New(slog.DiscardHandler))
	d.clock = fixedDay{at(b, benchNow), time.Now()}
	d.observer = &untilSent{left: benchEmails, done: make(chan struct{})}
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan struct{})
	start := time.Now()
	go func() {
		defer close(ended)
		d.keep(ctx, notify.ByEmail, Sender{Channel: channel, Connections: benchConnections})
	}()
	<-d.observer.(*untilSent).done
	took := time.Since(start)
	stop()
	<-ended
	d.closeNotes()
	if err := channel.Close(context.Background()); err != nil {
		b.Error(err)
	}
	if server.Count() != benchEmails {
		b.Errorf("the server took %d emails, want %d", server.Count(), benchEmails)
	}
	return took
}

// untilSent says when so many messages have been sent.
type untilSent struct {
	unobserved
	left int64
	done chan struct{}
}

func (u *untilSent) MessageEnded(string, store.MessageState) {
	if atomic.AddInt64(&u.left, -1) == 0 {
		close(u.done)
	}
}

// fixedDay goes as fast as the machine's clock, from another day on.
type fixedDay struct{ day, began time.Time }

func (c fixedDay) Now() time.Time { return c.day.Add(time.Since(c.began)) }

func (c fixedDay) Timer(until time.Time) (<-chan time.Time, func() bool) {
	t := time.NewTimer(until.Sub(c.Now()))
	return t.C, t.Stop
}

func bareEmails(b *testing.B, composer *notify.Composer, options ...mail.Option) time.Duration {
	server := smtptest.Start(b, smtptest.Options{Forgetful: true})
	now := at(b, benchNow)
	texts, err := composer.Compose(now, notify.Message{
		Key: "bench", Kind: notify.KindReminder, Channel: notify.ByEmail, Created: now,
		To: notify.Address{Email: "w1@example.org"},
		Reminders: []notify.Reminder{{CaseRef: "KN-1", Duty: "discuss", Title: "Discuss with the team manager", Attempt: 1, Urgent: true,
			Rung: "start", Role: "practitioner", OwnerRole: "practitioner", OwnerID: "W1", Opened: now, Due: now.Add(24 * time.Hour),
			Why: "because", Basis: notify.BasisGuidance, Clause: "2.1"}},
	})
	if err != nil {
		b.Fatal(err)
	}
	var clients []*mail.Client
	for range benchConnections {
		client, err := mail.NewClient(server.Host, append(options,
			mail.WithPort(server.Port), mail.WithTLSPolicy(mail.NoTLS), mail.WithHELO("example.org"))...)
		if err != nil {
			b.Fatal(err)
		}
		if err := client.DialWithContext(context.Background()); err != nil {
			b.Fatal(err)
		}
		defer client.Close()
		clients = append(clients, client)
	}
	start := time.Now()
	var number atomic.Int64
	var all sync.WaitGroup
	for _, client := range clients {
		all.Go(func() {
			for {
				n := number.Add(1)
				if n > benchEmails {
					return
				}
				msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
				if err := msg.From("doorstep@example.org"); err != nil {
					b.Error(err)
				}
				if err := msg.To("w1@example.org"); err != nil {
					b.Error(err)
				}
				msg.Subject(texts.Subject)
				msg.SetDateWithValue(now)
				msg.SetMessageIDWithValue(strconv.FormatInt(n, 10) + "@example.org")
				msg.SetBodyString(mail.TypeTextPlain, texts.Text)
				msg.AddAlternativeString(mail.TypeTextHTML, texts.HTML)
				if texts.ICS != "" {
					msg.AttachReadSeeker("due.ics", strings.NewReader(texts.ICS))
				}
				if err := client.Send(msg); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}
