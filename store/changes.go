package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// Origin is who brought what comes in, and the name of the file that it came from;
// empty: nobody knows, or none.
type Origin struct {
	Who  string // a person's id, or a user of the machine
	File string // it can be somebody's name: it stands in a case's history, and in no log
}

// Change is one field of a case or a person that became another than was known.
type Change struct {
	ID      int64
	Of      string // pathway.OfCases or pathway.OfPeople
	Subject string // the case's reference, the person's id
	At      time.Time
	Origin
	Field    string // as its column; "address" for the lines of one, "closed" where an event ended or reopened a case
	Old, New string
}

const (
	changeColumns = "about, subject, at, by_person, file, field, old_value, new_value, untold"

	selectChanges = "SELECT id, about, subject, at, by_person, file, field, old_value, new_value FROM changes "
	changesOf     = selectChanges + "WHERE subject = $1 AND about = $2 ORDER BY at, id"

	// All that changed of somebody at once says who they were before.
	untoldChanges = selectChanges + `WHERE about = '` + pathway.OfPeople + `' AND (subject, at) IN
	(SELECT subject, at FROM changes WHERE untold = TRUE ORDER BY id LIMIT 500) ORDER BY id`
)

var changesWritten = columnsOf(changeColumns)

// addChanges adds what changed of a case or a person.
func addChanges(b *bulk, of, subject string, at time.Time, from Origin, changes []pathway.FieldChange) {
	for _, c := range changes {
		b.row()
		b.text(of, subject)
		b.instants(at)
		b.text(from.Who, from.File, c.Field, c.Old, c.New)
		b.flags(of == pathway.OfPeople && pathway.IsStaffAddress(c.Field))
	}
}

func scanChange(rows row) (c Change, err error) {
	var at sql.NullInt64
	err = rows.Scan(&c.ID, &c.Of, &c.Subject, &at, &c.Who, &c.File, &c.Field, &c.Old, &c.New)
	c.At = instant(at)
	return c, err
}

// ChangesOfPerson returns what changed of a member of staff since they became known, in
// order of time. It holds where they are written to.
func (s *Store) ChangesOfPerson(ctx context.Context, id string) ([]Change, error) {
	return collect(ctx, s, "read what changed of "+id, changesOf, []any{id, pathway.OfPeople}, scanChange)
}

// ChangesSince returns what changed of cases and people after an instant, in order of
// time.
func (s *Store) ChangesSince(ctx context.Context, at time.Time) ([]Change, error) {
	return collect(ctx, s, "read what has changed since", selectChanges+"WHERE at > $1 ORDER BY at, id", []any{at.UnixMilli()}, scanChange)
}

// UntoldChanges returns the changes of staff addresses of which nobody has been told
// yet, with all that changed of the same person at the same time: those of some
// hundred people at once, the oldest first.
func (s *Store) UntoldChanges(ctx context.Context) ([]Change, error) {
	return collect(ctx, s, "read the changes of staff addresses", untoldChanges, nil, scanChange)
}

// TellChanges takes the messages that tell of changes into the ledger and notes that
// they are told, in one transaction. It returns how many messages are new. With a run,
// its lease is confirmed.
func (s *Store) TellChanges(ctx context.Context, run *Run, now time.Time, told []Change, messages []Message) (added int, err error) {
	ids := make([]int64, len(told))
	for i := range told {
		ids[i] = told[i].ID
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		if err := run.confirm(ctx, tx); err != nil {
			return err
		}
		keys, err := s.insertMessages(ctx, tx, now, messages, ` ON CONFLICT (key) DO NOTHING RETURNING id, key`)
		if err != nil {
			return err
		}
		added = len(keys)
		_, err = tx.ExecContext(ctx, "UPDATE changes SET untold = FALSE WHERE untold = TRUE AND "+s.dialect.isAny("id", 1), s.dialect.numbersArgument(ids))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("tell of changed staff addresses: %w", err)
	}
	return added, nil
}
