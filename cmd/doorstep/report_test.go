package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestReportCountsWhatWasWorkedOutByHand: of a replay, and of a database in which the
// same has happened.
func TestReportCountsWhatWasWorkedOutByHand(t *testing.T) {
	t.Parallel()
	folder := "testdata/report"
	want, err := os.ReadFile(filepath.Join(folder, "expected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	call := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, nil, &out, &errs); code != exitDone {
			t.Fatalf("%q: exit %d: %s", args, code, errs.String())
		}
		return strings.ReplaceAll(out.String(), "\r\n", "\n")
	}
	people := "testdata/guidance/people.csv"
	cases, events := filepath.Join(folder, "cases.csv"), filepath.Join(folder, "events.csv")
	got := call("simulate", "--report", "--format", "csv", "--people", people, "--cases", cases, "--events", events, "--from", "2026-09-01", "--to", "2026-11-01")
	if got != string(want) {
		t.Errorf("the figures are\n%s\nwant\n%s", got, want)
	}
	text := call("simulate", "--report", "--people", people, "--cases", cases, "--events", events, "--from", "2026-09-01", "--to", "2026-11-01")
	says(t, "the text", text, []string{"From Tue 1 Sep 2026 00:00 until Sun 1 Nov 2026 00:00", "2026-09 East csc-plan 3 2 of 3 2 of 2 1 of 1 3", "2026-09 East hv-child 1 - - - 2"})
}

// TestReportOfADatabase: the last twelve months, unless somebody says otherwise.
func TestReportOfADatabase(t *testing.T) {
	t.Parallel()
	d := office(t, buildBinary(t), onSQLite(t), family(1), family(2))
	if out := d.command("report", "--from", "2001-01-01", "--to", "2001-02-28"); !strings.Contains(out, "No unsuccessful visit was recorded") {
		t.Errorf("without a visit report prints\n%s\nwant it said", out)
	}
	d.happens(event("a1", "SW-1", "no-access", 90*time.Hour), event("a2", "SW-2", "no-access", 90*time.Hour), event("a3", "SW-2", "voided", 80*time.Hour, "a2"))
	month := now().Add(-90 * time.Hour).In(london(t)).Format("2006-01")
	if out := d.command("report", "--format", "csv"); !strings.Contains(out, "\n"+month+",East,hv-child,1,,,,,,,") {
		t.Errorf("report prints\n%s\nwant one visit in %s", out, month)
	}
	for _, tt := range []struct{ args, want string }{
		{"--format jsonl", `--format: "jsonl" is not known`},
		{"--from 2026-13-01", "--from: "},
		{"--from 2026-03-01 --to 2026-02-01", "--to is before --from"},
		{"--from 2099-01-01 --to 2099-02-01", "--from lies ahead"},
	} {
		if out, errs, code := d.try(append([]string{"report"}, strings.Fields(tt.args)...)...); code != exitUsage || !strings.Contains(errs, tt.want) {
			t.Errorf("report %s: exit %d, %q and %q; want bad input with %q", tt.args, code, out, errs, tt.want)
		}
	}
}
