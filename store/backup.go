package store

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strings"
)

// A backup is gzipped lines of JSON, the same from either database:
//
//	{"doorstep_backup":1,"schema":2}           and the installation's keys, where they are to go with it
//	{"table":"cases","columns":["ref", …]}     for each table, in order of name
//	["KN-7", …]                                for each of its rows
//	{"rows":1234,"sha256":"…"}                 of all lines before
//
// Numbers are whole; null is NULL.
type (
	backupHead struct {
		Format int   `json:"doorstep_backup"`
		Schema int64 `json:"schema"`
		// Keys are what proves that a bounce or an answer is about a message that the
		// database holds (package origin), as text.
		Keys string `json:"origin_keys,omitempty"`
	}
	backupTable struct {
		Table   string   `json:"table"`
		Columns []string `json:"columns"`
	}
	backupEnd struct {
		Rows   int64  `json:"rows"`
		SHA256 string `json:"sha256"`
	}
)

const backupFormat = 1

// Backup writes everything in the database as it stands at one instant, while
// others go on using it. What it writes holds personal data, and the installation's
// keys where there are any to go with it.
func (s *Store) Backup(ctx context.Context, to io.Writer, keys string) error {
	if err := s.CheckSchema(ctx); err != nil {
		return err
	}
	schema, err := s.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	zip, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		return err
	}
	w := &backupWriter{out: bufio.NewWriterSize(zip, 64<<10), sum: sha256.New()}
	if err := w.line(backupHead{backupFormat, schema, keys}); err != nil {
		return err
	}
	wait, err := s.waitingLooks(ctx)
	if err != nil {
		return fmt.Errorf("write a backup: %w", explain(err))
	}
	err = s.readFrom(ctx, s.long, func(tx *sql.Tx) error {
		if wait != nil {
			if w.behind, err = wait.behind(ctx, tx); err != nil {
				return err
			}
		}
		tables, err := s.tables(ctx, tx)
		if err != nil {
			return err
		}
		for _, name := range tables {
			if err := w.table(ctx, tx, name); err != nil {
				return fmt.Errorf("table %s: %w", name, err)
			}
		}
		return nil
	})
	if err == nil {
		err = w.line(backupEnd{w.rows, hex.EncodeToString(w.sum.Sum(nil))})
	}
	if err == nil {
		err = w.out.Flush()
	}
	if err == nil {
		err = zip.Close()
	}
	if err != nil {
		return fmt.Errorf("write a backup: %w", err)
	}
	return nil
}

// tables are the names of all tables with data, in order.
func (s *Store) tables(ctx context.Context, tx *sql.Tx) ([]string, error) {
	var names []string
	err := selectAll(ctx, tx, s.dialect.tables, versionTable, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	})
	return names, err
}

type backupWriter struct {
	out    *bufio.Writer
	sum    hash.Hash
	rows   int64
	behind []AuditEntry // what waits to stand behind the audit trail
}

func (w *backupWriter) line(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	text = append(text, '\n')
	w.sum.Write(text)
	_, err = w.out.Write(text)
	return err
}

func (w *backupWriter) table(ctx context.Context, tx *sql.Tx, name string) error {
	query, behind := "SELECT * FROM "+name, []AuditEntry(nil)
	switch {
	case len(w.behind) == 0:
	case name == "audit":
		query, behind = "SELECT "+auditColumns+" FROM audit", w.behind
	case name == "audit_end":
		end := w.behind[len(w.behind)-1]
		query = fmt.Sprintf("SELECT one, id, hash FROM audit_end WHERE one = 0 UNION ALL SELECT 1, %d, '%s'", end.ID, end.hash)
	}
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	if err := w.line(backupTable{name, columns}); err != nil {
		return err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			switch v := v.(type) {
			case nil, bool:
			case string:
				values[i] = keepable(v)
			case int64:
				if types[i].DatabaseTypeName() == "BOOLEAN" { // SQLite keeps them as numbers
					values[i] = v != 0
				}
			default:
				return fmt.Errorf("a column has a value of type %T, which a backup cannot hold", v)
			}
		}
		if err := w.line(values); err != nil {
			return err
		}
		w.rows++
	}
	for i := range behind {
		if err := w.line(behind[i].row()); err != nil {
			return err
		}
		w.rows++
	}
	return rows.Err()
}

// keepable is a text without what is none to JSON and PostgreSQL, which SQLite keeps.
func keepable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}

// isEmpty reports whether no table has a row, and else names one that has.
func (s *Store) isEmpty(ctx context.Context, tx *sql.Tx) (name string, empty bool, err error) {
	tables, err := s.tables(ctx, tx)
	if err != nil {
		return "", false, err
	}
	for _, name := range tables {
		var one int
		switch err := tx.QueryRowContext(ctx, "SELECT 1 FROM "+name+" LIMIT 1").Scan(&one); err {
		case sql.ErrNoRows:
		case nil:
			return name, false, nil
		default:
			return "", false, err
		}
	}
	return "", true, nil
}
