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
	Tries      int       // attempts so far
	Reason     string    // why the last of them failed
	Fault      string    // and what that lay in
	MaybeSent  time.Time // when one of them may have been taken all the same; zero: never
	LeaseUntil time.Time
}

// MessageReminder is one reminder of a message with its duty as it stands.
type MessageReminder struct {
	ReminderKey
	State              pathway.State // of the duty: open, met or ended
	Role               pathway.Role
	Instead            string // whom the person stands in for: a person's id, or a role that nobody holds
	StandsFor          int
	Duty               pathway.Duty // what there is to say of it
	pathway.Allocation              // who holds the case now
	Restricted         bool         // the case is
}

const (
	messageColumns = "id, key, kind, person, channel, address, severity, created_at, useful_until, tries, reason, fault, maybe_sent_at, payload"

	// Of a message whose claim has run out nobody knows how far it came: its claimer
	// may have died with the provider's answer in hand.
	claimMessages = `WITH picked AS MATERIALIZED (
	SELECT id FROM messages WHERE ` + byChannel + ` AND ` + waiting + ` AND next_try_at <= $2
	ORDER BY severity, next_try_at LIMIT $3 %s
)
UPDATE messages SET state = 'sending', lease_holder = $4, next_try_at = $5,
	maybe_sent_at = CASE WHEN state = 'sending' THEN COALESCE(maybe_sent_at, next_try_at - $6) ELSE maybe_sent_at END
WHERE %s
RETURNING ` + messageColumns

	// A message that has none to say it was tried goes back to where it stood.
	releaseClaims = `UPDATE messages SET next_try_at = $1, lease_holder = '',
	state = CASE WHEN tries > 0 THEN 'failed-temporarily' ELSE 'queued' END
WHERE lease_holder = $2 AND state = 'sending' AND `

	renewClaim = `UPDATE messages SET next_try_at = $1 WHERE id = $2 AND lease_holder = $3 AND state = 'sending'`

	selectMessageReminders = `SELECT r.message_id, r.duty_id, r.due_at, r.rung, r.person, r.channel, r.role, r.instead, r.stands_for,
	d.case_ref, d.duty, d.pathway, d.version, d.attempt, d.owner, d.ladder, d.basis, d.why, d.state,
	d.opened_at, d.recorded_at, d.opens_from, d.due_at, d.moved_at, d.late_since, d.set_at, d.set_by, d.taken_over, d.resumed_at, d.paperwork, d.said_at, c.now_practitioner, c.now_manager, c.chair, c.team, c.restricted
FROM reminders r JOIN duties d ON d.id = r.duty_id JOIN cases c ON c.ref = d.case_ref
WHERE r.reason = 'sent' AND %s
ORDER BY d.due_at, d.id`
)

// ClaimMessages claims up to limit messages of a channel that are due, the most
// serious first, until leaseUntil: nobody else is given them before that, and
// after it anybody, whatever has become of the claimer. Then MaybeSent is when the
// earlier claim began, as far as claims have been as long as this one.
func (s *Store) ClaimMessages(ctx context.Context, now time.Time, channel, holder string, limit int, leaseUntil time.Time) ([]ClaimedMessage, error) {
	query := fmt.Sprintf(claimMessages, s.dialect.skipLocked, s.dialect.isPicked)
	args := []any{channel, now.UnixMilli(), limit, holder, leaseUntil.UnixMilli(), leaseUntil.Sub(now).Milliseconds()}
	release, err := s.takeTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	claimed, err := collect(ctx, s, "claim messages", query, args, func(rows *sql.Rows) (ClaimedMessage, error) {
		m := ClaimedMessage{LeaseUntil: leaseUntil}
		return m, m.scan(rows)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(claimed, func(a, b ClaimedMessage) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.ID, b.ID))
	})
	return claimed, nil
}

// scan reads messageColumns, and into more whatever columns follow them.
func (m *ClaimedMessage) scan(row interface{ Scan(...any) error }, more ...any) error {
	var created, useful, maybe sql.NullInt64
	err := row.Scan(append([]any{&m.ID, &m.Key, &m.Kind, &m.Person, &m.Channel, &m.Address, &m.Severity,
		&created, &useful, &m.Tries, &m.Reason, &m.Fault, &maybe, &m.Payload}, more...)...)
	m.Created, m.UsefulUntil, m.MaybeSent = instant(created), instant(useful), instant(maybe)
	return err
}

// RenewClaim keeps a claimed message for its holder until then, and reports whether
// it was still held.
func (s *Store) RenewClaim(ctx context.Context, holder string, message int64, until time.Time) (bool, error) {
	result, err := s.execute(ctx, s.db, renewClaim, until.UnixMilli(), message, holder)
	return changedOne(result, err, "keep a claimed message")
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
	rows, err := s.db.QueryContext(ctx, s.messageRemindersQuery(), s.dialect.numbersArgument(messages))
	if err != nil {
		return nil, fmt.Errorf("read what messages say: %w", explain(err))
	}
	defer rows.Close()
	found, err := messageReminders(rows)
	if err != nil {
		return nil, fmt.Errorf("read what messages say: %w", explain(err))
	}
	return found, nil
}

func (s *Store) messageRemindersQuery() string {
	return strings.Replace(selectMessageReminders, "%s", s.dialect.isAny("r.message_id", 1), 1)
}

func messageReminders(rows *sql.Rows) (map[int64][]MessageReminder, error) {
	found := map[int64][]MessageReminder{}
	for rows.Next() {
		var message int64
		var r MessageReminder
		d := &r.Duty
		if err := rows.Scan(&message, &r.ReminderKey.Duty, &r.ReminderKey.Due, &r.Rung, &r.Person, &r.Channel, &r.Role, &r.Instead, &r.StandsFor,
			&d.Case, &d.ID, &d.Pathway, &d.Version, &d.Attempt, &d.Owner, &d.Ladder, &d.Basis, &d.Why, &r.State,
			readInstant(&d.Opened), readInstant(&d.Recorded), readInstant(&d.OpensFrom), readInstant(&d.Due), readInstant(&d.Moved), readInstant(&d.LateSince), readInstant(&d.Set), &d.SetBy, &d.TakenOver, readInstant(&d.Resumed), &d.Paperwork, readInstant(&d.Said), &r.Practitioner, &r.Manager, &r.Chair, &r.Team, &r.Restricted); err != nil {
			return nil, err
		}
		found[message] = append(found[message], r)
	}
	return found, rows.Err()
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
