package intake

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestRejectedRowsStandAsTheyWereWithTheReason(t *testing.T) {
	file := "\ufeffevent_id,case_ref,kind,at,reason\r\n" +
		"x1,K,seen,2026-09-02,fine\r\n" +
		"x2,K,seen,31/02/2026,\"said \"\"no\"\",\r\nand left\"\r\n" +
		"\r\n" +
		"x3,K,s\"een,2026-09-02,\r\n" +
		"x4,K,seen,2026-09-03,fine\r\n" +
		"x5,K,seen\r\n"
	o := options(t, Events)
	o.Partial = true
	var k kept
	result, err := Read(context.Background(), strings.NewReader(file), o, &k)
	if err != nil {
		t.Fatal(err)
	}
	faults := append(result.Faults, Fault{Row: 2, Column: "case_ref", Message: "there is no case K"}) // as a sink would find
	for _, pieces := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader} {
		var out strings.Builder
		n, err := WriteRejected(&out, pieces(strings.NewReader(file)), o, faults)
		if err != nil || n != 4 {
			t.Fatalf("%d rows, %v; want 4", n, err)
		}
		want := "\ufeffevent_id,case_ref,kind,at,reason,rejected_because\n" +
			"x1,K,seen,2026-09-02,fine,column case_ref: there is no case K\n" +
			"x2,K,seen,31/02/2026,\"said \"\"no\"\",\nand left\",\"column at: \"\"31/02/2026\"\" is not a date: write it as 2026-12-24, 2026-12-24 16:00 or 2026-12-24T16:00:00Z\"\n" +
			"\"x3,K,s\"\"een,2026-09-02,\",a quotation mark stands inside a value: put the whole value in quotation marks and double those inside it\n" +
			"x5,K,seen,has 3 values where the header has 5 columns: a comma or a quotation mark is missing or too many\n"
		if out.String() != want {
			t.Errorf("got\n%s\nwant\n%s", out.String(), want)
		}
	}
}

// TestCorrectedRejectsCanBeImported: the further column is passed over, twice too.
func TestCorrectedRejectsCanBeImported(t *testing.T) {
	k, faults := read(t, options(t, Events), "case_ref,kind,at,rejected_because,rejected_because\nK,seen,2026-09-02,why,why again\n")
	if faults != "" || len(k.events) != 1 {
		t.Errorf("%d events, %s; want 1 and no fault", len(k.events), faults)
	}
}

func TestPartialRefusesAFileThatIsMostlyBad(t *testing.T) {
	o := options(t, Events)
	o.Partial = true
	result, err := Read(context.Background(), strings.NewReader("case_ref,kind,at\n"+strings.Repeat("K,sen,2026-09-02\n", 20_000)), o, &kept{})
	var faults *Faults
	if !errors.As(err, &faults) || len(result.Faults) != 10_001 {
		t.Errorf("%d faults, %v; want the file refused at the 10,001st bad row", len(result.Faults), err)
	}
}

func TestSpooledInputCanBeReadTwice(t *testing.T) {
	f, err := Spool(strings.NewReader("case_ref,kind,at\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 2 {
		b, err := io.ReadAll(f)
		if err != nil || string(b) != "case_ref,kind,at\n" {
			t.Fatalf("read %q, %v", b, err)
		}
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRejectedRowsComeInAgainUnharmed: whatever stands in them, no cell of the copy is a
// formula, and each is read as that of the file was.
func TestRejectedRowsComeInAgainUnharmed(t *testing.T) {
	values := []string{"=1+1", "+44 7700 900101", "-K", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u200b=1", "\ufeff=1", "＝1", "'=1", "''=1", "'00123", "'quoted'", "=\"00123\"",
		"\"W1\"", "a;b", "a,b", "two\nlines", "\n=1", "Zoë", "", "=…", "'", "=", "9.43476E+09", "\u00a0x\u00a0"}
	for _, comma := range []string{"comma", "semicolon", "tab"} {
		o := options(t, Events)
		o.Mapping = &Mapping{For: Events, Delimiter: comma}
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		w.Comma = o.Mapping.comma()
		w.Write([]string{"case_ref", "kind", "at", "by", "reason"})
		var faults []Fault
		for i, value := range values {
			w.Write([]string{"K", "seen", "2026-09-02", value, value})
			faults = append(faults, Fault{Row: 2 + i + strings.Count(strings.Join(values[:i], ""), "\n")*2, Column: "by", Message: "=is wrong"})
		}
		w.Flush()
		var out bytes.Buffer
		if n, err := WriteRejected(&out, bytes.NewReader(file.Bytes()), o, faults); err != nil || n != len(values) {
			t.Fatalf("%s: %d rows copied, %v; want %d", comma, n, err, len(values))
		}
		r := csv.NewReader(bytes.NewReader(out.Bytes()))
		r.Comma = o.Mapping.comma()
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows[1:] {
			for _, value := range row {
				if value != "" && strings.ContainsRune("=+-@\t\r", []rune(strings.TrimLeft(value, " \u200b\ufeff"))[0]) {
					t.Errorf("%s: the cell %q of the copy would be a formula", comma, value)
				}
			}
			if got, want := cell(row[3]), cell(values[i]); got != want {
				t.Errorf("%s: %q is read as %q from the copy, and from the file as %q", comma, values[i], got, want)
			}
		}
	}
}

// TestRejectedRowsSayHowTheyAreDivided: in a spreadsheet's own words, where the file did.
func TestRejectedRowsSayHowTheyAreDivided(t *testing.T) {
	o := options(t, Events)
	var out strings.Builder
	file := "sep=;\ncase_ref;kind;at\nK;sen;2026-09-02\n"
	if _, err := WriteRejected(&out, strings.NewReader(file), o, []Fault{{Row: 3, Column: "kind", Message: "is wrong"}}); err != nil {
		t.Fatal(err)
	}
	if want := "sep=;\ncase_ref;kind;at;rejected_because\nK;sen;2026-09-02;column kind: is wrong\n"; out.String() != want {
		t.Errorf("got\n%s, want\n%s", out.String(), want)
	}
}
