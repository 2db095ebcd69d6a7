package intake

import "example.org/doorstep/pathway"

// person reads a row of people.
func (p *parser) person() pathway.Person {
	person := pathway.Person{
		ID:          p.needed(personID),
		Name:        p.text(personName),
		Role:        pathway.Role(p.word(personRole, p.roles)),
		Team:        p.text(personTeam),
		Channel:     p.word(personChannel, p.channels),
		ReportsTo:   p.text(personReportsTo),
		Cover:       p.text(personCover),
		ActiveUntil: p.lastDay(personActiveUntil),
		AwayUntil:   p.lastDay(personAwayUntil),
	}
	person.ActiveFrom = p.planned(personActiveFrom)
	person.AwayFrom = p.planned(personAwayFrom)
	if person.Role == "" && !p.bad {
		p.fault(personRole, "is empty: use %s", oneOf(roles))
	}
	if person.Channel == "" {
		person.Channel = pathway.ChannelEmail
	}
	var err error
	if s := p.text(personEmail); s != "" {
		if person.Email, err = Email(s); err != nil {
			p.fault(personEmail, "%v", err)
		}
	}
	if s := p.text(personMobile); s != "" {
		if person.Mobile, err = Mobile(s); err != nil {
			p.fault(personMobile, "%v", err)
		}
	}
	if !person.ActiveUntil.IsZero() && person.ActiveUntil.Before(person.ActiveFrom) {
		p.fault(personActiveUntil, "lies before active_from: correct one of them")
	}
	if !person.AwayUntil.IsZero() && person.AwayUntil.Before(person.AwayFrom) {
		p.fault(personAwayUntil, "lies before away_from: correct one of them")
	}
	if !person.AwayUntil.IsZero() && person.AwayFrom.IsZero() {
		p.fault(personAwayFrom, "is empty though there is an away_until: fill in the first day away")
	}
	return person
}
