package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

const (
	// One daemon at a time: two rows may say the same of a duty. The number is "hook".
	lockWebhookClock = "SELECT pg_advisory_xact_lock(x'686f6f6b'::bigint)"

	selectWebhookClock = `SELECT w.id, w.case_ref, w.duty, w.opening, w.due_at, w.at, w.opens, d.state, d.opened_at, d.due_at
FROM webhook_clock w LEFT JOIN duties d ON d.case_ref = w.case_ref AND d.duty = w.duty AND d.opening = w.opening
WHERE w.at < $1 ORDER BY w.at, w.case_ref, w.duty, w.opening, w.id LIMIT %d`

	openDutiesAfter = `SELECT id, case_ref, duty, opening, opened_at, due_at FROM duties
WHERE id > $1 AND state = 'open' ORDER BY id LIMIT %d`
)

// clockedDuty is a duty of which something is to be told at a time.
type clockedDuty struct {
	id                 int64
	ref, duty, opening string
	due, at            sql.NullInt64
	opens              bool
	state              sql.NullString // of the duty as it is now; NULL: there is none
	opened, dueNow     sql.NullInt64
}

// tells returns what there is to say, and whether its due time is still to be told.
func (c *clockedDuty) tells() (events []webhook, again bool) {
	h := webhook{ref: c.ref, duty: c.duty, opening: c.opening, at: instant(c.at)}
	switch {
	case c.opens && c.opened == c.at && c.state.Valid && c.state.String != string(pathway.Ended):
		h.event = EventDutyOpened
		return []webhook{h}, c.dueNow == c.due
	case !c.opens && c.dueNow == c.due && c.state.String == string(pathway.Open):
		due, overdue := h, h
		due.event, overdue.event = EventDutyDue, EventDutyOverdue
		return []webhook{due, overdue}, false
	}
	return nil, false
}

// TellDuties has the endpoints told of at most so many duties that have opened by
// themselves or become due before now, and returns how many were looked at.
func (s *Store) TellDuties(ctx context.Context, now time.Time, limit int) (looked int, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		looked = 0
		if s.dialect.postgres {
			if _, err := tx.ExecContext(ctx, lockWebhookClock); err != nil {
				return err
			}
		}
		var all []clockedDuty
		err := selectAll(ctx, tx, fmt.Sprintf(selectWebhookClock, limit), now.UnixMilli(), func(rows *sql.Rows) error {
			var c clockedDuty
			err := rows.Scan(&c.id, &c.ref, &c.duty, &c.opening, &c.due, &c.at, &c.opens, &c.state, &c.opened, &c.dueNow)
			all = append(all, c)
			return err
		})
		if err != nil || len(all) == 0 {
			return err
		}
		looked = len(all)
		type saying struct {
			ref, duty, opening string
			opens              bool
		}
		said := map[saying]bool{}
		var tell []webhook
		var next []any
		ids := make([]int64, len(all))
		for i := range all {
			c := &all[i]
			ids[i] = c.id
			events, again := c.tells()
			key := saying{c.ref, c.duty, c.opening, c.opens}
			if len(events) == 0 || said[key] {
				continue
			}
			said[key] = true
			tell = append(tell, events...)
			if again {
				next = append(next, c.ref, c.duty, c.opening, c.due.Int64, c.due.Int64, false)
			}
		}
		if err := s.queueWebhooks(ctx, tx, now, tell...); err != nil {
			return err
		}
		if err := s.setWebhookClock(ctx, tx, next); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM webhook_clock WHERE "+s.dialect.isAny("id", 1), s.dialect.numbersArgument(ids))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("tell of duties that have become due: %w", err)
	}
	return looked, nil
}

func (s *Store) setWebhookClock(ctx context.Context, tx *sql.Tx, flat []any) error {
	const columns = 6
	query := func(rows int) string {
		return "INSERT INTO webhook_clock (" + webhookClockColumns + ") VALUES " + values(rows, columns)
	}
	return s.writeRows(ctx, tx, query, columns, flat, nil)
}

// NextTold is when there is next something to tell of a duty though nothing is written;
// zero: never.
func (s *Store) NextTold(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	if err := s.db.QueryRowContext(ctx, "SELECT MIN(at) FROM webhook_clock").Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("look for duties to tell of: %w", explain(err))
	}
	return instant(at), nil
}

// clockedTogether is how many duties are noted at a time when an endpoint is new.
const clockedTogether = 2000

// BeginWebhooks notes the endpoints that are seen for the first time, or with other
// events or another address. A new one is told from now on: also of what was recorded
// before and becomes due later. One that was disabled is told again where its address is
// another. Call it when a daemon starts.
func (s *Store) BeginWebhooks(ctx context.Context, now time.Time) error {
	fresh, err := s.freshWebhooks(ctx)
	if err != nil || len(fresh) == 0 {
		return err
	}
	if len(fresh.of(EventDutyOpened, EventDutyDue, EventDutyOverdue)) > 0 {
		if err := s.clockOpenDuties(ctx, now); err != nil {
			return fmt.Errorf("note when duties become due, for a new webhook: %w", err)
		}
	}
	for i := range fresh {
		e := &fresh[i]
		_, err := s.execute(ctx, s.db, `INSERT INTO webhook_endpoints (name, address, events, since) VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET events = excluded.events, address = excluded.address,
	disabled_at = CASE WHEN webhook_endpoints.address = excluded.address THEN webhook_endpoints.disabled_at END,
	reason = CASE WHEN webhook_endpoints.address = excluded.address THEN webhook_endpoints.reason ELSE '' END`,
			e.Name, hashOf(e.Address), strings.Join(e.Events, words), now.UnixMilli())
		if err != nil {
			return fmt.Errorf("note a webhook: %w", err)
		}
	}
	return nil
}

// freshWebhooks are the endpoints that are not noted as they are.
func (s *Store) freshWebhooks(ctx context.Context) (fresh webhookPlan, err error) {
	type noted struct{ address, events string }
	known := map[string]noted{}
	_, err = collect(ctx, s, "read the webhooks", "SELECT name, address, events FROM webhook_endpoints", nil, func(rows *sql.Rows) (none struct{}, err error) {
		var name string
		var n noted
		err = rows.Scan(&name, &n.address, &n.events)
		known[name] = n
		return none, err
	})
	for _, e := range s.webhooks {
		if known[e.Name] != (noted{hashOf(e.Address), strings.Join(e.Events, words)}) {
			fresh = append(fresh, e)
		}
	}
	return fresh, err
}

// clockOpenDuties notes when the open duties become due, and open, that have yet to. What
// is noted already is noted twice, and told once.
func (s *Store) clockOpenDuties(ctx context.Context, now time.Time) error {
	var last, reached int64
	for found := clockedTogether; found == clockedTogether; last = reached {
		err := s.write(ctx, func(tx *sql.Tx) error {
			var flat []any
			found = 0
			err := selectAll(ctx, tx, fmt.Sprintf(openDutiesAfter, clockedTogether), last, func(rows *sql.Rows) error {
				var id int64
				var ref, duty, opening string
				var opened, due sql.NullInt64
				err := rows.Scan(&id, &ref, &duty, &opening, &opened, &due)
				reached, found = id, found+1
				opens := instant(opened).After(now)
				if at := clockTime(instant(opened), instant(due), opens); at.After(now) {
					flat = append(flat, ref, duty, opening, due.Int64, at.UnixMilli(), opens)
				}
				return err
			})
			if err != nil {
				return err
			}
			return s.setWebhookClock(ctx, tx, flat)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
