package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"
)

// longestLine bounds a line of a backup: more is none.
const longestLine = 16 << 20

var errCutOff = errors.New("the backup is cut off: fetch it again or take another")

// endClaims lets go of what the processes of the old database held.
var endClaims = []struct{ table, statement string }{
	{"messages", `UPDATE messages SET lease_holder = '', next_try_at = created_at,
	state = CASE WHEN tries > 0 THEN 'failed-temporarily' ELSE 'queued' END
WHERE state = 'sending'`},
	{"schedules", `UPDATE schedules SET holder = '', lease_until = NULL`},
}

// Restore fills an empty database from a backup, which may come from the other
// kind of database or from an older Doorstep. All of it is kept or nothing: a
// backup that is damaged or cut off changes nothing. It returns the installation's
// keys that went with it; empty: none did.
func (s *Store) Restore(ctx context.Context, from io.Reader) (keys string, err error) {
	if keys, err = s.restore(ctx, from); err != nil {
		return "", fmt.Errorf("restore a backup: %w", explain(err))
	}
	return keys, nil
}

func (s *Store) restore(ctx context.Context, from io.Reader) (keys string, err error) {
	zip, err := gzip.NewReader(from)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "", errCutOff
	}
	if err != nil {
		return "", fmt.Errorf("this is no backup of Doorstep: %w", err)
	}
	r := &backupReader{lines: bufio.NewScanner(zip), sum: sha256.New()}
	r.lines.Buffer(make([]byte, 64<<10), longestLine)
	var head backupHead
	if err := r.value(&head); err != nil {
		return "", fmt.Errorf("this is no backup of Doorstep: %w", err)
	}
	if head.Format != backupFormat {
		return "", fmt.Errorf("this is no backup of Doorstep, or of one that is newer (format %d)", head.Format)
	}
	if newest := newestSchema(); head.Schema < 1 || head.Schema > newest {
		return "", fmt.Errorf("the backup was made by a newer Doorstep (schema %d, this one knows %d): install that version", head.Schema, newest)
	}
	// The rows go into the schema they come from, and are migrated with it.
	if err := s.write(ctx, s.refuseFilled); err != nil {
		return "", err
	}
	if err := s.resetTo(ctx, head.Schema); err != nil {
		return "", err
	}
	return head.Keys, errors.Join(s.load(ctx, r), s.Migrate(ctx))
}

func (s *Store) refuseFilled(tx *sql.Tx) error {
	name, empty, err := s.isEmpty(context.Background(), tx)
	if err == nil && !empty {
		err = fmt.Errorf("the database is not empty (there are rows in %s): restore into a new one", name)
	}
	return err
}

// load reads the tables into the database as one transaction.
func (s *Store) load(ctx context.Context, r *backupReader) error {
	return s.writeMany(ctx, func(tx *sql.Tx, w *session) error {
		known, err := s.tables(ctx, tx)
		if err != nil {
			return err
		}
		if s.dialect.postgres {
			// A daemon that starts meanwhile waits with what it writes.
			if _, err := tx.ExecContext(ctx, "LOCK TABLE "+strings.Join(known, ", ")+" IN EXCLUSIVE MODE"); err != nil {
				return err
			}
		}
		if err := s.refuseFilled(tx); err != nil {
			return err
		}
		if err := r.tables(ctx, tx, w, known); err != nil {
			return err
		}
		for _, name := range known {
			if err := s.dialect.renumber(ctx, tx, name); err != nil {
				return fmt.Errorf("table %s: %w", name, err)
			}
		}
		for _, end := range endClaims {
			if !slices.Contains(known, end.table) {
				continue // an older schema has it not
			}
			if _, err := tx.ExecContext(ctx, end.statement); err != nil {
				return fmt.Errorf("table %s: %w", end.table, err)
			}
		}
		return nil
	})
}

type backupReader struct {
	lines *bufio.Scanner
	sum   hash.Hash
	rows  int64
	line  int
}

// next returns the next line. It is not part of the sum yet.
func (r *backupReader) next() ([]byte, error) {
	if r.lines.Scan() {
		r.line++
		return r.lines.Bytes(), nil
	}
	if err := r.lines.Err(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("the backup is damaged behind line %d: %w", r.line, err)
	}
	return nil, errCutOff
}

func (r *backupReader) add(line []byte) {
	r.sum.Write(line)
	r.sum.Write([]byte{'\n'})
}

func (r *backupReader) value(into any) error {
	line, err := r.next()
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	r.add(line)
	return err
}

// tables reads all tables and checks the sum at the end.
func (r *backupReader) tables(ctx context.Context, tx *sql.Tx, w *session, known []string) error {
	var rows *bulk
	var kinds []string
	flush := func() error {
		if rows == nil {
			return nil
		}
		return rows.flush()
	}
	for {
		line, err := r.next()
		if err != nil {
			return err
		}
		if bytes.HasPrefix(line, []byte{'['}) {
			if rows == nil {
				return fmt.Errorf("line %d of the backup is a row of no table: it is damaged", r.line)
			}
			r.add(line)
			r.rows++
			if err := addLine(rows, kinds, line); err != nil {
				return fmt.Errorf("line %d of the backup: %w", r.line, err)
			}
			continue
		}
		if err := flush(); err != nil {
			return err
		}
		var mark struct {
			backupTable
			backupEnd
		}
		if err := json.Unmarshal(line, &mark); err != nil {
			return fmt.Errorf("line %d of the backup is damaged", r.line)
		}
		if mark.SHA256 != "" {
			if sum := hex.EncodeToString(r.sum.Sum(nil)); sum != mark.SHA256 || r.rows != mark.Rows {
				return errors.New("the backup is damaged: its contents do not match its sum; take another")
			}
			return nil
		}
		r.add(line)
		if !slices.Contains(known, mark.Table) {
			return fmt.Errorf("line %d of the backup names a table that its schema has not: it is damaged", r.line)
		}
		if kinds, err = columnKinds(ctx, tx, mark.backupTable); err != nil {
			return err
		}
		rows = w.insert(ctx, mark.Table, mark.Columns)
	}
}

// columnKinds returns the database's names for the types of the columns.
func columnKinds(ctx context.Context, tx *sql.Tx, t backupTable) ([]string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT * FROM "+t.Table+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	kinds := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		at := slices.IndexFunc(types, func(t *sql.ColumnType) bool { return t.Name() == column })
		if at < 0 {
			return nil, fmt.Errorf("table %s has no column %s: the backup is damaged", t.Table, strconv.Quote(column))
		}
		kinds[i] = types[at].DatabaseTypeName()
	}
	return kinds, rows.Err()
}

// addLine adds a row as a backup has it.
func addLine(rows *bulk, kinds []string, line []byte) error {
	var values []any
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&values); err != nil || len(values) != len(kinds) {
		return errors.New("it is damaged")
	}
	rows.row()
	for i, v := range values {
		switch v := v.(type) {
		case nil:
			rows.null()
		case string:
			rows.text(v)
		case bool:
			rows.flags(v)
		case json.Number:
			n, err := v.Int64()
			if err != nil {
				return errors.New("it is damaged")
			}
			if kinds[i] == "INT4" {
				rows.number32(int32(n))
			} else {
				rows.number(n)
			}
		default:
			return errors.New("it is damaged")
		}
	}
	return rows.err
}
