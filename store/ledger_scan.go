package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// DueDuty is a duty whose next rung has come, with whoever holds its case now.
// Of the duty it has what a ladder, Tell and Concerned look at.
type DueDuty struct {
	ID int64
	pathway.Duty
	pathway.Allocation
	Climbed  pathway.Progress
	NextRung time.Time // what it is looked at for
}

// Climbed is how far a duty has come up its ladder after a scan.
type Climbed struct {
	Duty int64
	pathway.Progress
	Next time.Time // when it is to be looked at again; zero: never
}

// ScanBatch is one batch of a scan: what is due, and what the scan decides.
type ScanBatch struct {
	Due  []DueDuty
	Said map[ReminderKey]bool // what the ledger holds on these duties already

	// To be filled in by whoever decides.
	Messages  []Message
	Reminders []Reminder
	Climbed   []Climbed

	ctx   context.Context
	store *Store
	now   time.Time
	tx    *sql.Tx
}

const (
	// One range of the index on next_rung_at, which has no other duties than
	// these, and then their cases.
	selectDue = `WITH d AS MATERIALIZED (
	SELECT ` + dueColumns + ` FROM duties WHERE next_rung_at <= $1 ORDER BY next_rung_at, id LIMIT $2 %s
)` + withTheirCases

	dueColumns = `id, case_ref, duty, opening, pathway, version, attempt, owner, told, ladder, recorder,
		opened_at, due_at, moved_at, set_at, set_by, taken_over, resumed_at, paperwork,
		climbed_due_at, climbed_through, climbed_set_at, next_rung_at`

	withTheirCases = `
SELECT d.id, d.case_ref, d.duty, d.opening, d.pathway, d.version, d.attempt, d.owner, d.told, d.ladder, d.recorder,
	d.opened_at, d.due_at, d.moved_at, d.set_at, d.set_by, d.taken_over, d.resumed_at, d.paperwork,
	d.climbed_due_at, d.climbed_through, d.climbed_set_at, d.next_rung_at,
	c.now_practitioner, c.now_manager, c.chair, c.team
FROM d JOIN cases c ON c.ref = d.case_ref
ORDER BY d.next_rung_at, d.id`

	selectUntold = `WITH d AS MATERIALIZED (
	SELECT ` + dueColumns + ` FROM duties WHERE %[1]s AND state = 'open' AND climbed_through IS NULL AND opened_at <= $2 AND next_rung_at > $2 %[2]s
)` + withTheirCases

	nextRung = `SELECT MIN(at) FROM (SELECT MIN(next_rung_at) AS at FROM duties WHERE next_rung_at IS NOT NULL
	UNION ALL SELECT MIN(tell_at) FROM visit_notices) AS n`

	// What a scan can say of a duty bears its due time, the instant at which its date was
	// last set, or 0; or it is said again, and bears an instant of late: all that an
	// overdue duty has said before that is not looked at.
	selectSaid = `SELECT r.duty_id, r.due_at, r.rung, r.person, r.channel
FROM duties d JOIN reminders r ON r.duty_id = d.id AND r.due_at IN (0, d.due_at, COALESCE(d.set_at, 0))
WHERE %[1]s
UNION ALL
SELECT d.duty_id, d.due_at, d.rung, d.person, d.channel FROM reminders d WHERE %[2]s AND d.due_at > $2 AND d.rung = 'again'`
	saidOfLate = 30 * 24 * time.Hour

	insertMessages = `INSERT INTO messages
	(key, kind, person, channel, address, severity, created_at, next_try_at, useful_until, state, payload) VALUES `
	// A message that another batch of the same scan has begun takes in more
	// reminders for as long as nobody has claimed it.
	joinMessages = ` ON CONFLICT (key) DO UPDATE SET next_try_at = excluded.next_try_at,
	severity = CASE WHEN excluded.severity < messages.severity THEN excluded.severity ELSE messages.severity END
WHERE messages.state = 'queued' RETURNING id, key`

	insertReminders = `INSERT INTO reminders
	(duty_id, due_at, rung, person, channel, role, reason, instead, merged_into, stands_for, message_id, created_at) VALUES `

	climbDuties = `UPDATE duties SET climbed_due_at = v.column2, climbed_through = v.column3, next_rung_at = v.column4, climbed_set_at = v.column5
FROM (VALUES %s) AS v WHERE duties.id = v.column1`
)

// AnyDue reports whether the next rung of any duty, or a visit to tell of, has come by
// now.
func (s *Store) AnyDue(ctx context.Context, now time.Time) (bool, error) {
	next, err := s.NextRung(ctx)
	return !next.IsZero() && !next.After(now), err
}

// NextRung returns when the next rung of any duty comes, or the next visit is to be told
// of; the zero time when there is neither.
func (s *Store) NextRung(ctx context.Context) (time.Time, error) {
	var next sql.NullInt64
	err := s.db.QueryRowContext(ctx, nextRung).Scan(&next)
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the next rung: %w", explain(err))
	}
	return instant(next), nil
}

// ScanBatch reads up to limit duties whose next rung has come by now, lets
// decide look at them, and writes what it decides, all in one transaction, in
// which nobody else changes those duties. Duties that somebody is changing at
// this moment are left to the next scan. It returns how many duties there were.
// decide may be called again where the database asks for the transaction again.
//
// With a run, the run's lease is confirmed in the same transaction: ErrLeaseLost
// means that another process has taken over, and nothing was written.
func (s *Store) ScanBatch(ctx context.Context, run *Run, now time.Time, limit int, decide func(*ScanBatch) error) (int, error) {
	var due int
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := run.confirm(ctx, tx); err != nil {
			return err
		}
		b := &ScanBatch{ctx: ctx, store: s, now: now, tx: tx}
		if err := b.read(limit); err != nil {
			return fmt.Errorf("read the duties whose rung has come: %w", err)
		}
		if due = len(b.Due); due == 0 {
			return nil
		}
		if err := decide(b); err != nil {
			return err
		}
		ids, err := b.writeMessages()
		if err != nil {
			return fmt.Errorf("write messages into the ledger: %w", err)
		}
		if err := b.writeReminders(ids); err != nil {
			return fmt.Errorf("write reminders into the ledger: %w", err)
		}
		if err := b.writeClimbed(); err != nil {
			return fmt.Errorf("set the duties' next rungs: %w", err)
		}
		return nil
	})
	return due, err
}

func (b *ScanBatch) read(limit int) error {
	query := strings.Replace(selectDue, "%s", b.store.dialect.skipLocked, 1)
	rows, err := b.tx.QueryContext(b.ctx, query, b.now.UnixMilli(), limit)
	if err != nil {
		return err
	}
	if b.Due, err = scanDue(rows); err != nil {
		return err
	}
	return b.readSaid()
}

func scanDue(rows *sql.Rows) (all []DueDuty, err error) {
	defer rows.Close()
	for rows.Next() {
		var d DueDuty
		var told string
		if err := rows.Scan(&d.ID, &d.Case, &d.Duty.ID, &d.Opening, &d.Pathway, &d.Version, &d.Attempt, &d.Owner, &told, &d.Ladder, &d.Recorder,
			readInstant(&d.Opened), readInstant(&d.Due), readInstant(&d.Moved), readInstant(&d.Set), &d.SetBy, &d.TakenOver, readInstant(&d.Resumed), &d.Paperwork,
			readInstant(&d.Climbed.Due), readInstant(&d.Climbed.Through), readInstant(&d.Climbed.Set), readInstant(&d.NextRung),
			&d.Allocation.Practitioner, &d.Allocation.Manager, &d.Allocation.Chair, &d.Allocation.Team); err != nil {
			return nil, err
		}
		d.Told = roles(told)
		all = append(all, d)
	}
	return all, rows.Err()
}

// Untold returns the open duties of the cases of which nothing has been said and whose
// first rung is still to come. Nobody else changes them in this transaction.
func (b *ScanBatch) Untold(cases []string) ([]DueDuty, error) {
	d := &b.store.dialect
	rows, err := b.tx.QueryContext(b.ctx, fmt.Sprintf(selectUntold, d.isAny("case_ref", 1), d.skipLocked), d.listArgument(cases), b.now.UnixMilli())
	if err != nil {
		return nil, err
	}
	return scanDue(rows)
}

// readSaid asks what was said before. A due time that goes back to an earlier
// one must not say the earlier one's rungs again.
func (b *ScanBatch) readSaid() error {
	b.Said = map[ReminderKey]bool{}
	var ids []int64
	for i := range b.Due {
		if !b.Due[i].Climbed.Through.IsZero() { // else nothing was
			ids = append(ids, b.Due[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	d := &b.store.dialect
	query := fmt.Sprintf(selectSaid, d.isAny("d.id", 1), d.isAny("d.duty_id", 1))
	rows, err := b.tx.QueryContext(b.ctx, query, d.numbersArgument(ids), b.now.Add(-saidOfLate).UnixMilli())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k ReminderKey
		if err := rows.Scan(&k.Duty, &k.Due, &k.Rung, &k.Person, &k.Channel); err != nil {
			return err
		}
		b.Said[k] = true
	}
	return rows.Err()
}

// People returns those of the ids that are known, as ReachablePeople does.
func (b *ScanBatch) People(ids []string) ([]pathway.Person, error) {
	return b.store.reachable(b.ctx, b.tx, ids)
}

// writeMessages returns the ids that the messages have in the database, by key.
func (b *ScanBatch) writeMessages() (map[string]int64, error) {
	return b.store.insertMessages(b.ctx, b.tx, b.now, b.Messages, joinMessages)
}

// insertMessages inserts messages and returns the ids of those that the conflict
// clause returns, by key.
func (s *Store) insertMessages(ctx context.Context, tx *sql.Tx, now time.Time, messages []Message, conflict string) (map[string]int64, error) {
	const columns = 11
	flat := make([]any, 0, columns*len(messages))
	for _, m := range messages {
		flat = append(flat, m.Key, m.Kind, m.Person, m.Channel, m.Address, m.Severity, now.UnixMilli(),
			m.NextTry.UnixMilli(), optional(millis(m.UsefulUntil)), string(MessageQueued), string(m.Payload))
	}
	ids := make(map[string]int64, len(messages))
	query := func(rows int) string { return insertMessages + values(rows, columns) + conflict }
	err := s.writeRows(ctx, tx, query, columns, flat, func(rows *sql.Rows) error {
		var id int64
		var key string
		err := rows.Scan(&id, &key)
		ids[key] = id
		return err
	})
	return ids, err
}

func (b *ScanBatch) writeReminders(ids map[string]int64) error {
	return b.store.insertReminders(b.ctx, b.tx, b.now, b.Reminders, ids, "")
}

// insertReminders inserts reminders. ids are those of their messages, by key.
func (s *Store) insertReminders(ctx context.Context, tx *sql.Tx, now time.Time, reminders []Reminder, ids map[string]int64, conflict string) error {
	const columns = 12
	flat := make([]any, 0, columns*len(reminders))
	for _, r := range reminders {
		var message any
		if r.Message != "" {
			id, found := ids[r.Message]
			if !found {
				return fmt.Errorf("message %s went before the scan was over: the next scan writes another", r.Message)
			}
			message = id
		}
		flat = append(flat, r.Duty, r.Due, r.Rung, r.Person, r.Channel, string(r.Role), string(r.Reason),
			r.Instead, r.MergedInto, r.StandsFor, message, now.UnixMilli())
	}
	query := func(rows int) string { return insertReminders + values(rows, columns) + conflict }
	return s.writeRows(ctx, tx, query, columns, flat, nil)
}

func (b *ScanBatch) writeClimbed() error {
	const columns = 5
	flat := make([]any, 0, columns*len(b.Climbed))
	for _, c := range b.Climbed {
		flat = append(flat, c.Duty, optional(millis(c.Due)), optional(millis(c.Through)), optional(millis(c.Next)), optional(millis(c.Set)))
	}
	query := func(rows int) string { return strings.Replace(climbDuties, "%s", instants(rows, columns), 1) }
	return b.store.writeRows(b.ctx, b.tx, query, columns, flat, nil)
}

// ReleaseMessages lets messages go that a scan has held back until it was over.
func (s *Store) ReleaseMessages(ctx context.Context, now time.Time, keys []string) error {
	_, err := s.execute(ctx, s.db, `UPDATE messages SET next_try_at = $1 WHERE state = 'queued' AND `+s.dialect.isAny("key", 2),
		now.UnixMilli(), s.dialect.listArgument(keys))
	if err != nil {
		return fmt.Errorf("release the messages of a scan: %w", err)
	}
	return nil
}
