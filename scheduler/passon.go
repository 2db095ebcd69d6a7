package scheduler

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// giveUp ends a message that could not be delivered and, where anybody else is to
// be told instead, queues what they get, all in one transaction. It reports false
// where somebody else has dealt with the message meanwhile, or where it stays as it
// is: then others may have been told as well.
func (d *delivery) giveUp(ctx context.Context, now time.Time, g store.GiveUp, how passing) (bool, error) {
	var message *store.FailedMessage
	given, err := d.store.GiveUp(ctx, now, g, func(m *store.FailedMessage, people func(ids []string) ([]pathway.Person, error)) (store.Replacement, error) {
		message = m
		p := passer{delivery: d, passing: how, why: g, message: m, now: now, people: newDirectory(d.dutyDesk), known: people}
		return p.replacement()
	})
	if err != nil {
		return false, fmt.Errorf("pass on a message that could not be delivered: %w", err)
	}
	if given {
		what := happenedFailed
		if g.State == store.MessageCancelled {
			what = happenedMoved
		}
		d.tellHappened(happening{at: now, message: &message.ClaimedMessage, reminders: message.Reminders, what: what, reason: g.Reason,
			taken: g.Holder == ""})
	}
	d.nudge()
	return given, nil
}

// passing says how far a message is passed on.
type passing struct {
	// ownOnly: to the person's other channel and no further; where that cannot be,
	// the message stays as it is.
	ownOnly bool
	// orFurther, with ownOnly: where the person has no other channel somebody further
	// is told as well, but not by the one that is stopped.
	orFurther bool
	// asWell, with ownOnly: the message stays as it is in any case.
	asWell bool
}

// passer finds out who is told instead.
type passer struct {
	*delivery
	passing
	why     store.GiveUp
	message *store.FailedMessage
	now     time.Time
	people  *directory
	known   func(ids []string) ([]pathway.Person, error)
	out     store.Replacement
}

// candidate is somebody who could be told instead, by one channel.
type candidate struct {
	person  *pathway.Person
	channel string
	role    pathway.Role
	instead string // whom they stand in for
}

func (p *passer) replacement() (store.Replacement, error) {
	ids := []string{p.message.Person}
	for i := range p.message.Reminders {
		who := &p.message.Reminders[i].Allocation
		ids = append(ids, who.Practitioner, who.Manager, who.Chair)
	}
	if err := p.people.load(ids, p.known); err != nil {
		return p.out, fmt.Errorf("read the people to be told instead: %w", err)
	}
	var err error
	if notify.Kind(p.message.Kind) == notify.KindReminder {
		p.reminders()
	} else {
		err = p.other()
	}
	if err == nil && p.message.SwitchedOff {
		err = p.tellSwitchedOff()
	}
	p.out.Keep = p.ownOnly && (len(p.out.Messages) == 0 || p.orFurther || p.asWell)
	return p.out, err
}

// reminders passes on each reminder of the message that still has something to
// say: to the first who can be told of it and has not been.
func (p *passer) reminders() {
	for i := range p.message.Reminders {
		r := &p.message.Reminders[i]
		if outdated(r, p.now) != pathway.Sent || p.quiet(r) {
			continue
		}
		p.first(r, p.inLine(r))
	}
}

// first passes a reminder on to the first in line who has not been told: by every
// channel where its ladder says so. It ends at one who has been told.
func (p *passer) first(r *store.MessageReminder, line []candidate) {
	ladder := p.rules.Ladder(r.Duty.Ladder)
	for i, c := range line {
		switch p.standingOf(r, c) {
		case hasIt:
			return
		case hasNot:
			p.pass(r, c)
			if i+1 < len(line) && line[i+1].person.ID == c.person.ID && ladder != nil && ladder.EveryChannel && p.standingOf(r, line[i+1]) == hasNot {
				p.pass(r, line[i+1])
			}
			return
		}
	}
}

// quiet reports whether the person has acknowledged the rung by other means.
func (p *passer) quiet(r *store.MessageReminder) bool {
	return acknowledged(p.message.Acknowledged[r.ReminderKey.Duty], p.message.Person, p.message.Created, p.now, p.acknowledgementLasts)
}

// inLine returns who could be told of a reminder instead, in order: the same
// person by the other channel, whoever covers for them, the next role up, the
// duty desk.
func (p *passer) inLine(r *store.MessageReminder) []candidate {
	var line []candidate
	self := p.people.People[p.message.Person]
	if self == nil { // a duty desk, or operations
		self = p.desk(r.Allocation.Team)
	}
	if self != nil && self.ID == p.message.Person {
		line = append(line, p.byOther(self, r.Role, r.Instead)...)
	}
	if p.ownOnly && (len(line) > 0 || !p.orFurther) {
		return line
	}
	add := func(person *pathway.Person, role pathway.Role) {
		if person != nil && person.ID != p.message.Person {
			line = append(line, p.byChosen(person, role, p.message.Person)...)
		}
	}
	if self != nil && self.Cover != "" {
		add(p.people.Present(self.Cover, p.now), r.Role)
	}
	who := p.rules.Concerned(&r.Duty, r.Allocation, p.people.People)
	for role := r.Role; role != ""; {
		var up *pathway.Person
		if up, role = p.people.Above(role, who, p.now); role != "" {
			add(up, role)
		}
	}
	add(p.desk(r.Allocation.Team), r.Role)
	return line
}

func (p *passer) desk(team string) *pathway.Person {
	if p.dutyDesk == nil {
		return nil
	}
	return p.dutyDesk(team)
}

// byOther is the person by the channel that the message did not go by.
func (p *passer) byOther(person *pathway.Person, role pathway.Role, instead string) []candidate {
	other := pathway.ChannelSMS
	if p.message.Channel == pathway.ChannelSMS {
		other = pathway.ChannelEmail
	}
	if addressOf(person, other) == "" || !p.carries(other) {
		return nil
	}
	return []candidate{{person, other, role, instead}}
}

// byChosen is somebody else by the channel they chose, or else the other.
func (p *passer) byChosen(person *pathway.Person, role pathway.Role, instead string) []candidate {
	channels := []string{pathway.ChannelEmail, pathway.ChannelSMS}
	if person.Channel == pathway.ChannelSMS {
		slices.Reverse(channels)
	}
	var out []candidate
	for _, channel := range channels {
		if addressOf(person, channel) != "" && p.carries(channel) && (!p.orFurther || channel != p.message.Channel) {
			out = append(out, candidate{person, channel, role, instead})
		}
	}
	return out
}

// standing is whether a candidate has been told already.
type standing int

const (
	hasNot standing = iota
	hasIt           // told, or about to be
	cannot          // was told by this channel, and it failed, or was left out by it
)

func (p *passer) standingOf(r *store.MessageReminder, c candidate) standing {
	for i := range p.message.Told {
		t := &p.message.Told[i]
		if t.Duty != r.ReminderKey.Duty || t.Due != r.ReminderKey.Due || t.Rung != r.Rung || t.Person != c.person.ID || t.Channel != c.channel {
			continue
		}
		switch {
		case t.Reason == pathway.Recorder:
			return hasNot // they know of the event, not of this
		case t.Reason != pathway.Sent:
			return cannot
		case t.State == store.MessageFailed || t.State == store.MessageCancelled:
			return cannot
		}
		return hasIt
	}
	return hasNot
}

// pass adds a reminder to the message that a candidate gets instead.
func (p *passer) pass(r *store.MessageReminder, c candidate) {
	key := p.key(c)
	if !slices.ContainsFunc(p.out.Messages, func(m store.Message) bool { return m.Key == key }) {
		p.out.Messages = append(p.out.Messages, store.Message{
			Key: key, Kind: p.message.Kind, Person: c.person.ID, Channel: c.channel, Address: addressOf(c.person, c.channel),
			Severity: p.message.Severity, NextTry: p.now,
		})
	}
	reminder := store.Reminder{
		ReminderKey: r.ReminderKey, Role: c.role, Reason: pathway.Sent, Instead: c.instead, StandsFor: r.StandsFor, Message: key,
	}
	reminder.Person, reminder.Channel = c.person.ID, c.channel
	p.out.Reminders = append(p.out.Reminders, reminder)
}

// other passes on what is about no duty: a digest, a notice or an answer by the person's
// other channel, a digest also to whoever covers, an alert also to the duty desk.
// A test has done its work by failing.
func (p *passer) other() error {
	kind := notify.Kind(p.message.Kind)
	if kind == notify.KindTest {
		return nil
	}
	self := p.people.People[p.message.Person]
	if self == nil {
		self = p.operations
	}
	if self == nil || self.ID != p.message.Person {
		self = p.desk("")
	}
	var line []candidate
	if self != nil && self.ID == p.message.Person {
		line = p.byOther(self, "", "")
		if kind == notify.KindDigest || kind == notify.KindTeamDigest || kind == notify.KindChairDigest {
			if cover := p.people.Present(self.Cover, p.now); cover != nil && cover.ID != self.ID {
				line = append(line, p.byChosen(cover, "", "")...)
			}
		}
	}
	if desk := p.desk(""); kind == notify.KindAlert && desk != nil && desk.ID != p.message.Person {
		line = append(line, p.byChosen(desk, "", "")...)
	}
	if p.message.Replaces != 0 { // passed on once already: that is enough for what is about no duty
		return nil
	}
	for _, c := range line {
		if p.ownOnly && c.channel == p.message.Channel { // the one that is stopped
			continue
		}
		p.out.Messages = append(p.out.Messages, store.Message{
			Key: p.key(c), Kind: p.message.Kind, Person: c.person.ID, Channel: c.channel, Address: addressOf(c.person, c.channel),
			Severity: p.message.Severity, NextTry: p.now, UsefulUntil: p.message.UsefulUntil, Payload: p.message.Payload,
		})
		return nil
	}
	return nil
}

// key is that of the message that c gets instead of this one.
func (p *passer) key(c candidate) string {
	kind := otherKey
	if c.person.ID != p.message.Person || strings.HasPrefix(p.message.Key, insteadKey) {
		kind = insteadKey
	}
	return keyOf(kind, p.message.Key, c.person.ID, c.channel)
}

// What the keys of messages begin with that take the place of others: to the same
// person by the other channel, and to somebody in the place of one who cannot be
// reached.
const (
	otherKey   = "other"
	insteadKey = "instead"
)

// acknowledged reports whether a person has acknowledged a duty since they were
// told of this rung, not so long ago that it has worn off. It quietens that rung
// only: what they are told later is another rung. One that is yet to come, by a clock
// that was wrong, quietens nothing.
func acknowledged(all []store.Acknowledgement, person string, told, now time.Time, lasts time.Duration) bool {
	return slices.ContainsFunc(all, func(a store.Acknowledgement) bool {
		return a.By == person && !a.At.Before(told) && !a.At.After(now.Add(clockTolerance)) && now.Before(a.At.Add(lasts))
	})
}
