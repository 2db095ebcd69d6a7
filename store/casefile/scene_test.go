package casefile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/casefile"
	"example.org/doorstep/store/storetest"
)

// scene is a team in a database of its own: W1, for whom W2 covers, and their
// manager G1, for whom G2 covers, under V1.
type scene struct {
	*store.Store
	t      testing.TB
	rules  *pathway.Rules
	behind *storetest.Behind
}

func newTeam(t testing.TB) *scene {
	t.Helper()
	url := storetest.MigratedSQLiteURL(t)
	s := &scene{storetest.Open(t, url), t, storetest.Guidance(t), storetest.LookBehind(t, url)}
	s.takesIn("2026-08-20 09:30", []pathway.Person{
		{ID: "W1", Name: "Worker One", Role: pathway.Practitioner, Team: "East", Email: "w1@example.org", Mobile: "+447700900101", ReportsTo: "G1", Cover: "W2"},
		{ID: "W2", Name: "Worker Two", Role: pathway.Practitioner, Team: "East", Email: "w2@example.org", Mobile: "+447700900102", ReportsTo: "G1"},
		{ID: "G1", Name: "Manager One", Role: pathway.Manager, Team: "East", Email: "g1@example.org", Mobile: "+447700900111", ReportsTo: "V1", Cover: "G2"},
		{ID: "G2", Name: "Manager Two", Role: pathway.Manager, Team: "East", Email: "g2@example.org", Mobile: "+447700900112", ReportsTo: "V1"},
		{ID: "V1", Name: "Service Manager One", Role: pathway.ServiceManager, Email: "v1@example.org", Mobile: "+447700900121"},
	}, nil)
	return s
}

// newScene is a team with the case KN-7, on csc-child-and-family, opened on
// 1 September 2026, of W1 under G1.
func newScene(t testing.TB) *scene {
	t.Helper()
	s := newTeam(t)
	s.takesIn("2026-09-01 09:30", nil, []pathway.Case{
		{Ref: "KN-7", Pathway: "csc-child-and-family", Opened: s.at("2026-09-01 09:00"), Practitioner: "W1", Manager: "G1", Team: "East"},
	})
	return s
}

// takesIn takes rows in, and then lets events happen.
func (s *scene) takesIn(now string, people []pathway.Person, cases []pathway.Case, events ...pathway.Event) {
	s.t.Helper()
	in, err := s.NewIntake(s.t.Context(), s.rules, store.IntakeOptions{Now: s.at(now)})
	if err != nil {
		s.t.Fatal(err)
	}
	defer in.Rollback()
	row := 0
	number := func() int { row++; return row }
	for _, p := range people {
		err = errors.Join(err, in.AddPerson(number(), p, pathway.GivenAll))
	}
	for _, c := range cases {
		err = errors.Join(err, in.AddCase(number(), c, pathway.GivenAll))
	}
	for _, e := range events {
		err = errors.Join(err, in.AddEvent(number(), e, pathway.GivenAll))
	}
	if err != nil {
		s.t.Fatal(err)
	}
	if result, err := in.Commit(s.t.Context()); err != nil || len(result.Faults) > 0 {
		s.t.Fatalf("take in rows: faults %+v, error %v", result.Faults, err)
	}
}

// happens records an event of KN-7 as it happens, by W1.
func (s *scene) happens(id, kind, when, value string) {
	s.t.Helper()
	s.takesIn(when, nil, nil, pathway.Event{ID: id, Case: "KN-7", Kind: kind, By: "W1", At: s.at(when), Value: value})
}

// at is a time on the clocks of Knowsley: "2026-09-02 10:00".
func (s *scene) at(text string) time.Time {
	s.t.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", text, s.rules.Calendar.Location())
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

// reads reads KN-7 as it stands.
func (s *scene) reads(now string) *casefile.File {
	s.t.Helper()
	f, err := casefile.Case(s.t.Context(), s.Store, s.rules, "KN-7", s.at(now))
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// duty finds a duty of KN-7 as it stands.
func (s *scene) duty(id, now string) *casefile.Duty {
	s.t.Helper()
	f := s.reads(now)
	for i := range f.Duties {
		if d := &f.Duties[i]; d.Duty.Duty.ID == id {
			return d
		}
	}
	s.t.Fatalf("KN-7 has no duty %s", id)
	return nil
}

// tells writes reminders of one duty into the ledger, each told one in a message
// of its own.
func (s *scene) tells(when, duty string, reminders ...store.Reminder) {
	s.t.Helper()
	d := s.duty(duty, when)
	_, err := s.ScanBatch(s.t.Context(), nil, s.at(when), 100, func(b *store.ScanBatch) error {
		for _, r := range reminders {
			r.ReminderKey.Duty = d.ID
			if r.Reason == pathway.Sent {
				r.Message = strings.Join([]string{duty, r.Rung, r.Person, r.Channel}, "/")
				b.Messages = append(b.Messages, store.Message{Key: r.Message, Kind: "reminder", Person: r.Person, Channel: r.Channel,
					Address: r.Person + " by " + r.Channel, NextTry: s.at(when)})
			}
			b.Reminders = append(b.Reminders, r)
		}
		for _, due := range b.Due {
			b.Climbed = append(b.Climbed, store.Climbed{Duty: due.ID, Progress: pathway.Progress{Due: due.Due, Through: s.at(when)}, Next: s.at(when).Add(time.Minute)})
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// reminder is a row of the ledger: the rung "due", to a person by a channel.
func reminder(person, channel string, reason pathway.Reason) store.Reminder {
	return store.Reminder{ReminderKey: store.ReminderKey{Rung: "due", Person: person, Channel: channel}, Role: pathway.Practitioner, Reason: reason}
}

// delivers ends what is queued for a channel as sent, or, with a reason, as failed.
func (s *scene) delivers(when, channel, failed string) {
	s.t.Helper()
	now := s.at(when)
	claimed, err := s.ClaimMessages(s.t.Context(), now, channel, "test", 100, now.Add(time.Minute))
	if err != nil || len(claimed) == 0 {
		s.t.Fatalf("claimed %d messages by %s (error %v), want some", len(claimed), channel, err)
	}
	for _, m := range claimed {
		o := store.Outcome{Message: m.ID, State: store.MessageSent}
		if failed != "" {
			o = store.Outcome{Message: m.ID, State: store.MessageFailed, Reason: failed}
		}
		if err := s.RecordOutcome(s.t.Context(), now, "test", o); err != nil {
			s.t.Fatal(err)
		}
	}
}

// same compares lines, in order.
func same(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}
