package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Token lets a program of another system use the API.
type Token struct {
	Name      string
	Scopes    []string // what it may do
	Created   time.Time
	CreatedBy string
	Expires   time.Time
	LastUsed  time.Time // to the minute; zero: never
	Revoked   time.Time // zero: it was not
}

// Good reports whether the token opens anything at now.
func (t *Token) Good(now time.Time) bool { return t.Revoked.IsZero() && now.Before(t.Expires) }

// tokenPrefix begins every token, so that scanners for secrets recognise one.
const tokenPrefix = "doorstep_"

// lastUseEvery is how exactly the last use of a token is kept: not a write a request.
const lastUseEvery = time.Minute

const (
	tokenColumns = "name, scopes, created_at, created_by, expires_at, last_used_at, revoked_at"

	insertToken = `INSERT INTO api_tokens (name, hash, scopes, created_at, created_by, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO NOTHING`
	useToken = `UPDATE api_tokens SET last_used_at = $1 WHERE name = $2`
)

func scanToken(rows *sql.Rows) (t Token, err error) {
	var scopes string
	var created, expires, used, revoked sql.NullInt64
	err = rows.Scan(&t.Name, &scopes, &created, &t.CreatedBy, &expires, &used, &revoked)
	t.Scopes = splitList(scopes, words)
	t.Created, t.Expires, t.LastUsed, t.Revoked = instant(created), instant(expires), instant(used), instant(revoked)
	return t, err
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// AddToken keeps a new token and returns its secret, which nobody can read again. A
// name that is taken, also by a token that was revoked, is a pathway.Problem.
func (s *Store) AddToken(ctx context.Context, t Token) (secret string, err error) {
	secret = tokenPrefix + rand.Text() + rand.Text()
	result, err := s.execute(ctx, s.db, insertToken, t.Name, hashOf(secret), strings.Join(t.Scopes, words), t.Created.UnixMilli(), t.CreatedBy, t.Expires.UnixMilli())
	added, err := changedOne(result, err, "keep a token")
	if err != nil {
		return "", err
	}
	if !added {
		return "", pathway.NewProblem(pathway.Conflict, "there is or was a token called %q: give this one another name", t.Name)
	}
	return secret, nil
}

// Tokens returns all tokens, those that were revoked too, in order of name.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	used := s.later.used()
	all, err := collect(ctx, s, "read the tokens", "SELECT "+tokenColumns+" FROM api_tokens ORDER BY name", nil, scanToken)
	for i := range all {
		if t := &all[i]; used[t.Name].After(t.LastUsed) {
			t.LastUsed = used[t.Name]
		}
	}
	return all, err
}

// RevokeToken ends a token at once.
func (s *Store) RevokeToken(ctx context.Context, now time.Time, name string) error {
	result, err := s.execute(ctx, s.db, "UPDATE api_tokens SET revoked_at = $1 WHERE name = $2 AND revoked_at IS NULL", now.UnixMilli(), name)
	if revoked, err := changedOne(result, err, "revoke a token"); err != nil || revoked {
		return err
	}
	all, err := s.Tokens(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, t := range all {
		if t.Name == name {
			return pathway.NewProblem(pathway.Conflict, "the token %q was revoked before", name)
		}
		names = append(names, t.Name)
	}
	return pathway.NewProblem(pathway.NotFound, "there is no token %q%s: see doorstep token list", name, pathway.DidYouMean(name, names))
}

// TokenOf returns whose secret this is and notes that it was used. ErrNotFound: it is
// nobody's, or opens nothing any more; which of these is not said.
func (s *Store) TokenOf(ctx context.Context, now time.Time, secret string) (*Token, error) {
	// Found by its hash: how long that takes tells nothing of a secret.
	found, err := collect(ctx, s, "look up a token", "SELECT "+tokenColumns+" FROM api_tokens WHERE hash = $1", []any{hashOf(secret)}, scanToken)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || !found[0].Good(now) {
		return nil, ErrNotFound
	}
	t := &found[0]
	switch {
	case now.Sub(t.LastUsed).Abs() < lastUseEvery:
	case s.looks != nil: // nobody waits for the write lock who only reads
		s.later.useToken(t.Name, now)
	default:
		_, err = s.execute(ctx, s.db, useToken, now.UnixMilli(), t.Name)
		if err != nil && !errors.Is(err, context.Canceled) {
			return nil, fmt.Errorf("note the use of a token: %w", err)
		}
	}
	return t, nil
}
