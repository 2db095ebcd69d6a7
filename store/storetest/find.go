package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

func testFind(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("WhoMayBeMeant", func(t *testing.T) {
		s := newScene(t, open)
		if p, err := s.Person(t.Context(), "W1"); err != nil || p.Name != "Worker One" {
			t.Errorf("W1 is %+v (error %v), want Worker One", p, err)
		}
		_, noPerson := s.Person(t.Context(), "w2")
		for want, err := range map[string]error{
			`there is nobody with the id "w2" (did you mean W2?): check the id and the people list`:             noPerson,
			"there is no case KN-8 (did you mean KN-7?): check the reference, and whether this is its database": s.NoCase(t.Context(), "KN-8"),
			"there is no case nothing-like-it: check the reference, and whether this is its database":           s.NoCase(t.Context(), "nothing-like-it"),
		} {
			if err == nil || err.Error() != want || pathway.ProblemOf(err) != pathway.NotFound {
				t.Errorf("got %v, want not found: %s", err, want)
			}
		}
	})
	t.Run("WhoIsOnWhichCases", func(t *testing.T) {
		s := newScene(t, open)
		taken(t, s.Store, s.rules, rows{cases: []pathway.Case{
			{Ref: "KN-8", Pathway: "csc-child-and-family", Opened: at(t, "2026-09-02 09:00"), Practitioner: "W1", Manager: "G1", Team: "East"},
			{Ref: "KN-9", Pathway: "csc-child-and-family", Opened: at(t, "2026-09-02 09:00"), Practitioner: "W2", Manager: "G1"},
			{Ref: "KN-10", Pathway: "csc-child-and-family", Opened: at(t, "2026-09-01 09:00"), Closed: at(t, "2026-09-02 09:00"), Practitioner: "W2", Manager: "G1", Team: "East"},
		}, IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 12:00")}})
		none, east := `"": W2 under G1, 1`, `"East": W1 under G1, 2`
		for what, tt := range map[string]struct{ teams, want []string }{
			"of all": {nil, []string{none, east}}, "of a team": {[]string{"East", "West"}, []string{east}}, "of no team": {[]string{""}, []string{none}}, "of none": {[]string{}, nil},
		} {
			found, err := s.Allocations(t.Context(), tt.teams)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range found {
				got = append(got, fmt.Sprintf("%q: %s under %s, %d", a.Team, a.Practitioner, a.Manager, a.Cases))
			}
			same(t, "the open cases "+what, got, tt.want)
		}
		busy, err := s.WithCases(t.Context(), []string{"G1", "V1", "W1", "W2", "X9"})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "who has open cases", slices.Sorted(maps.Keys(busy)), []string{"G1", "W1", "W2"})
	})
	t.Run("WhichLanguagesFamiliesRead", func(t *testing.T) {
		s := newScene(t, open)
		family := func(ref, language, closed string) pathway.Case {
			c := pathway.Case{Ref: ref, Pathway: "csc-child-and-family", Opened: at(t, "2026-09-01 09:00"), Practitioner: "W1", Manager: "G1", Language: language}
			if closed != "" {
				c.Closed = at(t, closed)
			}
			return c
		}
		taken(t, s.Store, s.rules, rows{cases: []pathway.Case{family("KN-21", "pl", ""), family("KN-22", "cy", ""), family("KN-23", "cy", ""), family("KN-24", "ur", "2026-09-02 09:00")},
			IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 12:00")}})
		got, err := s.Readers(t.Context())
		if want := "[{cy 2} {pl 1}]"; err != nil || fmt.Sprint(got) != want {
			t.Errorf("families of open cases read %v, error %v; want %s", got, err, want)
		}
	})
	t.Run("WhoHasAnswered", func(t *testing.T) {
		s := newScene(t, open)
		taken(t, s.Store, s.rules, rows{
			events:        []pathway.Event{{ID: "a1", Case: "KN-7", Kind: pathway.KindAcknowledged, Value: "discuss-with-manager", By: "W1", At: at(t, "2026-09-02 11:00")}},
			IntakeOptions: store.IntakeOptions{Now: at(t, "2026-09-02 11:00")}})
		for id, r := range map[string]store.Reply{"one": {Person: "W1", Received: at(t, "2026-09-02 10:00")}, "two": {Person: "G1", Received: at(t, "2026-09-02 12:00")},
			"three": {Received: at(t, "2026-09-02 13:00")}} {
			r.ID, r.Channel = id, pathway.ChannelSMS
			if _, err := s.TakeReply(t.Context(), r.Received, r, nil); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.LastAnswers(t.Context(), []string{"G1", "V1", "W1"})
		want := map[string]time.Time{"W1": at(t, "2026-09-02 11:00"), "G1": at(t, "2026-09-02 12:00")}
		if err != nil || len(got) != len(want) || !got["W1"].Equal(want["W1"]) || !got["G1"].Equal(want["G1"]) {
			t.Errorf("got %v (error %v), want %v: the later of a text and an acknowledgement, and nobody who is not known", got, err, want)
		}
	})
}
