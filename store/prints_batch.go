package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"
)

// PrintBatch is what was printed at one time.
type PrintBatch struct {
	Number     int64
	Made       time.Time
	By         string // who made it
	Items      int    // cards and letters
	Pages      int    // sides of paper, cover sheet apart
	Files      []PrintFile
	Options    string // JSON, as are the next two: how it was printed
	Stationery string // with which wording and details
	Cover      string // what its cover sheet says besides its items
}

// PrintFile is one file of a batch.
type PrintFile struct {
	Kind   string `json:"kind"`
	Items  int    `json:"items"`
	Pages  int    `json:"pages"`
	SHA256 string `json:"sha256"`
}

// DroppedPrint is something that waited, or was printed, and is not to go out.
type DroppedPrint struct {
	ID    int64
	State PrintState // PrintOvertaken or PrintWithdrawn
	Why   string
}

// NextBatch is the number that the next batch will have, as it looks now.
func (s *Store) NextBatch(ctx context.Context) (int64, error) {
	var n int64
	if err := s.db.QueryRowContext(ctx, nextBatch).Scan(&n); err != nil {
		return 0, fmt.Errorf("number a batch: %w", explain(err))
	}
	return n, nil
}

const nextBatch = `SELECT COALESCE(max(number), 0) + 1 FROM print_batches`

// KeepBatch puts a batch on record with all that is in it, in one transaction:
// items that waited are printed from then on, items without an ID are added, and
// the dropped ones are marked. stationeryDigest names batch.Stationery, which is
// kept once.
//
// The batch's number must still be the next one. ErrBatchTaken says that it is
// not, so that no item can be printed in two batches: whoever looked at the queue
// after NextBatch has looked at all that there was.
func (s *Store) KeepBatch(ctx context.Context, batch *PrintBatch, stationeryDigest string, items iter.Seq2[Print, error], dropped []DroppedPrint) error {
	if err := s.keepBatch(ctx, batch, stationeryDigest, items, dropped); err != nil {
		return fmt.Errorf("keep batch %d: %w", batch.Number, explain(err))
	}
	return nil
}

func (s *Store) keepBatch(ctx context.Context, batch *PrintBatch, stationeryDigest string, items iter.Seq2[Print, error], dropped []DroppedPrint) error {
	return s.writeMany(ctx, func(tx *sql.Tx, w *session) error {
		if err := s.confirmBatch(ctx, tx, batch.Number); err != nil {
			return err
		}
		if err := insertBatch(ctx, tx, batch, stationeryDigest); err != nil {
			return err
		}
		if err := w.printed(ctx, batch, items); err != nil {
			return err
		}
		drop := w.update(ctx, "print_items", columnsOf("state, outcome, dropped_in, id"))
		for _, d := range dropped {
			drop.row()
			drop.text(string(d.State), d.Why)
			drop.number(batch.Number)
			drop.number(d.ID)
		}
		return drop.flush()
	})
}

// confirmBatch makes sure that nobody else makes a batch until tx ends, and that
// this is the next one.
func (s *Store) confirmBatch(ctx context.Context, tx *sql.Tx, number int64) error {
	if s.dialect.postgres {
		// The number is "print". SQLite has one writer at a time as it is.
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(x'7072696e74'::bigint)"); err != nil {
			return err
		}
	}
	var next int64
	if err := tx.QueryRowContext(ctx, nextBatch).Scan(&next); err != nil {
		return err
	}
	if next != number {
		return ErrBatchTaken
	}
	return nil
}

func insertBatch(ctx context.Context, tx *sql.Tx, b *PrintBatch, stationeryDigest string) error {
	files, err := json.Marshal(b.Files)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO print_stationery (digest, content) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING`,
		stationeryDigest, b.Stationery); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO print_batches (number, made_at, made_by, items, pages, files, options, stationery, cover)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		b.Number, b.Made.UnixMilli(), b.By, b.Items, b.Pages, string(files), b.Options, stationeryDigest, b.Cover)
	return err
}

// printed marks the items as printed, or adds them as that.
func (w *session) printed(ctx context.Context, batch *PrintBatch, items iter.Seq2[Print, error]) error {
	const changes = "state, kind, variant, held_at, unprintable, next_at, why, refused, once, serial, batch, place, input"
	change := w.update(ctx, "print_items", columnsOf(changes, "id"))
	add := w.insert(ctx, "print_items", columnsOf(changes, "case_ref, event, at, queued_at"))
	for p, err := range items {
		if err != nil {
			return err
		}
		b := change
		if p.ID == 0 {
			b = add
		}
		b.row()
		b.text(string(PrintPrinted), p.Kind, p.Variant, p.Where, "")
		b.instants(p.Next)
		b.text(p.Why, "", p.Once)
		if p.Serial == "" {
			b.null()
		} else {
			b.text(p.Serial)
		}
		b.number(batch.Number)
		if p.Place == 0 {
			b.null()
		} else {
			b.number(int64(p.Place))
		}
		b.text(p.Input)
		if p.ID != 0 {
			b.number(p.ID)
		} else {
			b.text(p.Case, p.Event)
			b.instants(p.At, batch.Made)
		}
	}
	return errors.Join(change.flush(), add.flush())
}

// Batch returns a batch, or ErrNotFound.
func (s *Store) Batch(ctx context.Context, number int64) (*PrintBatch, error) {
	b := &PrintBatch{Number: number}
	var made int64
	var files string
	err := s.db.QueryRowContext(ctx, `SELECT b.made_at, b.made_by, b.items, b.pages, b.files, b.options, t.content, b.cover
FROM print_batches b JOIN print_stationery t ON t.digest = b.stationery WHERE b.number = $1`, number).
		Scan(&made, &b.By, &b.Items, &b.Pages, &files, &b.Options, &b.Stationery, &b.Cover)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("batch %d: %w", number, ErrNotFound)
	}
	if err == nil {
		err = json.Unmarshal([]byte(files), &b.Files)
	}
	if err != nil {
		return nil, fmt.Errorf("read batch %d: %w", number, explain(err))
	}
	b.Made = time.UnixMilli(made).UTC()
	return b, nil
}

// BatchItems returns what was printed in a batch, with what stands on each, in the
// order of the pages: of one kind, or of all (empty). It ends with the first
// error.
func (s *Store) BatchItems(ctx context.Context, number int64, kind string) iter.Seq2[Print, error] {
	return func(yield func(Print, error) bool) {
		err := s.batchItems(ctx, number, kind, yield)
		if err != nil {
			yield(Print{}, fmt.Errorf("read batch %d: %w", number, explain(err)))
		}
	}
}

func (s *Store) batchItems(ctx context.Context, number int64, kind string, yield func(Print, error) bool) error {
	rows, err := s.db.QueryContext(ctx, "SELECT "+printColumns+", p.input"+fromPrints+`
WHERE p.batch = $1 AND p.place IS NOT NULL AND ($2 = '' OR p.kind = $2) ORDER BY p.place`, number, kind)
	if err != nil {
		return err
	}
	defer rows.Close()
	return eachPrint(rows, yield, func(p *Print) []any { return []any{&p.Input} })
}
