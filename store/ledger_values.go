package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// mostRows bounds a statement of many rows. It is a power of two, as are the
// numbers of rows of smaller statements: few different texts, which PostgreSQL
// then has prepared already.
const mostRows = 128

// writeRows executes a statement for many rows, flat one after another: on
// PostgreSQL for many at a time, to save round trips; on SQLite, which has none
// but looks for each argument among all, for one at a time. query gives its text
// for a number of rows. each, where given, reads what comes back.
func (s *Store) writeRows(ctx context.Context, tx *sql.Tx, query func(rows int) string, columns int, flat []any, each func(*sql.Rows) error) error {
	most := 1
	if s.dialect.postgres {
		most = mostRows
	}
	for len(flat) > 0 {
		rows := min(most, 1<<(bits.Len(uint(len(flat)/columns))-1))
		if err := writeOnce(ctx, tx, query(rows), flat[:rows*columns], each); err != nil {
			return err
		}
		flat = flat[rows*columns:]
	}
	return nil
}

func writeOnce(ctx context.Context, tx *sql.Tx, query string, args []any, each func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// instants writes rows of placeholders as values does, all of them numbers. In
// a list of values that no table gives a type, PostgreSQL has to be told one; the
// first row decides for all.
func instants(rows, columns int) string {
	first := make([]string, columns)
	for i := range first {
		first[i] = "CAST($" + strconv.Itoa(i+1) + " AS BIGINT)"
	}
	_, rest, _ := strings.Cut(values(rows, columns), ")")
	return "(" + strings.Join(first, ",") + ")" + rest
}

// rowColumns are the columns of rows that are given to one statement as a whole,
// to be joined as v: "id BIGINT", "name TEXT". Unlike a list of values it is one
// text however many rows there are, and PostgreSQL guesses well that they are few.
type rowColumns []string

// from writes the rows as an item of FROM; their arguments begin with the given
// one.
func (c rowColumns) from(d *dialect, argument int) string {
	names, picked := make([]string, len(c)), make([]string, len(c))
	for i, column := range c {
		name, kind, _ := strings.Cut(column, " ")
		names[i] = name
		if d.postgres {
			picked[i] = fmt.Sprintf("CAST($%d AS %s[])", argument+i, kind)
		} else {
			picked[i] = fmt.Sprintf("value ->> %d AS %s", i, name)
		}
	}
	if d.postgres {
		return "unnest(" + strings.Join(picked, ", ") + ") AS v (" + strings.Join(names, ", ") + ")"
	}
	return fmt.Sprintf("(SELECT %s FROM json_each($%d)) AS v", strings.Join(picked, ", "), argument)
}

// arguments returns the rows as arguments. Their values are strings and *int64.
func (c rowColumns) arguments(d *dialect, rows [][]any) []any {
	if !d.postgres {
		text, _ := json.Marshal(rows) // strings and numbers always have a JSON form
		return []any{string(text)}
	}
	all := make([]any, len(c))
	for i, column := range c {
		if strings.HasSuffix(column, " TEXT") {
			all[i] = columnOf[string](rows, i)
		} else {
			all[i] = columnOf[*int64](rows, i)
		}
	}
	return all
}

func columnOf[T any](rows [][]any, i int) []T {
	column := make([]T, len(rows))
	for r := range rows {
		column[r] = rows[r][i].(T)
	}
	return column
}

// nullable is an instant as rowColumns take it; nil for none.
func nullable(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	return new(t.UnixMilli())
}

// numbersArgument is listArgument for ids.
func (d *dialect) numbersArgument(ids []int64) any {
	if d.postgres {
		return ids
	}
	text, _ := json.Marshal(ids) // numbers always have a JSON form
	return string(text)
}

// execute runs one statement that is a transaction of its own. It spares the
// round trips of write.
func (s *Store) execute(ctx context.Context, db *sql.DB, query string, args ...any) (sql.Result, error) {
	release, err := s.takeTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	for try := 1; ; try++ {
		has := s.waits()
		result, err := db.ExecContext(ctx, query, args...)
		has()
		if err == nil || try == mostTries || !lostRace(err) {
			return result, explain(err)
		}
	}
}
