package store

import (
	"context"
	"database/sql/driver"
	"strings"
)

// forms are the statements for rows one by one. What is nothing in a row stands in the
// text of its statement: of the many columns of a table most rows fill half, and a value
// that is bound costs SQLite the same whether there is anything in it or not.
type forms struct {
	ctx        context.Context
	connection driver.ConnPrepareContext
	text       string // with a placeholder for every column
	prepared   map[string]driver.StmtExecContext
	form       []byte // of the row at hand: for each column what stands there
	args       []driver.NamedValue
}

// What stands in a statement for a value.
const bound = '?'

var written = map[byte]string{bound: "?", 'N': "NULL", 'E': "''", 'F': "FALSE"}

func formOf(v driver.Value) byte {
	switch v {
	case nil:
		return 'N'
	case "":
		return 'E'
	case false:
		return 'F'
	}
	return bound
}

// mostForms is how many are prepared at a time; rows of further ones have every value
// bound.
const mostForms = 16

// executeEach runs the statement for one row after the other.
func (b *bulk) executeEach(c driver.ConnPrepareContext) error {
	// The driver would watch a context that can be cancelled anew for each row.
	f := forms{ctx: context.WithoutCancel(b.ctx), connection: c, text: b.sql(), prepared: map[string]driver.StmtExecContext{}}
	defer f.close()
	for i := 0; i < b.used; i += b.columns {
		if err := f.execute(b.values[i : i+b.columns]); err != nil {
			return err
		}
	}
	return nil
}

func (f *forms) execute(row []driver.NamedValue) error {
	f.form = f.form[:0]
	for i := range row {
		f.form = append(f.form, formOf(row[i].Value))
	}
	statement := f.prepared[string(f.form)]
	if statement == nil {
		if len(f.prepared) >= mostForms {
			f.form = []byte(strings.Repeat(string(bound), len(row)))
		}
		var err error
		if statement, err = f.prepare(); err != nil {
			return err
		}
	}
	f.args = f.args[:0]
	for i := range row {
		if f.form[i] == bound {
			f.args = append(f.args, driver.NamedValue{Ordinal: len(f.args) + 1, Value: row[i].Value})
		}
	}
	_, err := statement.ExecContext(f.ctx, f.args)
	return err
}

// prepare returns the statement for rows of the form at hand.
func (f *forms) prepare() (driver.StmtExecContext, error) {
	if statement := f.prepared[string(f.form)]; statement != nil {
		return statement, nil
	}
	parts := strings.Split(f.text, "?")
	text := parts[0]
	for i, of := range f.form {
		text += written[of] + parts[i+1]
	}
	statement, err := f.connection.PrepareContext(f.ctx, text)
	if err != nil {
		return nil, err
	}
	f.prepared[string(f.form)] = statement.(driver.StmtExecContext)
	return f.prepared[string(f.form)], nil
}

func (f *forms) close() {
	for _, statement := range f.prepared {
		statement.(driver.Stmt).Close()
	}
}
