package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// OriginKey is a key that messages were made with, by its fingerprint.
type OriginKey struct {
	Fingerprint string
	Since       time.Time
	// MessagesBefore is the newest message when it came into use.
	MessagesBefore int64
}

const (
	selectOriginKeys = `SELECT fingerprint, first_used_at, messages_before FROM origin_keys ORDER BY id`

	newestOriginKey = `SELECT fingerprint FROM origin_keys ORDER BY id DESC LIMIT 1`

	insertOriginKey = `INSERT INTO origin_keys (fingerprint, first_used_at, messages_before)
VALUES ($1, $2, (SELECT COALESCE(MAX(id), 0) FROM messages))`
)

func scanOriginKey(rows *sql.Rows) (k OriginKey, err error) {
	var since sql.NullInt64
	err = rows.Scan(&k.Fingerprint, &since, &k.MessagesBefore)
	k.Since = instant(since)
	return k, err
}

// OriginKeys returns the keys that messages were made with, the first used first.
func (s *Store) OriginKeys(ctx context.Context) ([]OriginKey, error) {
	return collect(ctx, s, "read which keys messages were made with", selectOriginKeys, nil, scanOriginKey)
}

// LastWithoutKey returns the newest message that was made before there was a key; 0
// where there is none.
func (s *Store) LastWithoutKey(ctx context.Context) (int64, error) {
	keys, err := s.OriginKeys(ctx)
	if err != nil || len(keys) == 0 {
		return 0, err
	}
	return keys[0].MessagesBefore, nil
}

// AdoptOrigin notes which key messages are made with from now on: the first of the
// fingerprints. It reports false, and notes nothing, where the key in use so far is not
// among them, unless it is lost: then what was made with it would not be recognised.
// Of several processes that begin with a key of their own one is first.
func (s *Store) AdoptOrigin(ctx context.Context, now time.Time, fingerprints []string, lost bool) (adopted bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		adopted = true
		if s.dialect.postgres {
			if _, err := tx.ExecContext(ctx, "LOCK TABLE origin_keys IN EXCLUSIVE MODE"); err != nil {
				return err
			}
		}
		var newest string
		err := tx.QueryRowContext(ctx, newestOriginKey).Scan(&newest)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil || newest == fingerprints[0]:
			return err
		case newest != "" && !lost && !slices.Contains(fingerprints, newest):
			adopted = false
			return nil
		}
		_, err = tx.ExecContext(ctx, insertOriginKey, fingerprints[0], now.UnixMilli())
		return err
	})
	if err != nil {
		return false, fmt.Errorf("note which key messages are made with: %w", err)
	}
	return adopted, nil
}
