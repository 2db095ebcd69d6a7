package storetest

import (
	"fmt"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func testReplies(t *testing.T, open func(t testing.TB) *store.Store) {
	const number = "+447700900101"

	t.Run("ATextIsTakenAndAnsweredOnce", func(t *testing.T) {
		s := newScene(t, open)
		takes := func(id, answer string) bool {
			first, err := s.TakeReply(t.Context(), at(t, "2026-09-02 10:31"),
				store.Reply{ID: id, Channel: "sms", Person: "W1", Verb: "done", Outcome: "recorded", Received: at(t, "2026-09-02 10:30")},
				[]store.Message{{Key: answer, Kind: "answer", Person: "W1", Channel: "sms", Address: number, NextTry: at(t, "2026-09-02 10:31")}})
			if err != nil {
				t.Fatal(err)
			}
			return first
		}
		wantKnown := func(want bool) {
			t.Helper()
			if known, err := s.ReplyKnown(t.Context(), "SM1"); err != nil || known != want {
				t.Errorf("ReplyKnown = %v, %v; want %v", known, err, want)
			}
		}
		wantKnown(false)
		if first, again := takes("SM1", "answer-1"), takes("SM1", "answer-2"); !first || again {
			t.Errorf("TakeReply twice = %v, %v; want true, false", first, again)
		}
		wantKnown(true)
		if !takes("SM2", "answer-1") { // the answer is there already
			t.Error("TakeReply of another text = false, want true")
		}
		for since, want := range map[string]int{"2026-09-02 10:31": 1, "2026-09-02 10:32": 0} {
			if n, err := s.AnswersSince(t.Context(), number, at(t, since)); err != nil || n != want {
				t.Errorf("AnswersSince %s = %d, %v; want %d", since, n, err, want)
			}
		}
		if n, err := s.AnswersSince(t.Context(), "+447700900102", at(t, "2026-09-02 10:31")); err != nil || n != 0 {
			t.Errorf("AnswersSince to another number = %d, %v; want 0", n, err)
		}
		keys, _ := s.claimsBy("sms", "a", "2026-09-02 10:31")
		same(t, "to be sent", keys, []string{"answer-1"})
	})
	t.Run("TheTextsToANumberSayWhatTheyWereAbout", func(t *testing.T) {
		s := newScene(t, open)
		s.says("2026-09-02 10:29", "old", 5, "see-child W1 sms")
		s.says("2026-09-02 10:30", "first", 5, "discuss-with-manager W1 sms", "set-timeframe W1 sms")
		s.says("2026-09-02 10:31", "second", 5, "record-practitioner W1 sms")
		s.says("2026-09-02 10:31", "other", 5, "record-manager W2 sms")
		s.says("2026-09-02 10:31", "email", 5, "record-manager W1 email")
		s.queues("2026-09-02 10:31", "answer", "answer sms W1 "+number)
		s.sends("2026-09-02 10:31", "sms", "2026-09-02 10:40")
		s.sends("2026-09-02 10:31", "email", "2026-09-02 10:40")
		s.says("2026-09-02 10:32", "unsent", 5, "record-manager W1 sms")
		s.progresses("2026-09-02 10:40", s.receipt("second", "delivered"))
		s.happens("x2", pathway.KindDiscussedWithManager, "W1", "2026-09-02 15:00")
		texts, err := s.TextsTo(t.Context(), number, at(t, "2026-09-02 10:30"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, text := range texts {
			for _, r := range text.Reminders {
				got = append(got, fmt.Sprintf("%s to %s at %s: %s of %s is %s, with %s under %s in %s", text.Key, text.Person, clock(t, text.Created),
					r.Duty.ID, r.Duty.Case, r.State, r.Practitioner, r.Manager, r.Team))
			}
		}
		same(t, "texts", got, []string{
			"second to W1 at 2026-09-02 10:31: record-practitioner of KN-7 is open, with W1 under G1 in East",
			"first to W1 at 2026-09-02 10:30: discuss-with-manager of KN-7 is met, with W1 under G1 in East",
			"first to W1 at 2026-09-02 10:30: set-timeframe of KN-7 is open, with W1 under G1 in East",
		})
		if texts, err = s.TextsTo(t.Context(), "+447700900999", at(t, "2026-09-02 10:30")); err != nil || len(texts) != 0 {
			t.Errorf("TextsTo an unknown number = %v, %v; want none", texts, err)
		}
	})
	t.Run("AcknowledgementsAreThoseOfTheDuty", func(t *testing.T) {
		s := newScene(t, open)
		acknowledges := func(id, by, duty, when string) pathway.Event {
			return pathway.Event{ID: id, Case: "KN-7", Kind: pathway.KindAcknowledged, By: by, Value: duty, At: at(t, when)}
		}
		voids := func(id, of, when string) pathway.Event {
			return pathway.Event{ID: id, Case: "KN-7", Kind: pathway.KindVoided, By: "W1", Value: of, At: at(t, when)}
		}
		taken(t, s.Store, s.rules, rows{IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 12:00")}, events: []pathway.Event{
			acknowledges("a1", "W1", "discuss-with-manager", "2026-09-02 11:00"),
			acknowledges("a2", "G1", "discuss-with-manager", "2026-09-02 11:10"), voids("v4", "a2", "2026-09-02 11:30"), voids("v5", "v4", "2026-09-02 11:35"), // put back
			acknowledges("a3", "W2", "discuss-with-manager", "2026-09-02 11:20"), voids("v1", "a3", "2026-09-02 11:30"), // a mistake
			voids("v2", "a3", "2026-09-02 11:31"), voids("v3", "v2", "2026-09-02 11:32"), // twice, once of them in error
			acknowledges("a4", "W2", "discuss-with-manager", "2026-09-02 09:00"), // before it opened
			acknowledges("a5", "G1", "set-timeframe", "2026-09-02 11:40"),
		}})
		discuss, timeframe := s.duties["discuss-with-manager"].ID, s.duties["set-timeframe"].ID
		found, err := s.Acknowledgements(t.Context(), []int64{discuss, timeframe, s.duties["see-child"].ID})
		if err != nil || len(found) != 2 {
			t.Fatalf("Acknowledgements = %v, %v; want those of two duties", found, err)
		}
		var got []string
		for _, duty := range []int64{discuss, timeframe} {
			for _, a := range found[duty] {
				got = append(got, fmt.Sprintf("%v %s %s", duty == discuss, a.By, clock(t, a.At)))
			}
		}
		same(t, "acknowledged", got, []string{"true W1 2026-09-02 11:00", "true G1 2026-09-02 11:10", "false G1 2026-09-02 11:40"})
		s.says("2026-09-02 12:00", "text", 5, "discuss-with-manager W1 sms")
		s.givesUp("2026-09-02 12:01", "text", nil, func(m *store.FailedMessage, _ peopleByID) (store.Replacement, error) {
			if len(m.Acknowledged) != 1 || len(m.Acknowledged[discuss]) != 2 {
				t.Errorf("the message's duties are acknowledged by %v, want W1 and G1", m.Acknowledged)
			}
			return store.Replacement{}, nil
		})
	})
}
