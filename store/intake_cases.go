package store

import (
	"context"
	"database/sql"
	"fmt"
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
	works     []*caseWork
	rows      int
	unchanged int           // rows of cases that are known to stay as they are
	err       error         // of reading the rows; there is no further batch
	out       *caseWriter   // takes what becomes of them
	ready     chan struct{} // closed when every case is worked out
}

// takeCases takes in the rows about cases and events.
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
	if err := t.takeBatches(ctx, &batchReader{reader: reader, outline: t.outline}); err != nil {
		return err
	}
	return t.buildIndexes(ctx)
}

// takeBatches takes in cases batch by batch, in order of reference. Three batches are
// under way at a time: one is read, one is worked out, and the one before is written by
// whoever has the connection.
func (t *transaction) takeBatches(ctx context.Context, from *batchReader) error {
	ctx, cancel := context.WithCancel(ctx)
	stop := make(chan struct{})
	batches := from.batches(stop)
	var before, working *caseBatch
	defer func() {
		cancel()
		close(stop)
		for range batches { // until the reader has stopped
		}
		if working != nil { // those before it were worked out before
			<-working.ready
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
			writers = append(writers, newCaseWriter(ctx, t.store, t.writer, t.now, t.options.Origin))
		}
		batch.out = writers[n%2]
		working = batch
		go t.workOut(ctx, batch)
		if before != nil {
			if err := t.finishBatch(ctx, before, &done); err != nil {
				return err
			}
		}
		before = batch
		n++
	}
	if before != nil {
		if err := t.finishBatch(ctx, before, &done); err != nil {
			return err
		}
	}
	for _, w := range writers {
		if err := w.flush(); err != nil {
			return err
		}
	}
	return nil
}

// batchReader reads the rows that were set aside, batch by batch.
type batchReader struct {
	reader  *spoolReader
	outline *outline
	cases   int // that have been read
	// pauses ends batches after so many rows that may change something; nil: never. What
	// is left comes with the next call of batches.
	pauses func(rows int) bool
	over   bool // there are no more
}

// batches reads batch by batch beside whoever takes them.
func (r *batchReader) batches(stop <-chan struct{}) <-chan *caseBatch {
	batches := make(chan *caseBatch, 1)
	go func() {
		defer close(batches)
		for rows := 0; r.pauses == nil || !r.pauses(rows); {
			b := r.next()
			if b.rows == 0 && b.err == nil {
				r.over = true
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
			rows += b.rows - b.unchanged
		}
	}()
	return batches
}

// next reads the rows of the next cases.
func (r *batchReader) next() *caseBatch {
	b := &caseBatch{ready: make(chan struct{})}
	var rows []spooledRow
	for len(b.works) < casesPerBatch && b.rows < rowsPerBatch {
		var many *pathway.NumbersOfRows
		if rows, many, b.err = r.reader.nextCase(rows); b.err != nil || len(rows) == 0 {
			break
		}
		r.cases++
		if many != nil {
			b.rows += len(many.Cases) + len(many.Events)
			work := newCaseWork(rows[0].ref, pathway.WayFile)
			work.TooMany = many
			b.works = append(b.works, work)
			continue
		}
		b.rows += len(rows)
		if r.outline.staysAsItIs(r.cases - 1) {
			b.unchanged += len(rows)
			continue
		}
		var work *caseWork
		if work, b.err = unpackCaseWork(rows); b.err != nil {
			break
		}
		b.works = append(b.works, work)
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
		if err := t.known.lookUp(ctx, b.works, t.options.Paper != nil); err != nil {
			return err
		}
	}
	var err error // the batch before may still be reading the old roles
	if t.roles, err = t.known.roles(ctx, b.works, t.roles); err != nil {
		return err
	}
	for _, w := range b.works {
		w.Roles = t.roles
	}
	return nil
}

// workOut works out every case of the batch, and what is to be written, unless ctx ends:
// then finishBatch takes nothing of it.
func (t *transaction) workOut(ctx context.Context, b *caseBatch) {
	defer close(b.ready)
	workers := min(runtime.GOMAXPROCS(0), len(b.works))
	var wait sync.WaitGroup
	for first := range workers {
		wait.Go(func() {
			for i := first; i < len(b.works) && ctx.Err() == nil; i += workers {
				b.works[i].WorkOut(t.rules, t.options.Paper, t.now)
			}
		})
	}
	wait.Wait()
	if !t.holds() && ctx.Err() == nil {
		t.write(b)
	}
}

func (t *transaction) write(b *caseBatch) {
	if t.options.DryRun || t.looking != nil {
		return
	}
	for _, w := range b.works {
		b.out.write(w)
	}
}

// holds reports whether others record at the same time: then every case that is to be
// changed is held, and written only once that is so. An intake that fills a database,
// or builds its indexes anew, has the tables to itself.
func (t *transaction) holds() bool {
	return t.store.dialect.postgres && !t.empty && len(t.indexes) == 0 && !t.options.DryRun
}

// holdBatch holds the cases of a batch that are to be changed, and works out again
// those that others have changed meanwhile.
func (t *transaction) holdBatch(ctx context.Context, b *caseBatch) error {
	var changing []*caseWork
	for _, w := range b.works {
		if w.Kept != nil && w.Known != nil {
			changing = append(changing, w)
		}
	}
	if len(changing) == 0 {
		return nil
	}
	if err := t.known.hold(ctx, changing); err != nil {
		return err
	}
	changed, err := t.known.outdated(ctx, changing)
	if err != nil || len(changed) == 0 {
		return err
	}
	for _, w := range changed {
		w.Recording = w.again()
	}
	if err := t.known.lookUp(ctx, changed, t.options.Paper != nil); err != nil {
		return err
	}
	for _, w := range changed {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.WorkOut(t.rules, t.options.Paper, t.now)
	}
	return nil
}

// finishBatch waits until the batch is worked out, adds what became of its rows
// to the result, and writes it where anything can still be kept.
func (t *transaction) finishBatch(ctx context.Context, b *caseBatch, done *int) error {
	<-b.ready
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if t.holds() && t.keeping() {
		if err := t.holdBatch(ctx, b); err != nil {
			return fmt.Errorf("hold cases: %w", err)
		}
		t.write(b)
	}
	t.result.Unchanged += b.unchanged
	for _, w := range b.works {
		t.refuse(&t.result, w.Faults)
		t.result.count(&w.Recording)
		t.result.countFields(pathway.OfCases, w.Ref, w.Changes)
		if w.Known == nil && w.Kept != nil {
			t.casesAdded++
		}
		t.result.NoteCount += w.NoteCount()
		t.result.Notes = append(t.result.Notes, w.Notes(t.rules, mostReported-len(t.result.Notes))...)
	}
	if *done += b.rows; t.options.Progress != nil && t.outline == nil {
		t.options.Progress(*done)
	}
	if t.looking != nil {
		return t.looking.add(b)
	}
	if !t.keeping() {
		b.out.forget()
		return nil
	}
	return b.out.flushFull()
}
