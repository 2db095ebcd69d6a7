package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// ServiceRights are what somebody may do with the service itself. They open no case, and
// need no place on the people list: who is not on it has a name here.
type ServiceRights struct {
	Person   string // id
	Name     string // empty: on the people list
	Operates bool   // pathway.DeedAdminister
	Audits   bool   // pathway.DeedAudit
	// Ends is until when they count, as what the sign-in service said of them does; zero:
	// until they are taken away.
	Ends time.Time
}

const (
	byCommand = "command"
	bySignIn  = "signin"

	selectRights = `SELECT person, name, operates, audits, ends_at FROM service_rights`
	rightsNow    = selectRights + ` WHERE person = $1 AND (ends_at IS NULL OR ends_at > $2 AND given_at <= $3) ORDER BY given_by`
	giveRights   = `INSERT INTO service_rights (person, given_by, name, operates, audits, given_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (person, given_by) DO UPDATE SET name = excluded.name, operates = excluded.operates, audits = excluded.audits,
	given_at = excluded.given_at, ends_at = excluded.ends_at`
	endRights = `DELETE FROM service_rights WHERE person = $1 AND given_by = $2`
)

func scanRights(rows row) (r ServiceRights, err error) {
	var ends sql.NullInt64
	err = rows.Scan(&r.Person, &r.Name, &r.Operates, &r.Audits, &ends)
	r.Ends = instant(ends)
	return r, err
}

// GiveRights gives somebody these rights until they are given others, and ends their
// sessions where any of it is new; without any right they have none left by command. A
// name is for somebody who is not on the people list: for others it is a
// pathway.Problem, as is leaving it out.
func (s *Store) GiveRights(ctx context.Context, now time.Time, r ServiceRights) error {
	_, err := s.Person(ctx, r.Person)
	unknown := pathway.ProblemOf(err) == pathway.NotFound
	switch {
	case err == nil && r.Name != "":
		return pathway.NewProblem(pathway.Refused, "%s is on the people list, which says what they are called: leave --name out", r.Person)
	case unknown && r.Name == "" && (r.Operates || r.Audits):
		return pathway.NewProblem(pathway.Refused, "%s is not on the people list: say what they are called with --name", r.Person)
	case err != nil && !unknown:
		return err
	}
	if err := s.keepRights(ctx, now, byCommand, r, true); err != nil {
		return fmt.Errorf("give %s rights: %w", r.Person, err)
	}
	return nil
}

// NoteRights notes which rights the sign-in service says that somebody has, until they
// end; none: it says so no more.
func (s *Store) NoteRights(ctx context.Context, now time.Time, r ServiceRights) error {
	if err := s.keepRights(ctx, now, bySignIn, r, false); err != nil {
		return fmt.Errorf("note what rights the sign-in service gives: %w", err)
	}
	return nil
}

func (s *Store) keepRights(ctx context.Context, now time.Time, by string, r ServiceRights, endingSessions bool) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		var err error
		if r.Operates || r.Audits {
			_, err = tx.ExecContext(ctx, giveRights, r.Person, by, r.Name, r.Operates, r.Audits, now.UnixMilli(), optional(millis(r.Ends)))
		} else {
			_, err = tx.ExecContext(ctx, endRights, r.Person, by)
		}
		if err == nil && endingSessions {
			_, err = tx.ExecContext(ctx, endSessions, r.Person)
		}
		return err
	})
}

// RightsOf returns the rights of somebody at an instant; nil where they have none. What
// ends and was given by a clock that was ahead would last too long, and counts no more.
func (s *Store) RightsOf(ctx context.Context, person string, now time.Time) (*ServiceRights, error) {
	found, err := collect(ctx, s, "look for somebody's rights", rightsNow, rightsAt(person, now), scanRights)
	return joinRights(found), err
}

// rightsAt are the arguments of rightsNow.
func rightsAt(person string, now time.Time) []any {
	return []any{person, now.UnixMilli(), now.Add(ClockTolerance).UnixMilli()}
}

// joinRights are the rights of somebody who was given these, in order of who gave them;
// nil: none.
func joinRights(found []ServiceRights) *ServiceRights {
	if len(found) == 0 {
		return nil
	}
	all := found[0]
	for _, r := range found[1:] {
		all.Operates, all.Audits = all.Operates || r.Operates, all.Audits || r.Audits
		if all.Name == "" {
			all.Name = r.Name
		}
	}
	return &all
}

// AllRights returns the rights that were ever given and not taken away, also those that
// have ended by themselves, in order of person.
func (s *Store) AllRights(ctx context.Context) ([]ServiceRights, error) {
	return collect(ctx, s, "read who has rights over the service", selectRights+" ORDER BY person, given_by", nil, scanRights)
}

// Knows returns nil where somebody is on the people list, or has rights over the service,
// and else the error of NoPerson.
func (s *Store) Knows(ctx context.Context, person string, now time.Time) error {
	_, err := s.Person(ctx, person)
	if pathway.ProblemOf(err) != pathway.NotFound {
		return err
	}
	if rights, problem := s.RightsOf(ctx, person, now); problem != nil || rights != nil {
		return problem
	}
	return err
}
