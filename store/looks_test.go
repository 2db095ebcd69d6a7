package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// database is a SQLite database in a file, for several processes.
type database struct {
	*testing.T
	file string
}

func newDatabase(t *testing.T) *database {
	d := &database{t, filepath.Join(t.TempDir(), "doorstep.db")}
	storetest.Open(t, "sqlite:"+d.file)
	return d
}

// process opens the database as another process does.
func (d *database) process() *store.Store {
	d.Helper()
	s, err := store.Open(d.Context(), "sqlite:"+d.file)
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() { s.Close() })
	return s
}

func (d *database) closes(s *store.Store) {
	d.Helper()
	if err := s.Close(); err != nil {
		d.Errorf("Close: %v", err)
	}
}

// raw is a connection of somebody else's to the database.
func (d *database) raw() *sql.Conn {
	d.Helper()
	db, err := sql.Open("sqlite", "file:"+d.file+"?_pragma=busy_timeout(10000)")
	if err != nil {
		d.Fatal(err)
	}
	conn, err := db.Conn(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(func() {
		conn.Close()
		db.Close()
	})
	return conn
}

// locked takes the write lock until it is let go of.
func (d *database) locked() (release func()) {
	d.Helper()
	conn := d.raw()
	for _, statement := range []string{"BEGIN IMMEDIATE", "UPDATE schedules SET holder = holder"} {
		if _, err := conn.ExecContext(d.Context(), statement); err != nil {
			d.Fatal(err)
		}
	}
	return func() {
		if _, err := conn.ExecContext(context.WithoutCancel(d.Context()), "ROLLBACK"); err != nil {
			d.Error(err)
		}
	}
}

func (d *database) looks(s *store.Store, who ...string) {
	d.Helper()
	for _, id := range who {
		if err := s.AddLook(d.Context(), store.AuditEntry{At: time.UnixMilli(1788346800000), Who: id, Deed: "look", Case: "KN-7"}); err != nil {
			d.Errorf("AddLook: %v", err)
		}
	}
}

// wants fails the test unless the trail, as a process reads it, has the lines of these
// people and no others.
func (d *database) wants(what string, s *store.Store, who ...string) {
	d.Helper()
	lines, err := s.Audit(d.Context(), store.AuditFilter{})
	if err != nil {
		d.Fatalf("%s: %v", what, err)
	}
	var got []string
	for i, e := range slices.Backward(lines) {
		got = append(got, e.Who)
		if want := int64(len(lines) - i); e.ID != want {
			d.Errorf("%s: the line of %s has the number %d, want %d", what, e.Who, e.ID, want)
		}
	}
	if !slices.Equal(got, who) {
		d.Errorf("%s: the trail has the lines of %q, want %q", what, got, who)
	}
	if broken, err := s.CheckAudit(d.Context()); broken != 0 || err != nil {
		d.Errorf("%s: the trail is broken at %d (error %v), want it whole", what, broken, err)
	}
}

// awaitChained waits until so many lines stand in the chain itself.
func (d *database) awaitChained(want int) {
	d.Helper()
	conn := d.raw()
	ctx, cancel := context.WithTimeout(d.Context(), time.Minute)
	defer cancel()
	for again := time.NewTicker(5 * time.Millisecond); ; {
		n := 0
		if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM audit").Scan(&n); err != nil {
			d.Fatalf("wait until %d lines are chained, of which %d are: %v", want, n, err)
		}
		if n == want {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			d.Fatalf("waited in vain for %d lines to be chained: %d are", want, n)
		}
	}
}

// TestALookWaitsForNobody: it is on record, for every process to read, while somebody
// else holds the database's write lock, and in the chain once that is free.
func TestALookWaitsForNobody(t *testing.T) {
	d := newDatabase(t)
	s, other := d.process(), d.process()
	d.looks(s, "W1")
	d.awaitChained(1)
	release := d.locked()
	d.looks(s, "W2")
	d.looks(other, "W3")
	d.looks(s, "W4")
	for what, by := range map[string]*store.Store{"who looked": s, "another process": other, "one that comes later": d.process()} {
		d.wants(what, by, "W1", "W2", "W3", "W4")
	}
	release()
	d.awaitChained(4)
	d.wants("in the end", s, "W1", "W2", "W3", "W4")
}

// TestALookIsFoundByEveryNameOfTheDatabase: a link to its file is one.
func TestALookIsFoundByEveryNameOfTheDatabase(t *testing.T) {
	d := newDatabase(t)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(d.file, link); err != nil {
		t.Fatal(err)
	}
	byLink, err := store.Open(t.Context(), "sqlite:"+link)
	if err != nil {
		t.Fatal(err)
	}
	defer d.closes(byLink)
	release := d.locked()
	defer release()
	d.looks(byLink, "W1")
	d.looks(d.process(), "W2")
	d.wants("by the link", byLink, "W1", "W2")
	d.wants("by the file", d.process(), "W1", "W2")
}

// TestALookOutlivesItsProcess: the next one takes it into the chain.
func TestALookOutlivesItsProcess(t *testing.T) {
	d := newDatabase(t)
	dead := d.process()
	release := d.locked()
	d.looks(dead, "W1", "W2")
	d.closes(dead) // which waits for the lock no longer than it must
	release()
	next := d.process()
	d.wants("before it is chained", next, "W1", "W2")
	next.CatchUp()
	d.awaitChained(2)
	d.closes(next)
	d.wants("by whoever comes next", d.process(), "W1", "W2")
}

// TestEachLookIsChainedOnce: also where the file is one of before it was taken from, as
// after a crash or from a copy; and what is added to that is chained too.
func TestEachLookIsChainedOnce(t *testing.T) {
	d := newDatabase(t)
	s := d.process()
	release := d.locked()
	d.looks(s, "W1", "W2")
	d.closes(s)
	release()
	before := d.copied("before")
	s = d.process()
	s.CatchUp()
	d.awaitChained(2)
	d.looks(s, "W3")
	d.closes(s)
	for name, content := range before {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = d.process()
	d.wants("with the file of before", s, "W1", "W2", "W3")
	d.looks(s, "W4")
	d.wants("and a look", s, "W1", "W2", "W3", "W4")
	d.awaitChained(4)
	d.closes(s)
	d.wants("in the end", d.process(), "W1", "W2", "W3", "W4")
}

// copied is what lies in the file beside the database, which nobody has open.
func (d *database) copied(what string) map[string][]byte {
	d.Helper()
	files := map[string][]byte{}
	found, err := filepath.Glob(d.file + "-looks*")
	if err != nil || len(found) == 0 {
		d.Fatalf("%s: there is no file beside the database (error %v)", what, err)
	}
	for _, name := range found {
		if files[name], err = os.ReadFile(name); err != nil {
			d.Fatal(err)
		}
	}
	return files
}

// TestALookThatCannotBeKeptIsAnError, which names the file.
func TestALookThatCannotBeKeptIsAnError(t *testing.T) {
	line := store.AuditEntry{At: time.UnixMilli(1788346800000), Who: "W1", Deed: "look"}
	for _, c := range []struct {
		name string
		is   func(file string) error
	}{
		{"a folder", func(file string) error { return os.Mkdir(file, 0o700) }},
		{"no database", func(file string) error { return os.WriteFile(file, []byte(strings.Repeat("looks", 1000)), 0o600) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDatabase(t)
			if err := c.is(d.file + "-looks"); err != nil {
				t.Fatal(err)
			}
			s := d.process()
			if err := s.AddLook(t.Context(), line); err == nil || !strings.Contains(err.Error(), d.file+"-looks") {
				t.Errorf("a look gives %v, want an error that names the file", err)
			}
			if err := s.CheckWork(t.Context()); err == nil || !strings.Contains(err.Error(), d.file+"-looks") {
				t.Errorf("CheckWork gives %v, want an error that names the file", err)
			}
			if err := os.RemoveAll(d.file + "-looks"); err != nil {
				t.Fatal(err)
			}
			d.looks(s, "W2")
			d.wants("once the file can be made", s, "W2")
		})
	}
	t.Run("taken away", func(t *testing.T) {
		d := newDatabase(t)
		s := d.process()
		d.looks(s, "W1")
		d.awaitChained(1)
		if err := os.Rename(d.file+"-looks", d.file+".away"); err != nil {
			t.Fatal(err)
		}
		if err := s.AddLook(t.Context(), line); err == nil || !strings.Contains(err.Error(), "was deleted or moved") {
			t.Errorf("a look gives %v, want an error that says that the file was moved", err)
		}
	})
}

// TestWhereLooksWaitIsForThoseOfTheDatabase and for nobody else; and it goes aside with
// what else an earlier database of the name has left.
func TestWhereLooksWaitIsForThoseOfTheDatabase(t *testing.T) {
	d := newDatabase(t)
	if err := os.Chmod(d.file, 0o640); err != nil {
		t.Fatal(err)
	}
	s := d.process()
	release := d.locked()
	d.looks(s, "W1")
	for _, ending := range []string{"-looks", "-looks-wal"} {
		if info, err := os.Stat(d.file + ending); err != nil || info.Mode() != fs.FileMode(0o640) {
			t.Errorf("%s has the mode %v (error %v), want the database's 0640", ending, info.Mode(), err)
		}
	}
	d.closes(s)
	release()
	if err := os.Rename(d.file, d.file+".away"); err != nil {
		t.Fatal(err)
	}
	made, err := store.OpenReady(t.Context(), "sqlite:"+d.file, d.file, store.BringsCurrent, store.LockWait{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.closes(made)
	_, aside := made.Made()
	if !slices.Contains(aside, d.file+"-looks.old") {
		t.Errorf("set aside is %q, want the looks of the database before", aside)
	}
	d.wants("a new database", made)
}

// TestWhatASessionIsNowIsReadBeforeItIsWritten: nobody waits for the write lock to go on
// with one. One that was ended stays ended.
func TestWhatASessionIsNowIsReadBeforeItIsWritten(t *testing.T) {
	d := newDatabase(t)
	s := d.process()
	now := time.UnixMilli(1788346800000).UTC()
	for _, token := range []string{"a", "b"} {
		if err := s.BeginSession(t.Context(), now, &store.Session{Token: token, Data: "1", Expires: now.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	session := func(what, token, want string) {
		t.Helper()
		got := "none"
		n, err := s.Session(t.Context(), token)
		if n != nil {
			got = fmt.Sprintf("%s %s until %s", n.Person, n.Data, n.Expires.Format("15:04"))
		}
		if err != nil || got != want {
			t.Errorf("%s the session is %q (error %v), want %q", what, got, err, want)
		}
	}
	release := d.locked()
	later := now.Add(2 * time.Hour).Format("15:04")
	for _, token := range []string{"a", "b"} {
		if err := s.KeepSession(t.Context(), &store.Session{Token: token, Person: "W1", Data: "2", Expires: now.Add(2 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	session("while somebody writes", "a", "W1 2 until "+later)
	release()
	if err := s.EndSession(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	session("once it was ended", "b", "none")
	d.closes(s)
	s = d.process()
	session("to the next process", "a", "W1 2 until "+later)
	session("to the next process", "b", "none")
}
