package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"example.org/doorstep/pathway"
)

// Duty is a duty as it is kept: with its number, and how far it has come up its
// ladder.
type Duty struct {
	ID int64
	pathway.Duty
	Climbed  pathway.Progress
	NextRung time.Time // when a scan is to look at it again; zero: never
}

// DutyID is which duty it is, such as "discuss-with-manager".
func (d *Duty) DutyID() string { return d.Duty.ID }

// The columns of a duty in two groups: which duty it is, and what the events say
// of it now. How far it has come up its ladder stands beside them.
const (
	dutyKey     = "case_ref, duty, opening"
	dutyDerived = "pathway, version, attempt, owner, told, ladder, basis, recorder, opened_at, recorded_at, opens_from, due_at, moved_at, " +
		"early, later_than, both_record, state, met_at, met_by, ended_at, ended_why, why, missing, said_at, said_by, " +
		"late_since, set_at, set_by, taken_over, resumed_at, paperwork"
	goneColumns = "state, met_at, met_by, early, ended_at, ended_why, derived, next_rung_at, id"
	dutyColumns = dutyKey + ", " + dutyDerived + ", climbed_due_at, climbed_through, climbed_set_at, next_rung_at"
)

func addDuty(b *bulk, d *pathway.DutyChange) {
	b.row()
	b.text(d.Case, d.ID, d.Opening)
	addDerived(b, d)
}

// isPlain reports whether a new duty has nothing in the columns that plainColumns
// leaves out. Most have not, and a row of half as many values is written in
// little more than half the time.
func isPlain(d *pathway.DutyChange) bool {
	return d.IsOpen() && len(d.Told) == 0 && d.OpensFrom.IsZero() && d.Moved.IsZero() && !d.Early && !d.LaterThan && len(d.Missing) == 0 && d.Said.IsZero() &&
		hasPlainRungs(d.Duty)
}

// hasPlainRungs reports whether nothing has changed which rungs of its ladder a duty has.
func hasPlainRungs(d *pathway.Duty) bool {
	return d.LateSince.IsZero() && d.Set.IsZero() && !d.TakenOver && d.Resumed.IsZero()
}

const plainColumns = dutyKey + ", pathway, version, attempt, owner, ladder, basis, recorder, opened_at, recorded_at, due_at, " +
	"both_record, state, why, paperwork, derived, next_rung_at"

func addPlainDuty(b *bulk, d *pathway.DutyChange) {
	b.row()
	b.text(d.Case, d.ID, d.Opening, d.Pathway, d.Version)
	b.number(int64(d.Attempt))
	b.text(string(d.Owner), d.Ladder, string(d.Basis), d.Recorder)
	b.instants(d.Opened, d.Recorded, d.Due)
	b.flags(d.BothRecord)
	b.text(string(pathway.Open), d.Why)
	b.flags(d.Paperwork)
	b.number(d.Derived)
	b.instants(d.Next)
}

// addChangedDuty adds the columns with the key last.
func addChangedDuty(b *bulk, d *pathway.DutyChange) {
	b.row()
	addDerived(b, d)
	b.number(d.Number)
}

func addDerived(b *bulk, d *pathway.DutyChange) {
	b.text(d.Pathway, d.Version)
	b.number(int64(d.Attempt))
	b.text(string(d.Owner), rolesColumn(d.Told), d.Ladder, string(d.Basis), d.Recorder)
	b.instants(d.Opened, d.Recorded, d.OpensFrom, d.Due, d.Moved)
	b.flags(d.Early, d.LaterThan, d.BothRecord)
	b.text(string(d.KeptState()))
	b.instants(d.Met)
	b.text(d.MetBy)
	b.instants(d.Ended)
	b.text(d.EndedWhy, d.Why, strings.Join(d.Missing, words))
	b.instants(d.Said)
	b.text(d.SaidBy)
	b.instants(d.LateSince, d.Set)
	b.text(d.SetBy)
	b.flags(d.TakenOver)
	b.instants(d.Resumed)
	b.flags(d.Paperwork)
	b.number(d.Derived)
	b.instants(d.Next)
}

// addGone adds what becomes of a duty that no event calls for any more:
// goneColumns.
func addGone(b *bulk, now time.Time, d pathway.GoneDuty) {
	b.row()
	b.text(string(pathway.Ended))
	b.null()
	b.text("")
	b.flags(false)
	b.instants(now)
	b.text(d.Why)
	b.number(pathway.GoneDigest)
	b.null()
	b.number(d.Number)
}

// scanDuty reads a duty's number and columns, and those behind them into more.
func scanDuty(rows row, more ...any) (Duty, error) {
	var d Duty
	var told, state, missing string
	err := rows.Scan(append([]any{&d.ID,
		&d.Case, &d.Duty.ID, &d.Opening, &d.Pathway, &d.Version, &d.Attempt, &d.Owner, &told, &d.Ladder, &d.Basis, &d.Recorder,
		readInstant(&d.Opened), readInstant(&d.Recorded), readInstant(&d.OpensFrom), readInstant(&d.Due), readInstant(&d.Moved), &d.Early, &d.LaterThan, &d.BothRecord,
		&state, readInstant(&d.Met), &d.MetBy, readInstant(&d.Ended), &d.EndedWhy, &d.Why, &missing, readInstant(&d.Said), &d.SaidBy,
		readInstant(&d.LateSince), readInstant(&d.Set), &d.SetBy, &d.TakenOver, readInstant(&d.Resumed), &d.Paperwork,
		readInstant(&d.Climbed.Due), readInstant(&d.Climbed.Through), readInstant(&d.Climbed.Set), readInstant(&d.NextRung)}, more...)...)
	d.Told, d.Missing = roles(told), splitList(missing, words)
	return d, err
}

// EachDuty calls do with every duty there is, those of a case in order of opening.
func (s *Store) EachDuty(ctx context.Context, do func(*Duty)) error {
	rows, err := s.db.QueryContext(ctx, "SELECT id, "+dutyColumns+" FROM duties ORDER BY case_ref, opened_at, id")
	if err != nil {
		return fmt.Errorf("read the duties: %w", explain(err))
	}
	defer rows.Close()
	for rows.Next() {
		d, err := scanDuty(rows)
		if err != nil {
			return fmt.Errorf("read the duties: %w", explain(err))
		}
		do(&d)
	}
	return explain(rows.Err())
}

const keptColumns = "case_ref, id, duty, opening, derived, state, opened_at, due_at, moved_at, set_at, set_by, late_since, climbed_due_at, climbed_through, climbed_set_at"

func scanKept(rows *sql.Rows) (ref string, d pathway.KeptDuty, err error) {
	err = rows.Scan(&ref, &d.Number, &d.Duty, &d.Opening, &d.Derived, &d.State, readInstant(&d.Opened), readInstant(&d.Due), readInstant(&d.Moved), readInstant(&d.Set), &d.SetBy, readInstant(&d.LateSince), readInstant(&d.Climbed.Due), readInstant(&d.Climbed.Through), readInstant(&d.Climbed.Set))
	return ref, d, err
}

// truncated cuts an instant to the milliseconds that a column keeps.
func truncated(t time.Time) time.Time { return t.Truncate(time.Millisecond) }
