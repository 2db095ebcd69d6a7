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

// The states that duties are kept in. Whether one is overdue or was met late
// follows from its times.
const (
	stateOpen  = string(pathway.Open)
	stateMet   = string(pathway.Met)
	stateEnded = string(pathway.Ended)
)

func state(d *pathway.Duty) string {
	switch {
	case !d.Met.IsZero():
		return stateMet
	case !d.Ended.IsZero():
		return stateEnded
	}
	return stateOpen
}

// The columns of a duty in two groups: which duty it is, and what the events say
// of it now. How far it has come up its ladder stands beside them.
const (
	dutyKey     = "case_ref, duty, opening"
	dutyDerived = "pathway, version, attempt, owner, told, ladder, basis, recorder, opened_at, recorded_at, opens_from, due_at, moved_at, " +
		"early, later_than, both_record, state, met_at, met_by, ended_at, ended_why, why, missing"
	goneColumns = "state, met_at, met_by, early, ended_at, ended_why, derived, next_rung_at, id"
	dutyColumns = dutyKey + ", " + dutyDerived + ", climbed_due_at, climbed_through, next_rung_at"
)

func addDuty(b *bulk, d *dutyChange) {
	b.row()
	b.text(d.Case, d.Duty.ID, d.Opening)
	addDerived(b, d)
}

// isPlain reports whether a new duty has nothing in the columns that plainColumns
// leaves out. Most have not, and a row of half as many values is written in
// little more than half the time.
func (d *dutyChange) isPlain() bool {
	return d.IsOpen() && len(d.Told) == 0 && d.OpensFrom.IsZero() && d.Moved.IsZero() && !d.Early && !d.LaterThan && len(d.Missing) == 0
}

const plainColumns = dutyKey + ", pathway, version, attempt, owner, ladder, basis, recorder, opened_at, recorded_at, due_at, " +
	"both_record, state, why, derived, next_rung_at"

func addPlainDuty(b *bulk, d *dutyChange) {
	b.row()
	b.text(d.Case, d.Duty.ID, d.Opening, d.Pathway, d.Version)
	b.number(int64(d.Attempt))
	b.text(string(d.Owner), d.Ladder, string(d.Basis), d.Recorder)
	b.instants(d.Opened, d.Recorded, d.Due)
	b.flags(d.BothRecord)
	b.text(stateOpen, d.Why)
	b.number(d.derived)
	b.instants(d.next)
}

// addChangedDuty adds the columns with the key last.
func addChangedDuty(b *bulk, d *dutyChange) {
	b.row()
	addDerived(b, d)
	b.number(d.id)
}

func addDerived(b *bulk, d *dutyChange) {
	b.text(d.Pathway, d.Version)
	b.number(int64(d.Attempt))
	b.text(string(d.Owner), rolesColumn(d.Told), d.Ladder, string(d.Basis), d.Recorder)
	b.instants(d.Opened, d.Recorded, d.OpensFrom, d.Due, d.Moved)
	b.flags(d.Early, d.LaterThan, d.BothRecord)
	b.text(state(d.Duty))
	b.instants(d.Met)
	b.text(d.MetBy)
	b.instants(d.Ended)
	b.text(d.EndedWhy, d.Why, strings.Join(d.Missing, words))
	b.number(d.derived)
	b.instants(d.next)
}

// addGone adds what becomes of a duty that no event calls for any more:
// goneColumns.
func addGone(b *bulk, now time.Time, id int64) {
	b.row()
	b.text(stateEnded)
	b.null()
	b.text("")
	b.flags(false)
	b.instants(now)
	b.text(voidedOpening)
	b.number(goneDigest)
	b.null()
	b.number(id)
}

func scanDuty(rows *sql.Rows) (Duty, error) {
	var d Duty
	var told, state, missing string
	var opened, recorded, opensFrom, due, moved, met, ended, climbedDue, climbedThrough, next sql.NullInt64
	err := rows.Scan(&d.ID,
		&d.Case, &d.Duty.ID, &d.Opening, &d.Pathway, &d.Version, &d.Attempt, &d.Owner, &told, &d.Ladder, &d.Basis, &d.Recorder,
		&opened, &recorded, &opensFrom, &due, &moved, &d.Early, &d.LaterThan, &d.BothRecord,
		&state, &met, &d.MetBy, &ended, &d.EndedWhy, &d.Why, &missing,
		&climbedDue, &climbedThrough, &next)
	d.Told, d.Missing = roles(told), splitList(missing, words)
	d.Opened, d.Recorded, d.OpensFrom = instant(opened), instant(recorded), instant(opensFrom)
	d.Due, d.Moved, d.Met, d.Ended = instant(due), instant(moved), instant(met), instant(ended)
	d.Climbed = pathway.Progress{Due: instant(climbedDue), Through: instant(climbedThrough)}
	d.NextRung = instant(next)
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

// keptDuty is what has to be known of a duty that is kept to see what changes.
type keptDuty struct {
	id            int64
	duty, opening string
	derived       int64
	state         string
	due           time.Time
	climbed       pathway.Progress
}

const keptColumns = "case_ref, id, duty, opening, derived, state, due_at, climbed_due_at, climbed_through"

func scanKept(rows *sql.Rows) (ref string, d keptDuty, err error) {
	var due, climbedDue, climbedThrough sql.NullInt64
	err = rows.Scan(&ref, &d.id, &d.duty, &d.opening, &d.derived, &d.state, &due, &climbedDue, &climbedThrough)
	d.due, d.climbed = instant(due), pathway.Progress{Due: instant(climbedDue), Through: instant(climbedThrough)}
	return ref, d, err
}

// goneDigest marks a duty that no event calls for any more.
const goneDigest = -1

// voidedOpening is why such a duty ended.
const voidedOpening = "the event that opened it was recorded in error"

// dutyChange is a duty as its events give it now, and what is kept of it; id is 0
// for a new one.
type dutyChange struct {
	*pathway.Duty
	id      int64
	derived int64
	next    time.Time
}

// dutyChanges is what a derivation makes of the duties that are kept.
type dutyChanges struct {
	list []dutyChange
	gone []int64 // ids

	opened, met, moved, ended int
}

// compare sets the duties that a case's events give now against those that are
// kept. What people were told stays told: a duty keeps its place on its ladder.
func compare(rules *pathway.Rules, kept []keptDuty, derived []pathway.Duty) dutyChanges {
	c := dutyChanges{list: make([]dutyChange, 0, len(derived))}
	found := make([]bool, len(kept))
	for i := range derived {
		d := dutyChange{Duty: &derived[i], derived: digestOf(&derived[i], (*packer).duty)}
		var old *keptDuty
		for k := range kept {
			if kept[k].duty == d.Duty.ID && kept[k].opening == d.Opening {
				old, found[k] = &kept[k], true
				break
			}
		}
		var climbed pathway.Progress
		if old != nil {
			if old.derived == d.derived {
				continue
			}
			d.id, climbed = old.id, old.climbed
		}
		d.Why = d.Explain(rules.Calendar)
		if d.IsOpen() {
			// With a now before everything, the next rung is the first of those
			// that are not handled yet.
			d.next = rules.Ladder(d.Ladder).Climb(d.Duty, climbed, rules.Calendar, time.Time{}).Next
		}
		c.list = append(c.list, d)
		c.count(old, d.Duty)
	}
	for k := range kept {
		if !found[k] && kept[k].derived != goneDigest {
			c.gone = append(c.gone, kept[k].id)
			if kept[k].state != stateEnded {
				c.ended++
			}
		}
	}
	return c
}

// count adds what became of one duty; old is nil for a new one.
func (c *dutyChanges) count(old *keptDuty, d *pathway.Duty) {
	before, now := stateOpen, state(d)
	switch {
	case old == nil:
		c.opened++
	default:
		before = old.state
		if now == stateOpen && old.due.UnixMilli() != d.Due.UnixMilli() {
			c.moved++
		}
	}
	switch {
	case now == before:
	case now == stateMet:
		c.met++
	case now == stateEnded:
		c.ended++
	}
}

// truncated cuts an instant to the milliseconds that a column keeps.
func truncated(t time.Time) time.Time { return t.Truncate(time.Millisecond) }
