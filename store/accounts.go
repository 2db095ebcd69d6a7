package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

const (
	setPassword = `INSERT INTO accounts (person, password, set_at) VALUES ($1, $2, $3)
ON CONFLICT (person) DO UPDATE SET password = excluded.password, set_at = excluded.set_at`
	removeAccount = `DELETE FROM accounts WHERE person = $1`
	selectAccount = `SELECT password FROM accounts WHERE person = $1`
	anyAccount    = `SELECT person FROM accounts LIMIT 1`
	accountOwners = `SELECT person FROM accounts ORDER BY person`

	selectFailures = `SELECT failures, last_at FROM signin_failures WHERE key = $1`
	countFailure   = `INSERT INTO signin_failures (key, failures, last_at) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at`
	healFailures   = `UPDATE signin_failures SET last_at = $1 WHERE last_at > $1` // what a clock left that was ahead
	forgetFailures = `DELETE FROM signin_failures WHERE key = $1 OR last_at < $2`
)

// SetPassword gives a person an account, or its password anew: hash is what
// package signin makes of it. All sessions of the person end.
func (s *Store) SetPassword(ctx context.Context, now time.Time, person, hash string) error {
	return s.changeAccount(ctx, person, setPassword, person, hash, now.UnixMilli())
}

// RemoveAccount takes a person's account away, and ends all their sessions.
func (s *Store) RemoveAccount(ctx context.Context, person string) error {
	return s.changeAccount(ctx, person, removeAccount, person)
}

func (s *Store) changeAccount(ctx context.Context, person, statement string, args ...any) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, forgetFailures, AccountKey(person), 0); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, endSessions, person)
		return err
	})
	if err != nil {
		return fmt.Errorf("change the account of %s: %w", person, err)
	}
	return nil
}

// PasswordHash returns the hash of a person's password; false where they have no
// account.
func (s *Store) PasswordHash(ctx context.Context, person string) (hash string, has bool, err error) {
	found, err := collect(ctx, s, "look for an account", selectAccount, []any{person}, scanText)
	if err != nil || len(found) == 0 {
		return "", false, err
	}
	return found[0], true, nil
}

// HasAccounts reports whether anybody can sign in with a password.
func (s *Store) HasAccounts(ctx context.Context) (bool, error) {
	found, err := collect(ctx, s, "look for accounts", anyAccount, nil, scanText)
	return len(found) > 0, err
}

// Accounts returns who has one, in order of id.
func (s *Store) Accounts(ctx context.Context) ([]string, error) {
	return collect(ctx, s, "read the accounts", accountOwners, nil, scanText)
}

func scanText(rows row) (text string, err error) {
	err = rows.Scan(&text)
	return text, err
}

// Failures is how often a password was wrong, and when last.
type Failures struct {
	Count int
	Last  time.Time
}

// AccountKey and AddressKey are what wrong passwords are counted by.
func AccountKey(person string) string { return "account:" + person }

func AddressKey(address string) string { return "address:" + address }

// BeginSignIn counts a try to sign in as a wrong one, for each of the keys, unless
// notBefore gives a time that is yet to come, which it returns: whoever tries many at
// once is counted too. What is older than forget counts no more. EndSignIn takes it
// back where the password was right.
func (s *Store) BeginSignIn(ctx context.Context, now, forget time.Time, keys []string, notBefore func(key string, f Failures) time.Time) (wait time.Time, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		wait = time.Time{}
		if _, err := tx.ExecContext(ctx, healFailures, now.UnixMilli()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, forgetFailures, "", forget.UnixMilli()); err != nil {
			return err
		}
		found := make([]Failures, len(keys))
		for i, key := range keys {
			err := selectAll(ctx, tx, selectFailures, key, func(rows *sql.Rows) error {
				var last sql.NullInt64
				err := rows.Scan(&found[i].Count, &last)
				found[i].Last = instant(last)
				return err
			})
			if err != nil {
				return err
			}
			if until := notBefore(key, found[i]); until.After(now) && until.After(wait) {
				wait = until
			}
		}
		if !wait.IsZero() {
			return nil
		}
		for i, key := range keys {
			if _, err := tx.ExecContext(ctx, countFailure, key, found[i].Count+1, now.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("count a try to sign in: %w", err)
	}
	return wait, nil
}

// EndSignIn forgets the wrong passwords of the account, and this try of the address.
func (s *Store) EndSignIn(ctx context.Context, account, address string) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, forgetFailures, account, 0); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE signin_failures SET failures = failures - 1 WHERE key = $1 AND failures > 0`, address)
		return err
	})
	if err != nil {
		return fmt.Errorf("note a sign-in: %w", err)
	}
	return nil
}
