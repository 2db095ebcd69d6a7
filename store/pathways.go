package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"example.org/doorstep/pathway"
)

// StoredVersion is one state that a pathway file has had, and the instant from
// which what was recorded follows it; the zero time for the first.
type StoredVersion struct {
	Pathway *pathway.Pathway
	From    time.Time
}

// AdoptPathways puts the configured pathways that differ from what is kept in
// force from now, and returns every version of every pathway, in order of id and
// time. Those no longer configured are returned too: cases may be on them.
func (s *Store) AdoptPathways(ctx context.Context, now time.Time, configured []*pathway.Pathway) ([]StoredVersion, error) {
	now = truncated(now)
	err := s.write(ctx, func(tx *sql.Tx) error {
		if s.dialect.postgres {
			// Two daemons that start together adopt a new version once.
			if _, err := tx.ExecContext(ctx, "LOCK TABLE pathway_versions IN EXCLUSIVE MODE"); err != nil {
				return err
			}
		}
		if err := inForceByNow(ctx, tx, now); err != nil {
			return err
		}
		newest, err := newestVersions(ctx, tx)
		if err != nil {
			return err
		}
		for _, p := range configured {
			before := newest[p.ID]
			if before.version == p.Version {
				continue
			}
			definition, err := json.Marshal(p)
			if err != nil {
				return fmt.Errorf("pathway %s: %w", p.ID, err)
			}
			from := now.UnixMilli()
			if before.version == "" {
				from = 0
			} else if err := markToDerive(ctx, tx, before.definition, p); err != nil {
				return fmt.Errorf("pathway %s: %w", p.ID, err)
			}
			_, err = tx.ExecContext(ctx, `INSERT INTO pathway_versions (id, version, definition, in_force_from)
VALUES ($1, $2, $3, $4)
ON CONFLICT (id, in_force_from) DO UPDATE SET version = excluded.version, definition = excluded.definition`,
				p.ID, p.Version, string(definition), from)
			if err != nil {
				return fmt.Errorf("pathway %s: %w", p.ID, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("adopt the pathways: %w", err)
	}
	return s.PathwayVersions(ctx)
}

// inForceByNow puts what is to come into force later in force from now: only a clock that
// was wrong has put it there, and until then nothing would follow it.
func inForceByNow(ctx context.Context, tx *sql.Tx, now time.Time) error {
	type version struct {
		id   string
		from int64
	}
	var ahead []version
	err := selectAll(ctx, tx, "SELECT id, in_force_from FROM pathway_versions WHERE in_force_from > $1 ORDER BY id, in_force_from",
		now.Add(ClockTolerance).UnixMilli(), func(rows *sql.Rows) error {
			var v version
			err := rows.Scan(&v.id, &v.from)
			ahead = append(ahead, v)
			return err
		})
	for i, v := range ahead {
		if err != nil {
			break
		}
		_, err = tx.ExecContext(ctx, "UPDATE pathway_versions SET in_force_from = $1 WHERE id = $2 AND in_force_from = $3",
			now.UnixMilli()+int64(i), v.id, v.from) // one after the other, as they were adopted
	}
	return err
}

// keptVersion is a state of a pathway file as it is kept.
type keptVersion struct{ version, definition string }

// newestVersions is the version of each pathway that is in force, by id.
func newestVersions(ctx context.Context, tx *sql.Tx) (map[string]keptVersion, error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, version, definition FROM pathway_versions ORDER BY id, in_force_from")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	newest := map[string]keptVersion{}
	for rows.Next() {
		var id string
		var v keptVersion
		if err := rows.Scan(&id, &v.version, &v.definition); err != nil {
			return nil, err
		}
		newest[id] = v
	}
	return newest, rows.Err()
}

// PathwayVersions returns every version of every pathway that was ever in force, in
// order of id and time.
func (s *Store) PathwayVersions(ctx context.Context) ([]StoredVersion, error) {
	return collect(ctx, s, "read the pathways", "SELECT definition, in_force_from FROM pathway_versions ORDER BY id, in_force_from", nil,
		func(rows *sql.Rows) (StoredVersion, error) {
			v := StoredVersion{Pathway: &pathway.Pathway{}}
			var definition string
			var from int64
			if err := rows.Scan(&definition, &from); err != nil {
				return v, err
			}
			if err := json.Unmarshal([]byte(definition), v.Pathway); err != nil {
				return v, fmt.Errorf("a kept pathway cannot be read: %w", err)
			}
			if from != 0 {
				v.From = time.UnixMilli(from).UTC()
			}
			return v, nil
		})
}
