package scheduler

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

const (
	// CountNotices is how many messages a scan queues that tell of changed staff
	// addresses.
	CountNotices = "notices"

	// noticeUseful is how long such a message may wait.
	noticeUseful = 7 * 24 * time.Hour
	// mostNamed is how many people one message names.
	mostNamed = 20
)

// tellChanges tells of every change of a member of staff's addresses, whichever way it
// came: the person at the address that they had, and their manager, so that nobody can
// lead their reminders elsewhere unheard. Whoever is told is looked up as they were
// before the change. One message to a manager tells of all who changed at once.
func (s *Scanner) tellChanges(ctx context.Context, run *store.Run, now time.Time) (told int, err error) {
	for {
		changes, err := s.store.UntoldChanges(ctx)
		if err != nil || len(changes) == 0 {
			return told, err
		}
		people, err := s.store.People(ctx)
		if err != nil {
			return told, err
		}
		disabled, err := s.store.DisabledAddresses(ctx)
		if err != nil {
			return told, err
		}
		n := newNotices(s, people, disabled, now)
		for _, at := range slices.Backward(instantsOf(changes)) {
			n.undo(changes, at)
			n.tell(changes, at)
		}
		if n.err != nil {
			return told, n.err
		}
		added, err := s.store.TellChanges(ctx, run, now, changes, n.messages)
		if told += added; err != nil {
			return told, err
		}
	}
}

// instantsOf are the times of changes, in order.
func instantsOf(changes []store.Change) []time.Time {
	var at []time.Time
	for _, c := range changes {
		at = append(at, c.At)
	}
	slices.SortFunc(at, time.Time.Compare)
	return slices.CompactFunc(at, time.Time.Equal)
}

// notices are the messages that tell of changes.
type notices struct {
	*Scanner
	people   *directory // as they were before the change that is being told
	disabled map[[2]string]bool
	now      time.Time
	messages []store.Message
	err      error
}

func newNotices(s *Scanner, people []pathway.Person, disabled []store.DisabledAddress, now time.Time) *notices {
	n := &notices{Scanner: s, people: newDirectory(s.dutyDesk), disabled: map[[2]string]bool{}, now: now}
	for i := range people {
		n.people.People[people[i].ID] = &people[i]
	}
	for _, d := range disabled {
		n.disabled[[2]string{d.Channel, d.Address}] = true
	}
	return n
}

// undo takes back what changed at a time.
func (n *notices) undo(changes []store.Change, at time.Time) {
	for _, c := range slices.Backward(changes) {
		p := n.people.People[c.Subject]
		if p == nil || !c.At.Equal(at) {
			continue
		}
		p.TakeBack(c.Field, c.Old)
	}
}

// tell writes the messages that tell of what changed at a time.
func (n *notices) tell(changes []store.Change, at time.Time) {
	changed := map[string][]string{} // channels, by person
	first := map[string]store.Change{}
	for _, c := range changes {
		if !c.At.Equal(at) || !pathway.IsStaffAddress(c.Field) {
			continue
		}
		channel := pathway.ChannelEmail
		if c.Field == "mobile" {
			channel = pathway.ChannelSMS
		}
		if len(changed[c.Subject]) == 0 {
			first[c.Subject] = c
		}
		changed[c.Subject] = append(changed[c.Subject], channel)
	}
	ofManager := map[string][]string{} // people
	managers := map[string]*pathway.Person{}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		p := n.people.People[id]
		if p == nil {
			continue
		}
		for _, channel := range n.oldWays(p, changed[id]) {
			n.add(p, channel, first[id], changed[id], []string{id}, true)
		}
		if m := n.managerOf(p); m != nil {
			managers[m.ID] = m
			ofManager[m.ID] = append(ofManager[m.ID], id)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ofManager)) {
		whose := ofManager[id]
		if ways := n.ways(managers[id]); len(ways) > 0 {
			n.add(managers[id], ways[0], first[whose[0]], changed[whose[0]], whose, false)
		}
	}
}

// oldWays are the channels by which somebody hears of it at the addresses that they
// had: by those that changed, or else by the other.
func (n *notices) oldWays(p *pathway.Person, changed []string) []string {
	ways := n.ways(p)
	if old := slices.DeleteFunc(slices.Clone(ways), func(c string) bool { return !slices.Contains(changed, c) }); len(old) > 0 {
		return old
	}
	return ways
}

// ways are the channels by which somebody can be written to, the chosen one first.
func (n *notices) ways(p *pathway.Person) []string {
	channels := []string{pathway.ChannelEmail, pathway.ChannelSMS}
	if p.Channel == pathway.ChannelSMS {
		slices.Reverse(channels)
	}
	return slices.DeleteFunc(channels, func(channel string) bool {
		address := addressOf(p, channel)
		return address == "" || n.disabled[[2]string{channel, address}]
	})
}

// managerOf is who is told of what changed about somebody: whom they report to, else a
// manager of their team, else its duty desk; nil: nobody.
func (n *notices) managerOf(p *pathway.Person) *pathway.Person {
	usable := func(m *pathway.Person) bool { return m != nil && m.ID != p.ID && len(n.ways(m)) > 0 }
	if m := n.people.Present(p.ReportsTo, n.now); usable(m) {
		return m
	}
	for _, id := range slices.Sorted(maps.Keys(n.people.People)) {
		m := n.people.People[id]
		if p.Team == "" || m.Team != p.Team || m.Role != pathway.Manager || m.ID == p.ID {
			continue
		}
		if m = n.people.Present(id, n.now); usable(m) {
			return m
		}
	}
	if desk := n.dutyDesk(p.Team); usable(desk) {
		return desk
	}
	return nil
}

// add queues one message: by email at once, by text when the office is open.
func (n *notices) add(to *pathway.Person, channel string, c store.Change, changed, people []string, own bool) {
	alert := notify.Alert{Says: notify.AlertAddressChanged, People: people[:min(len(people), mostNamed)], Waiting: len(people),
		Since: c.At, File: c.File, By: c.Who, Own: own}
	if len(people) == 1 && len(changed) == 1 {
		alert.Channel = changed[0]
	}
	text, err := json.Marshal(payload{Alert: &alert})
	if err != nil {
		n.err = cmp.Or(n.err, fmt.Errorf("write a notice of a changed address: %w", err))
		return
	}
	next, severity := n.now, n.rules.AlertSeverity()
	if channel == pathway.ChannelSMS { // what waits for the office is not urgent
		next, severity = n.rules.Calendar.NextOffice(n.now), n.rules.CallSeverity()
	}
	n.messages = append(n.messages, store.Message{
		Key: keyOf("changed", strconv.FormatInt(c.ID, 10), to.ID, channel), Kind: string(notify.KindNotice), Person: to.ID, Channel: channel,
		Address: addressOf(to, channel), Severity: severity, NextTry: next, UsefulUntil: n.now.Add(noticeUseful), Payload: text,
	})
}
