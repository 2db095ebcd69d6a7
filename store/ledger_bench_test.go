package store_test

import (
	"fmt"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

const (
	ledgerMessages = 10_000
	claimedAtOnce  = 100
	exchangedOnce  = 8 // as many as eight connections bring together
)

var ledgerNow = time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)

// BenchmarkLedger measures what the ledger adds to the delivery of a message: to
// claim it, to read what it says, and to record that it went. A text has a name of
// its own at its provider and a receipt to come, an email neither. "receipts" is a
// receipt for each text, 100 at a time.
func BenchmarkLedger(b *testing.B) {
	for _, database := range places {
		for _, channel := range []string{"email", "sms"} {
			b.Run(database.name+"/"+channel, func(b *testing.B) {
				url := database.url(b)
				s := storetest.Open(b, url)
				takeCases(b, s, storetest.Guidance(b), 1, 1000)
				var took time.Duration
				for b.Loop() {
					b.StopTimer()
					fillLedger(b, s, url, channel)
					b.StartTimer()
					start := time.Now()
					sendAll(b, s, channel)
					took += time.Since(start)
				}
				b.ReportMetric(ledgerMessages*float64(b.N)/took.Seconds(), "messages/s")
			})
		}
		b.Run(database.name+"/receipts", func(b *testing.B) {
			url := database.url(b)
			s := storetest.Open(b, url)
			takeCases(b, s, storetest.Guidance(b), 1, 1000)
			var took time.Duration
			for b.Loop() {
				b.StopTimer()
				fillLedger(b, s, url, "sms")
				sendAll(b, s, "sms")
				b.StartTimer()
				start := time.Now()
				deliverAll(b, s)
				took += time.Since(start)
			}
			b.ReportMetric(ledgerMessages*float64(b.N)/took.Seconds(), "messages/s")
		})
	}
}

// fillLedger leaves messages of one reminder each in the ledger, and nothing else.
func fillLedger(b *testing.B, s *store.Store, url, channel string) {
	b.Helper()
	data := raw(b, url)
	for _, statement := range []string{"DELETE FROM messages", "DELETE FROM reminders"} {
		if _, err := data.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	messages := make([]store.Message, ledgerMessages)
	for i := range messages {
		messages[i] = store.Message{Key: fmt.Sprintf("bench/%d", i), Kind: "reminder", Person: "W1", Channel: channel,
			Address: "w1@example.org", Severity: pathway.Severity(i % 3), NextTry: ledgerNow}
	}
	if _, err := s.QueueMessages(b.Context(), nil, ledgerNow, messages); err != nil {
		b.Fatal(err)
	}
	_, err := data.Exec(`INSERT INTO reminders (duty_id, due_at, rung, person, channel, role, reason, message_id, created_at)
SELECT (SELECT MIN(id) FROM duties) + id % 1000, 0, CAST(id AS TEXT), 'W1', channel, 'practitioner', 'sent', id, 0 FROM messages`)
	if err != nil {
		b.Fatal(err)
	}
	if err := data.Close(); err != nil {
		b.Fatal(err)
	}
}

func sendAll(b *testing.B, s *store.Store, channel string) {
	b.Helper()
	for left := ledgerMessages; left > 0; {
		claimed, err := s.ClaimMessages(b.Context(), ledgerNow, channel, "bench", claimedAtOnce, ledgerNow.Add(time.Minute))
		if err != nil || len(claimed) == 0 {
			b.Fatalf("ClaimMessages = %d, %v; want messages, %d are left", len(claimed), err, left)
		}
		left -= len(claimed)
		var ids []int64
		var outcomes []store.Outcome
		for i := range claimed {
			ids = append(ids, claimed[i].ID)
			o := store.Outcome{Message: claimed[i].ID, State: store.MessageSent}
			if channel == "sms" {
				o.ProviderID, o.PollAt = fmt.Sprintf("SM%032d", o.Message), ledgerNow.Add(time.Minute)
			}
			outcomes = append(outcomes, o)
		}
		if reminders, err := s.MessageReminders(b.Context(), ids); err != nil || len(reminders) != len(ids) {
			b.Fatalf("MessageReminders of %d = %d, %v", len(ids), len(reminders), err)
		}
		for len(outcomes) > 0 {
			n := min(exchangedOnce, len(outcomes))
			if err := s.RecordOutcome(b.Context(), ledgerNow, "bench", outcomes[:n]...); err != nil {
				b.Fatal(err)
			}
			outcomes = outcomes[n:]
		}
	}
}

func deliverAll(b *testing.B, s *store.Store) {
	b.Helper()
	now := ledgerNow.Add(time.Minute)
	for left := ledgerMessages; left > 0; {
		sent, err := s.MessagesToPoll(b.Context(), now, "sms", claimedAtOnce)
		if err != nil || len(sent) == 0 {
			b.Fatalf("MessagesToPoll = %d, %v; want messages, %d are left", len(sent), err, left)
		}
		left -= len(sent)
		names := make([]string, len(sent))
		for i := range sent {
			names[i] = sent[i].ProviderID
		}
		known, err := s.MessagesByProviderID(b.Context(), "sms", names)
		if err != nil || len(known) != len(sent) {
			b.Fatalf("MessagesByProviderID of %d = %d, %v", len(sent), len(known), err)
		}
		receipts := make([]store.Progressed, 0, len(sent))
		for name, m := range known {
			receipts = append(receipts, store.Progressed{Message: m.ID, ProviderID: name, Progress: "delivered"})
		}
		if err := s.RecordProgress(b.Context(), now, receipts); err != nil {
			b.Fatal(err)
		}
	}
}
