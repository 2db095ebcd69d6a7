package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// MessageFilter says which messages are wanted; what is empty does not count.
type MessageFilter struct {
	Case, Person string // of a restricted case there are none
	State        MessageState
	After        int64 // newer than this one
	Most         int
}

// FoundMessage is a message of the ledger, without where it went to.
type FoundMessage struct {
	ID            int64
	Kind, Person  string
	Channel       string
	State         MessageState
	Reason        string // of the state
	Created, Sent time.Time
	Progress      string // how far its receipts say it has come; empty: none did
	Reminders     []MessageReminder
}

// Messages returns messages in the order in which they were made, with the duties that
// they are about.
func (s *Store) Messages(ctx context.Context, f MessageFilter) ([]FoundMessage, error) {
	query, args := f.messages()
	found, err := collect(ctx, s, "look for messages", query, args, func(rows *sql.Rows) (m FoundMessage, err error) {
		var created, sent sql.NullInt64
		err = rows.Scan(&m.ID, &m.Kind, &m.Person, &m.Channel, &m.State, &m.Reason, &created, &sent, &m.Progress)
		m.Created, m.Sent = instant(created), instant(sent)
		return m, err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	ids := make([]int64, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	reminders, err := s.MessageReminders(ctx, ids)
	for i := range found {
		found[i].Reminders = reminders[found[i].ID]
	}
	return found, err
}

// messages is the query of a filter, with its arguments.
func (f *MessageFilter) messages() (query string, args []any) {
	query = "SELECT id, kind, person, channel, state, reason, created_at, sent_at, COALESCE(progress, '') FROM messages WHERE id > $1"
	args = []any{f.After}
	and := func(condition string, arg any) {
		args = append(args, arg)
		query += " AND " + strings.Replace(condition, "?", fmt.Sprintf("$%d", len(args)), 1)
	}
	if f.Case != "" {
		and("id IN (SELECT r.message_id FROM duties d JOIN reminders r ON r.duty_id = d.id JOIN cases c ON c.ref = d.case_ref AND NOT c.restricted WHERE d.case_ref = ? AND r.message_id IS NOT NULL)", f.Case)
	}
	if f.Person != "" {
		and("person = ?", f.Person)
	}
	// The few that failed or wait are found by the indexes that hold nothing else.
	switch f.State {
	case "":
	case MessageFailed:
		query += " AND id IN (SELECT id FROM messages WHERE state = 'failed')"
	case MessageQueued, MessageSending, MessageFailedTemporarily:
		query += " AND id IN (SELECT id FROM messages WHERE " + waiting + ")"
		and("state = ?", string(f.State))
	default:
		and("state = ?", string(f.State))
	}
	return query + fmt.Sprintf(" ORDER BY id LIMIT %d", f.Most), args
}
