package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"modernc.org/sqlite"
)

// Parsing a statement costs SQLite more than most answers, and its driver parses
// anew whatever is not prepared. So every connection keeps the statements that it
// was last asked to run, by their text, as pgx does for PostgreSQL: whoever runs a
// text borrows its statement, and whoever has it borrowed already has a second one
// made. SQLite itself parses a kept statement again once the schema has changed.
const (
	mostKept = 96   // statements of a connection: more than a case page asks beside a scan and messages
	longKept = 4096 // bytes of a text; longer ones hardly come twice
)

// openSQLite opens a pool of connections that keep their statements.
func openSQLite(dsn string) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keepingConnector{connector}), nil
}

type keepingConnector struct{ driver.Connector }

func (c keepingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &keepingConn{sqliteConn: conn.(sqliteConn), kept: map[string]*keptStatement{}}, nil
}

// sqliteConn, sqliteStmt and sqliteRows are what database/sql uses of the driver's
// own.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type sqliteRows interface {
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// keepingConn is a connection that keeps its statements. As any connection, it is
// used by one goroutine at a time.
type keepingConn struct {
	sqliteConn
	kept map[string]*keptStatement // those that nobody has borrowed
	uses int
}

type keptStatement struct {
	sqliteStmt
	lastUse int
}

// borrow returns the statement of a text.
func (c *keepingConn) borrow(ctx context.Context, text string) (*borrowedStatement, error) {
	if kept := c.kept[text]; kept != nil {
		delete(c.kept, text)
		return &borrowedStatement{kept.sqliteStmt, c, text}, nil
	}
	statement, err := c.sqliteConn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return &borrowedStatement{statement.(sqliteStmt), c, text}, nil
}

// borrowedStatement goes back to its connection when it is closed.
type borrowedStatement struct {
	sqliteStmt
	from *keepingConn
	text string
}

// Close gives the statement back.
func (b *borrowedStatement) Close() error {
	c := b.from
	if c.kept == nil || c.kept[b.text] != nil || !comesAgain(b.text) {
		return b.sqliteStmt.Close()
	}
	c.uses++
	c.kept[b.text] = &keptStatement{b.sqliteStmt, c.uses}
	if len(c.kept) <= mostKept {
		return nil
	}
	longest := b.text
	for text, kept := range c.kept {
		if kept.lastUse < c.kept[longest].lastUse {
			longest = text
		}
	}
	unused := c.kept[longest]
	delete(c.kept, longest)
	return unused.Close()
}

// PrepareContext returns a borrowed statement.
func (c *keepingConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	return c.borrow(ctx, text)
}

// ExecContext runs a text. One that does not come again may be several statements.
func (c *keepingConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if !comesAgain(text) {
		return c.sqliteConn.ExecContext(ctx, text, args)
	}
	statement, err := c.borrow(ctx, text)
	if err != nil {
		return nil, err
	}
	defer statement.Close()
	return statement.ExecContext(ctx, args)
}

// QueryContext asks a text. Its statement is borrowed until the rows are closed.
func (c *keepingConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	statement, err := c.borrow(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(ctx, args)
	if err != nil {
		statement.Close()
		return nil, err
	}
	return &borrowedRows{rows.(sqliteRows), statement}, nil
}

// borrowedRows are the answer of a borrowed statement.
type borrowedRows struct {
	sqliteRows
	statement *borrowedStatement
}

func (r *borrowedRows) Close() error {
	err := r.sqliteRows.Close()
	r.statement.Close()
	return err
}

// Close closes the statements, then the connection.
func (c *keepingConn) Close() error {
	for _, kept := range c.kept {
		kept.Close()
	}
	c.kept = nil
	return c.sqliteConn.Close()
}

// comesAgain reports whether a text is worth keeping: one that reads or changes
// rows, and not a long one.
func comesAgain(text string) bool {
	if len(text) > longKept {
		return false
	}
	text = strings.TrimLeft(text, " \t\n") // as a text begins that stands on lines of its own
	for _, verb := range []string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"} {
		if strings.HasPrefix(text, verb) {
			return true
		}
	}
	return false
}
