package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

const (
	// late picks out what of the waiting messages should have gone by $1.
	late = waiting + ` AND (tries > 0 OR state = 'sending' OR next_try_at <= $1)`

	oldestWaiting = `SELECT COUNT(*), MIN(created_at) FROM messages WHERE ` + late

	oldestUndelivered = `SELECT CAST(SUM(n) AS BIGINT), MIN(created) FROM (
	SELECT COUNT(*) AS n, MIN(created_at) AS created FROM messages WHERE ` + late + ` AND severity < $2
	UNION ALL
	SELECT COUNT(*), MIN(created_at) FROM messages WHERE poll_at IS NOT NULL AND state = 'sent' AND severity < $2) AS undelivered`

	// A ledger keeps years. What has gone just now is mostly among its newest.
	sentSince = `SELECT COUNT(*) FROM (SELECT channel, sent_at FROM messages ORDER BY id DESC LIMIT 5000) AS newest
WHERE channel = $1 AND sent_at >= $2`

	waitingUrgent = `SELECT id FROM messages
WHERE ` + byChannel + ` AND ` + waiting + ` AND severity < $2 AND kind = 'reminder' AND moved_at IS NULL
	AND (next_try_at <= $3 OR state = 'failed-temporarily')
ORDER BY severity, next_try_at, id LIMIT $4`

	nextDelivery = `SELECT MIN(at) FROM (
	SELECT MIN(next_try_at) AS at FROM messages WHERE ` + waiting + `
	UNION ALL
	SELECT MIN(poll_at) FROM messages WHERE poll_at IS NOT NULL) AS next`

	textsSince = `SELECT person, COUNT(*) FROM messages
WHERE channel = 'sms' AND created_at >= $1 AND severity >= $2 AND kind = 'reminder' AND state <> 'cancelled' AND %s GROUP BY person`
)

// OldestWaiting returns how many messages should have gone by now and have not,
// and since when the oldest of them should have.
func (s *Store) OldestWaiting(ctx context.Context, now time.Time) (count int, oldest time.Time, err error) {
	return s.oldest(ctx, oldestWaiting, now.UnixMilli())
}

// OldestUndelivered returns how many messages more serious than below should have
// gone by now and have not, or have gone and have yet to be heard of, and when the
// oldest of them was taken in.
func (s *Store) OldestUndelivered(ctx context.Context, now time.Time, below pathway.Severity) (count int, oldest time.Time, err error) {
	return s.oldest(ctx, oldestUndelivered, now.UnixMilli(), below)
}

func (s *Store) oldest(ctx context.Context, query string, args ...any) (count int, oldest time.Time, err error) {
	var at sql.NullInt64
	if err := s.db.QueryRowContext(ctx, query, args...).Scan(&count, &at); err != nil {
		return 0, time.Time{}, fmt.Errorf("look for messages that wait: %w", explain(err))
	}
	return count, instant(at), nil
}

// SentSince reports whether one of the 5,000 newest messages has gone by a channel at or
// after since.
func (s *Store) SentSince(ctx context.Context, channel string, since time.Time) (bool, error) {
	var n int
	if err := s.db.QueryRowContext(ctx, sentSince, channel, since.UnixMilli()).Scan(&n); err != nil {
		return false, fmt.Errorf("look whether messages go: %w", explain(err))
	}
	return n > 0, nil
}

// WaitingUrgent returns up to limit reminders more serious than below that wait to
// go by a channel and that nobody is sending, the most serious first: those that
// should go now and those that have failed once. What NoteStuck has noted is left
// out.
func (s *Store) WaitingUrgent(ctx context.Context, now time.Time, channel string, below pathway.Severity, limit int) ([]int64, error) {
	return collect(ctx, s, "look for urgent messages that wait", waitingUrgent, []any{channel, below, now.UnixMilli(), limit},
		func(rows *sql.Rows) (id int64, err error) {
			err = rows.Scan(&id)
			return id, err
		})
}

// NoteStuck notes messages that can go by no other channel, so that WaitingUrgent
// leaves them out until theirs is closed again.
func (s *Store) NoteStuck(ctx context.Context, now time.Time, ids []int64) error {
	_, err := s.execute(ctx, s.db, `UPDATE messages SET moved_at = $1 WHERE `+s.dialect.isAny("id", 2), now.UnixMilli(), s.dialect.numbersArgument(ids))
	if err != nil {
		return fmt.Errorf("note messages that can go by no other channel: %w", err)
	}
	return nil
}

// NextDelivery returns when the next message is to be tried or asked after; the
// zero time where there is none. It looks at all that wait.
func (s *Store) NextDelivery(ctx context.Context) (time.Time, error) {
	var next sql.NullInt64
	if err := s.db.QueryRowContext(ctx, nextDelivery).Scan(&next); err != nil {
		return time.Time{}, fmt.Errorf("look for the next delivery: %w", explain(err))
	}
	return instant(next), nil
}

// TextsSince returns how many reminders each of these persons was to get by text,
// of those taken in at or after since, not cancelled, and no more serious than
// from. Who got none is not in it.
func (b *ScanBatch) TextsSince(persons []string, since time.Time, from pathway.Severity) (map[string]int, error) {
	d := &b.store.dialect
	rows, err := b.tx.QueryContext(b.ctx, fmt.Sprintf(textsSince, d.isAny("person", 3)), since.UnixMilli(), from, d.listArgument(persons))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	texts := map[string]int{}
	for rows.Next() {
		var person string
		var n int
		if err := rows.Scan(&person, &n); err != nil {
			return nil, err
		}
		texts[person] = n
	}
	return texts, rows.Err()
}
