package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// What was decided at an instant that is yet to come was decided by a clock that was
// wrong. A rung that was said then stands for nothing: it keeps its row, under a due time
// below zero that no duty has, so that it can be said when its time has come; its message
// gives up its key for the same reason, and where it still waits it does not go.
var unsay = []change{
	{what: "reminders", text: `UPDATE reminders SET due_at = -created_at, created_at = $1 WHERE created_at > $2`},
	{what: "messages", text: `UPDATE messages SET key = key || '/' || CAST(created_at AS TEXT), created_at = $1,
	state = CASE WHEN state IN ('queued', 'failed-temporarily') AND kind <> 'alert' AND kind <> 'answer' THEN 'cancelled' ELSE state END,
	reason = CASE WHEN state IN ('queued', 'failed-temporarily') AND kind <> 'alert' AND kind <> 'answer' THEN 'it was written by a clock that was wrong' ELSE reason END
WHERE created_at > $2`},
	{what: "messages", text: `UPDATE messages SET
	sent_at = CASE WHEN sent_at > $2 THEN $1 ELSE sent_at END,
	progress_at = CASE WHEN progress_at > $2 THEN $1 ELSE progress_at END,
	maybe_sent_at = CASE WHEN maybe_sent_at > $2 THEN $1 ELSE maybe_sent_at END
WHERE sent_at > $2 OR progress_at > $2 OR maybe_sent_at > $2`},
	// Every duty that waits is looked at anew; one that was taken up its ladder from the
	// first rung on, of which those that were said before stay said.
	{what: "duties", text: `UPDATE duties SET next_rung_at = $1, climbed_through = CASE WHEN climbed_through > $2 THEN 1 ELSE climbed_through END
WHERE state = 'open' AND (next_rung_at > $2 OR climbed_through > $2)`},
	{what: "runs", text: `UPDATE runs SET ended_at = $1 WHERE ended_at > $2`},
	{what: "runs", text: `UPDATE runs SET due_at = $1 WHERE due_at > $2`},
	{what: "runs", text: `UPDATE runs SET started_at = $1 WHERE started_at > $2`},
}

// RanAhead reports whether schedules ran at instants that are yet to come.
func (s *Store) RanAhead(ctx context.Context, now time.Time) (bool, error) {
	found, err := s.CountAhead(ctx, now)
	return found.Instants["runs"] > 0, err
}

// Unsay makes good what schedules wrote into the ledger at instants that are yet to come,
// so that it silences nothing, and returns how many rows of what it changed. It reads all
// of the ledger, and is to be called only where RanAhead.
func (s *Store) Unsay(ctx context.Context, now time.Time) (map[string]int, error) {
	var changed map[string]int
	release, err := s.takeTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	err = s.once(ctx, s.long, func(tx *sql.Tx) error {
		changed = map[string]int{}
		for _, u := range unsay {
			result, err := tx.ExecContext(ctx, u.text, now.UnixMilli(), now.Add(ClockTolerance).UnixMilli())
			if err != nil {
				return fmt.Errorf("%s: %w", u.what, err)
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			changed[u.what] += int(n)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("make good what a clock that was wrong has written: %w", explain(err))
	}
	return changed, nil
}
