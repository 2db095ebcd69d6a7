package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// markToDerive marks the open cases of a pathway whose file before, which is no more in
// force, asked for nothing by itself, and whose new one does.
func markToDerive(ctx context.Context, tx *sql.Tx, before string, p *pathway.Pathway) error {
	if !p.AsksByItself() {
		return nil
	}
	var old pathway.Pathway
	if err := json.Unmarshal([]byte(before), &old); err != nil {
		return fmt.Errorf("a kept pathway cannot be read: %w", err)
	}
	if old.AsksByItself() {
		return nil
	}
	_, err := tx.ExecContext(ctx, "UPDATE cases SET derive_again = TRUE WHERE now_pathway = $1 AND NOT closed", p.ID)
	return err
}

// DeriveAgain derives up to so many of the cases again that are marked for it, and
// returns how many there were. Cases that somebody is recording on are left to the next
// call. With a run, its lease is confirmed in the same transaction (see ScanBatch).
func (s *Store) DeriveAgain(ctx context.Context, run *Run, now time.Time, rules *pathway.Rules, limit int) (derived int, err error) {
	if any, err := s.anyToDerive(ctx); err != nil || !any {
		return 0, err
	}
	now = truncated(now)
	err = s.writeMany(ctx, func(tx *sql.Tx, w *session) error {
		if err := run.confirm(ctx, tx); err != nil {
			return err
		}
		known := knowledge{tx, &s.dialect}
		if err := known.share(ctx); err != nil {
			return err
		}
		var works []*caseWork
		query := "SELECT ref FROM cases WHERE derive_again ORDER BY ref LIMIT $1" + s.dialect.skipLocked
		err := selectAll(ctx, tx, query, limit, func(rows *sql.Rows) error {
			var ref string
			err := rows.Scan(&ref)
			work := newCaseWork(ref, "")
			work.DeriveAgain = true
			works = append(works, work)
			return err
		})
		if err != nil || len(works) == 0 {
			return err
		}
		derived = len(works)
		if err := known.lookUp(ctx, works, false); err != nil {
			return err
		}
		out := newCaseWriter(ctx, s, w, now, Origin{})
		for _, work := range works {
			work.WorkOut(rules, nil, now)
			out.write(work)
		}
		if err := out.flush(); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE cases SET derive_again = FALSE WHERE "+s.dialect.isAny("ref", 1), s.dialect.listArgument(refsOf(works)))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("derive cases again: %w", explain(err))
	}
	return derived, nil
}

func (s *Store) anyToDerive(ctx context.Context) (any bool, err error) {
	found, err := collect(ctx, s, "look for cases to derive again", "SELECT ref FROM cases WHERE derive_again LIMIT 1", nil,
		func(rows *sql.Rows) (ref string, err error) {
			err = rows.Scan(&ref)
			return ref, err
		})
	return len(found) > 0, err
}
