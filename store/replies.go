package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// SaidByText is a text that told of duties, with what it told.
type SaidByText struct {
	Message   int64
	Key       string
	Created   time.Time
	Person    string
	Reminders []MessageReminder // with their duties as they stand
}

// Reply is a text that came in, without its words.
type Reply struct {
	ID       string // the provider's name for it
	Channel  string
	Person   string // who sent it; empty: unknown
	Verb     string // what it asked for
	Outcome  string // what came of it
	Received time.Time
}

const (
	textsTo = `SELECT id, key, created_at, person FROM messages
WHERE channel = 'sms' AND address = $1 AND created_at >= $2 AND kind = 'reminder' AND state IN ('sent', 'delivered')
ORDER BY created_at DESC, id DESC`

	answersSince = `SELECT COUNT(*) FROM messages WHERE channel = 'sms' AND address = $1 AND created_at >= $2 AND kind = 'answer'`

	repliesBetween = `SELECT COUNT(*) FROM replies WHERE person = $1 AND received_at >= $2 AND received_at <= $3 AND `

	insertReply = `INSERT INTO replies (id, channel, person, verb, outcome, received_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING`
)

// TextsTo returns the reminders that went by text to a number and were taken in at
// or after since, the newest first.
func (s *Store) TextsTo(ctx context.Context, mobile string, since time.Time) ([]SaidByText, error) {
	texts, err := collect(ctx, s, "look for the texts to a number", textsTo, []any{mobile, since.UnixMilli()},
		func(rows *sql.Rows) (t SaidByText, err error) {
			var created sql.NullInt64
			err = rows.Scan(&t.Message, &t.Key, &created, &t.Person)
			t.Created = instant(created)
			return t, err
		})
	if err != nil || len(texts) == 0 {
		return nil, err
	}
	ids := make([]int64, len(texts))
	for i := range texts {
		ids[i] = texts[i].Message
	}
	reminders, err := s.MessageReminders(ctx, ids)
	for i := range texts {
		texts[i].Reminders = reminders[texts[i].Message]
	}
	return texts, err
}

// AnswersSince returns how many answers were to go to a number, of those taken in
// at or after since.
func (s *Store) AnswersSince(ctx context.Context, mobile string, since time.Time) (count int, err error) {
	if err := s.db.QueryRowContext(ctx, answersSince, mobile, since.UnixMilli()).Scan(&count); err != nil {
		return 0, fmt.Errorf("count the answers to a number: %w", explain(err))
	}
	return count, nil
}

// RepliesSince returns how many texts came in from a person at or after since, and by
// now, of which one of the outcomes came. What a clock that was wrong has dated later
// does not count until then.
func (s *Store) RepliesSince(ctx context.Context, now time.Time, person string, since time.Time, outcomes []string) (count int, err error) {
	query := repliesBetween + s.dialect.isAny("outcome", 4)
	if err := s.db.QueryRowContext(ctx, query, person, since.UnixMilli(), now.Add(ClockTolerance).UnixMilli(), s.dialect.listArgument(outcomes)).Scan(&count); err != nil {
		return 0, fmt.Errorf("count the texts of a person: %w", explain(err))
	}
	return count, nil
}

// ReplyKnown reports whether a text has been taken in already.
func (s *Store) ReplyKnown(ctx context.Context, id string) (known bool, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*) > 0 FROM replies WHERE id = $1`, id).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("look for a text that came in: %w", explain(err))
	}
	return known, nil
}

// TakeReply notes a text that came in and queues the answers to it, in one
// transaction. It reports false, and writes nothing, where that text is known.
func (s *Store) TakeReply(ctx context.Context, now time.Time, r Reply, answers []Message) (first bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, insertReply, r.ID, r.Channel, r.Person, r.Verb, r.Outcome, r.Received.UnixMilli())
		if first, err = changedOne(result, err, "note the text"); err != nil || !first {
			return err
		}
		_, err = s.insertMessages(ctx, tx, now, answers, ` ON CONFLICT (key) DO NOTHING RETURNING id, key`)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("take a reply: %w", err)
	}
	return first, nil
}
