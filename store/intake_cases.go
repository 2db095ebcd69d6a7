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
	works   []*caseWork
	rows    int
	derived chan struct{} // closed when every case is worked out
}

// takeCases takes in the rows about cases and events, batch by batch in order of
// reference. While one batch is worked out, the one before is written.
func (t *transaction) takeCases(ctx context.Context) error {
	if err := t.lookAtCases(ctx); err != nil {
		return err
	}
	reader, err := t.spool.reader()
	if err != nil {
		return err
	}
	if err := t.dropIndexes(ctx); err != nil {
		return err
	}
	t.out = newCaseWriter(ctx, t.writer, t.now)
	done := 0
	var before *caseBatch
	defer func() {
		if before != nil {
			<-before.derived
		}
	}()
	for {
		batch, err := t.readBatch(ctx, reader)
		if err != nil {
			return err
		}
		if batch != nil {
			go t.derive(batch)
		}
		if before != nil {
			<-before.derived
			if err := t.finishBatch(before); err != nil {
				return err
			}
			if done += before.rows; t.options.Progress != nil {
				t.options.Progress(done)
			}
		}
		if before = batch; batch == nil {
			if err := t.out.flush(); err != nil {
				return err
			}
			return t.buildIndexes(ctx)
		}
	}
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

// readBatch reads the rows of the next cases, and what the database has on them;
// nil when there are no more.
func (t *transaction) readBatch(ctx context.Context, reader *spoolReader) (*caseBatch, error) {
	b := &caseBatch{derived: make(chan struct{})}
	var rows []spooledRow
	for len(b.works) < casesPerBatch && b.rows < rowsPerBatch {
		var err error
		if rows, err = reader.next(rows[:0]); err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			break
		}
		work, err := unpackCaseWork(rows)
		if err != nil {
			return nil, err
		}
		b.works = append(b.works, work)
		b.rows += len(rows)
	}
	if len(b.works) == 0 {
		return nil, nil
	}
	if err := t.lookUp(ctx, b); err != nil {
		return nil, fmt.Errorf("look up cases: %w", err)
	}
	return b, nil
}

// lookUp adds what the database has on the batch's cases and on the people they
// name.
func (t *transaction) lookUp(ctx context.Context, b *caseBatch) error {
	if !t.empty {
		refs := make([]string, len(b.works))
		for i, w := range b.works {
			refs[i] = w.ref
		}
		files, err := t.readFiles(ctx, refs)
		if err != nil {
			return err
		}
		for _, w := range b.works {
			w.file = files[w.ref]
		}
		if err := t.lookUpDetails(ctx, b); err != nil {
			return err
		}
	}
	asked := map[string]bool{}
	for _, w := range b.works {
		w.people(func(id string) {
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
		w.roles = t.roles
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

// derive works out every case of the batch.
func (t *transaction) derive(b *caseBatch) {
	defer close(b.derived)
	workers := min(runtime.GOMAXPROCS(0), len(b.works))
	var wait sync.WaitGroup
	for first := range workers {
		wait.Go(func() {
			for i := first; i < len(b.works); i += workers {
				b.works[i].workOut(t.rules, t.now)
				b.works[i].callForPrints(t.options.Prints)
			}
		})
	}
	wait.Wait()
}

// finishBatch adds what became of the batch's rows to the result, and writes the
// batch where anything can still be kept.
func (t *transaction) finishBatch(b *caseBatch) error {
	for _, w := range b.works {
		t.refuse(&t.result, w.faults)
		t.result.Added += w.added
		t.result.Changed += w.changed
		t.result.Unchanged += w.unchanged
		t.result.DutiesOpened += w.duties.opened
		t.result.DutiesMet += w.duties.met
		t.result.DutiesMoved += w.duties.moved
		t.result.DutiesEnded += w.duties.ended
		t.result.NoteCount += len(w.late)
		for i := range w.late[:min(len(w.late), mostReported-len(t.result.Notes))] {
			t.result.Notes = append(t.result.Notes, w.late[i].note(t.rules))
		}
	}
	if !t.keeping() || t.options.DryRun {
		return nil
	}
	for _, w := range b.works {
		t.out.write(w)
	}
	return t.out.failed()
}
