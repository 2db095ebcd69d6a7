package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Acknowledgement says that somebody has read of a duty. It meets nothing.
type Acknowledgement struct {
	By string // person id
	At time.Time
}

// acknowledgements are events of the duty's case that name it and have not been
// voided, since it opened.
const acknowledgements = `SELECT d.id, e.by_person, e.at FROM duties d
JOIN events e ON e.case_ref = d.case_ref AND e.kind = 'acknowledged' AND e.value = d.duty AND e.at >= d.opened_at
WHERE NOT EXISTS (SELECT 1 FROM events v WHERE v.case_ref = e.case_ref AND v.kind = 'voided' AND v.value = e.id)
	AND %s ORDER BY e.at, e.id`

// Acknowledgements returns who has acknowledged duties, by duty, the first first.
func (s *Store) Acknowledgements(ctx context.Context, duties []int64) (map[int64][]Acknowledgement, error) {
	var found map[int64][]Acknowledgement
	err := s.read(ctx, func(tx *sql.Tx) (err error) {
		found, err = s.acknowledgements(ctx, tx, duties)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read acknowledgements: %w", explain(err))
	}
	return found, nil
}

func (s *Store) acknowledgements(ctx context.Context, tx *sql.Tx, duties []int64) (map[int64][]Acknowledgement, error) {
	found := map[int64][]Acknowledgement{}
	query := fmt.Sprintf(acknowledgements, s.dialect.isAny("d.id", 1))
	err := selectAll(ctx, tx, query, s.dialect.numbersArgument(duties), func(rows *sql.Rows) error {
		var duty int64
		var a Acknowledgement
		var at sql.NullInt64
		err := rows.Scan(&duty, &a.By, &at)
		a.At = instant(at)
		found[duty] = append(found[duty], a)
		return err
	})
	return found, err
}
