package store

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"
)

// TestWhoWritesBatchAfterBatchLetsOthersIn: SQLite has those of another process look
// whether its lock is free now and then, and between two batches it hardly ever is.
func TestWhoWritesBatchAfterBatchLetsOthersIn(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "doorstep.db")
	process := func() *Store {
		s, err := Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	scan, other := process(), process()
	if err := scan.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	holds, ended := make(chan struct{}), make(chan error)
	go func() {
		for n := 0; ; n++ {
			err := scan.write(t.Context(), func(tx *sql.Tx) error {
				if n == 0 {
					close(holds)
				}
				_, err := tx.ExecContext(t.Context(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n`)
				return err
			})
			select {
			case ended <- err:
				return
			default:
			}
			if err != nil {
				ended <- err
				return
			}
		}
	}()
	<-holds
	if err := other.AddAudit(t.Context(), AuditEntry{At: time.UnixMilli(1788346800000), Who: "W1", Deed: "break-glass"}); err != nil {
		t.Errorf("another process cannot write while a scan goes on batch after batch: %v", err)
	}
	if err := <-ended; err != nil {
		t.Errorf("the scan: %v", err)
	}
}
