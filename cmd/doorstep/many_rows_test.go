package main

import (
	"strings"
	"testing"
)

// TestTooManyRowsOfACaseAreAnErrorOfThoseRows: said once, with the line and the way
// out, by every way in; with --partial all of them are left out, and no others.
func TestTooManyRowsOfACaseAreAnErrorOfThoseRows(t *testing.T) {
	t.Parallel()
	const people = "id,role,email\nW1,practitioner,w1@example.org\n"
	const cases = "ref,pathway,opened_at,practitioner\nKN-1,csc-plan,2026-09-01,W1\nKN-2,csc-plan,2026-09-01,W1\n"
	many := "case_ref,kind,at,by\nKN-2,seen,2026-09-02 09:00,W1\n" + strings.Repeat("KN-1,supervision,2026-09-02 10:00,W1\n", 6000)
	const told = "6000 rows are about case KN-1, and at most 5000 of a case are taken in at once: " +
		"this does not look like the record of a case; export it again, or hand it over in several files"
	files := func() map[string]string {
		return map[string]string{"people.csv": people, "cases.csv": cases, "many.csv": many}
	}
	load := []string{"import people ./people.csv", "import cases ./cases.csv"}
	for _, c := range []struct {
		name, command, errs string
		events              int
	}{
		{"all or nothing", "import events ./many.csv", "doorstep: many.csv:3: column case_ref: " + told + " (and 5999 more rows to line 6002)\n" +
			"doorstep: many.csv: nothing was imported: correct these rows, or use --partial to import the others\n", 0},
		{"partial", "import events ./many.csv --partial", "the rows left out are in ./many.csv.rejected.csv\n" +
			"doorstep: many.csv: 6000 bad rows were left out: correct them in the rejected file and import that\n", 1},
		{"the rejected rows again", "import events ./many.csv.rejected.csv --dry-run", "doorstep: many.csv.rejected.csv:2: column case_ref: " + told +
			" (and 5999 more rows to line 6001)\ndoorstep: many.csv.rejected.csv: nothing was imported: correct these rows, or use --partial to import the others\n", 1},
		{"simulated", "simulate --people ./people.csv --cases ./cases.csv --events ./many.csv --from 2026-09-01 --to 2026-09-10",
			"doorstep: many.csv:3: column case_ref: ", 0},
	} {
		run := load
		if c.name == "the rejected rows again" {
			run = append(run[:2:2], "import events ./many.csv --partial")
		}
		_, errs, code := inFolder(t, files(), append(run[:len(run):len(run)], c.command)...)
		if code != exitUsage || !strings.Contains(errs, c.errs) || strings.Count(errs, "rows are about") > 1 {
			t.Errorf("%s (exit %d):\n%s\nwant exit 2 and\n%s", c.name, code, errs, c.errs)
		}
		out, _, _ := inFolder(t, files(), append(run[:len(run):len(run)], c.command, "case KN-2")...)
		if n := strings.Count(out, "seen by W1"); n != c.events {
			t.Errorf("%s: the other case has %d events, want %d:\n%s", c.name, n, c.events, out)
		}
	}
}
