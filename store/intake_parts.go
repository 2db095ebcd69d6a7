package store

import (
	"context"
	"database/sql"
)

// Where rows may come in by parts, a part ends when others of this process wait to record,
// and once it has mostRowsOfPart: of other programs nobody sees that they wait. A part
// ends with waiting for the disk, so that it has some rows.
const (
	fewRowsOfPart  = 500
	mostRowsOfPart = 5000
)

// commitParts takes the rows in part by part, each in a transaction of its own with all
// rows of its cases: whoever records meanwhile on SQLite waits for one part and not for
// the whole file. What look has found, that the rows can be kept, holds for all of them.
// Where it fails or is broken off, the parts that were written stay: the same rows again
// change nothing of them.
func (in *Intake) commitParts(ctx context.Context, outline *outline) (IntakeResult, error) {
	conn, narrow, err := in.connect(ctx)
	if err != nil {
		return IntakeResult{}, err
	}
	defer conn.Close()
	defer narrow()
	reader, err := in.spool.reader()
	if err != nil {
		return IntakeResult{}, err
	}
	from := &batchReader{reader: reader, outline: outline, pauses: func(rows int) bool {
		return rows >= mostRowsOfPart || rows >= fewRowsOfPart && in.store.waiting.Load() > 0
	}}
	result := in.before.clone()
	for !from.over {
		if err := in.commitPart(ctx, conn, from, &result); err != nil {
			return IntakeResult{}, err
		}
	}
	result.Kept = true
	return result, nil
}

// commitPart takes the next part in, when its turn comes among those who write.
func (in *Intake) commitPart(ctx context.Context, conn *sql.Conn, from *batchReader, result *IntakeResult) error {
	release, err := in.store.takeTurn(ctx)
	if err != nil {
		return err
	}
	defer release()
	has := in.store.waits()
	tx, err := conn.BeginTx(ctx, nil)
	if has(); err != nil {
		return err
	}
	defer tx.Rollback()
	t := in.begin(conn, tx)
	t.outline, t.result = from.outline, *result
	if err := t.lookAtCases(ctx); err != nil {
		return err
	}
	if err := t.takeBatches(ctx, from); err != nil {
		return err
	}
	*result = t.result
	if err := tx.Commit(); err != nil {
		return err
	}
	in.store.pace.giveWay(ctx)
	return nil
}
