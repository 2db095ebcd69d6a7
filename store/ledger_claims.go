package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// ClaimedMessage is a message that its claimer alone may send until LeaseUntil.
type ClaimedMessage struct {
	ID int64
	Message
	Created    time.Time
	Tries      int    // attempts so far
	Reason     string // why the last of them failed
	LeaseUntil time.Time
}

// MessageReminder is one reminder of a message with its duty as it stands.
type MessageReminder struct {
	ReminderKey
	State        pathway.State // of the duty: open, met or ended
	Role         pathway.Role
	Instead      string // whom the person stands in for: a person's id, or a role that nobody holds
	StandsFor    int
	Duty         pathway.Duty // what there is to say of it
	Practitioner string       // who holds the case now
	Manager      string
}

const (
	claimMessages = `WITH picked AS MATERIALIZED (
	SELECT id FROM messages WHERE channel = $1 AND ` + waiting + ` AND next_try_at <= $2
	ORDER BY severity, next_try_at LIMIT $3 %s
)
UPDATE messages SET state = 'sending', lease_holder = $4, next_try_at = $5
WHERE id IN (SELECT id FROM picked)
RETURNING id, key, kind, person, channel, address, severity, created_at, useful_until, tries, reason, payload`

	// A message that has none to say it was tried goes back to where it stood.
	releaseClaims = `UPDATE messages SET next_try_at = $1, lease_holder = '',
	state = CASE WHEN tries > 0 THEN 'failed-temporarily' ELSE 'queued' END
WHERE lease_holder = $2 AND state = 'sending' AND `

	selectMessageReminders = `SELECT r.message_id, r.duty_id, r.due_at, r.rung, r.person, r.channel, r.role, r.instead, r.stands_for,
	d.case_ref, d.duty, d.pathway, d.version, d.attempt, d.owner, d.ladder, d.basis, d.why, d.state,
	d.opened_at, d.opens_from, d.due_at, c.now_practitioner, c.now_manager
FROM reminders r JOIN duties d ON d.id = r.duty_id JOIN cases c ON c.ref = d.case_ref
WHERE r.reason = 'sent' AND %s
ORDER BY d.due_at, d.id`
)

// ClaimMessages claims up to limit messages of a channel that are due, the most
// serious first, until leaseUntil: nobody else is given them before that, and
// after it anybody, whatever has become of the claimer.
func (s *Store) ClaimMessages(ctx context.Context, now time.Time, channel, holder string, limit int, leaseUntil time.Time) ([]ClaimedMessage, error) {
	query := strings.Replace(claimMessages, "%s", s.dialect.skipLocked, 1)
	args := []any{channel, now.UnixMilli(), limit, holder, leaseUntil.UnixMilli()}
	release, err := s.takeTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	claimed, err := collect(ctx, s, "claim messages", query, args, func(rows *sql.Rows) (ClaimedMessage, error) {
		m := ClaimedMessage{LeaseUntil: leaseUntil}
		var created, useful sql.NullInt64
		err := rows.Scan(&m.ID, &m.Key, &m.Kind, &m.Person, &m.Channel, &m.Address, &m.Severity,
			&created, &useful, &m.Tries, &m.Reason, &m.Payload)
		m.Created, m.UsefulUntil = instant(created), instant(useful)
		return m, err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(claimed, func(a, b ClaimedMessage) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.ID, b.ID))
	})
	return claimed, nil
}

// ReleaseClaims gives back claimed messages that were not tried, to be claimed
// again from nextTry on.
func (s *Store) ReleaseClaims(ctx context.Context, holder string, nextTry time.Time, messages []int64) error {
	_, err := s.execute(ctx, s.db, releaseClaims+s.dialect.isAny("id", 3),
		nextTry.UnixMilli(), holder, s.dialect.numbersArgument(messages))
	if err != nil {
		return fmt.Errorf("give back claimed messages: %w", err)
	}
	return nil
}

// MessageReminders returns what each of the messages has to say, duties that are
// met or ended included.
func (s *Store) MessageReminders(ctx context.Context, messages []int64) (map[int64][]MessageReminder, error) {
	query := strings.Replace(selectMessageReminders, "%s", s.dialect.isAny("r.message_id", 1), 1)
	args := []any{s.dialect.numbersArgument(messages)}
	found := map[int64][]MessageReminder{}
	_, err := collect(ctx, s, "read what messages say", query, args, func(rows *sql.Rows) (none struct{}, err error) {
		var message int64
		var r MessageReminder
		var opened, from, due sql.NullInt64
		d := &r.Duty
		err = rows.Scan(&message, &r.ReminderKey.Duty, &r.ReminderKey.Due, &r.Rung, &r.Person, &r.Channel, &r.Role, &r.Instead, &r.StandsFor,
			&d.Case, &d.ID, &d.Pathway, &d.Version, &d.Attempt, &d.Owner, &d.Ladder, &d.Basis, &d.Why, &r.State,
			&opened, &from, &due, &r.Practitioner, &r.Manager)
		d.Opened, d.OpensFrom, d.Due = instant(opened), instant(from), instant(due)
		found[message] = append(found[message], r)
		return none, err
	})
	return found, err
}

// DropReminder notes why a reminder that was to be sent has nothing left to say.
func (s *Store) DropReminder(ctx context.Context, key ReminderKey, reason pathway.Reason) error {
	_, err := s.execute(ctx, s.db, `UPDATE reminders SET reason = $1
WHERE duty_id = $2 AND due_at = $3 AND rung = $4 AND person = $5 AND channel = $6`,
		string(reason), key.Duty, key.Due, key.Rung, key.Person, key.Channel)
	if err != nil {
		return fmt.Errorf("note that a reminder is %s: %w", reason, err)
	}
	return nil
}

// OldestWaiting returns how many messages should have gone by now and have not,
// and since when the oldest of them should have.
func (s *Store) OldestWaiting(ctx context.Context, now time.Time) (count int, oldest time.Time, err error) {
	var at sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT COUNT(*), MIN(created_at) FROM messages WHERE `+waiting+`
	AND (tries > 0 OR state = 'sending' OR next_try_at <= $1)`, now.UnixMilli()).Scan(&count, &at)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("look for messages that wait: %w", explain(err))
	}
	return count, instant(at), nil
}
