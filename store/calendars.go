package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// NewCalendar returns the secret of a new address for a person's due times, which
// nobody can read again. The one before opens nothing any more.
func (s *Store) NewCalendar(ctx context.Context, now time.Time, person string) (secret string, err error) {
	if _, err := s.Person(ctx, person); err != nil {
		return "", err
	}
	secret = strings.ToLower(rand.Text())
	_, err = s.execute(ctx, s.db, `INSERT INTO calendars (person, hash, created_at) VALUES ($1, $2, $3)
ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, created_at = excluded.created_at`, person, hashOf(secret), now.UnixMilli())
	if err != nil {
		return "", fmt.Errorf("keep the address of a calendar: %w", err)
	}
	return secret, nil
}

// CalendarSince is since when a person has the address of a calendar; zero: they have none.
func (s *Store) CalendarSince(ctx context.Context, person string) (since time.Time, err error) {
	found, err := collect(ctx, s, "look whether somebody has the address of a calendar", "SELECT created_at FROM calendars WHERE person = $1", []any{person},
		func(rows *sql.Rows) (at sql.NullInt64, err error) {
			err = rows.Scan(&at)
			return at, err
		})
	if err != nil || len(found) == 0 {
		return time.Time{}, err
	}
	return instant(found[0]), nil
}

// EndCalendar has the address of a person's due times open nothing any more.
func (s *Store) EndCalendar(ctx context.Context, person string) error {
	result, err := s.execute(ctx, s.db, "DELETE FROM calendars WHERE person = $1", person)
	if ended, err := changedOne(result, err, "end the address of a calendar"); err != nil || ended {
		return err
	}
	if _, err := s.Person(ctx, person); err != nil {
		return err
	}
	return pathway.NewProblem(pathway.Conflict, "%s has no calendar address: nothing is to be ended", person)
}

// CalendarOf returns whose due times a secret opens: those of somebody who still works here
// at now. Else ErrNotFound; why is not said.
func (s *Store) CalendarOf(ctx context.Context, now time.Time, secret string) (*pathway.Person, error) {
	found, err := collect(ctx, s, "look up the address of a calendar", "SELECT person FROM calendars WHERE hash = $1", []any{hashOf(secret)},
		func(rows *sql.Rows) (id string, err error) {
			err = rows.Scan(&id)
			return id, err
		})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, ErrNotFound
	}
	p, err := s.Person(ctx, found[0])
	if err != nil {
		return nil, err
	}
	if p.Left(now) {
		return nil, ErrNotFound
	}
	return p, nil
}
