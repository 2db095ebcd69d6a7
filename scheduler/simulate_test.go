package scheduler

import (
	"context"
	"fmt"
	"testing"
	"time"

	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// simulated is a case, known from its opening, and what happens on it.
type simulated struct {
	opened  pathway.Case
	events  []pathway.Event
	from    string
	to      string
	scan    string // zero: every minute
	digests []string
}

// lives runs a simulation and returns the messages that would have been sent.
func (s *simulated) lives(t *testing.T) []string {
	t.Helper()
	db, rules := storetest.OpenMemory(t), storetest.Guidance(t)
	takeIn := func(ctx context.Context, now time.Time, people []pathway.Person, cases []pathway.Case, events []pathway.Event) error {
		in, err := db.NewIntake(ctx, rules, store.IntakeOptions{Now: now})
		if err != nil {
			return err
		}
		defer in.Rollback()
		for i, p := range people {
			if err := in.AddPerson(i+1, p, pathway.GivenAll); err != nil {
				return err
			}
		}
		for i, c := range cases {
			if err := in.AddCase(i+1, c, pathway.GivenAll); err != nil {
				return err
			}
		}
		for i, e := range events {
			if err := in.AddEvent(i+1, e, pathway.GivenAll); err != nil {
				return err
			}
		}
		result, err := in.Commit(ctx)
		if err == nil && result.FaultCount > 0 {
			err = fmt.Errorf("the rows have faults: %v", result.Faults)
		}
		return err
	}
	team := []pathway.Person{
		{ID: "W1", Name: "Worker One", Role: pathway.Practitioner, Team: "East", Email: "w1@example.org", Mobile: "+447700900101", ReportsTo: "G1"},
		{ID: "G1", Name: "Manager One", Role: pathway.Manager, Team: "East", Email: "g1@example.org", Mobile: "+447700900111", ReportsTo: "V1"},
		{ID: "V1", Name: "Service Manager One", Role: pathway.ServiceManager, Email: "v1@example.org"},
	}
	if err := takeIn(t.Context(), s.opened.Opened.Add(-time.Hour), team, nil, nil); err != nil {
		t.Fatal(err)
	}
	arrivals := []time.Time{s.opened.Opened}
	for _, e := range s.events {
		arrivals = append(arrivals, e.Recorded)
	}
	var lines []string
	if s.scan == "" {
		s.scan = "@every 1m"
	}
	sim := Simulation{
		Store: db, Rules: rules, DutyDesk: dutyDesk,
		Schedules: Schedules{Scan: s.scan, Digest: "0 8 * * MON-FRI"},
		From:      at(t, s.from), To: at(t, s.to),
		Arrivals: arrivals,
		Intake: func(ctx context.Context, now time.Time) error {
			var cases []pathway.Case
			var events []pathway.Event
			if s.opened.Opened.Equal(now) {
				cases = append(cases, s.opened)
			}
			for _, e := range s.events {
				if e.Recorded.Equal(now) {
					events = append(events, e)
				}
			}
			return takeIn(ctx, now, nil, cases, events)
		},
		Reminder: func(r SimulatedReminder) {
			lines = append(lines, fmt.Sprintf("%s %s %s %s %s", r.At.In(london(t)).Format("2006-01-02 15:04"), r.Duty, r.Rung, r.Person, r.Channel))
		},
		Digest: func(d SimulatedDigest) {
			s.digests = append(s.digests, fmt.Sprintf("%s %s: %d overdue, %d today, %d soon", d.At.In(london(t)).Format("2006-01-02 15:04"), d.Person, d.Overdue, d.DueToday, d.DueSoon))
		},
	}
	if err := sim.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if unsent, oldest, err := db.OldestWaiting(t.Context(), at(t, s.to)); err != nil || unsent > 0 {
		t.Errorf("%d messages wait since %s (error %v), want all sent at once", unsent, oldest, err)
	}
	return lines
}

func wantLines(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	(&world{t: t}).wants(what, got, want...)
}

func referral(t *testing.T, opened string) pathway.Case {
	return pathway.Case{Ref: "KN-7", Pathway: "csc-section-47", Opened: at(t, opened), Practitioner: "W1", Manager: "G1", Team: "East", SafeToWrite: true}
}

func happened(t *testing.T, id, kind, when, recorded string) pathway.Event {
	return pathway.Event{ID: id, Case: "KN-7", Kind: kind, At: at(t, when), Recorded: at(t, recorded), By: "W1"}
}

// A section 47 enquiry of a Friday: the child is to be seen by five on Saturday.
func TestSimulatedReferralThatNobodyFollows(t *testing.T) {
	s := simulated{opened: referral(t, "2026-09-04 09:00"), from: "2026-09-04 00:00", to: "2026-09-07 12:00"}
	wantLines(t, "messages", s.lives(t),
		"2026-09-04 09:00 see-child start W1 email", "2026-09-04 09:00 see-child start W1 sms",
		"2026-09-04 09:00 see-child start G1 email", "2026-09-04 09:00 see-child start G1 sms",
		"2026-09-05 13:00 see-child before-4h W1 email", "2026-09-05 13:00 see-child before-4h W1 sms",
		"2026-09-05 17:00 see-child due W1 email", "2026-09-05 17:00 see-child due W1 sms",
		"2026-09-05 17:00 see-child due G1 email", "2026-09-05 17:00 see-child due G1 sms",
		"2026-09-05 21:00 see-child after-4h G1 email", "2026-09-05 21:00 see-child after-4h G1 sms",
		"2026-09-05 21:00 see-child after-4h V1 email",
		// and every twelve hours from there
		"2026-09-06 09:00 see-child again G1 email", "2026-09-06 09:00 see-child again G1 sms", "2026-09-06 09:00 see-child again V1 email",
		"2026-09-06 21:00 see-child again G1 email", "2026-09-06 21:00 see-child again G1 sms", "2026-09-06 21:00 see-child again V1 email",
		"2026-09-07 09:00 see-child again G1 email", "2026-09-07 09:00 see-child again G1 sms", "2026-09-07 09:00 see-child again V1 email")
	wantLines(t, "digests", s.digests,
		"2026-09-04 08:00 G1: 0 overdue, 0 today, 0 soon", "2026-09-04 08:00 V1: 0 overdue, 0 today, 0 soon",
		"2026-09-07 08:00 G1: 1 overdue, 0 today, 0 soon", "2026-09-07 08:00 V1: 1 overdue, 0 today, 0 soon")
}

func TestSimulatedEventStopsTheReminders(t *testing.T) {
	s := simulated{opened: referral(t, "2026-09-04 09:00"), from: "2026-09-05 00:00", to: "2026-09-07 00:00"}
	// Seen at the very minute in which the duty falls due: what is taken in at one
	// instant comes before the scan.
	s.events = append(s.events, happened(t, "x1", pathway.KindSeen, "2026-09-05 17:00", "2026-09-05 17:00"))
	wantLines(t, "messages from Saturday on", s.lives(t),
		"2026-09-05 13:00 see-child before-4h W1 email", "2026-09-05 13:00 see-child before-4h W1 sms")
}

func TestSimulatedScanKeepsItsOwnTimes(t *testing.T) {
	s := simulated{opened: referral(t, "2026-09-04 09:07"), from: "2026-09-04 00:00", to: "2026-09-05 12:00", scan: "*/15 * * * *"}
	wantLines(t, "messages", s.lives(t),
		"2026-09-04 09:15 see-child start W1 email", "2026-09-04 09:15 see-child start W1 sms",
		"2026-09-04 09:15 see-child start G1 email", "2026-09-04 09:15 see-child start G1 sms")
}

func TestSimulationTellsWhatHappenedBeforeItBeganOnlyOnce(t *testing.T) {
	s := simulated{opened: referral(t, "2026-09-04 09:00"), from: "2026-09-05 17:00", to: "2026-09-05 20:00"}
	wantLines(t, "messages", s.lives(t),
		"2026-09-05 17:00 see-child due W1 email", "2026-09-05 17:00 see-child due W1 sms",
		"2026-09-05 17:00 see-child due G1 email", "2026-09-05 17:00 see-child due G1 sms")
}
