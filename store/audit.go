package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// AuditEntry is one thing that somebody did, or was refused. It holds nothing that a
// case says.
type AuditEntry struct {
	ID     int64 // 1, 2, 3; given by AddAudit
	At     time.Time
	Who    string // a person's id, user:NAME of the machine, or "token NAME"; empty: nobody signed in
	Way    string // pathway.WayPage, WayCommand or WayAPI
	Deed   string
	Case   string // empty: of no case
	About  string // such as the kind of event
	Reason string
	hash   string
}

// AuditFilter says which entries are wanted; what is empty does not count.
type AuditFilter struct {
	Case, Who string
	Before    int64 // those with a smaller number
	AtMost    int   // the newest so many
}

const (
	auditWidth   = 9
	auditColumns = "id, at, who, way, deed, case_ref, about, reason, hash"
	beginAudit   = `INSERT INTO audit_end (one, id, hash) VALUES (1, 0, '') ON CONFLICT (one) DO NOTHING`
	nextAudit    = `UPDATE audit_end SET id = id + $1 WHERE one = 1 RETURNING id, hash`
	endAudit     = `UPDATE audit_end SET hash = $1 WHERE one = 1`
)

func insertAudit(rows int) string {
	return "INSERT INTO audit (" + auditColumns + ") VALUES " + values(rows, auditWidth)
}

// AddAudit adds lines to the audit trail, behind all others: all of them or none.
func (s *Store) AddAudit(ctx context.Context, entries ...AuditEntry) error {
	err := s.write(ctx, func(tx *sql.Tx) error { return s.addAudit(ctx, tx, entries) })
	if err != nil {
		return fmt.Errorf("write the audit trail: %w", err)
	}
	return nil
}

// addAudit adds lines behind all others, those that wait among them.
func (s *Store) addAudit(ctx context.Context, tx *sql.Tx, lines []AuditEntry) error {
	if len(lines) == 0 {
		return nil
	}
	if err := s.takeLooks(ctx, tx); err != nil {
		return err
	}
	return s.chainAudit(ctx, tx, lines)
}

// chainAudit adds lines to the chain as it stands. Nobody else adds any from then on until
// tx has ended.
func (s *Store) chainAudit(ctx context.Context, tx *sql.Tx, lines []AuditEntry) error {
	var last int64
	var hash string
	err := tx.QueryRowContext(ctx, nextAudit, len(lines)).Scan(&last, &hash)
	if errors.Is(err, sql.ErrNoRows) { // they are the first
		if _, err = tx.ExecContext(ctx, beginAudit); err == nil {
			err = tx.QueryRowContext(ctx, nextAudit, len(lines)).Scan(&last, &hash)
		}
	}
	if err != nil {
		return err
	}
	chained := slices.Clone(lines)
	link(chained, last-int64(len(lines)), hash)
	flat := make([]any, 0, auditWidth*len(chained))
	for i := range chained {
		flat = append(flat, chained[i].row()...)
	}
	if err := s.writeRows(ctx, tx, insertAudit, auditWidth, flat, nil); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, endAudit, chained[len(chained)-1].hash)
	return err
}

// link makes lines the next of a chain whose last line has this number and hash.
func link(lines []AuditEntry, last int64, hash string) {
	for i := range lines {
		e := &lines[i]
		e.ID, e.At = last+1+int64(i), truncated(e.At)
		for _, text := range []*string{&e.Who, &e.Way, &e.Deed, &e.Case, &e.About, &e.Reason} {
			*text = keepable(*text)
		}
		e.hash = e.chained(hash)
		hash = e.hash
	}
}

// row is the line as auditColumns has it.
func (e *AuditEntry) row() []any {
	return []any{e.ID, e.At.UnixMilli(), e.Who, e.Way, e.Deed, e.Case, e.About, e.Reason, e.hash}
}

// chained is the hash of the line and of all before it.
func (e *AuditEntry) chained(before string) string {
	h := sha256.New()
	for _, part := range []string{before, strconv.FormatInt(e.ID, 10), strconv.FormatInt(e.At.UnixMilli(), 10),
		e.Who, e.Way, e.Deed, e.Case, e.About, e.Reason} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func scanAudit(rows row) (e AuditEntry, err error) {
	var at sql.NullInt64
	err = rows.Scan(&e.ID, &at, &e.Who, &e.Way, &e.Deed, &e.Case, &e.About, &e.Reason, &e.hash)
	e.At = instant(at)
	return e, err
}

// Audit returns the lines of a filter, the newest first; those too that wait beside the
// database (AddLook), with the numbers that they will have.
func (s *Store) Audit(ctx context.Context, f AuditFilter) ([]AuditEntry, error) {
	var conditions []string
	var args []any
	and := func(condition string, arg any) {
		args = append(args, arg)
		conditions = append(conditions, fmt.Sprintf("%s $%d", condition, len(args)))
	}
	if f.Case != "" {
		and("case_ref <> '' AND case_ref =", f.Case)
	}
	if f.Who != "" {
		and("who =", f.Who)
	}
	if f.Before > 0 {
		and("id <", f.Before)
	}
	wait, err := s.waitingLooks(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the audit trail: %w", explain(err))
	}
	query := "SELECT " + auditColumns + " FROM audit"
	if len(conditions) > 0 {
		query += " WHERE " + strings.Join(conditions, " AND ")
	}
	query += " ORDER BY id DESC"
	if f.AtMost > 0 {
		query += " LIMIT " + strconv.Itoa(f.AtMost)
	}
	if wait == nil {
		return collect(ctx, s, "read the audit trail", query, args, scanAudit)
	}
	lines, err := s.auditWith(ctx, wait, f, query, args)
	if err != nil {
		return nil, fmt.Errorf("read the audit trail: %w", err)
	}
	return lines, nil
}

// auditWith returns the lines of a filter with those that wait to be chained.
func (s *Store) auditWith(ctx context.Context, wait *waitingLooks, f AuditFilter, query string, args []any) (lines []AuditEntry, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		lines = nil
		behind, err := wait.behind(ctx, tx)
		if err != nil {
			return err
		}
		for _, e := range slices.Backward(behind) {
			if f.matches(&e) {
				lines = append(lines, e)
			}
		}
		rows, err := tx.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			e, err := scanAudit(rows)
			if err != nil {
				return err
			}
			lines = append(lines, e)
		}
		return rows.Err()
	})
	if f.AtMost > 0 && len(lines) > f.AtMost {
		lines = lines[:f.AtMost]
	}
	return lines, err
}

// matches reports whether a line is wanted.
func (f *AuditFilter) matches(e *AuditEntry) bool {
	return (f.Case == "" || e.Case == f.Case) && (f.Who == "" || e.Who == f.Who) && (f.Before <= 0 || e.ID < f.Before)
}

const emergencies = "SELECT " + auditColumns + ` FROM audit WHERE case_ref = $1 AND case_ref <> '' AND deed = 'break-glass' AND at > $2 ORDER BY id DESC LIMIT 20`

// Emergencies returns who has opened a case in an emergency since an instant, the newest
// first.
func (s *Store) Emergencies(ctx context.Context, ref string, since time.Time) ([]AuditEntry, error) {
	return collect(ctx, s, "look for who has opened a case in an emergency", emergencies, []any{ref, since.UnixMilli()}, scanAudit)
}

// CheckAudit reads the whole audit trail and returns the number of the first line that
// is not as it was written, or that is missing; 0 where all of it is whole.
func (s *Store) CheckAudit(ctx context.Context) (broken int64, err error) {
	err = s.readFrom(ctx, s.long, func(tx *sql.Tx) error {
		broken = 0
		var last int64
		var before, end string
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0), COALESCE(MAX(hash), '') FROM audit_end WHERE one = $1`, 1).Scan(&last, &end); err != nil {
			return err
		}
		var forgotten int64 // the last line that was kept long enough
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0), COALESCE(MAX(hash), '') FROM audit_end WHERE one = $1`, 0).Scan(&forgotten, &before); err != nil {
			return err
		}
		next := forgotten + 1
		err := selectAll(ctx, tx, "SELECT "+auditColumns+" FROM audit WHERE id >= $1 ORDER BY id", 0, func(rows *sql.Rows) error {
			e, err := scanAudit(rows)
			if err == nil && broken == 0 && (e.ID != next || e.hash != e.chained(before)) {
				broken = next
			}
			before, next = e.hash, e.ID+1
			return err
		})
		if broken == 0 && (next != last+1 || before != end) {
			broken = next
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("check the audit trail: %w", err)
	}
	return broken, nil
}
