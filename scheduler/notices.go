package scheduler

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// Notices tells colleagues what somebody has done about cases of theirs. The messages go
// the way of all others.
type Notices struct {
	store    *store.Store
	rules    *pathway.Rules
	dutyDesk func(team string) *pathway.Person
	lead     *pathway.Person
}

// NewNotices returns notices. dutyDesk gives who is told when nobody else is left; lead is
// who leads on information governance, beside those on the people list; nil: nobody.
func NewNotices(s *store.Store, rules *pathway.Rules, dutyDesk func(team string) *pathway.Person, lead *pathway.Person) *Notices {
	return &Notices{s, rules, dutyDesk, lead}
}

// Opened tells the manager of a case that somebody has opened it in an emergency.
func (n *Notices) Opened(ctx context.Context, now time.Time, ref, by string) error {
	on, err := n.store.AccessCase(ctx, ref)
	if err != nil {
		return err
	}
	alert := notify.Alert{Says: notify.AlertOpened, CaseRef: ref, By: by, Since: now}
	return n.queue(ctx, now, keyOf("opened", ref, by, now.UTC().Format(time.RFC3339)), alert, on.Allocation, pathway.Manager)
}

// SignedInPast tells those who look at who did what, as far as they are on the people list,
// and whoever leads on information governance, that somebody has signed in past the sign-in
// service, and returns how many there are.
func (n *Notices) SignedInPast(ctx context.Context, now time.Time, by string) (told int, err error) {
	rights, err := n.store.AllRights(ctx)
	if err != nil {
		return 0, err
	}
	tell := map[string]bool{}
	for _, r := range rights {
		if r.Audits && r.Name == "" && (r.Ends.IsZero() || r.Ends.After(now)) {
			tell[r.Person] = true
		}
	}
	delete(tell, by)
	if n.lead != nil {
		tell[n.lead.ID] = true
	}
	for _, person := range slices.Sorted(maps.Keys(tell)) {
		alert := notify.Alert{Says: notify.AlertEmergency, People: []string{by}, Waiting: 1, Since: now}
		key := keyOf("signed-in-past", by, person, now.UTC().Format(time.RFC3339))
		if err := n.queue(ctx, now, key, alert, pathway.Allocation{Practitioner: person}, pathway.Practitioner); err != nil {
			return told, err
		}
		told++
	}
	return told, nil
}

// queue takes a notice for whoever has a role into the ledger, once for each key: for
// them or for whoever stands in for them, but not for whoever did it.
func (n *Notices) queue(ctx context.Context, now time.Time, key string, alert notify.Alert, who pathway.Allocation, role pathway.Role) error {
	people, err := n.store.ReachablePeople(ctx)
	if err != nil {
		return err
	}
	dir := newDirectory(n.dutyDesk)
	for i := range people {
		dir.People[people[i].ID] = &people[i]
	}
	if n.lead != nil {
		dir.People[n.lead.ID] = n.lead
	}
	messages, err := noticeTo(n.rules, &dir.Directory, now, key, alert, who, role)
	if err != nil {
		return err
	}
	_, err = n.store.QueueMessages(ctx, nil, now, messages)
	return err
}

// noticeTo returns the messages of a notice for whoever has a role, or stands in for them,
// unless they did it themselves. A text waits for the office.
func noticeTo(rules *pathway.Rules, dir *pathway.Directory, now time.Time, key string, alert notify.Alert, who pathway.Allocation, role pathway.Role) ([]store.Message, error) {
	text, err := json.Marshal(payload{Alert: &alert})
	if err != nil {
		return nil, fmt.Errorf("write a notice about a case: %w", err)
	}
	rung := pathway.RungRule{Moment: pathway.AtStart, To: []pathway.Role{pathway.Owner}, SkipRecorder: true}
	var messages []store.Message
	for _, t := range pathway.Tell(rules.Ladder("routine"), rung, &pathway.Duty{Owner: role, Recorder: alert.By}, who, dir, now) {
		if t.Reason != pathway.Sent {
			continue
		}
		next := now
		if t.Channel == pathway.ChannelSMS {
			next = rules.Calendar.NextOffice(now)
		}
		messages = append(messages, store.Message{
			Key: keyOf(key, t.Person.ID, t.Channel), Kind: string(notify.KindNotice), Person: t.Person.ID, Channel: t.Channel,
			Address: addressOf(t.Person, t.Channel), Severity: rules.CallSeverity(), NextTry: next, UsefulUntil: now.Add(noticeUseful), Payload: text,
		})
	}
	return messages, nil
}
