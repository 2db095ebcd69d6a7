package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// WaitingPrint is a card or letter that is to be printed.
type WaitingPrint struct {
	Print
	Manager     string // of the case now
	Unprintable string // the column of the case that kept it from being printed at the last try; empty: none did
	Told        bool   // operations were told of it
}

const (
	waitingColumns = "SELECT " + printColumns + ", c.now_manager, c.now_practitioner, p.unprintable, p.told_at "
	waitingOfPaper = "p.kind IN ('card', 'letter') AND p.queued_at <= $1 AND (p.queued_at < $2 OR p.refused <> '' OR p.unprintable <> '')"

	// selectWaiting is to be told of which managers, twice.
	selectWaiting = waitingColumns + "FROM print_items p LEFT JOIN print_batches b ON b.number = p.batch JOIN cases c ON c.ref = p.case_ref " +
		"WHERE p.state = 'queued' AND " + waitingOfPaper + `%[1]s
UNION ALL ` + waitingColumns + "FROM print_batches b JOIN print_items p ON p.batch = b.number JOIN cases c ON c.ref = p.case_ref " +
		"WHERE b.made_at > $1 AND " + waitingOfPaper + "%[1]s ORDER BY 1"
)

// WaitingPaper returns the cards and letters that waited at an instant, and were queued
// before another or could not be printed as it seemed, in the order of queueing. Some may
// have been overtaken since.
func (s *Store) WaitingPaper(ctx context.Context, at, before time.Time, of Managers) ([]WaitingPrint, error) {
	args := []any{at.UnixMilli(), before.UnixMilli()}
	query := fmt.Sprintf(selectWaiting, of.are(&s.dialect, &args))
	return collect(ctx, s, "read the paper that waits", query, args, func(rows *sql.Rows) (w WaitingPrint, err error) {
		var told sql.NullInt64
		err = w.scan(rows, &w.Manager, &w.Practitioner, &w.Unprintable, &told)
		w.Told = told.Valid
		return w, err
	})
}

// NotePaperTold notes that operations were told of paper that waits.
func (s *Store) NotePaperTold(ctx context.Context, now time.Time, items []int64) error {
	return s.notePaper(ctx, "told_at", items, func(b *bulk, _ int64) { b.instants(now) })
}

// NoteUnprintable notes, by item, which column of its case keeps it from being printed.
func (s *Store) NoteUnprintable(ctx context.Context, columns map[int64]string) error {
	var items []int64
	for id := range columns {
		items = append(items, id)
	}
	return s.notePaper(ctx, "unprintable", items, func(b *bulk, id int64) { b.text(columns[id]) })
}

func (s *Store) notePaper(ctx context.Context, column string, items []int64, value func(b *bulk, id int64)) error {
	if len(items) == 0 {
		return nil
	}
	err := s.writeMany(ctx, func(_ *sql.Tx, w *session) error {
		b := w.update(ctx, "print_items", columnsOf(column, "id"))
		for _, id := range items {
			b.row()
			value(b, id)
			b.number(id)
		}
		return b.flush()
	})
	if err != nil {
		return fmt.Errorf("note what waits to be printed: %w", explain(err))
	}
	return nil
}
