package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

const plansPeople = "id,name,role,email,reports_to\nW1,Ada Lane,practitioner,w1@example.org,M1\nM1,Mo Reed,manager,m1@example.org,\n"

// plansBook is a workbook with a list of plans on one of its sheets, as inspectors
// ask for it.
func plansBook(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for _, step := range []error{
		f.SetSheetName("Sheet1", "List 1"),
		f.SetSheetRow("List 1", "A1", &[]any{"Child Unique ID", "Date of Contact"}),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	if _, err := f.NewSheet("List 7"); err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return now().AddDate(0, 0, -n).Truncate(24 * time.Hour) }
	for row, values := range [][]any{
		{"Child Unique ID", "Gender", "Date of Birth", "Child Protection Plan Start Date", "Date of the Last Statutory Visit", "Child Protection Plan End Date", "Allocated Team", "Allocated Worker"},
		{1012001, "a) Male", "1/2/2020", day(90), day(3), nil, "East", "Lane, Ada"},
		{1012002, "b) Female", "1/2/2020", day(20), nil, nil, "East", "Ada\u00a0Lane"},
		{1012002, "b) Female", "1/2/2020", day(200), day(150), day(100), "East", "Ada Lane"},
	} {
		if err := f.SetSheetRow("List 7", "A"+string(rune('1'+row)), &values); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "plans.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAListOfPlansStartsTheClockWhereTheChildWasLastSeen: and not on the day when the
// plan began, long overdue; a second plan counts from its own beginning.
func TestAListOfPlansStartsTheClockWhereTheChildWasLastSeen(t *testing.T) {
	book := plansBook(t)
	commands := []string{"import people ./people.csv", "import cases " + book + " --mapping ofsted-annex-a"}
	out, errs, code := inFolder(t, map[string]string{"people.csv": plansPeople}, commands...)
	if want := "plans.xlsx: 3 rows with 3 events in them: 5 added, 0 changed, 0 unchanged;"; code != exitDone || !strings.HasPrefix(out, want) {
		t.Fatalf("%q (exit %d), want it to begin with %q\n%s", out, code, want, errs)
	}
	out, _, _ = inFolder(t, map[string]string{"people.csv": plansPeople}, append(commands, "case 1012001")...)
	if !strings.Contains(out, "10 working days from") || strings.Contains(out, "overdue") {
		t.Errorf("the child who was seen three days ago:\n%s", out)
	}
	out, _, _ = inFolder(t, map[string]string{"people.csv": plansPeople}, append(commands, "case 1012002")...)
	if !strings.Contains(out, "the case reopening on "+now().AddDate(0, 0, -20).Format("Mon 2 January")) {
		t.Errorf("the child whose second plan began twenty days ago counts from it:\n%s", out)
	}
	again, errs, code := inFolder(t, map[string]string{"people.csv": plansPeople}, append(commands, commands[1])...)
	if want := "0 added, 0 changed, 5 unchanged; duties: 0 opened, 0 met, 0 moved, 0 ended"; code != exitDone || !strings.Contains(again, want) {
		t.Errorf("the same list again: %q (exit %d), want %q\n%s", again, code, want, errs)
	}
}

func TestAMappingIsTriedOnAFileRowByRow(t *testing.T) {
	mapping := "for: events\ntitle: Ours\ncolumns: {case_ref: Child, at: Day, kind: [Flag, Why]}\nvalues: {kind: {Y + (empty): seen, N + *: not-seen}}\ndates: [DD/MM/YYYY]\n"
	files := map[string]string{"ours.yaml": mapping, "visits.csv": "Child,Day,Flag,Why\nK-1,01/09/2026,Y,\nK-2,02/09/2026,,Young person refused\nK-3,03/09/2026,N,Out\n"}
	out, errs, code := inFolder(t, files, "mapping try ./ours.yaml ./visits.csv")
	want := `row 2: case K-1: seen, at Tue 1 September 2026 00:00
row 3: ERROR: column Flag + Why (kind): "(empty) + Young person refused" is not among the mapping's values of kind: correct it, or say there what it means, beside "N + *", "Y + (empty)"
row 4: case K-3: not-seen, at Thu 3 September 2026 00:00
visits.csv: 2 rows read, 0 left out by the mapping, 1 bad; nothing was changed
`
	if out != want || code != exitUsage || !strings.Contains(errs, "visits.csv: 1 bad row") {
		t.Errorf("exit %d, %s:\n%s, want\n%s", code, errs, out, want)
	}
	out, errs, code = inFolder(t, map[string]string{}, "mapping list")
	if code != exitDone || !strings.Contains(out, "liquidlogic-visits  events  Liquidlogic, visits\n") {
		t.Errorf("exit %d, %s:\n%s", code, errs, out)
	}
	out, errs, code = inFolder(t, map[string]string{}, "mapping show nhs-community")
	for _, part := range []string{"from LOCAL PATIENT IDENTIFIER (EXTENDED) or LOCAL PATIENT IDENTIFIER\n", "  3 + A01  no-access\n", "every other column is passed over"} {
		if code != exitDone || !strings.Contains(out, part) {
			t.Errorf("exit %d, %s: lacks %q:\n%s", code, errs, part, out)
		}
	}
}

func TestSimulateReadsByMappings(t *testing.T) {
	book := plansBook(t)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "people.csv"), []byte(plansPeople), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	day := func(n int) string { return now().AddDate(0, 0, n).Format(time.DateOnly) }
	code := run(t.Context(), []string{"simulate", "--people", filepath.Join(folder, "people.csv"), "--cases", book, "--mapping", "ofsted-annex-a",
		"--sheet", "cases=List 7", "--from", day(-1), "--to", day(1)}, strings.NewReader(""), &out, &errs)
	if code != exitDone || !strings.Contains(out.String(), `"case":"1012001","duty":"see-child"`) {
		t.Errorf("exit %d, %s, want a duty to see the child:\n%s", code, errs.String(), out.String())
	}
}
