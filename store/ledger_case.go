package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// CaseReminder is one decision about a duty of a case, with what became of the
// message that carries it.
type CaseReminder struct {
	Reminder
	Decided     time.Time
	State       MessageState // empty where there is no message
	StateReason string
	SentAt      time.Time // zero: not sent
}

const caseRemindersQuery = `
	SELECT r.duty_id, r.due_at, r.rung, r.person, r.channel, r.role, r.reason, r.instead, r.merged_into, r.created_at,
	       COALESCE(m.state, ''), COALESCE(m.reason, ''), m.sent_at
	FROM duties d
	JOIN reminders r ON r.duty_id = d.id
	LEFT JOIN messages m ON m.id = r.message_id
	WHERE d.case_ref = $1
	ORDER BY r.created_at, r.duty_id, r.person, r.channel`

// CaseReminders returns who was told of a case's duties and who was not and why,
// in order of time.
func (s *Store) CaseReminders(ctx context.Context, ref string) ([]CaseReminder, error) {
	rows, err := s.db.QueryContext(ctx, caseRemindersQuery, ref)
	if err != nil {
		return nil, fmt.Errorf("read the reminders of case %s: %w", ref, err)
	}
	defer rows.Close()
	var out []CaseReminder
	for rows.Next() {
		var r CaseReminder
		var decided, sent sql.NullInt64
		if err := rows.Scan(&r.Duty, &r.Due, &r.Rung, &r.Person, &r.Channel, &r.Role, &r.Reason, &r.Instead, &r.MergedInto, &decided,
			&r.State, &r.StateReason, &sent); err != nil {
			return nil, fmt.Errorf("read the reminders of case %s: %w", ref, err)
		}
		r.Decided, r.SentAt = instant(decided), instant(sent)
		out = append(out, r)
	}
	return out, rows.Err()
}
