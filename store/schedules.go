package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ScheduleState is how far a cron schedule has come.
type ScheduleState struct {
	Name        string
	LastDue     time.Time // the last of its times that was seen to; zero: none yet
	LastStarted time.Time
	LastEnded   time.Time
	LastSuccess time.Time
	LeaseUntil  time.Time // how long whoever runs it holds it; zero: nobody does
}

// Run is one run of a schedule, held under a lease.
type Run struct {
	ID       int64
	Schedule string
	Due      time.Time // the time of the schedule that it sees to
	holder   string
	fence    int64
}

// RunRecord is what is on record of a run.
type RunRecord struct {
	Schedule string
	Due      time.Time
	Started  time.Time
	Ended    time.Time // zero: still running, or its process died
	Counts   map[string]int
	Error    string
}

// ErrRunTaken says that a run may not begin: another process is at it, or has
// seen to it already.
var ErrRunTaken = errors.New("another process runs this schedule or has just done so")

const (
	// Runs older than this are forgotten: a scan a minute leaves half a million
	// a year.
	keepRuns = 31 * 24 * time.Hour

	selectSchedule = `SELECT last_due_at, last_started_at, last_ended_at, last_success_at, lease_until
FROM schedules WHERE name = $1`

	beginRun = `UPDATE schedules SET holder = $1, fence = fence + 1, lease_until = $2, last_started_at = $3
WHERE name = $4 AND (last_due_at IS NULL OR last_due_at < $5) AND (lease_until IS NULL OR lease_until <= $3)
RETURNING fence`

	abandonRuns = `UPDATE runs SET ended_at = $1, error = 'its process ended before it did'
WHERE schedule = $2 AND ended_at IS NULL`

	insertRun = `INSERT INTO runs (schedule, due_at, started_at) VALUES ($1, $2, $3) RETURNING id`

	selectRuns = `SELECT due_at, started_at, ended_at, counts, error FROM runs
WHERE schedule = $1 ORDER BY started_at DESC, id DESC LIMIT $2`

	endSchedule = `UPDATE schedules SET holder = '', lease_until = NULL, last_ended_at = $1,
	last_success_at = COALESCE($2, last_success_at), last_due_at = COALESCE($3, last_due_at)
WHERE name = $4 AND holder = $5 AND fence = $6`
)

// BeginSchedule notes a schedule that is seen for the first time, with the time
// up to which nothing of it was missed; zero: its first run is wanting.
func (s *Store) BeginSchedule(ctx context.Context, name string, seenTo time.Time) error {
	_, err := s.execute(ctx, s.db, `INSERT INTO schedules (name, last_due_at) VALUES ($1, $2)
ON CONFLICT (name) DO NOTHING`, name, millis(seenTo))
	if err != nil {
		return fmt.Errorf("note schedule %s: %w", name, err)
	}
	return nil
}

// Schedule returns the state of a schedule; one that never began is all zero.
func (s *Store) Schedule(ctx context.Context, name string) (ScheduleState, error) {
	var due, started, ended, success, lease sql.NullInt64
	err := s.db.QueryRowContext(ctx, selectSchedule, name).Scan(&due, &started, &ended, &success, &lease)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return ScheduleState{}, fmt.Errorf("read schedule %s: %w", name, explain(err))
	}
	return ScheduleState{name, instant(due), instant(started), instant(ended), instant(success), instant(lease)}, nil
}

// BeginRun begins the run that sees to the schedule's time due, for holder, who
// is one process, until leaseUntil. ErrRunTaken says that another is at it or
// has done it. A run that its process left behind is put on record as such.
func (s *Store) BeginRun(ctx context.Context, now time.Time, schedule string, due time.Time, holder string, leaseUntil time.Time) (*Run, error) {
	run := &Run{Schedule: schedule, Due: due, holder: holder}
	err := s.write(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, beginRun, holder, leaseUntil.UnixMilli(), now.UnixMilli(), schedule, due.UnixMilli()).Scan(&run.fence)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrRunTaken
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, abandonRuns, now.UnixMilli(), schedule); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, insertRun, schedule, due.UnixMilli(), now.UnixMilli()).Scan(&run.ID)
	})
	if err != nil {
		return nil, fmt.Errorf("begin a run of schedule %s: %w", schedule, err)
	}
	return run, nil
}

// RenewRun holds the run until leaseUntil; ErrLeaseLost: another has taken over.
func (s *Store) RenewRun(ctx context.Context, run *Run, leaseUntil time.Time) error {
	result, err := s.execute(ctx, s.db, `UPDATE schedules SET lease_until = $1
WHERE name = $2 AND holder = $3 AND fence = $4`, leaseUntil.UnixMilli(), run.Schedule, run.holder, run.fence)
	return oneRow(result, err, ErrLeaseLost, "hold schedule "+run.Schedule)
}

// EndRun puts on record what the run did and gives the schedule up. A run that
// failed, which an empty problem denies, has not seen to its time: it is run
// again. ErrLeaseLost: another has taken over, and only the run itself is noted.
func (s *Store) EndRun(ctx context.Context, now time.Time, run *Run, counts map[string]int, problem string) error {
	if counts == nil {
		counts = map[string]int{}
	}
	text, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	var success, due sql.NullInt64
	if problem == "" {
		success, due = millis(now), millis(run.Due)
	}
	var lost error
	err = s.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE runs SET ended_at = $1, counts = $2, error = $3 WHERE id = $4`,
			now.UnixMilli(), string(text), problem, run.ID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM runs WHERE schedule = $1 AND started_at < $2`,
			run.Schedule, now.Add(-keepRuns).UnixMilli()); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, endSchedule, now.UnixMilli(), success, due, run.Schedule, run.holder, run.fence)
		lost = oneRow(result, err, ErrLeaseLost, "end a run of schedule "+run.Schedule)
		return err
	})
	if err != nil {
		return fmt.Errorf("end a run of schedule %s: %w", run.Schedule, err)
	}
	return lost
}

// Runs returns the newest runs of a schedule, the last one first.
func (s *Store) Runs(ctx context.Context, schedule string, limit int) ([]RunRecord, error) {
	return collect(ctx, s, "read the runs of schedule "+schedule, selectRuns, []any{schedule, limit},
		func(rows *sql.Rows) (RunRecord, error) {
			r := RunRecord{Schedule: schedule}
			var due, started, ended sql.NullInt64
			var counts string
			if err := rows.Scan(&due, &started, &ended, &counts, &r.Error); err != nil {
				return r, err
			}
			r.Due, r.Started, r.Ended = instant(due), instant(started), instant(ended)
			err := json.Unmarshal([]byte(counts), &r.Counts)
			return r, err
		})
}

// confirm makes sure, until the transaction ends, that the run is still the one
// that holds its schedule. A nil run holds nothing and needs nothing.
func (r *Run) confirm(ctx context.Context, tx *sql.Tx) error {
	if r == nil {
		return nil
	}
	result, err := tx.ExecContext(ctx, `UPDATE schedules SET holder = holder
WHERE name = $1 AND holder = $2 AND fence = $3`, r.Schedule, r.holder, r.fence)
	return oneRow(result, err, ErrLeaseLost, "confirm the lease of schedule "+r.Schedule)
}

// oneRow returns none where a statement has changed no row.
func oneRow(result sql.Result, err, none error, doing string) error {
	if err == nil {
		var n int64
		if n, err = result.RowsAffected(); err == nil && n == 0 {
			err = none
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
