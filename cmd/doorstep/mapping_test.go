package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
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
	t.Parallel()
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
	t.Parallel()
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
	if code != exitDone || !strings.Contains(out, "events  Liquidlogic, visits\n") {
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
	t.Parallel()
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

// annexABook is a workbook with lists 3, 5 and 7 as authorities hand it to inspectors: with
// titles above the headings, and sheets named in their own way.
func annexABook(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	day := func(n int) time.Time { return now().AddDate(0, 0, -n).Truncate(24 * time.Hour) }
	sheets := []struct {
		name string
		rows [][]any
	}{
		{"List_3", [][]any{
			{"List 3: Referrals"}, {},
			{"Child Unique ID", "Gender", "Date of Birth", "Date of referral", "Referral Source", "Referral NFA?", "Allocated Team", "Allocated Worker"},
			{1012001, "a) Male", day(2000), day(1), "q) 6: Police", "No", "East", "Lane, Ada"},
			{1012002, "b) Female", day(2000), day(1), "q) 6: Police", "a) Yes", "East", "Lane, Ada"},
			{1012003, "b) Female", day(2000), day(12), "s) 8: Other", "No", "East", "Ada\u00a0Lane"},
			{1012003, "b) Female", day(2000), day(1), "s) 8: Other", "No", "East", "Ada\u00a0Lane"},
			{1012004, "b) Female", day(2000), day(150), "s) 8: Other", "No", "East", "Ada Lane"},
		}},
		{"List_5", [][]any{
			{"List 5: Section 47 enquiries"},
			{"Child Unique ID", "Strategy discussion initiating Section 47 Enquiry Start Date", "Was an Initial Child Protection Conference deemed unnecessary?", "Date of Initial Child Protection Conference", "Allocated Team", "Allocated Worker"},
			{1012001, day(0), "b) No", nil, "East", "W1"},
			{1012005, day(20), "b) No", day(9), "East", "W1"},
			{1012006, day(20), "Yes", nil, "East", "W1"},
		}},
		{"List_7", [][]any{
			{"Child Unique ID", "Child Protection Plan Start Date", "Date of the Last Statutory Visit", "Child Protection Plan End Date", "Allocated Team", "Allocated Worker"},
			{1012001, day(90), day(3), nil, "East", "Ada Lane"},
		}},
	}
	for _, s := range sheets {
		if _, err := f.NewSheet(s.name); err != nil {
			t.Fatal(err)
		}
		for row, values := range s.rows {
			if err := f.SetSheetRow(s.name, "A"+strconv.Itoa(row+1), &values); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "annex.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestEachListOfAnnexAStartsTheClockItIsAbout: a child in three lists has three cases.
func TestEachListOfAnnexAStartsTheClockItIsAbout(t *testing.T) {
	t.Parallel()
	book := annexABook(t)
	files := map[string]string{"people.csv": plansPeople}
	commands := []string{"import people ./people.csv", "import cases " + book + " --mapping ofsted-annex-a-referrals", "import cases " + book + " --mapping ofsted-annex-a-section-47 --sheet List-5", "import cases " + book + " --mapping ofsted-annex-a"}
	for i, want := range []string{"", "annex.xlsx: 3 rows with 1 event in them: 3 added, 0 changed, 0 unchanged, 2 passed over by the mapping;", "annex.xlsx: 2 rows: 2 added, 0 changed, 0 unchanged, 1 passed over by the mapping;", "annex.xlsx: 1 row with 1 event in them: 2 added,"} {
		out, errs, code := inFolder(t, files, commands[:i+1]...)
		if code != exitDone || !strings.HasPrefix(out, want) {
			t.Errorf("%s: %q (exit %d), want it to begin with %q\n%s", commands[i], out, code, want, errs)
		}
	}
	for _, again := range commands[1:] {
		out, errs, code := inFolder(t, files, append(commands, again)...)
		if want := "duties: 0 opened, 0 met, 0 moved, 0 ended"; code != exitDone || !strings.Contains(out, " 0 added, 0 changed,") || !strings.Contains(out, want) {
			t.Errorf("%s again: %q (exit %d), want nothing to change\n%s", again, out, code, errs)
		}
	}
	for ref, want := range map[string]string{
		"1012001-CF":  "3 days from the case opening on " + now().AddDate(0, 0, -1).Format("Mon 2 January"),
		"1012001-S47": "1 day from the case opening on " + now().Format("Mon 2 January"),
		"1012001":     "10 working days from",
		"1012003-CF":  "3 days from the case reopening on " + now().AddDate(0, 0, -1).Format("Mon 2 January"),
	} {
		out, errs, code := inFolder(t, files, append(commands, "case "+ref)...)
		if code != exitDone || !strings.Contains(out, want) {
			t.Errorf("case %s: (exit %d, %s) want %q in\n%s", ref, code, errs, want, out)
		}
	}
	out, _, _ := inFolder(t, files, append(commands, "case 1012005-S47")...)
	if strings.Contains(out, "overdue") || !strings.Contains(out, "closed") {
		t.Errorf("the enquiry that ended with its conference:\n%s", out)
	}
	_, errs, code := inFolder(t, files, commands[0], "import cases "+book+" --mapping ofsted-annex-a --sheet List_5")
	if want := "annex.xlsx:List_5:2: column Child Protection Plan Start Date: is missing"; code != exitUsage || !strings.Contains(errs, want) {
		t.Errorf("another list's mapping: %q (exit %d), want %q", errs, code, want)
	}
}
