package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"sync"
)

// looksEnding stands behind the name of a SQLite database's file: there looks wait to be
// taken into the audit trail. It is a SQLite database itself, so that several processes
// can add to it and take from it, whatever becomes of them meanwhile; nobody holds its
// lock for longer than a few lines take.
const looksEnding = "-looks"

const (
	makeLooks = `CREATE TABLE IF NOT EXISTS looks (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- never given again: what the database has taken it knows by this
	at INTEGER NOT NULL, who TEXT NOT NULL, way TEXT NOT NULL, deed TEXT NOT NULL, case_ref TEXT NOT NULL, about TEXT NOT NULL, reason TEXT NOT NULL
)`
	makeLooksName  = `CREATE TABLE IF NOT EXISTS looks_name (one INTEGER PRIMARY KEY, name TEXT NOT NULL)`
	nameLooks      = `INSERT INTO looks_name (one, name) VALUES (1, $1) ON CONFLICT (one) DO NOTHING`
	looksName      = `SELECT name FROM looks_name WHERE one = 1`
	looksAreMade   = `SELECT COUNT(*) FROM sqlite_master WHERE name = 'looks_name'`
	insertLook     = `INSERT INTO looks (at, who, way, deed, case_ref, about, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	selectLooks    = `SELECT id, at, who, way, deed, case_ref, about, reason FROM looks ORDER BY id`
	deleteLooks    = `DELETE FROM looks WHERE id <= $1`
	newestLook     = `SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'looks'`
	forgetNewest   = `DELETE FROM sqlite_sequence WHERE name = 'looks'`
	goOnFromNewest = `INSERT INTO sqlite_sequence (name, seq) VALUES ('looks', $1)`
)

// looksFile is where looks wait beside a SQLite database.
type looksFile struct {
	database, file string
	settings       string // of the connections to the database, which hold here too

	mu      sync.Mutex
	adding  *sql.DB // waits for the disk; nil: nobody has added anything
	taking  *sql.DB // reads and deletes; nil: the file was not opened yet
	name    string  // by which the database knows the file
	opened  os.FileInfo
	renewed bool // it goes on behind what the database has taken of it
}

// add keeps lines. taken says up to where the database has taken lines of a file of this
// name.
func (l *looksFile) add(ctx context.Context, lines []AuditEntry, taken func(name string) (int64, error)) (err error) {
	defer l.named(&err)
	if _, err := l.open(ctx, true); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.adding == nil {
		// Those who take tidy up, and have the time; while they cannot, somebody has to.
		if l.adding, err = openSQLite(l.dsn() + "&_synchronous=FULL&_pragma=wal_autocheckpoint(4000)"); err != nil {
			return err
		}
		l.adding.SetMaxOpenConns(1)
	}
	tx, err := l.adding.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if !l.renewed {
		if err := goOn(ctx, tx, l.name, taken); err != nil {
			return err
		}
	}
	for i := range lines {
		e := &lines[i]
		if _, err := tx.ExecContext(ctx, insertLook, e.At.UnixMilli(), e.Who, e.Way, e.Deed, e.Case, e.About, e.Reason); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	l.renewed = true
	return nil
}

// goOn has a file that was put back from a copy older than the database's go on behind
// what the database has taken: what has a number that it knows it would not take.
func goOn(ctx context.Context, tx *sql.Tx, name string, taken func(name string) (int64, error)) error {
	last, err := taken(name)
	if err != nil {
		return err
	}
	var newest int64
	if err := tx.QueryRowContext(ctx, newestLook).Scan(&newest); err != nil || newest >= last {
		return err
	}
	if _, err := tx.ExecContext(ctx, forgetNewest); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, goOnFromNewest, last)
	return err
}

// waiting are the lines in the file, in order; nil: there are none.
func (l *looksFile) waiting(ctx context.Context) (all *waitingLooks, err error) {
	defer l.named(&err)
	if is, err := l.open(ctx, false); err != nil || !is {
		return nil, err
	}
	w := &waitingLooks{file: l.name}
	rows, err := l.taking.QueryContext(ctx, selectLooks)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e AuditEntry
		var id int64
		var at sql.NullInt64
		if err := rows.Scan(&id, &at, &e.Who, &e.Way, &e.Deed, &e.Case, &e.About, &e.Reason); err != nil {
			return nil, err
		}
		e.At = instant(at)
		w.lines, w.at = append(w.lines, e), append(w.at, id)
	}
	if err := rows.Err(); err != nil || len(w.lines) == 0 {
		return nil, err
	}
	return w, nil
}

// forget deletes what the database has taken. Where that is lost it is deleted again.
func (l *looksFile) forget(ctx context.Context, last int64) (err error) {
	defer l.named(&err)
	_, err = l.taking.ExecContext(ctx, deleteLooks, last)
	return err
}

// check tries whether the file can be opened and written to, and changes nothing. One that
// is not there is made where that is wanted.
func (l *looksFile) check(ctx context.Context, wanted bool) (err error) {
	defer l.named(&err)
	if is, err := l.open(ctx, wanted); err != nil || !is {
		return err
	}
	_, err = l.taking.ExecContext(ctx, deleteLooks, 0)
	return err
}

// named says which file an error is of: the database's own are explained without one.
func (l *looksFile) named(err *error) {
	if *err != nil && !errors.Is(*err, context.Canceled) {
		*err = fmt.Errorf("%s, where looks wait beside the database: %w", l.file, explain(*err))
	}
}

// open opens the file; false: there is none, and none is to be made.
func (l *looksFile) open(ctx context.Context, wanted bool) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.taking != nil {
		return true, sameFile(l.file, l.opened, "the file beside the database in which looks wait")
	}
	if _, err := os.Stat(l.file); errors.Is(err, fs.ErrNotExist) {
		if !wanted {
			return false, nil
		}
		if err := makeBeside(l.database, l.file); err != nil {
			return false, err
		}
	}
	taking, err := openSQLite(l.dsn() + "&_synchronous=NORMAL")
	if err != nil {
		return false, err
	}
	taking.SetMaxOpenConns(2)
	var opened os.FileInfo
	if err = patiently(ctx, taking.PingContext); err == nil {
		if l.name, err = prepareLooks(ctx, taking); err == nil {
			opened, err = os.Stat(l.file)
		}
	}
	if err != nil {
		return false, errors.Join(err, taking.Close())
	}
	l.taking, l.opened = taking, opened
	return true, nil
}

func (l *looksFile) dsn() string {
	return "file:" + (&url.URL{Path: l.file}).EscapedPath() + "?_journal_mode=WAL&_pragma=journal_size_limit(4194304)&" + l.settings
}

// prepareLooks makes the tables where there are none, and returns the file's name: no
// other file has it.
func prepareLooks(ctx context.Context, db *sql.DB) (name string, err error) {
	var made int
	if err := db.QueryRowContext(ctx, looksAreMade).Scan(&made); err != nil {
		return "", err
	}
	if made == 0 {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return "", err
		}
		defer tx.Rollback()
		for _, statement := range []string{makeLooks, makeLooksName} {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return "", err
			}
		}
		if _, err := tx.ExecContext(ctx, nameLooks, rand.Text()); err != nil {
			return "", err
		}
		if err := tx.Commit(); err != nil {
			return "", err
		}
	}
	err = db.QueryRowContext(ctx, looksName).Scan(&name)
	return name, err
}

// makeBeside makes an empty file beside the database, for those who may use that.
func makeBeside(database, file string) error {
	of, err := os.Stat(database)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("make the file in which looks wait: %w: check that the database's folder can be written", err)
	}
	return errors.Join(f.Chmod(of.Mode().Perm()), giveTo(f, of), f.Close())
}

func (l *looksFile) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	for _, db := range []*sql.DB{l.adding, l.taking} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}
