package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/doorstep/pathway"
)

const (
	accessCase = `SELECT c.now_practitioner, c.now_manager, c.chair, c.team, c.restricted, COALESCE(p.reports_to, ''), COALESCE(m.reports_to, '')
FROM cases c LEFT JOIN people p ON p.id = c.now_practitioner LEFT JOIN people m ON m.id = c.now_manager WHERE c.ref = $1`
	coveredBy = `SELECT id, role, team FROM people WHERE cover = $1 AND cover <> '' AND away_from IS NOT NULL AND away_from <= $2 AND (away_until IS NULL OR away_until > $2) ORDER BY id`
	restrict  = `UPDATE cases SET restricted = $1 WHERE ref = $2`
	unname    = `DELETE FROM restricted_to WHERE case_ref = $1`
	openBy    = `INSERT INTO restricted_to (case_ref, person) VALUES ($1, $2) ON CONFLICT (case_ref, person) DO NOTHING`
	namedOn   = `SELECT case_ref FROM restricted_to WHERE person = $1 ORDER BY case_ref`
)

// AccessCase returns what decides who may come near a case, or ErrNotFound.
func (s *Store) AccessCase(ctx context.Context, ref string) (*pathway.AccessCase, error) {
	found, err := collect(ctx, s, "look for who is on a case", accessCase, []any{ref}, func(rows *sql.Rows) (on pathway.AccessCase, err error) {
		err = rows.Scan(&on.Practitioner, &on.Manager, &on.Chair, &on.Team, &on.Restricted, &on.AbovePractitioner, &on.AboveManager)
		return on, err
	})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("case %s: %w", ref, ErrNotFound)
	}
	found[0].Ref = ref
	return &found[0], nil
}

// CaseOn is a case by its reference, with who is on it.
type CaseOn struct {
	Ref string
	On  pathway.AccessCase
}

const (
	casesOn = `SELECT c.ref, c.now_practitioner, c.now_manager, c.chair, c.team, c.restricted, COALESCE(p.reports_to, ''), COALESCE(m.reports_to, '')
FROM cases c LEFT JOIN people p ON p.id = c.now_practitioner LEFT JOIN people m ON m.id = c.now_manager WHERE `
	casesOfPractitioner = casesOn + `c.now_practitioner = $1 AND c.now_practitioner <> '' AND NOT c.closed ORDER BY c.ref LIMIT $2`
)

// CasesOf returns the open cases of a practitioner in order of reference, and at most so
// many.
func (s *Store) CasesOf(ctx context.Context, practitioner string, atMost int) ([]CaseOn, error) {
	return collect(ctx, s, "look for the cases of a practitioner", casesOfPractitioner, []any{practitioner, atMost}, scanCaseOn)
}

// AccessCases returns of each of these cases, open or closed, what AccessCase returns of
// one. What there is not is left out.
func (s *Store) AccessCases(ctx context.Context, refs []string) ([]CaseOn, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	return collect(ctx, s, "look for who is on cases", casesOn+s.dialect.isAny("c.ref", 1), []any{s.dialect.listArgument(refs)}, scanCaseOn)
}

func scanCaseOn(rows *sql.Rows) (c CaseOn, err error) {
	err = rows.Scan(&c.Ref, &c.On.Practitioner, &c.On.Manager, &c.On.Chair, &c.On.Team, &c.On.Restricted, &c.On.AbovePractitioner, &c.On.AboveManager)
	c.On.Ref = c.Ref
	return c, err
}

// Who returns a person as they are at now, with their rights over the service, and for
// whom they stand in: ErrNotFound where there is nobody by that id.
func (s *Store) Who(ctx context.Context, id string, now time.Time) (*pathway.Person, *pathway.Who, error) {
	var read whoRead
	if err := s.askAll(ctx, read.questions(id, now)...); err != nil {
		return nil, nil, fmt.Errorf("look for a person: %w", err)
	}
	return s.whoOf(ctx, &read, id, now)
}

// whoRead is what is read of who somebody is.
type whoRead struct {
	found []pathway.Person
	given []ServiceRights
	named []string
	away  []pathway.Post
}

func (w *whoRead) questions(id string, now time.Time) []question {
	return []question{
		asking(&w.found, scanPerson, selectPeople+" WHERE id = $1", id),
		asking(&w.given, scanRights, rightsNow, rightsAt(id, now)...),
		asking(&w.named, scanText, namedOn, id),
		asking(&w.away, scanPost, coveredBy, id, now.UnixMilli()),
	}
}

// whoOf is Who of what has been read.
func (s *Store) whoOf(ctx context.Context, read *whoRead, id string, now time.Time) (*pathway.Person, *pathway.Who, error) {
	rights := joinRights(read.given)
	switch {
	case rights == nil:
		rights = &ServiceRights{}
	case rights.Name != "": // who got them is not whoever came onto the list by that id since
		return &pathway.Person{ID: id, Name: rights.Name},
			&pathway.Who{Person: id, Active: true, Outside: true, Operates: rights.Operates, Audits: rights.Audits}, nil
	}
	if len(read.found) == 0 {
		return nil, nil, ErrNotFound
	}
	p := &read.found[0]
	who := &pathway.Who{Person: p.ID, Role: p.Role, Team: p.Team, Active: !p.Left(now), Operates: rights.Operates, Audits: rights.Audits}
	who.Named = read.named
	// Whoever is covered may stand in for others themselves.
	for next := read.away; len(next) > 0; next = next[1:] {
		of := next[0]
		if of.Person == id || slices.Contains(who.Covers, of) {
			continue
		}
		who.Covers = append(who.Covers, of)
		away, err := collect(ctx, s, "look for whom somebody covers", coveredBy, []any{of.Person, now.UnixMilli()}, scanPost)
		if err != nil {
			return nil, nil, err
		}
		next = append(next, away...)
	}
	return p, who, nil
}

func scanPost(rows row) (of pathway.Post, err error) {
	err = rows.Scan(&of.Person, &of.Role, &of.Team)
	return of, err
}

// TeamsOf returns the teams that somebody oversees, in order of name: their own, those of
// whom they stand in for, and those of whoever reports to any of them.
func (s *Store) TeamsOf(ctx context.Context, who *pathway.Who) ([]string, error) {
	ids := []string{}
	for _, p := range pathway.PostsFor(who, pathway.DeedOversee) {
		ids = append(ids, p.Person)
	}
	query := "SELECT DISTINCT team FROM people WHERE team <> '' AND (" + s.dialect.isAny("id", 1) + " OR " + s.dialect.isAny("reports_to", 1) + ") ORDER BY team"
	return collect(ctx, s, "look for somebody's teams", query, []any{s.dialect.listArgument(ids)}, scanText)
}

// Restrict closes a case to all but those who are on it and those whom it names here, by id;
// whom it named before it names no more. All of them are on the people list.
func (s *Store) Restrict(ctx context.Context, ref string, named ...string) error {
	for _, id := range named {
		if _, err := s.Person(ctx, id); err != nil {
			return err
		}
	}
	return s.setRestricted(ctx, ref, true, named)
}

// LiftRestriction opens a restricted case to its team again.
func (s *Store) LiftRestriction(ctx context.Context, ref string) error {
	return s.setRestricted(ctx, ref, false, nil)
}

func (s *Store) setRestricted(ctx context.Context, ref string, restricted bool, named []string) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, restrict, restricted, ref)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		if _, err := tx.ExecContext(ctx, unname, ref); err != nil {
			return err
		}
		for _, id := range named {
			if _, err := tx.ExecContext(ctx, openBy, ref, id); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, ErrNotFound) {
		return s.NoCase(ctx, ref)
	}
	return err
}

// Among returns those of the cases that a scope holds, open or closed.
func (s *Store) Among(ctx context.Context, scope *pathway.Scope, refs []string) (map[string]bool, error) {
	held := map[string]bool{}
	args := []any{s.dialect.listArgument(refs)}
	if len(refs) == 0 {
		return held, nil
	}
	condition := s.dialect.rowInScope(scope, &args)
	found, err := collect(ctx, s, "look for the cases of somebody", "SELECT c.ref FROM cases c WHERE "+s.dialect.isAny("c.ref", 1)+" AND "+condition, args, scanText)
	for _, ref := range found {
		held[ref] = true
	}
	return held, err
}

// CasesIn returns the references of the open cases that a scope holds, in order, and at
// most so many.
func (s *Store) CasesIn(ctx context.Context, scope pathway.Scope, atMost int) ([]string, error) {
	var args []any
	cases := s.dialect.casesIn(&scope, "ref", 0, &args)
	return collect(ctx, s, "look for the cases of somebody", fmt.Sprintf("SELECT c.ref FROM %s c ORDER BY c.ref LIMIT %d", cases, atMost), args, scanText)
}
