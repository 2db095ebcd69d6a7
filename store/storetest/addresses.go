package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// disables has the number of W1 not used any more.
func (s *scene) disables(when string) {
	s.t.Helper()
	err := s.DisableAddress(s.t.Context(), at(s.t, when), store.DisabledAddress{Channel: "sms", Address: "+447700900101", Fault: "opted-out",
		Code: "21610", Reason: "STOP", Person: "W1"})
	if err != nil {
		s.t.Fatal(err)
	}
}

// imports takes W1 in again, with another number where one is given.
func (s *scene) imports(when, mobile string) {
	s.t.Helper()
	p := team[0]
	if mobile != "" {
		p.Mobile = mobile
	}
	taken(s.t, s.Store, s.rules, rows{people: []pathway.Person{p}, IntakeOptions: store.IntakeOptions{Now: at(s.t, when)}})
}

// addresses writes where W1 can be reached: as everybody is read, as a scan reads
// them, and as they were imported.
func (s *scene) addresses() string {
	s.t.Helper()
	reachable, err := s.ReachablePeople(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	kept, err := s.People(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var scanned []pathway.Person
	_, err = s.ScanBatch(s.t.Context(), nil, at(s.t, "2026-09-02 10:30"), 1, func(b *store.ScanBatch) (err error) {
		scanned, err = b.People([]string{"W1"})
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, people := range [][]pathway.Person{reachable, scanned, kept} {
		i := slices.IndexFunc(people, func(p pathway.Person) bool { return p.ID == "W1" })
		if i < 0 {
			s.t.Fatalf("W1 is not among %d people", len(people))
		}
		out = append(out, fmt.Sprintf("%s,%s", people[i].Email, people[i].Mobile))
	}
	if out[0] != out[1] {
		s.t.Errorf("W1 is %s to everybody and %s to a scan, want them the same", out[0], out[1])
	}
	return fmt.Sprintf("%s of %s", out[0], out[2])
}

func testAddresses(t *testing.T, open func(t testing.TB) *store.Store) {
	t.Run("ADisabledAddressIsNotUsedUntilSomebodyEditsIt", func(t *testing.T) {
		s := newScene(t, open)
		const both, disabled = "w1@example.org,+447700900101", "w1@example.org,"
		for _, step := range []struct {
			what string
			do   func()
			want string
		}{
			{"at first", func() {}, both + " of " + both},
			{"once the number is disabled", func() { s.disables("2026-09-02 10:30") }, disabled + " of " + both},
			{"when the same is imported again", func() { s.imports("2026-09-02 11:00", "") }, disabled + " of " + both},
			{"when another number is imported", func() { s.imports("2026-09-02 12:00", "+447700900109") },
				"w1@example.org,+447700900109 of w1@example.org,+447700900109"},
			{"when the old one is imported again", func() { s.imports("2026-09-02 13:00", "") }, disabled + " of " + both},
			{"once it is enabled", func() {
				for _, want := range []bool{true, false} {
					if was, err := s.EnableAddress(t.Context(), "sms", "+447700900101"); err != nil || was != want {
						t.Errorf("EnableAddress = %v, %v; want %v", was, err, want)
					}
				}
			}, both + " of " + both},
		} {
			step.do()
			if got := s.addresses(); got != step.want {
				t.Errorf("%s: W1 is at %s, want %s", step.what, got, step.want)
			}
		}
	})
	t.Run("AnAddressOfAnotherChannelIsNotMeant", func(t *testing.T) {
		s := newScene(t, open)
		for _, channel := range []string{"sms", "email"} {
			a := store.DisabledAddress{Channel: channel, Address: "w1@example.org"}
			if err := s.DisableAddress(t.Context(), at(t, "2026-09-02 10:30"), a); err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"sms": "w1@example.org,+447700900101", "email": ",+447700900101"}[channel] + " of w1@example.org,+447700900101"
			if got := s.addresses(); got != want {
				t.Errorf("with it disabled for %s, W1 is at %s, want %s", channel, got, want)
			}
		}
	})
	t.Run("TheFirstReasonStays", func(t *testing.T) {
		s := newScene(t, open)
		s.disables("2026-09-02 10:30")
		again := store.DisabledAddress{Channel: "sms", Address: "+447700900101", Fault: "address", Reason: "no such number"}
		if err := s.DisableAddress(t.Context(), at(t, "2026-09-02 12:00"), again); err != nil {
			t.Fatal(err)
		}
		same(t, "disabled addresses", s.disabled(), []string{"sms +447700900101 W1 opted-out 21610 STOP 2026-09-02 10:30"})
	})
	t.Run("WhoCanBeToldOfATeamAndOfSomeOthers", func(t *testing.T) {
		s := newScene(t, open)
		s.disables("2026-09-02 10:30")
		for _, tt := range []struct {
			ids, teams []string
			want       string
		}{{[]string{"V1"}, []string{"East"}, "G1 V1 W1 W2"}, {[]string{"W1", "X9"}, nil, "W1"}, {nil, []string{""}, ""}, {nil, nil, ""}} {
			found, err := s.ReachableOf(t.Context(), tt.ids, tt.teams)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, p := range found {
				if ids = append(ids, p.ID); p.ID == "W1" && p.Mobile != "" {
					t.Errorf("W1 is at %s, want no number: it is disabled", p.Mobile)
				}
			}
			if got := strings.Join(ids, " "); got != tt.want {
				t.Errorf("of %v and the teams %v there are %q, want %q", tt.ids, tt.teams, got, tt.want)
			}
		}
	})
	t.Run("PeopleAreFoundByTheirNumber", func(t *testing.T) {
		s := newScene(t, open)
		s.imports("2026-09-02 10:30", "+447700900102") // which is that of W2 too
		s.disables("2026-09-02 10:30")
		for mobile, want := range map[string]string{"+447700900102": "W1 W2", "+447700900111": "G1", "+447700900999": "", "": ""} {
			found, err := s.PeopleByMobile(t.Context(), mobile)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, p := range found {
				ids = append(ids, p.ID)
				if p.Mobile != mobile {
					t.Errorf("%s has the number %s, want %s", p.ID, p.Mobile, mobile)
				}
			}
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("with the number %q there is %q, want %q", mobile, got, want)
			}
		}
	})
	t.Run("WhatArrivedLastIsKnownOfEachAddress", func(t *testing.T) {
		s := newScene(t, open)
		for _, tt := range []struct{ when, key, channel, address, poll, receipt string }{
			{"2026-09-02 08:00", "old", "sms", "one", "2026-09-02 08:01", "delivered 08:02"}, // before the others: out of the question
			{"2026-09-02 10:00", "first", "sms", "one", "2026-09-02 10:01", "delivered 10:05"},
			{"2026-09-02 11:00", "second", "sms", "one", "2026-09-02 11:01", ""},        // not heard of yet
			{"2026-09-02 11:00", "third", "sms", "two", "2026-09-02 11:01", "sent"},     // nor ever
			{"2026-09-02 11:00", "fourth", "email", "one", "never", ""},                 // no receipt to come
			{"2026-09-02 12:00", "fifth", "email", "one", "2026-09-02 12:01", "queued"}, // nothing known
		} {
			s.queues(tt.when, "test", fmt.Sprintf("%s %s W1 %s", tt.key, tt.channel, tt.address))
			s.sends(tt.when, tt.channel, tt.poll)
			if tt.receipt != "" {
				s.progresses(tt.when, s.receipt(tt.key, tt.receipt))
			}
		}
		last, err := s.LastDelivered(t.Context(), at(t, "2026-09-02 09:00"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for address, when := range last {
			got = append(got, address[0]+" "+address[1]+" "+clock(t, when))
		}
		slices.Sort(got)
		same(t, "what arrived last", got, []string{"email one 2026-09-02 11:00", "sms one 2026-09-02 10:05"})
		for channel, want := range map[string]map[string]string{"sms": {"one": "2026-09-02 10:05"}, "email": {"one": "2026-09-02 11:00"}} {
			last, err := s.LastDeliveredTo(t.Context(), channel, []string{"one", "two", "three"})
			if err != nil {
				t.Fatal(err)
			}
			found := map[string]string{}
			for address, when := range last {
				found[address] = clock(t, when)
			}
			if !maps.Equal(found, want) {
				t.Errorf("what arrived last by %s at some addresses is %v, want %v", channel, found, want)
			}
		}
	})
	t.Run("SentEmailsAreReadWhileOthersAreWritten", func(t *testing.T) {
		s := newScene(t, open)
		var lines, want []string
		for i := range 1100 {
			lines = append(lines, fmt.Sprintf("m%d email W1", i))
			want = append(want, fmt.Sprintf("m%d", i))
		}
		slices.Reverse(want)
		s.queues("2026-09-01 10:00", "test", "old email W1")
		s.sends("2026-09-01 10:00", "email", "never")
		s.queues("2026-09-02 10:00", "test", append(lines, "text sms W1")...)
		for range 11 {
			s.sends("2026-09-02 10:00", "email", "never")
		}
		s.sends("2026-09-02 10:00", "sms", "never")
		s.queues("2026-09-02 10:00", "test", "unsent email W1")
		read := func(enough int) (keys []string) {
			for m, err := range s.SentEmailKeys(t.Context(), at(t, "2026-09-02 00:00")) {
				if err != nil {
					t.Fatal(err)
				}
				if keys = append(keys, m.Key); len(keys)%500 == 1 {
					s.disables("2026-09-02 10:30") // a writer gets in between
				}
				if len(keys) == enough {
					break
				}
			}
			return keys
		}
		if got := read(0); !slices.Equal(got, want) {
			t.Errorf("there are %d keys, want the 1100 of the day, the newest first", len(got))
		}
		same(t, "the first two", read(2), want[:2])
	})
}
