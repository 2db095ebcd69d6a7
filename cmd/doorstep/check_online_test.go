package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/notify/smtptest"
	"example.org/doorstep/store/storetest"
)

// TestCheckLooksAtTheDatabaseAsItIs: before the first day it is empty, which is no
// fault; and where nothing can be written, whatever can be read, the daemon could do
// nothing.
func TestCheckLooksAtTheDatabaseAsItIs(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	empty := filepath.Join(t.TempDir(), "doorstep.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	filled := storetest.PostgresURL(t)
	newDaemon(t, buildBinary(t), filled, mail).command("migrate")
	standby := storetest.PostgresStandby(t, filled)
	readOnly := func(database string) string {
		return database + "&options=" + "-c%20default_transaction_read_only%3Don"
	}
	for _, tt := range []struct {
		name, database string
		code           int
		says           string
		starts         string // what serve says where it refuses; empty: not tried
	}{
		{"no SQLite file yet", "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db"), exitDone, "yet: doorstep migrate makes it, or the first import", "there is no database"},
		{"an empty SQLite file", "sqlite:" + empty, exitDone, "is empty: import people, cases and events, or let migrate make its tables", "is empty, and no database"},
		{"an empty PostgreSQL database", storetest.PostgresURL(t), exitDone, "is empty: import people, cases and events, or let serve make its tables", ""},
		{"PostgreSQL with its tables", filled, exitDone, "no faults", ""},
		{"a standby", standby, exitUsage, "the database is a standby, which takes no writes: give the address of the primary", "the database is a standby"},
		{"a user that only reads", readOnly(filled), exitUsage, "the database takes no writes from this user", "the database takes no writes"},
		{"a user that only reads an empty database", readOnly(storetest.PostgresURL(t)), exitUsage, "the database takes no writes from this user", "the database takes no writes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDaemon(t, buildBinary(t), tt.database, mail)
			out, errs, code := d.try("check", "--online")
			if code != tt.code || !strings.Contains(out, tt.says) {
				t.Errorf("check --online exits %d and prints\n%s%s\nwant exit %d and %q", code, out, errs, tt.code, tt.says)
			}
			if tt.starts == "" {
				return
			}
			if _, errs, code := d.try("serve"); code != exitFailed || !strings.Contains(errs, tt.starts) {
				t.Errorf("serve exits %d and says %q, want exit %d and %q", code, errs, exitFailed, tt.starts)
			}
		})
	}
}

// TestCheckComparesTheClocks: a machine whose clock is off the database's by more than a
// minute would scan and send nothing, and that is known before the daemon starts there.
// A file has no clock to compare with.
func TestCheckComparesTheClocks(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	for _, tt := range []struct {
		name, database string
		ahead          time.Duration
		code           int
		says           string
	}{
		{"half a minute ahead of PostgreSQL", storetest.PostgresURL(t), 30 * time.Second, exitDone, "no faults"},
		{"ten minutes ahead of PostgreSQL", storetest.PostgresURL(t), 10 * time.Minute, exitUsage, "this machine's clock is 10m0s ahead of the database's: set it right"},
		{"ten minutes behind PostgreSQL", storetest.PostgresURL(t), -10 * time.Minute, exitUsage, "this machine's clock is 10m0s behind the database's: set it right"},
		{"ten minutes ahead, with a file", "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db"), 10 * time.Minute, exitDone, "no faults"},
	} {
		d := newDaemon(t, buildBinary(t), tt.database, mail)
		set := d.shiftClock()
		set(0)
		d.command("migrate")
		set(tt.ahead)
		out, errs, code := d.try("check", "--online")
		if code != tt.code || !strings.Contains(out, tt.says) {
			t.Errorf("%s: check --online exits %d and prints\n%s%s\nwant exit %d and %q", tt.name, code, out, errs, tt.code, tt.says)
		}
	}
}

// TestCheckTriesTheFolderOfNotes: what was sent could not be noted there, or somebody
// else could write that it was.
func TestCheckTriesTheFolderOfNotes(t *testing.T) {
	t.Parallel()
	mail := smtptest.Start(t, smtptest.Options{})
	database := filepath.Join(t.TempDir(), "doorstep.db")
	d := newDaemon(t, buildBinary(t), "sqlite:"+database, mail)
	d.command("migrate")
	if out, errs, code := d.try("check"); code != exitDone {
		t.Errorf("before the first start check exits %d and prints\n%s%s\nwant %d", code, out, errs, exitDone)
	}
	notes := database + ".sent"
	if err := os.Mkdir(notes, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(notes, 0o777); err != nil {
		t.Fatal(err)
	}
	out, errs, code := d.try("check")
	if want := "delivery.notes: others may write in " + notes + " (0777)"; code != exitUsage || !strings.Contains(out, want) {
		t.Errorf("where others may write check exits %d and prints\n%s%s\nwant exit %d and %q", code, out, errs, exitUsage, want)
	}
}
