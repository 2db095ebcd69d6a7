package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// LeftSent is a message that was sent by a process that has ended before it could
// record that.
type LeftSent struct {
	Message    int64
	Tries      int // before this one
	At         time.Time
	ProviderID string    // empty: it has no name at a provider
	PollAt     time.Time // when to ask for its receipt; zero: none follows
}

const recordLeft = `UPDATE messages SET state = 'sent', reason = '', fault = '', code = '', sent_at = v.sent, tries = v.tries + 1,
	lease_holder = '', maybe_sent_at = NULL, progress = '', progress_at = NULL, polls = 0, provider_id = v.provider, poll_at = v.poll
FROM %s WHERE messages.id = v.id AND messages.state = 'sending' AND messages.lease_holder = $1 AND messages.tries = v.tries`

var leftColumns = rowColumns{"id BIGINT", "tries BIGINT", "sent BIGINT", "provider TEXT", "poll BIGINT"}

// RecordLeft records what a process that has ended, and was holder, has sent, and
// returns of how many messages that was not known. It changes only what still stands as
// claimed by that process for this very attempt: what is known by now, what somebody
// else has claimed since, and the messages of another database stay as they are.
func (s *Store) RecordLeft(ctx context.Context, holder string, sent []LeftSent) (recorded int, err error) {
	const atOnce = 1000
	for len(sent) > 0 && err == nil {
		part := sent[:min(len(sent), atOnce)]
		sent = sent[len(part):]
		rows := make([][]any, len(part))
		for i, l := range part {
			rows[i] = []any{new(l.Message), new(int64(l.Tries)), nullable(l.At), l.ProviderID, nullable(l.PollAt)}
		}
		err = s.write(ctx, func(tx *sql.Tx) error {
			arguments := append([]any{holder}, leftColumns.arguments(&s.dialect, rows)...)
			result, err := tx.ExecContext(ctx, fmt.Sprintf(recordLeft, leftColumns.from(&s.dialect, 2)), arguments...)
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			recorded += int(n)
			return err
		})
	}
	if err != nil {
		return recorded, fmt.Errorf("record what an earlier process has sent: %w", err)
	}
	return recorded, nil
}
