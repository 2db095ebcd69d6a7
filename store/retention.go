package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// Retention says up to when things may be forgotten, by kind of data; a zero instant
// keeps all.
type Retention struct {
	ClosedCases    time.Time // on which nothing has happened since, with all that is known of them
	MessageTexts   time.Time // made before: what they said and where they went, not that they went
	Audit          time.Time // lines before
	TextsReceived  time.Time // before
	PrintedBatches time.Time // made before: what stood on each item; they cannot be printed again
	Sessions       time.Time // that ended before, with forms held for them, and wrong passwords
	Webhooks       time.Time // given up before
}

// What is counted of what was forgotten.
const (
	ForgottenCases    = "closed_cases"
	ForgottenMessages = "messages"
	ForgottenAudit    = "audit"
	ForgottenTexts    = "texts_received"
	ForgottenPrints   = "printed_batches" // items of them
	ForgottenSessions = "sessions"
	ForgottenWebhooks = "webhooks"
)

// Each transaction forgets so much at most: others write in between.
const (
	casesForgotten = 50
	rowsForgotten  = 1000
)

const (
	// A closed case is forgotten once neither it nor, while another case of its household
	// is open, anybody's history needs it.
	forgettableCases = `SELECT c.ref FROM cases c WHERE c.closed AND c.opened_at < $1 AND COALESCE(c.listed_closed_at, 0) < $1
	AND NOT EXISTS (SELECT 1 FROM events e WHERE e.case_ref = c.ref AND e.at >= $1)
	AND NOT EXISTS (SELECT 1 FROM duties d WHERE d.case_ref = c.ref AND d.state = 'open')
	AND NOT EXISTS (SELECT 1 FROM print_items p WHERE p.case_ref = c.ref AND p.state = 'queued')
	AND (c.household = '' OR NOT EXISTS (SELECT 1 FROM cases o WHERE o.household = c.household AND o.household <> '' AND NOT o.closed))
ORDER BY c.ref LIMIT %d`

	messagesOfCases = `SELECT DISTINCT r.message_id FROM duties d JOIN reminders r ON r.duty_id = d.id WHERE r.message_id IS NOT NULL AND `
)

// forgetCase are the statements that forget cases, in order. %s is the condition on a
// reference.
var forgetCase = []string{
	"DELETE FROM reminders WHERE duty_id IN (SELECT id FROM duties WHERE %s)",
	"DELETE FROM duties WHERE %s",
	"DELETE FROM events WHERE %s",
	"DELETE FROM flags WHERE %s",
	"DELETE FROM postings WHERE item IN (SELECT id FROM print_items WHERE %s)",
	"DELETE FROM print_items WHERE %s",
	"DELETE FROM visit_notices WHERE %s",
	"DELETE FROM visits_told WHERE %s",
	"DELETE FROM webhooks WHERE %s",
	"DELETE FROM webhook_clock WHERE %s",
	"DELETE FROM restricted_to WHERE %s",
	"DELETE FROM cases_overdue WHERE %s",
}

// Forget forgets what may be forgotten, a little at a time, and returns how much, by
// kind. What it has done when ctx ends or an error comes stays done.
func (s *Store) Forget(ctx context.Context, r Retention) (map[string]int, error) {
	counts := map[string]int{}
	for _, kind := range []struct {
		name   string
		before time.Time
		some   func(ctx context.Context, before time.Time) (int, error)
		full   int
	}{
		{ForgottenCases, r.ClosedCases, s.forgetCases, casesForgotten},
		{ForgottenMessages, r.MessageTexts, s.forgetMessageTexts(), 1},
		{ForgottenAudit, r.Audit, s.forgetAudit, rowsForgotten},
		{ForgottenTexts, r.TextsReceived, s.forgetRows("replies", "id", "received_at < $1"), rowsForgotten},
		{ForgottenPrints, r.PrintedBatches, s.forgetPrints, rowsForgotten},
		{ForgottenSessions, r.Sessions, s.forgetRows("sessions", "token", "expires_at < $1"), rowsForgotten},
		{ForgottenSessions, r.Sessions, s.forgetRows("held_forms", "id", "expires_at < $1"), rowsForgotten},
		{ForgottenSessions, r.Sessions, s.forgetRows("signin_failures", "key", "last_at < $1"), rowsForgotten},
		{ForgottenWebhooks, r.Webhooks, s.forgetRows("webhooks", "id", "state = 'failed' AND failed_at < $1"), rowsForgotten},
	} {
		if kind.before.IsZero() {
			continue
		}
		for n := kind.full; n >= kind.full; {
			var err error
			if n, err = kind.some(ctx, kind.before); err != nil {
				return counts, fmt.Errorf("forget %s: %w", strings.ReplaceAll(kind.name, "_", " "), err)
			}
			counts[kind.name] += n
		}
	}
	return counts, nil
}

func (s *Store) forgetCases(ctx context.Context, before time.Time) (forgotten int, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		var refs []string
		err := selectAll(ctx, tx, fmt.Sprintf(forgettableCases, casesForgotten)+s.dialect.skipLocked, before.UnixMilli(), func(rows *sql.Rows) error {
			var ref string
			err := rows.Scan(&ref)
			refs = append(refs, ref)
			return err
		})
		if forgotten = len(refs); err != nil || len(refs) == 0 {
			return err
		}
		list := s.dialect.listArgument(refs)
		var messages []int64
		err = selectAll(ctx, tx, messagesOfCases+s.dialect.isAny("d.case_ref", 1), list, func(rows *sql.Rows) error {
			var id int64
			err := rows.Scan(&id)
			messages = append(messages, id)
			return err
		})
		if err != nil {
			return err
		}
		for _, statement := range forgetCase {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf(statement, s.dialect.isAny("case_ref", 1)), list); err != nil {
				return err
			}
		}
		for _, statement := range []string{
			"DELETE FROM changes WHERE about = 'cases' AND " + s.dialect.isAny("subject", 1),
			"DELETE FROM cases WHERE " + s.dialect.isAny("ref", 1),
		} {
			if _, err := tx.ExecContext(ctx, statement, list); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM messages WHERE kind = 'reminder' AND "+s.dialect.isAny("id", 1)+
			" AND NOT EXISTS (SELECT 1 FROM reminders r WHERE r.message_id = messages.id)", s.dialect.numbersArgument(messages))
		return err
	})
	return forgotten, err
}

// forgetMessageTexts goes through the messages in the order in which they were made. A
// call without any to forget goes on to where there are some.
func (s *Store) forgetMessageTexts() func(ctx context.Context, before time.Time) (int, error) {
	last := int64(0)
	return func(ctx context.Context, before time.Time) (forgotten int, err error) {
		for forgotten == 0 {
			var ids []int64
			until := int64(0)
			_, err := collect(ctx, s, "look for messages to forget", fmt.Sprintf(`SELECT id, created_at < $2, state IN ('sent', 'delivered', 'failed', 'cancelled') AND (payload <> '' OR address <> '')
FROM messages WHERE id > $1 ORDER BY id LIMIT %d`, rowsForgotten), []any{last, before.UnixMilli()}, func(rows *sql.Rows) (none struct{}, err error) {
				var id int64
				var old, has bool
				err = rows.Scan(&id, &old, &has)
				if old {
					until = id
				}
				if old && has {
					ids = append(ids, id)
				}
				return none, err
			})
			if err != nil || until == 0 {
				return 0, err
			}
			last = until
			if len(ids) == 0 {
				continue
			}
			err = s.write(ctx, func(tx *sql.Tx) error {
				numbers := s.dialect.numbersArgument(ids)
				if _, err := tx.ExecContext(ctx, "DELETE FROM bounced_emails WHERE "+s.dialect.isAny("message_id", 1), numbers); err != nil {
					return err
				}
				_, err := tx.ExecContext(ctx, "UPDATE messages SET payload = '', address = '' WHERE "+s.dialect.isAny("id", 1), numbers)
				return err
			})
			if err != nil {
				return 0, err
			}
			forgotten = len(ids)
		}
		return forgotten, nil
	}
}

// forgetAudit forgets the first lines of the audit trail. The hash of the last of them
// stays, so that what follows can still be checked.
func (s *Store) forgetAudit(ctx context.Context, before time.Time) (forgotten int, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		forgotten = 0
		var last int64
		var hash string
		young := false // only those before the first that is to be kept
		err := selectAll(ctx, tx, fmt.Sprintf("SELECT id, at < $1, hash FROM audit ORDER BY id LIMIT %d", rowsForgotten), before.UnixMilli(), func(rows *sql.Rows) error {
			var id int64
			var old bool
			var of string
			err := rows.Scan(&id, &old, &of)
			if young = young || !old; !young {
				last, hash, forgotten = id, of, forgotten+1
			}
			return err
		})
		if err != nil || forgotten == 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO audit_end (one, id, hash) VALUES (0, $1, $2) ON CONFLICT (one) DO UPDATE SET id = excluded.id, hash = excluded.hash`, last, hash); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM audit WHERE id <= $1", last)
		return err
	})
	return forgotten, err
}

// forgetRows forgets rows of a table by themselves.
func (s *Store) forgetRows(table, key, condition string) func(ctx context.Context, before time.Time) (int, error) {
	statement := fmt.Sprintf("DELETE FROM %[1]s WHERE %[2]s IN (SELECT %[2]s FROM %[1]s WHERE %[3]s LIMIT %[4]d)", table, key, condition, rowsForgotten)
	return s.forgetBy(statement)
}

func (s *Store) forgetPrints(ctx context.Context, before time.Time) (int, error) {
	return s.forgetBy(fmt.Sprintf(`UPDATE print_items SET input = '' WHERE id IN (SELECT p.id FROM print_batches b JOIN print_items p ON p.batch = b.number
	WHERE b.made_at < $1 AND p.input <> '' AND NOT EXISTS (SELECT 1 FROM postings o WHERE o.item = p.id AND o.state IN ('queued', 'sending')) LIMIT %d)`, rowsForgotten))(ctx, before)
}

func (s *Store) forgetBy(statement string) func(ctx context.Context, before time.Time) (int, error) {
	return func(ctx context.Context, before time.Time) (int, error) {
		result, err := s.execute(ctx, s.db, statement, before.UnixMilli())
		if err != nil {
			return 0, err
		}
		n, err := result.RowsAffected()
		return int(n), err
	}
}
