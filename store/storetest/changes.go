package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// testChanges checks that what becomes another of a case that is known is kept, by
// every way in, with when, who and from which file; and nothing of what is new.
func testChanges(t *testing.T, open func(t testing.TB) *store.Store) {
	history := func(t testing.TB, s *store.Store) string {
		t.Helper()
		whole, err := s.WholeCase(t.Context(), "KN-7", at(t, "2026-09-02 12:00"))
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, c := range whole.Changes {
			lines = append(lines, fmt.Sprintf("%s %s: %s %q to %q", clock(t, c.At), strings.TrimSpace(c.Who+" "+c.File), c.Field, c.Old, c.New))
		}
		return strings.Join(lines, "\n")
	}
	from := func(t testing.TB, when, file string) store.IntakeOptions {
		return store.IntakeOptions{Now: at(t, when), Origin: store.Origin{Who: "clerk", File: file}}
	}
	t.Run("OfACase", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		r := story(t)
		r.Origin = store.Origin{Who: "clerk", File: "first.csv"}
		taken(t, s, rules, r)
		if got := history(t, s); got != "" {
			t.Errorf("a first list is told as a change:\n%s", got)
		}
		moved := visits(t).cases[0]
		moved.Address, moved.Phone, moved.SafeToWrite, moved.Practitioner = []string{"5 Test Street", "Swindon"}, "01793 555000", false, "W2"
		again := rows{cases: []pathway.Case{moved}, IntakeOptions: from(t, "2026-09-03 09:00", "cases.csv")}
		taken(t, s, rules, again)
		list := `2026-09-03 09:00 clerk cases.csv: practitioner "W1" to "W2"
2026-09-03 09:00 clerk cases.csv: address "3 Test Street; rear\nSwindon" to "5 Test Street\nSwindon"
2026-09-03 09:00 clerk cases.csv: phone "" to "01793 555000"
2026-09-03 09:00 clerk cases.csv: safe_to_write "yes" to "no"`
		if got := history(t, s); got != list {
			t.Errorf("after a list that changes four fields\n%s\nwant\n%s", got, list)
		}
		again.Now = at(t, "2026-09-04 09:00")
		taken(t, s, rules, again)
		again.DryRun, again.cases[0].Team = true, "West"
		taken(t, s, rules, again)
		if got := history(t, s); got != list {
			t.Errorf("after the same list, and one that is not kept\n%s\nwant as before\n%s", got, list)
		}

		e := pathway.Event{ID: "c1", Case: "KN-7", Kind: pathway.KindClosed, At: at(t, "2026-09-05 12:00"), By: "G1"}
		taken(t, s, rules, rows{events: []pathway.Event{e}, IntakeOptions: from(t, "2026-09-05 13:00", "events.csv")})
		back := pathway.Event{ID: "r1", Case: "KN-7", Kind: pathway.KindReopened, At: at(t, "2026-09-06 12:00")}
		if _, err := s.Record(t.Context(), at(t, "2026-09-06 13:00"), "W2", []pathway.Event{back}, store.RecordOptions{Rules: rules}); err != nil {
			t.Fatal(err)
		}
		want := list + `
2026-09-05 13:00 G1 events.csv: closed "no" to "yes"
2026-09-06 13:00 W2: closed "yes" to "no"`
		if got := history(t, s); got != want {
			t.Errorf("after a closing by a file, and a reopening that was recorded\n%s\nwant\n%s", got, want)
		}

		var backup bytes.Buffer
		if err := s.Backup(t.Context(), &backup, ""); err != nil {
			t.Fatal(err)
		}
		restored := open(t)
		if _, err := restored.Restore(t.Context(), &backup); err != nil {
			t.Fatal(err)
		}
		if got := history(t, restored); got != want {
			t.Errorf("restored from a backup\n%s\nwant\n%s", got, want)
		}
	})

	t.Run("ACaseThatIsAlsoAPersonKeepsItsOwn", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		r := visits(t)
		r.people = append(append([]pathway.Person(nil), team...), pathway.Person{ID: "KN-7", Role: pathway.Admin, Email: "kn7@example.org"})
		taken(t, s, rules, r)
		r.people[len(r.people)-1].Team = "West"
		taken(t, s, rules, r)
		if got := history(t, s); got != "" {
			t.Errorf("a change of the person KN-7 is told of the case:\n%s", got)
		}
	})

	t.Run("OfAStaffAddress", func(t *testing.T) {
		s, rules := open(t), Guidance(t)
		taken(t, s, rules, visits(t))
		untold := func(what, want string) []store.Change {
			t.Helper()
			changes, err := s.UntoldChanges(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, c := range changes {
				lines = append(lines, fmt.Sprintf("%s %s %s: %s %q to %q", c.Subject, clock(t, c.At), c.File, c.Field, c.Old, c.New))
			}
			if got := strings.Join(lines, "\n"); got != want {
				t.Errorf("%s: untold are\n%s\nwant\n%s", what, got, want)
			}
			return changes
		}
		untold("new people", "")
		w1, w2 := team[0], team[1]
		w1.Email, w1.ReportsTo, w2.Team = "elsewhere@example.org", "V1", "West"
		list := rows{people: []pathway.Person{w1, w2}, IntakeOptions: from(t, "2026-09-03 09:00", "people.csv")}
		taken(t, s, rules, list)
		changes := untold("a list that changes an address and a team", `W1 2026-09-03 09:00 people.csv: email "w1@example.org" to "elsewhere@example.org"
W1 2026-09-03 09:00 people.csv: reports_to "G1" to "V1"`)
		taken(t, s, rules, list)
		untold("the same list again", `W1 2026-09-03 09:00 people.csv: email "w1@example.org" to "elsewhere@example.org"
W1 2026-09-03 09:00 people.csv: reports_to "G1" to "V1"`)
		now := at(t, "2026-09-03 09:01")
		message := []store.Message{{Key: "changed/1", Kind: "alert", Person: "W1", Channel: "email", Address: "w1@example.org", NextTry: now}}
		if n, err := s.TellChanges(t.Context(), nil, now, changes, message); err != nil || n != 1 {
			t.Errorf("TellChanges = %d, %v; want one message", n, err)
		}
		untold("once it is told", "")
		if n, err := s.TellChanges(t.Context(), nil, now, changes, message); err != nil || n != 0 {
			t.Errorf("TellChanges again = %d, %v; want no message", n, err)
		}
	})
}
