package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// together has those who write at the same time share one transaction: while one is at
// the disk, what the others want to write gathers for the next.
type together struct {
	mu     sync.Mutex
	next   *gathered     // what nobody writes yet; nil: nothing
	atWork chan struct{} // whoever writes holds its one place
}

// gathered are lines that go in one transaction.
type gathered struct {
	lines []AuditEntry
	err   error
	done  chan struct{} // closed once they are written, or are not for err
}

// write returns once the lines are written, with those of others. What is to be written
// when ctx ends may be written all the same.
func (t *together) write(ctx context.Context, lines []AuditEntry, keep func(context.Context, []AuditEntry) error) error {
	t.mu.Lock()
	if t.next == nil {
		t.next = &gathered{done: make(chan struct{})}
	}
	of := t.next
	of.lines = append(of.lines, lines...)
	t.mu.Unlock()
	select {
	case <-of.done:
		return of.err
	case <-ctx.Done():
		return ctx.Err()
	case t.atWork <- struct{}{}:
	}
	defer func() { <-t.atWork }()
	t.mu.Lock()
	mine := t.next == of
	if mine {
		t.next = nil
	}
	t.mu.Unlock()
	if mine {
		of.err = keep(context.WithoutCancel(ctx), of.lines) // for all of them, whoever of them goes
		close(of.done)
	}
	<-of.done
	return of.err
}

// AddLook puts on record that somebody looked at something, or was refused, before they
// see what comes of it: once it has returned the lines are safe on disk, and Audit returns
// them. On SQLite it does not wait for whoever writes to the database: the lines wait
// beside it, and stand in the chain behind it soon. Looks of the same moment share one
// transaction.
func (s *Store) AddLook(ctx context.Context, lines ...AuditEntry) error {
	keep := func(ctx context.Context, lines []AuditEntry) error {
		return s.write(ctx, func(tx *sql.Tx) error { return s.addAudit(ctx, tx, lines) })
	}
	switch {
	case s.looks != nil:
		keep = s.keepLooks
	case s.dialect.postgres && !s.pooled:
		keep = s.chainAtOnce
	}
	if err := s.looking.write(ctx, lines, keep); err != nil {
		return fmt.Errorf("write the audit trail: %w", explain(err))
	}
	return nil
}

func (s *Store) keepLooks(ctx context.Context, lines []AuditEntry) error {
	if err := s.checkFile(); err != nil {
		return err
	}
	taken := func(file string) (last int64, err error) {
		err = s.db.QueryRowContext(ctx, takenLooks, file).Scan(&last)
		return last, err
	}
	if err := s.looks.add(ctx, lines, taken); err != nil {
		return err
	}
	s.later.wake()
	return nil
}

// chainEnd is the last line of the chain as this process has written it.
type chainEnd struct {
	id   int64
	hash string // empty: it has written none
}

// continueAudit adds lines where the chain ends as $3 and $4 say; where it has been
// continued by others, it adds none.
func continueAudit(lines int) string {
	marks := make([]string, lines)
	for i := range marks {
		n := 4 + i*auditWidth
		marks[i] = fmt.Sprintf("($%d::bigint, $%d::bigint, $%d::text, $%d::text, $%d::text, $%d::text, $%d::text, $%d::text, $%d::text)", n+1, n+2, n+3, n+4, n+5, n+6, n+7, n+8, n+9)
	}
	return "WITH behind AS (UPDATE audit_end SET id = $1, hash = $2 WHERE one = 1 AND id = $3 AND hash = $4 RETURNING id)" +
		" INSERT INTO audit (" + auditColumns + ") SELECT v.* FROM behind, (VALUES " + strings.Join(marks, ", ") + ") AS v"
}

// chainAtOnce is addAudit in one statement where nobody else has continued the chain since
// this process did: PostgreSQL is asked once.
func (s *Store) chainAtOnce(ctx context.Context, lines []AuditEntry) error {
	before := s.chained // whoever writes looks is alone
	if before.hash == "" {
		return s.chainTogether(ctx, lines)
	}
	s.chained = chainEnd{}
	chained := slices.Clone(lines)
	link(chained, before.id, before.hash)
	last := &chained[len(chained)-1]
	args := []any{last.ID, last.hash, before.id, before.hash}
	for i := range chained {
		args = append(args, chained[i].row()...)
	}
	done, err := s.db.ExecContext(ctx, continueAudit(len(chained)), args...)
	if err != nil && pgconn.SafeToRetry(err) {
		return s.chainTogether(ctx, lines)
	}
	if err != nil {
		return explain(err)
	}
	added, err := done.RowsAffected()
	if err != nil {
		return err
	}
	if added == 0 {
		return s.chainTogether(ctx, lines)
	}
	s.chained = chainEnd{last.ID, last.hash}
	return nil
}

// chainTogether is addAudit as a transaction of its own that goes to PostgreSQL and back
// twice only, for those who wait for the end of the chain. What fails before anything can
// have been written is done as addAudit does it, which begins the chain as well.
func (s *Store) chainTogether(ctx context.Context, lines []AuditEntry) error {
	sent := false
	err := onPostgres(ctx, s.db, func(c *pgx.Conn) error {
		var last int64
		var hash string
		var begin, end pgx.Batch
		begin.Queue("begin")
		begin.Queue(nextAudit, len(lines)).QueryRow(func(r pgx.Row) error { return r.Scan(&last, &hash) })
		if err := c.SendBatch(ctx, &begin).Close(); err != nil {
			return err
		}
		chained := slices.Clone(lines)
		link(chained, last-int64(len(lines)), hash)
		for i := range chained {
			end.Queue(insertAudit(1), chained[i].row()...)
		}
		end.Queue(endAudit, chained[len(chained)-1].hash)
		end.Queue("commit")
		sent = true
		err := c.SendBatch(ctx, &end).Close()
		if err == nil {
			s.chained = chainEnd{chained[len(chained)-1].ID, chained[len(chained)-1].hash}
		}
		return err
	})
	if err != nil && !sent {
		return s.write(ctx, func(tx *sql.Tx) error { return s.addAudit(ctx, tx, lines) })
	}
	return explain(err)
}

// CheckLooks says why no look could be put on record, where that is so. It makes no file.
func (s *Store) CheckLooks(ctx context.Context) error {
	if s.looks == nil {
		return nil
	}
	return s.looks.check(ctx, false)
}

const (
	// The third row of audit_end says of which file looks were taken into the chain last,
	// and up to which of them: so each is taken once, whatever is interrupted.
	takenLooks = `SELECT COALESCE(MAX(id), 0) FROM audit_end WHERE one = 2 AND hash = $1`
	noteTaken  = `INSERT INTO audit_end (one, id, hash) VALUES (2, $1, $2) ON CONFLICT (one) DO UPDATE SET id = excluded.id, hash = excluded.hash`
)

// takeLooks takes into the chain what waits beside the database: before anything else
// that joins it, so that a line which waits has the number that it will have.
func (s *Store) takeLooks(ctx context.Context, tx *sql.Tx) error {
	wait, err := s.waitingLooks(ctx)
	if err != nil || wait == nil {
		return err
	}
	lines, err := wait.notTaken(ctx, tx)
	if err != nil || len(lines) == 0 {
		return err
	}
	if err := s.chainAudit(ctx, tx, lines); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, noteTaken, wait.last(), wait.file)
	return err
}

// waitingLooks are the looks beside the database, those too that were taken and not
// deleted yet; nil: there are none. Whoever reads the chain as well asks for them first:
// what is taken meanwhile stands in both, and never in neither.
func (s *Store) waitingLooks(ctx context.Context) (*waitingLooks, error) {
	if s.looks == nil {
		return nil, nil
	}
	return s.looks.waiting(ctx)
}

// waitingLooks are lines that wait in a file, in order.
type waitingLooks struct {
	file  string // what it is called in the database
	lines []AuditEntry
	at    []int64 // where in the file
}

func (w *waitingLooks) last() int64 { return w.at[len(w.at)-1] }

// notTaken are those of them that the chain of tx does not have.
func (w *waitingLooks) notTaken(ctx context.Context, tx *sql.Tx) ([]AuditEntry, error) {
	var taken int64
	if err := tx.QueryRowContext(ctx, takenLooks, w.file).Scan(&taken); err != nil {
		return nil, err
	}
	from, _ := slices.BinarySearch(w.at, taken+1)
	return w.lines[from:], nil
}

// behind returns those of them that the chain of tx does not have as they will stand
// behind it.
func (w *waitingLooks) behind(ctx context.Context, tx *sql.Tx) ([]AuditEntry, error) {
	lines, err := w.notTaken(ctx, tx)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	var last int64
	var hash string
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0), COALESCE(MAX(hash), '') FROM audit_end WHERE one = $1`, 1).Scan(&last, &hash); err != nil {
		return nil, err
	}
	chained := slices.Clone(lines)
	link(chained, last, hash)
	return chained, nil
}
