package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"example.org/doorstep/pathway"
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

// PrintAsked is who asks for paper, and how: for the audit trail.
type PrintAsked struct {
	Who string // as AuditEntry has it
	Way string
	// Form is the form on a page that asks for it, by which one that is sent twice is
	// known again; empty: none does.
	Form string
}

// Trail are the lines of an audit trail for what is done about the cases of a batch, a
// line for each case.
func (a *PrintAsked) Trail(now time.Time, deed, about string, refs []string) []AuditEntry {
	entries := make([]AuditEntry, len(refs))
	for i, ref := range refs {
		entries[i] = AuditEntry{At: now, Who: a.Who, Way: a.Way, Deed: deed, Case: ref, About: about}
	}
	return entries
}

// NextBatch is the number that the next batch will have, as it looks now.
func (s *Store) NextBatch(ctx context.Context) (int64, error) {
	var n int64
	if err := s.db.QueryRowContext(ctx, nextBatch).Scan(&n); err != nil {
		return 0, fmt.Errorf("number a batch: %w", explain(err))
	}
	return n, nil
}

const (
	nextBatch   = `SELECT COALESCE(max(number), 0) + 1 FROM print_batches`
	formSent    = `SELECT EXISTS (SELECT 1 FROM print_batches WHERE asked <> '' AND asked = $1)`
	batchOfForm = `SELECT number FROM print_batches WHERE asked <> '' AND asked = $1`
)

// BatchOfForm returns the batch that a form on a page has made; 0: it has made none.
func (s *Store) BatchOfForm(ctx context.Context, form string) (number int64, err error) {
	err = s.db.QueryRowContext(ctx, batchOfForm, form).Scan(&number)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("look for the batch of a form: %w", explain(err))
	}
	return number, nil
}

// KeepBatch puts a batch on record with all that is in it, in one transaction:
// items that waited are printed from then on, items without an ID are added, and
// the dropped ones are marked. stationeryDigest names batch.Stationery, which is
// kept once.
//
// That it was printed is on the audit trail of each case from then on.
//
// The batch's number must still be the next one. ErrBatchTaken says that it is
// not, so that no item can be printed in two batches: whoever looked at the queue
// after NextBatch has looked at all that there was. ErrFormSent says that the form has
// made a batch before: BatchOfForm tells which.
func (s *Store) KeepBatch(ctx context.Context, batch *PrintBatch, asked PrintAsked, stationeryDigest string, items iter.Seq2[Print, error], dropped []DroppedPrint) error {
	if err := s.keepBatch(ctx, batch, asked, stationeryDigest, items, dropped); err != nil {
		return fmt.Errorf("keep batch %d: %w", batch.Number, explain(err))
	}
	return nil
}

func (s *Store) keepBatch(ctx context.Context, batch *PrintBatch, asked PrintAsked, stationeryDigest string, items iter.Seq2[Print, error], dropped []DroppedPrint) error {
	return s.writeMany(ctx, func(tx *sql.Tx, w *session) error {
		if err := s.confirmBatch(ctx, tx, batch.Number, asked.Form); err != nil {
			return err
		}
		if err := insertBatch(ctx, tx, batch, asked.Form, stationeryDigest); err != nil {
			return err
		}
		refs, err := w.printed(ctx, batch, items)
		if err != nil {
			return err
		}
		drop := w.update(ctx, "print_items", columnsOf("state, outcome, dropped_in, id"))
		for _, d := range dropped {
			drop.row()
			drop.text(string(d.State), d.Why)
			drop.number(batch.Number)
			drop.number(d.ID)
		}
		if err := drop.flush(); err != nil {
			return err
		}
		// Last, for nobody else can add to the trail from here on until this has ended.
		return s.addAudit(ctx, tx, asked.Trail(batch.Made, string(pathway.DeedPrint), fmt.Sprintf("batch %d", batch.Number), refs))
	})
}

// confirmBatch makes sure that nobody else makes a batch until tx ends, that this is the
// next one, and that its form has made none.
func (s *Store) confirmBatch(ctx context.Context, tx *sql.Tx, number int64, form string) error {
	if s.dialect.postgres {
		// The number is "print". SQLite has one writer at a time as it is.
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(x'7072696e74'::bigint)"); err != nil {
			return err
		}
	}
	var sent bool
	if err := tx.QueryRowContext(ctx, formSent, form).Scan(&sent); err != nil {
		return err
	}
	if sent {
		return ErrFormSent
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

func insertBatch(ctx context.Context, tx *sql.Tx, b *PrintBatch, form, stationeryDigest string) error {
	files, err := json.Marshal(b.Files)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO print_stationery (digest, content) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING`,
		stationeryDigest, b.Stationery); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO print_batches (number, made_at, made_by, items, pages, files, options, stationery, cover, asked)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		b.Number, b.Made.UnixMilli(), b.By, b.Items, b.Pages, string(files), b.Options, stationeryDigest, b.Cover, form)
	return err
}

// printed marks the items as printed, or adds them as that, and returns their cases.
func (w *session) printed(ctx context.Context, batch *PrintBatch, items iter.Seq2[Print, error]) ([]string, error) {
	of := map[string]bool{}
	const changes = "state, kind, variant, held_at, unprintable, next_at, why, refused, once, serial, batch, place, input"
	change := w.update(ctx, "print_items", columnsOf(changes, "id"))
	add := w.insert(ctx, "print_items", columnsOf(changes, "case_ref, event, at, queued_at"))
	for p, err := range items {
		if err != nil {
			return nil, err
		}
		of[p.Case] = true
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
	return slices.Sorted(maps.Keys(of)), errors.Join(change.flush(), add.flush())
}

const recentBatches = `SELECT b.number, b.made_at, b.made_by, b.items, b.pages FROM print_batches b WHERE b.made_at >= $1 AND EXISTS (
	SELECT 1 FROM print_items p JOIN cases c ON c.ref = p.case_ref WHERE p.batch = b.number AND %s) ORDER BY b.number DESC LIMIT %d`

// RecentBatches returns the batches made since then with something of the cases that a
// scope holds, the newest first and at most so many, without their files and notes.
func (s *Store) RecentBatches(ctx context.Context, since time.Time, scope *pathway.Scope, atMost int) ([]PrintBatch, error) {
	args := []any{since.UnixMilli()}
	held := s.dialect.rowInScope(scope, &args)
	return collect(ctx, s, "read the batches", fmt.Sprintf(recentBatches, held, atMost), args, func(rows *sql.Rows) (b PrintBatch, err error) {
		var made int64
		err = rows.Scan(&b.Number, &made, &b.By, &b.Items, &b.Pages)
		b.Made = time.UnixMilli(made).UTC()
		return b, err
	})
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
