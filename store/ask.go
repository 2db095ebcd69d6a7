package store

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// row is one row of an answer.
type row interface{ Scan(into ...any) error }

// question is one of several that are asked at once.
type question struct {
	text string
	args []any
	take func(row) error // each row of the answer
}

// asking is a question whose answer goes into a list.
func asking[T any](into *[]T, scan func(row) (T, error), text string, args ...any) question {
	return question{text, args, func(r row) error {
		found, err := scan(r)
		*into = append(*into, found)
		return err
	}}
}

// askAll asks several questions of one consistent view of the database. On PostgreSQL they
// go there and their answers come back together: each way costs more than most answers.
// Behind a pooler a transaction has to be told its deadlines first, and asks one by one.
func (s *Store) askAll(ctx context.Context, questions ...question) error {
	if !s.dialect.postgres || s.pooled {
		return s.read(ctx, func(tx *sql.Tx) error {
			for _, q := range questions {
				if err := q.ask(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
	}
	taken := false
	err := s.sendTogether(ctx, func(b *pgx.Batch) {
		b.Queue("begin isolation level repeatable read read only")
		for _, q := range questions {
			b.Queue(q.text, q.args...).Query(func(rows pgx.Rows) error {
				for rows.Next() {
					taken = true
					if err := q.take(rows); err != nil {
						return err
					}
				}
				return rows.Err()
			})
		}
		b.Queue("commit")
	}, func() bool { return !taken })
	return explain(err)
}

func (q *question) ask(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, q.text, q.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := q.take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// sendTogether sends PostgreSQL the statements of a transaction, and waits once for all of
// them; again says whether another connection may be tried where one is broken, as in
// begin. A connection whose transaction an error has left open the pool gives up.
func (s *Store) sendTogether(ctx context.Context, queue func(*pgx.Batch), again func() bool) error {
	for try := 1; ; try++ {
		err := onPostgres(ctx, s.db, func(c *pgx.Conn) error {
			var batch pgx.Batch
			queue(&batch)
			return c.SendBatch(ctx, &batch).Close()
		})
		if err == nil || !again() || !mayTryAnother(try, err) {
			return err
		}
	}
}

// onPostgres has a connection of a pool to itself.
func onPostgres(ctx context.Context, db *sql.DB, do func(*pgx.Conn) error) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error { return do(driver.(*stdlib.Conn).Conn()) })
}
