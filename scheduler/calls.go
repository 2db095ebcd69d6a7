package scheduler

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

const (
	// CountCalls is how many practitioners a scan tells to phone a family.
	CountCalls = "calls"

	// callsFor is how long a call is worth telling of: an older one was queued
	// before Doorstep told of any.
	callsFor = 7 * 24 * time.Hour
)

// scanAndTell is a run of the scan's schedule.
func (s *Scanner) scanAndTell(ctx context.Context, run *store.Run, now time.Time) (map[string]int, error) {
	counts, err := s.Scan(ctx, run, now)
	if err != nil {
		return counts, err
	}
	if counts[CountDerived], err = s.deriveAgain(ctx, run, now); err != nil {
		return counts, err
	}
	if counts[CountCalls], err = s.tellCalls(ctx, run, now); err != nil {
		return counts, err
	}
	if counts[CountHouseholds], err = s.tellHouseholds(ctx, run, now); err != nil {
		return counts, err
	}
	counts[CountNotices], err = s.tellChanges(ctx, run, now)
	return counts, err
}

// tellCalls tells practitioners of the families they are to phone because nothing
// may go by post or through the door: once each, by the channel they chose, in
// office hours. A case without a practitioner goes the way of its reminders.
func (s *Scanner) tellCalls(ctx context.Context, run *store.Run, now time.Time) (told int, err error) {
	calls, err := s.store.CallsToTell(ctx, now.Add(-callsFor))
	if err != nil || len(calls) == 0 {
		return 0, err
	}
	people, err := s.store.People(ctx)
	if err != nil {
		return 0, err
	}
	dir := pathway.Directory{People: map[string]*pathway.Person{}, DutyDesk: s.dutyDesk}
	for i := range people {
		dir.People[people[i].ID] = &people[i]
	}
	var messages []store.Message
	for i := range calls {
		m, err := s.call(&calls[i], &dir, now)
		if err != nil {
			return 0, err
		}
		messages = append(messages, m...)
	}
	added, err := s.store.QueueMessages(ctx, run, now, messages)
	return len(added), err
}

// call is the message that tells of a call; none where nobody can be told.
func (s *Scanner) call(c *store.Call, dir *pathway.Directory, now time.Time) ([]store.Message, error) {
	rung := pathway.RungRule{Moment: pathway.AtDue, To: []pathway.Role{pathway.Owner}}
	duty := pathway.Duty{Owner: pathway.Practitioner}
	for _, t := range pathway.Tell(s.rules.Ladder("routine"), rung, &duty, c.Allocation, dir, now) {
		if t.Reason != pathway.Sent {
			continue
		}
		text, err := json.Marshal(payload{Alert: &notify.Alert{Says: notify.AlertPhoneFamily, CaseRef: c.Case, Reason: c.Why}})
		if err != nil {
			return nil, fmt.Errorf("write the call for case %s: %w", c.Case, err)
		}
		return []store.Message{{
			Key: c.Key(), Kind: string(notify.KindAlert), Person: t.Person.ID, Channel: t.Channel,
			Address: addressOf(t.Person, t.Channel), Severity: s.rules.CallSeverity(),
			NextTry: s.rules.Calendar.NextOffice(now), Payload: text,
		}}, nil
	}
	return nil, nil
}
