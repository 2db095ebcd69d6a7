package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"example.org/doorstep/pathway"
)

// Outcome is what has become of a claimed message.
type Outcome struct {
	Message int64
	State   MessageState // sent, failed-temporarily, failed or cancelled
	Reason  string
	Fault   string    // what a failure lay in
	Code    string    // the provider's own, of a failure
	NextTry time.Time // with failed-temporarily
	// MaybeSent is when the attempt may have been taken although it failed
	// temporarily; zero leaves what is noted of an earlier one.
	MaybeSent  time.Time
	ProviderID string    // with sent: the provider's name for it
	PollAt     time.Time // with sent and a ProviderID: when to ask for its receipt; zero: none follows
}

// DutyNow is what may have changed about a duty since it was last looked at.
type DutyNow struct {
	State     pathway.State // open, met or ended
	Due       time.Time
	Set       time.Time
	Resumed   time.Time
	TakenOver bool
}

const (
	// That a message was accepted is true whoever holds it by now.
	recordSent = `UPDATE messages SET state = 'sent', reason = '', fault = '', code = '', sent_at = $1, tries = tries + 1, lease_holder = '',
	maybe_sent_at = NULL, progress = '', progress_at = NULL, polls = 0, `
	// Most emails have no name at a provider. All that have are recorded in one
	// statement too. One that has this name already and is not being sent was
	// recorded before: its receipts may have come since.
	recordNameless = recordSent + `provider_id = '', poll_at = NULL WHERE state <> 'delivered' AND `
	recordNamed    = recordSent + `provider_id = v.provider, poll_at = v.poll FROM %s
WHERE messages.id = v.id AND (messages.state = 'sending' OR messages.state <> 'delivered' AND messages.provider_id <> v.provider)`

	recordUnsent = `UPDATE messages SET state = $1, reason = $2, fault = $3, code = $4, next_try_at = $5, tries = tries + $6,
	maybe_sent_at = COALESCE($7, maybe_sent_at), lease_holder = ''
WHERE id = $8 AND lease_holder = $9 AND state = 'sending'`

	selectDutiesNow = `SELECT id, due_at, state, set_at, resumed_at, taken_over FROM duties WHERE `
)

// RecordOutcome records what has become of messages that holder has claimed. See
// Exchange.
func (s *Store) RecordOutcome(ctx context.Context, now time.Time, holder string, outcomes ...Outcome) error {
	_, err := s.Exchange(ctx, now, holder, outcomes, nil)
	return err
}

// Exchange records what has become of messages that holder has claimed, and
// returns how duties stand at this moment, in one round trip.
//
// A message that was sent is recorded as such by whoever sent it, even after the
// claim ran out; any other outcome only while holder still has it. Recording one
// again changes nothing that matters, so that after an error all can be repeated;
// receipts that came in between stay. It is written at once but, unlike everything
// else, need not have reached the disk: the end of the process loses nothing, a
// power cut can, and then the message goes again under the same Message-ID.
func (s *Store) Exchange(ctx context.Context, now time.Time, holder string, outcomes []Outcome, duties []int64) (map[int64]DutyNow, error) {
	if len(outcomes) == 0 && len(duties) == 0 {
		return nil, nil
	}
	exchange := s.exchangeOnSQLite
	if s.dialect.postgres {
		exchange = s.exchangeOnPostgres
	}
	found := make(map[int64]DutyNow, len(duties))
	err := exchange(ctx, s.recordOutcomes(now, holder, outcomes), duties, func(d *dutyNowRow) {
		found[d.id] = DutyNow{State: pathway.State(d.state), Due: time.UnixMilli(d.due).UTC(), Set: instant(d.set), Resumed: instant(d.resumed), TakenOver: d.takenOver}
	})
	if err != nil {
		return nil, fmt.Errorf("record what became of messages and look at duties: %w", explain(err))
	}
	return found, nil
}

// dutyNowRow is a row of selectDutiesNow.
type dutyNowRow struct {
	id, due   int64
	state     string
	set       sql.NullInt64
	resumed   sql.NullInt64
	takenOver bool
}

func (d *dutyNowRow) columns() []any {
	return []any{&d.id, &d.due, &d.state, &d.set, &d.resumed, &d.takenOver}
}

// statement is one to execute, and its arguments.
type statement struct {
	text string
	args []any
}

func (s *Store) recordOutcomes(now time.Time, holder string, outcomes []Outcome) []statement {
	var all []statement
	var nameless []int64
	var named [][]any
	for _, o := range outcomes {
		next, tried := o.NextTry, 1
		switch o.State {
		case MessageSent:
			if o.ProviderID == "" {
				nameless = append(nameless, o.Message)
			} else {
				named = append(named, []any{&o.Message, o.ProviderID, nullable(o.PollAt)})
			}
			continue
		case MessageCancelled:
			next, tried = now, 0
		case MessageFailed:
			next = now
			all = append(all, s.webhooksOfFailed(now, holder, o.Message)...)
		}
		all = append(all, statement{recordUnsent, []any{string(o.State), o.Reason, o.Fault, o.Code, next.UnixMilli(), tried,
			optional(millis(o.MaybeSent)), o.Message, holder}})
	}
	if len(nameless) > 0 {
		all = append(all, statement{recordNameless + s.dialect.isAny("id", 2), []any{now.UnixMilli(), s.dialect.numbersArgument(nameless)}})
	}
	if len(named) > 0 {
		arguments := append([]any{now.UnixMilli()}, namedColumns.arguments(&s.dialect, named)...)
		all = append(all, statement{recordNamedText(&s.dialect), arguments})
	}
	return all
}

// namedColumns are what recordNamed takes of a message.
var namedColumns = rowColumns{"id BIGINT", "provider TEXT", "poll BIGINT"}

func recordNamedText(d *dialect) string { return fmt.Sprintf(recordNamed, namedColumns.from(d, 2)) }

func (s *Store) exchangeOnSQLite(ctx context.Context, write []statement, duties []int64, found func(*dutyNowRow)) error {
	if err := s.executeAll(ctx, write); err != nil {
		return err
	}
	if len(duties) == 0 {
		return nil
	}
	rows, err := s.db.QueryContext(ctx, selectDutiesNow+s.dialect.isAny("id", 1), s.dialect.numbersArgument(duties))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var d dutyNowRow
		if err := rows.Scan(d.columns()...); err != nil {
			return err
		}
		found(&d)
	}
	return rows.Err()
}

// executeAll executes outcomes' statements: each by itself, and all together where a
// failure and who is told of it belong together.
func (s *Store) executeAll(ctx context.Context, write []statement) error {
	if len(write) > 1 && len(s.webhooks.of(EventMessageFailed)) > 0 {
		return s.transact(ctx, s.outcomes, func(tx *sql.Tx) error {
			for _, w := range write {
				if _, err := tx.ExecContext(ctx, w.text, w.args...); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, w := range write {
		if _, err := s.execute(ctx, s.outcomes, w.text, w.args...); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) exchangeOnPostgres(ctx context.Context, write []statement, duties []int64, found func(*dutyNowRow)) error {
	var batch pgx.Batch
	if s.pooled && len(write) > 0 { // else the connection is set so; all of a batch is one transaction
		batch.Queue("SELECT set_config('synchronous_commit', 'off', true)")
	}
	for _, w := range write {
		batch.Queue(w.text, w.args...)
	}
	if len(duties) > 0 {
		batch.Queue(selectDutiesNow+s.dialect.isAny("id", 1), duties).Query(func(rows pgx.Rows) error {
			var d dutyNowRow
			_, err := pgx.ForEachRow(rows, d.columns(), func() error {
				found(&d)
				return nil
			})
			return err
		})
	}
	conn, err := s.outcomes.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		return driver.(*stdlib.Conn).Conn().SendBatch(ctx, &batch).Close()
	})
}
