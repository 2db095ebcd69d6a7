package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// Session is somebody's being signed in, in one browser.
type Session struct {
	Token   string // a hash of what the browser keeps
	Person  string // by id; empty: nobody yet
	Data    string
	Began   time.Time
	Expires time.Time
}

const (
	selectSession  = `SELECT token, person, data, began_at, expires_at FROM sessions`
	beginSession   = `INSERT INTO sessions (token, person, data, began_at, expires_at) VALUES ($1, $2, $3, $4, $5)`
	keepSession    = `UPDATE sessions SET person = $1, data = $2, expires_at = $3 WHERE token = $4`
	endSession     = `DELETE FROM sessions WHERE token = $1`
	endSessions    = `DELETE FROM sessions WHERE person = $1`
	forgetSessions = `DELETE FROM sessions WHERE expires_at < $1`
	sessionsOf     = selectSession + ` WHERE person = $1 AND expires_at >= $2 ORDER BY began_at, token`
	sessionByToken = selectSession + ` WHERE token = $1`
	keepEndedFor   = 30 * time.Minute // so that what its form held is kept for whoever signs in again
)

func scanSession(rows row) (n Session, err error) {
	var began, expires sql.NullInt64
	err = rows.Scan(&n.Token, &n.Person, &n.Data, &began, &expires)
	n.Began, n.Expires = instant(began), instant(expires)
	return n, err
}

// Session returns a session, also one that has expired within the last half hour; nil
// where there is none.
func (s *Store) Session(ctx context.Context, token string) (*Session, error) {
	n, _, _, err := s.SessionAndWho(ctx, token, "", time.Time{})
	return n, err
}

// SessionAndWho is Session, and Who of a person if it is theirs: the two are read at once.
// There is no person where it is somebody else's, or nobody is known by that id.
func (s *Store) SessionAndWho(ctx context.Context, token, person string, now time.Time) (*Session, *pathway.Person, *pathway.Who, error) {
	kept, newer := s.later.session(token) // before the database is asked: it is forgotten once that has it
	var found []Session
	var read whoRead
	questions := []question{asking(&found, scanSession, sessionByToken, token)}
	if person != "" {
		questions = append(questions, read.questions(person, now)...)
	}
	if err := s.askAll(ctx, questions...); err != nil {
		return nil, nil, nil, fmt.Errorf("look for a session: %w", err)
	}
	if len(found) == 0 {
		return nil, nil, nil, nil
	}
	n := &found[0]
	if newer {
		n.Person, n.Data, n.Expires = kept.Person, kept.Data, kept.Expires
	}
	if person == "" || n.Person != person {
		return n, nil, nil, nil
	}
	p, who, err := s.whoOf(ctx, &read, person, now)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return n, p, who, err
}

// BeginSession keeps a new session, and forgets those that ended more than half an hour
// ago.
func (s *Store) BeginSession(ctx context.Context, now time.Time, n *Session) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, forgetSessions, now.Add(-keepEndedFor).UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, beginSession, n.Token, n.Person, n.Data, now.UnixMilli(), n.Expires.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("begin a session: %w", err)
	}
	return nil
}

// KeepSession keeps a session as it is now; one that has been ended meanwhile stays
// ended. On SQLite that is written a little later, so that nobody waits for it who only
// looks at a page: Session returns it as it is now, but a process that is killed may
// forget it.
func (s *Store) KeepSession(ctx context.Context, n *Session) error {
	if s.looks != nil {
		s.later.keepSession(n)
		return nil
	}
	err := s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, keepSession, n.Person, n.Data, n.Expires.UnixMilli(), n.Token)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a session: %w", err)
	}
	return nil
}

// EndSession ends one session.
func (s *Store) EndSession(ctx context.Context, token string) error {
	s.later.endSession(token)
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, endSession, token)
		return err
	})
}

// SessionsOf returns the sessions of a person that have not expired, the oldest first.
func (s *Store) SessionsOf(ctx context.Context, person string, now time.Time) ([]Session, error) {
	found, err := collect(ctx, s, "look for the sessions of somebody", sessionsOf, []any{person, now.UnixMilli()}, scanSession)
	for i := range found {
		if n := &found[i]; n.Began.After(now) { // by a clock that was ahead
			n.Began = now
		}
	}
	return found, err
}

// HeldForm is what a form held whose session had ended.
type HeldForm struct {
	ID, Person, Path, Body string
	Expires                time.Time
}

const (
	holdForm    = `INSERT INTO held_forms (id, person, path, body, expires_at) VALUES ($1, $2, $3, $4, $5)`
	forgetForms = `DELETE FROM held_forms WHERE expires_at < $1`
	selectForm  = `SELECT body FROM held_forms WHERE id = $1 AND person = $2 AND path = $3 AND expires_at >= $4`
)

// HoldForm keeps what a form held.
func (s *Store) HoldForm(ctx context.Context, now time.Time, f HeldForm) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, forgetForms, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, holdForm, f.ID, f.Person, f.Path, f.Body, f.Expires.UnixMilli())
		return err
	})
}

// HeldForm returns what a form held, for its person and its page; false where that is
// not kept, or no more.
func (s *Store) HeldForm(ctx context.Context, now time.Time, id, person, path string) (body string, is bool, err error) {
	found, err := collect(ctx, s, "look for a form", selectForm, []any{id, person, path, now.UnixMilli()}, scanText)
	if err != nil || len(found) == 0 {
		return "", false, err
	}
	return found[0], true, nil
}
