package store

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Many rows at a time go the fastest way each database has: new ones by COPY on
// PostgreSQL, all others by a statement that is prepared once.

// session is one connection at work on many rows.
type session struct {
	dialect *dialect
	conn    *sql.Conn
	byKey   bool // PostgreSQL: whether the transaction looks up by key only
}

// bulk takes rows and sends them to the database: on flush, and before if they
// are many, unless byHand leaves that to flushFull.
// Every row names all columns in their order. The first error stays and is
// returned by flush; what comes after it is dropped.
type bulk struct {
	session *session
	ctx     context.Context // of the transaction that the rows belong to
	columns int
	sql     func() string // of COPY, or of the statement for one row: most intakes need few of them
	byHand  bool
	err     error

	copy   bool
	copied []byte // COPY's binary format

	values []driver.NamedValue // otherwise
	used   int
	merge  *merge // PostgreSQL, for rows that change; nil: one by one
}

const (
	// A bulk sends what it has when it has so much.
	fullCopy   = 1 << 18 // bytes
	fullValues = 1 << 12
	// PostgreSQL changes many rows at once, from so many values on, and waits
	// longer for them to come together.
	manyValues = 1 << 12
	fullMerge  = 1 << 15
)

// insert returns a bulk of new rows.
func (w *session) insert(ctx context.Context, name string, columns []string) *bulk {
	b := &bulk{session: w, ctx: ctx, columns: len(columns), copy: w.dialect.postgres}
	b.sql = func() string {
		list := strings.Join(columns, ", ")
		if b.copy {
			return "COPY " + name + " (" + list + ") FROM STDIN BINARY"
		}
		return "INSERT INTO " + name + " (" + list + ") VALUES (?" + strings.Repeat(", ?", len(columns)-1) + ")"
	}
	return b
}

// update returns a bulk of changed rows. The last column is the key.
func (w *session) update(ctx context.Context, name string, columns []string) *bulk {
	return w.updateBy(ctx, name, columns, 1)
}

// updateBy returns a bulk of changed rows. So many columns at the end are the key.
func (w *session) updateBy(ctx context.Context, name string, columns []string, keys int) *bulk {
	values := len(columns) - keys
	b := &bulk{session: w, ctx: ctx, columns: len(columns), sql: func() string {
		return "UPDATE " + name + " SET " + w.equations(columns[:values], 0, ", ") + " WHERE " + w.equations(columns[values:], values, " AND ")
	}}
	if w.dialect.postgres {
		b.merge = newMerge(name, columns, values)
	}
	return b
}

// remove returns a bulk of rows to be deleted. All columns are the key.
func (w *session) remove(ctx context.Context, name string, columns []string) *bulk {
	return &bulk{session: w, ctx: ctx, columns: len(columns), sql: func() string {
		return "DELETE FROM " + name + " WHERE " + w.equations(columns, 0, " AND ")
	}}
}

// equations writes "a = $1, b = $2". On SQLite the placeholders have no numbers:
// the driver compares every number with every argument.
func (w *session) equations(columns []string, from int, between string) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		mark := "?"
		if w.dialect.postgres {
			mark = "$" + strconv.Itoa(from+i+1)
		}
		out[i] = c + " = " + mark
	}
	return strings.Join(out, between)
}

// row begins a row.
func (b *bulk) row() {
	if !b.byHand {
		_ = b.flushFull() // the error stays
	}
	if b.copy {
		if len(b.copied) == 0 {
			b.copied = append(b.copied, "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
		}
		b.copied = binary.BigEndian.AppendUint16(b.copied, uint16(b.columns))
	}
}

// slot is the place of the next value. What an earlier row left there is often
// the same, and then needs no new memory.
func (b *bulk) slot() *driver.Value {
	if b.used == len(b.values) {
		b.values = append(b.values, driver.NamedValue{Ordinal: b.used%b.columns + 1})
	}
	b.used++
	return &b.values[b.used-1].Value
}

func isText(v driver.Value, s string) bool {
	old, ok := v.(string)
	return ok && old == s
}

func isNumber(v driver.Value, n int64) bool {
	old, ok := v.(int64)
	return ok && old == n
}

func (b *bulk) text(values ...string) {
	for _, s := range values {
		if b.copy {
			b.copied = append(binary.BigEndian.AppendUint32(b.copied, uint32(len(s))), s...)
		} else if v := b.slot(); !isText(*v, s) {
			*v = s
		}
	}
}

func (b *bulk) number(n int64) {
	if b.copy {
		b.copied = binary.BigEndian.AppendUint64(append(b.copied, 0, 0, 0, 8), uint64(n))
	} else if v := b.slot(); !isNumber(*v, n) {
		*v = n
	}
}

// number32 adds a number for a column of four bytes.
func (b *bulk) number32(n int32) {
	if b.copy {
		b.copied = binary.BigEndian.AppendUint32(append(b.copied, 0, 0, 0, 4), uint32(n))
	} else {
		b.number(int64(n))
	}
}

func (b *bulk) null() {
	if b.copy {
		b.copied = append(b.copied, 0xff, 0xff, 0xff, 0xff)
	} else {
		*b.slot() = nil
	}
}

// instants adds instants; NULL for a zero one.
func (b *bulk) instants(times ...time.Time) {
	for _, t := range times {
		if t.IsZero() {
			b.null()
		} else {
			b.number(t.UnixMilli())
		}
	}
}

func (b *bulk) flags(flags ...bool) {
	for _, f := range flags {
		switch {
		case !b.copy:
			*b.slot() = f
		case f:
			b.copied = append(b.copied, 0, 0, 0, 1, 1)
		default:
			b.copied = append(b.copied, 0, 0, 0, 1, 0)
		}
	}
}

// flushFull sends what there is if it is worth it.
func (b *bulk) flushFull() error {
	full := fullValues
	if b.session.dialect.postgres {
		full = fullMerge
	}
	if len(b.copied) > fullCopy || b.used >= full {
		return b.flush()
	}
	return b.err
}

// reset drops what is not sent.
func (b *bulk) reset() { b.copied, b.used = b.copied[:0], 0 }

// flush sends what there is.
func (b *bulk) flush() error {
	if b.err == nil && (len(b.copied) > 0 || b.used > 0) {
		b.err = b.session.conn.Raw(b.send)
	}
	b.reset()
	return b.err
}

// send has the connection to itself. A transaction is undone as soon as its
// context ends, by somebody else: then nothing more may be sent, which would be
// kept.
func (b *bulk) send(connection any) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	switch c := connection.(type) {
	case *stdlib.Conn:
		if b.copy {
			b.copied = append(b.copied, 0xff, 0xff) // the end
			_, err := c.Conn().PgConn().CopyFrom(b.ctx, bytes.NewReader(b.copied), b.sql())
			return err
		}
		if b.merge != nil && b.used >= manyValues {
			return b.mergeRows(c.Conn())
		}
		var batch pgx.Batch
		query := b.sql()
		for i := 0; i < b.used; i += b.columns {
			batch.Queue(query, b.rowAt(i)...)
		}
		return c.Conn().SendBatch(b.ctx, &batch).Close()
	case driver.ConnPrepareContext:
		return b.executeEach(c)
	}
	return fmt.Errorf("a connection of type %T cannot take rows", connection)
}

func (b *bulk) rowAt(i int) []any {
	row := make([]any, b.columns)
	for k := range row {
		row[k] = b.values[i+k].Value
	}
	return row
}
