package intake

import "example.org/doorstep/pathway"

// person reads a row of people.
func (p *parser) person() pathway.Person {
	return pathway.Person{
		ID:          p.text(personID),
		Name:        p.text(personName),
		Role:        pathway.Role(p.word(personRole, p.roles)),
		Team:        p.text(personTeam),
		Email:       p.address(personEmail),
		Mobile:      p.address(personMobile),
		Channel:     p.word(personChannel, p.channels),
		ReportsTo:   p.text(personReportsTo),
		Cover:       p.text(personCover),
		ActiveFrom:  p.planned(personActiveFrom),
		ActiveUntil: p.lastDay(personActiveUntil),
		AwayFrom:    p.planned(personAwayFrom),
		AwayUntil:   p.lastDay(personAwayUntil),
	}
}
