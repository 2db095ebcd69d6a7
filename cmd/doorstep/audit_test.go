package main

import (
	"strings"
	"testing"
	"time"
)

// TestWhatCommandsPrintAndShowIsOnRecord: by the system's user, case by case, before it is
// there, whoever else stands on the batch.
func TestWhatCommandsPrintAndShowIsOnRecord(t *testing.T) {
	t.Parallel()
	d := office(t, buildBinary(t), onSQLite(t), family(1), family(2))
	d.happens(event("a1", "SW-1", "no-access", 20*time.Hour), event("a2", "SW-2", "no-access", 20*time.Hour))
	d.prints("--pending", "--out", "first", "--by", "A1")
	d.prints("--batch", "1", "--out", "again")
	serial := serialPattern.FindString(d.text("first/batch-1-cards.pdf"))
	d.command("print", "lookup", serial)
	d.prints("--serial", serial, "--out", "one.pdf")
	d.command("digest", "--manager", "G1")
	trail := d.command("audit", "--case", "SW-1")
	for _, want := range []string{"print: batch 1, by command  SW-1", "print: batch 1 again, by command  SW-1", "print: looked up, by command  SW-1", "print: batch 2, by command  SW-1"} {
		if !strings.Contains(trail, want) || !strings.Contains(trail, "user:") {
			t.Errorf("the audit trail of SW-1 is\n%s\nwant it to say %q of the system's user", trail, want)
		}
	}
	all := d.command("audit")
	for _, want := range []string{"look: digest of G1, by command", "print: batch 1, by command  SW-2"} {
		if !strings.Contains(all, want) {
			t.Errorf("the audit trail is\n%s\nwant it to say %q", all, want)
		}
	}
	if strings.Contains(all, "A1") {
		t.Errorf("the audit trail is\n%s\nwant nobody but the system's user on it", all)
	}
}
