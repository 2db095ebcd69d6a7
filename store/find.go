package store

import (
	"context"
	"database/sql"

	"example.org/doorstep/pathway"
)

// NoPerson is why nobody is found by an id: a pathway.Problem, NotFound, that says
// whose may be meant.
func (s *Store) NoPerson(ctx context.Context, id string) error {
	return s.unknown(ctx, `SELECT id FROM people ORDER BY id`, id, pathway.NoPerson)
}

// NoCase is why no case is found by a reference, as NoPerson. It reads every
// reference.
func (s *Store) NoCase(ctx context.Context, ref string) error {
	return s.unknown(ctx, `SELECT ref FROM cases ORDER BY ref`, ref, pathway.NoCase)
}

func (s *Store) unknown(ctx context.Context, query, wanted string, problem func(wanted string, known []string) error) error {
	known, err := collect(ctx, s, "look for what may be meant", query, nil, func(rows *sql.Rows) (name string, err error) {
		err = rows.Scan(&name)
		return name, err
	})
	if err != nil {
		return err
	}
	return problem(wanted, known)
}

// Person returns a person by id, with all addresses that they have. Where there is none,
// the error is that of NoPerson.
func (s *Store) Person(ctx context.Context, id string) (*pathway.Person, error) {
	found, err := collect(ctx, s, "look for a person", selectPeople+" WHERE id = $1", []any{id}, scanPerson)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, s.NoPerson(ctx, id)
	}
	return &found[0], nil
}
