package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/store"
	"example.org/doorstep/store/storetest"
)

// TestAFileThatIsTakenAwayIsNotWrittenTo: until it is back. One that has taken its name is
// another database.
func TestAFileThatIsTakenAwayIsNotWrittenTo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "doorstep.db")
	s := storetest.Open(t, "sqlite:"+file)
	write := func() error {
		_, err := s.QueueMessages(t.Context(), nil, time.UnixMilli(0), []store.Message{{Key: "1", Kind: "test", Channel: "sms"}})
		return err
	}
	refused := func(what, says string) {
		t.Helper()
		for by, err := range map[string]error{"writing": write(), "Ping": s.Ping(t.Context()), "CheckWork": s.CheckWork(t.Context())} {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s, %s: error %v, want it to say %q", what, by, err, says)
			}
		}
	}
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	move(file, file+".away")
	refused("moved", "the database file was deleted or moved")
	move(file+".away", file)
	if err := write(); err != nil {
		t.Errorf("back again: %v, want it written", err)
	}
	if err := os.WriteFile(file+".new", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	move(file+".new", file)
	refused("replaced", "the database file was replaced")
}
