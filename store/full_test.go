package store

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.org/doorstep/pathway"
)

// rulesOfOne returns rules with one pathway that asks for nothing.
func rulesOfOne(t *testing.T) *pathway.Rules {
	t.Helper()
	calendar, err := pathway.NewCalendar(pathway.CalendarSettings{Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	rules := pathway.NewRules(calendar, nil)
	rules.AddPathway(&pathway.Pathway{ID: "one"}, time.Time{})
	return rules
}

// oneConnection opens a store that uses one connection, for a test to meddle
// with.
func oneConnection(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "doorstep.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.db.SetMaxOpenConns(1)
	return s
}

func addMany(t *testing.T, s *Store, n int) error {
	t.Helper()
	now := time.Date(2026, 9, 2, 9, 0, 0, 0, time.UTC)
	in, err := s.NewIntake(t.Context(), rulesOfOne(t), IntakeOptions{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := in.AddCase(i+1, pathway.Case{Ref: fmt.Sprintf("KN-%d", i), Pathway: "one", Opened: now}, pathway.GivenAll); err != nil {
			t.Fatal(err)
		}
	}
	_, err = in.Commit(t.Context())
	return err
}

func TestAFullOrReadOnlyDiskIsExplainedAndNothingKept(t *testing.T) {
	for _, c := range []struct{ pragma, undo, want string }{
		{"PRAGMA max_page_count = 60", "PRAGMA max_page_count = 1000000", "the disk is full, nothing was changed"},
		{"PRAGMA query_only = 1", "PRAGMA query_only = 0", "the database cannot be written"},
	} {
		s := oneConnection(t)
		if _, err := s.db.Exec(c.pragma); err != nil {
			t.Fatal(err)
		}
		if err := addMany(t, s, 3000); err == nil || !strings.Contains(err.Error(), c.want) || IsTemporary(err) {
			t.Errorf("after %s an intake gives %v, want %q", c.pragma, err, c.want)
		}
		var cases int
		if err := s.db.QueryRow("SELECT count(*) FROM cases").Scan(&cases); err != nil || cases != 0 {
			t.Errorf("after %s there are %d cases (%v), want none", c.pragma, cases, err)
		}
		if _, err := s.db.Exec(c.undo); err != nil {
			t.Fatal(err)
		}
		if err := addMany(t, s, 3000); err != nil {
			t.Errorf("after %s: %v", c.undo, err)
		}
	}
}

func TestRowsComeBackCaseByCase(t *testing.T) {
	p := &spool{}
	defer p.drop()
	const rows, cases = 3*runRows + 5, 5000
	for i := range rows {
		ref := fmt.Sprintf("KN-%04d", i*7919%cases)
		if err := p.add(ref, byte(i%2), i, func(b []byte) []byte { return fmt.Appendf(b, "%s %d", ref, i) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.finish(); err != nil {
		t.Fatal(err)
	}
	for try := range 2 { // a transaction that is tried again reads again
		r, err := p.reader()
		if err != nil {
			t.Fatal(err)
		}
		seen, last := 0, spooledRow{}
		for {
			of, many, err := r.nextCase(nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(of) == 0 || many != nil {
				break
			}
			for i := range of {
				row := of[i]
				if compareSpooled(&last, &row) >= 0 || i > 0 && row.ref != of[0].ref {
					t.Fatalf("row %d of %s comes after row %d of %s", row.row, row.ref, last.row, last.ref)
				}
				if want := fmt.Sprintf("%s %d", row.ref, row.row); string(row.data) != want {
					t.Fatalf("row %d says %q, want %q", row.row, row.data, want)
				}
				last, seen = row, seen+1
			}
		}
		if seen != rows {
			t.Errorf("reading %d: %d rows came back, want %d", try+1, seen, rows)
		}
	}
}

// TestALookOnAFullDiskIsExplainedAndNothingKept: whoever looked is shown nothing, and the
// next look is kept once there is space.
func TestALookOnAFullDiskIsExplainedAndNothingKept(t *testing.T) {
	s := oneConnection(t)
	look := func(who string) error {
		return s.AddLook(t.Context(), AuditEntry{At: time.UnixMilli(1788346800000), Who: who, Deed: "look", Reason: strings.Repeat("x", 3000)})
	}
	if err := look("W1"); err != nil {
		t.Fatal(err)
	}
	space := func(pages int) {
		t.Helper()
		if _, err := s.looks.adding.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	space(1) // as many as it has, at least
	kept, failed := 1, error(nil)
	for failed == nil && kept < 100 {
		if failed = look("W2"); failed == nil {
			kept++
		}
	}
	if failed == nil || !strings.Contains(failed.Error(), "the disk is full") || !strings.Contains(failed.Error(), s.looks.file) {
		t.Errorf("a look on a full disk gives %v, want that it is full and the file's name", failed)
	}
	space(100000)
	if err := look("W3"); err != nil {
		t.Fatalf("with space again: %v", err)
	}
	lines, err := s.Audit(t.Context(), AuditFilter{})
	if err != nil || len(lines) != kept+1 || lines[0].Who != "W3" {
		t.Errorf("the trail has %d lines (error %v), want the %d that were kept and W3's", len(lines), err, kept)
	}
}
