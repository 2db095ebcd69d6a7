package store

import (
	"context"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// Arrival is when files of a kind last came into the inbox.
type Arrival struct {
	Of       string        // pathway.OfPeople, pathway.OfCases or pathway.OfEvents
	Expected time.Time     // when the first was waited for
	Within   time.Duration // how often one is expected at least; zero: it is not
	Arrived  time.Time     // when the last was imported; zero: none yet
	DataOf   time.Time     // when the newest of them was written
}

// Last is since when a file of the kind is waited for.
func (a *Arrival) Last() time.Time {
	if a.Arrived.After(a.Expected) {
		return a.Arrived
	}
	return a.Expected
}

// Late reports whether one should have come by now.
func (a *Arrival) Late(now time.Time) bool { return a.Within > 0 && now.Sub(a.Last()) > a.Within }

// NoteArrival notes that a file of a kind was imported, which was written at a
// time.
func (s *Store) NoteArrival(ctx context.Context, now time.Time, of string, written time.Time) error {
	if written.After(now) {
		written = now // by another clock
	}
	_, err := s.execute(ctx, s.db, `INSERT INTO arrivals (kind, expected_since, within_ms, arrived_at, data_of) VALUES ($1, $2, 0, $2, $3)
ON CONFLICT (kind) DO UPDATE SET
	arrived_at = CASE WHEN arrivals.arrived_at > excluded.arrived_at THEN arrivals.arrived_at ELSE excluded.arrived_at END,
	data_of = CASE WHEN arrivals.data_of > excluded.data_of THEN arrivals.data_of ELSE excluded.data_of END`,
		of, now.UnixMilli(), written.UnixMilli())
	if err != nil {
		return fmt.Errorf("note that a file came: %w", err)
	}
	return nil
}

// ExpectArrivals keeps how often files of each kind are expected. What was not
// expected before is waited for from now on.
func (s *Store) ExpectArrivals(ctx context.Context, now time.Time, within map[string]time.Duration) error {
	for _, of := range []string{pathway.OfPeople, pathway.OfCases, pathway.OfEvents} {
		var err error
		if within[of] > 0 {
			_, err = s.execute(ctx, s.db, `INSERT INTO arrivals (kind, expected_since, within_ms) VALUES ($1, $2, $3)
ON CONFLICT (kind) DO UPDATE SET within_ms = excluded.within_ms,
	expected_since = CASE WHEN arrivals.within_ms = 0 THEN excluded.expected_since ELSE arrivals.expected_since END
WHERE arrivals.within_ms <> excluded.within_ms`, of, now.UnixMilli(), within[of].Milliseconds())
		} else {
			_, err = s.execute(ctx, s.db, "UPDATE arrivals SET within_ms = 0 WHERE kind = $1 AND within_ms <> 0", of)
		}
		if err != nil {
			return fmt.Errorf("note how often files come: %w", err)
		}
	}
	return nil
}

// Arrivals returns when files came, in order of kind.
func (s *Store) Arrivals(ctx context.Context) ([]Arrival, error) {
	return collect(ctx, s, "read when files came", selectArrivals, nil, scanArrival)
}

const selectArrivals = `SELECT kind, expected_since, within_ms, arrived_at, data_of FROM arrivals ORDER BY kind`

func scanArrival(rows row) (a Arrival, err error) {
	var within int64
	err = rows.Scan(&a.Of, readInstant(&a.Expected), &within, readInstant(&a.Arrived), readInstant(&a.DataOf))
	a.Within = time.Duration(within) * time.Millisecond
	return a, err
}
