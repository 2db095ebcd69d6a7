package store

import (
	"context"
	"database/sql"
	"fmt"
)

// manyRows is from how many rows on an intake is large enough to treat the
// tables as a whole.
const manyRows = 10_000

// largeCache is how much of a SQLite database a large intake keeps in memory, in
// KiB. Its rows fall all over the indexes.
const largeCache = 32 << 10

// widen gives a large intake's connection more memory, until narrow is called.
func (in *Intake) widen(ctx context.Context, conn *sql.Conn) (narrow func(), err error) {
	if in.store.dialect.postgres || in.before.Rows < manyRows {
		return func() {}, nil
	}
	set := func(ctx context.Context, kibibytes int) error {
		_, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA cache_size = -%d", kibibytes))
		return err
	}
	return func() { _ = set(context.WithoutCancel(ctx), sqliteCache) }, set(ctx, largeCache)
}

// Heavy indexes have an entry for most rows of their tables, in an order that has
// nothing to do with the order of cases.
const (
	heavyOnDuties = "'duties_next_rung', 'duties_open_due'"
	heavyOnCases  = "'cases_overdue_first', 'cases_of_practitioner', 'cases_of_manager', 'cases_of_team', 'cases_of_household'"
)

// index is an index that is built anew behind the rows.
type index struct{ name, definition string }

// dropIndexes drops the indexes by time and person of the tables that a large
// intake is going to fill, for buildIndexes to build again: the rows come case by
// case, and keeping those indexes meanwhile costs as much as the rows. It does so
// only where the rows that come outweigh those that are there, because on
// PostgreSQL nobody else can use the tables until the transaction ends.
func (t *transaction) dropIndexes(ctx context.Context) error {
	if t.options.DryRun || t.looking != nil {
		return nil
	}
	if outweighs, err := t.outweighs(ctx); err != nil || !outweighs {
		return err
	}
	heavy := heavyOnDuties
	if t.caseRows > 0 {
		heavy += ", " + heavyOnCases
	}
	rows, err := t.tx.QueryContext(ctx, t.store.dialect.indexes+"("+heavy+")")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var i index
		if err := rows.Scan(&i.name, &i.definition); err != nil {
			return err
		}
		t.indexes = append(t.indexes, i)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, i := range t.indexes {
		if _, err := t.tx.ExecContext(ctx, "DROP INDEX "+i.name); err != nil {
			return fmt.Errorf("drop index %s: %w", i.name, err)
		}
	}
	return nil
}

// outweighs reports whether the rows that come are many, beside those that are there:
// half as many; on SQLite, where nobody else can record meanwhile anyhow, a quarter.
func (t *transaction) outweighs(ctx context.Context) (bool, error) {
	rows, err := t.newRows(ctx)
	if err != nil || rows < manyRows {
		return false, err
	}
	most := 2 * int64(rows)
	if !t.store.dialect.postgres {
		most *= 2
	}
	var duties sql.NullInt64
	err = t.tx.QueryRowContext(ctx, "SELECT max(id) FROM duties").Scan(&duties)
	return duties.Int64 <= most, err
}

// newRows is how many of the rows may say something new: of a list of all cases, most
// of which are known, hardly any does.
func (t *transaction) newRows(ctx context.Context) (int, error) {
	rows := t.result.Rows
	if rows < manyRows || t.caseRows == 0 {
		return rows, nil
	}
	if t.outline != nil {
		return rows * t.outline.changed / max(1, t.outline.cases), nil
	}
	var known int
	err := t.tx.QueryRowContext(ctx, "SELECT count(*) FROM cases").Scan(&known)
	return rows - min(t.caseRows, known), err
}

// buildIndexes builds what dropIndexes has dropped.
func (t *transaction) buildIndexes(ctx context.Context) error {
	if !t.keeping() {
		return nil // the transaction is about to be undone
	}
	if len(t.indexes) > 0 {
		t.narrow() // sorting takes memory of its own
	}
	for _, i := range t.indexes {
		if _, err := t.tx.ExecContext(ctx, i.definition); err != nil {
			return fmt.Errorf("build index %s: %w", i.name, err)
		}
	}
	return nil
}

// quickStatistics is how closely PostgreSQL is to look, of 100 at first: its own look at
// what has grown follows soon, and this one keeps whoever hands in a file waiting.
const quickStatistics = 20

// analyze tells PostgreSQL after a large intake how large its tables have
// become, which it would find out by itself only later. Only what queries choose
// by is looked at, of the tables that the intake has filled.
func (in *Intake) analyze(ctx context.Context, conn *sql.Conn) error {
	if !in.store.dialect.postgres || in.before.Rows < manyRows {
		return nil
	}
	tables := "people (id), duties (case_ref, due_at, next_rung_at, state)"
	if in.caseRows > 0 {
		tables += ", cases (ref, now_practitioner, now_manager, team, restricted, derive_again, closed), cases_overdue"
	}
	if in.before.Rows > in.caseRows+len(in.people) {
		tables += ", events (case_ref)"
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("SET LOCAL default_statistics_target = %d; ANALYZE %s", quickStatistics, tables)); err != nil {
		return err
	}
	return tx.Commit()
}
