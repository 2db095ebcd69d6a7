package store

import (
	"context"
	"database/sql"
)

// Reader is how many families of open cases read a language.
type Reader struct {
	Language string // as the cases have it
	Cases    int
}

const readers = `SELECT language, COUNT(*) FROM cases WHERE NOT closed AND language <> '' GROUP BY language ORDER BY language`

// Readers returns which languages the families of open cases read, as far as that is known,
// in order of language. It reads every case.
func (s *Store) Readers(ctx context.Context) ([]Reader, error) {
	return collect(ctx, s, "read which languages families read", readers, nil, func(rows *sql.Rows) (r Reader, err error) {
		err = rows.Scan(&r.Language, &r.Cases)
		return r, err
	})
}
