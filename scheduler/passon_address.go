package scheduler

import (
	"encoding/json"
	"time"

	"example.org/doorstep/notify"
	"example.org/doorstep/pathway"
	"example.org/doorstep/store"
)

// switchedOffFor is how long it is worth saying that an address is not used any more:
// the digest and check say so for as long as it is.
const switchedOffFor = 3 * 24 * time.Hour

// tellSwitchedOff tells the person, by the other channel, their manager and operations
// that an email address is not used any more. Of numbers the digest and check tell: the
// network itself says that nobody has them.
func (p *passer) tellSwitchedOff() error {
	m := p.message
	if m.Channel != pathway.ChannelEmail {
		return nil
	}
	text, err := json.Marshal(payload{Alert: &notify.Alert{Says: notify.AlertAddressOff, People: []string{m.Person}, Channel: m.Channel, Reason: p.why.Reason}})
	if err != nil {
		return err
	}
	for _, c := range p.whoHearsOfAddress() {
		p.out.Messages = append(p.out.Messages, store.Message{
			Key: keyOf("address-off", m.Key, c.person.ID, c.channel), Kind: string(notify.KindAlert), Person: c.person.ID, Channel: c.channel,
			Address: addressOf(c.person, c.channel), Severity: p.rules.CallSeverity(), NextTry: p.now, UsefulUntil: p.now.Add(switchedOffFor), Payload: text,
		})
	}
	return nil
}

// whoHearsOfAddress are those who are told that the message's address is not used any
// more, each by the channel to use.
func (p *passer) whoHearsOfAddress() (told []candidate) {
	chosen := func(person *pathway.Person) {
		if person == nil || person.ID == p.message.Person {
			return
		}
		if by := p.byChosen(person, "", ""); len(by) > 0 {
			told = append(told, by[0])
		}
	}
	if self := p.people.People[p.message.Person]; self != nil {
		told = p.byOther(self, "", "")
		chosen(p.managerOf(self))
	}
	if p.operations != nil && p.operations.ID == p.message.Person {
		return append(told, p.byOther(p.operations, "", "")...)
	}
	chosen(p.operations)
	return told
}

// managerOf is whoever a person reports to, or covers for them; else the manager of a
// case that the message was about, or the duty desk.
func (p *passer) managerOf(person *pathway.Person) *pathway.Person {
	if manager := p.people.Present(person.ReportsTo, p.now); manager != nil {
		return manager
	}
	for i := range p.message.Reminders {
		if manager := p.people.Present(p.message.Reminders[i].Manager, p.now); manager != nil {
			return manager
		}
	}
	return p.desk(person.Team)
}
