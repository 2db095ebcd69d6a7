package store

import (
	"context"
	"database/sql"
	"time"
)

// CaseReminder is one decision about a duty of a case, with what became of the
// message that carries it.
type CaseReminder struct {
	Reminder
	Decided     time.Time
	State       MessageState // empty where there is no message
	StateReason string
	Fault       string    // what a failure lay in
	SentAt      time.Time // zero: not sent
	Progress    string    // how far its receipts say it has come; empty: none did
	ProgressAt  time.Time // since when
}

const caseRemindersQuery = `
	SELECT r.duty_id, r.due_at, r.rung, r.person, r.channel, r.role, r.reason, r.instead, r.merged_into, r.created_at,
	       COALESCE(m.state, ''), COALESCE(m.reason, ''), COALESCE(m.fault, ''), m.sent_at, COALESCE(m.progress, ''), m.progress_at
	FROM duties d
	JOIN reminders r ON r.duty_id = d.id
	LEFT JOIN messages m ON m.id = r.message_id
	WHERE d.case_ref = $1
	ORDER BY r.created_at, r.duty_id, r.person, r.channel`

// CaseReminders returns who was told of a case's duties and who was not and why,
// in order of time.
func (s *Store) CaseReminders(ctx context.Context, ref string) ([]CaseReminder, error) {
	return collect(ctx, s, "read the reminders of case "+ref, caseRemindersQuery, []any{ref}, scanCaseReminder)
}

func scanCaseReminder(rows row) (r CaseReminder, err error) {
	var decided, sent, progress sql.NullInt64
	err = rows.Scan(&r.Duty, &r.Due, &r.Rung, &r.Person, &r.Channel, &r.Role, &r.Reason, &r.Instead, &r.MergedInto, &decided,
		&r.State, &r.StateReason, &r.Fault, &sent, &r.Progress, &progress)
	r.Decided, r.SentAt, r.ProgressAt = instant(decided), instant(sent), instant(progress)
	return r, err
}
