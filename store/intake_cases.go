package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"runtime"
	"sync"

	"example.org/doorstep/pathway"
)

// Cases are looked up and derived so many together, and fewer where they have
// many rows.
const (
	casesPerBatch = 500
	rowsPerBatch  = 5000
)

// caseBatch is some cases on their way through.
type caseBatch struct {
	works []*caseWork
	rows  int
	err   error         // of reading the rows; there is no further batch
	out   *caseWriter   // takes what becomes of them
	ready chan struct{} // closed when every case is worked out
}

// takeCases takes in the rows about cases and events, batch by batch in order of
// reference. Three batches are under way at a time: one is read, one is worked
// out, and the one before is written by whoever has the connection.
func (t *transaction) takeCases(ctx context.Context) error {
	if err := t.lookAtCases(ctx); err != nil {
		return err
	}
	if err := t.dropIndexes(ctx); err != nil {
		return err
	}
	reader, err := t.spool.reader()
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	batches := t.readBatches(reader, stop)
	var before *caseBatch
	defer func() {
		close(stop)
		for range batches { // until the reader has stopped
		}
		if before != nil {
			<-before.ready
		}
	}()
	var writers []*caseWriter // two at most: one is written while the other is filled
	done, n := 0, 0
	for batch := range batches {
		if batch.err != nil {
			return batch.err
		}
		if err := t.lookUp(ctx, batch); err != nil {
			return fmt.Errorf("look up cases: %w", err)
		}
		if n < 2 {
			writers = append(writers, newCaseWriter(ctx, t.writer, t.now))
		}
		batch.out = writers[n%2]
		go t.workOut(batch)
		if before != nil {
			if err := t.finishBatch(before, &done); err != nil {
				return err
			}
		}
		before = batch
		n++
	}
	if before != nil {
		if err := t.finishBatch(before, &done); err != nil {
			return err
		}
	}
	for _, w := range writers {
		if err := w.flush(); err != nil {
			return err
		}
	}
	return t.buildIndexes(ctx)
}

// readBatches reads the rows, batch by batch, beside whoever takes the batches.
func (t *transaction) readBatches(reader *spoolReader, stop <-chan struct{}) <-chan *caseBatch {
	batches := make(chan *caseBatch, 1)
	go func() {
		defer close(batches)
		for {
			b := readBatch(reader)
			if len(b.works) == 0 && b.err == nil {
				return
			}
			select {
			case batches <- b:
			case <-stop:
				return
			}
			if b.err != nil {
				return
			}
		}
	}()
	return batches
}

// readBatch reads the rows of the next cases.
func readBatch(reader *spoolReader) *caseBatch {
	b := &caseBatch{ready: make(chan struct{})}
	var rows []spooledRow
	for len(b.works) < casesPerBatch && b.rows < rowsPerBatch {
		if rows, b.err = reader.next(rows[:0]); b.err != nil || len(rows) == 0 {
			break
		}
		var work *caseWork
		if work, b.err = unpackCaseWork(rows); b.err != nil {
			break
		}
		b.works = append(b.works, work)
		b.rows += len(rows)
	}
	return b
}

// lookAtCases finds out whether there is any case yet. Into an empty database
// everything is new, and nothing needs to be looked up.
func (t *transaction) lookAtCases(ctx context.Context) error {
	var one int
	err := t.tx.QueryRowContext(ctx, "SELECT 1 FROM cases LIMIT 1").Scan(&one)
	t.empty = err == sql.ErrNoRows
	t.roles = map[string]pathway.Role{}
	if t.empty {
		return nil
	}
	return err
}

// lookUp adds what the database has on the batch's cases and on the people they
// name.
func (t *transaction) lookUp(ctx context.Context, b *caseBatch) error {
	if !t.empty {
		refs := make([]string, len(b.works))
		for i, w := range b.works {
			refs[i] = w.Ref
		}
		files, err := t.readFiles(ctx, refs)
		if err != nil {
			return err
		}
		for _, w := range b.works {
			w.Known = files[w.Ref]
		}
		if err := t.lookUpDetails(ctx, b); err != nil {
			return err
		}
	}
	asked := map[string]bool{}
	for _, w := range b.works {
		w.People(func(id string) {
			if _, known := t.roles[id]; !known && id != "" {
				asked[id] = true
			}
		})
	}
	if len(asked) > 0 {
		if err := t.lookUpPeople(ctx, asked); err != nil {
			return err
		}
	}
	for _, w := range b.works {
		w.Roles = t.roles
	}
	return nil
}

func (t *transaction) lookUpPeople(ctx context.Context, asked map[string]bool) error {
	// The batch before may still be reading the old map.
	roles := maps.Clone(t.roles)
	ids := make([]string, 0, len(asked))
	for id := range asked {
		roles[id] = ""
		ids = append(ids, id)
	}
	rows, err := t.tx.QueryContext(ctx, "SELECT id, role FROM people WHERE "+t.store.dialect.isAny("id", 1), t.store.dialect.listArgument(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var role pathway.Role
		if err := rows.Scan(&id, &role); err != nil {
			return err
		}
		roles[id] = role
	}
	t.roles = roles
	return rows.Err()
}

// workOut works out every case of the batch, and what is to be written.
func (t *transaction) workOut(b *caseBatch) {
	defer close(b.ready)
	workers := min(runtime.GOMAXPROCS(0), len(b.works))
	var wait sync.WaitGroup
	for first := range workers {
		wait.Go(func() {
			for i := first; i < len(b.works); i += workers {
				b.works[i].WorkOut(t.rules, t.options.Paper, t.now)
			}
		})
	}
	wait.Wait()
	if !t.options.DryRun {
		for _, w := range b.works {
			b.out.write(w)
		}
	}
}

// finishBatch waits until the batch is worked out, adds what became of its rows
// to the result, and writes it where anything can still be kept.
func (t *transaction) finishBatch(b *caseBatch, done *int) error {
	<-b.ready
	for _, w := range b.works {
		t.refuse(&t.result, w.Faults)
		t.result.Added += w.Added
		t.result.Changed += w.Changed
		t.result.Unchanged += w.Unchanged
		t.result.DutiesOpened += w.Duties.Opened
		t.result.DutiesMet += w.Duties.Met
		t.result.DutiesMoved += w.Duties.Moved
		t.result.DutiesEnded += w.Duties.Ended
		t.result.NoteCount += w.NoteCount()
		t.result.Notes = append(t.result.Notes, w.Notes(t.rules, mostReported-len(t.result.Notes))...)
	}
	if *done += b.rows; t.options.Progress != nil {
		t.options.Progress(*done)
	}
	if !t.keeping() {
		b.out.forget()
		return nil
	}
	return b.out.flushFull()
}
