package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"example.org/doorstep/pathway"
)

// TestFilesThatAreNoCSV shows what is said of a file that cannot be read, and
// that none of its rows gets in behind the place that cannot.
func TestFilesThatAreNoCSV(t *testing.T) {
	const header = "case_ref,kind,at\n"
	const row = "K,seen,2026-09-02\n"
	tests := []struct{ name, file, want string }{
		{"empty", "", "events.csv: the file is empty: its first line should name the columns"},
		{"only a byte-order mark", "\ufeff", "events.csv: the file is empty: its first line should name the columns"},
		{"UTF-16", "\xff\xfec\x00a\x00s\x00e\x00", `events.csv: this file is in UTF-16 ("Unicode text"): save it as "CSV UTF-8", or convert it with: iconv -f UTF-16 -t UTF-8`},
		{"UTF-16 without a mark", "c\x00a\x00s\x00e\x00_\x00", `events.csv: this file is in UTF-16 ("Unicode text"): save it as "CSV UTF-8", or convert it with: iconv -f UTF-16 -t UTF-8`},
		{"UTF-32", "\xff\xfe\x00\x00c\x00\x00\x00", `events.csv: this file is in UTF-32: save it as "CSV UTF-8", or convert it with: iconv -f UTF-32 -t UTF-8`},
		{"zeros at its end", header + row + strings.Repeat("\x00", 600), "events.csv:3: holds binary data (a zero byte): this is no CSV file, or it is damaged; export it again"},
		{"Excel", "PK\x03\x04\x14\x00\x06\x00", `events.csv: begins like an Excel workbook and cannot be opened as one: it was cut off or is damaged; export it again`},
		{"binary", header + row + "K,se\x00en,2026-09-02\n", "events.csv:3: holds binary data (a zero byte): this is no CSV file, or it is damaged; export it again"},
		{"Windows-1252", header + row + "K\xe9,seen,2026-09-02\n", `events.csv:3: the byte 0xE9 is not UTF-8: the file seems to be in Windows-1252 (what "CSV" without "UTF-8" gives in Excel): save it as "CSV UTF-8", or convert it with: iconv -f WINDOWS-1252 -t UTF-8`},
		{"another encoding", header + "K\x8f,seen,2026-09-02\n", `events.csv:2: the byte 0x8F is not UTF-8, nor Windows-1252: the file is damaged or in another encoding; save it as "CSV UTF-8"`},
		{"cut off in a character", header + row + "K\xc3", `events.csv:3: the byte 0xC3 is not UTF-8: the file seems to be in Windows-1252 (what "CSV" without "UTF-8" gives in Excel): save it as "CSV UTF-8", or convert it with: iconv -f WINDOWS-1252 -t UTF-8`},
		{"cut off inside quotation marks", header + row + "\"K,seen,2026-09-02\n" + row, "events.csv:3: the file ends inside quotation marks that open in this row: it was cut off, or a mark is missing; export it again"},
		{"semicolons", "case_ref;kind;at\nK;seen;2026-09-02\n", `events.csv:1: the columns are separated by semicolons: save the file with commas, or import it with a mapping that says "delimiter: semicolon"`},
		{"tabs", "case_ref\tkind\tat\nK\tseen\t2026-09-02\n", `events.csv:1: the columns are separated by tabs: save the file with commas, or import it with a mapping that says "delimiter: tab"`},
		{"carriage returns", "case_ref,kind,at\rK,seen,2026-09-02\r", `events.csv:1: the lines end with a carriage return alone: save the file as "CSV UTF-8"`},
		{"another sort", "ref,pathway,opened_at\n", "events.csv:1: this is a file of cases, not of events: import it as cases"},
		{"duplicate header", "case_ref,kind,at,Kind\n", "events.csv:1: column Kind: stands here twice, as columns 2 and 4: take one of them out"},
		{"nameless column", "case_ref,,kind,at\n", "events.csv:1: column 2 has no name: name it, or take the column out"},
		{"unknown columns", "case_ref,kind,at,bokked_for,colour\n", "events.csv:1: column bokked_for: is not a column of events (did you mean booked_for?): correct it, take it out, or import with a mapping that ignores it\n" +
			"events.csv:1: column colour: is not a column of events: correct it, take it out, or import with a mapping that ignores it"},
		{"no header", "KN-7,no-access,2026-09-02\n", "events.csv:1: the first line names no column of events: it should name the columns, such as case_ref, kind, at"},
		{"rows above the header", "Visits in November\nKN-7,no-access,2026-09-02\ncase_ref,kind,at\n" + row, "events.csv:3: this line names the columns, and line 2 above it holds values as a row does: put the columns first, so that no row is lost"},
		{"unknown column below a title", "Visits in November\n\ncase_ref,kind,at,colour\n", "events.csv:3: column colour: is not a column of events: correct it, take it out, or import with a mapping that ignores it"},
		{"semicolons below a title", "Visits in November\ncase_ref;kind;at\nK;seen;2026-09-02\n", `events.csv:2: the columns are separated by semicolons: save the file with commas, or import it with a mapping that says "delimiter: semicolon"`},
		{"missing columns", "event_id,kind\n", "events.csv:1: the header lacks case_ref, at: the first line of the file names the columns, and events need case_ref, kind, at"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, pieces := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader} {
				_, err := Read(context.Background(), pieces(strings.NewReader(tt.file)), options(t, Events), &kept{})
				var faults *Faults
				if !errors.As(err, &faults) || err.Error() != tt.want {
					t.Errorf("got\n%v, want\n%s", err, tt.want)
				}
			}
		})
	}
}

// TestATitleMayStandAboveTheColumns: reports put one there, and say when they were made.
func TestATitleMayStandAboveTheColumns(t *testing.T) {
	rows := &kept{}
	result, err := Read(context.Background(), strings.NewReader("Visits in November,,\nMade on,30/11/2026,\n\ncase_ref,kind,at\nK,seen,2026-09-02\nK,sen,2026-09-03\n"), options(t, Events), rows)
	if err != nil || len(rows.events) != 1 || result.Rows != 1 || result.BadRows != 1 || result.Faults[0].Row != 6 {
		t.Errorf("read %d events, %d good rows and %d bad ones (%v): %v; want the good one, and the bad one as line 6", len(rows.events), result.Rows, result.BadRows, err, result.Faults)
	}
}

func TestHeaderAloneIsAFileOfNothing(t *testing.T) {
	for _, file := range []string{"case_ref,kind,at", "case_ref,kind,at\r\n", "\ufeffCase_Ref, KIND ,at\n\n,,\n"} {
		result, err := Read(context.Background(), strings.NewReader(file), options(t, Events), &kept{})
		if err != nil || result.Rows != 0 || result.BadRows != 0 {
			t.Errorf("%q: %+v, %v; want no rows and no error", file, result, err)
		}
	}
}

// TestCharactersAcrossPiecesAreWhole: a character that falls on the end of a
// piece of the file is still UTF-8.
func TestCharactersAcrossPiecesAreWhole(t *testing.T) {
	file := "case_ref,kind,at,reason\nK,seen,2026-09-02,żółć 漢字 👪\n"
	var k kept
	_, err := Read(context.Background(), iotest.OneByteReader(strings.NewReader(file)), options(t, Events), &k)
	if err != nil || len(k.events) != 1 || k.events[0].Reason != "żółć 漢字 👪" {
		t.Errorf("read %v, %v", k.events, err)
	}
}

// endless is a file that never stops.
type endless struct {
	head  string
	piece []byte
	given int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.head != "" {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	n := copy(p, e.piece[int(e.given)%len(e.piece):])
	e.given += int64(n)
	return n, nil
}

func TestEndlessRowIsRefused(t *testing.T) {
	for name, from := range map[string]*endless{
		"a line without end":            {piece: bytes.Repeat([]byte("x"), 4096)},
		"a quotation mark never closed": {head: "case_ref,kind,at\n\"", piece: bytes.Repeat([]byte("K,seen,2026-09-02\n"), 200)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(context.Background(), from, options(t, Events), &kept{})
			var faults *Faults
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), "a row is longer than 1 MB") {
				t.Errorf("error %v, want one that says the row is too long", err)
			}
			if from.given > 3<<20 {
				t.Errorf("read %d bytes before giving up, want about 1 MB", from.given)
			}
		})
	}
}

// counting is a sink that keeps nothing.
type counting struct {
	failing
	rows int
	peak uint64
}

func (c *counting) AddEvent(int, pathway.Event, pathway.Given) error {
	c.rows++
	if c.rows%100_000 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		c.peak = max(c.peak, m.HeapInuse)
	}
	return nil
}

// TestLargeFileIsReadInLittleMemory reads 50 MB that exist nowhere at once.
func TestLargeFileIsReadInLittleMemory(t *testing.T) {
	row := "KN-7,no-access,2026-09-02 10:00,W1,,,,knocked twice and left\n"
	const header = "case_ref,kind,at,by,value,due_at,booked_for,reason\n"
	rows := 50 << 20 / len(row)
	from := io.LimitReader(&endless{head: header, piece: []byte(row)}, int64(len(header)+rows*len(row)))
	var c counting
	result, err := Read(context.Background(), from, options(t, Events), &c)
	if err != nil || result.Rows != rows {
		t.Fatalf("%+v, %v; want %d rows", result, err, rows)
	}
	if c.peak == 0 || c.peak > 32<<20 {
		t.Errorf("%d rows held %d bytes of memory, want less than 32 MB", c.rows, c.peak)
	}
}

func TestCancelledReadingEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Read(ctx, strings.NewReader("case_ref,kind,at\nK,seen,2026-09-02\n"), options(t, Events), &kept{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestDiskErrorIsNoFaultOfTheFile(t *testing.T) {
	broken := errors.New("input/output error")
	_, err := Read(context.Background(), io.MultiReader(strings.NewReader("case_ref,kind,at\nK,seen,2026-"), iotest.ErrReader(broken)), options(t, Events), &kept{})
	var faults *Faults
	if !errors.Is(err, broken) || errors.As(err, &faults) {
		t.Errorf("error %v, want the disk's own", err)
	}
}

// TestWhatSpreadsheetsLeaveBehindIsRead: columns without name and content, line ends
// that were converted twice, the line that names the separator, marks that keep a
// number a text.
func TestWhatSpreadsheetsLeaveBehindIsRead(t *testing.T) {
	all := options(t, Events)
	all.Mapping = &Mapping{For: Events, Ignore: []string{"*"}}
	for name, c := range map[string]struct {
		o    Options
		file string
	}{
		"columns without a name":              {options(t, Events), "case_ref,kind,at,by,,\n00123,seen,2026-09-02,W1,,\n"},
		"values beyond the header":            {options(t, Events), "case_ref,kind,at,by\n00123,seen,2026-09-02,W1,,, \n"},
		"columns without a name, passed over": {all, "case_ref,,kind,at,by,,\n00123,x,seen,2026-09-02,W1,note,\n"},
		"lines ended twice":                   {options(t, Events), "case_ref,kind,at,by\r\r\n00123,seen,2026-09-02,\"W1\"\r\r\n"},
		"the separator named":                 {options(t, Events), "sep=,\r\ncase_ref,kind,at,by\r\n00123,seen,2026-09-02,W1\r\n"},
		"another separator named":             {options(t, Events), "sep=;\r\ncase_ref;kind;at;by\r\n00123;seen;2026-09-02;W1\r\n"},
		"an apostrophe":                       {options(t, Events), "case_ref,kind,at,by\n'00123,seen,2026-09-02,W1\n"},
		"quotation marks":                     {options(t, Events), "case_ref,kind,at,by\n\"\"\"00123\"\"\",seen,2026-09-02,\"=\"\"W1\"\"\"\n"},
		"no-break spaces":                     {options(t, Events), "case_ref,kind,at,by\n00123\u00a0,seen,\u00a02026-09-02,W1\n\u00a0,,,\n"},
	} {
		for _, pieces := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader} {
			var k kept
			result, err := Read(context.Background(), pieces(strings.NewReader(c.file)), c.o, &k)
			if err != nil || result.BadRows > 0 || len(k.events) != 1 || k.events[0].Case != "00123" || k.events[0].By != "W1" {
				t.Errorf("%s: %+v, %+v, %v; want one event of 00123 by W1", name, k.events, result, err)
			}
		}
	}
}

// TestWhatSpreadsheetsDestroyIsRefused: what is lost cannot be guessed.
func TestWhatSpreadsheetsDestroyIsRefused(t *testing.T) {
	for row, want := range map[string]string{
		"9.43476E+09,seen,2026-09-02,W1,": `column case_ref: "9.43476E+09" is a long number that a spreadsheet has shortened, and its digits are lost: set the column to Text there, fill it again from the record system, and save the file once more`,
		"K,seen,########,W1,":             `column at: "########" is what a spreadsheet shows of a column that is too narrow: widen it, and save the file once more`,
		"K,seen,2026-09-02,#N/A,":         `column by: "#N/A" is an error of a formula in a spreadsheet: correct the formula, or put the value in its place`,
		"K,seen,2026-09-02,W1,note":       `column 5 holds a value and has no name: name it in the header, or take the value out`,
	} {
		if _, faults := read(t, options(t, Events), "case_ref,kind,at,by,\n"+row+"\n"); faults != "events.csv:2: "+want {
			t.Errorf("%s: %s, want %s", row, faults, want)
		}
	}
}
