package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// Acknowledgement says that somebody has read of a duty. It meets nothing.
type Acknowledgement struct {
	By     string // person id
	At     time.Time
	Event  string // id
	Reason string // such as that they were told by phone; empty: none
}

// selectAcknowledging are the acknowledgements of duties' cases, with the records
// that may void them.
const selectAcknowledging = `SELECT d.id, d.duty, d.opened_at, e.id, e.kind, e.at, e.recorded_at, e.by_person, e.value, e.reason FROM duties d
JOIN events e ON e.case_ref = d.case_ref AND e.kind IN ('` + pathway.KindAcknowledged + `', '` + pathway.KindVoided + `')
WHERE %s ORDER BY d.id, e.at, e.id`

// Acknowledgements returns who has acknowledged duties since each opened, by duty,
// the first first.
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

// Acknowledgements returns what Store.Acknowledgements does.
func (b *ScanBatch) Acknowledgements(duties []int64) (map[int64][]Acknowledgement, error) {
	return b.store.acknowledgements(b.ctx, b.tx, duties)
}

func (s *Store) acknowledgements(ctx context.Context, tx *sql.Tx, duties []int64) (map[int64][]Acknowledgement, error) {
	type acknowledged struct {
		duty   string
		opened time.Time
		events []pathway.Event
	}
	of := map[int64]*acknowledged{}
	query := fmt.Sprintf(selectAcknowledging, s.dialect.isAny("d.id", 1))
	err := selectAll(ctx, tx, query, s.dialect.numbersArgument(duties), func(rows *sql.Rows) error {
		var id int64
		var duty string
		var e pathway.Event
		var opened, at, recorded sql.NullInt64
		err := rows.Scan(&id, &duty, &opened, &e.ID, &e.Kind, &at, &recorded, &e.By, &e.Value, &e.Reason)
		e.At, e.Recorded = instant(at), instant(recorded)
		if of[id] == nil {
			of[id] = &acknowledged{duty: duty, opened: instant(opened)}
		}
		of[id].events = append(of[id].events, e)
		return err
	})
	found := map[int64][]Acknowledgement{}
	for id, a := range of {
		voided := pathway.Voided(a.events)
		for _, e := range a.events {
			if e.Kind == pathway.KindAcknowledged && e.Value == a.duty && !e.At.Before(a.opened) && !voided[e.ID] {
				found[id] = append(found[id], Acknowledgement{By: e.By, At: e.At, Event: e.ID, Reason: e.Reason})
			}
		}
	}
	return found, err
}
