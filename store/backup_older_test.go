package store_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"regexp"
	"testing"
	"time"

	"example.org/doorstep/store/storetest"
)

// firstTables are those of the first schema.
var firstTables = regexp.MustCompile(`^\{"table":"(people|cases|events|pathway_versions|duties|flags)"`)

// TestRestoreTakesAnOlderBackup: one from before there was a ledger gets its
// tables by migrating.
func TestRestoreTakesAnOlderBackup(t *testing.T) {
	old := storetest.OpenMemory(t)
	takeCases(t, old, storetest.Guidance(t), 1, 3)
	var text bytes.Buffer
	rows, skipped := 0, false
	for line := range bytes.Lines(unzip(t, backup(t, old))) {
		switch {
		case bytes.HasPrefix(line, []byte(`{"doorstep_backup"`)):
			line = regexp.MustCompile(`"schema":\d+`).ReplaceAll(line, []byte(`"schema":1`))
		case bytes.HasPrefix(line, []byte(`{"table"`)):
			skipped = !firstTables.Match(line)
		case bytes.HasPrefix(line, []byte(`{"rows"`)):
			line, skipped = fmt.Appendf(nil, `{"rows":%d,"sha256":"%x"}`+"\n", rows, sha256.Sum256(text.Bytes())), false
		case !skipped:
			rows++
		}
		if !skipped {
			text.Write(line)
		}
	}
	file := zipped(t, text.Bytes())
	damaged := zipped(t, bytes.Replace(text.Bytes(), []byte("KN-2"), []byte("KN-8"), 1))
	for _, to := range places {
		t.Run(to.name, func(t *testing.T) {
			s := storetest.Open(t, to.url(t))
			if err := restore(t, s, damaged); err == nil {
				t.Error("Restore of a damaged one gives no error")
			}
			if err := restore(t, s, file); err != nil {
				t.Fatalf("Restore = %v, want no error", err)
			}
			if err := s.CheckSchema(t.Context()); err != nil {
				t.Errorf("CheckSchema = %v, want no error", err)
			}
			if f, err := s.Case(t.Context(), "KN-2"); err != nil || len(f.Events) != 1 {
				t.Errorf("Case = %+v, %v; want case KN-2 with its event", f, err)
			}
			if err := s.BeginSchedule(t.Context(), "scan", time.Unix(1, 0)); err != nil {
				t.Errorf("BeginSchedule = %v, want no error", err)
			}
		})
	}
}

// TestBackupOfTextThatIsNone: what a mail server says is kept as it came, and
// not all of that is text to the other database.
func TestBackupOfTextThatIsNone(t *testing.T) {
	for _, to := range places {
		t.Run(to.name, func(t *testing.T) {
			url := places[0].url(t)
			old := storetest.Open(t, url)
			if _, err := raw(t, url).ExecContext(t.Context(), "INSERT INTO runs (schedule, due_at, started_at, error) VALUES ('scan', 1, 1, $1)", "a\x00b\xffc"); err != nil {
				t.Fatal(err)
			}
			moved := storetest.Open(t, to.url(t))
			if err := restore(t, moved, backup(t, old)); err != nil {
				t.Fatalf("Restore = %v, want no error", err)
			}
			runs, err := moved.Runs(t.Context(), "scan", 10)
			if err != nil || len(runs) != 1 || runs[0].Error != "a\ufffdb\ufffdc" {
				t.Errorf("Runs = %+v, %v; want one with the error a\ufffdb\ufffdc", runs, err)
			}
		})
	}
}
