package api

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// endless says one letter again and again, and counts how much of it was read.
type endless struct {
	says byte
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	for n := range p {
		p[n] = e.says
	}
	e.read += len(p)
	return len(p), nil
}

// TestARowThatDoesNotEndIsNotReadToItsEnd: whatever it is that does not end.
func TestARowThatDoesNotEndIsNotReadToItsEnd(t *testing.T) {
	const row = `{"case_ref":"KN-1"}`
	for _, tt := range []struct {
		name, begins string
		goesOn       byte
		want         string
	}{
		{"a value", `[` + row + `,{"case_ref":"`, 'a', "row 2 is longer than 1 MB"},
		{"a key", `[{"`, 'a', "row 1 is longer than 1 MB"},
		{"blanks before the array", "", ' ', "row 1 is longer than 1 MB"},
		{"blanks between rows", `[` + row, '\n', "row 2 is longer than 1 MB"},
		{"blanks in a row", `[` + row + `,{`, ' ', "row 2 is longer than 1 MB"},
		{"blanks behind the array", `[` + row + `]`, ' ', "row 2 is longer than 1 MB"},
		{"a number", `[{"case_ref":`, '1', "row 1 is longer than 1 MB"},
	} {
		more := &endless{says: tt.goesOn}
		_, err := io.Copy(io.Discard, newJSONRows(io.MultiReader(strings.NewReader(tt.begins), more)))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s that does not end: %v, want %q", tt.name, err, tt.want)
		}
		if most := 3 * longestRow; more.read > most {
			t.Errorf("%s that does not end: %d bytes were read, want %d at most", tt.name, more.read, most)
		}
	}
}

// TestRowsThatAreNotLongAreReadHoweverManyThereAre: the limit is that of one row.
func TestRowsThatAreNotLongAreReadHoweverManyThereAre(t *testing.T) {
	long := strings.Repeat("a", longestRow)
	body := `[` + strings.Repeat(`{"case_ref":"KN-1","what":"`+long+`"},`, 5) + `{"case_ref":"KN-2","what":""}]`
	n, err := io.Copy(io.Discard, newJSONRows(strings.NewReader(body)))
	if want := int64(5*longestRow + len("case_ref,what\nKN-1,\nKN-1,\nKN-1,\nKN-1,\nKN-1,\nKN-2,\n")); err != nil || n != want {
		t.Errorf("six rows come to %d bytes (%v), want %d", n, err, want)
	}
}

// TestAFaultNamesTheRowThatItIsIn: also behind rows of which values have several lines.
func TestAFaultNamesTheRowThatItIsIn(t *testing.T) {
	r := newJSONRows(strings.NewReader(`[{"what":"a"},{"what":"b\nb\nb"},{"what":"c"},{"what":"d"},{"what":"e\ne"},{"what":"f"}]`))
	if _, err := io.Copy(io.Discard, r); err != nil {
		t.Fatal(err)
	}
	// The lines of the file on which the rows begin, below its header.
	for n, line := range []int{2, 3, 6, 7, 8, 10} {
		if got, want := r.place(line), fmt.Sprintf("row %d", n+1); got != want {
			t.Errorf("line %d is %s, want %s", line, got, want)
		}
	}
}
