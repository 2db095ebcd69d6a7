package store

import (
	"context"
	"database/sql"
	"errors"
)

// SQLite has one writer: as long as an intake is it, nobody else can record. Most of
// what a record system hands over every night says what is known already, and finding
// that out takes nearly all of the time. So an intake looks first, beside whoever
// records, and then writes what it has found to change. What it has found to stay as
// it is needs no second look: events are never changed, and a row that says nothing
// new may count as said before whatever comes meanwhile.

// outline says of each case of an intake, in the order in which they come, whether
// anything of it changes. Nil knows of none that stays as it is.
type outline struct {
	changes []uint64 // a bit each
	cases   int
	changed int
	whole   bool // to be looked at to the end, whatever changes
}

func (o *outline) staysAsItIs(n int) bool {
	return o != nil && o.changes[n/64]&(1<<(n%64)) == 0
}

// errNotWorth ends a look that finds as much to change as to leave: it would only be
// done twice.
var errNotWorth = errors.New("most of it changes")

const (
	fewRows    = 1000 // are taken in without a look
	looksAtMin = 2000 // cases, before a look is given up
)

// add notes what was found of a batch.
func (o *outline) add(b *caseBatch) error {
	for _, w := range b.works {
		if o.cases%64 == 0 {
			o.changes = append(o.changes, 0)
		}
		if w.Kept != nil || len(w.Faults) > 0 {
			o.changes[o.cases/64] |= 1 << (o.cases % 64)
			o.changed++
		}
		o.cases++
	}
	if !o.whole && o.cases >= looksAtMin && o.changed > o.cases/4 {
		return errNotWorth
	}
	return nil
}

// look finds out what would change, without keeping others from recording. It returns
// a result where that is all there is to do: nothing changes, or nothing can be kept.
// The outline is nil where a look would not be worth it.
func (in *Intake) look(ctx context.Context) (*outline, *IntakeResult, error) {
	if in.store.dialect.postgres || in.store.anchor != nil || len(in.people) > 0 || in.before.Rows < fewRows {
		return nil, nil, nil
	}
	conn, narrow, err := in.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	defer narrow()
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	defer tx.Rollback()
	t := in.begin(conn, tx)
	t.looking = &outline{whole: in.options.DryRun || in.options.InParts}
	if err := t.lookAtCases(ctx); err != nil || t.empty && !in.options.DryRun {
		return nil, nil, err
	}
	err = t.takeCases(ctx)
	if err == nil {
		err = t.refuseMassChange(ctx)
	}
	switch {
	case errors.Is(err, errNotWorth):
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	case in.options.DryRun || !t.keeping() || t.result.MassChange != "":
		return nil, &t.result, nil
	case t.looking.changed == 0:
		t.result.Kept = true
		return nil, &t.result, nil
	}
	return t.looking, nil, nil
}
