package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// Identity is who a person is at an OpenID Connect provider.
type Identity struct {
	Issuer, Subject string
	Person          string
	Linked          time.Time
}

const (
	selectIdentities = `SELECT issuer, subject, person, linked_at FROM identities`
	linkIdentity     = `INSERT INTO identities (issuer, subject, person, linked_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`
)

func scanIdentity(rows *sql.Rows) (i Identity, err error) {
	var linked sql.NullInt64
	err = rows.Scan(&i.Issuer, &i.Subject, &i.Person, &linked)
	i.Linked = instant(linked)
	return i, err
}

// LinkIdentity notes who a person is at a provider. Where that is somebody else's, or
// the person is somebody else there, it is a pathway.Problem and nothing changes: who
// may sign in as whom does not change by itself.
func (s *Store) LinkIdentity(ctx context.Context, now time.Time, issuer, subject, person string) error {
	if err := s.Knows(ctx, person, now); err != nil {
		return err
	}
	result, err := s.execute(ctx, s.db, linkIdentity, issuer, subject, person, now.UnixMilli())
	linked, err := changedOne(result, err, "link somebody to their sign-in")
	if err != nil || linked {
		return err
	}
	is, err := s.PersonAt(ctx, issuer, subject)
	if err != nil || is == person {
		return err
	}
	return pathway.NewProblem(pathway.Conflict, "%s is linked to another sign-in, or this one to somebody else: doorstep account unlink ends a link", person)
}

// PersonAt returns who somebody at a provider is, by id; empty: nobody.
func (s *Store) PersonAt(ctx context.Context, issuer, subject string) (person string, err error) {
	found, err := collect(ctx, s, "look up a sign-in", selectIdentities+" WHERE issuer = $1 AND subject = $2", []any{issuer, subject}, scanIdentity)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].Person, nil
}

// Identities returns all links, in order of person.
func (s *Store) Identities(ctx context.Context) ([]Identity, error) {
	return collect(ctx, s, "read the links to sign-ins", selectIdentities+" ORDER BY person, issuer", nil, scanIdentity)
}

// UnlinkIdentity ends the links of a person, and all their sessions.
func (s *Store) UnlinkIdentity(ctx context.Context, person string) error {
	ended := false
	err := s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM identities WHERE person = $1", person)
		if ended, err = changedOne(result, err, "end a link to a sign-in"); err != nil || !ended {
			return err
		}
		_, err = tx.ExecContext(ctx, endSessions, person)
		return err
	})
	if err != nil || ended {
		return err
	}
	if err := s.Knows(ctx, person, time.Time{}); err != nil {
		return fmt.Errorf("end a link to a sign-in: %w", err)
	}
	return pathway.NewProblem(pathway.Conflict, "%s is linked to no sign-in: nothing is to be ended", person)
}
