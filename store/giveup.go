package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.org/doorstep/pathway"
)

// GiveUp says which message is not to be sent any more, and how it is to stand.
type GiveUp struct {
	Message int64
	// Holder is who has claimed it. Empty: nobody has; it waits, its claim has run
	// out, or it stands as sent.
	Holder     string
	ProviderID string       // where not empty, the message must still have it
	State      MessageState // failed or cancelled
	Reason     string
	Fault      string // what the failure lay in
	Code       string // the provider's own
	Disable    bool   // its address is not to be used again until somebody edits it
	// BouncedOn is the day on which an email that came back says that its address is
	// none. The second such day, of another message, switches it off; an earlier one
	// counts for bouncesTogether.
	BouncedOn string
}

// FailedMessage is a message that is being given up.
type FailedMessage struct {
	ClaimedMessage
	ProviderID string
	Replaces   int64 // the message whose place it took; zero: none
	// SwitchedOff says that its address is not used any more from now on.
	SwitchedOff bool
	Reminders   []MessageReminder // what it has to say, with the duties as they stand
	Told        []ToldReminder
	// Acknowledged says who has acknowledged its duties, by duty.
	Acknowledged map[int64][]Acknowledgement
}

// ToldReminder is a row of the ledger on the same duty, due time and rung as one
// of a message's reminders, whoever it is for and by whatever channel, that
// reminder itself included.
type ToldReminder struct {
	ReminderKey
	Reason  pathway.Reason
	Message int64 // zero: none carries it
	State   MessageState
}

// Replacement is what is to be done in place of a message that is given up.
type Replacement struct {
	Messages  []Message
	Reminders []Reminder
	Keep      bool // do not give it up after all: it stays as it is, and these go as well
}

const (
	// Whoever else gives up a message about one of the duties waits, in the order of
	// the duties: both look at who has been told. The duties themselves are not
	// locked: an import that has changed them may go on for minutes. The number is
	// "give".
	lockDuties = `SELECT pg_advisory_xact_lock(x'67697665'::int, (d.duty_id % 2147483647)::int)
FROM (SELECT DISTINCT duty_id FROM reminders WHERE message_id = $1 ORDER BY duty_id) AS d`

	selectFailed = `SELECT ` + messageColumns + `, state, provider_id, lease_holder, next_try_at, replaces FROM messages WHERE id = $1`

	selectTold = `SELECT DISTINCT t.duty_id, t.due_at, t.rung, t.person, t.channel, t.reason, COALESCE(t.message_id, 0), COALESCE(m.state, '')
FROM reminders r JOIN reminders t ON t.duty_id = r.duty_id AND t.due_at = r.due_at AND t.rung = r.rung
LEFT JOIN messages m ON m.id = t.message_id
WHERE r.message_id = $1 AND r.reason = 'sent'
ORDER BY t.duty_id, t.due_at, t.rung, t.person, t.channel`

	noteBounced = `INSERT INTO bounced_emails (message_id, address, day, bounced_at) VALUES ($1, $2, $3, $4) ON CONFLICT (message_id) DO NOTHING`

	bouncedBefore = `SELECT COUNT(*) > 0 FROM bounced_emails WHERE address = $1 AND message_id <> $2 AND day <> $3 AND bounced_at >= $4 AND bounced_at <= $5`

	endMessage = `UPDATE messages SET state = $1, reason = $2, fault = $3, code = $4, next_try_at = $5, poll_at = NULL, lease_holder = ''
WHERE id = $6`
)

// GiveUp ends a message that cannot be delivered and queues what is to go in its
// place, in one transaction, during which nobody else gives up a message about the
// same duties: so two who fail do not both have the same person told. instead
// looks at the message and decides; nil stands for nothing in its place. It may be
// called again where the database asks for the transaction again. people returns
// persons as ReachablePeople does; an address that is disabled here is gone
// already.
//
// It reports false where nothing was given up: the message is not g.Holder's any
// more (or, without a holder, somebody has claimed it meanwhile), has been sent,
// delivered or given up, or instead keeps it, beside what else is to go. An
// address is disabled only where the message was still there to be given up.
func (s *Store) GiveUp(ctx context.Context, now time.Time, g GiveUp,
	instead func(m *FailedMessage, people func(ids []string) ([]pathway.Person, error)) (Replacement, error)) (given bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		given = false
		m, err := s.lockFailed(ctx, tx, now, &g)
		if err != nil || m == nil {
			return err
		}
		if err := s.switchOff(ctx, tx, now, m, &g); err != nil {
			return err
		}
		var r Replacement
		if instead != nil {
			if err := s.readFailed(ctx, tx, m); err != nil {
				return err
			}
			people := func(ids []string) ([]pathway.Person, error) { return s.reachable(ctx, tx, ids) }
			if r, err = instead(m, people); err != nil {
				return err
			}
			if r.Keep {
				return s.replace(ctx, tx, now, g.Message, &r)
			}
		}
		if _, err := tx.ExecContext(ctx, endMessage, string(g.State), g.Reason, g.Fault, g.Code, now.UnixMilli(), g.Message); err != nil {
			return err
		}
		given = true
		if g.State == MessageFailed {
			if err := s.queueWebhooks(ctx, tx, now, webhook{event: EventMessageFailed, at: now, message: g.Message}); err != nil {
				return err
			}
		}
		return s.replace(ctx, tx, now, g.Message, &r)
	})
	if err != nil {
		return false, fmt.Errorf("give up a message: %w", err)
	}
	return given, nil
}

// bouncesTogether is for how long an email that came back counts against its address.
const bouncesTogether = 30 * 24 * time.Hour

// switchOff disables the message's address where it is time to.
func (s *Store) switchOff(ctx context.Context, tx *sql.Tx, now time.Time, m *FailedMessage, g *GiveUp) error {
	off := g.Disable
	if g.BouncedOn != "" {
		if _, err := tx.ExecContext(ctx, noteBounced, m.ID, m.Address, g.BouncedOn, now.UnixMilli()); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, bouncedBefore, m.Address, m.ID, g.BouncedOn, now.Add(-bouncesTogether).UnixMilli(), now.Add(ClockTolerance).UnixMilli()).Scan(&off)
		if err != nil {
			return err
		}
	}
	if !off {
		return nil
	}
	a := DisabledAddress{Channel: m.Channel, Address: m.Address, Fault: g.Fault, Code: g.Code, Reason: g.Reason, Person: m.Person}
	result, err := tx.ExecContext(ctx, disableAddress, a.row(now)...)
	m.SwitchedOff, err = changedOne(result, err, "disable an address")
	return err
}

// lockFailed locks and reads the message; nil where it is not to be given up.
func (s *Store) lockFailed(ctx context.Context, tx *sql.Tx, now time.Time, g *GiveUp) (*FailedMessage, error) {
	if s.dialect.postgres {
		if _, err := tx.ExecContext(ctx, lockDuties, g.Message); err != nil {
			return nil, err
		}
	}
	var m FailedMessage
	var state MessageState
	var holder string
	var next, replaces sql.NullInt64
	err := m.scan(tx.QueryRowContext(ctx, selectFailed+s.dialect.lock, g.Message), &state, &m.ProviderID, &holder, &next, &replaces)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m.Replaces = replaces.Int64
	if g.ProviderID != "" && g.ProviderID != m.ProviderID {
		return nil, nil
	}
	switch {
	case state == MessageSending && g.Holder != "":
		if holder == g.Holder {
			return &m, nil
		}
	case state == MessageSending:
		if !instant(next).After(now) { // the claim has run out
			return &m, nil
		}
	case g.Holder == "" && (state == MessageQueued || state == MessageFailedTemporarily || state == MessageSent):
		return &m, nil
	}
	return nil, nil
}

// readFailed reads what the message has to say and who has been told of it.
func (s *Store) readFailed(ctx context.Context, tx *sql.Tx, m *FailedMessage) error {
	rows, err := tx.QueryContext(ctx, s.messageRemindersQuery(), s.dialect.numbersArgument([]int64{m.ID}))
	if err != nil {
		return err
	}
	defer rows.Close()
	reminders, err := messageReminders(rows)
	if err != nil {
		return err
	}
	m.Reminders = reminders[m.ID]
	duties := make([]int64, len(m.Reminders))
	for i := range m.Reminders {
		duties[i] = m.Reminders[i].ReminderKey.Duty
	}
	if m.Acknowledged, err = s.acknowledgements(ctx, tx, duties); err != nil {
		return err
	}
	return selectAll(ctx, tx, selectTold, m.ID, func(rows *sql.Rows) error {
		var t ToldReminder
		err := rows.Scan(&t.Duty, &t.Due, &t.Rung, &t.Person, &t.Channel, &t.Reason, &t.Message, &t.State)
		m.Told = append(m.Told, t)
		return err
	})
}

// replaceReminder takes in a reminder that goes in the place of another. What the
// ledger holds already stays; but who was left out because they had recorded the
// event themselves does not know that the one it was for cannot be reached.
const replaceReminder = ` ON CONFLICT (duty_id, due_at, rung, person, channel) DO UPDATE
SET role = excluded.role, reason = excluded.reason, instead = excluded.instead, message_id = excluded.message_id, created_at = excluded.created_at
WHERE reminders.reason = 'recorder'`

// replace queues what goes in the place of a message. What the ledger holds
// already it does not take a second time.
func (s *Store) replace(ctx context.Context, tx *sql.Tx, now time.Time, message int64, r *Replacement) error {
	ids, err := s.insertMessages(ctx, tx, now, r.Messages, ` ON CONFLICT (key) DO NOTHING RETURNING id, key`)
	if err != nil {
		return err
	}
	numbers := make([]int64, 0, len(ids))
	for _, id := range ids {
		numbers = append(numbers, id)
	}
	_, err = tx.ExecContext(ctx, `UPDATE messages SET replaces = $1 WHERE `+s.dialect.isAny("id", 2), message, s.dialect.numbersArgument(numbers))
	if err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(r.Reminders), func(r Reminder) bool { return r.Message != "" && ids[r.Message] == 0 })
	return s.insertReminders(ctx, tx, now, fresh, ids, replaceReminder)
}
