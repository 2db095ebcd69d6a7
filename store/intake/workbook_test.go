package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// book makes a workbook of sheets with rows.
func book(t testing.TB, sheets map[string][][]any, order ...string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, name := range order {
		if i == 0 {
			must(t, f.SetSheetName("Sheet1", name))
		} else if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for row, values := range sheets[name] {
			must(t, f.SetSheetRow(name, fmt.Sprintf("A%d", row+1), &values))
		}
	}
	return saved(t, f)
}

func saved(t testing.TB, f *excelize.File) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, f.Write(&b))
	return b.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// readBook reads a workbook of events and returns a line for each, and what is wrong.
func readBook(t testing.TB, o Options, content []byte) (events, faults string) {
	t.Helper()
	o.File = "visits.xlsx"
	var k kept
	result, err := Read(context.Background(), bytes.NewReader(content), o, &k)
	if err == nil {
		err = result.Err(result.File)
	}
	var lines []string
	for _, e := range k.events {
		lines = append(lines, strings.TrimSpace(fmt.Sprintln(e.Case, e.Kind, e.At.Format(time.RFC3339), e.By, e.Reason)))
	}
	if err != nil {
		faults = err.Error()
	}
	return strings.Join(lines, "\n"), faults
}

var visitsRows = [][]any{{"case_ref", "kind", "at", "by", "reason"}, {"K", "seen", "2026-09-02 10:00", "W1", "two\nlines"}}

// TestCellsAreReadAsWhatTheyAre: dates by their format, numbers with their digits,
// texts as they stand, formulas by what they last came to.
func TestCellsAreReadAsWhatTheyAre(t *testing.T) {
	f := excelize.NewFile()
	must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"case_ref", "kind", "at", "by", "reason", ""}))
	at := time.Date(2026, 9, 2, 10, 5, 0, 0, time.UTC)
	day := time.Date(2026, 9, 2, 0, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		format string
		at     any
		ref    any
	}{
		{"dd/mm/yyyy hh:mm", at, "00123"},
		{"mm/dd/yyyy h:mm AM/PM", at, 123},
		{"[$-809]dd mmmm yyyy;@", day, 9434765871},
		{"yyyy-mm-dd", day, "K"},
		{`"on "d\.m\.yy`, day, "K"},
		{"@", "2026-09-02T10:05:00+01:00", "K"},
	} {
		row := i + 2
		format := c.format
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
		must(t, err)
		must(t, f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row), &[]any{c.ref, "seen", nil, "W1"}))
		must(t, f.SetCellValue("Sheet1", fmt.Sprintf("C%d", row), c.at))
		must(t, f.SetCellStyle("Sheet1", fmt.Sprintf("C%d", row), fmt.Sprintf("C%d", row), style))
	}
	zeros := "00000"
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &zeros})
	must(t, err)
	must(t, f.SetCellStyle("Sheet1", "A3", "A3", style))
	events, faults := readBook(t, options(t, Events), saved(t, f))
	want := "00123 seen 2026-09-02T09:05:00Z W1\n00123 seen 2026-09-02T09:05:00Z W1\n9434765871 seen 2026-09-01T23:00:00Z W1\n" +
		"K seen 2026-09-01T23:00:00Z W1\nK seen 2026-09-01T23:00:00Z W1\nK seen 2026-09-02T09:05:00Z W1"
	if faults != "" || events != want {
		t.Errorf("events\n%s\nwant\n%s\n%s", events, want, faults)
	}
}

func TestDatesThatCountFrom1904(t *testing.T) {
	f := excelize.NewFile()
	from1904 := true
	must(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &from1904}))
	must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"case_ref", "kind", "at"}))
	must(t, f.SetSheetRow("Sheet1", "A2", &[]any{"K", "seen", 44805.5}))
	style, err := f.NewStyle(&excelize.Style{NumFmt: 22})
	must(t, err)
	must(t, f.SetCellStyle("Sheet1", "C2", "C2", style))
	if events, faults := readBook(t, options(t, Events), saved(t, f)); events != "K seen 2026-09-02T11:00:00Z" || faults != "" {
		t.Errorf("%s, %s; want noon of 2 September 2026", events, faults)
	}
}

func TestADateAndATimeInColumnsOfTheirOwn(t *testing.T) {
	f := excelize.NewFile()
	must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"case_ref", "kind", "Day", "Time"}))
	must(t, f.SetSheetRow("Sheet1", "A2", &[]any{"K", "seen", time.Date(2026, 9, 2, 0, 0, 0, 0, time.UTC), 10.0/24 + 5.0/1440}))
	for cell, format := range map[string]int{"C2": 14, "D2": 20} {
		style, err := f.NewStyle(&excelize.Style{NumFmt: format})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", cell, cell, style))
	}
	o := options(t, Events)
	o.Mapping = &Mapping{For: Events, Columns: map[string][]Heading{"at": Headings("Day", "Time")}, Dates: []string{"DD/MM/YYYY"}}
	if events, faults := readBook(t, o, saved(t, f)); events != "K seen 2026-09-02T09:05:00Z" || faults != "" {
		t.Errorf("%s, %s; want 10:05 of 2 September", events, faults)
	}
}

func TestFaultsOfAWorkbookNameSheetRowAndColumn(t *testing.T) {
	f := excelize.NewFile()
	must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"case_ref", "kind", "at", "by"}))
	must(t, f.SetSheetRow("Sheet1", "A3", &[]any{"K", "seen", "31/02/2026"}))
	must(t, f.SetSheetRow("Sheet1", "A17", &[]any{"K", "seen", "2026-09-02"}))
	must(t, f.SetCellFormula("Sheet1", "D17", `VLOOKUP(A17,Staff!A:B,2)`))
	must(t, f.SetSheetRow("Sheet1", "A18", &[]any{1e17, "seen", "2026-09-02"}))
	_, faults := readBook(t, options(t, Events), saved(t, f))
	for _, want := range []string{
		`visits.xlsx:Sheet1:3: column at: "31/02/2026" is not a date`,
		`visits.xlsx:Sheet1:17: column by: "=…" is a formula that has no value yet: open the file in Excel and save it`,
		`visits.xlsx:Sheet1:18: column case_ref: "1E+17" is a long number that a spreadsheet has shortened`,
	} {
		if !strings.Contains(faults, want) {
			t.Errorf("%s\nlacks %s", faults, want)
		}
	}
}

func TestWhichSheetOfAWorkbookIsRead(t *testing.T) {
	notes := [][]any{{"Notes"}, {"Exported on Monday"}}
	two := book(t, map[string][][]any{"About": notes, "List 7": visitsRows}, "About", "List 7")
	if events, faults := readBook(t, options(t, Events), two); !strings.HasPrefix(events, "K seen") || faults != "" {
		t.Errorf("the one sheet with an event's columns: %q, %s", events, faults)
	}
	both := book(t, map[string][][]any{"East": visitsRows, "West": visitsRows}, "East", "West")
	if _, faults := readBook(t, options(t, Events), both); faults != `visits.xlsx: several of its sheets could be meant: name one with --sheet: "East" or "West"` {
		t.Errorf("two sheets that suit: %s", faults)
	}
	o := options(t, Events)
	o.Sheet = "west"
	if events, faults := readBook(t, o, both); !strings.HasPrefix(events, "K seen") || faults != "" {
		t.Errorf("the sheet that was named: %q, %s", events, faults)
	}
	o.Sheet = "North"
	if _, faults := readBook(t, o, both); faults != `visits.xlsx: has no sheet "North": use "East" or "West"` {
		t.Errorf("no such sheet: %s", faults)
	}
	if _, faults := readBook(t, options(t, Events), book(t, map[string][][]any{"About": notes, "More": notes}, "About", "More")); !strings.HasPrefix(faults, "visits.xlsx:About:1: the first line names no column of events") {
		t.Errorf("no sheet that suits: %s", faults)
	}
	_, err := Read(context.Background(), strings.NewReader("case_ref,kind,at\n"), Options{Of: Events, File: "a.csv", Sheet: "East"}, &kept{})
	if err == nil || err.Error() != `a.csv: this is no Excel workbook, and has no sheet "East": leave out --sheet` {
		t.Errorf("a sheet of CSV: %v", err)
	}
}

// parts makes a workbook of raw parts.
func parts(t testing.TB, list map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range list {
		w, err := z.Create(name)
		must(t, err)
		_, err = io.WriteString(w, content)
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

const (
	bookXML = `<workbook xmlns:r="r"><sheets><sheet name="One" sheetId="1" r:id="a"/></sheets></workbook>`
	bookRel = `<Relationships><Relationship Id="a" Type="x/worksheet" Target="sheet.xml"/></Relationships>`
)

func oneSheet(t testing.TB, sheet string) []byte {
	return parts(t, map[string]string{"xl/workbook.xml": bookXML, "xl/_rels/workbook.xml.rels": bookRel, "xl/sheet.xml": sheet})
}

func TestWorkbooksThatCannotBeReadSayWhy(t *testing.T) {
	good := book(t, map[string][][]any{"One": visitsRows}, "One")
	const row = `<worksheet><sheetData><row r="1"><c t="str"><v>case_ref</v></c><c t="str"><v>kind</v></c><c t="str"><v>at</v></c></row>`
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"cut off":                 {good[:len(good)-100], "begins like an Excel workbook and cannot be opened as one: it was cut off or is damaged"},
		"old":                     {[]byte(oleMagic + strings.Repeat("x", 600)), "this is an old Excel workbook (.xls): open it in Excel and save it as"},
		"with a password":         {[]byte(oleMagic + strings.Repeat("x", 600) + encrypted), "this Excel workbook is protected with a password: save it without one"},
		"another archive":         {parts(t, map[string]string{"a.csv": "x"}), "this is a ZIP file and no Excel workbook"},
		"binary":                  {parts(t, map[string]string{"xl/workbook.bin": "x"}), "this is a binary Excel workbook (.xlsb)"},
		"OpenDocument":            {parts(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "x"}), "this is an OpenDocument file (.ods): save it as"},
		"Word":                    {parts(t, map[string]string{"[Content_Types].xml": "x", "word/document.xml": "x"}), "this is a Word document"},
		"a bomb":                  {oneSheet(t, row+strings.Repeat(" ", 64<<20)), "unpacks to"},
		"a sheet without its end": {oneSheet(t, row+`<row r="2"><c t="str"><v>K</v></c></row>`), "is damaged or was cut off"},
		"a cell without its end":  {oneSheet(t, row+`<row r="2"><c t="str"><v>K`), "is damaged or was cut off"},
		"an endless value":        {oneSheet(t, row+`<row r="2"><c t="str"><v>`+strings.Repeat("xy", 3<<20)+`</v></c></row></sheetData></worksheet>`), "holds a value of more than 1 MB"},
		"rows out of order":       {oneSheet(t, row+`<row r="1"></row></sheetData></worksheet>`), "its rows are out of order"},
		"a column too far":        {oneSheet(t, row+`<row r="2"><c r="XFD2" t="str"><v>K</v></c></row></sheetData></worksheet>`), "the sheet holds more than 1000 columns"},
		"an empty sheet":          {oneSheet(t, `<worksheet><sheetData/></worksheet>`), "the sheet is empty: its first row should name the columns"},
	} {
		var k kept
		_, err := Read(context.Background(), bytes.NewReader(c.content), func() Options { o := options(t, Events); o.File = "visits.xlsx"; return o }(), &k)
		var faults *Faults
		if !errors.As(err, &faults) || !strings.HasPrefix(err.Error(), "visits.xlsx") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want a fault of the file that says: %s", name, err, c.want)
		}
	}
}

// TestMergedCellsAreNoEmptyOnes: of cells merged into one the first alone holds the value.
// Read as empty, the others would take a manager from a case.
func TestMergedCellsAreNoEmptyOnes(t *testing.T) {
	for _, c := range []struct{ merged, fault string }{
		{"D3:D4", "visits.xlsx:One:3: the cells D3:D4 are merged into one, so that the rows below the first have no value of their own"},
		{"A3:E4", "visits.xlsx:One:3: the cells A3:E4 are merged into one"},
		{"A1:C1", ""}, // a title
		{"F3:F4", ""}, // beside the columns
		{"D4:E4", ""}, // within a row, of which each column speaks for itself
	} {
		f := excelize.NewFile()
		for i, row := range [][]any{{"Visits of a week"}, visitsRows[0], {"K", "seen", "2026-09-02 10:00", "W1"}, {"L", "seen", "2026-09-02 11:00", ""}} {
			must(t, f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
		}
		must(t, f.SetSheetName("Sheet1", "One"))
		from, to, _ := strings.Cut(c.merged, ":")
		must(t, f.MergeCell("One", from, to))
		o := options(t, Events)
		o.Mapping = &Mapping{For: Events, Ignore: []string{"*"}}
		events, faults := readBook(t, o, saved(t, f))
		f.Close()
		if (c.fault == "") != (faults == "") || !strings.HasPrefix(faults, c.fault) {
			t.Errorf("%s merged: %q, want %q; read:\n%s", c.merged, faults, c.fault, events)
		}
	}
}

// TestAWorkbookIsReadFromWhatCannotBeReadTwice: as from standard input.
func TestAWorkbookIsReadFromWhatCannotBeReadTwice(t *testing.T) {
	var k kept
	_, err := Read(context.Background(), io.MultiReader(bytes.NewReader(book(t, map[string][][]any{"One": visitsRows}, "One"))), options(t, Events), &k)
	if err != nil || len(k.events) != 1 || k.events[0].Reason != "two\nlines" {
		t.Errorf("events %+v, %v; want one", k.events, err)
	}
}

func TestRejectedRowsOfAWorkbookAreCSVAndSafeToOpen(t *testing.T) {
	content := book(t, map[string][][]any{"One": {{"case_ref", "kind", "at", "by"}, {"K", "sen", "2026-09-02", "W1"}, {"K", "seen", "2026-09-02", "W1"}, {"-K", "", "2026-09-02", "=1"}}}, "One")
	o := options(t, Events)
	o.Partial = true
	var out bytes.Buffer
	n, err := WriteRejected(&out, bytes.NewReader(content), o, []Fault{{Row: 2, Column: "kind", Message: "is wrong"}, {Row: 4, Column: "kind", Message: "is empty"}})
	want := "case_ref,kind,at,by,rejected_because\nK,sen,2026-09-02,W1,column kind: is wrong\n'-K,,2026-09-02,'=1,column kind: is empty\n"
	if err != nil || n != 2 || out.String() != want {
		t.Errorf("%d rows, %v:\n%s, want\n%s", n, err, out.String(), want)
	}
}

// FuzzWorkbook: whatever stands in a sheet, there is an answer, and every row is
// either handed on or named.
func FuzzWorkbook(f *testing.F) {
	f.Add(`<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>case_ref</t></is></c><c t="str"><v>kind</v></c><c t="str"><v>at</v></c></row><row><c><v>1</v></c><c t="s"><v>0</v></c><c s="1"><v>46267.5</v></c></row></sheetData></worksheet>`, `<sst><si><t>seen</t></si></sst>`)
	f.Add(`<worksheet><sheetData><row r="1"><c r="B1"><f>A1</f></c></row><row r="9"/></sheetData>`, `<sst><si><r><t>a</t></r><rPh><t>b</t></rPh></si>`)
	f.Fuzz(func(t *testing.T, sheet, texts string) {
		content := parts(t, map[string]string{"xl/workbook.xml": bookXML, "xl/sheet.xml": sheet, "xl/texts.xml": texts,
			"xl/styles.xml":              `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
			"xl/_rels/workbook.xml.rels": strings.Replace(bookRel, "</R", `<Relationship Id="b" Type="x/sharedStrings" Target="texts.xml"/><Relationship Id="c" Type="x/styles" Target="styles.xml"/></R`, 1)})
		o := options(t, Events)
		o.Partial = true
		var k kept
		result, err := Read(context.Background(), bytes.NewReader(content), o, &k)
		if result.Rows != len(k.events) {
			t.Errorf("%d rows counted, %d handed on", result.Rows, len(k.events))
		}
		var faults *Faults
		if err != nil && !errors.As(err, &faults) {
			t.Errorf("error %v, want the file's own fault", err)
		}
	})
}

// FuzzMapping: whatever a mapping says, it is refused or reads a file.
func FuzzMapping(f *testing.F) {
	f.Add("Y + (empty)", "seen", "DD/MM/YYYY", "Y,no reply,03/09/2026")
	f.Add("* + *", "(leave out)", "D.M.YY hh:mm A", "N,,2026-09-03")
	f.Fuzz(func(t *testing.T, code, word, date, row string) {
		m := &Mapping{For: Events, Columns: map[string][]Heading{"kind": Headings("Flag", "Why")}, Values: map[string]map[string]string{"kind": {code: word}}, Dates: []string{date}}
		if m.Check() != nil {
			return
		}
		o := options(t, Events)
		o.Mapping, o.Partial = m, true
		var k kept
		if _, err := Read(context.Background(), strings.NewReader("case_ref,Flag,Why,at\nK,"+row+"\n"), o, &k); err != nil {
			return
		}
		for _, e := range k.events {
			if e.Kind == "seen" && strings.HasPrefix(row, ",,") {
				t.Errorf("seen of empty codes by %q: %q", code, word)
			}
		}
	})
}
