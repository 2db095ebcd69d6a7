package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

const personColumns = "name, role, team, email, mobile, channel, reports_to, cover, active_from, active_until, away_from, away_until"

const (
	selectPeople = "SELECT id, " + personColumns + " FROM people"
	ofMobile     = " WHERE mobile = $1 AND mobile <> ''"
)

func addPerson(b *bulk, p *pathway.Person, now time.Time) {
	b.row()
	b.text(p.ID, p.Name, string(p.Role), p.Team, p.Email, p.Mobile, p.Channel, p.ReportsTo, p.Cover)
	b.instants(p.ActiveFrom, p.ActiveUntil, p.AwayFrom, p.AwayUntil, now)
}

// addChangedPerson adds the columns with the key last.
func addChangedPerson(b *bulk, p *pathway.Person, now time.Time) {
	b.row()
	b.text(p.Name, string(p.Role), p.Team, p.Email, p.Mobile, p.Channel, p.ReportsTo, p.Cover)
	b.instants(p.ActiveFrom, p.ActiveUntil, p.AwayFrom, p.AwayUntil, now)
	b.text(p.ID)
}

func scanPerson(rows row) (p pathway.Person, err error) {
	var from, until, awayFrom, awayUntil sql.NullInt64
	err = rows.Scan(&p.ID, &p.Name, &p.Role, &p.Team, &p.Email, &p.Mobile, &p.Channel, &p.ReportsTo, &p.Cover,
		&from, &until, &awayFrom, &awayUntil)
	p.ActiveFrom, p.ActiveUntil = instant(from), instant(until)
	p.AwayFrom, p.AwayUntil = instant(awayFrom), instant(awayUntil)
	return p, err
}

// People returns everybody, in order of id, with all addresses that they have.
// Those who are to be told something come from ReachablePeople.
func (s *Store) People(ctx context.Context) ([]pathway.Person, error) {
	return collect(ctx, s, "read the people", selectPeople+" ORDER BY id", nil, scanPerson)
}

// StaffNames returns the names of these people: as the people list has them, or else those
// who have rights over the service. Whoever has no name in either is left out.
func (s *Store) StaffNames(ctx context.Context, ids []string) (pathway.StaffNames, error) {
	names := pathway.StaffNames{}
	if len(ids) == 0 {
		return names, nil
	}
	const from = ` FROM people WHERE name <> '' AND %s
UNION ALL SELECT r.person, r.name, 1 FROM service_rights r WHERE r.name <> '' AND %s ORDER BY 3 DESC`
	_, err := collect(ctx, s, "read the names of staff", "SELECT id, name, 0"+fmt.Sprintf(from, s.dialect.isAny("id", 1), s.dialect.isAny("r.person", 1)),
		[]any{s.dialect.listArgument(ids)}, func(rows *sql.Rows) (id string, err error) {
			var name string
			var outside int
			err = rows.Scan(&id, &name, &outside)
			names[id] = name // the list's own come last
			return id, err
		})
	return names, err
}

// PeopleOf returns these people, in order of id, with all addresses that they have.
// Whoever is not in the people list is left out.
func (s *Store) PeopleOf(ctx context.Context, ids []string) ([]pathway.Person, error) {
	query, args := s.peopleOf(ids)
	return collect(ctx, s, "look for people", query, args, scanPerson)
}

func (s *Store) peopleOf(ids []string) (query string, args []any) {
	return selectPeople + " WHERE " + s.dialect.isAny("id", 1) + " ORDER BY id", []any{s.dialect.listArgument(ids)}
}

const ofTeam = ` WHERE id IN (SELECT id FROM people WHERE team = $1 AND team <> '' UNION SELECT id FROM people WHERE id = $2
	UNION SELECT id FROM people WHERE reports_to = $2 AND reports_to <> ''
	UNION SELECT b.id FROM people a JOIN people b ON b.reports_to = a.id AND b.reports_to <> '' WHERE a.reports_to = $2 AND a.reports_to <> '') ORDER BY id`

// TeamOf returns whom somebody looks after: those of their team, and those below them in
// the line of management, in order of id, with all addresses that they have.
func (s *Store) TeamOf(ctx context.Context, person, team string) ([]pathway.Person, error) {
	return collect(ctx, s, "look for a team", selectPeople+ofTeam, []any{team, person}, scanPerson)
}

// PeopleByMobile returns whose number it is, in order of id, with all addresses
// that they have.
func (s *Store) PeopleByMobile(ctx context.Context, mobile string) ([]pathway.Person, error) {
	return collect(ctx, s, "look for a number", selectPeople+ofMobile+" ORDER BY id", []any{mobile}, scanPerson)
}
