package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// WebhookEvent is one event as an endpoint is told of it.
type WebhookEvent struct {
	Event string
	At    time.Time // when it happened
	// Duty is the duty that it is about, as it stands now, with duty.…
	Duty  *pathway.Duty
	State pathway.State // of that duty as it is kept: open, met or ended
	// With message.failed: what it was, by which channel, what it lay in, and the duties
	// that it was to tell of.
	Kind, Channel, Fault string
	Duties               []pathway.Duty
	File                 RejectedFile // with import.rejected
}

// ClaimedWebhook is a webhook that its claimer alone may send until its claim runs out.
type ClaimedWebhook struct {
	ID    int64
	Key   string // by which its receiver knows it
	Event string
	At    time.Time
	Tries int
	Body  []byte
}

const (
	claimWebhooks = `WITH picked AS (
	SELECT id FROM webhooks WHERE endpoint = $1 AND state = 'waiting' AND next_try_at <= $2 ORDER BY next_try_at, id LIMIT $3 %s
)
UPDATE webhooks SET holder = $4, next_try_at = $5 WHERE %s
RETURNING id, key, event, at, tries, body, case_ref, duty, opening, message_id, file`

	webhookDuty = `SELECT d.id, d.attempt, d.owner, d.basis, d.pathway, d.state, d.opened_at, d.due_at, d.met_at
FROM duties d JOIN cases c ON c.ref = d.case_ref AND NOT c.restricted WHERE d.case_ref = $1 AND d.duty = $2 AND d.opening = $3`

	webhookMessage = `SELECT kind, channel, fault FROM messages WHERE id = $1`
	webhookDuties  = `SELECT DISTINCT d.case_ref, d.duty, d.attempt, d.due_at
FROM reminders r JOIN duties d ON d.id = r.duty_id JOIN cases c ON c.ref = d.case_ref AND NOT c.restricted
WHERE r.message_id = $1 ORDER BY d.case_ref, d.duty, d.due_at`
)

// ClaimWebhooks claims up to limit webhooks of an endpoint that are due, the oldest
// first, until then; none while the endpoint is disabled. body is asked once for what each
// says, and what it returns is kept: a webhook is the same at every try. What there is
// nothing to tell of any more, as of a case that was restricted meanwhile, is dropped.
func (s *Store) ClaimWebhooks(ctx context.Context, now time.Time, endpoint, holder string, limit int, until time.Time,
	body func(*WebhookEvent) ([]byte, error)) (claimed []ClaimedWebhook, err error) {
	if waits, err := s.webhookWaits(ctx, now, endpoint); err != nil || !waits {
		return nil, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		claimed = nil
		picked, err := s.pickWebhooks(ctx, tx, now, endpoint, holder, limit, until)
		if err != nil {
			return err
		}
		for i := range picked {
			p := &picked[i]
			told, err := s.readWebhook(ctx, tx, p)
			if err != nil {
				return err
			}
			if told == nil {
				if _, err := tx.ExecContext(ctx, "DELETE FROM webhooks WHERE id = $1", p.ID); err != nil {
					return err
				}
				continue
			}
			if len(p.Body) == 0 {
				if p.Body, err = body(told); err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, "UPDATE webhooks SET body = $1 WHERE id = $2", string(p.Body), p.ID); err != nil {
					return err
				}
			}
			claimed = append(claimed, p.ClaimedWebhook)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim webhooks: %w", err)
	}
	return claimed, nil
}

// webhookWaits reports whether one can be claimed: most of the time there is none, and that
// is found out without a write.
func (s *Store) webhookWaits(ctx context.Context, now time.Time, endpoint string) (bool, error) {
	found, err := collect(ctx, s, "look for webhooks", `SELECT id FROM webhooks WHERE endpoint = $1 AND state = 'waiting' AND next_try_at <= $2
	AND NOT EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.name = $1 AND e.disabled_at IS NOT NULL) LIMIT 1`,
		[]any{endpoint, now.UnixMilli()}, func(rows *sql.Rows) (id int64, err error) {
			err = rows.Scan(&id)
			return id, err
		})
	return len(found) > 0, err
}

// pickedWebhook is a claimed one with what it is about.
type pickedWebhook struct {
	ClaimedWebhook
	ref, duty, opening, file string
	message                  sql.NullInt64
}

func (s *Store) pickWebhooks(ctx context.Context, tx *sql.Tx, now time.Time, endpoint, holder string, limit int, until time.Time) ([]pickedWebhook, error) {
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(claimWebhooks, s.dialect.skipLocked, s.dialect.isPicked), endpoint, now.UnixMilli(), limit, holder, until.UnixMilli())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var picked []pickedWebhook
	for rows.Next() {
		var p pickedWebhook
		var at sql.NullInt64
		var body string
		if err := rows.Scan(&p.ID, &p.Key, &p.Event, &at, &p.Tries, &body, &p.ref, &p.duty, &p.opening, &p.message, &p.file); err != nil {
			return nil, err
		}
		p.At, p.Body = instant(at), []byte(body)
		picked = append(picked, p)
	}
	return picked, rows.Err()
}

// readWebhook reads what a webhook is about; nil where there is nothing to tell any more.
func (s *Store) readWebhook(ctx context.Context, tx *sql.Tx, p *pickedWebhook) (*WebhookEvent, error) {
	e := &WebhookEvent{Event: p.Event, At: p.At}
	switch p.Event {
	case EventImportRejected:
		e.File = rejectedFile(p.file)
		return e, nil
	case EventMessageFailed:
		err := tx.QueryRowContext(ctx, webhookMessage, p.message.Int64).Scan(&e.Kind, &e.Channel, &e.Fault)
		if err == sql.ErrNoRows {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return e, selectAll(ctx, tx, webhookDuties, p.message.Int64, func(rows *sql.Rows) error {
			var d pathway.Duty
			var due sql.NullInt64
			err := rows.Scan(&d.Case, &d.ID, &d.Attempt, &due)
			d.Due = instant(due)
			e.Duties = append(e.Duties, d)
			return err
		})
	}
	d := pathway.Duty{Case: p.ref, ID: p.duty, Opening: p.opening}
	var id int64
	var opened, due, met sql.NullInt64
	err := tx.QueryRowContext(ctx, webhookDuty, p.ref, p.duty, p.opening).Scan(&id, &d.Attempt, &d.Owner, &d.Basis, &d.Pathway, &e.State, &opened, &due, &met)
	if err == sql.ErrNoRows {
		return nil, nil
	}
	d.Opened, d.Due, d.Met = instant(opened), instant(due), instant(met)
	e.Duty = &d
	return e, err
}

// How far ahead the next try of a webhook can lie: after some tries at most a day and its
// jitter; of one that was not tried as long as a claim of it at most lasts.
const (
	webhookFurthest = 30 * time.Hour
	webhookClaimed  = time.Hour
)

// WebhookTaken ends a webhook that its endpoint has taken. Where it is not recorded the
// webhook goes again, under the same key.
func (s *Store) WebhookTaken(ctx context.Context, id int64) error {
	if _, err := s.execute(ctx, s.outcomes, "DELETE FROM webhooks WHERE id = $1", id); err != nil {
		return fmt.Errorf("end a webhook: %w", err)
	}
	return nil
}

// WebhookAgain has a webhook that holder has claimed tried again; one that was not tried
// says no reason.
func (s *Store) WebhookAgain(ctx context.Context, holder string, id int64, nextTry time.Time, reason string) error {
	tried := 0
	if reason != "" {
		tried = 1
	}
	_, err := s.execute(ctx, s.outcomes, `UPDATE webhooks SET next_try_at = $1, tries = tries + $2, holder = '',
	reason = CASE WHEN $2 > 0 THEN $3 ELSE reason END WHERE id = $4 AND holder = $5 AND state = 'waiting'`, nextTry.UnixMilli(), tried, reason, id, holder)
	if err != nil {
		return fmt.Errorf("put off a webhook: %w", err)
	}
	return nil
}

// WebhookGivenUp ends a webhook that its endpoint does not take.
func (s *Store) WebhookGivenUp(ctx context.Context, now time.Time, holder string, id int64, reason string) error {
	_, err := s.execute(ctx, s.outcomes, `UPDATE webhooks SET state = 'failed', failed_at = $1, reason = $2, tries = tries + 1, holder = ''
WHERE id = $3 AND holder = $4`, now.UnixMilli(), reason, id, holder)
	if err != nil {
		return fmt.Errorf("give up a webhook: %w", err)
	}
	return nil
}

// DisableWebhook has an endpoint told no more, until its address is another or
// EnableWebhook. It reports whether it was told until now.
func (s *Store) DisableWebhook(ctx context.Context, now time.Time, name, reason string) (bool, error) {
	result, err := s.execute(ctx, s.db, "UPDATE webhook_endpoints SET disabled_at = $1, reason = $2 WHERE name = $3 AND disabled_at IS NULL", now.UnixMilli(), reason, name)
	return changedOne(result, err, "disable a webhook")
}

// EnableWebhook has an endpoint told again that was disabled, what it missed included, and
// what was given up tried once more. It reports whether there was anything to be done.
func (s *Store) EnableWebhook(ctx context.Context, now time.Time, name string) (done bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		done = false
		for _, w := range []statement{
			{"UPDATE webhook_endpoints SET disabled_at = NULL, reason = '' WHERE name = $1 AND disabled_at IS NOT NULL", []any{name}},
			{"UPDATE webhooks SET state = 'waiting', failed_at = NULL, tries = 0, next_try_at = $1 WHERE endpoint = $2 AND state = 'failed'", []any{now.UnixMilli(), name}},
		} {
			result, err := tx.ExecContext(ctx, w.text, w.args...)
			changed, err := changedOne(result, err, "enable a webhook")
			if err != nil {
				return err
			}
			done = done || changed
		}
		return nil
	})
	return done, err
}

// WebhookState is how things stand with an endpoint.
type WebhookState struct {
	Name     string
	Disabled time.Time // zero: it is told
	Reason   string    // why it is not
	Waiting  int       // webhooks that should have gone
	Oldest   time.Time // since when the first of them waits
	Failed   int       // that were given up
}

// WebhookStates returns how things stand with the endpoints.
func (s *Store) WebhookStates(ctx context.Context, now time.Time) ([]WebhookState, error) {
	states := make([]WebhookState, len(s.webhooks))
	for i := range s.webhooks {
		w := &states[i]
		w.Name = s.webhooks[i].Name
		var disabled, oldest sql.NullInt64
		err := s.db.QueryRowContext(ctx, `SELECT (SELECT disabled_at FROM webhook_endpoints WHERE name = $1), COALESCE((SELECT reason FROM webhook_endpoints WHERE name = $1), ''),
	(SELECT COUNT(*) FROM webhooks WHERE endpoint = $1 AND state = 'waiting'),
	(SELECT MIN(queued_at) FROM webhooks WHERE endpoint = $1 AND state = 'waiting'),
	(SELECT COUNT(*) FROM webhooks WHERE endpoint = $1 AND state = 'failed')`, w.Name).Scan(&disabled, &w.Reason, &w.Waiting, &oldest, &w.Failed)
		if err != nil {
			return nil, fmt.Errorf("read how webhooks stand: %w", explain(err))
		}
		w.Disabled, w.Oldest = instant(disabled), instant(oldest)
	}
	return states, nil
}
