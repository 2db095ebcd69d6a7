package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// brings takes people from a file that a clerk has handed over.
func (w *world) brings(when, file string, people ...pathway.Person) {
	w.t.Helper()
	in, err := w.store.NewIntake(w.t.Context(), w.rules, store.IntakeOptions{Now: at(w.t, when), Origin: store.Origin{Who: "clerk", File: file}})
	if err != nil {
		w.t.Fatal(err)
	}
	defer in.Rollback()
	for i, p := range people {
		if err := in.AddPerson(i+1, p, pathway.GivenAll); err != nil {
			w.t.Fatal(err)
		}
	}
	if result, err := in.Commit(w.t.Context()); err != nil || !result.Kept {
		w.t.Fatalf("%+v, %v", result, err)
	}
}

// TestAChangedStaffAddressIsToldWhereItWas: at the old address, and to the manager as
// they were before: no message goes where the change leads.
func TestAChangedStaffAddressIsToldWhereItWas(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		desk := func(string) *pathway.Person { return &pathway.Person{ID: "duty", Email: "duty@example.org"} }
		scanner := NewScanner(w.store, w.rules, desk, w.clock)
		scan := func(when string) (told []string) {
			t.Helper()
			now := at(t, when)
			w.clock.jump(now)
			queued, err := scanner.tellChanges(t.Context(), nil, now)
			if err != nil {
				t.Fatal(err)
			}
			var o office
			d := w.sender("h")
			for _, channel := range []string{notify.ByEmail, notify.BySMS} {
				if _, err := d.drain(t.Context(), channel, &o); err != nil {
					t.Fatal(err)
				}
			}
			if queued != len(o.messages) {
				t.Errorf("%s: %d queued and %d sent, want all sent", when, queued, len(o.messages))
			}
			for _, m := range o.messages {
				about := strings.Join(m.Alert.People, " ")
				if m.Alert.Own {
					about = "own"
				}
				told = append(told, fmt.Sprintf("%s%s: %s %s, %s by %s", m.To.Email, m.To.Mobile, about, m.Alert.Channel, m.Alert.File, m.Alert.By))
			}
			slices.Sort(told)
			return told
		}
		person := func(id string, role pathway.Role, reports, mobile string) pathway.Person {
			return pathway.Person{ID: id, Role: role, Team: "North", Email: strings.ToLower(id) + "@example.org", Mobile: mobile, ReportsTo: reports}
		}
		a := person("A1", pathway.Practitioner, "B1", "+447700900201")
		b := person("B1", pathway.Manager, "", "")
		c := person("C1", pathway.Practitioner, "", "")
		w.brings("2026-09-07 09:00", "first.csv", b, a, c)
		if told := scan("2026-09-07 09:01"); len(told) > 0 {
			t.Errorf("new people are told %q, want nothing", told)
		}

		// All at once, and so that each would hear of the other's change where it leads.
		a.Email, a.ReportsTo = "elsewhere@example.org", "C1"
		b.Email = "elsewhere2@example.org"
		c.Mobile = "+447700900203"
		w.brings("2026-09-07 10:00", "people.csv", b, a, c)
		want := []string{
			"a1@example.org: own email, people.csv by clerk",
			"b1@example.org: A1 C1 , people.csv by clerk", // whom A1 reported to, and the manager of C1's team
			"b1@example.org: own email, people.csv by clerk",
			"c1@example.org: own sms, people.csv by clerk", // there was no mobile before
			"duty@example.org: B1 email, people.csv by clerk",
		}
		if told := scan("2026-09-07 10:01"); !slices.Equal(told, want) {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
		}
		if told := scan("2026-09-07 10:02"); len(told) > 0 {
			t.Errorf("the next scan tells %q, want nothing", told)
		}

		// Two changes before the next scan: each is told where the one before led.
		a.Mobile = "+447700900202"
		w.brings("2026-09-07 11:00", "b.csv", a)
		a.Mobile, a.Team = "", "South"
		w.brings("2026-09-07 11:30", "c.csv", a)
		if err := w.store.DisableAddress(t.Context(), at(t, "2026-09-07 11:30"), store.DisabledAddress{Channel: "sms", Address: "+447700900202", Fault: "address", Reason: "gone"}); err != nil {
			t.Fatal(err)
		}
		want = []string{
			"+447700900201: own sms, b.csv by clerk",
			"c1@example.org: A1 sms, b.csv by clerk",
			"c1@example.org: A1 sms, c.csv by clerk",
			"elsewhere@example.org: own sms, c.csv by clerk", // that mobile is out of use
		}
		if told := scan("2026-09-07 11:31"); !slices.Equal(told, want) {
			t.Errorf("told\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestANoticeByTextWaitsForTheOffice: that it waits all night is no sign of a clock that
// was wrong.
func TestANoticeByTextWaitsForTheOffice(t *testing.T) {
	onEveryDatabase(t, func(t *testing.T, w *world) {
		a := pathway.Person{ID: "A1", Role: pathway.Practitioner, Team: "North", Mobile: "+447700900201"}
		w.brings("2026-09-07 09:00", "first.csv", a)
		a.Mobile = "+447700900202"
		w.brings("2026-09-07 21:00", "people.csv", a)
		scanner := NewScanner(w.store, w.rules, func(string) *pathway.Person { return nil }, w.clock)
		if queued, err := scanner.tellChanges(t.Context(), nil, at(t, "2026-09-07 21:01")); err != nil || queued != 1 {
			t.Fatalf("%d queued, %v; want the text to the old number", queued, err)
		}
		if told := w.amends("2026-09-07 21:02"); len(told) > 0 {
			t.Errorf("operations are told %q, want nothing: the text waits for the office to open", told)
		}
		w.wants("the text", w.lines("SELECT channel, next_try_at FROM messages"), fmt.Sprint("sms ", at(t, "2026-09-08 08:00").UnixMilli()))
	})
}

// TestANoticeOfAChangeDoesNotSayWhereItLeads: nor where it was.
func TestANoticeOfAChangeDoesNotSayWhereItLeads(t *testing.T) {
	since := time.Date(2026, 9, 7, 9, 0, 0, 0, time.UTC)
	s := &Scanner{dutyDesk: func(string) *pathway.Person { return nil }, rules: &pathway.Rules{}}
	p := pathway.Person{ID: "A1", Email: "elsewhere@example.org", Mobile: "+447700900201"}
	n := newNotices(s, []pathway.Person{p}, nil, since)
	changes := []store.Change{{ID: 1, Subject: "A1", At: since, Field: "email", Old: "a1@example.org", New: "elsewhere@example.org"}}
	n.undo(changes, since)
	n.tell(changes, since)
	if len(n.messages) != 1 || n.messages[0].Address != "a1@example.org" || strings.Contains(string(n.messages[0].Payload), "example.org") {
		t.Errorf("messages %+v, want one to the old address that names no address", n.messages)
	}
}
