package scheduler

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// SimulatedDelivery is something that happened to a message on its way.
type SimulatedDelivery struct {
	At      time.Time
	Person  string
	Channel string
	Kind    notify.Kind
	Cases   []string // what it is about
	Duty    string   // the first, of so many
	Rung    string
	Duties  int
	Alert   *notify.Alert // of an alert
	// InPlaceOf is whose message this is, because they are away or cannot be reached;
	// empty: the person's own.
	InPlaceOf string
	Replaces  bool // it goes instead of a message that did not arrive

	// What is "sent", "delivered", "failed", "later", "moved" (to the person's other
	// channel, because this one is stopped) or "cancelled" (nothing is left to say).
	What    string
	Reason  string    // but with sent and delivered
	Next    time.Time // with later
	Taken   bool      // with failed and later: the provider took it, and then it did not arrive
	Stopped bool      // with later: the channel is stopped, and the message waits for that to end
	Still   bool      // with Stopped: as it did before, and was tried to see whether the channel goes on
}

// SimulatedReminder is one duty of which one person would have been told by one
// channel.
type SimulatedReminder struct {
	At      time.Time
	Case    string
	Duty    string
	Attempt int
	Ladder  string
	Rung    string
	Role    pathway.Role
	Person  string
	Channel string
}

// SimulatedDigest is a digest that one person would have got.
type SimulatedDigest struct {
	At       time.Time
	Person   string
	Overdue  int
	DueToday int // later today
	DueSoon  int // after today, up to and including three working days ahead
	Digest   *notify.Digest
}

func (p *play) reminded(due []store.DueDuty, reminders []store.Reminder) {
	at := p.clock.Now()
	if p.Reminder == nil || at.Before(p.From) {
		return
	}
	byID := map[int64]*store.DueDuty{}
	for i := range due {
		byID[due[i].ID] = &due[i]
	}
	for _, r := range reminders {
		if r.Reason != pathway.Sent {
			continue
		}
		d := byID[r.Duty]
		p.Reminder(SimulatedReminder{
			At: at, Case: d.Case, Duty: d.Duty.ID, Attempt: d.Attempt, Ladder: d.Ladder,
			Rung: r.Rung, Role: r.Role, Person: r.Person, Channel: r.Channel,
		})
	}
}

// toldVisit tells that somebody was told of a visit to another of a household, as of a
// duty's start.
func (p *play) toldVisit(t store.VisitTold) {
	at := p.clock.Now()
	if p.Reminder == nil || at.Before(p.From) || t.Reason != pathway.Sent {
		return
	}
	p.Reminder(SimulatedReminder{At: at, Case: t.Case, Duty: t.Kind, Ladder: "routine", Rung: string(pathway.AtStart), Role: t.Role, Person: t.Person, Channel: t.Channel})
}

func (p *play) counted(person string, d *notify.Digest) {
	at := p.clock.Now()
	if p.Digest == nil || at.Before(p.From) {
		return
	}
	line := SimulatedDigest{
		At:       at,
		Person:   person,
		Overdue:  d.Count(notify.Overdue),
		DueToday: d.Count(notify.DueToday),
		DueSoon:  d.Count(notify.DueBeforeOpen) + d.Count(notify.Coming),
		Digest:   d,
	}
	for _, t := range d.Teams {
		line.Overdue += t.Overdue
		line.DueToday += t.DueToday
		line.DueSoon += t.Coming
	}
	p.Digest(line)
}

// delivered tells what happened to a message on its way.
func (p *play) delivered(h happening) {
	stopped := h.what == happenedLater && h.stopped
	still := stopped && p.waits[h.message.ID]
	p.waits[h.message.ID] = stopped
	if p.Delivery == nil || h.at.Before(p.From) {
		return
	}
	line := SimulatedDelivery{At: h.at, Person: h.message.Person, Channel: h.message.Channel, Kind: notify.Kind(h.message.Kind),
		What: h.what, Reason: h.reason, Next: h.next, Taken: h.taken, Stopped: stopped, Still: still,
		Duties: len(h.reminders), Replaces: strings.HasPrefix(h.message.Key, insteadKey) || strings.HasPrefix(h.message.Key, otherKey)}
	var said payload
	if json.Unmarshal(h.message.Payload, &said) == nil {
		line.Alert = said.Alert
	}
	for i := range h.reminders {
		r := &h.reminders[i]
		if line.Duty == "" {
			line.Duty, line.Rung = r.Duty.ID, r.Rung
		}
		if line.InPlaceOf == "" && !isRole(r.Instead) {
			line.InPlaceOf = r.Instead
		}
		if !slices.Contains(line.Cases, r.Duty.Case) {
			line.Cases = append(line.Cases, r.Duty.Case)
		}
	}
	p.Delivery(line)
}
