package storetest

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"example.org/doorstep/store"
)

// backedUp returns a backup of a store with the story in it.
func backedUp(t *testing.T, s *store.Store) []byte {
	t.Helper()
	taken(t, s, Guidance(t), story(t))
	if _, err := s.AdoptPathways(t.Context(), at(t, "2026-09-01 09:00"), nil); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := s.Backup(t.Context(), &out, ""); err != nil {
		t.Fatalf("Backup: %v", err)
	}
	return out.Bytes()
}

func testBackup(t *testing.T, open func(t testing.TB) *store.Store) {
	for _, to := range Backends {
		t.Run("RestoresInto"+to.Name, func(t *testing.T) {
			backup := backedUp(t, open(t))
			s := to.Open(t)
			if _, err := s.Restore(t.Context(), bytes.NewReader(backup)); err != nil {
				t.Fatalf("Restore: %v", err)
			}
			var again bytes.Buffer
			if err := s.Backup(t.Context(), &again, ""); err != nil {
				t.Fatalf("Backup: %v", err)
			}
			same(t, "what was backed up again", sortedLines(t, again.Bytes()), sortedLines(t, backup))

			// The numbers of new duties go on behind the restored ones.
			rules := Guidance(t)
			more := visits(t)
			more.cases[0].Ref = "KN-8"
			taken(t, s, rules, more)
			restored, added := caseFile(t, s, "KN-7").Duties, caseFile(t, s, "KN-8").Duties
			if last := restored[len(restored)-1].ID; added[0].ID <= last {
				t.Errorf("a new duty has the number %d, behind %d", added[0].ID, last)
			}
		})
	}

	t.Run("AFilledDatabaseIsRefused", func(t *testing.T) {
		s := open(t)
		backup := backedUp(t, s)
		if _, err := s.Restore(t.Context(), bytes.NewReader(backup)); err == nil || !strings.Contains(err.Error(), "not empty") {
			t.Errorf("Restore into a filled database gives %v, want a refusal", err)
		}
	})

	t.Run("ADamagedBackupChangesNothing", func(t *testing.T) {
		backup := backedUp(t, open(t))
		text := unzip(t, backup)
		for name, damaged := range map[string][]byte{
			"a row changed":      zip(t, bytes.Replace(text, []byte("3 Test Street"), []byte("4 Test Street"), 1)),
			"a row missing":      zip(t, without(text, `["x1"`, `["KN-7","x1"`)),
			"cut off":            backup[:len(backup)/2],
			"its end missing":    zip(t, text[:bytes.LastIndex(bytes.TrimSpace(text), []byte("\n"))+1]),
			"empty":              {},
			"something else":     []byte("ref,pathway\n"),
			"of a newer version": zip(t, bytes.Replace(text, []byte(`"schema":`), []byte(`"schema":9`), 1)),
		} {
			s := open(t)
			if _, err := s.Restore(t.Context(), bytes.NewReader(damaged)); err == nil {
				t.Errorf("%s: the backup was restored", name)
			}
			if people, err := s.People(t.Context()); err != nil || len(people) > 0 {
				t.Errorf("%s: there are %d people in the database (%v), want none", name, len(people), err)
			}
		}
	})
}

func unzip(t *testing.T, backup []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func zip(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// without drops the lines that begin in one of the ways.
func without(text []byte, begins ...string) []byte {
	var out []string
lines:
	for line := range strings.Lines(string(text)) {
		for _, b := range begins {
			if strings.HasPrefix(line, b) {
				continue lines
			}
		}
		out = append(out, line)
	}
	return []byte(strings.Join(out, ""))
}

// sortedLines are the lines of a backup but the last, whose sum depends on the
// order of rows.
func sortedLines(t *testing.T, backup []byte) []string {
	lines := strings.Split(strings.TrimSpace(string(unzip(t, backup))), "\n")
	return lines[:len(lines)-1]
}
