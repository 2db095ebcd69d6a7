package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
)

// TestDutiesListsWhatIsToBeDone: everything, or one person's, one manager's, what is
// overdue or due by a time.
func TestDutiesListsWhatIsToBeDone(t *testing.T) {
	t.Parallel()
	load := []string{"import people ./people.csv", "import cases ./cases.csv", "import events ./visit.csv"}
	for command, c := range map[string]struct {
		want  []string
		never []string
	}{
		"duties": {[]string{"KN-7 Set a timeframe for a further visit OVERDUE since Thu 3 Sep 2026 10:00 for the manager, G1, attempt 1, team East",
			"KN-7 See the child again OVERDUE since Wed 9 Sep 2026 17:00 for the practitioner, W1, attempt 1; manager G1, team East", "duties to do,"}, nil},
		"duties --owner W1":                                        {[]string{"for the practitioner, W1"}, []string{"for the manager"}},
		"duties --manager G1 --state overdue":                      {[]string{"for the practitioner, W1", "for the manager, G1"}, nil},
		"duties --due-before 2026-09-02":                           {[]string{"No duty that is to be done is one of those asked for."}, nil},
		"duties --owner G1 --due-before 2026-09-03T17:00:00+01:00": {[]string{"Set a timeframe", "1 duty to do, 1 of them overdue"}, []string{"Record actions"}},
		"duties --state open --due-before 2026-09-20":              {[]string{"No duty that is to be done is one of those asked for."}, nil},
	} {
		out, errs, code := inFolder(t, recordable(), append(load, command)...)
		says(t, command, out, c.want, c.never...)
		if code != exitDone {
			t.Errorf("%s: exit %d: %s", command, code, errs)
		}
	}
	for command, want := range map[string]string{
		"duties --owner W2":         `there is nobody with the id "W2" (did you mean W1?)`,
		"duties --manager G2":       `there is nobody with the id "G2" (did you mean G1?)`,
		"duties --manager W1":       "W1 is no manager and manages no case",
		"duties --state late":       `--state: "late" is not known: use open or overdue`,
		"duties --format cvs":       `--format: "cvs" is not known (did you mean csv?): use text, jsonl or csv`,
		"duties --due-before later": `--due-before: "later" is not a time`,
	} {
		if _, errs, code := inFolder(t, recordable(), append(load, command)...); code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d: %q, want exit 2 and %q", command, code, errs, want)
		}
	}
}

// TestDutiesForProgramsSayTheSame: as CSV that is safe to open in a spreadsheet, and as
// JSON, with the names that simulate has.
func TestDutiesForProgramsSayTheSame(t *testing.T) {
	t.Parallel()
	files := recordable()
	files["cases.csv"] = "ref,pathway,opened_at,practitioner,manager,team\nKN-7,csc-child-and-family,2026-09-01 09:00,W1,G1,=1+1\n"
	load := []string{"import people ./people.csv", "import cases ./cases.csv", "import events ./visit.csv"}
	text, _, _ := inFolder(t, files, append(load, "duties --owner G1 --due-before 2026-09-03T17:00:00+01:00 --format csv")...)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows of CSV, error %v, want a header and one duty:\n%s", len(rows), err, text)
	}
	text, _, _ = inFolder(t, files, append(load, "duties --owner G1 --due-before 2026-09-03T17:00:00+01:00 --format jsonl")...)
	var duty map[string]any
	if err := json.Unmarshal([]byte(text), &duty); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for i, name := range rows[0] {
		want := map[string]string{"case": "KN-7", "duty": "set-timeframe", "owner": "manager", "person": "G1", "team": "'=1+1",
			"due_at": "2026-09-03T10:00:00+01:00", "state": "overdue", "attempt": "1"}[name]
		if want != "" && rows[1][i] != want {
			t.Errorf("CSV: %s is %q, want %q", name, rows[1][i], want)
		}
	}
	if duty["team"] != "=1+1" || duty["due_at"] != "2026-09-03T10:00:00+01:00" || duty["attempt"] != 1.0 || duty["owner"] != "manager" {
		t.Errorf("JSON: %s, want the same values", text)
	}
}
