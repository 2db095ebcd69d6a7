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
	Fault       string    // what a failure lay in
	SentAt      time.Time // zero: not sent
	Progress    string    // how far its receipts say it has come; empty: none did
	ProgressAt  time.Time // since when
}

const (
	caseReminderColumns = `r.duty_id, r.due_at, r.rung, r.person, r.channel, r.role, r.reason, r.instead, r.merged_into, r.created_at,
	       COALESCE(m.state, ''), COALESCE(m.reason, ''), COALESCE(m.fault, ''), m.sent_at, COALESCE(m.progress, ''), m.progress_at`

	caseRemindersQuery = `
	SELECT ` + caseReminderColumns + `
	FROM duties d
	JOIN reminders r ON r.duty_id = d.id
	LEFT JOIN messages m ON m.id = r.message_id
	WHERE d.case_ref = $1
	ORDER BY r.created_at, r.duty_id, r.person, r.channel`

	// As caseRemindersQuery, from the cases to their duties.
	remindersOfCases = `
	SELECT ` + caseReminderColumns + `, a.value
	FROM %s CROSS JOIN duties d
	JOIN reminders r ON r.duty_id = d.id
	LEFT JOIN messages m ON m.id = r.message_id
	WHERE d.case_ref = a.value
	ORDER BY r.created_at, r.duty_id, r.person, r.channel`
)

// CaseReminders returns who was told of a case's duties and who was not and why,
// in order of time.
func (s *Store) CaseReminders(ctx context.Context, ref string) ([]CaseReminder, error) {
	return collect(ctx, s, "read the reminders of case "+ref, caseRemindersQuery, []any{ref}, func(rows *sql.Rows) (CaseReminder, error) { return scanCaseReminder(rows) })
}

// RemindersOfCases returns what CaseReminders returns of each of these cases.
func (s *Store) RemindersOfCases(ctx context.Context, refs []string) (map[string][]CaseReminder, error) {
	of := map[string][]CaseReminder{}
	if len(refs) == 0 {
		return of, nil
	}
	_, err := collect(ctx, s, "read the reminders of cases", s.remindersOfCases(), []any{s.dialect.listArgument(refs)}, func(rows *sql.Rows) (none struct{}, err error) {
		var ref string
		r, err := scanCaseReminder(rows, &ref)
		of[ref] = append(of[ref], r)
		return none, err
	})
	return of, err
}

func (s *Store) remindersOfCases() string { return fmt.Sprintf(remindersOfCases, s.dialect.listed(1)) }

// scanCaseReminder reads caseReminderColumns, and what follows them into more.
func scanCaseReminder(rows row, more ...any) (r CaseReminder, err error) {
	var decided, sent, progress sql.NullInt64
	err = rows.Scan(append([]any{&r.Duty, &r.Due, &r.Rung, &r.Person, &r.Channel, &r.Role, &r.Reason, &r.Instead, &r.MergedInto, &decided,
		&r.State, &r.StateReason, &r.Fault, &sent, &r.Progress, &progress}, more...)...)
	r.Decided, r.SentAt, r.ProgressAt = instant(decided), instant(sent), instant(progress)
	return r, err
}
