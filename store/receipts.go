package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// SentMessage is a message with what its provider has to do with it.
type SentMessage struct {
	ClaimedMessage
	State      MessageState
	ProviderID string
	Progress   string    // how far its receipts say it has come; empty: none did
	SentAt     time.Time // zero: not sent
	PollAt     time.Time // when its provider is asked for a receipt; zero: not (any more)
	Polls      int       // how often its provider has been asked for a receipt
}

// Progressed is what a receipt says of a message.
type Progressed struct {
	Message    int64
	ProviderID string
	Progress   string    // queued, sent, delivered, undelivered or failed; empty: nothing new
	At         time.Time // zero: the receipt does not say
	PollAt     time.Time // when to ask again; zero: no more
	Unasked    bool      // nothing was asked: only PollAt is new
}

const (
	sentColumns = messageColumns + ", state, provider_id, progress, sent_at, poll_at, polls"

	selectToPoll = `SELECT ` + sentColumns + ` FROM messages
WHERE ` + byChannel + ` AND state = 'sent' AND poll_at <= $2 ORDER BY poll_at, id LIMIT $3`

	selectOfProvider = `SELECT ` + sentColumns + ` FROM messages WHERE channel = $1 AND provider_id <> '' AND %s ORDER BY id`

	selectByKey = `SELECT ` + sentColumns + ` FROM messages WHERE key = $1`

	// What a provider says last is not always what happened last.
	recordProgress = `UPDATE messages SET
	progress = CASE WHEN v.rank > ` + progressRank + ` THEN v.progress ELSE messages.progress END,
	progress_at = CASE WHEN v.rank > ` + progressRank + ` THEN v.at ELSE messages.progress_at END,
	state = CASE WHEN v.progress = 'delivered' THEN 'delivered' ELSE 'sent' END,
	poll_at = v.poll, polls = messages.polls + v.polled
FROM %s
WHERE messages.id = v.id AND messages.state = 'sent' AND messages.provider_id = v.provider`
	progressRank = `(CASE messages.progress WHEN '' THEN 0 WHEN 'queued' THEN 1 WHEN 'sent' THEN 2 WHEN 'delivered' THEN 4 ELSE 3 END)`

	tryAgain = `UPDATE messages SET state = 'failed-temporarily', reason = $1, fault = $2, code = $3, next_try_at = $4,
	maybe_sent_at = COALESCE($5, maybe_sent_at), poll_at = NULL
WHERE id = $6 AND state = 'sent' AND provider_id = $7`
)

// rankOf is progressRank: what says more comes later.
func rankOf(progress string) int64 {
	switch progress {
	case "":
		return 0
	case "queued":
		return 1
	case "sent":
		return 2
	case "delivered":
		return 4
	}
	return 3
}

func (m *SentMessage) scan(row interface{ Scan(...any) error }, more ...any) error {
	var sent, poll sql.NullInt64
	err := m.ClaimedMessage.scan(row, append([]any{&m.State, &m.ProviderID, &m.Progress, &sent, &poll, &m.Polls}, more...)...)
	m.SentAt, m.PollAt = instant(sent), instant(poll)
	return err
}

func scanSent(rows *sql.Rows) (m SentMessage, err error) {
	err = m.scan(rows)
	return m, err
}

// MessagesToPoll returns up to limit messages of a channel whose provider is to be
// asked by now what became of them, those that have waited longest first. Several
// who ask at once are given the same ones.
func (s *Store) MessagesToPoll(ctx context.Context, now time.Time, channel string, limit int) ([]SentMessage, error) {
	return collect(ctx, s, "look for messages without a receipt", selectToPoll, []any{channel, now.UnixMilli(), limit}, scanSent)
}

// MessagesByProviderID returns the messages of a channel by their provider's names
// for them, whatever their state; where several have the same name, the newest.
func (s *Store) MessagesByProviderID(ctx context.Context, channel string, ids []string) (map[string]SentMessage, error) {
	query := strings.Replace(selectOfProvider, "%s", s.dialect.isAny("provider_id", 2), 1)
	found, err := collect(ctx, s, "look for the messages of receipts", query, []any{channel, s.dialect.listArgument(ids)}, scanSent)
	byID := make(map[string]SentMessage, len(found))
	for _, m := range found {
		byID[m.ProviderID] = m
	}
	return byID, err
}

// MessageByKey returns the message with a key, or ErrNotFound.
func (s *Store) MessageByKey(ctx context.Context, key string) (m SentMessage, err error) {
	err = m.scan(s.db.QueryRowContext(ctx, selectByKey, key))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return SentMessage{}, fmt.Errorf("read message %s: %w", key, explain(err))
	}
	return m, nil
}

// progressColumns are what recordProgress takes of a receipt.
var progressColumns = rowColumns{"id BIGINT", "provider TEXT", "progress TEXT", "rank BIGINT", "at BIGINT", "poll BIGINT", "polled BIGINT"}

func recordProgressText(d *dialect) string {
	return fmt.Sprintf(recordProgress, progressColumns.from(d, 1))
}

// RecordProgress records what receipts say, in one round trip and in whatever
// order they come, once or often: nothing is ever taken back, and only a message
// that stands as sent under the receipt's name for it changes at all. One that was
// delivered ends so. When to ask again is always the receipt's PollAt, also where
// it says less than is known; one with a PollAt counts as a poll, unless it is Unasked.
//
// As with Exchange, it need not have reached the disk: after a power cut the
// provider is asked again.
func (s *Store) RecordProgress(ctx context.Context, now time.Time, receipts []Progressed) error {
	if len(receipts) == 0 {
		return nil
	}
	arguments := progressColumns.arguments(&s.dialect, progressRows(now, receipts))
	if _, err := s.execute(ctx, s.outcomes, recordProgressText(&s.dialect), arguments...); err != nil {
		return fmt.Errorf("record receipts: %w", err)
	}
	return nil
}

// progressRows are the receipts, one for each message: of several, the one that
// says most. They are in order of messages, so that two who record the same ones
// at once do not wait for each other.
func progressRows(now time.Time, receipts []Progressed) [][]any {
	type name struct {
		message  int64
		provider string
	}
	rows := make([][]any, 0, len(receipts))
	known := make(map[name]int, len(receipts)) // where in rows
	most := make([]int64, 0, len(receipts))
	inOrder := slices.Clone(receipts)
	slices.SortStableFunc(inOrder, func(a, b Progressed) int { return cmp.Compare(a.Message, b.Message) })
	for _, p := range inOrder {
		at, rank, polled := p.At, rankOf(p.Progress), int64(0)
		if at.IsZero() {
			at = now
		}
		if !p.PollAt.IsZero() && !p.Unasked {
			polled = 1
		}
		if p.Progress == "delivered" {
			p.PollAt = time.Time{}
		}
		row := []any{&p.Message, p.ProviderID, p.Progress, &rank, nullable(at), nullable(p.PollAt), &polled}
		of := name{p.Message, p.ProviderID}
		i, again := known[of]
		switch {
		case !again:
			known[of] = len(rows)
			rows, most = append(rows, row), append(most, rank)
		case rank > most[i]:
			rows[i], most[i] = row, rank
		}
	}
	return rows
}

// TryAgain has a message that stands as sent under its provider's name for it
// tried again at o.NextTry, for what o says of how it failed: its receipt says
// that it did not arrive. It reports false where the message has moved on
// meanwhile. Until it is sent again it keeps the name, under which no receipt
// counts any more.
func (s *Store) TryAgain(ctx context.Context, now time.Time, message int64, providerID string, o Outcome) (bool, error) {
	next := o.NextTry
	if next.Before(now) {
		next = now
	}
	result, err := s.execute(ctx, s.db, tryAgain, o.Reason, o.Fault, o.Code, next.UnixMilli(), optional(millis(o.MaybeSent)), message, providerID)
	return changedOne(result, err, "have a message tried again")
}

// changedOne reports whether a statement changed a row.
func changedOne(result sql.Result, err error, doing string) (bool, error) {
	if err != nil {
		return false, fmt.Errorf("%s: %w", doing, explain(err))
	}
	n, err := result.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("%s: %w", doing, explain(err))
	}
	return n > 0, nil
}
