package pathway

import (
	"slices"
	"time"
)

// Allocation is who is who on a case, by person id; empty means nobody.
type Allocation struct {
	Practitioner string
	Manager      string
	Chair        string
	Team         string
}

// holder is who has a role on a case, where aboveManager is whom its manager reports to;
// empty: nobody.
func (who Allocation) holder(role Role, aboveManager string) string {
	switch role {
	case Practitioner:
		return who.Practitioner
	case Manager:
		return who.Manager
	case ServiceManager:
		return aboveManager
	case Chair:
		return who.Chair
	}
	return ""
}

// Concerned is who is who on a case for one duty. A practitioner who is the case's own
// manager discusses with the manager whom she reports to: for a duty that such a
// discussion meets that person is the manager, told and escalated to, and the service
// manager is theirs. people are those on the case and whom they report to.
func (r *Rules) Concerned(d *Duty, who Allocation, people map[string]*Person) Allocation {
	p := people[who.Practitioner]
	if p == nil || who.Practitioner != who.Manager {
		return who
	}
	if rule := r.Rule(d.Pathway, d.Version, d.ID); rule != nil && slices.ContainsFunc(rule.MetBy, func(m Match) bool { return m.Kind == KindDiscussedWithManager }) {
		who.Manager = p.ReportsTo
	}
	return who
}

// Directory knows the people who can be told.
type Directory struct {
	People map[string]*Person
	// DutyDesk returns the duty address of a team: who is told when nobody else
	// is left. It is never nil in a checked configuration.
	DutyDesk func(team string) *Person
}

// Reason says why somebody is told, or is not. It is kept with each decision.
type Reason string

const (
	Sent       Reason = "sent"
	Recorder   Reason = "recorder"    // they recorded the event, so they know
	SamePerson Reason = "same-person" // they get it already in another role
	NoAddress  Reason = "no-address"  // no address for this channel
	MergedInto Reason = "merged-into" // a more serious rung says it
	TakenOver  Reason = "taken-over"  // a later duty says it
)

// Telling is one decision about one person and channel on one rung.
type Telling struct {
	Role    Role
	Person  *Person // never nil
	Channel string
	Reason  Reason
	// Instead names whom this person stands in for (on leave, left, nobody
	// allocated); empty when they are told as themselves.
	Instead string
}

// Tell decides whom a rung tells, by which channels, and whom it leaves out and
// why. Somebody always gets it unless the only people concerned recorded the
// event themselves: roles nobody fills fall to the manager, then to the team's
// duty address.
func Tell(l *Ladder, rung RungRule, d *Duty, who Allocation, dir *Directory, now time.Time) []Telling {
	roles := rung.To
	if len(d.Told) > 0 && l.isFirst(rung) {
		roles = append(append([]Role(nil), roles...), d.Told...)
	}
	var out []Telling
	for _, role := range roles {
		if role == Owner {
			role = d.Owner
		}
		if role == Chair && who.Chair == "" {
			continue // told only where the case has a chair
		}
		holder, person := dir.resolve(role, who, now)
		if person == nil {
			continue
		}
		t := Telling{Role: role, Person: person, Reason: Sent}
		if person.ID != holder {
			t.Instead = holder
			if holder == "" {
				t.Instead = string(role)
			}
		}
		recorder := d.Recorder
		if rung.Moment == AtSet {
			recorder = d.SetBy
		}
		if rung.SkipRecorder && recorder != "" && recorder == person.ID {
			t.Reason = Recorder
		}
		out = appendChannels(out, l.EveryChannel && !rung.ByChoice, t)
	}
	return out
}

// appendChannels adds a decision for each channel by which the person is told, once
// per person and channel.
func appendChannels(out []Telling, every bool, t Telling) []Telling {
	for _, channel := range channelsFor(every, t.Person) {
		t := t
		t.Channel = channel
		if t.Reason == Sent && t.Person.address(channel) == "" {
			t.Reason = NoAddress
		}
		for _, before := range out {
			if before.Person.ID == t.Person.ID && before.Channel == channel && before.Reason == t.Reason {
				t.Reason = SamePerson
				break
			}
		}
		out = append(out, t)
	}
	return out
}

// channelsFor is both channels where every one is used; otherwise the one the person
// chose, or the other where that one has no address.
func channelsFor(every bool, p *Person) []string {
	if every {
		return []string{ChannelEmail, ChannelSMS}
	}
	chosen, other := ChannelEmail, ChannelSMS
	if p.Channel == ChannelSMS {
		chosen, other = ChannelSMS, ChannelEmail
	}
	if p.address(chosen) == "" && p.address(other) != "" {
		return []string{other}
	}
	return []string{chosen}
}

func (p *Person) address(channel string) string {
	if channel == ChannelSMS {
		return p.Mobile
	}
	return p.Email
}

// resolve returns who holds the role on the case (empty for nobody) and who is
// told in that role: the holder, whoever covers for them, or the next in line.
func (dir *Directory) resolve(role Role, who Allocation, now time.Time) (holder string, told *Person) {
	aboveManager := ""
	if m := dir.People[who.Manager]; m != nil {
		aboveManager = m.ReportsTo
	}
	holder = who.holder(role, aboveManager)
	if p := dir.present(holder, now); p != nil {
		return holder, p
	}
	if role == Practitioner {
		_, told = dir.resolve(Manager, who, now)
		return holder, told
	}
	return holder, dir.DutyDesk(who.Team)
}

// present follows cover from an absent person to somebody who is here and can be
// reached; nil when there is nobody.
func (dir *Directory) present(id string, now time.Time) *Person {
	for range len(dir.People) {
		p := dir.People[id]
		switch {
		case p == nil || p.Left(now):
			return nil
		case p.Away(now):
			id = p.Cover
		case !p.Reachable():
			return nil
		default:
			return p
		}
	}
	return nil // covers that go round in a circle
}

// Present returns who is reached by a person's id at now: the person, or while
// they are away whoever covers for them; nil when there is nobody.
func (dir *Directory) Present(id string, now time.Time) *Person { return dir.present(id, now) }

// Above returns who is told in the next role up when nobody in this role can be
// reached, and that role: the manager of a practitioner, of a chair and of admin
// staff, and the service manager of a manager. Above a service manager there is
// only the team's duty address: then the role is empty.
func (dir *Directory) Above(role Role, who Allocation, now time.Time) (told *Person, above Role) {
	switch role {
	case ServiceManager:
		return dir.DutyDesk(who.Team), ""
	case Manager:
		above = ServiceManager
	default:
		above = Manager
	}
	_, told = dir.resolve(above, who, now)
	return told, above
}
